package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
	"github.com/goccy/go-yaml"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/report"
	"github.com/offshelf/offshelf/screen"
)

type regimesCommand struct {
	List regimeListCommand `cmd:"" default:"withargs" help:"List all rules (what you get without a word behind regimes)."`
	Show regimeShowCommand `cmd:"" help:"Print one rule with its periods, lists and sources."`
}

func (regimesCommand) Help() string {
	return `The rules that a screening applies: what each forbids, how far it reaches, over which goods, and whether it is law or policy for a shop.

Example:

  offshelf regimes --as-of 2021-10-25
  offshelf regimes show us-bis-affiliates`
}

// regimeFlags are shared by both.
type regimeFlags struct {
	overlayFlags
	AsOf   asOf   `placeholder:"DATE" help:"Answer as of this day, YYYY-MM-DD. The default is today."`
	Policy string `default:"default" placeholder:"POLICY" help:"A policy file, or the name of a shipped one, whose house rules are listed too."`
	Output string `short:"o" default:"text" enum:"text,json" help:"text or json (one object a rule)."`
}

func (f *regimeFlags) screener(s *session) (*screen.Screener, report.RegimesHead, error) {
	snapshot, err := f.snapshot(s)
	if err != nil {
		return nil, report.RegimesHead{}, err
	}
	policy, err := loadPolicy(snapshot, f.Policy)
	if err != nil {
		return nil, report.RegimesHead{}, err
	}
	screener, err := newScreener(snapshot, policy, screen.AsOf(f.AsOf.on()))
	return screener, report.RegimesHead{Day: f.AsOf.on(), Knowledge: snapshot.Version(), Snapshot: snapshot.Sum(), Policy: policy.ID}, err
}

type regimeListCommand struct{ regimeFlags }

func (regimeListCommand) Help() string {
	return "Example:\n\n  offshelf regimes list --policy 2021-lowes --as-of 2021-10-25"
}

// Run lists the regimes.
func (c *regimeListCommand) Run(s *session) error {
	screener, head, err := c.screener(s)
	if err != nil {
		return err
	}
	list := screener.Regimes()
	if c.Output == "text" {
		return report.Regimes(s.stdout, head, list, reportOptions(s.stdout))
	}
	for _, r := range list {
		if err := writeJSON(s, r); err != nil {
			return err
		}
	}
	return nil
}

type regimeShowCommand struct {
	ID string `arg:"" name:"regime" help:"Id of a rule, such as us-bis-el."`
	regimeFlags
}

func (regimeShowCommand) Help() string {
	return `Example:

  offshelf regimes show us-bis-affiliates
  offshelf regimes show house-entity-list-reach --policy 2021-lowes --as-of 2021-10-25`
}

// Run prints one regime.
func (c *regimeShowCommand) Run(s *session) error {
	screener, head, err := c.screener(s)
	if err != nil {
		return err
	}
	r, ok := screener.Regime(c.ID)
	if !ok {
		var ids []string
		for _, r := range screener.Regimes() {
			ids = append(ids, r.ID)
		}
		return fmt.Errorf("there is no rule %s: the rules are %s; a house rule needs the --policy that has it", shown(c.ID), strings.Join(ids, ", "))
	}
	var settle []report.Settle
	for i, p := range r.Periods {
		if p.State != "scheduled" {
			continue
		}
		if r.Policy != "" {
			settle = append(settle, report.Settle{Period: i, How: "It is a house rule: once you have verified it, write state: in-force in this period of the policy " + r.Policy + "."})
			continue
		}
		text, err := settled(screener.RegimeFact(r.ID), i)
		if err != nil {
			return err
		}
		settle = append(settle, report.Settle{Period: i, YAML: text, How: fmt.Sprintf(
			"Until it is confirmed, what this period reaches comes out as possible. Once you have verified it, save the lines below as own/%s.yaml and screen with --knowledge own. "+
				"One line differs from the shipped rule, the marked one: in-force where it took effect, suspended where it was put off; correct its from: where it took effect on another day.", r.ID)})
	}
	if c.Output == "json" {
		return writeJSON(s, struct {
			screen.RegimeOn
			Settle []report.Settle `json:"settle,omitempty"`
		}{r, settle})
	}
	return report.Regime(s.stdout, head, &r, settle, reportOptions(s.stdout))
}

// settled is the regime as an overlay states it once a scheduled period is
// confirmed.
func settled(r offshelf.Regime, period int) (string, error) {
	r.Periods = slices.Clone(r.Periods)
	r.Periods[period].State = "in-force"
	mark := yaml.CommentMap{fmt.Sprintf("$[0].periods[%d].state", period): []*yaml.Comment{yaml.LineComment(" verified on YYYY-MM-DD by …; the shipped rule says scheduled")}}
	data, err := yaml.MarshalWithOptions([]offshelf.Regime{r}, yaml.IndentSequence(true), yaml.WithComment(mark))
	if err != nil {
		return "", err
	}
	return "regimes:\n" + string(data), nil
}

// writeJSON writes one object on a line, as the stream of a screening does.
func writeJSON(s *session, v any) error {
	if err := json.MarshalWrite(s.stdout, v, json.Deterministic(true), jsontext.AllowInvalidUTF8(true), jsonv1.OmitEmptyWithLegacySemantics(true)); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.stdout)
	return err
}
