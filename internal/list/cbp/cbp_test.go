package cbp_test

import (
	"testing"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/cbp"
	"github.com/offshelf/offshelf/internal/list/listtest"
)

var readJSON = cbp.ReadJSON

// TestJSON reads orders.json, which is made for this.
func TestJSON(t *testing.T) {
	e, err := readJSON(listtest.Files(t, "orders.json")[0])
	listtest.Golden(t, "orders.json", e, err)
}

func FuzzReadJSON(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readJSON(list.File{Name: "x", Data: data}) }, "orders.json")
}
