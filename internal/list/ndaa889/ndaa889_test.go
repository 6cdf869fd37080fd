package ndaa889_test

import (
	"testing"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/listtest"
	"github.com/offshelf/offshelf/internal/list/ndaa889"
)

var readCSV = ndaa889.ReadCSV

// TestCSV reads named.csv, which is made for this.
func TestCSV(t *testing.T) {
	e, err := readCSV(listtest.Files(t, "named.csv")[0])
	listtest.Golden(t, "named.csv", e, err)
}

func FuzzReadCSV(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readCSV(list.File{Name: "x", Data: data}) }, "named.csv")
}
