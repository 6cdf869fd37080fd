package reach

import (
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// Explanation is why a regime reaches a party on a day, or does not.
type Explanation struct {
	Truth offshelf.Truth
	// Facts are the facts that carry the answer, those nearest to the party
	// first: leave one out, and it is no longer carried. Smallest says that no
	// set with fewer facts carries it.
	Facts    []offshelf.Hop
	Smallest bool
	Open     []string // what would settle an answer that is only possible
	Warnings []string // of one that is not reached: what to be careful of
	Flips    []Flip
}

// Flip is a single change that would turn the answer.
type Flip struct {
	Change string
	Then   offshelf.Truth
}

// maxTrials bounds the sets of facts that are tried for a smaller one.
const maxTrials = 20_000

// Explain finds the smallest set of facts that carries the answer, and what
// single changes would turn it. That a set carries an answer is decided by the
// same fixpoint as the answer itself. Finding the smallest is as hard as set
// cover; it is found by trying all smaller sets where these are few, and else
// the set is one from which nothing can be left out.
func (v *View) Explain(party string) Explanation {
	p, ok := v.w.index[party]
	if !ok {
		return Explanation{}
	}
	e := Explanation{Truth: v.truth(p)}
	c := v.cone(p, e.Truth == offshelf.False)
	if e.Truth > offshelf.False && c.cut && c.truth(c.units) < e.Truth {
		// What stands behind the party is too much to look at in full: one way is told.
		if ways := v.From(party); len(ways) > 0 {
			e.Facts = ways[0].Hops
		}
	} else if e.Truth > offshelf.False {
		var carrying []int
		carrying, e.Smallest = c.smallest(e.Truth)
		for _, i := range carrying {
			e.Facts = append(e.Facts, c.fact(&c.units[i], e.Truth))
		}
		if e.Truth == offshelf.Maybe {
			for _, path := range v.From(party) {
				if path.Open != "" && !slices.Contains(e.Open, path.Open) {
					e.Open = append(e.Open, path.Open)
				}
			}
		}
		if !c.cut { // what was not looked at may stand in for what is left out
			e.Flips = c.flips(e.Truth, carrying)
		}
	} else {
		e.Flips = c.raises()
		e.Warnings = v.controllers(p)
	}
	return e
}

// controllers warns of reached parties that control one which is not reached,
// as the rule does not count control (OFAC, FAQ 398: act with caution).
func (v *View) controllers(p uint32) []string {
	var out []string
	v.w.graph.holders(p, func(_ uint32, run []stake) bool {
		h := run[0].holder
		if pos := positionOn(run, v.day); pos.control > offshelf.False && v.truth(h) > offshelf.False {
			out = append(out, fmt.Sprintf("%s controls %s, which this rule does not count as owning it: take care, and watch its share", v.w.parties[h].Name, v.w.parties[p].Name))
		}
		return len(out) < maxFlips
	})
	return out
}

// smallest picks, by their numbers, the fewest units that carry the truth.
func (c *cone) smallest(truth offshelf.Truth) (picked []int, surely bool) {
	all := make([]int, len(c.units))
	for i := range all {
		all[i] = i
	}
	carries := func(numbers []int) bool {
		units := make([]unit, len(numbers))
		for i, n := range numbers {
			units[i] = c.units[n]
		}
		return c.truth(units) >= truth
	}
	// Leave out what can be left out, from the far end and from the near one.
	picked = all
	for _, far := range []bool{true, false} {
		left := slices.Clone(all)
		for k := range all {
			n := all[k]
			if far {
				n = all[len(all)-1-k]
			}
			at := slices.Index(left, n)
			if fewer := slices.Delete(slices.Clone(left), at, at+1); carries(fewer) {
				left = fewer
			}
		}
		if len(left) < len(picked) {
			picked = left
		}
	}
	trials := 0
	for size := 1; size < len(picked); size++ {
		found, complete := choose(len(all), size, func(numbers []int) (found, stop bool) {
			trials++
			return carries(numbers), trials >= maxTrials
		})
		if found != nil {
			return found, !c.cut
		}
		if !complete {
			return picked, false
		}
	}
	return picked, !c.cut
}

// choose tries the ways to choose k of n, in order, until one is found or the
// trial says stop.
func choose(n, k int, try func([]int) (found, stop bool)) (found []int, complete bool) {
	at := make([]int, k)
	for i := range at {
		at[i] = i
	}
	for {
		ok, stop := try(at)
		if ok {
			return at, true
		}
		if stop {
			return nil, false
		}
		i := k - 1
		for i >= 0 && at[i] == n-k+i {
			i--
		}
		if i < 0 {
			return nil, true
		}
		at[i]++
		for j := i + 1; j < k; j++ {
			at[j] = at[j-1] + 1
		}
	}
}

// fact tells a unit.
func (c *cone) fact(u *unit, level offshelf.Truth) offshelf.Hop {
	if u.listing != nil {
		hop := c.v.end(u.listing.party, u.listing).hop
		if of := u.listing.covers(); of != "" {
			hop.Note = strings.TrimPrefix(hop.Note+"; "+of, "; ")
		}
		return hop
	}
	pos := positionOn(u.run, c.v.day)
	l := link{other: c.parties[u.holder], first: u.first, position: pos, truth: level}
	l.aggregate = c.v.rule.weight(pos, level) < c.v.rule.need
	return c.v.hop(c.parties[u.held], l, c.v.carrying(l))
}
