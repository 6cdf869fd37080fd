package reach

import (
	"cmp"
	"slices"
	"sync"

	"github.com/offshelf/offshelf"
)

// Graph is who holds what, in compressed sparse rows: 32 bytes a stake, and a
// row of stakes a party. Parties are numbered from 0. It is immutable.
type Graph struct {
	stakes []stake  // by held party, then by holder
	in     []uint32 // by party: where its row of stakes starts
	runs   []uint32 // by holder, then by held party: where what is said of this pair starts in stakes
	out    []uint32 // by party: where its row of runs starts

	order sync.Once
	rank  []uint32
}

// stake is one fact in the graph. Dates are days: the first and the last that
// each end may mean.
type stake struct {
	holder, held          uint32
	min, max              uint16 // basis points
	flags                 uint8
	fromFirst, fromLast   offshelf.Day
	untilFirst, untilLast offshelf.Day
}

const (
	known   uint8 = 1 << iota // the share is known
	control                   // control, whatever the share
	weak                      // of a grade that makes possible, never reached
)

// Builder collects the stakes of a graph.
type Builder struct {
	stakes  []stake
	parties uint32
}

// Grow makes room for this many more stakes.
func (b *Builder) Grow(stakes int) { b.stakes = slices.Grow(b.stakes, stakes) }

// Party makes sure that the party with this number exists.
func (b *Builder) Party(p uint32) { b.parties = max(b.parties, p+1) }

// Stake adds what is known of a stake of one party in another. Its own id and
// sources play no part.
func (b *Builder) Stake(holder, held uint32, s *offshelf.Stake) {
	b.Party(holder)
	b.Party(held)
	e := stake{holder: holder, held: held}
	if s.Share.Known {
		e.flags |= known
		e.min, e.max = uint16(s.Share.Min), uint16(s.Share.Max)
	}
	if s.Control {
		e.flags |= control
	}
	if s.Grade.Weak() {
		e.flags |= weak
	}
	e.fromFirst, e.fromLast, e.untilFirst, e.untilLast = bounds(s.Interval)
	b.stakes = append(b.stakes, e)
}

// bounds are the days that the two ends of an interval may mean. What has no
// known start always held, what has no known end still does.
func bounds(iv offshelf.Interval) (fromFirst, fromLast, untilFirst, untilLast offshelf.Day) {
	fromFirst, fromLast, untilFirst, untilLast = offshelf.MinDay, offshelf.MinDay, offshelf.MaxDay, offshelf.MaxDay
	if !iv.From.IsZero() {
		fromFirst, fromLast = iv.From.Earliest(), iv.From.Latest()
	}
	if !iv.Until.IsZero() {
		untilFirst, untilLast = iv.Until.Earliest(), iv.Until.Latest()
	}
	return
}

// on tells whether the stake holds on the day.
func (s *stake) on(day offshelf.Day) offshelf.Truth {
	switch {
	case day < s.fromFirst || day >= s.untilLast:
		return offshelf.False
	case day < s.fromLast || day >= s.untilFirst:
		return offshelf.Maybe
	}
	return offshelf.True
}

// graph is Graph, and tells for each of the graph's stakes as how manieth it
// was added.
func (b *Builder) graph() (*Graph, []uint32) {
	n, added := b.parties, b.stakes
	b.stakes = nil
	g := &Graph{in: make([]uint32, n+1), out: make([]uint32, n+1)}
	for i := range added {
		g.in[added[i].held+1]++
	}
	for p := range n {
		g.in[p+1] += g.in[p]
	}
	numbers := make([]uint32, len(added))
	at := slices.Clone(g.in)
	for i := range added {
		p := added[i].held
		numbers[at[p]] = uint32(i)
		at[p]++
	}
	for p := range n {
		row := numbers[g.in[p]:g.in[p+1]]
		if len(row) > 1 {
			slices.SortStableFunc(row, func(a, b uint32) int { return cmp.Compare(added[a].holder, added[b].holder) })
		}
	}
	g.stakes = make([]stake, len(added))
	for i, number := range numbers {
		g.stakes[i] = added[number]
	}
	g.link(at)
	return g, numbers
}

// Graph sorts the stakes into rows. The builder is empty afterwards.
func (b *Builder) Graph() *Graph {
	g, _ := b.graph()
	return g
}

// link makes the rows by holder. The scratch is as long as the rows.
func (g *Graph) link(at []uint32) {
	first := func(i int) bool {
		return i == 0 || g.stakes[i].holder != g.stakes[i-1].holder || g.stakes[i].held != g.stakes[i-1].held
	}
	runs := 0
	for i := range g.stakes {
		if first(i) {
			g.out[g.stakes[i].holder+1]++
			runs++
		}
	}
	for p := range g.Parties() {
		g.out[p+1] += g.out[p]
	}
	copy(at, g.out)
	g.runs = make([]uint32, runs)
	for i := range g.stakes {
		if h := g.stakes[i].holder; first(i) {
			g.runs[at[h]] = uint32(i)
			at[h]++
		}
	}
}

// Parties is the number of parties.
func (g *Graph) Parties() int { return len(g.in) - 1 }

// Stakes is the number of stakes.
func (g *Graph) Stakes() int { return len(g.stakes) }

// run is all that is said of one holder's stake in one party, from the fact
// with this number on.
func (g *Graph) run(first uint32) []stake {
	s := g.stakes[first:]
	last := 1
	for last < len(s) && s[last].holder == s[0].holder && s[last].held == s[0].held {
		last++
	}
	return s[:last]
}

// held lists where the runs of a party's own stakes start.
func (g *Graph) held(holder uint32) []uint32 { return g.runs[g.out[holder]:g.out[holder+1]] }

// holders calls yield with the run of each holder of a party and where it
// starts.
func (g *Graph) holders(p uint32, yield func(first uint32, run []stake) bool) {
	for i := g.in[p]; i < g.in[p+1]; {
		run := g.run(i)
		if !yield(i, run) {
			return
		}
		i += uint32(len(run))
	}
}
