package screen_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// Every kind of hop says that it rests on an operator's own fact, and only
// those that do.
func TestOwnFactsAreMarked(t *testing.T) {
	shipped, _, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	k, problems := knowledge.Overlay(shipped, fstest.MapFS{"own.yaml": {Data: []byte(`
sources:
  - {id: letter, title: Letter, date: 2020-01-01, grade: filing}
parties:
  - {id: our-holding, name: Our Holding, sources: [letter]}
stakes:
  - {holder: our-holding, held: lorex-technology, share: 60%, from: 2019, sources: [letter]}
listings:
  - {party: our-holding, list: us-ofac-sdn, name: OUR HOLDING, from: 2020-02-01, sources: [letter]}
`)}})
	if k == nil {
		t.Fatal(problems)
	}
	s, err := screen.Compile(k, "sum")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(s.Version(), " + overlay") {
		t.Errorf("version %q", s.Version())
	}
	policy, _ := s.Policy("default")
	day, _ := offshelf.ParseDay("2021-10-25")
	sc, err := screen.New(s, policy, screen.AsOf(day))
	if err != nil {
		t.Fatal(err)
	}
	findings, err := sc.Screen(t.Context(), offshelf.Product{ID: "1", Title: "Lorex 4K Bullet Security Camera", Brand: "Lorex"})
	if err != nil {
		t.Fatal(err)
	}
	seen := false
	for _, f := range findings {
		for _, c := range f.Chains {
			for _, h := range c.Hops {
				own := h.To == "Our Holding" || h.To == "OUR HOLDING"
				seen = seen || own
				if own != (h.Layer == offshelf.LayerOperator) || own != strings.Contains(h.Note, offshelf.OwnFact) {
					t.Errorf("%s: hop %+v", f.Regime, h)
				}
			}
		}
	}
	if !seen {
		t.Errorf("no chain leads to the own holder: %+v", findings)
	}
}
