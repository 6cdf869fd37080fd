package uflpa_test

import (
	"testing"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/listtest"
	"github.com/offshelf/offshelf/internal/list/uflpa"
)

var readHTML = uflpa.ReadHTML

// TestHTML reads page.html, which is made for this.
func TestHTML(t *testing.T) {
	e, err := readHTML(listtest.Files(t, "page.html")[0])
	listtest.Golden(t, "page.html", e, err)
}

func FuzzReadHTML(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readHTML(list.File{Name: "x", Data: data}) }, "page.html")
}

var readJSON = uflpa.ReadJSON

// TestJSON reads list.json, which is made for this.
func TestJSON(t *testing.T) {
	e, err := readJSON(listtest.Files(t, "list.json")[0])
	listtest.Golden(t, "list.json", e, err)
}

func FuzzReadJSON(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readJSON(list.File{Name: "x", Data: data}) }, "list.json")
}
