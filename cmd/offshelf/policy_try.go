package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/offshelf/offshelf/internal/trial"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

type policyTestCommand struct {
	overlayFlags
	Policies []string `arg:"" name:"policy" help:"Policy files, or names of shipped ones. The tests of NAME.yaml stand beside it in NAME.test.yaml."`
	Output   string   `short:"o" default:"text" enum:"text,json" help:"text or json."`
}

func (policyTestCommand) Help() string {
	return `Example:

  offshelf policy test examples/our-shop.yaml default

Each test is a product and a day, screened with all the facts, and what must come out. Prints where that differs.
Exit code 1 where a test fails, or there is none.`
}

// testedPolicy is what became of the tests of one policy.
type testedPolicy struct {
	Policy string         `json:"policy"` // id
	File   string         `json:"file,omitzero"`
	Passed int            `json:"passed"`
	Failed int            `json:"failed"`
	Tests  []trial.Result `json:"tests"`

	// Problems keep the tests from being run.
	Problems []policyProblem `json:"problems,omitempty"`
}

// Run runs the tests of the policies.
func (c *policyTestCommand) Run(s *session) error {
	snapshot, err := c.snapshot(s)
	if err != nil {
		return err
	}
	var answers []testedPolicy
	passed, failed, broken := 0, 0, 0
	for _, name := range c.Policies {
		a, err := tryPolicy(s, snapshot, name)
		if s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		if err != nil {
			a.Policy, a.Problems = name, policyProblems(name, err)
			broken++
		}
		for _, r := range a.Tests {
			if r.Passed {
				a.Passed++
			} else {
				a.Failed++
			}
		}
		passed, failed = passed+a.Passed, failed+a.Failed
		answers = append(answers, a)
	}
	if c.Output == "json" {
		if err := writeJSON(s, map[string]any{"policies": answers, "passed": passed, "failed": failed}); err != nil {
			return err
		}
	} else {
		for _, a := range answers {
			a.print(s)
		}
	}
	switch {
	case failed > 0 && broken > 0:
		return fmt.Errorf("%d of %s failed, and the tests of %s could not be run", failed, plural(passed+failed, "test"), policies(broken))
	case failed > 0:
		return fmt.Errorf("%d of %s failed", failed, plural(passed+failed, "test"))
	case broken > 0:
		return fmt.Errorf("the tests of %s could not be run", policies(broken))
	}
	return nil
}

func tryPolicy(s *session, snapshot *screen.Snapshot, name string) (testedPolicy, error) {
	if base := trimYAML(name); strings.HasSuffix(base, ".test") {
		return testedPolicy{}, &knowledge.PolicyError{File: name, Text: "holds tests: name the policy that they stand beside, " + strings.TrimSuffix(base, ".test") + ".yaml"}
	}
	p, err := readPolicy(snapshot, name)
	if err != nil {
		return testedPolicy{}, err
	}
	a := testedPolicy{Policy: p.ID}
	var tests []knowledge.PolicyTest
	if p.file != nil {
		a.File = name
		tests, err = testsBeside(name, p.ID)
	} else {
		tests, err = shippedTests(p.ID)
	}
	if err != nil {
		return a, err
	}
	a.Tests, err = trial.Run(s.ctx, snapshot, p.Policy, tests)
	if err != nil && p.file != nil {
		err = p.file.Explain(err)
	}
	return a, err
}

func trimYAML(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), ".yml")
}

// testsBeside reads the tests of the policy in a file.
func testsBeside(name, id string) ([]knowledge.PolicyTest, error) {
	var data []byte
	var file string
	err := fs.ErrNotExist
	for _, ext := range []string{".test.yaml", ".test.yml"} {
		file = trimYAML(name) + ext
		if data, err = policyBytes(file); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &knowledge.PolicyError{File: name, Text: "has no tests: put them beside it, into " + filepath.Base(trimYAML(name)) + ".test.yaml"}
	}
	if err != nil {
		return nil, err
	}
	tests, err := knowledge.ParsePolicyTests(file, data)
	if err != nil {
		return nil, err
	}
	for _, t := range tests {
		if t.Policy != "" && t.Policy != id {
			return nil, &knowledge.PolicyError{File: file, Line: t.Line, Column: t.Column, Text: fmt.Sprintf("test %q: is of the policy %s, but beside it stands %s: correct or leave out policy", t.Name, t.Policy, id)}
		}
	}
	return tests, nil
}

// shippedTests are those of one shipped policy.
func shippedTests(id string) ([]knowledge.PolicyTest, error) {
	all, err := knowledge.ShippedTests()
	if err != nil {
		return nil, err
	}
	var tests []knowledge.PolicyTest
	for _, t := range all {
		if t.Policy == id {
			tests = append(tests, t)
		}
	}
	if len(tests) == 0 {
		return nil, &knowledge.PolicyError{File: id, Text: "has no tests among the shipped ones: write the policy into a file, and its tests beside it"}
	}
	return tests, nil
}

func (a *testedPolicy) print(s *session) {
	line := func(format string, args ...any) { fmt.Fprintln(s.stdout, shown(fmt.Sprintf(format, args...))) }
	for _, p := range a.Problems {
		line("%s", p.line)
	}
	for _, r := range a.Tests {
		if r.Passed {
			continue
		}
		line("FAIL %s (%s:%d)", r.Name, r.File, r.Line)
		for _, d := range r.Differences {
			line("  - %s: %s: %s", d.About, d.Field, d.Want)
			line("  + %s: %s: %s", d.About, d.Field, d.Got)
		}
	}
	if len(a.Problems) > 0 {
		return
	}
	line("%s: %d passed, %d failed", cmp.Or(a.File, a.Policy), a.Passed, a.Failed)
}
