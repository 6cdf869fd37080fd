package reach

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

// drawDoubtful draws a world with facts of every kind of doubt: weak grades,
// ranges, unknown shares, control, state bodies, listings that a court holds
// up, several facts on one stake, and dates known to the day, the month, the
// year or on one side only.
func drawDoubtful(t *rapid.T) *offshelf.Knowledge {
	k := &offshelf.Knowledge{}
	n := rapid.IntRange(2, 6).Draw(t, "parties")
	for i := range n {
		id := string(rune('A' + i))
		p := offshelf.Party{ID: id, Name: id}
		if rapid.IntRange(0, 4).Draw(t, "state") == 0 {
			p.Kind = "state"
		}
		k.Parties = append(k.Parties, p)
	}
	id := func(label string) string { return k.Parties[rapid.IntRange(0, n-1).Draw(t, label)].ID }
	date := func(label string) offshelf.Date {
		day := offshelf.Day(rapid.IntRange(-3, 58).Draw(t, label)).String()
		text := rapid.SampledFrom([]string{"", day, day, day, day, day[:7], day[:4], ".." + day, day + "~", day[:7] + "?"}).Draw(t, label+" known as")
		d, err := offshelf.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	span := func() offshelf.Interval { return offshelf.Interval{From: date("from"), Until: date("until")} }
	grade := func() offshelf.Grade {
		return rapid.SampledFrom([]offshelf.Grade{offshelf.GradeFiling, offshelf.GradeFiling, offshelf.GradeClaim}).Draw(t, "grade")
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "listings") {
		l := offshelf.Listing{ID: fmt.Sprint(i), Party: id("listed"), List: "list", Name: "L", Interval: span()}
		l.Grade = grade()
		l.Status = rapid.SampledFrom([]string{"", "", "", "modified", "inactive", "pending-litigation"}).Draw(t, "status")
		k.Listings = append(k.Listings, l)
	}
	for range rapid.IntRange(1, 12).Draw(t, "stakes") {
		s := offshelf.Stake{Holder: id("holder"), Held: id("held"), Interval: span()}
		if a := rapid.SampledFrom([]int32{-1, 500, 1000, 1001, 2500, 3000, 5000, 5001, 10000}).Draw(t, "share"); a >= 0 {
			s.Share = offshelf.Share{Min: a, Max: min(10000, a+rapid.SampledFrom([]int32{0, 0, 0, 2500}).Draw(t, "range")), Known: true}
		}
		s.Grade, s.Control = grade(), rapid.IntRange(0, 5).Draw(t, "control") == 0
		k.Stakes = append(k.Stakes, s)
	}
	return k
}

// drawPeriods gives the rule up to three periods, some of them suspended or
// scheduled, some with a reach of their own.
func drawPeriods(t *rapid.T, r *offshelf.Regime) {
	r.Periods = nil
	from := offshelf.Interval{}.From
	for range rapid.IntRange(1, 3).Draw(t, "periods") {
		p := offshelf.Period{State: rapid.SampledFrom([]string{"in-force", "in-force", "suspended", "scheduled"}).Draw(t, "state")}
		p.From = from
		if rapid.Bool().Draw(t, "other reach") && r.Reach.Kind == offshelf.ReachOwned {
			far := r.Reach
			far.Threshold, far.Over = 3000, !far.Over
			p.Reach = &far
		}
		day := offshelf.Day(rapid.IntRange(-3, 58).Draw(t, "until"))
		until, err := offshelf.ParseDate(day.String()[:rapid.SampledFrom([]int{10, 7}).Draw(t, "precision")])
		if err != nil {
			t.Fatal(err)
		}
		p.Until, from = until, until
		r.Periods = append(r.Periods, p)
	}
	r.Periods[len(r.Periods)-1].Until = offshelf.Date{}
}

// What a timeline says of a day is what the rule says on that day.
func TestTimelineIsEachDay(t *testing.T) {
	eachRule(t, func(t *rapid.T, r offshelf.Regime) {
		k := drawDoubtful(t)
		drawPeriods(t, &r)
		w := Compile(k)
		line := w.Timeline(&r)
		for day := offshelf.Day(-40); day < 100; day++ {
			period, far, truth := r.On(day)
			var view *View
			if period != nil {
				then := r
				then.Reach = far
				view = w.At(&then, day)
				if period.State == "scheduled" {
					truth = offshelf.Maybe
				}
			}
			for _, p := range k.Parties {
				want := offshelf.False
				if view != nil {
					want = min(truth, view.Truth(p.ID))
					if got := surest(view.From(p.ID)); got != view.Truth(p.ID) {
						t.Fatalf("%s on day %d: the surest way is %v, the answer %v\n%s", p.ID, day, got, view.Truth(p.ID), facts(k))
					}
				}
				if got := on(line.Of(p.ID), day); got.Truth != want || want > offshelf.False && got.Period != period {
					t.Fatalf("%s on day %d: the timeline says %v, the day %v\n%s%v", p.ID, day, got, want, facts(k), line.Of(p.ID))
				}
			}
		}
	})
}

func surest(paths []Path) offshelf.Truth {
	t := offshelf.False
	for _, p := range paths {
		t = max(t, p.Truth)
	}
	return t
}

func on(stretches []Stretch, day offshelf.Day) Stretch {
	for _, s := range stretches {
		if s.From <= day && day < s.Until {
			return s
		}
	}
	return Stretch{}
}

func facts(k *offshelf.Knowledge) string {
	out := ""
	for _, p := range k.Parties {
		if p.Kind != "" {
			out += fmt.Sprintf("%s is a %s\n", p.ID, p.Kind)
		}
	}
	for _, l := range k.Listings {
		out += fmt.Sprintf("%s listed %s [%s] %s\n", l.Party, l.Interval, l.Grade, l.Status)
	}
	for _, s := range k.Stakes {
		out += fmt.Sprintf("%s holds %s of %s, control %v %s [%s]\n", s.Holder, s.Share, s.Held, s.Control, s.Interval, s.Grade)
	}
	return out
}
