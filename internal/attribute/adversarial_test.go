package attribute

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

// embedded compiles the knowledge that the program ships with.
func embedded(t testing.TB) (*Matcher, *offshelf.Knowledge) {
	t.Helper()
	k, _, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	m, err := Compile(k)
	if err != nil {
		t.Fatal(err)
	}
	return m, k
}

// TestAdversarial holds rows that were made up to mislead. want_relation is
// made, other (anything but made by want_brand), or a relation that must be
// said of want_brand; "maker:x" asks for a maker.
func TestAdversarial(t *testing.T) {
	m, _ := embedded(t)
	f, err := os.Open("testdata/adversarial.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 151 {
		t.Fatalf("%d rows", len(rows))
	}
	w := m.NewWorker()
	for _, r := range rows[1:] {
		p := &offshelf.Product{Title: r[0], Brand: r[1], Manufacturer: r[2], Vendor: r[3], Model: r[4], Category: r[5], Description: r[6]}
		said := w.Attribute(p)
		if want, relation := r[7], r[8]; !answers(said, want, relation) {
			t.Errorf("%q (brand %q, model %q): want %s %s (%s)%s", p.Title, p.Brand, p.Model, relation, want, r[9], print(said))
		}
	}
}

func answers(said []offshelf.Attribution, want, relation string) bool {
	maker, isMaker := strings.CutPrefix(want, "maker:")
	has := func(r offshelf.Relation) bool {
		return slices.ContainsFunc(said, func(a offshelf.Attribution) bool {
			if isMaker {
				return a.Maker == maker && a.Relation == r
			}
			return a.Brand == want && a.Relation == r && (r != offshelf.RelationMade || a.Probability >= 0.5)
		})
	}
	if relation == "other" {
		return !has(offshelf.RelationMade)
	}
	return has(offshelf.Relation(relation))
}

func print(said []offshelf.Attribution) string {
	var b strings.Builder
	for _, a := range said {
		b.WriteString("\n\t" + string(a.Relation) + " " + a.Brand + " " + a.Maker)
		for _, r := range a.Reasons {
			b.WriteString("; " + r.Text)
		}
	}
	return b.String()
}
