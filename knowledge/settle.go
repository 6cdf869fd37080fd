package knowledge

import (
	"fmt"
	"sort"

	"github.com/offshelf/offshelf"
)

// settle fills in what the files leave to be derived, and orders the facts, so
// that the same facts give the same bytes.
func (b *base) settle() {
	b.derive()
	sort.SliceStable(b.Sources, func(i, j int) bool { return b.Sources[i].ID < b.Sources[j].ID })
	sort.SliceStable(b.Parties, func(i, j int) bool { return b.Parties[i].ID < b.Parties[j].ID })
	sort.SliceStable(b.Brands, func(i, j int) bool { return b.Brands[i].ID < b.Brands[j].ID })
	sort.SliceStable(b.Listings, func(i, j int) bool { return b.Listings[i].ID < b.Listings[j].ID })
}

// derive finds the grade of a fact from its best source, its start from the
// date of its earliest source (a fact with no known start held on or before
// that day), and the ids of listings and concerns.
func (b *base) derive() {
	sources := map[string]offshelf.Source{}
	for _, s := range b.Sources {
		sources[s.ID] = s
	}
	grade := func(e *offshelf.Evidence) {
		if e.Grade != offshelf.GradeUnset {
			return
		}
		e.Grade = offshelf.GradeClaim
		for _, id := range e.Sources {
			e.Grade = min(e.Grade, sources[id].Grade)
		}
	}
	known, _ := offshelf.ParseDate(b.Version)
	start := func(iv *offshelf.Interval, e offshelf.Evidence) {
		if !iv.From.IsZero() {
			return
		}
		iv.From = known.OnOrBefore()
		for _, id := range e.Sources {
			if d := sources[id].Date; !d.IsZero() && d.Latest() < iv.From.Latest() {
				iv.From = d.OnOrBefore()
			}
		}
		if !iv.Until.IsZero() && iv.Until.Earliest() <= iv.From.Latest() {
			// It ended before any source was written: it held just before it ended.
			iv.From = (iv.Until.Earliest() - 1).Date().OnOrBefore()
		}
	}
	for i := range b.Parties {
		grade(&b.Parties[i].Evidence)
	}
	for i := range b.Stakes {
		s := &b.Stakes[i]
		grade(&s.Evidence)
		start(&s.Interval, s.Evidence)
	}
	for i := range b.Brands {
		for j := range b.Brands[i].Holders {
			h := &b.Brands[i].Holders[j]
			grade(&h.Evidence)
			start(&h.Interval, h.Evidence)
		}
		if len(b.Brands[i].Holders) == 0 {
			grade(&b.Brands[i].Evidence) // else its holders carry the evidence
		}
	}
	for i := range b.Makes {
		m := &b.Makes[i]
		grade(&m.Evidence)
		start(&m.Interval, m.Evidence)
	}
	for i := range b.Tells {
		grade(&b.Tells[i].Evidence)
	}
	for i := range b.Refuted {
		grade(&b.Refuted[i].Evidence)
	}
	seen := map[string]int{}
	for i := range b.Listings {
		x := &b.Listings[i]
		grade(&x.Evidence)
		if x.ID == "" {
			x.ID = x.List + "/" + listed(x)
			if seen[x.ID]++; seen[x.ID] > 1 {
				x.ID = fmt.Sprintf("%s/%d", x.ID, seen[x.ID])
			}
		}
	}
	for i := range b.Concerns {
		c := &b.Concerns[i]
		grade(&c.Evidence)
		if c.ID == "" {
			c.ID = "concern/" + c.Party
			if seen[c.ID]++; seen[c.ID] > 1 {
				c.ID = fmt.Sprintf("%s/%d", c.ID, seen[c.ID])
			}
		}
	}
}
