package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/report"
	"github.com/offshelf/offshelf/screen"
)

type explainCommand struct {
	overlayFlags
	ID     string `arg:"" name:"finding-id" help:"Fingerprint of a finding, or its first characters (4 or more); with --regime also the id of a product."`
	Stream string `arg:"" help:"A stream saved from screen -o json; - is standard input."`
	Regime string `placeholder:"REGIME" help:"Explain what this rule says of the product."`
	Policy string `placeholder:"POLICY" help:"The policy file that the stream was screened with, for the periods of its house rules. A shipped one is found by its name."`
	Output string `short:"o" default:"text" enum:"text,json" help:"text or json (one object a finding)."`
}

func (explainCommand) Help() string {
	return `Says the product, the evidence, the rule, each hop with its sources, and what is open.

Example:

  offshelf screen examples/hardware-store-2021.csv --as-of 2021-10-25 --policy 2021-lowes -o json > stream.json
  offshelf explain 1001 stream.json --regime house-entity-list-reach`
}

// minPrefix is the least length of a shortened fingerprint.
const minPrefix = 4

// Run explains the findings that the id names.
func (c *explainCommand) Run(s *session) error {
	f, err := s.open(c.Stream)
	if err != nil {
		return err
	}
	defer f.Close()
	found := &matcher{id: c.ID, prefix: strings.ToLower(c.ID), regime: c.Regime, others: map[string]bool{}}
	err = report.Read(f, found)
	switch {
	case errors.Is(err, report.ErrIncomplete):
		fmt.Fprintf(s.stderr, "%s: %v\n", c.Stream, err)
	case err != nil:
		return fmt.Errorf("%s: %w", c.Stream, err)
	}
	list, err := found.choose()
	if err != nil {
		return fmt.Errorf("%s: %w", c.Stream, err)
	}
	rules, err := c.rules(s, found.config)
	if err != nil {
		return err
	}
	for i := range list {
		e := &list[i]
		e.Config = found.config
		rules.explain(e)
		if c.Output == "json" {
			if err := writeJSON(s, e); err != nil {
				return err
			}
			continue
		}
		if i > 0 {
			fmt.Fprintf(s.stdout, "\n%s\n\n", strings.Repeat("─", 40))
		}
		if err := report.Explain(s.stdout, e, reportOptions(s.stdout)); err != nil {
			return err
		}
	}
	if more := found.total - len(list); more > 0 {
		fmt.Fprintf(s.stderr, "%s: %s of this id: the first %d are explained\n", c.Stream, plural(more, "more finding"), len(list))
	}
	return nil
}

// maxMatches bounds the findings that a matcher keeps, as one may be as long
// as a line of the stream.
const maxMatches = 8

// matcher keeps, of a stream, the findings that an id names.
type matcher struct {
	id, prefix, regime string

	config       *offshelf.Config
	attributions []offshelf.Attribution // of the product whose findings are coming in
	findings     int
	products     int

	kept   []report.Explanation
	total  int             // of kept, and those beyond the bound
	others map[string]bool // regimes that reach a product of this id
}

// Handle implements report.Handler.
func (m *matcher) Handle(msg *offshelf.Message) error {
	switch {
	case msg.Config != nil:
		m.config = msg.Config
	case msg.Product != nil:
		m.attributions = msg.Product.Attributions
		if msg.Product.Findings > 0 {
			m.products++
		}
	case msg.Finding != nil:
		m.finding(msg.Finding)
	}
	return nil
}

// Close implements report.Handler.
func (m *matcher) Close() error { return nil }

func (m *matcher) finding(f *offshelf.Finding) {
	m.findings++
	product := f.Product.ID == m.id
	if product && len(m.others) < maxMatches {
		m.others[f.Regime] = true
	}
	match := len(m.prefix) >= minPrefix && strings.HasPrefix(f.Fingerprint, m.prefix)
	if m.regime != "" {
		match = (match || product) && f.Regime == m.regime
	}
	if !match {
		return
	}
	if m.total++; len(m.kept) < maxMatches {
		m.kept = append(m.kept, report.Explanation{Finding: *f, Attributions: m.attributions})
	}
}

