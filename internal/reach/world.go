// Package reach answers, for a day, which parties a regime reaches from the
// listed ones, and by which chain.
//
// Ownership cascades as in OFAC's FAQ 401: a party whose holders in the
// reached set together hold the threshold joins the set and passes on its
// whole stake, until nothing changes. It is a least fixpoint, never a product
// of shares. Two sets are grown at once: what the firm facts carry, and what
// they leave possible.
package reach

import (
	"sort"

	"github.com/offshelf/offshelf"
)

// World is the compiled form of parties, stakes and listings. It is immutable.
type World struct {
	parties  []offshelf.Party
	index    map[string]int32
	sources  map[string]offshelf.Source
	held     [][]holding // by party: who holds it
	listings map[string][]listing
}

// holding joins all that is said of one holder's stake in one party.
type holding struct {
	holder int32
	stakes []offshelf.Stake
}

type listing struct {
	party int32
	offshelf.Listing
	kind string // listed or concern
}

// Compile builds a world from the facts. Stakes that a conflict note sets
// aside are left out.
func Compile(k *offshelf.Knowledge) *World {
	w := &World{parties: k.Parties, index: map[string]int32{}, sources: map[string]offshelf.Source{}, listings: map[string][]listing{}}
	for i, p := range k.Parties {
		w.index[p.ID] = int32(i)
	}
	for _, s := range k.Sources {
		w.sources[s.ID] = s
	}
	w.held = make([][]holding, len(k.Parties))
	for _, s := range k.Stakes {
		holder, ok1 := w.index[s.Holder]
		held, ok2 := w.index[s.Held]
		if !ok1 || !ok2 || s.Conflict != "" {
			continue
		}
		w.held[held] = addStake(w.held[held], holder, s)
	}
	for _, hs := range w.held {
		sort.Slice(hs, func(i, j int) bool { return k.Parties[hs[i].holder].ID < k.Parties[hs[j].holder].ID })
	}
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

func addStake(hs []holding, holder int32, s offshelf.Stake) []holding {
	for i := range hs {
		if hs[i].holder == holder {
			hs[i].stakes = append(hs[i].stakes, s)
			return hs
		}
	}
	return append(hs, holding{holder, []offshelf.Stake{s}})
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

// position is what is known, on one day, of a holder's stake.
type position struct {
	least, most int32 // basis points
	control     offshelf.Truth
	truth       offshelf.Truth // whether it holds on the day at all
	carry       []offshelf.Stake
	claimed     *offshelf.Stake // a weak fact that states a share
}

// on sums up a holding on a day. The same stake told by several sources counts
// once: firm facts give the range, weak ones only keep it possible.
func (h *holding) on(day offshelf.Day) position {
	var p position
	sure, unknown := false, false
	for i := range h.stakes {
		s := &h.stakes[i]
		t := s.On(day)
		if t == offshelf.False {
			continue
		}
		if s.Grade.Weak() {
			t = offshelf.Maybe
			if s.Share.Known {
				p.claimed = s
			}
		}
		p.truth = max(p.truth, t)
		p.carry = append(p.carry, *s)
		if s.Control {
			p.control = max(p.control, t)
		}
		if !s.Share.Known || s.Grade.Weak() {
			unknown = true
			continue
		}
		p.most = max(p.most, s.Share.Max)
		if t == offshelf.True {
			p.least = max(p.least, s.Share.Min)
			sure = true
		}
	}
	if unknown && !sure {
		p.most = 10000
	}
	return p
}
