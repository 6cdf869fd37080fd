package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

func spanOf(t rapid.TB, from, until string) offshelf.Interval {
	t.Helper()
	a, err1 := offshelf.ParseDate(from)
	b, err2 := offshelf.ParseDate(until)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return offshelf.Interval{From: a, Until: b}
}

// ruleOn is a regime with a period of every kind.
func ruleOn(t rapid.TB) screen.RegimeOn {
	source := offshelf.Source{ID: "s", Title: "An act on widgets", Publisher: "Parliament of Erewhon", URL: "https://example.org/act", Grade: offshelf.GradeOfficial}
	period := func(from, until, state, holds string, basis offshelf.Basis, forbids ...string) screen.PeriodOn {
		return screen.PeriodOn{Period: offshelf.Period{Interval: spanOf(t, from, until), State: state, Basis: basis, Forbids: forbids}, Holds: holds, Sources: []offshelf.Source{source}}
	}
	r := screen.RegimeOn{
		ID: "house-entity-list-reach", Title: "Widget rule", Authority: "Parliament of Erewhon", Policy: "ours", Standing: screen.InForce, Basis: offshelf.Choice, Forbids: []string{"sale"},
		Reach: "50% or more, aggregated, cascading; control counts", ReachFull: []string{"From a listed party on.", "Goods are reached through who makes them."},
		Goods: []string{"Widgets", "Parts of widgets"}, Lists: []screen.ListOn{{ID: "erewhon", Listings: 1200, Unsure: 3}, {ID: "concern", Listings: 1}},
		Periods: []screen.PeriodOn{
			period("", "2019", "in-force", "no", offshelf.Choice, "none"),
			period("2019", "2022-01-01", "in-force", "yes", offshelf.Choice, "sale"),
			period("2022-01-01", "2023-01-01", "suspended", "no", offshelf.Choice, "none"),
			period("2023-01-01", "", "scheduled", "maybe", offshelf.Law, "sale", "import"),
		},
		Note: "A note on the rule.", Sources: []offshelf.Source{source},
	}
	r.Periods[1].Note = "What the rule says in this period."
	r.Periods[3].Reach = "the listed party only"
	return r
}

// explained are findings of a saved stream, one of each verdict.
func explained(t *testing.T) []*Explanation {
	t.Helper()
	k := &keeper{}
	if err := Read(bytes.NewReader(streams(t)["since_listed"]), k); err != nil {
		t.Fatal(err)
	}
	var out []*Explanation
	e := &Explanation{}
	for _, m := range k.all {
		switch {
		case m.Config != nil:
			e.Config = m.Config
		case m.Product != nil:
			e.Attributions = m.Product.Attributions
		case m.Finding != nil && !slices.ContainsFunc(out, func(o *Explanation) bool { return o.Finding.Verdict == m.Finding.Verdict }):
			x := *e
			x.Finding = *m.Finding
			out = append(out, &x)
		}
	}
	if len(out) != 2 {
		t.Fatalf("%d findings", len(out))
	}
	rule := ruleOn(t)
	out[0].Regime = &rule
	out[1].Unknown = "The finding was made with another state of the knowledge."
	return out
}

func TestExplainGolden(t *testing.T) {
	for _, e := range explained(t) {
		var b bytes.Buffer
		if err := Explain(&b, e, Options{}); err != nil {
			t.Fatal(err)
		}
		golden(t, "explain_"+string(e.Finding.Verdict)+".text", b.Bytes())
	}
}

func TestRegimesGolden(t *testing.T) {
	r := ruleOn(t)
	later := r
	later.ID, later.Policy, later.Standing, later.Own, later.Unsure = "later", "", screen.Scheduled, true, true
	never := screen.RegimeOn{ID: "never", Title: "A rule to come", Standing: screen.NotYet, Periods: r.Periods[3:], Lists: r.Lists[:1], Reach: "no goods"}
	over := screen.RegimeOn{ID: "over", Title: "A rule that was", Standing: screen.Ended, Lists: r.Lists[:1], Reach: "no goods"}
	head := RegimesHead{Day: spanOf(t, "2021-10-25", "").From.Earliest(), Knowledge: "2021-10-01", Snapshot: strings.Repeat("ab", 32), Policy: "ours"}
	var list, one bytes.Buffer
	if err := Regimes(&list, head, []screen.RegimeOn{r, later, never, over}, Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "regimes.text", list.Bytes())
	if err := Regime(&one, head, &r, []Settle{{Period: 3, How: "Write this line.", YAML: "regimes:\n  - id: x\n    state: in-force\n"}}, Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "regime.text", one.Bytes())
}

