package reach

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

// The facts of an explanation carry the answer alone, and none can be left
// out; where it says that they are the fewest, no fewer carry it. That is
// looked at with knowledge of these facts only.
func TestExplanationIsSmallest(t *testing.T) {
	checks(t, "15")
	eachRule(t, func(t *rapid.T, r offshelf.Regime) {
		g := drawGraph(t, r)
		view := Compile(&g.facts).At(&g.rule, 0)
		for _, p := range g.facts.Parties {
			e := view.Explain(p.ID)
			if e.Truth != view.Truth(p.ID) {
				t.Fatalf("%s: explained as %v, is %v in %s", p.ID, e.Truth, view.Truth(p.ID), g)
			}
			if e.Truth == offshelf.False {
				if len(e.Facts) > 0 {
					t.Fatalf("%s is not reached by %v in %s", p.ID, e.Facts, g)
				}
				continue
			}
			if !e.Smallest {
				t.Fatalf("%s: %d facts in so small a world, and not known to be the fewest in %s", p.ID, len(e.Facts), g)
			}
			want := g.fewest(p.ID, e.Truth)
			if len(e.Facts) != want {
				t.Fatalf("%s: %d facts %v, want %d in %s", p.ID, len(e.Facts), e.Facts, want, g)
			}
		}
	})
}

// fewest is how many facts at least carry the truth, by trying all sets of
// facts.
func (g *graph) fewest(party string, truth offshelf.Truth) int {
	n := len(g.facts.Listings) + len(g.facts.Stakes)
	best := n + 1
	for set := range 1 << n {
		k := offshelf.Knowledge{Parties: g.facts.Parties}
		for i := range n {
			switch {
			case set>>i&1 == 0:
			case i < len(g.facts.Listings):
				k.Listings = append(k.Listings, g.facts.Listings[i])
			default:
				k.Stakes = append(k.Stakes, g.facts.Stakes[i-len(g.facts.Listings)])
			}
		}
		size := len(k.Listings) + len(k.Stakes)
		if size < best && Compile(&k).At(&g.rule, 0).Truth(party) >= truth {
			best = size
		}
	}
	return best
}

// What an explanation says would turn the answer does.
func TestFlipsTurnTheAnswer(t *testing.T) {
	eachRule(t, func(t *rapid.T, r offshelf.Regime) {
		g := drawGraph(t, r)
		view := Compile(&g.facts).At(&g.rule, 0)
		for _, p := range g.facts.Parties {
			e := view.Explain(p.ID)
			for _, f := range e.Flips {
				if f.Then == e.Truth || f.Change == "" {
					t.Fatalf("%s is %v, and %v %q in %s", p.ID, e.Truth, f.Then, f.Change, g)
				}
			}
			// Without the listing that a flip names, it is so.
			for i, l := range g.facts.Listings {
				for _, f := range e.Flips {
					if f.Change != "if "+l.Party+" were not listed ("+l.ID+")" {
						continue
					}
					k := g.facts
					k.Listings = append(append([]offshelf.Listing{}, g.facts.Listings[:i]...), g.facts.Listings[i+1:]...)
					if got := Compile(&k).At(&g.rule, 0).Truth(p.ID); got != f.Then {
						t.Fatalf("%s: %q says %v, it is %v in %s", p.ID, f.Change, f.Then, got, g)
					}
				}
			}
		}
	})
}

// Where more stands behind a party than an explanation looks at, nothing is
// said to turn the answer: the listing that is left out may be carried by one
// that was not looked at.
func TestCutConeHasNoFlips(t *testing.T) {
	k := &offshelf.Knowledge{Parties: []offshelf.Party{{ID: "held", Name: "held"}}}
	list := func(id string, share int32) {
		k.Parties = append(k.Parties, offshelf.Party{ID: id, Name: id})
		l := offshelf.Listing{ID: "list/" + id, Party: id, List: "list", Name: id}
		l.Grade = offshelf.GradeOfficial
		k.Listings = append(k.Listings, l)
		s := offshelf.Stake{Holder: id, Held: "held", Share: offshelf.Share{Min: share, Max: share, Known: true}}
		s.Grade = offshelf.GradeOfficial
		k.Stakes = append(k.Stakes, s)
	}
	// Those that are looked at make exactly one half; as many again are not.
	list("a", 5000-12*(maxCone-1))
	for i := range 2 * maxCone {
		list(fmt.Sprintf("holder%04d", i), 12)
	}
	r := readRule(t, "half: list, at least 50%")
	e := Compile(k).At(&r, 0).Explain("held")
	if e.Truth != offshelf.True || len(e.Facts) == 0 || e.Smallest || len(e.Flips) > 0 {
		t.Errorf("%v by %d facts, smallest %v, flips %v", e.Truth, len(e.Facts), e.Smallest, e.Flips)
	}
}
