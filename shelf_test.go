package offshelf_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

func between(t rapid.TB, from, until string) offshelf.Interval {
	t.Helper()
	a, err1 := offshelf.ParseDate(from)
	b, err2 := offshelf.ParseDate(until)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return offshelf.Interval{From: a, Until: b}
}

func TestDaysBefore(t *testing.T) {
	for _, c := range []struct{ from, until, on, want string }{
		{"2019-10-09", "", "2021-10-25", "747"}, // the story
		{"2019-10-09", "2022-11-24", "2021-10-25", "747"},
		{"2019-10-09", "2021-10-01", "2021-10-25", "723"}, // ended before
		{"2021-10-25", "", "2021-10-25", "0"},
		{"2021-10-26", "", "2021-10-25", "0"}, // not yet
		{"2019", "", "2021-10-25", "664 to 1028"},
		{"2019-10", "", "2021-10-25", "725 to 755"},
		{"2021", "", "2021-10-25", "0 to 297"}, // it may not have begun
		{"2019-10-09~", "", "2021-10-25", "746 to 748"},
		{"2019-10-09", "2021", "2021-10-25", "450 to 747"}, // it may have ended
		{"..2019-10-09", "", "2021-10-25", "at least 747"},
		{"", "", "2021-10-25", "at least 0"},
	} {
		on, err := offshelf.ParseDay(c.on)
		if err != nil {
			t.Fatal(err)
		}
		n := between(t, c.from, c.until).DaysBefore(on)
		if n.String() != c.want {
			t.Errorf("%s/%s on %s: %s, want %s", c.from, c.until, c.on, n, c.want)
		}
		if n.Exact() != (n.Least == n.Most && !n.Open) || n.Open && n.Most != n.Least {
			t.Errorf("%s/%s: %+v", c.from, c.until, n)
		}
	}
}

// Days are never negative, never fewer at the most than at the least, and do
// not shrink as time goes on; sums keep what is sure.
func TestDaysBeforeHolds(t *testing.T) {
	dates := rapid.Custom(func(r *rapid.T) string {
		s := rapid.SampledFrom([]string{"2019", "2019-10", "2019-10-09", "2020-02", "2021-10-25", "2021", "2022-11-24"}).Draw(r, "date")
		return rapid.SampledFrom([]string{"", ".."}).Draw(r, "before") + s + rapid.SampledFrom([]string{"", "~", "?"}).Draw(r, "mark")
	})
	rapid.Check(t, func(r *rapid.T) {
		iv := between(r, rapid.OneOf(dates, rapid.Just("")).Draw(r, "from"), rapid.OneOf(dates, rapid.Just("")).Draw(r, "until"))
		on := offshelf.Day(rapid.IntRange(17000, 20000).Draw(r, "on"))
		n, next := iv.DaysBefore(on), iv.DaysBefore(on+1)
		if n.Least < 0 || n.Most < n.Least || next.Least < n.Least || next.Most < n.Most {
			r.Fatalf("%s on %s: %+v, the day after %+v", iv, on, n, next)
		}
		if sum := n.Add(next); sum.Least != n.Least+next.Least || sum.Open != (n.Open || next.Open) || sum.Most < sum.Least {
			r.Fatalf("%+v + %+v = %+v", n, next, sum)
		}
		if n.Compare(next) > 0 || n.Compare(n) != 0 || next.Compare(n) != -n.Compare(next) {
			r.Fatalf("%+v and %+v are not in order", n, next)
		}
	})
}

func TestReachSpoken(t *testing.T) {
	owned := offshelf.Reach{Kind: offshelf.ReachOwned, Threshold: 5000, Control: "ignore", Owner: true, Maker: true}
	with := func(change func(*offshelf.Reach)) offshelf.Reach {
		r := owned
		change(&r)
		return r
	}
	for _, c := range []struct {
		reach     offshelf.Reach
		want      string
		sentences int
	}{
		{owned, "50% or more, aggregated, cascading; control does not count", 3},
		{with(func(r *offshelf.Reach) { r.Over = true }), "more than 50%, aggregated, cascading; control does not count", 3},
		{with(func(r *offshelf.Reach) { r.Aggregate = offshelf.AggregatePerson }), "50% or more, person by person, cascading; control does not count", 3},
		{with(func(r *offshelf.Reach) { r.Affiliates = true }), "50% or more, aggregated, cascading; affiliates up and sideways too; not by state ownership; control does not count", 5},
		{with(func(r *offshelf.Reach) { r.Threshold, r.Over, r.Control = 1000, true, "reach" }), "more than 10%, aggregated, cascading; control counts", 3},
		{with(func(r *offshelf.Reach) { r.Threshold, r.Control = 2550, "ask" }), "25.5% or more, aggregated, cascading; control is a question", 3},
		{with(func(r *offshelf.Reach) { r.NotSelf = true }), "50% or more, aggregated, cascading; control does not count; not the listed party itself", 4},
		{offshelf.Reach{Kind: offshelf.ReachNamed, Owner: true, Maker: true}, "the listed party only", 2},
		{offshelf.Reach{Kind: offshelf.ReachNamed, Maker: true}, "the listed party only; by the maker only", 2},
		{offshelf.Reach{Kind: offshelf.ReachNamed, Owner: true}, "the listed party only; by the brand's holder only", 2},
		{offshelf.Reach{Kind: offshelf.ReachNamed}, "the listed party only; no goods", 2},
	} {
		if got := c.reach.Spoken(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.reach, got, c.want)
		}
		if got := c.reach.Sentences(); len(got) != c.sentences {
			t.Errorf("%+v: %q", c.reach, got)
		}
	}
}
