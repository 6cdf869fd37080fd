package uk_test

import (
	"testing"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/listtest"
	"github.com/offshelf/offshelf/internal/list/uk"
)

var readXML = uk.ReadXML

// TestXML reads list.xml, which is made for this.
func TestXML(t *testing.T) {
	e, err := readXML(listtest.Files(t, "list.xml")[0])
	listtest.Golden(t, "list.xml", e, err)
}

func FuzzReadXML(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readXML(list.File{Name: "x", Data: data}) }, "list.xml")
}

var readCSV = uk.ReadCSV

// TestCSV reads list.csv, which is made for this.
func TestCSV(t *testing.T) {
	e, err := readCSV(listtest.Files(t, "list.csv")[0])
	listtest.Golden(t, "list.csv", e, err)
}

func FuzzReadCSV(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readCSV(list.File{Name: "x", Data: data}) }, "list.csv")
}
