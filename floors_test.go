package offshelf_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/offshelf/offshelf"

// floors is the house: imports point only downward, from a higher floor to a
// lower one. A new package takes its place here first.
var floors = map[string]int{
	".":                  0,
	"client":             1, // generated from the API's description
	"internal/access":    1,
	"internal/fetch":     1,
	"internal/ledger":    1,
	"internal/frequent":  1,
	"internal/name":      1,
	"internal/notify":    1,
	"internal/policy":    1,
	"internal/style":     1,
	"internal/list":      2,
	"internal/search":    2,
	"internal/reach":     2,
	"knowledge":          2, // its lint folds names as the matcher does
	"internal/attribute": 3,
	"internal/catalog":   3,
	"internal/exchange":  3,
	"internal/identity":  3,
	"internal/roll":      3,

	"internal/store/query":     2, // generated
	"internal/store":           3,
	"internal/store/storetest": 4, // used by tests

	// a folder a source of lists
	"internal/list/bis":           3,
	"internal/list/cbp":           3,
	"internal/list/cmic":          3,
	"internal/list/csl":           3,
	"internal/list/dod1260h":      3,
	"internal/list/eusanctions":   3,
	"internal/list/fcc":           3,
	"internal/list/listtest":      3, // used by tests
	"internal/list/ndaa889":       3,
	"internal/list/ofac":          3,
	"internal/list/opensanctions": 3,
	"internal/list/uflpa":         3,
	"internal/list/uk":            3,
	"internal/list/unsc":          3,

	"internal/list/register": 4,
	"screen":                 4,
	"internal/edition":       5,
	"internal/report":        5,
	"internal/site":          5,
	"internal/trial":         5,
	"internal/namebook":      6,
	"internal/casework":      5,
	"internal/dossier":       6,
	"internal/job":           6,
	"internal/api":           7,
	"cmd/offshelf":           8,

	// programs beside the house, which nothing imports
	"bench/api":       9,
	"bench/calibrate": 9,
	"bench/catalog":   9,
	"bench/lexicon":   9,
	"bench/screen":    9,
	"bench/search":    9,
	"bench/service":   9,
	"bench/start":     9,
	"bench/world":     9,
	"knowledge/build": 9,
}

func TestImportsPointDownward(t *testing.T) {
	files := token.NewFileSet()
	seen := map[string]bool{}
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		dir := path.Dir(name)
		floor, ok := floors[dir]
		if !ok {
			if !seen[dir] {
				t.Errorf("%s stands on no floor: give it one in floors_test.go", dir)
			}
			seen[dir] = true
			return nil
		}
		seen[dir] = true
		f, err := parser.ParseFile(files, name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			target, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			if floor == 0 && strings.Contains(strings.Split(target, "/")[0], ".") {
				t.Errorf("%s imports %s: the root package stands on the standard library alone", name, target)
			}
			if target != module && !strings.HasPrefix(target, module+"/") {
				continue
			}
			below := strings.TrimPrefix(strings.TrimPrefix(target, module), "/")
			if below == "" {
				below = "."
			}
			if floors[below] >= floor {
				t.Errorf("%s (floor %d) imports %s (floor %d): imports point only downward", name, floor, below, floors[below])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range floors {
		if !seen[dir] {
			t.Errorf("floors_test.go names %s, which does not exist", dir)
		}
	}
}
