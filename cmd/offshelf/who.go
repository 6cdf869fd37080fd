package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

type whoCommand struct {
	overlayFlags
	Names  []string `arg:"" name:"name" help:"Brands or companies, in any spelling."`
	Output string   `short:"o" default:"text" enum:"text,json" help:"text or json (one object a brand or company)."`
	AsOf   asOf     `placeholder:"DATE" help:"Answer as of this day, YYYY-MM-DD. The default is today."`
	Policy string   `default:"default" placeholder:"POLICY" help:"A policy file, or the name of a shipped one."`
}

func (whoCommand) Help() string {
	return `Holders and makers through time, listings, the rules that reach it, and a source for each step.

Example:

  offshelf who Lorex
  offshelf who "Zhejiang Dahua" --as-of 2021-10-25`
}

// Run prints a page for each brand and company that has one of the names.
func (c *whoCommand) Run(s *session) error {
	snapshot, err := c.snapshot(s)
	if err != nil {
		return err
	}
	policy, err := loadPolicy(snapshot, c.Policy)
	if err != nil {
		return err
	}
	on := c.AsOf.on()
	screener, err := newScreener(snapshot, policy, screen.AsOf(on))
	if err != nil {
		return err
	}
	missing, begun := false, false
	for _, n := range c.Names {
		found, similar := screener.Who(n)
		if len(found) == 0 {
			missing = true
			fmt.Fprintf(s.stderr, "%s: no brand or company of this name: no evidence found, in this state of knowledge (%s); check the spelling, or try the maker's name\n", n, snapshot.Version())
			if len(similar) > 0 {
				fmt.Fprintf(s.stderr, "Names that come near: %s\n", strings.Join(similar[:min(len(similar), 12)], "; "))
			}
			continue
		}
		if c.Output == "text" && !begun {
			begun = true
			fmt.Fprintf(s.stdout, "knowledge %s (sha256 %s), as of %s\n\n", snapshot.Version(), snapshot.Sum(), on)
		}
		for _, p := range found {
			if c.Output == "json" {
				if err := writeJSON(s, p); err != nil {
					return err
				}
				continue
			}
			w := &whoPage{out: s.stdout, p: p, on: on}
			w.print()
		}
	}
	if missing {
		return exitCode(1)
	}
	return nil
}

// whoPage prints one profile so that a lawyer can follow it: every line that
// states a fact ends in its grade and the numbers of its sources.
type whoPage struct {
	out io.Writer
	p   screen.Profile
	on  offshelf.Day
}

func (w *whoPage) line(format string, args ...any) { fmt.Fprintf(w.out, format+"\n", args...) }

// fact prints a line and what it rests on.
func (w *whoPage) fact(iv offshelf.Interval, e offshelf.Evidence, conflict, format string, args ...any) {
	mark := " "
	switch {
	case conflict != "":
		mark = "×"
	case iv.On(w.on) == offshelf.True:
		mark = "•"
	case iv.On(w.on) == offshelf.Maybe:
		mark = "?"
	}
	w.line("  %s %-24s %s  [%s]", mark, span(iv), fmt.Sprintf(format, args...), w.rests(e))
	if conflict != "" {
		w.line("      does not carry: %s", conflict)
	}
	if e.Note != "" {
		w.line("      %s", e.Note)
	}
}

func (w *whoPage) rests(e offshelf.Evidence) string {
	var refs []string
	for _, id := range e.Sources {
		for i, s := range w.p.Sources {
			if s.ID == id {
				refs = append(refs, fmt.Sprint(i+1))
			}
		}
	}
	rests := e.Grade.String()
	if len(refs) > 0 {
		rests += ", source " + strings.Join(refs, ", ")
	}
	if e.Own() {
		rests += ", " + offshelf.OwnFact
	}
	return rests
}

func span(iv offshelf.Interval) string {
	from, until := iv.From.String(), iv.Until.String()
	if rest, ok := strings.CutPrefix(from, ".."); ok {
		from = "by " + rest
	}
	if until == "" {
		return from + " –"
	}
	return from + " – " + until
}