// choose returns the findings to explain: all of one fingerprint, or of one
// product and rule.
func (m *matcher) choose() ([]report.Explanation, error) {
	holds := fmt.Sprintf("the stream holds %s on %s", plural(m.findings, "finding"), plural(m.products, "product"))
	const list = "offshelf render STREAM -o csv lists them, in the column fingerprint"
	if len(m.kept) == 0 {
		regimes := make([]string, 0, len(m.others))
		for r := range m.others {
			regimes = append(regimes, shown(r))
		}
		slices.Sort(regimes)
		switch {
		case len(regimes) > 0 && m.regime != "":
			return nil, fmt.Errorf("the rule %s has no finding on product %s; those that have: %s", shown(m.regime), shown(m.id), strings.Join(regimes, ", "))
		case len(regimes) > 0:
			return nil, fmt.Errorf("%s is the id of a product: add --regime with the rule to explain: %s", shown(m.id), strings.Join(regimes, ", "))
		case m.regime == "" && len(m.prefix) < minPrefix:
			return nil, fmt.Errorf("%q is too short for a fingerprint: give %d characters or more, or a product id with --regime; %s; %s", m.id, minPrefix, holds, list)
		case m.regime != "":
			return nil, fmt.Errorf("no finding of the rule %s has the fingerprint or product id %s: %s; %s", shown(m.regime), shown(m.id), holds, list)
		}
		return nil, fmt.Errorf("no finding has the fingerprint %s: %s; %s", shown(m.id), holds, list)
	}
	first := &m.kept[0].Finding
	other := func(e report.Explanation) bool {
		return e.Finding.Fingerprint != first.Fingerprint && (m.regime == "" || e.Finding.Product.ID != first.Product.ID)
	}
	if !slices.ContainsFunc(m.kept, other) {
		return m.kept, nil
	}
	lines := []string{fmt.Sprintf("%s is ambiguous, %s begin with it: give more characters", shown(m.id), plural(m.total, "finding"))}
	for _, e := range m.kept {
		f := &e.Finding
		lines = append(lines, fmt.Sprintf("  %s  product %s, %s, %s through %s", shown(f.Fingerprint), shown(f.Product.ID), shown(or(f.Brand, f.Maker)), shown(f.Regime), shown(f.Listing)))
	}
	if more := m.total - len(m.kept); more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return nil, errors.New(strings.Join(lines, "\n"))
}

// ruleBook knows the rules of a stream, where its state of the knowledge and
// its policy are at hand.
type ruleBook struct {
	screener *screen.Screener
	sum      string
	house    string // why the house rules are not known
}

// rules makes the rule book for a stream.
func (c *explainCommand) rules(s *session, cfg *offshelf.Config) (*ruleBook, error) {
	snapshot, err := c.snapshot(s)
	if err != nil {
		return nil, err
	}
	b := &ruleBook{sum: snapshot.Sum()}
	if cfg == nil {
		cfg = &offshelf.Config{}
	}
	var options []screen.Option
	if day, err := offshelf.ParseDay(cfg.AsOf); err == nil && cfg.AsOf != "" {
		options = append(options, screen.AsOf(day))
	}
	name := or(c.Policy, cfg.Policy)
	none := &loadedPolicy{Policy: offshelf.Policy{ID: name, Title: "not at hand", Otherwise: offshelf.Note}}
	policy := none
	if _, ok := snapshot.Policy(name); ok || c.Policy != "" {
		if policy, err = loadPolicy(snapshot, name); err != nil {
			return nil, err
		}
	}
	if policy.sum != cfg.PolicySum {
		b.house = fmt.Sprintf("This is a house rule of the policy %s, which is not at hand in the state it was screened with: name its file with --policy.", shown(cfg.Policy))
		policy = none
	}
	b.screener, err = newScreener(snapshot, policy, options...)
	return b, err
}

// explain adds the rule through time.
func (b *ruleBook) explain(e *report.Explanation) {
	if e.Finding.Snapshot != b.sum {
		e.Unknown = "The finding was made with another state of the knowledge than this one (sha256 " + shown(b.sum) + "); what the rule said before and after is told only where they are the same. Screen again, or name the overlay with --knowledge."
		return
	}
	if r, ok := b.screener.Regime(e.Finding.Regime); ok {
		e.Regime = &r
		return
	}
	e.Unknown = or(b.house, "The rule is not among those of this state of the knowledge.")
}
