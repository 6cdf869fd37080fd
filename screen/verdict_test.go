package screen_test

import (
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// invented adds to the knowledge a listed maker, Zorb, and a brand, Zorblax,
// and lets the test say how the two belong together.
type invented struct {
	k     *offshelf.Knowledge
	brand *offshelf.Brand
	rule  offshelf.Regime
}

func invent(t *testing.T) *invented {
	t.Helper()
	k, _, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	k.Parties = append(k.Parties, offshelf.Party{ID: "zorb", Name: "Zorb Ltd."}, offshelf.Party{ID: "zorblax", Name: "Zorblax Inc."})
	k.Listings = append(k.Listings, offshelf.Listing{
		ID: "test/zorb", Party: "zorb", List: "test", Name: "Zorb", Interval: span(t, "2020-01-01", ""), Evidence: official,
	})
	k.Brands = append(k.Brands, offshelf.Brand{ID: "zorblax-brand", Name: "Zorblax", Goods: []string{"surveillance"}})
	return &invented{k: k, brand: &k.Brands[len(k.Brands)-1], rule: offshelf.Regime{
		ID: "test-rule", Title: "Test", Lists: []string{"test"}, House: true,
		Reach:   offshelf.Reach{Kind: offshelf.ReachOwned, Threshold: 5000, Owner: true, Maker: true},
		Periods: []offshelf.Period{{State: "in-force", Basis: offshelf.Choice}},
	}}
}

var official = offshelf.Evidence{Grade: offshelf.GradeOfficial}

func span(t *testing.T, from, until string) offshelf.Interval {
	t.Helper()
	a, err1 := offshelf.ParseDate(from)
	b, err2 := offshelf.ParseDate(until)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return offshelf.Interval{From: a, Until: b}
}

func (v *invented) hold(party string, iv offshelf.Interval, e offshelf.Evidence) {
	v.brand.Holders = append(v.brand.Holders, offshelf.Holder{Party: party, Interval: iv, Evidence: e})
}

func (v *invented) make(m offshelf.Make) {
	m.Maker, m.Brand = "zorb", "zorblax-brand"
	if m.Grade == offshelf.GradeUnset {
		m.Grade = offshelf.GradeOfficial
	}
	v.k.Makes = append(v.k.Makes, m)
}

func (v *invented) screen(t *testing.T, on string, p offshelf.Product) []offshelf.Finding {
	t.Helper()
	s, err := screen.Compile(v.k, "sum")
	if err != nil {
		t.Fatal(err)
	}
	policy := offshelf.Policy{ID: "test", Title: "Test", Otherwise: offshelf.Note, Regimes: []offshelf.Regime{v.rule}}
	sc, err := screen.New(s, policy, screen.AsOf(day(t, on)))
	if err != nil {
		t.Fatal(err)
	}
	return through(findings(t, sc, p), v.rule.ID)
}

func TestVerdicts(t *testing.T) {
	camera := offshelf.Product{ID: "1", Brand: "Zorblax", Title: "Zorblax 4K Security Camera", Category: "Security Cameras"}
	model := camera
	model.Model = "ZX100"
	other := camera
	other.Model = "QQ999"
	vague := offshelf.Product{ID: "1", Brand: "Zorblax", Title: "Zorblax Deluxe"}
	cover := offshelf.Product{ID: "1", Brand: "Zorblax", Title: "Zorblax Silicone Cover", Category: "Covers"}
	drone := offshelf.Product{ID: "1", Brand: "Zorblax", Title: "Zorblax Drone", Category: "Drones"}
	const on = "2021-06-01"
	for _, c := range []struct {
		name    string
		set     func(*invented)
		product offshelf.Product
		verdict offshelf.Verdict // "" is not reached
		open    string           // part of the open question
	}{
		{"held", func(v *invented) { v.hold("zorb", span(t, "2015", ""), official) }, camera, offshelf.Reached, ""},
		{"held before", func(v *invented) { v.hold("zorb", span(t, "2015", "2021-06-01"), official) }, camera, "", ""},
		{"held perhaps on the day", func(v *invented) { v.hold("zorb", span(t, "2021", ""), official) }, camera, offshelf.Possible, "whether Zorb Ltd. held the brand Zorblax on this day"},
		{"held, says a forum", func(v *invented) { v.hold("zorb", span(t, "2015", ""), offshelf.Evidence{Grade: offshelf.GradeHobby}) }, camera, offshelf.Possible, "that Zorb Ltd. holds the brand Zorblax rests on a source of grade hobby"},
		{"held, set aside", func(v *invented) {
			v.hold("zorb", span(t, "2015", ""), official)
			v.brand.Holders[0].Conflict = "wrong"
		}, camera, "", ""},
		{"a rule that asks for makers only", func(v *invented) {
			v.hold("zorb", span(t, "2015", ""), official)
			v.rule.Reach.Owner = false
		}, camera, "", ""},

		{"all made", func(v *invented) { v.make(offshelf.Make{All: true}) }, camera, offshelf.Reached, ""},
		{"all made, in an owners' rule", func(v *invented) {
			v.make(offshelf.Make{All: true})
			v.rule.Reach.Maker = false
		}, camera, "", ""},
		{"some made", func(v *invented) { v.make(offshelf.Make{}) }, camera, offshelf.Possible, "whether this is one of them is not known"},
		{"made until", func(v *invented) { v.make(offshelf.Make{All: true, Interval: span(t, "", "2021-06-01")}) }, camera, "", ""},
		{"made perhaps on the day", func(v *invented) { v.make(offshelf.Make{All: true, Interval: span(t, "2021-06", "")}) }, camera, offshelf.Possible, "whether Zorb Ltd. made goods of Zorblax on this day"},
		{"made, it is claimed", func(v *invented) {
			v.make(offshelf.Make{All: true, Evidence: offshelf.Evidence{Grade: offshelf.GradeClaim}})
		}, camera, offshelf.Possible, "rests on a source of grade claim"},
		{"made, set aside", func(v *invented) { v.make(offshelf.Make{All: true, Conflict: "wrong"}) }, camera, "", ""},
		{"parts", func(v *invented) { v.make(offshelf.Make{All: true, Relation: offshelf.Supplied}) }, camera, offshelf.Possible, "supplies parts"},
		{"firmware", func(v *invented) { v.make(offshelf.Make{All: true, Relation: offshelf.Firmware}) }, camera, offshelf.Possible, "the link to Zorb Ltd. is firmware"},
		{"the model", func(v *invented) { v.make(offshelf.Make{Models: []string{"^zx1"}}) }, model, offshelf.Reached, ""},
		{"another model", func(v *invented) { v.make(offshelf.Make{Models: []string{"^zx1"}}) }, other, "", ""},
		{"no model given", func(v *invented) { v.make(offshelf.Make{Models: []string{"^zx1"}}) }, vague, offshelf.Possible, "give the model number"},
		{"a second make by model", func(v *invented) {
			v.make(offshelf.Make{Models: []string{"^qq"}, Relation: offshelf.Firmware})
			v.make(offshelf.Make{Models: []string{"^zx2", "^zx1"}})
		}, model, offshelf.Reached, ""},
		{"drones only, and this is a camera", func(v *invented) { v.make(offshelf.Make{All: true, Goods: []string{"drone"}}) }, camera, "", ""},

		{"goods in scope", func(v *invented) {
			v.make(offshelf.Make{All: true})
			v.rule.Goods = []string{"surveillance"}
		}, camera, offshelf.Reached, ""},
		{"goods out of scope", func(v *invented) {
			v.make(offshelf.Make{All: true})
			v.rule.Goods = []string{"surveillance"}
		}, drone, "", ""},
		{"an accessory", func(v *invented) {
			v.hold("zorb", span(t, "2015", ""), official)
			v.rule.Goods = []string{"surveillance"}
		}, cover, offshelf.Possible, "whether this accessory is itself equipment"},
		{"goods not told, the brand has one kind", func(v *invented) {
			v.make(offshelf.Make{All: true})
			v.rule.Goods = []string{"surveillance"}
		}, vague, offshelf.Reached, ""},
		{"goods not told, the brand has two kinds", func(v *invented) {
			v.make(offshelf.Make{All: true})
			v.brand.Goods = []string{"surveillance", "drone"}
			v.rule.Goods = []string{"surveillance"}
		}, vague, offshelf.Possible, "(video surveillance"},

		{"a rule from an unknown day of the month", func(v *invented) {
			v.make(offshelf.Make{All: true})
			v.rule.Periods[0].Interval = span(t, "2021-06", "")
		}, camera, offshelf.Possible, "the day on which the rule takes effect is not known exactly"},
		{"a scheduled rule", func(v *invented) {
			v.make(offshelf.Make{All: true})
			v.rule.Periods[0].Interval, v.rule.Periods[0].State = span(t, "2021-06-01", ""), "scheduled"
		}, camera, offshelf.Possible, "the rule was to take effect on 2021-06-01"},
		{"a suspended rule", func(v *invented) {
			v.make(offshelf.Make{All: true})
			v.rule.Periods[0].State = "suspended"
		}, camera, "", ""},
		{"a gap between two periods", func(v *invented) {
			v.make(offshelf.Make{All: true})
			v.rule.Periods = []offshelf.Period{
				{Interval: span(t, "2020-01-01", "2021-06-01"), State: "in-force", Basis: offshelf.Choice},
				{Interval: span(t, "2021-06-02", ""), State: "in-force", Basis: offshelf.Choice},
			}
		}, camera, "", ""},
		{"by half of the holder", func(v *invented) {
			v.hold("zorblax", span(t, "2015", ""), official)
			v.k.Stakes = append(v.k.Stakes, offshelf.Stake{Holder: "zorb", Held: "zorblax", Share: offshelf.Share{Min: 5000, Max: 5000, Known: true}, Evidence: official})
		}, camera, offshelf.Reached, ""},
		{"by an unknown share of the holder", func(v *invented) {
			v.hold("zorblax", span(t, "2015", ""), official)
			v.k.Stakes = append(v.k.Stakes, offshelf.Stake{Holder: "zorb", Held: "zorblax", Evidence: official})
		}, camera, offshelf.Possible, "the share of Zorb Ltd. in Zorblax Inc. is not known; at 50% or more it is reached"},
		{"a line of a brand that is held", func(v *invented) {
			v.k.Brands = append(v.k.Brands, offshelf.Brand{ID: "zorbparent", Name: "Zorbparent", Holders: []offshelf.Holder{{Party: "zorb", Evidence: official}}})
			v.k.Brands[len(v.k.Brands)-2].Parent = "zorbparent"
		}, camera, offshelf.Reached, ""},
		{"the surest of two ways is told", func(v *invented) {
			v.hold("zorb", span(t, "2021", ""), official)
			v.make(offshelf.Make{All: true})
		}, camera, offshelf.Reached, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := invent(t)
			c.set(v)
			fs := v.screen(t, on, c.product)
			if c.verdict == "" {
				if len(fs) > 0 {
					t.Fatalf("reached: %+v", fs)
				}
				return
			}
			if len(fs) != 1 || fs[0].Verdict != c.verdict {
				t.Fatalf("%+v, want %s", fs, c.verdict)
			}
			for _, chain := range fs[0].Chains {
				if chain.Verdict != c.verdict || !strings.Contains(chain.Open, c.open) || (chain.Open == "") != (c.open == "") {
					t.Errorf("%s, open %q, want %s, %q", chain.Verdict, chain.Open, c.verdict, c.open)
				}
			}
		})
	}
}

