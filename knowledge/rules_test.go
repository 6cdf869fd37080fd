package knowledge_test

import (
	"math"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

func date(t *testing.T, s string) offshelf.Date {
	t.Helper()
	d, err := offshelf.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCheckRegime(t *testing.T) {
	good := func() offshelf.Regime {
		return offshelf.Regime{
			ID: "r", Title: "A rule", Lists: []string{"l"},
			Reach:   offshelf.Reach{Kind: offshelf.ReachOwned, Threshold: 5000, Control: "ask", Owner: true},
			Periods: []offshelf.Period{{State: "in-force", Basis: offshelf.Law, Forbids: []string{"sale"}}},
		}
	}
	if err := knowledge.CheckRegime(good()); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		spoil func(*offshelf.Regime)
		want  string
	}{
		{func(r *offshelf.Regime) { r.Title = "" }, "has no title"},
		{func(r *offshelf.Regime) { r.Lists = nil }, "names no list"},
		{func(r *offshelf.Regime) { r.Reach.Owner = false }, "set owner, maker or both"},
		{func(r *offshelf.Regime) { r.Reach.Kind = "near" }, "use named, owned or goods"},
		{func(r *offshelf.Regime) { r.Reach.Threshold = 10001 }, "basis points run from 0 to 10000"},
		{func(r *offshelf.Regime) { r.Reach.Threshold = -1 }, "basis points run from 0 to 10000"},
		{func(r *offshelf.Regime) { r.Reach.Control = "maybe" }, "use ignore, reach or ask"},
		{func(r *offshelf.Regime) { r.Periods = nil }, "has no period"},
		{func(r *offshelf.Regime) { r.Periods[0].State = "asleep" }, "use in-force, suspended or scheduled"},
		{func(r *offshelf.Regime) { r.Periods[0].Basis = "habit" }, "use law or policy"},
		{func(r *offshelf.Regime) { r.Periods[0].Forbids = []string{"fun"} }, "use one of"},
		{func(r *offshelf.Regime) { r.Reach.Kind = offshelf.ReachGoods }, "goods reach by their class alone"},
		{func(r *offshelf.Regime) { r.Periods[0].Spares = &offshelf.Spares{} }, "spares nothing"},
		{func(r *offshelf.Regime) {
			r.Periods[0].Spares = &offshelf.Spares{AuthorisedBefore: []string{"2023"}}
		}, "use a day, YYYY-MM-DD, or entry"},
		{func(r *offshelf.Regime) {
			r.Periods[0].Spares = &offshelf.Spares{AuthorisedBefore: []string{"entry"}, Unstated: "guess"}
		}, "use ask or spared"},
		{func(r *offshelf.Regime) {
			r.Periods[0].From, r.Periods[0].Until = date(t, "2021"), date(t, "2020")
		}, "ends (2020) before it starts (2021)"},
	} {
		r := good()
		x.spoil(&r)
		if err := knowledge.CheckRegime(r); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("CheckRegime = %v, want %q", err, x.want)
		}
	}
}

func TestCheckPolicy(t *testing.T) {
	k := &offshelf.Knowledge{Regimes: []offshelf.Regime{{ID: "us-bis-el"}}, Brands: []offshelf.Brand{{ID: "lorex"}}}
	good := func() offshelf.Policy {
		return offshelf.Policy{ID: "p", Title: "Ours", Otherwise: offshelf.Note, Rules: []offshelf.PolicyRule{
			{Regimes: []string{"us-bis-el"}, Brands: []string{"lorex"}, Forbids: []string{"export"}, Basis: offshelf.Law, Probability: 0.9, Action: offshelf.Pull},
		}}
	}
	if errs := knowledge.CheckPolicy(good(), k); len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, x := range []struct {
		spoil func(*offshelf.Policy)
		want  string
	}{
		{func(p *offshelf.Policy) { p.Title = "" }, "has no title"},
		{func(p *offshelf.Policy) { p.Otherwise = offshelf.NoAction }, "otherwise: say what happens"},
		{func(p *offshelf.Policy) { p.Rules[0].Action = offshelf.NoAction }, "rule 1: has no action"},
		{func(p *offshelf.Policy) { p.Rules[0].Regimes = []string{"us-bis"} }, `rule 1: unknown regime "us-bis" (did you mean "us-bis-el"?)`},
		{func(p *offshelf.Policy) { p.Rules[0].Brands = []string{"lorx"} }, `rule 1: unknown brand "lorx" (did you mean "lorex"?)`},
		{func(p *offshelf.Policy) { p.Rules[0].Forbids = []string{"fun"} }, `rule 1: forbids "fun"`},
		{func(p *offshelf.Policy) { p.Rules[0].Basis = "habit" }, `rule 1: basis "habit": use law or policy`},
		{func(p *offshelf.Policy) { p.Rules[0].Verdict = "sure" }, `rule 1: verdict "sure": use reached or possible`},
		{func(p *offshelf.Policy) { p.Rules[0].Probability = 90 }, "rule 1: probability runs from 0 to 1"},
		{func(p *offshelf.Policy) { p.Rules[0].Probability = math.NaN() }, "rule 1: probability runs from 0 to 1"},
		{func(p *offshelf.Policy) { p.Regimes = []offshelf.Regime{{ID: "mine"}} }, "house regime mine: has no title"},
		{func(p *offshelf.Policy) { p.Rules[0].When = `finding.verdct == "reached"` }, `rule 1: when, line 1, column 8: unknown field "verdct" (did you mean "verdict"?)`},
		{func(p *offshelf.Policy) { p.Rules[0].When = "true\n&& finding.brand_id == 'lorx'" }, `rule 1: when, line 2, column 24: "lorx" is no brand id: use lorex (did you mean "lorex"?)`},
		{func(p *offshelf.Policy) { p.Rules[0].When = "finding.brand" }, "rule 1: when, line 1, column 1: gives string, not true or false"},
	} {
		p := good()
		x.spoil(&p)
		errs := knowledge.CheckPolicy(p, k)
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), x.want) {
			t.Errorf("CheckPolicy = %v, want one error with %q", errs, x.want)
		}
	}
}

