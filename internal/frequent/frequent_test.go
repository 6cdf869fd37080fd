package frequent_test

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf/internal/frequent"
)

// TestBound holds what Space-Saving promises, on any stream: a count is never
// too low and at most Bound too high, Bound is at most the total divided by the
// counters, and what is not held was met no more than Bound times.
func TestBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 20).Draw(t, "size")
		stream := rapid.SliceOf(rapid.IntRange(0, rapid.IntRange(0, 60).Draw(t, "values"))).Draw(t, "stream")
		s := frequent.New(size)
		truth := map[string]int{}
		for _, v := range stream {
			key := strconv.Itoa(v)
			truth[key]++
			s.Add(key, "value "+key)
		}
		if s.Total() != len(stream) || s.Bound() > len(stream)/size {
			t.Fatalf("total %d, bound %d of %d in %d counters", s.Total(), s.Bound(), len(stream), size)
		}
		sum, last := 0, len(stream)
		top := s.Top(size)
		for _, c := range top {
			if c.Rows < truth[c.Key] || c.Rows-c.Over > truth[c.Key] || c.Over > s.Bound() || c.Rows > last {
				t.Fatalf("%+v, met %d times, bound %d, one before %d", c, truth[c.Key], s.Bound(), last)
			}
			if c.Label != "value "+c.Key {
				t.Fatalf("label %q of %q", c.Label, c.Key)
			}
			sum, last = sum+c.Rows, c.Rows
		}
		if sum != len(stream) || len(top) > size {
			t.Fatalf("%d counters with %d in all, want %d", len(top), sum, len(stream))
		}
		for key, n := range truth {
			if !s.Holds(key) && n > s.Bound() {
				t.Fatalf("%s, met %d times, is not held; bound %d", key, n, s.Bound())
			}
		}
		if len(truth) <= size && s.Bound() != 0 {
			t.Fatalf("bound %d although every value has a counter", s.Bound())
		}
	})
}

func TestTop(t *testing.T) {
	s := frequent.New(0)
	if s.Top(5) != nil && len(s.Top(5)) > 0 {
		t.Error("values of nothing")
	}
	s = frequent.New(3)
	for _, k := range []string{"b", "a", "a", "c", "b", "a"} {
		s.Add(k, k)
	}
	if got := s.Top(2); len(got) != 2 || got[0].Key != "a" || got[0].Rows != 3 || got[1].Key != "b" {
		t.Errorf("top: %+v", got)
	}
}
