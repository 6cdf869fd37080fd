package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

type knowledgeCommand struct {
	Lint  lintCommand  `cmd:"" help:"Check facts in YAML: sources, references, dates, names."`
	Stats statsCommand `cmd:"" help:"Count the facts that this binary holds."`
	Show  showCommand  `cmd:"" help:"Print one fact by its id, as YAML."`

	Diff   diffCommand   `cmd:"" help:"Say which facts changed between two states, and which findings with them."`
	Export exportCommand `cmd:"" help:"Write the facts for other tools: JSON lines, FollowTheMoney or BODS."`
	Import importCommand `cmd:"" help:"Turn ownership data into facts of your own: FollowTheMoney, BODS or GLEIF."`

	Site siteCommand `cmd:"" help:"Write the facts as a static site: a page a brand, party, rule and list."`

	Coverage coverageCommand `cmd:"" help:"Count how much of catalogs the facts speak of, and what they miss."`
}

func (knowledgeCommand) Help() string {
	return `Example:

  offshelf knowledge stats
  offshelf knowledge show lorex`
}

type lintCommand struct {
	Dir     string     `arg:"" default:"knowledge" help:"Folder of facts files."`
	Explain string     `placeholder:"RULE" help:"Say what a lint rule asks for, why, and how a problem is mended."`
	Edition editionMap `placeholder:"LIST=FILE" help:"Compare the open listings on LIST with this edition of it, in JSON. Repeatable."`
	AsOf    asOf       `placeholder:"DATE" help:"Lint as of this day: reviews that are due by then, dates that have not come. The default is today."`
}

func (lintCommand) Help() string {
	return `Example:

  offshelf knowledge lint knowledge

Prints file:line: what is wrong and how to mend it. Exit code 1 where anything is.
The rule that found it stands behind; what it asks for:

  offshelf knowledge lint --explain source

With --edition us-bis-el=FILE.json, a listing that has no end and is no longer printed is a problem too.`
}

// Run checks a folder of facts.
func (c *lintCommand) Run(s *session) error {
	if c.Explain != "" {
		text, ok := knowledge.Rules[c.Explain]
		if !ok {
			return fmt.Errorf("no lint rule %q: the rules are %s", c.Explain, strings.Join(knowledge.RuleNames(), ", "))
		}
		fmt.Fprintf(s.stdout, "%s: %s\n", c.Explain, text)
		return nil
	}
	if info, err := os.Stat(c.Dir); err != nil || !info.IsDir() {
		return fmt.Errorf("%s: no such folder: name the folder of the facts files", c.Dir)
	}
	editions, err := c.Edition.read()
	if err != nil {
		return err
	}
	k, problems := knowledge.Lint(os.DirFS(c.Dir), c.AsOf.on(), editions...)
	for _, p := range problems {
		p.File = filepath.Join(c.Dir, p.File)
		fmt.Fprintln(s.stdout, p)
	}
	switch {
	case len(problems) == 1:
		return fmt.Errorf("1 problem in %s", c.Dir)
	case k == nil:
		return fmt.Errorf("%d problems in %s", len(problems), c.Dir)
	case len(knowledge.Sections(k)) == 0:
		return fmt.Errorf("%s: holds no facts: name the folder with the YAML files", c.Dir)
	}
	fmt.Fprintf(s.stdout, "%s: no problem found: %d parties, %d brands, %d sources\n", c.Dir, len(k.Parties), len(k.Brands), len(k.Sources))
	return nil
}

type statsCommand struct{ overlayFlags }

func (statsCommand) Help() string { return "Example:\n\n  offshelf knowledge stats" }

// Run counts the embedded facts.
func (c *statsCommand) Run(s *session) error {
	k, sum, err := c.facts(s)
	if err != nil {
		return err
	}
	st := knowledge.Count(k)
	fmt.Fprintf(s.stdout, "knowledge %s\nsha256    %s\n\n", k.State(), sum)
	for _, l := range st.Lines {
		fmt.Fprintf(s.stdout, "%6d  %s\n", l.Count, l.What)
	}
	fmt.Fprintf(s.stdout, "\n%d of %d facts have a source; the other %d are graded claim and can only make an answer possible.\n", st.Sourced, st.Facts, st.Facts-st.Sourced)
	if k.Overlay {
		fmt.Fprintf(s.stdout, "%d of them are your own.\n", st.Own)
	}
	for _, w := range k.Withdrawn {
		fmt.Fprintf(s.stdout, "withdrawn: %s: %s\n", shown(w.String()), shown(w.Why))
	}
	return nil
}

type showCommand struct {
	overlayFlags
	ID string `arg:"" help:"Id of a party, brand, regime, policy, listing or source."`
}

func (showCommand) Help() string { return "Example:\n\n  offshelf knowledge show lorex" }

// Run prints every fact with the id.
func (c *showCommand) Run(s *session) error {
	k, _, err := c.facts(s)
	if err != nil {
		return err
	}
	found := knowledge.Find(k, c.ID)
	if found == nil {
		return fmt.Errorf("nothing has the id %q%s", c.ID, knowledge.Suggest(k, c.ID))
	}
	return printYAML(s, found)
}

func printYAML(s *session, k *offshelf.Knowledge) error {
	for _, sec := range knowledge.Sections(k) {
		data, err := yaml.MarshalWithOptions(sec.Facts, yaml.IndentSequence(true), yaml.WithComment(ownFacts(sec.Facts)))
		if err != nil {
			return err
		}
		fmt.Fprintf(s.stdout, "%s:\n", sec.Name)
		for _, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
			fmt.Fprintf(s.stdout, "  %s\n", line)
		}
	}
	return nil
}
