package reach

import (
	"cmp"
	"slices"

	"github.com/offshelf/offshelf"
)

// span is a stretch of days, the first included, the last not.
type span struct{ from, until offshelf.Day }

// spans are apart, and in the order of time.
type spans []span

// unite sorts the spans and joins those that touch, in place.
func unite(s spans) spans {
	if len(s) < 2 {
		return s
	}
	slices.SortFunc(s, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	n := 0
	for _, x := range s[1:] {
		if x.from <= s[n].until {
			s[n].until = max(s[n].until, x.until)
			continue
		}
		n++
		s[n] = x
	}
	return s[:n+1]
}

// meet calls add with what the spans and a stretch have in common.
func (s spans) meet(with span, add func(span)) {
	for _, x := range s {
		if x.from >= with.until {
			return
		}
		if both := (span{max(x.from, with.from), min(x.until, with.until)}); both.from < both.until {
			add(both)
		}
	}
}

// without is the days that are not in the other spans.
func (s spans) without(other spans) spans {
	var out spans
	for _, x := range s {
		at := x.from
		other.meet(x, func(gone span) {
			if at < gone.from {
				out = append(out, span{at, gone.from})
			}
			at = gone.until
		})
		if at < x.until {
			out = append(out, span{at, x.until})
		}
	}
	return out
}

// at returns the span that the day is in.
func (s spans) at(day offshelf.Day) (span, bool) {
	i, found := slices.BinarySearchFunc(s, day, func(x span, d offshelf.Day) int { return cmp.Compare(x.from, d) })
	if !found {
		i--
	}
	if i < 0 || day >= s[i].until {
		return span{}, false
	}
	return s[i], true
}

// change is how much more counts from a day on.
type change struct {
	day offshelf.Day
	by  int32
}

// sweep returns the spans on which the sum of the changes is at least need.
// It sorts the changes.
func sweep(changes []change, need int32, out spans) spans {
	slices.SortFunc(changes, func(a, b change) int { return cmp.Compare(a.day, b.day) })
	sum, begun := int64(0), offshelf.Day(0)
	above := false
	for i := 0; i < len(changes); {
		day := changes[i].day
		for ; i < len(changes) && changes[i].day == day; i++ {
			sum += int64(changes[i].by)
		}
		switch now := sum >= int64(need); {
		case now && !above:
			begun = day
		case !now && above:
			out = append(out, span{begun, day})
		}
		above = sum >= int64(need)
	}
	return out
}
