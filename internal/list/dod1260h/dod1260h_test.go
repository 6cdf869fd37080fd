package dod1260h_test

import (
	"testing"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/dod1260h"
	"github.com/offshelf/offshelf/internal/list/listtest"
)

var readJSON = dod1260h.ReadJSON

// TestJSON reads list.json, which is made for this.
func TestJSON(t *testing.T) {
	e, err := readJSON(listtest.Files(t, "list.json")[0])
	listtest.Golden(t, "list.json", e, err)
}

func FuzzReadJSON(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readJSON(list.File{Name: "x", Data: data}) }, "list.json")
}

var readCSV = dod1260h.ReadCSV

// TestCSV reads editions.csv, which is made for this.
func TestCSV(t *testing.T) {
	e, err := readCSV(listtest.Files(t, "editions.csv")[0])
	listtest.Golden(t, "editions.csv", e, err)
}

func FuzzReadCSV(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readCSV(list.File{Name: "x", Data: data}) }, "editions.csv")
}
