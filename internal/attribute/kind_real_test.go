package attribute_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/catalog"
)

// TestKindsOfRealCatalogs prints what is found without a brand on the shelves
// of real shops, to be read by eye (-v), and holds Look to Attribute's answers.
func TestKindsOfRealCatalogs(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "catalogs", "*"))
	if len(files) == 0 {
		t.Skip("shared/data is absent")
	}
	m := shipped(t)
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := catalog.Open(filepath.Base(file), f, catalog.Options{})
		if err != nil {
			t.Logf("%v", err)
			f.Close()
			continue
		}
		w, v := m.NewWorker(), m.NewWorker()
		rows, found := 0, map[string]int{}
		eachProduct(t, c, func(p *offshelf.Product) {
			rows++
			a, kind := w.Look(p)
			if want := v.Attribute(p); !reflect.DeepEqual(a, want) {
				t.Errorf("%s row %d: Look %v, Attribute %v", p.File, p.Row, a, want)
			}
			if kind.Class != "" {
				found[kind.Class]++
				t.Logf("%s | %s | %.120s | %.60s | %s", kind.Class, kind.Reason.Text, p.Title, p.Category, brandOf(a))
			}
		})
		t.Logf("%s: %d rows, found %v", filepath.Base(file), rows, found)
		c.Close()
		f.Close()
	}
}

func brandOf(list []offshelf.Attribution) string {
	for _, a := range list {
		if a.Relation == offshelf.RelationMade {
			return a.Brand
		}
	}
	return ""
}
