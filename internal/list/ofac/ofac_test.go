package ofac_test

import (
	"strings"
	"testing"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/listtest"
	"github.com/offshelf/offshelf/internal/list/ofac"
)

var readAdvanced = func(f list.File) (*list.Edition, error) { return ofac.ReadAdvanced(ofac.SDN, f) }

// TestAdvanced reads advanced.xml, which is made for this.
func TestAdvanced(t *testing.T) {
	e, err := readAdvanced(listtest.Files(t, "advanced.xml")[0])
	listtest.Golden(t, "advanced.xml", e, err)
}

func FuzzReadAdvanced(f *testing.F) {
	listtest.Fuzz(f, func(data []byte) (*list.Edition, error) { return readAdvanced(list.File{Name: "x", Data: data}) }, "advanced.xml")
}

// TestCSV reads the whole set, the files in any order.
func TestCSV(t *testing.T) {
	files := listtest.Files(t, "comments.csv", "add.csv", "sdn.csv", "alt.csv")
	for i := range files {
		files[i].Data = unpack(t, files[i].Data)
	}
	e, err := ofac.ReadCSV(ofac.SDN, files)
	listtest.Golden(t, "set", e, err)
	e, err = ofac.ReadCSV(ofac.Consolidated, files[2:3])
	listtest.Golden(t, "consolidated", e, err)
}

func unpack(t *testing.T, data []byte) []byte {
	t.Helper()
	data, err := list.Unpack(data, list.MaxFile)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestCSVSetsThatAreNone(t *testing.T) {
	files := listtest.Files(t, "sdn.csv", "alt.csv")
	for name, x := range map[string]struct {
		files []list.File
		want  string
	}{
		"no entries": {files[1:], "the file of the entries is missing"},
		"twice":      {append(files, files[1]), "alt.csv and alt.csv are both the file with 5 fields"},
		"a page":     {[]list.File{{Name: "x", Data: []byte("<html></html>")}}, "a web page, no CSV"},
		"other":      {[]list.File{{Name: "x", Data: []byte("a,b,c\n")}}, "its first row has 3 fields"},
	} {
		if _, err := ofac.ReadCSV(ofac.SDN, x.files); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %q", name, err, x.want)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	files := listtest.Files(f, "sdn.csv", "alt.csv", "add.csv", "comments.csv")
	f.Add(files[0].Data, files[1].Data, files[2].Data, files[3].Data)
	f.Fuzz(func(t *testing.T, sdn, alt, add, comments []byte) {
		var set []list.File
		for _, data := range [][]byte{sdn, alt, add, comments} {
			if text, err := list.Unpack(data, 1<<20); err == nil {
				set = append(set, list.File{Name: "x", Data: text})
			}
		}
		if e, err := ofac.ReadCSV(ofac.SDN, set); err == nil {
			listtest.Sound(t, e)
		}
	})
}
