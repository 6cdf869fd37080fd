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

type reachCommand struct {
	overlayFlags
	Subject  string   `arg:"" name:"party-or-brand" help:"A company, person or brand, by its id or in any spelling of its name."`
	Regime   []string `placeholder:"REGIME" help:"Ask only these rules, for example us-ofac-50. May be given more than once."`
	AsOf     asOf     `placeholder:"DATE" help:"Answer as of this day, YYYY-MM-DD. The default is today."`
	Timeline bool     `help:"Show all days on which each rule reached it, drawn as bars."`
	Output   string   `short:"o" default:"text" enum:"text,json,svg" help:"text, json (one object a rule) or svg (the timeline as a drawing)."`
}

func (reachCommand) Help() string {
	return `Says for each rule whether it reaches the party, or what stands behind the brand; since when; by which facts together; and which single change would turn the answer.

Example:

  offshelf reach Ezviz --as-of 2025-10-10
  offshelf reach lorex --regime us-fcc-covered --timeline`
}

// Run prints the answers of all rules for one party or brand.
func (c *reachCommand) Run(s *session) error {
	if c.Timeline && c.AsOf.given && c.Output == "json" {
		return errors.New("--timeline and --as-of: with -o json, ask for a day or for all of them")
	}
	snapshot, err := c.snapshot(s)
	if err != nil {
		return err
	}
	regimes, err := pickRegimes(snapshot, c.Regime)
	if err != nil {
		return err
	}
	found, similar := snapshot.Subjects(c.Subject)
	if len(found) == 0 {
		fmt.Fprintf(s.stderr, "%s: no brand or company of this name: no evidence found, in this state of knowledge (%s); check the spelling, or try the maker's name\n", shown(c.Subject), snapshot.Version())
		if len(similar) > 0 {
			fmt.Fprintf(s.stderr, "Names that come near: %s\n", shown(strings.Join(similar[:min(len(similar), 12)], "; ")))
		}
		return exitCode(1)
	}
	subject := found[0]
	if len(found) > 1 {
		fmt.Fprintf(s.stderr, "%s is taken for %s; also so called: %s\n", shown(c.Subject), called(subject), others(found[1:]))
	}
	day := c.AsOf.on()
	answers := snapshot.Reach(subject, regimes, day)
	switch {
	case c.Output == "json":
		return c.json(s, answers)
	case c.Output == "svg":
		return report.TimelineSVG(s.stdout, answers, day)
	}
	fmt.Fprintf(s.stdout, "%s, as of %s, knowledge %s (sha256 %s)\n\n", called(subject), day, shown(snapshot.Version()), snapshot.Sum())
	if c.Timeline {
		return report.Timelines(s.stdout, answers, day, reportOptions(s.stdout))
	}
	return report.Reaching(s.stdout, answers, day, reportOptions(s.stdout))
}

func (c *reachCommand) json(s *session, answers []screen.Reaching) error {
	for i := range answers {
		if !c.Timeline {
			answers[i].Timeline = nil
		}
		if err := writeJSON(s, answers[i]); err != nil {
			return err
		}
	}
	return nil
}

func called(s screen.Subject) string {
	what := "party"
	if s.Brand {
		what = "brand"
	}
	return fmt.Sprintf("%s (%s %s)", shown(s.Name), what, shown(s.ID))
}

func others(list []screen.Subject) string {
	var out []string
	for _, s := range list[:min(len(list), 5)] {
		out = append(out, called(s))
	}
	return strings.Join(out, "; ")
}

// pickRegimes returns the rules with these ids, or all.
func pickRegimes(snapshot *screen.Snapshot, ids []string) ([]offshelf.Regime, error) {
	all := snapshot.Regimes()
	if len(ids) == 0 {
		return all, nil
	}
	var out []offshelf.Regime
	for _, id := range ids {
		i := slices.IndexFunc(all, func(r offshelf.Regime) bool { return r.ID == id })
		if i < 0 {
			var known []string
			for _, r := range all {
				known = append(known, r.ID)
			}
			return nil, fmt.Errorf("--regime: there is no rule %q: use one of %s", id, strings.Join(known, ", "))
		}
		out = append(out, all[i])
	}
	return out, nil
}
