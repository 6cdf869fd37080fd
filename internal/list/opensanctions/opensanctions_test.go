package opensanctions_test

import (
	"testing"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/listtest"
	"github.com/offshelf/offshelf/internal/list/opensanctions"
)

var readFTM = opensanctions.ReadFTM

// TestFTM reads entities.ftm.json, which is made for this.
func TestFTM(t *testing.T) {
	e, err := readFTM(listtest.Files(t, "entities.ftm.json")[0])
	listtest.Golden(t, "entities.ftm.json", e, err)
}

func FuzzReadFTM(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readFTM(list.File{Name: "x", Data: data}) }, "entities.ftm.json")
}
