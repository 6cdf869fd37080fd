package csl_test

import (
	"testing"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/csl"
	"github.com/offshelf/offshelf/internal/list/listtest"
)

var readCSV = csl.ReadCSV

// TestCSV reads list.csv, which is made for this.
func TestCSV(t *testing.T) {
	e, err := readCSV(listtest.Files(t, "list.csv")[0])
	listtest.Golden(t, "list.csv", e, err)
}

func FuzzReadCSV(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readCSV(list.File{Name: "x", Data: data}) }, "list.csv")
}

var readJSON = csl.ReadJSON

// TestJSON reads list.json, which is made for this.
func TestJSON(t *testing.T) {
	e, err := readJSON(listtest.Files(t, "list.json")[0])
	listtest.Golden(t, "list.json", e, err)
}

func FuzzReadJSON(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readJSON(list.File{Name: "x", Data: data}) }, "list.json")
}
