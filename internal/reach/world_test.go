package reach

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/offshelf/offshelf"
)

// TestWorlds reads the worlds of testdata. A file states rules and facts in
// sentences and asks which parties a rule reaches on a day:
//
//	rules
//	ofac-50: sdn, at least 50%
//	----
//
//	world
//	X listed on sdn from 2014-08-13
//	X holds 50% of A from 2018-02-05 until 2022-11-24 [press]
//	----
//
//	reach rule=ofac-50 on=2021-10-25 party=A
//	----
//	A: reached, since 2018-02-05, until 2022-11-24
//	  A owned 50% by X 2018-02-05/2022-11-24 [press]; X listed 2014-08-13/ [official]
//
// A fact without a grade is official; without a date it always held.
func TestWorlds(t *testing.T) {
	worlds, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(worlds) == 0 {
		t.Fatalf("no worlds: %v", err)
	}
	for _, path := range worlds {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) { readWorld(t, path) })
	}
}

func readWorld(t *testing.T, path string) {
	rules := map[string]offshelf.Regime{}
	facts := &offshelf.Knowledge{}
	datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
		switch d.Cmd {
		case "rules":
			last := ""
			for _, line := range sentences(d.Input) {
				if m := periodForm.FindStringSubmatch(line); m != nil {
					r := rules[last]
					p := offshelf.Period{State: m[1], Interval: offshelf.Interval{From: date(t, m[2]), Until: date(t, m[3])}}
					if m[4] != "" {
						far := readRule(t, "then: list, "+m[4]).Reach
						p.Reach = &far
					}
					r.Periods = append(r.Periods, p)
					rules[last] = r
					continue
				}
				r := readRule(t, line)
				rules[r.ID], last = r, r.ID
			}
			return ""
		case "world":
			facts = world(t, d.Input)
			return ""
		case "reach":
			return answer(t, d, rules, facts)
		case "explain":
			return explained(t, d, rules, facts)
		case "timeline":
			return stretches(t, d, rules, facts)
		}
		t.Fatalf("unknown command %q", d.Cmd)
		return ""
	})
}

func sentences(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

var periodForm = regexp.MustCompile(`^(in-force|suspended|scheduled)(?: from (\S+))?(?: until (\S+))?(?:, (.*))?$`)

var ruleForm = regexp.MustCompile(`^([\w-]+): ([\w+-]+), (named only|(at least|more than) ([\d.]+%))( or control| \(control: ask\))?( \(not the listed party itself\))?( \(person by person\))?( \(and affiliates(?:; state: ask)?\))?$`)

func readRule(t *testing.T, line string) offshelf.Regime {
	m := ruleForm.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("no rule: %s", line)
	}
	r := offshelf.Regime{ID: m[1], Title: m[1], Lists: strings.Split(m[2], "+"), Reach: offshelf.Reach{Kind: offshelf.ReachNamed, NotSelf: m[7] != ""}}
	if m[5] != "" {
		s, err := offshelf.ParseShare(m[5])
		if err != nil {
			t.Fatal(err)
		}
		r.Reach.Kind, r.Reach.Threshold, r.Reach.Over = offshelf.ReachOwned, s.Min, m[4] == "more than"
	}
	if m[8] != "" {
		r.Reach.Aggregate = offshelf.AggregatePerson
	}
	r.Reach.Affiliates = m[9] != ""
	if strings.Contains(m[9], "ask") {
		r.Reach.State = "ask"
	}
	switch m[6] {
	case " or control":
		r.Reach.Control = "reach"
	case " (control: ask)":
		r.Reach.Control = "ask"
	}
	return r
}