func TestCheckPattern(t *testing.T) {
	for _, x := range []struct {
		kind          offshelf.TellKind
		pattern, want string
	}{
		{offshelf.TellModel, `^DS-2CD\d{4}`, ""},
		{offshelf.TellModel, `DS-2CD`, "starts with ^"},
		{offshelf.TellModel, `^DS-(2CD`, "missing closing )"},
		{offshelf.TellFCC, "2AB3X", ""},
		{offshelf.TellFCC, "SVN", ""},
		{offshelf.TellFCC, "2AB", "3 characters, or 5"},
		{offshelf.TellFCC, "svn", "3 characters, or 5"},
		{offshelf.TellMAC, "001222 BCAD28A 0123456AB", ""},
		{offshelf.TellMAC, "00:12:22", "upper-case hexadecimal"},
		{offshelf.TellMAC, "", "no prefix"},
		{offshelf.TellApp, "Hik-Connect", ""},
		{offshelf.TellApp, "app", "shorter than 4"},
		{offshelf.TellMark, "--..--", "shorter than 4"},
		{"smell", "burnt", "use model, fcc, mac, app or mark"},
	} {
		err := knowledge.CheckPattern(offshelf.Tell{Kind: x.kind, Pattern: x.pattern})
		switch {
		case x.want == "" && err != nil:
			t.Errorf("%s %q: %v", x.kind, x.pattern, err)
		case x.want != "" && (err == nil || !strings.Contains(err.Error(), x.want)):
			t.Errorf("%s %q: %v, want %q", x.kind, x.pattern, err, x.want)
		}
	}
}

func TestParsePolicy(t *testing.T) {
	p, err := knowledge.ParsePolicy("mine.yaml", []byte(`
title: Ours
regimes:
  - id: house
    title: House rule
    lists: [us-bis-el]
    reach: {kind: named, owner: true}
    periods:
      - {state: in-force, forbids: [sale], basis: policy}
rules:
  - regimes: [house]
    action: pull
otherwise: note
`))
	if err != nil {
		t.Fatal(err)
	}
	if p.ID != "mine.yaml" || p.Otherwise != offshelf.Note || len(p.Rules) != 1 || p.Rules[0].Action != offshelf.Pull || !p.Regimes[0].House {
		t.Errorf("ParsePolicy = %+v", p)
	}
	facts := "sources: []\npolicies:\n  - {id: x, title: y, otherwise: note}\n"
	if p, err := knowledge.ParsePolicy("p.yaml", []byte(facts)); err != nil || p.ID != "x" {
		t.Errorf("ParsePolicy of facts = %+v, %v", p, err)
	}
	for data, want := range map[string]string{
		"":                                     "p.yaml: holds no policy: start from a shipped policy",
		"# none\n":                             "p.yaml: holds no policy",
		"- a\n":                                "p.yaml: holds no policy",
		"title: a\n---\ntitle: b\n":            "more than one document",
		"title: ours\n":                        "p.yaml: has no rules and no otherwise: start from a shipped policy",
		"policies: []\n":                       "holds 0 policies: keep one a file",
		"policies:\n  - id: a\n  - id: b\n":    "holds 2 policies: keep one a file",
		"title: a\nrules:\n  - action: pul\n":  `p.yaml:3:13: unknown action "pul": use pull, hold, review or note`,
		"title: a\nrules:\n  - actoin: pull\n": `p.yaml:3:5: unknown field "actoin" (did you mean "action"?)`,
		"title: a\nrules: pull\n":              "p.yaml:2:8: text stands where a list belongs",
		"title: a\nrules:\n  - {probability: high}\n":  "p.yaml:3:19: text stands where a number belongs",
		"title: a\ntitle: b\n":                         "p.yaml:2:1:",
		"title: \"a\n":                                 "p.yaml:1:8:",
		"title: a\n\trules: []\n":                      "p.yaml:2:1: a tab: indent with spaces",
		"title: a\x00b\n":                              "p.yaml:1:9: a NUL byte",
		"title: caf\xe9\n":                             "p.yaml:1:11: byte 0xe9 is not UTF-8",
		"title: &a x\notherwise: *a\n":                 "p.yaml:1:8: YAML anchors and aliases",
		"title: a\nrules: " + strings.Repeat("[", 999): "nested more than 64 deep",
	} {
		if p, err := knowledge.ParsePolicy("p.yaml", []byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePolicy(%.60q) = %v, %v\nwant %q", data, p, err, want)
		}
	}
}

// TestBOM: Windows editors write one.
func TestBOM(t *testing.T) {
	p, err := knowledge.ParsePolicy("p.yaml", []byte("\ufefftitle: Ours\notherwise: note\n"))
	if err != nil || p.Title != "Ours" {
		t.Errorf("a policy with a byte order mark = %+v, %v", p, err)
	}
}
