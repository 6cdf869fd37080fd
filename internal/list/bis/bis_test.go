package bis_test

import (
	"testing"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/bis"
	"github.com/offshelf/offshelf/internal/list/listtest"
)

var readJSON = func(f list.File) (*list.Edition, error) { return bis.ReadJSON(bis.EntityList, f) }

// TestJSON reads entity-list.json, which is made for this.
func TestJSON(t *testing.T) {
	e, err := readJSON(listtest.Files(t, "entity-list.json")[0])
	listtest.Golden(t, "entity-list.json", e, err)
}

func FuzzReadJSON(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readJSON(list.File{Name: "x", Data: data}) }, "entity-list.json")
}

var readDenied = func(f list.File) (*list.Edition, error) { return bis.ReadJSON(bis.DeniedPersons, f) }

// TestDenied reads denied.json, which is made for this.
func TestDenied(t *testing.T) {
	e, err := readDenied(listtest.Files(t, "denied.json")[0])
	listtest.Golden(t, "denied.json", e, err)
}

func FuzzReadDenied(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readDenied(list.File{Name: "x", Data: data}) }, "denied.json")
}

var readECFR = func(f list.File) (*list.Edition, error) { return bis.ReadECFR(bis.EntityList, f) }

// TestECFR reads supplement-4.xml, which is made for this.
func TestECFR(t *testing.T) {
	e, err := readECFR(listtest.Files(t, "supplement-4.xml")[0])
	listtest.Golden(t, "supplement-4.xml", e, err)
}

func FuzzReadECFR(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readECFR(list.File{Name: "x", Data: data}) }, "supplement-4.xml")
}
