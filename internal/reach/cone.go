package reach

import (
	"slices"

	"github.com/offshelf/offshelf"
)

// maxCone bounds the facts that an explanation looks at.
const maxCone = 400

// cone is the part of a world that can bear on one party: a small world of its
// own, in which facts can be left out or changed.
type cone struct {
	v       *View
	parties []uint32
	index   map[uint32]uint32
	units   []unit
	cut     bool // there is more than maxCone
}

// unit is one fact of a cone: all that is said of one holder's stake, or a
// listing.
type unit struct {
	holder, held uint32 // numbers of the cone
	run          []stake
	first        uint32
	listing      *listing
	truth        offshelf.Truth // of the listing on the day
}

// cone collects what stands behind a party. Where all is false, only holders
// that the regime possibly reaches.
func (v *View) cone(p uint32, all bool) *cone {
	c := &cone{v: v, index: map[uint32]uint32{}}
	c.add(p)
	member := func(q uint32) bool { return all || len(v.of[q]) > 0 }
	seen := map[uint32]bool{}
	take := func(first uint32, run []stake, other uint32) {
		switch {
		case seen[first] || !member(other):
			return
		case len(c.units) >= maxCone:
			c.cut = true
			return
		case positionOn(run, v.day).truth == offshelf.False:
			return
		}
		seen[first] = true
		c.units = append(c.units, unit{holder: c.add(run[0].holder), held: c.add(run[0].held), run: run, first: first})
	}
	for i := 0; i < len(c.parties); i++ {
		q := c.parties[i]
		for j := range v.listed[q] {
			l := &v.listed[q][j]
			c.units = append(c.units, unit{held: uint32(i), listing: l, truth: l.on(v.day)})
		}
		v.w.graph.holders(q, func(first uint32, run []stake) bool {
			take(first, run, run[0].holder)
			return !c.cut
		})
		if v.rule.affiliates {
			for _, first := range v.w.graph.held(q) {
				run := v.w.graph.run(first)
				take(first, run, run[0].held)
			}
		}
	}
	return c
}

func (c *cone) add(p uint32) uint32 {
	n, ok := c.index[p]
	if !ok {
		n = uint32(len(c.parties))
		c.index[p] = n
		c.parties = append(c.parties, p)
	}
	return n
}

// truth tells whether the cone's party is reached by these of its units.
func (c *cone) truth(units []unit) offshelf.Truth {
	var b Builder
	b.Party(uint32(len(c.parties) - 1))
	seeds := map[uint32]offshelf.Truth{}
	for i := range units {
		u := &units[i]
		if u.listing != nil {
			seeds[u.held] = max(seeds[u.held], u.truth)
			continue
		}
		for _, s := range u.run {
			s.holder, s.held = u.holder, u.held
			b.stakes = append(b.stakes, s)
		}
	}
	states := make([]bool, len(c.parties))
	for i, p := range c.parties {
		states[i] = c.v.w.state[p]
	}
	out := offshelf.False
	b.Graph().spreadEach(c.v.rule, states, c.v.day, seedsOf(seeds), func(members []member) {
		for _, m := range members {
			if m.party == 0 && !(c.v.rule.notSelf && m.onlyListed()) {
				out = max(out, m.reached())
			}
		}
	})
	return out
}

// without is the units but for one.
func without(units []unit, i int) []unit {
	return append(slices.Clone(units[:i]), units[i+1:]...)
}

// with is the units, one of them a firm stake of this share.
func with(units []unit, i int, share int32) []unit {
	out := slices.Clone(units)
	s := stake{
		min: uint16(share), max: uint16(share), flags: known,
		fromFirst: offshelf.MinDay, fromLast: offshelf.MinDay, untilFirst: offshelf.MaxDay, untilLast: offshelf.MaxDay,
	}
	out[i].run = []stake{s}
	return out
}