func (w *whoPage) print() {
	p := w.p
	if b := p.Brand; b != nil {
		w.line("%s, a brand%s", b.Name, own(b.Evidence))
		if len(b.Aliases) > 0 {
			w.line("Also written: %s", strings.Join(b.Aliases, "; "))
		}
		if b.Ambiguous != "" {
			w.line("The name alone proves nothing: %s", b.Ambiguous)
		}
		w.section("Who holds the brand", len(b.Holders))
		for _, h := range b.Holders {
			w.fact(h.Interval, h.Evidence, h.Conflict, "%s", p.Names[h.Party])
		}
		w.stakes("Who holds them", p.Holders)
		w.section("Who makes its goods", len(p.Makes))
		for _, m := range p.Makes {
			w.fact(m.Interval, m.Evidence, m.Conflict, "%s%s", p.Names[m.Maker], extent(m))
		}
	}
	if party := p.Party; party != nil {
		w.line("%s, a %s%s", party.Name, kindOf(party), own(party.Evidence))
		if len(party.Aliases) > 0 {
			w.line("Also: %s", strings.Join(party.Aliases, "; "))
		}
		w.section("Listings, as printed", len(p.Listings))
		for _, l := range p.Listings {
			w.fact(l.Interval, l.Evidence, "", "%s: “%s” %s", l.List, l.Name, l.Citation)
		}
		w.stakes("Who holds it", p.Holders)
		w.stakes("What it holds", p.Holdings)
		w.section("Its brands", len(p.Brands))
		for _, b := range p.Brands {
			for _, h := range b.Holders {
				if h.Party == party.ID {
					w.fact(h.Interval, h.Evidence, h.Conflict, "%s", b.Name)
				}
			}
		}
		w.section("What it makes for others", len(p.Makes))
		for _, m := range p.Makes {
			w.fact(m.Interval, m.Evidence, m.Conflict, "%s%s", m.Brand, extent(m))
		}
		w.section("What is reported of it, and its replies", len(p.Concerns))
		for _, c := range p.Concerns {
			w.fact(offshelf.Interval{From: c.Date}, c.Evidence, "", "%s: %s", c.By, c.What)
		}
	}
	w.section("What is not true", len(p.Refuted))
	for _, r := range p.Refuted {
		w.line("    %s is not it: %s  [%s]", r.Subject, r.Why, w.rests(r.Evidence))
	}
	w.section("What your overlay withdrew of the shipped facts", len(p.Withdrawn))
	for _, x := range p.Withdrawn {
		w.line("    %s: %s", shown(x.String()), shown(x.Why))
	}
	w.reach()
	w.section("Sources", len(p.Sources))
	for i, s := range p.Sources {
		w.line("  %2d. %s", i+1, strings.Join(nonEmpty(s.Publisher, s.Title, s.Date.String(), s.Grade.String()), ", "))
		if s.URL != "" {
			w.line("      %s", s.URL)
		}
	}
	w.line("")
}

func (w *whoPage) section(title string, n int) {
	if n > 0 {
		w.line("")
		w.line("%s", title)
	}
}

func (w *whoPage) stakes(title string, list []offshelf.Stake) {
	w.section(title, len(list))
	for _, s := range list {
		how := s.Share.String()
		switch {
		case s.Control && !s.Share.Known:
			how = "control"
		case s.Control:
			how += " and control"
		case !s.Share.Known:
			how = "a share not known"
		}
		w.fact(s.Interval, s.Evidence, s.Conflict, "%s has %s of %s", w.p.Names[s.Holder], how, w.p.Names[s.Held])
	}
}

// reach prints which rules reach it on the day, law first as it matters most.
func (w *whoPage) reach() {
	w.line("")
	if len(w.p.Findings) == 0 {
		w.line("Rules that reach it on %s: no evidence found, in this state of knowledge", w.on)
		return
	}
	w.line("Rules that reach it on %s", w.on)
	for _, basis := range []offshelf.Basis{offshelf.Law, offshelf.Choice} {
		for i, f := range w.p.Findings {
			if f.Basis == basis && !slices.ContainsFunc(w.p.Findings[:i], func(o offshelf.Finding) bool { return sameRule(o, f) }) {
				w.rule(f)
			}
		}
	}
}

// rule prints what one regime says, with all the listings through which it
// says so.
func (w *whoPage) rule(f offshelf.Finding) {
	what := "LAW"
	if f.Basis == offshelf.Choice {
		what = "policy"
	}
	state := ""
	if f.State != "in-force" {
		state = ", " + f.State
	}
	w.line("  %-8s %-6s %s (%s%s): forbids %s", f.Verdict, what, f.RegimeTitle, f.Regime, state, or(strings.Join(f.Forbids, ", "), "none"))
	for _, o := range w.p.Findings {
		if sameRule(o, f) {
			w.line("           since %s, through “%s”", or(o.Since.Spoken(), "unknown"), o.Listed)
		}
	}
	if open := f.Chains[0].Open; open != "" {
		w.line("           open: %s", open)
	}
}

func sameRule(a, b offshelf.Finding) bool {
	return a.Regime == b.Regime && a.Verdict == b.Verdict && a.Chains[0].Open == b.Chains[0].Open
}

// own marks what an operator states of a brand or party itself.
func own(e offshelf.Evidence) string {
	if e.Own() {
		return ", as your own facts state it"
	}
	return ""
}

func kindOf(p *offshelf.Party) string {
	if p.Kind == "" {
		return "company"
	}
	return p.Kind
}

func extent(m offshelf.Make) string {
	var parts []string
	if m.Relation != offshelf.Made {
		parts = append(parts, string(m.Relation))
	}
	if m.All {
		parts = append(parts, "all goods")
	}
	if len(m.Goods) > 0 {
		parts = append(parts, strings.Join(m.Goods, ", "))
	}
	if len(m.Models) > 0 {
		parts = append(parts, "models "+strings.Join(m.Models, " "))
	}
	if len(parts) == 0 {
		return " (some goods)"
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func nonEmpty(list ...string) []string {
	var out []string
	for _, s := range list {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
