package reach

import "github.com/offshelf/offshelf"

// seed is a party that is on a list on the day.
type seed struct {
	party uint32
	truth offshelf.Truth
}

// member is a party that is reached. Truth is how surely what it holds counts,
// and round when it came to that.
type member struct {
	party uint32
	truth offshelf.Truth
	round int32
	up    bool // it counts as a holder of others, not as something held
	root
}

// reached is how surely the party itself is.
func (m *member) reached() offshelf.Truth { return max(m.truth, m.sure) }

// onlyListed tells whether nothing but its own listing reaches the party, which
// some rules leave to another.
func (m *member) onlyListed() bool { return m.step == 1 && m.round == 0 }

// root is the part of a listed party, or of one that joined as a holder: the
// step of the climb, from 1 for listed parties, and the truth then.
type root struct {
	step int32
	sure offshelf.Truth
}

// spread grows the reached set from its seeds for one day. It is the least
// fixpoint of a monotone operator, computed twice: of what is sure, then of
// what is possible. Each round looks only at the holdings of those that joined
// in the one before, and keeps a running sum for each party held, so that a
// set costs as many steps as its members have stakes (the counting method of
// Dowling and Gallier for Horn formulas, with weights).
type spread struct {
	g     *Graph
	rule  rule
	day   offshelf.Day
	state []bool // by party: a state body

	truth   []offshelf.Truth
	sum     []int32
	round   []int32
	up      []bool
	roots   map[uint32]root
	members []uint32 // in the order of joining
	summed  []uint32
}

// newSpread makes the scratch for a graph, which is as long as its parties.
// State tells the state bodies; nil where there are none.
func (g *Graph) newSpread(state []bool) *spread {
	n := g.Parties()
	return &spread{
		g: g, state: state, truth: make([]offshelf.Truth, n), sum: make([]int32, n), round: make([]int32, n),
		up: make([]bool, n), roots: map[uint32]root{},
	}
}

// run grows the set and appends its members in the order of joining. The
// scratch is empty again afterwards, in as many steps as there are members.
func (s *spread) run(out []member, r rule, day offshelf.Day, seeds []seed) []member {
	s.rule, s.day = r, day
	for _, x := range seeds {
		s.join(x.party, x.truth, 0)
		s.roots[x.party] = root{1, x.truth}
	}
	round := int32(0)
	if s.rule.affiliates {
		round = s.climb(offshelf.True, round)
		round = s.climb(offshelf.Maybe, round)
	}
	round = s.grow(offshelf.True, round)
	s.grow(offshelf.Maybe, round)
	for _, p := range s.members {
		out = append(out, member{p, s.truth[p], s.round[p], s.up[p], s.roots[p]})
		s.truth[p], s.round[p], s.up[p] = offshelf.False, 0, false
	}
	s.members = s.members[:0]
	clear(s.roots)
	return out
}

// join raises a party to a truth.
func (s *spread) join(p uint32, truth offshelf.Truth, round int32) {
	if s.truth[p] == offshelf.False && s.roots[p].step == 0 {
		s.members = append(s.members, p)
	}
	if truth > s.truth[p] {
		s.truth[p], s.round[p] = truth, round
	}
}

// climb adds who alone holds enough of a root, or controls it, and who holds
// enough of those. It adds holders only: what they hold is for grow. That what
// a state body holds is owned in common goes without saying in a state-owned
// economy, and is what no rule was read to mean: see Reach.State.
func (s *spread) climb(level offshelf.Truth, round int32) int32 {
	var frontier []uint32
	for _, p := range s.members {
		if s.roots[p].sure >= level {
			frontier = append(frontier, p)
		}
	}
	for len(frontier) > 0 {
		round++
		var joined []uint32
		for _, p := range frontier {
			s.g.holders(p, func(_ uint32, run []stake) bool {
				h := run[0].holder
				if s.roots[h].sure >= level || s.rule.weight(positionOn(run, s.day), level) < s.rule.need {
					return true
				}
				if s.roots[h].step == 0 && s.truth[h] == offshelf.False {
					s.members = append(s.members, h)
				}
				s.roots[h] = root{round + 1, level}
				joined = append(joined, h)
				passes := level
				if s.state != nil && s.state[h] {
					passes = s.rule.common
				}
				if passes > s.truth[h] {
					s.truth[h], s.round[h], s.up[h] = passes, round, true
				}
				return true
			})
		}
		frontier = joined
	}
	return round
}

// frontier is the members of at least this truth.
func (s *spread) frontier(level offshelf.Truth) []uint32 {
	var out []uint32
	for _, p := range s.members {
		if s.truth[p] >= level {
			out = append(out, p)
		}
	}
	return out
}

// grow adds the parties in which members of at least this truth together hold
// enough.
func (s *spread) grow(level offshelf.Truth, round int32) int32 {
	frontier := s.frontier(level)
	for len(frontier) > 0 {
		round++
		var joined []uint32
		for _, h := range frontier {
			for _, first := range s.g.held(h) {
				run := s.g.run(first)
				p := run[0].held
				if s.truth[p] >= level || s.rule.notSelf && run[0].max == tied && s.roots[h].step == 1 && s.round[h] == 0 {
					continue // goods of the listed party itself fall under another rule too
				}
				w := s.rule.weight(positionOn(run, s.day), level)
				if w == 0 {
					continue
				}
				before := s.sum[p]
				if before == 0 {
					s.summed = append(s.summed, p)
				}
				if s.sum[p] = min(before+w, s.rule.need); before < s.rule.need && s.sum[p] == s.rule.need {
					joined = append(joined, p)
				}
			}
		}
		for _, p := range joined {
			s.join(p, level, round)
			s.up[p] = false
		}
		frontier = joined
	}
	for _, p := range s.summed {
		s.sum[p] = 0
	}
	s.summed = s.summed[:0]
	return round
}
