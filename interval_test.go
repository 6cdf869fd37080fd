package offshelf_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

func interval(t testing.TB, from, until string) offshelf.Interval {
	t.Helper()
	return offshelf.Interval{From: date(t, from), Until: date(t, until)}
}

func TestIntervalOn(t *testing.T) {
	for _, c := range []struct {
		from, until, day string
		want             offshelf.Truth
	}{
		// Dahua's Lorex: from included, until excluded.
		{"2018-02-06", "2022-11-24", "2018-02-05", offshelf.False},
		{"2018-02-06", "2022-11-24", "2018-02-06", offshelf.True},
		{"2018-02-06", "2022-11-24", "2022-11-23", offshelf.True},
		{"2018-02-06", "2022-11-24", "2022-11-24", offshelf.False},
		// open sides
		{"", "", "1800-01-01", offshelf.True},
		{"", "2018", "2017-12-31", offshelf.True},
		{"2018", "", "2999-01-01", offshelf.True},
		// known to the month or year
		{"2018-02", "", "2018-01-31", offshelf.False},
		{"2018-02", "", "2018-02-01", offshelf.Maybe},
		{"2018-02", "", "2018-02-27", offshelf.Maybe},
		{"2018-02", "", "2018-02-28", offshelf.True},
		{"", "2018", "2018-01-01", offshelf.Maybe},
		{"", "2018", "2018-12-30", offshelf.Maybe},
		{"", "2018", "2018-12-31", offshelf.False},
		{"2018", "2018", "2018-06-01", offshelf.Maybe},
		// on or before
		{"..2019-10-09", "", "1990-01-01", offshelf.Maybe},
		{"..2019-10-09", "", "2019-10-09", offshelf.True},
		{"", "..2019-10-09", "2019-10-08", offshelf.Maybe},
		{"", "..2019-10-09", "2019-10-09", offshelf.False},
		// about
		{"2023~", "", "2021-12-31", offshelf.False},
		{"2023~", "", "2022-01-01", offshelf.Maybe},
		{"2023~", "", "2024-12-31", offshelf.True},
	} {
		if got := interval(t, c.from, c.until).On(day(t, c.day)); got != c.want {
			t.Errorf("%s/%s on %s is %v, want %v", c.from, c.until, c.day, got, c.want)
		}
	}
}

func drawInterval(t *rapid.T, label string) offshelf.Interval {
	var iv offshelf.Interval
	if rapid.Bool().Draw(t, label+" starts") {
		iv.From = drawDate(t, label+" from")
	}
	if rapid.Bool().Draw(t, label+" ends") {
		iv.Until = drawDate(t, label+" until")
	}
	return iv
}

// edges are the days on which an answer about the intervals can change.
func edges(ivs ...offshelf.Interval) []offshelf.Day {
	out := []offshelf.Day{-200_000, 0, 200_000}
	for _, iv := range ivs {
		for _, d := range []offshelf.Date{iv.From, iv.Until} {
			for _, n := range []offshelf.Day{d.Earliest(), d.Latest()} {
				if n != offshelf.MinDay && n != offshelf.MaxDay {
					out = append(out, n-1, n, n+1)
				}
			}
		}
	}
	return out
}

func TestIntersect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawInterval(t, "a"), drawInterval(t, "b")
		both := a.Intersect(b)
		for _, d := range edges(a, b) {
			x, y, got := a.On(d), b.On(d), both.On(d)
			if (got == offshelf.True) != (x == offshelf.True && y == offshelf.True) {
				t.Fatalf("on %s: %s is %v and %s is %v, but %s is %v", d, a, x, b, y, both, got)
			}
			if got == offshelf.False && x != offshelf.False && y != offshelf.False {
				t.Fatalf("on %s: %s is %v and %s is %v, but %s is %v", d, a, x, b, y, both, got)
			}
		}
		// In the other order: the same but for how ~ and ? are written.
		for _, d := range edges(a, b) {
			if b.Intersect(a).On(d) != both.On(d) {
				t.Fatalf("on %s: %s and %s depend on their order", d, a, b)
			}
		}
		if a.Intersect(a) != a || a.Intersect(offshelf.Interval{}) != a {
			t.Fatalf("%s with itself or with all days is another", a)
		}
	})
}

func TestCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawInterval(t, "a"), drawInterval(t, "b")
		span := a.Cover(b)
		for _, d := range edges(a, b) {
			if (a.On(d) == offshelf.True || b.On(d) == offshelf.True) && span.On(d) != offshelf.True {
				t.Fatalf("on %s: %s or %s hold, but %s does not", d, a, b, span)
			}
		}
		if a.Cover(a) != a || a.Cover(offshelf.Interval{}) != (offshelf.Interval{}) {
			t.Fatalf("%s with itself or with all days is wrong", a)
		}
	})
	got := interval(t, "2018-02-06", "2022-11-24").Cover(interval(t, "2012-12", "2018-02-06"))
	if want := interval(t, "2012-12", "2022-11-24"); got != want {
		t.Errorf("the cover is %s, want %s", got, want)
	}
}

func TestBackwards(t *testing.T) {
	for _, c := range []struct {
		from, until string
		want        bool
	}{
		{"2018-02-06", "2018-02-06", true}, // empty
		{"2018-02-06", "2018-02-07", false},
		{"2018-02-07", "2018-02-06", true},
		{"2018", "2018", false}, // may be in order
		{"2019", "2018", true},
		{"2018-06", "2018", false},
		{"", "2018", false},
		{"2018", "", false},
		{"..2020", "2018", false},
		{"2018", "..2017", true},
	} {
		if got := interval(t, c.from, c.until).Backwards(); got != c.want {
			t.Errorf("%s/%s backwards: %v, want %v", c.from, c.until, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		iv := drawInterval(t, "interval")
		for _, d := range edges(iv) {
			if iv.Backwards() && iv.On(d) == offshelf.True {
				t.Fatalf("%s runs backwards and holds on %s", iv, d)
			}
		}
	})
	if got := interval(t, "2018", "").String(); got != "2018/" {
		t.Errorf("printed as %q", got)
	}
}
