package reach

import (
	"cmp"
	"slices"

	"github.com/offshelf/offshelf"
)

// Listed is a party of a graph that is on a list.
type Listed struct {
	Party uint32
	offshelf.Interval
	Sure bool // else it is possible at most
}

// Reached lists the parties that a reach leads to from the listed ones on a
// day, each with how sure that is. States are the state bodies among the
// parties, whose other holdings an affiliates' rule only asks about; nil where
// there are none.
func (g *Graph) Reached(r offshelf.Reach, day offshelf.Day, listed []Listed, states []bool) map[uint32]offshelf.Truth {
	truth := map[uint32]offshelf.Truth{}
	for _, l := range listed {
		t := l.On(day)
		if !l.Sure {
			t = min(t, offshelf.Maybe)
		}
		if t > offshelf.False {
			truth[l.Party] = max(truth[l.Party], t)
		}
	}
	out := map[uint32]offshelf.Truth{}
	g.spreadEach(ruleOf(&r), states, day, seedsOf(truth), func(members []member) {
		for _, m := range members {
			out[m.party] = max(out[m.party], m.reached())
		}
	})
	return out
}

func seedsOf(truth map[uint32]offshelf.Truth) []seed {
	out := make([]seed, 0, len(truth))
	for p, t := range truth {
		out = append(out, seed{p, t})
	}
	slices.SortFunc(out, func(a, b seed) int { return cmp.Compare(a.party, b.party) })
	return out
}

// spreadEach grows the set of all seeds together, or, where each counts for
// itself, that of each.
func (g *Graph) spreadEach(r rule, states []bool, day offshelf.Day, seeds []seed, each func([]member)) {
	s := g.newSpread(states)
	groups := [][]seed{seeds}
	if r.person {
		groups = slices.Collect(slices.Chunk(seeds, 1))
	}
	var members []member
	for _, group := range groups {
		members = s.run(members[:0], r, day, group)
		each(members)
	}
}

// History works out when a reach leads to what from the listed parties,
// through all time.
func (g *Graph) History(r offshelf.Reach, listed []Listed, states []bool) *History {
	by := map[uint32]*origin{}
	for _, l := range listed {
		surest := offshelf.Maybe
		if l.Sure {
			surest = offshelf.True
		}
		originOf(by, l.Party).add(l.Interval, surest)
	}
	return g.history(ruleOf(&r), states, inOrder(by))
}

// Parties is how many parties are reached at some time, at least possibly.
func (h *History) Parties() int { return len(h.index) }

// Spans is how many spans of days there are in all: of those surely reached,
// and of those possibly reached, which hold the former.
func (h *History) Spans() (surely, possibly int) {
	for i := range h.possibly {
		surely += len(h.surely[i])
		possibly += len(h.possibly[i])
	}
	return
}
