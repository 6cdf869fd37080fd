// Package frequent counts the commonest values of a long stream in little
// memory, after Metwally, Agrawal and El Abbadi (Efficient Computation of
// Frequent and Top-k Elements in Data Streams, 2005): Space-Saving.
package frequent

import (
	"cmp"
	"container/heap"
	"slices"
)

// Sketch counts values with a fixed number of counters. A value that it does
// not hold takes over the smallest counter, count and all, so that a count may
// be too high, never too low. The zero Sketch is not ready; take one from New.
type Sketch struct {
	size  int
	total int
	taken bool // a value lost its counter to another
	at    map[string]*counter
	heap  counters // the smallest first
}

type counter struct {
	Count
	seq   int // order of arrival, so that equal streams give equal sketches
	index int // in the heap
}

// Count is a value and how often it was met: at most Rows times, and at least
// Rows - Over times.
type Count struct {
	Key   string
	Label string // as it was printed when its counter began
	Rows  int
	Over  int
}

// New returns a sketch of so many counters, at least one.
func New(size int) *Sketch {
	return &Sketch{size: max(size, 1), at: map[string]*counter{}}
}

// Add counts one occurrence of the key. The label is kept with a counter that
// begins here.
func (s *Sketch) Add(key, label string) {
	s.total++
	if c, ok := s.at[key]; ok {
		c.Rows++
		heap.Fix(&s.heap, c.index)
		return
	}
	if len(s.heap) < s.size {
		c := &counter{Count: Count{Key: key, Label: label, Rows: 1}, seq: s.total}
		s.at[key] = c
		heap.Push(&s.heap, c)
		return
	}
	s.taken = true
	c := s.heap[0]
	delete(s.at, c.Key)
	c.Count = Count{Key: key, Label: label, Rows: c.Rows + 1, Over: c.Rows}
	c.seq = s.total
	s.at[key] = c
	heap.Fix(&s.heap, 0)
}

// Holds reports whether the key has a counter.
func (s *Sketch) Holds(key string) bool { return s.at[key] != nil }

// Total is how many occurrences were counted.
func (s *Sketch) Total() int { return s.total }

// Bound is how much a count is too high at most, and how often a value that is
// not held was met at most: no more than Total divided by the counters, and 0
// while every value has a counter of its own.
func (s *Sketch) Bound() int {
	if !s.taken {
		return 0
	}
	return s.heap[0].Rows
}

// Top returns the n commonest values, the commonest first.
func (s *Sketch) Top(n int) []Count {
	all := make([]Count, 0, len(s.heap))
	for _, c := range s.heap {
		all = append(all, c.Count)
	}
	slices.SortFunc(all, func(a, b Count) int { return cmp.Or(b.Rows-a.Rows, a.Over-b.Over, cmp.Compare(a.Key, b.Key)) })
	return all[:min(n, len(all))]
}

// counters is a heap by count, then by arrival.
type counters []*counter

func (h counters) Len() int { return len(h) }

func (h counters) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[i].Rows, h[j].Rows), cmp.Compare(h[i].seq, h[j].seq)) < 0
}

func (h counters) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *counters) Push(x any) {
	c := x.(*counter)
	c.index = len(*h)
	*h = append(*h, c)
}

func (h *counters) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
