// Package reach answers which parties a regime reaches from the listed ones,
// on a day or through all time, and by which chain.
//
// Ownership cascades as in OFAC's FAQ 401: a party whose holders in the
// reached set together hold the threshold joins the set and passes on its
// whole stake, until nothing changes. It is a least fixpoint, never a product
// of shares. Two sets are grown: what the firm facts carry, and what they
// leave possible.
package reach

import (
	"cmp"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// World is the compiled form of parties, stakes and listings. It is immutable.
type World struct {
	graph    *Graph
	parties  []offshelf.Party // by number, in the order of their ids
	index    map[string]uint32
	state    []bool
	sources  map[string]offshelf.Source
	facts    []offshelf.Stake // as the graph's stakes
	leads    map[uint32]*Lead // by fact: those that are no stakes
	subject  string           // what the leads are about, or empty
	listings map[string][]listing
}

type listing struct {
	party uint32
	offshelf.Listing
	kind string // listed or concern
}

// Compile builds a world from the facts. Stakes that a conflict note sets
// aside are left out, and so is what names a party that is not there.
func Compile(k *offshelf.Knowledge) *World {
	w := &World{
		parties: slices.Clone(k.Parties), index: make(map[string]uint32, len(k.Parties)), state: make([]bool, len(k.Parties)),
		sources: map[string]offshelf.Source{}, listings: map[string][]listing{},
	}
	slices.SortStableFunc(w.parties, func(a, b offshelf.Party) int { return cmp.Compare(a.ID, b.ID) })
	for i, p := range w.parties {
		w.index[p.ID] = uint32(i)
		w.state[i] = p.Kind == "state"
	}
	for _, s := range k.Sources {
		w.sources[s.ID] = s
	}
	w.addStakes(k.Stakes, nil)
	for _, l := range k.Listings {
		if p, ok := w.index[l.Party]; ok {
			w.listings[l.List] = append(w.listings[l.List], listing{p, l, "listed"})
		}
	}
	for _, c := range k.Concerns {
		if p, ok := w.index[c.Party]; ok && !c.Reply {
			from := c.Date
			if from.IsZero() {
				from = w.stood(c.Sources, k.Version)
			}
			w.listings["concern"] = append(w.listings["concern"], listing{p, offshelf.Listing{
				ID: c.ID, Party: c.Party, List: "concern", Name: c.What, Citation: c.By,
				Interval: offshelf.Interval{From: from}, Evidence: c.Evidence,
			}, "concern"})
		}
	}
	return w
}

func (w *World) addStakes(stakes []offshelf.Stake, leads []Lead) {
	var b Builder
	b.Grow(len(stakes) + len(leads))
	if n := len(w.parties); n > 0 {
		b.Party(uint32(n - 1))
	}
	var added []*offshelf.Stake
	for i := range stakes {
		s := &stakes[i]
		holder, ok1 := w.index[s.Holder]
		held, ok2 := w.index[s.Held]
		if !ok1 || !ok2 || holder == held || s.Conflict != "" {
			continue
		}
		b.Stake(holder, held, s)
		added = append(added, s)
	}
	begun := len(added)
	for i := range leads {
		if s := leads[i].stake(w); s != nil {
			doubtful := *s
			if leads[i].Open != "" {
				doubtful.Grade = offshelf.GradeClaim
			}
			b.Stake(w.index[s.Holder], w.index[s.Held], &doubtful)
			added = append(added, s)
		}
	}
	g, numbers := b.graph()
	w.graph, w.facts, w.leads = g, make([]offshelf.Stake, len(numbers)), map[uint32]*Lead{}
	for i, n := range numbers {
		w.facts[i] = *added[n]
		if int(n) >= begun {
			w.leads[uint32(i)] = &leads[int(n)-begun]
		}
	}
}

// stood dates a report that has no date: it stood on the day of its earliest
// source, or when the facts were read.
func (w *World) stood(sources []string, version string) offshelf.Date {
	from, _ := offshelf.ParseDate(version)
	for _, s := range sources {
		if d := w.sources[s].Date; !d.IsZero() && d.Latest() < from.Latest() {
			from = d
		}
	}
	return from.OnOrBefore()
}

// on tells whether the listing stands on a day: one on weak evidence, or one
// that a court has suspended, is possible at most; an inactive one never is.
func (l *listing) on(day offshelf.Day) offshelf.Truth {
	return min(l.On(day), l.surest())
}

// surest is the most that a listing can make of its party.
func (l *listing) surest() offshelf.Truth {
	switch {
	case l.Status == "inactive":
		return offshelf.False
	case l.Status == "pending-litigation", l.Grade.Weak():
		return offshelf.Maybe
	}
	return offshelf.True
}

// covers says which goods of which countries the listing is about, where it is
// not about all.
func (l *listing) covers() string {
	out := ""
	if len(l.Goods) > 0 {
		out = "covers " + strings.Join(l.Goods, ", ") + " only"
	}
	if len(l.Origin) > 0 {
		out = strings.TrimPrefix(out+", where made in "+strings.Join(l.Origin, ", "), ", ")
	}
	return out
}

// Sources resolves source ids for a hop.
func (w *World) Sources(ids []string) []offshelf.Source {
	out := make([]offshelf.Source, 0, len(ids))
	for _, id := range ids {
		if s, ok := w.sources[id]; ok {
			out = append(out, s)
		}
	}
	return out
}

// Name returns the printed name of a party.
func (w *World) Name(id string) string {
	if i, ok := w.index[id]; ok {
		return w.parties[i].Name
	}
	return id
}