var (
	stateForm   = regexp.MustCompile(`^(\S+) is a state body$`)
	listedForm  = regexp.MustCompile(`^(\S+) listed on (\S+)(.*)$`)
	reportForm  = regexp.MustCompile(`^(\S+) reported by (\S+)(?: (in reply))?(.*)$`)
	holdsForm   = regexp.MustCompile(`^(\S+) holds (an unknown share|\S+) of (?:(and controls) )?(\S+)(.*)$`)
	controlForm = regexp.MustCompile(`^(\S+) controls (\S+)(.*)$`)
	sourceForm  = regexp.MustCompile(`^source (\S+)(?: of (\S+))?$`)
	tailForm    = regexp.MustCompile(`^(?: from (\S+))?(?: until (\S+))?(?: on (\S+))?(?: citing (\S+))?(?: \[(\w+)\])?(?: but (.*))?$`)
)

func world(t *testing.T, text string) *offshelf.Knowledge {
	k := &offshelf.Knowledge{Version: "2026-11-24"}
	party := func(id string) string {
		for _, p := range k.Parties {
			if p.ID == id {
				return id
			}
		}
		k.Parties = append(k.Parties, offshelf.Party{ID: id, Name: id})
		return id
	}
	for _, line := range sentences(text) {
		if m := stateForm.FindStringSubmatch(line); m != nil {
			party(m[1])
			for i := range k.Parties {
				if k.Parties[i].ID == m[1] {
					k.Parties[i].Kind = "state"
				}
			}
		} else if m := listedForm.FindStringSubmatch(line); m != nil {
			f := tail(t, m[3])
			k.Listings = append(k.Listings, offshelf.Listing{
				ID: m[2] + "/" + m[1], Party: party(m[1]), List: m[2], Name: m[1], Interval: f.Interval, Evidence: f.Evidence,
			})
		} else if m := reportForm.FindStringSubmatch(line); m != nil {
			f := tail(t, m[4])
			k.Concerns = append(k.Concerns, offshelf.Concern{
				ID: "concern/" + m[1], Party: party(m[1]), What: "a report", By: m[2], Reply: m[3] != "", Date: f.on, Evidence: f.Evidence,
			})
		} else if m := holdsForm.FindStringSubmatch(line); m != nil {
			f := tail(t, m[5])
			share, err := offshelf.ParseShare(strings.TrimPrefix(m[2], "an unknown share"))
			if err != nil {
				t.Fatal(err)
			}
			k.Stakes = append(k.Stakes, offshelf.Stake{
				Holder: party(m[1]), Held: party(m[4]), Share: share, Control: m[3] != "", Interval: f.Interval, Evidence: f.Evidence, Conflict: f.conflict,
			})
		} else if m := controlForm.FindStringSubmatch(line); m != nil {
			f := tail(t, m[3])
			k.Stakes = append(k.Stakes, offshelf.Stake{
				Holder: party(m[1]), Held: party(m[2]), Control: true, Interval: f.Interval, Evidence: f.Evidence, Conflict: f.conflict,
			})
		} else if m := sourceForm.FindStringSubmatch(line); m != nil {
			k.Sources = append(k.Sources, offshelf.Source{ID: m[1], Title: m[1], Date: date(t, m[2]), Grade: offshelf.GradeOfficial})
		} else {
			party(line)
		}
	}
	return k
}

type tailOf struct {
	offshelf.Interval
	offshelf.Evidence
	on       offshelf.Date
	conflict string
}

func tail(t *testing.T, text string) tailOf {
	m := tailForm.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("not understood: %q", text)
	}
	f := tailOf{Interval: offshelf.Interval{From: date(t, m[1]), Until: date(t, m[2])}, on: date(t, m[3]), conflict: m[6]}
	f.Grade = offshelf.GradeOfficial
	if m[5] != "" {
		if err := f.Grade.UnmarshalText([]byte(m[5])); err != nil {
			t.Fatal(err)
		}
	}
	if m[4] != "" {
		f.Evidence.Sources = strings.Split(m[4], "+")
	}
	return f
}

