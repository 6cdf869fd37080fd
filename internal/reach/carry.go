package reach

import (
	"cmp"
	"slices"

	"github.com/offshelf/offshelf"
)

// claims lists the facts on the stake behind a link that may hold on the day.
func (v *View) claims(l link) []uint32 {
	n := uint32(len(v.w.graph.run(l.first)))
	var out []uint32
	for i := l.first; i < l.first+n; i++ {
		if v.w.facts[i].On(v.day) > offshelf.False {
			out = append(out, i)
		}
	}
	return out
}

// claimed is a share that only a weak source states.
func (v *View) claimed(l link) *offshelf.Stake {
	var out *offshelf.Stake
	for _, i := range v.claims(l) {
		if s := &v.w.facts[i]; s.Grade.Weak() && s.Share.Known {
			out = s
		}
	}
	return out
}

// carrying picks, of all that is said of a holder's stake, the fact that
// carries the link.
func (v *View) carrying(l link) uint32 {
	return slices.MinFunc(v.claims(l), func(i, j uint32) int {
		a, b := &v.w.facts[i], &v.w.facts[j]
		return cmp.Or(
			no(v.carries(i, l.truth), v.carries(j, l.truth)),
			no(!v.weak(i), !v.weak(j)),
			cmp.Compare(b.On(v.day), a.On(v.day)),
			no(a.Share.Known, b.Share.Known),
			cmp.Compare(b.Share.Min, a.Share.Min),
			cmp.Compare(a.Grade, b.Grade),
			cmp.Compare(start(a.Interval), start(b.Interval)),
		)
	})
}

// weak tells whether a fact only makes possible.
func (v *View) weak(fact uint32) bool { return v.w.graph.stakes[fact].flags&weak != 0 }

// no puts what is so before what is not.
func no(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// carries tells whether a single fact reaches at this level.
func (v *View) carries(fact uint32, level offshelf.Truth) bool {
	s := &v.w.facts[fact]
	if level == offshelf.True {
		firm := !v.weak(fact) && s.On(v.day) == offshelf.True
		return firm && (s.Share.Known && v.rule.enough(s.Share.Min) || s.Control && v.rule.controls(offshelf.True, level))
	}
	return !s.Share.Known || v.rule.enough(s.Share.Max) || s.Control && v.rule.controls(offshelf.Maybe, level)
}

// lasting is when the holding counts for at least as much as it has to: one
// fact after the other, 100% until a sale, 60% from then on.
func (v *View) lasting(l link) offshelf.Interval {
	run := v.w.graph.run(l.first)
	facts := v.w.facts[l.first : l.first+uint32(len(run))]
	if len(run) == 1 {
		return facts[0].Interval
	}
	need := v.rule.need
	if l.aggregate {
		need = v.rule.weight(l.position, l.truth)
	}
	var days spans
	for _, p := range v.rule.pieces(nil, run, l.truth) {
		if p.weight >= need {
			days = append(days, p.span)
		}
	}
	around, ok := unite(days).at(v.day)
	if !ok { // the day is not known to the day, and only possibly one of them
		return facts[0].Interval
	}
	return datedAs(around, l.truth, facts)
}

// datedAs writes a stretch of days with the dates of the facts that bound it,
// which may be known to the month or year only.
func datedAs(s span, level offshelf.Truth, facts []offshelf.Stake) offshelf.Interval {
	iv := offshelf.Interval{From: s.from.Date(), Until: s.until.Date()}
	for i := range facts {
		fromFirst, fromLast, untilFirst, untilLast := bounds(facts[i].Interval)
		from, until := fromFirst, untilLast
		if level == offshelf.True {
			from, until = fromLast, untilFirst
		}
		if from == s.from {
			iv.From = facts[i].From
		}
		if until == s.until {
			iv.Until = facts[i].Until
		}
	}
	return iv
}
