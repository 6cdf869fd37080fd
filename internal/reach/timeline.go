package reach

import (
	"cmp"
	"slices"
	"sync"

	"github.com/offshelf/offshelf"
)

// history works out when a rule reaches what, from these origins.
func (g *Graph) history(r rule, state []bool, origins []origin) *History {
	h := &History{index: map[uint32]int32{}}
	groups := [][]origin{origins}
	if r.person {
		groups = groups[:0]
		for i := range origins {
			groups = append(groups, origins[i:i+1])
		}
	}
	var both [2]map[uint32]spans
	var wait sync.WaitGroup
	ranks := g.ranks()
	for i, level := range []offshelf.Truth{offshelf.True, offshelf.Maybe} {
		wait.Go(func() {
			all := map[uint32]spans{}
			for _, group := range groups {
				l := &line{g: g, rule: r, level: level, state: state, ranks: ranks, days: map[uint32]*days{}, queue: queue{ranks: ranks}}
				l.run(group)
				for p, d := range l.days {
					if s := d.all(r.notSelf); len(s) > 0 {
						all[p] = unite(append(all[p], s...))
					}
				}
			}
			both[i] = all
		})
	}
	wait.Wait()
	for p, surely := range both[0] {
		if r.notSelf { // one possibly listed itself may be surely reached
			both[1][p] = unite(slices.Concat(both[1][p], surely))
		}
	}
	for p, possibly := range both[1] {
		h.index[p] = int32(len(h.possibly))
		h.possibly = append(h.possibly, possibly)
		h.surely = append(h.surely, both[0][p])
	}
	return h
}

// origins are the parties of some lists and the days of their listings.
func (w *World) origins(lists []string) []origin {
	by := map[uint32]*origin{}
	for _, name := range lists {
		for i := range w.listings[name] {
			l := &w.listings[name][i]
			originOf(by, l.party).add(l.Interval, l.surest())
		}
	}
	return inOrder(by)
}

func originOf(by map[uint32]*origin, p uint32) *origin {
	if by[p] == nil {
		by[p] = &origin{party: p}
	}
	return by[p]
}

// add counts the days of a listing that is this sure at most.
func (o *origin) add(iv offshelf.Interval, surest offshelf.Truth) {
	fromFirst, fromLast, untilFirst, untilLast := bounds(iv)
	if surest == offshelf.True && fromLast < untilFirst {
		o.surely = append(o.surely, span{fromLast, untilFirst})
	}
	if surest > offshelf.False && fromFirst < untilLast {
		o.possibly = append(o.possibly, span{fromFirst, untilLast})
	}
}

func inOrder(by map[uint32]*origin) []origin {
	out := make([]origin, 0, len(by))
	for _, o := range by {
		o.surely, o.possibly = unite(o.surely), unite(o.possibly)
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b origin) int { return cmp.Compare(a.party, b.party) })
	return out
}

// Stretch is a span of days on which a regime says the same of a party. From
// is MinDay where no start is known, Until MaxDay where no end is.
type Stretch struct {
	From, Until offshelf.Day
	Truth       offshelf.Truth // Maybe or True
	Period      *offshelf.Period
}

// Timeline is what a regime reaches through all time.
type Timeline struct {
	w     *World
	terms []term
}

// term is a span of days on which the regime itself says the same.
type term struct {
	span
	period  *offshelf.Period
	truth   offshelf.Truth
	history *History
}

// Timeline works out when the regime reaches which party: exactly, by sweeps
// over the dates of the facts and of the rule's own periods.
func (w *World) Timeline(r *offshelf.Regime) *Timeline {
	t := &Timeline{w: w}
	origins := w.origins(r.Lists)
	known := map[rule]*History{}
	days := []offshelf.Day{offshelf.MinDay, offshelf.MaxDay}
	for _, p := range r.Periods {
		a, b, c, d := bounds(p.Interval)
		days = append(days, a, b, c, d)
	}
	slices.Sort(days)
	days = slices.Compact(days)
	for i := range len(days) - 1 {
		p, far, truth := r.On(days[i])
		if p == nil {
			continue
		}
		if p.State == "scheduled" {
			truth = offshelf.Maybe
		}
		key := ruleOf(&far)
		if known[key] == nil {
			known[key] = w.graph.history(key, w.state, origins)
		}
		t.terms = append(t.terms, term{span{days[i], days[i+1]}, p, truth, known[key]})
	}
	return t
}

// Of lists when the regime reaches the party, in the order of time; days that
// are not in it are not reached.
func (t *Timeline) Of(party string) []Stretch {
	p, ok := t.w.index[party]
	if !ok {
		return nil
	}
	var out []Stretch
	for i := range t.terms {
		out = t.terms[i].of(p, out)
	}
	return out
}

func (t *term) of(p uint32, out []Stretch) []Stretch {
	i, ok := t.history.index[p]
	if !ok {
		return out
	}
	surely := t.history.surely[i]
	if t.truth < offshelf.True {
		surely = nil
	}
	add := func(s span, truth offshelf.Truth) {
		if n := len(out); n > 0 && out[n-1].Until == s.from && out[n-1].Truth == truth && out[n-1].Period == t.period {
			out[n-1].Until = s.until
			return
		}
		out = append(out, Stretch{s.from, s.until, truth, t.period})
	}
	t.history.possibly[i].meet(t.span, func(s span) {
		at := s.from
		surely.meet(s, func(sure span) {
			if at < sure.from {
				add(span{at, sure.from}, offshelf.Maybe)
			}
			add(sure, offshelf.True)
			at = sure.until
		})
		if at < s.until {
			add(span{at, s.until}, offshelf.Maybe)
		}
	})
	return out
}