// Since and until are those of all the ways together, within the rule's period.
func TestSinceOfSeveralWays(t *testing.T) {
	v := invent(t)
	v.hold("zorb", span(t, "2020-06-01", "2022-01-01"), official)
	v.make(offshelf.Make{All: true, Models: []string{"^zx"}, Interval: span(t, "2020-03-01", "2023-01-01")})
	v.hold("zorblax", span(t, "2019-01-01", ""), official)
	v.k.Stakes = append(v.k.Stakes, offshelf.Stake{
		Holder: "zorb", Held: "zorblax", Share: offshelf.Share{Min: 6000, Max: 6000, Known: true}, Interval: span(t, "2020-02-01", "2021-12-01"), Evidence: official,
	})
	p := offshelf.Product{ID: "1", Brand: "Zorblax", Title: "Zorblax 4K Security Camera", Model: "ZX100"}
	f := v.screen(t, "2021-06-01", p)[0]
	if f.Since.String() != "2020-02-01" || f.Until.String() != "2022-01-01" || f.Days != 486 {
		t.Errorf("since %s, until %s, %d days", f.Since, f.Until, f.Days)
	}
	v.rule.Periods[0].Interval = span(t, "2021-01-01", "2021-07-01")
	f = v.screen(t, "2021-06-01", p)[0]
	if f.Since.String() != "2021-01-01" || f.Until.String() != "2021-07-01" || f.Days != 151 {
		t.Errorf("since %s, until %s, %d days", f.Since, f.Until, f.Days)
	}
}

func TestBadModelPattern(t *testing.T) {
	v := invent(t)
	v.make(offshelf.Make{Models: []string{"^ZX("}})
	if _, err := screen.Compile(v.k, "sum"); err == nil || !strings.Contains(err.Error(), "make of zorblax-brand by zorb") {
		t.Errorf("a pattern that cannot be compiled: %v", err)
	}
}
