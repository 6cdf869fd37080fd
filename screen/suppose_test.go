package screen_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// supposed screens a product as it is and with what is supposed.
func supposed(t *testing.T, v *invented, on string, x screen.Supposition, p offshelf.Product) (before, after []offshelf.Finding, notes []string) {
	t.Helper()
	x.On = day(t, on)
	s, err := screen.Compile(v.k, "sum")
	if err != nil {
		t.Fatal(err)
	}
	then, notes, err := s.Suppose(x)
	if err != nil {
		t.Fatal(err)
	}
	if then.Sum() == s.Sum() {
		t.Error("the sum does not name what is supposed")
	}
	policy := offshelf.Policy{ID: "note", Title: "Note", Otherwise: offshelf.Note, Regimes: []offshelf.Regime{v.rule}}
	for i, snapshot := range []*screen.Snapshot{s, then} {
		sc, err := screen.New(snapshot, policy, screen.AsOf(x.On))
		if err != nil {
			t.Fatal(err)
		}
		fs, err := sc.Screen(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if fs = through(fs, v.rule.ID); i == 0 {
			before = fs
		} else {
			after = fs
		}
	}
	return before, after, notes
}

func TestSuppose(t *testing.T) {
	camera := offshelf.Product{ID: "1", Brand: "Zorblax", Title: "Zorblax 4K Security Camera", Category: "Security Cameras"}
	half := offshelf.Share{Min: 5000, Max: 5000, Known: true}
	for _, c := range []struct {
		name          string
		set           func(*invented)
		suppose       screen.Supposition
		before, after offshelf.Verdict
		effect        screen.Effect
		note          string
	}{
		{"a listing that ends", func(v *invented) { v.hold("zorb", span(t, "2015", ""), official) },
			screen.Supposition{Delist: []string{"zorb-listing"}}, offshelf.Reached, "", screen.NoLongerReached, ""},
		{"a party that is listed", func(v *invented) { v.hold("zorblax", span(t, "2015", ""), official) },
			screen.Supposition{List: []screen.SupposedListing{{Party: "zorblax", List: "zorb-list"}}}, "", offshelf.Reached, screen.NewlyReached, ""},
		{"a party that is listed already", func(v *invented) { v.hold("zorb", span(t, "2015", ""), official) },
			screen.Supposition{List: []screen.SupposedListing{{Party: "zorb", List: "zorb-list"}}}, offshelf.Reached, offshelf.Reached, "", "already"},
		{"a stake that is bought", func(v *invented) { v.hold("zorblax", span(t, "2015", ""), official) },
			screen.Supposition{Sell: []screen.SupposedStake{{Holder: "zorb", Held: "zorblax", Share: half}}}, "", offshelf.Reached, screen.NewlyReached, ""},
		{"a stake that is sold", func(v *invented) {
			v.hold("zorblax", span(t, "2015", ""), official)
			v.k.Stakes = append(v.k.Stakes, offshelf.Stake{Holder: "zorb", Held: "zorblax", Share: half, Interval: span(t, "2018", ""), Evidence: official})
		}, screen.Supposition{Sell: []screen.SupposedStake{{Holder: "zorb", Held: "zorblax"}}}, offshelf.Reached, "", screen.NoLongerReached, ""},
		{"a stake that shrinks", func(v *invented) {
			v.hold("zorblax", span(t, "2015", ""), official)
			v.k.Stakes = append(v.k.Stakes, offshelf.Stake{Holder: "zorb", Held: "zorblax", Share: half, Control: true, Interval: span(t, "2018", ""), Evidence: official})
		}, screen.Supposition{Sell: []screen.SupposedStake{{Holder: "zorb", Held: "zorblax", Share: offshelf.Share{Min: 4999, Max: 4999, Known: true}}}}, offshelf.Reached, "", screen.NoLongerReached, ""},
		{"a stake that would only begin", func(v *invented) {
			v.hold("zorblax", span(t, "2015", ""), official)
			v.k.Stakes = append(v.k.Stakes,
				offshelf.Stake{Holder: "zorb", Held: "zorblax", Share: half, Interval: span(t, "2018", "2021-01-01"), Evidence: official},
				offshelf.Stake{Holder: "zorb", Held: "zorblax", Share: half, Interval: span(t, "2030", ""), Evidence: official})
		}, screen.Supposition{Sell: []screen.SupposedStake{{Holder: "zorb", Held: "zorblax", Share: half}}}, "", offshelf.Reached, screen.NewlyReached, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := invent(t)
			c.set(v)
			stakes, listings := slices.Clone(v.k.Stakes), slices.Clone(v.k.Listings)
			if len(c.suppose.Delist) > 0 {
				c.suppose.Delist = []string{v.k.Listings[len(v.k.Listings)-1].ID}
			}
			for i := range c.suppose.List {
				c.suppose.List[i].List = v.rule.Lists[0]
			}
			before, after, notes := supposed(t, v, "2021-06-01", c.suppose, camera)
			verdict := func(fs []offshelf.Finding) offshelf.Verdict {
				if len(fs) == 0 {
					return ""
				}
				return fs[0].Verdict
			}
			if verdict(before) != c.before || verdict(after) != c.after {
				t.Errorf("%q before, %q after; want %q, %q", verdict(before), verdict(after), c.before, c.after)
			}
			changes := screen.CompareFindings(before, after)
			if (len(changes) > 0) != (c.effect != "") || len(changes) > 0 && changes[0].Effect != c.effect {
				t.Errorf("changes %+v, want %s", changes, c.effect)
			}
			if c.note == "" && len(notes) > 0 || c.note != "" && (len(notes) == 0 || !strings.Contains(notes[0], c.note)) {
				t.Errorf("notes %q", notes)
			}
			// A supposed fact is told as one.
			if c.effect == screen.NewlyReached && !slices.ContainsFunc(changes[0].Chains[0].Hops, func(h offshelf.Hop) bool {
				return h.Layer == offshelf.LayerHypothetical && h.LayerMark() == "hypothetical"
			}) {
				t.Errorf("no hop is hypothetical: %+v", changes[0].Chains[0].Hops)
			}
			// The knowledge stays as it is.
			dates := cmp.Comparer(func(a, b offshelf.Date) bool { return a == b })
			if d := cmp.Diff(stakes, v.k.Stakes, dates) + cmp.Diff(listings, v.k.Listings, dates); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSupposeRefuses(t *testing.T) {
	v := invent(t)
	s, err := screen.Compile(v.k, "sum")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		x    screen.Supposition
		want string
	}{
		{screen.Supposition{List: []screen.SupposedListing{{Party: "nobody", List: "us-bis-el"}}}, `no party has the id "nobody"`},
		{screen.Supposition{Delist: []string{"nothing"}}, `no listing has the id "nothing"`},
		{screen.Supposition{Sell: []screen.SupposedStake{{Holder: "nobody", Held: "zorb"}}}, `no party has the id "nobody"`},
		{screen.Supposition{Sell: []screen.SupposedStake{{Holder: "zorb", Held: "nobody"}}}, `no party has the id "nobody"`},
		{screen.Supposition{Sell: []screen.SupposedStake{{Holder: "zorb", Held: "zorblax"}}}, "no holder of it is known on this day"},
		{screen.Supposition{Sell: []screen.SupposedStake{{Holder: "zorb", Held: "zorb"}}}, "cannot hold itself"},
	} {
		if _, _, err := s.Suppose(c.x); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.x, err, c.want)
		}
	}
}

// Screeners of different facts attribute differently and cannot be run as one.
func TestCompareNeedsOneMatcher(t *testing.T) {
	var both [2]*screen.Screener
	for i := range both {
		s, err := screen.Embedded()
		if err != nil {
			t.Fatal(err)
		}
		policy, _ := s.Policy("default")
		if both[i], err = screen.New(s, policy); err != nil {
			t.Fatal(err)
		}
	}
	_, err := both[0].Catalogs(t.Context(), nil, screen.Run{Beside: both[1], Emit: func(*offshelf.Message) error { return nil }})
	if err == nil || !strings.Contains(err.Error(), "attribute products differently") {
		t.Error(err)
	}
}

// Nothing changes between a set of findings and itself; what is added one way
// is gone the other.
func TestCompareFindingsHolds(t *testing.T) {
	findings := rapid.Custom(func(r *rapid.T) []offshelf.Finding {
		var out []offshelf.Finding
		for _, regime := range []string{"a", "b"} {
			for _, listing := range []string{"x", "y"} {
				if v := rapid.SampledFrom([]offshelf.Verdict{"", offshelf.Possible, offshelf.Reached}).Draw(r, "verdict"); v != "" {
					out = append(out, offshelf.Finding{Regime: regime, Listing: listing, Verdict: v, Action: offshelf.Action(rapid.IntRange(0, 4).Draw(r, "action"))})
				}
			}
		}
		return out
	})
	opposite := map[screen.Effect]screen.Effect{
		screen.NewlyReached: screen.NoLongerReached, screen.NoLongerReached: screen.NewlyReached, screen.NowReached: screen.NowPossible, screen.NowPossible: screen.NowReached,
		screen.NewlyPossible: screen.NoLongerPossible, screen.NoLongerPossible: screen.NewlyPossible, screen.SameVerdict: screen.SameVerdict,
	}
	rapid.Check(t, func(r *rapid.T) {
		before, after := findings.Draw(r, "before"), findings.Draw(r, "after")
		if c := screen.CompareFindings(before, before); len(c) > 0 {
			r.Fatalf("changes to itself: %+v", c)
		}
		there, back := screen.CompareFindings(before, after), screen.CompareFindings(after, before)
		if len(there) != len(back) {
			r.Fatalf("%d changes there, %d back", len(there), len(back))
		}
		for _, c := range there {
			i := slices.IndexFunc(back, func(o screen.EffectChange) bool { return o.Regime == c.Regime && o.Listing == c.Listing })
			if i < 0 || back[i].Effect != opposite[c.Effect] || !slices.Contains(screen.Effects, c.Effect) {
				r.Fatalf("%+v there, %+v back", c, back)
			}
		}
	})
}
