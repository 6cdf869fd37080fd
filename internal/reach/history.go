package reach

import (
	"container/heap"
	"maps"
	"slices"

	"github.com/offshelf/offshelf"
)

// History is when parties are reached by one rule, through all time: on the
// spans of surely, and on those of possibly, which hold the former.
type History struct {
	index            map[uint32]int32 // by party: the place in the two
	surely, possibly []spans
}

// origin is a listed party and the days of its listings.
type origin struct {
	party            uint32
	surely, possibly spans
}

// line is the work of one history at one level.
//
// Reach at a moment is the least fixpoint of that moment, and moments do not
// touch each other: so each party has a set of days, which grows until
// nothing changes. Parties are taken in the order of Tarjan's components, a
// holder before what it holds, so that one which is in no circle is worked out
// once, by a sweep over the dates of its holders: O(s log s) for s stakes.
type line struct {
	g     *Graph
	rule  rule
	level offshelf.Truth
	state []bool
	ranks []uint32

	days    map[uint32]*days
	queue   queue
	pieces  []piece
	changes []change
}

// days are when a party is reached. Those of its own, as listed or as held,
// it passes on; those as a holder of others pass on too unless it is a state.
type days struct {
	listed, grown, up spans
	queued            bool
}

// all is when the party is reached. Where a rule does not count a party's own
// listing, the days of the listing are left out.
func (d *days) all(notSelf bool) spans {
	if notSelf {
		return unite(slices.Concat(d.grown, d.up)).without(d.listed)
	}
	return unite(slices.Concat(d.listed, d.grown, d.up))
}

// queue is a heap of parties by rank.
type queue struct {
	parties []uint32
	ranks   []uint32
}

func (q *queue) Len() int           { return len(q.parties) }
func (q *queue) Less(i, j int) bool { return q.ranks[q.parties[i]] < q.ranks[q.parties[j]] }
func (q *queue) Swap(i, j int)      { q.parties[i], q.parties[j] = q.parties[j], q.parties[i] }
func (q *queue) Push(x any)         { q.parties = append(q.parties, x.(uint32)) }
func (q *queue) Pop() any {
	last := len(q.parties) - 1
	p := q.parties[last]
	q.parties = q.parties[:last]
	return p
}

func (l *line) of(p uint32) *days {
	d := l.days[p]
	if d == nil {
		d = &days{}
		l.days[p] = d
	}
	return d
}

// run works out the days of all that the roots reach.
func (l *line) run(roots []origin) {
	var climbing []uint32
	for i := range roots {
		s := roots[i].surely
		if l.level == offshelf.Maybe {
			s = roots[i].possibly
		}
		if len(s) > 0 {
			l.of(roots[i].party).listed = s
			climbing = append(climbing, roots[i].party)
		}
	}
	if l.rule.affiliates {
		l.climb(climbing)
	}
	for _, p := range slices.Sorted(maps.Keys(l.days)) {
		l.follow(p)
	}
	for l.queue.Len() > 0 {
		p := heap.Pop(&l.queue).(uint32)
		d := l.days[p]
		d.queued = false
		if grown := l.sweep(p); !slices.Equal(grown, d.grown) {
			d.grown = grown
			l.follow(p)
		}
	}
}

// follow puts what a party holds into the queue.
func (l *line) follow(p uint32) {
	for _, first := range l.g.held(p) {
		q := l.g.stakes[first].held
		if d := l.of(q); !d.queued {
			d.queued = true
			heap.Push(&l.queue, q)
		}
	}
}

// sweep adds up what a party's holders count for through time.
func (l *line) sweep(p uint32) spans {
	l.changes = l.changes[:0]
	l.g.holders(p, func(_ uint32, run []stake) bool {
		h := l.days[run[0].holder]
		if h == nil {
			return true
		}
		passed := h.listed
		if len(h.grown) > 0 || len(h.up) > 0 {
			up := h.up
			if l.rule.common < l.level && l.state != nil && l.state[run[0].holder] {
				up = nil
			}
			passed = unite(slices.Concat(h.listed, h.grown, up))
		}
		if l.rule.notSelf && run[0].max == tied {
			passed = passed.without(h.listed)
		}
		if len(passed) == 0 {
			return true
		}
		l.pieces = l.rule.pieces(l.pieces[:0], run, l.level)
		for _, x := range l.pieces {
			w := min(x.weight, l.rule.need)
			passed.meet(x.span, func(s span) {
				l.changes = append(l.changes, change{s.from, w}, change{s.until, -w})
			})
		}
		return true
	})
	return sweep(l.changes, l.rule.need, nil)
}

// climb works out the days of those who hold enough of a listed party alone,
// and of their holders.
func (l *line) climb(listed []uint32) {
	work := slices.Clone(listed)
	for len(work) > 0 {
		p := work[len(work)-1]
		work = work[:len(work)-1]
		base := unite(slices.Concat(l.days[p].listed, l.days[p].up))
		l.g.holders(p, func(_ uint32, run []stake) bool {
			var up spans
			l.pieces = l.rule.pieces(l.pieces[:0], run, l.level)
			for _, x := range l.pieces {
				if x.weight >= l.rule.need {
					base.meet(x.span, func(s span) { up = append(up, s) })
				}
			}
			if len(up) == 0 {
				return true
			}
			h := l.of(run[0].holder)
			if wider := unite(slices.Concat(h.up, up)); !slices.Equal(wider, h.up) {
				h.up = wider
				work = append(work, run[0].holder)
			}
			return true
		})
	}
}
