package reach

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

const lastDay = 40

// drawDated draws a world of firm facts that are known to the day.
func drawDated(t *rapid.T) *offshelf.Knowledge {
	k := &offshelf.Knowledge{}
	n := rapid.IntRange(2, 6).Draw(t, "parties")
	for i := range n {
		id := string(rune('A' + i))
		k.Parties = append(k.Parties, offshelf.Party{ID: id, Name: id})
	}
	id := func(label string) string { return k.Parties[rapid.IntRange(0, n-1).Draw(t, label)].ID }
	span := func() offshelf.Interval {
		var iv offshelf.Interval
		from := rapid.IntRange(-1, lastDay-1).Draw(t, "from")
		if from >= 0 {
			iv.From = offshelf.Day(from).Date()
		}
		if until := rapid.IntRange(from+1, 2*lastDay).Draw(t, "until"); until <= lastDay {
			iv.Until = offshelf.Day(until).Date()
		}
		return iv
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "listings") {
		p := id("listed")
		l := offshelf.Listing{ID: fmt.Sprintf("%s/%d", p, i), Party: p, List: "list", Name: p, Interval: span()}
		l.Grade = offshelf.GradeOfficial
		k.Listings = append(k.Listings, l)
	}
	for range rapid.IntRange(1, 12).Draw(t, "stakes") {
		share := rapid.SampledFrom([]int32{1000, 2500, 3000, 5000, 10000}).Draw(t, "share")
		s := offshelf.Stake{Holder: id("holder"), Held: id("held"), Interval: span(), Share: offshelf.Share{Min: share, Max: share, Known: true}}
		s.Grade, s.Control = offshelf.GradePress, rapid.IntRange(0, 5).Draw(t, "control") == 0
		k.Stakes = append(k.Stakes, s)
	}
	return k
}

// A way that is reached says since and until when: on every day between, the
// party is reached, and on the day before and the day after not by that way.
func TestSinceAndUntil(t *testing.T) {
	eachRule(t, func(t *rapid.T, r offshelf.Regime) {
		w := Compile(drawDated(t))
		views := make([]*View, lastDay+1)
		for d := range views {
			views[d] = w.At(&r, offshelf.Day(d))
		}
		for d, view := range views {
			for i, party := range w.parties {
				for _, p := range view.From(party.ID) {
					if p.Truth < offshelf.True {
						continue
					}
					if p.On(offshelf.Day(d)) != offshelf.True {
						t.Fatalf("%s on day %d: %s does not hold on its own day", party.ID, d, p.Interval)
					}
					for e, other := range views {
						inside := p.On(offshelf.Day(e)) == offshelf.True
						self := r.Reach.NotSelf && len(other.listed[uint32(i)]) > 0
						if inside && other.truth(uint32(i)) != offshelf.True && !self {
							t.Fatalf("%s is reached %s, says day %d, but not on day %d: %v", party.ID, p.Interval, d, e, p.Hops)
						}
						beside := p.On(offshelf.Day(e-1)) == offshelf.True || p.On(offshelf.Day(e+1)) == offshelf.True
						if !inside && beside && alone(p) && tells(other.From(party.ID), p) {
							t.Fatalf("%s is reached %s, says day %d, but by the same way on day %d: %v", party.ID, p.Interval, d, e, p.Hops)
						}
					}
				}
			}
		}
	})
}

// alone tells whether no stake on the way counts only together with others.
func alone(p Path) bool { return !strings.Contains(fmt.Sprint(p.Hops), "counts together") }

func tells(paths []Path, p Path) bool {
	for _, q := range paths {
		if q.Truth == p.Truth && q.Listing.ID == p.Listing.ID && fmt.Sprint(q.Hops) == fmt.Sprint(p.Hops) {
			return true
		}
	}
	return false
}

// The number of ways grows with every layer of two holders each; what is told
// of them does not.
func TestManyWays(t *testing.T) {
	k := &offshelf.Knowledge{Listings: []offshelf.Listing{{ID: "list/L", Party: "L", List: "list", Name: "L"}}}
	k.Listings[0].Grade = offshelf.GradeOfficial
	below := []string{"L"}
	k.Parties = []offshelf.Party{{ID: "L", Name: "L"}}
	for layer := range 40 {
		next := []string{fmt.Sprintf("a%d", layer), fmt.Sprintf("b%d", layer)}
		for _, held := range next {
			k.Parties = append(k.Parties, offshelf.Party{ID: held, Name: held})
			for _, holder := range below {
				s := offshelf.Stake{Holder: holder, Held: held, Share: offshelf.Share{Min: 5000, Max: 5000, Known: true}}
				s.Grade = offshelf.GradeOfficial
				k.Stakes = append(k.Stakes, s)
			}
		}
		below = next
	}
	r := readRule(t, "half: list, at least 50%")
	paths := Compile(k).At(&r, 0).From("a39")
	if len(paths) != maxPaths {
		t.Fatalf("%d ways, want %d", len(paths), maxPaths)
	}
	for _, p := range paths {
		if len(p.Hops) != 41 || p.Truth != offshelf.True {
			t.Errorf("a way of %d hops, truth %v", len(p.Hops), p.Truth)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	k := world(nil, "source one of 2021-02-09\nX listed on list\nX holds 100% of A")
	k.Stakes = append(k.Stakes, offshelf.Stake{Holder: "X", Held: "nobody"}, offshelf.Stake{Holder: "nobody", Held: "A"})
	k.Listings = append(k.Listings, offshelf.Listing{Party: "nobody", List: "list"})
	w := Compile(k)
	r := readRule(t, "half: list, at least 50%")
	if got := w.At(&r, 0).From("nobody"); got != nil {
		t.Errorf("an unknown party is reached by %v", got)
	}
	if got := w.Name("A") + w.Name("nobody"); got != "Anobody" {
		t.Errorf("names %q", got)
	}
	if got := w.Sources([]string{"none", "one"}); len(got) != 1 || got[0].ID != "one" {
		t.Errorf("sources %v", got)
	}
}