// whatif compares the products of a saved stream with what is left of their
// findings where a listing ends.
func whatif(t *testing.T, format string, gone func(*offshelf.Finding) bool, back bool) []byte {
	t.Helper()
	k := &keeper{}
	if err := Read(bytes.NewReader(streams(t)["since_listed"]), k); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	x, err := NewWhatif(format, &b, &WhatifHead{
		Suppose: []string{"a listing ends on 2021-10-25", "another is made"}, On: "2021-10-25", AsOf: "2021-10-25", Tool: "test", Knowledge: "2021-10-01",
		Snapshot: strings.Repeat("ab", 32), Supposed: strings.Repeat("cd", 32), Policy: "ours", Notes: []string{"one of them is so already"},
	}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var findings []offshelf.Finding
	flush := func() {
		if len(findings) == 0 {
			return
		}
		after := slices.DeleteFunc(slices.Clone(findings), func(f offshelf.Finding) bool { return gone(&f) })
		before := findings
		if back {
			before, after = after, before
		}
		if err := x.Product(&findings[0].Product, before, after); err != nil {
			t.Fatal(err)
		}
		findings = nil
	}
	for _, m := range k.all {
		switch {
		case m.Product != nil:
			flush()
		case m.Finding != nil:
			findings = append(findings, *m.Finding)
		case m.Summary != nil:
			flush()
			if err := x.Close(m.Summary); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.Bytes()
}

func TestWhatifGolden(t *testing.T) {
	dahua := func(f *offshelf.Finding) bool { return f.Listing == "us-bis-el/dahua" }
	for _, format := range []string{"text", "json", "csv"} {
		golden(t, "whatif_ends."+format, whatif(t, format, dahua, false))
	}
	golden(t, "whatif_listed.text", whatif(t, "text", dahua, true))
	golden(t, "whatif_nothing.text", whatif(t, "text", func(*offshelf.Finding) bool { return false }, false))
	if _, err := NewWhatif("pdf", &bytes.Buffer{}, &WhatifHead{}, Options{}); err == nil {
		t.Error("pdf is a format")
	}
}

// Whatever a catalog or a stream has in its cells, nothing of it reaches the
// terminal as a control.
func TestHostileExplanation(t *testing.T) {
	text := rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 12), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"\x1b[31", "\x1b]0;x\a", "\x9b1m", "\xc2\x9b\xffm", "=1+1", "\u202e", "a\xffb", "a\nb", "\r", "\x00"}),
	)
	rapid.Check(t, func(r *rapid.T) {
		s := func() string { return text.Draw(r, "text") }
		f := offshelf.Finding{
			Fingerprint: s(), Product: offshelf.Product{ID: s(), Title: s(), Brand: s(), URL: s(), File: s()}, Brand: s(), Maker: s(), Regime: s(), RegimeTitle: s(), Listing: s(), Listed: s(),
			State: s(), Forbids: []string{s()}, Why: s(), Snapshot: s(), Reasons: []offshelf.Reason{{Text: s()}},
			Chains: []offshelf.Chain{{Open: s(), Hops: []offshelf.Hop{{Kind: s(), From: s(), To: s(), Share: s(), Note: s(), Sources: []offshelf.Source{{Title: s(), Publisher: s(), URL: s()}}}}}},
		}
		rule := screen.RegimeOn{ID: s(), Title: s(), Authority: s(), Reach: s(), ReachFull: []string{s()}, Goods: []string{s()}, Lists: []screen.ListOn{{ID: s()}}, Note: s(), Policy: s(), Standing: screen.Standing(s())}
		rule.Periods = []screen.PeriodOn{{Period: offshelf.Period{State: s(), Note: s(), Forbids: []string{s()}}, Holds: "yes", Reach: s()}}
		var b bytes.Buffer
		err := Explain(&b, &Explanation{Config: &offshelf.Config{AsOf: s(), Policy: s(), Knowledge: s()}, Finding: f, Regime: &rule, Attributions: []offshelf.Attribution{{Brand: s(), Relation: offshelf.Relation(s())}}}, Options{})
		if err != nil {
			r.Fatal(err)
		}
		if err := Regime(&b, RegimesHead{Knowledge: s(), Policy: s()}, &rule, []Settle{{How: s(), YAML: s()}}, Options{}); err != nil {
			r.Fatal(err)
		}
		for _, format := range []string{"text", "csv"} {
			x, err := NewWhatif(format, &b, &WhatifHead{Suppose: []string{s()}, Notes: []string{s()}}, Options{})
			if err != nil {
				r.Fatal(err)
			}
			if err := x.Product(&f.Product, nil, []offshelf.Finding{f}); err != nil {
				r.Fatal(err)
			}
			if err := x.Close(&offshelf.Summary{Problems: []offshelf.Problem{{Text: s(), File: s()}}}); err != nil {
				r.Fatal(err)
			}
		}
		if bad := controls.Find(b.Bytes()); bad != nil {
			r.Errorf("control character %q in\n%s", bad, b.String())
		}
	})
}