func date(t *testing.T, s string) offshelf.Date {
	d, err := offshelf.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func ruleOn(t *testing.T, d *datadriven.TestData, rules map[string]offshelf.Regime) (offshelf.Regime, offshelf.Day) {
	var id, on string
	d.ScanArgs(t, "rule", &id)
	r, ok := rules[id]
	if !ok {
		t.Fatalf("unknown rule %q", id)
	}
	if !d.HasArg("on") {
		return r, 0
	}
	d.ScanArgs(t, "on", &on)
	day, err := offshelf.ParseDay(on)
	if err != nil {
		t.Fatal(err)
	}
	return r, day
}

func parties(d *datadriven.TestData) []string {
	for _, arg := range d.CmdArgs {
		if arg.Key == "party" {
			return arg.Vals
		}
	}
	return nil
}

func answer(t *testing.T, d *datadriven.TestData, rules map[string]offshelf.Regime, facts *offshelf.Knowledge) string {
	r, day := ruleOn(t, d, rules)
	view := Compile(facts).At(&r, day)
	var b strings.Builder
	for _, party := range parties(d) {
		say(&b, party, view.From(party))
	}
	return b.String()
}

var verdicts = map[offshelf.Truth]string{offshelf.False: "not reached", offshelf.Maybe: "possible", offshelf.True: "reached"}

func explained(t *testing.T, d *datadriven.TestData, rules map[string]offshelf.Regime, facts *offshelf.Knowledge) string {
	r, day := ruleOn(t, d, rules)
	view := Compile(facts).At(&r, day)
	var b strings.Builder
	for _, party := range parties(d) {
		e := view.Explain(party)
		fmt.Fprintf(&b, "%s: %s\n", party, verdicts[e.Truth])
		for _, h := range e.Facts {
			fmt.Fprintf(&b, "  %s\n", sayHop(h))
		}
		if len(e.Facts) > 0 && !e.Smallest {
			b.WriteString("  (there may be a smaller set)\n")
		}
		for _, o := range e.Open {
			fmt.Fprintf(&b, "  open: %s\n", o)
		}
		for _, w := range e.Warnings {
			fmt.Fprintf(&b, "  careful: %s\n", w)
		}
		for _, f := range e.Flips {
			fmt.Fprintf(&b, "  %s: %s\n", f.Change, verdicts[f.Then])
		}
	}
	return b.String()
}

func stretches(t *testing.T, d *datadriven.TestData, rules map[string]offshelf.Regime, facts *offshelf.Knowledge) string {
	r, _ := ruleOn(t, d, rules)
	if r.Periods == nil {
		r.Periods = []offshelf.Period{{State: "in-force"}}
	}
	line := Compile(facts).Timeline(&r)
	var b strings.Builder
	for _, party := range parties(d) {
		fmt.Fprintf(&b, "%s:\n", party)
		for _, s := range line.Of(party) {
			fmt.Fprintf(&b, "  %s/%s %s\n", s.From, s.Until, verdicts[s.Truth])
		}
	}
	return b.String()
}

func say(b *strings.Builder, party string, paths []Path) {
	if len(paths) == 0 {
		fmt.Fprintf(b, "%s: not reached\n", party)
	}
	for _, p := range paths {
		fmt.Fprintf(b, "%s: %s", party, verdicts[p.Truth])
		if !p.From.IsZero() {
			fmt.Fprintf(b, ", since %s", p.From)
		}
		if !p.Until.IsZero() {
			fmt.Fprintf(b, ", until %s", p.Until)
		}
		var hops []string
		for _, h := range p.Hops {
			hops = append(hops, sayHop(h))
		}
		fmt.Fprintf(b, "\n  %s\n", strings.Join(hops, "; "))
		if p.Open != "" {
			fmt.Fprintf(b, "  open: %s\n", p.Open)
		}
	}
}

func sayHop(h offshelf.Hop) string {
	s := h.From + " " + h.Kind
	if h.Kind == "owned" || h.Kind == "controlled" || h.Kind == "owns" || h.Kind == "controls" {
		if h.Share != "" {
			s += " " + h.Share
		}
		s += map[bool]string{true: " of ", false: " by "}[strings.HasSuffix(h.Kind, "s")] + h.To
	}
	if h.Since.IsZero() && h.Until.IsZero() {
		s += " always"
	} else {
		s += " " + h.Interval().String()
	}
	return fmt.Sprintf("%s [%s]", s, h.Grade)
}
