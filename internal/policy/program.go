// Package policy compiles a policy into a program that says, of a finding,
// what to do about it. The expressions of its rules are CEL, typed over the
// finding, and are held to a cost. A policy without expressions never touches
// CEL.
package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/offshelf/offshelf"
)

// Input is a finding with what it was made from.
type Input struct {
	Finding *offshelf.Finding
	Listing *offshelf.Listing
	Regime  *offshelf.Regime
	Day     offshelf.Day // the as-of date
}

// Decision is what the policy says of a finding.
type Decision struct {
	Action offshelf.Action
	Why    string
	Failed []Failure // rules whose expression could not be evaluated
}

// Failure is an expression that could not be evaluated for a finding.
type Failure struct {
	Rule int // 1-based
	Text string
}

// Program is a compiled policy. It is safe for concurrent use.
type Program struct {
	rules     []offshelf.PolicyRule
	when      []cel.Program // by rule; nil where there is none
	otherwise offshelf.Action
}

// maxWhen bounds how many rules of a policy have an expression, as each takes
// a moment to compile.
const maxWhen = 500

// maxProblems is after how many no more expressions are compiled.
const maxProblems = 50

// Compile compiles a policy. The vocabulary says which words its expressions
// may compare with. Where there are problems the program is nil.
func Compile(p *offshelf.Policy, v *Vocabulary) (*Program, []Problem) {
	out := &Program{rules: p.Rules, otherwise: p.Otherwise}
	var problems []Problem
	known := map[string]cel.Program{}
	expressions := 0
	for i := range p.Rules {
		text := p.Rules[i].When
		if text == "" {
			continue
		}
		if expressions++; expressions > maxWhen {
			problems = append(problems, Problem{Rule: i + 1, Text: fmt.Sprintf("more than %d rules have a when: join some of them", maxWhen)})
			break
		}
		if out.when == nil {
			out.when = make([]cel.Program, len(p.Rules))
		}
		program, ok := known[text]
		if !ok {
			var bad []Problem
			program, bad = compile(text, v)
			for _, b := range bad {
				b.Rule = i + 1
				problems = append(problems, b)
			}
			if len(problems) >= maxProblems {
				problems = append(problems, Problem{Rule: i + 1, Text: "the rules behind were not looked at: mend these first"})
				break
			}
			known[text] = program
		}
		out.when[i] = program
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return out, nil
}

// Expressions counts the rules that have one.
func (p *Program) Expressions() int {
	n := 0
	for _, w := range p.when {
		if w != nil {
			n++
		}
	}
	return n
}

// Decide applies the first rule that matches. A rule whose expression fails is
// passed over, but nothing milder than review comes out then: that it would not
// have matched is not known.
func (p *Program) Decide(in *Input) Decision {
	d := Decision{Action: p.otherwise}
	var vars *variables
	for i := range p.rules {
		r := &p.rules[i]
		if !matches(r, in.Finding) {
			continue
		}
		if p.when != nil && p.when[i] != nil {
			if vars == nil {
				vars = &variables{in: in}
			}
			yes, err := evaluate(p.when[i], vars)
			if err != nil {
				d.Failed = append(d.Failed, Failure{Rule: i + 1, Text: reason(err)})
				continue
			}
			if !yes {
				continue
			}
		}
		d.Action, d.Why = r.Action, r.Why
		break
	}
	if len(d.Failed) > 0 {
		d.Action = max(d.Action, offshelf.Review)
		d.Why = d.doubt()
	}
	return d
}

// doubt says which rule failed, before what the deciding rule says.
func (d *Decision) doubt() string {
	text := fmt.Sprintf("rule %d of the policy could not be applied: %s", d.Failed[0].Rule, d.Failed[0].Text)
	if more := len(d.Failed) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	if d.Why != "" {
		text += "; " + d.Why
	}
	return text
}

// matches tells whether the field conditions of the rule hold.
func matches(r *offshelf.PolicyRule, f *offshelf.Finding) bool {
	return (len(r.Regimes) == 0 || slices.Contains(r.Regimes, f.Regime)) &&
		(len(r.Brands) == 0 || slices.Contains(r.Brands, f.BrandID)) &&
		(r.Verdict == "" || r.Verdict == f.Verdict) &&
		(r.Basis == "" || r.Basis == f.Basis) &&
		(len(r.Needs) == 0 || slices.ContainsFunc(r.Needs, func(x string) bool { return slices.Contains(f.Needs, x) })) &&
		(r.Probability == 0 || f.Probability < r.Probability) &&
		(len(r.Forbids) == 0 || slices.ContainsFunc(r.Forbids, func(x string) bool { return slices.Contains(f.Forbids, x) }))
}

func evaluate(program cel.Program, vars *variables) (bool, error) {
	out, _, err := program.Eval(vars)
	if err != nil {
		return false, err
	}
	yes, ok := out.(types.Bool)
	if !ok {
		return false, errors.New("the expression gives neither true nor false")
	}
	return bool(yes), nil
}

// maxReason bounds what is told of a failure, as it may quote the catalog.
const maxReason = 200

// reason is a failure in one short line.
func reason(err error) string {
	text := brief(strings.ToValidUTF8(err.Error(), "�"))
	if strings.HasPrefix(text, "operation cancelled: ") {
		return "it takes too long on this finding"
	}
	return text
}
