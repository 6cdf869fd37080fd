package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

type policyCommand struct {
	Check policyCheckCommand `cmd:"" help:"Say what is wrong with a policy: words, types, rules that are never reached."`
	Test  policyTestCommand  `cmd:"" help:"Run the tests of a policy: what it says of products, against what you expect."`
}

func (policyCommand) Help() string {
	return `Example:

  offshelf policy check examples/our-shop.yaml
  offshelf policy test examples/our-shop.yaml`
}

type policyCheckCommand struct {
	overlayFlags
	Policies []string `arg:"" name:"policy" help:"Policy files, or names of shipped ones."`
	Output   string   `short:"o" default:"text" enum:"text,json" help:"text or json."`
}

func (policyCheckCommand) Help() string {
	return `Example:

  offshelf policy check examples/our-shop.yaml default

Prints file:line:column: what is wrong and how to mend it. Exit code 1 where anything is. Beyond what keeps a policy
from loading, rules that are never reached and house regimes on unknown lists are problems here.`
}

// checkedPolicy is the answer on one policy.
type checkedPolicy struct {
	Policy      string          `json:"policy"` // id
	File        string          `json:"file,omitzero"`
	Rules       int             `json:"rules"`
	Expressions int             `json:"expressions"` // rules with a when
	Regimes     int             `json:"regimes"`     // house regimes
	Problems    []policyProblem `json:"problems,omitempty"`
}

// policyProblem is one line of the answer.
type policyProblem struct {
	File   string `json:"file,omitzero"`
	Line   int    `json:"line,omitzero"`
	Column int    `json:"column,omitzero"`
	Rule   int    `json:"rule,omitzero"`
	Text   string `json:"text"`

	line string
}

// Run checks the policies.
func (c *policyCheckCommand) Run(s *session) error {
	facts, digest, err := c.facts(s)
	if err != nil {
		return err
	}
	snapshot, err := screen.Compile(facts, digest)
	if err != nil {
		return err
	}
	var answers []checkedPolicy
	problems, broken := 0, 0
	for _, name := range c.Policies {
		a := checkPolicy(snapshot, facts, name)
		if problems += len(a.Problems); len(a.Problems) > 0 {
			broken++
		}
		answers = append(answers, a)
	}
	if c.Output == "json" {
		if err := writeJSON(s, map[string]any{"policies": answers, "problems": problems}); err != nil {
			return err
		}
	} else {
		for _, a := range answers {
			a.print(s)
		}
	}
	if problems > 0 {
		return fmt.Errorf("%s in %d of %s", plural(problems, "problem"), broken, policies(len(c.Policies)))
	}
	return nil
}

func policies(n int) string {
	if n == 1 {
		return "1 policy"
	}
	return fmt.Sprintf("%d policies", n)
}

func checkPolicy(snapshot *screen.Snapshot, facts *offshelf.Knowledge, name string) checkedPolicy {
	p, err := readPolicy(snapshot, name)
	if err != nil {
		return checkedPolicy{Policy: name, Problems: policyProblems(name, err)}
	}
	a := checkedPolicy{Policy: p.ID, Rules: len(p.Rules), Regimes: len(p.Regimes)}
	for _, r := range p.Rules {
		if r.When != "" {
			a.Expressions++
		}
	}
	err = errors.Join(errors.Join(knowledge.CheckPolicy(p.Policy, facts)...), errors.Join(knowledge.ReviewPolicy(&p.Policy, facts)...))
	if p.file != nil {
		a.File = name
		err = p.file.Explain(err)
	}
	a.Problems = policyProblems(name, err)
	slices.SortStableFunc(a.Problems, func(x, y policyProblem) int {
		if whole := x.Line == 0; whole != (y.Line == 0) { // what has no place comes last
			if whole {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
	return a
}

// policyProblems takes what is wrong with a policy apart.
func policyProblems(name string, err error) []policyProblem {
	if err == nil {
		return nil
	}
	var out []policyProblem
	for _, e := range knowledge.Split(err) {
		var placed *knowledge.PolicyError
		var inside *offshelf.PolicyProblem
		switch {
		case errors.As(e, &placed):
			out = append(out, policyProblem{placed.File, placed.Line, placed.Column, placed.Rule, placed.Text, placed.Error()})
		case errors.As(e, &inside):
			out = append(out, policyProblem{Rule: inside.Rule, Text: inside.Text, line: name + ": " + inside.Error()})
		default:
			out = append(out, policyProblem{Text: e.Error(), line: e.Error()})
		}
	}
	return out
}

func (a *checkedPolicy) print(s *session) {
	for _, p := range a.Problems {
		fmt.Fprintln(s.stdout, shown(p.line))
	}
	if len(a.Problems) > 0 {
		return
	}
	text := fmt.Sprintf("%s: OK: %s", cmp.Or(a.File, a.Policy), plural(a.Rules, "rule"))
	if a.Expressions > 0 {
		text += fmt.Sprintf(", %d with when", a.Expressions)
	}
	if a.Regimes > 0 {
		text += ", " + plural(a.Regimes, "house regime")
	}
	fmt.Fprintln(s.stdout, shown(text))
}
