package cmic_test

import (
	"testing"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/cmic"
	"github.com/offshelf/offshelf/internal/list/listtest"
)

var readJSON = cmic.ReadJSON

// TestJSON reads cmic.json, which is made for this.
func TestJSON(t *testing.T) {
	e, err := readJSON(listtest.Files(t, "cmic.json")[0])
	listtest.Golden(t, "cmic.json", e, err)
}

func FuzzReadJSON(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readJSON(list.File{Name: "x", Data: data}) }, "cmic.json")
}
