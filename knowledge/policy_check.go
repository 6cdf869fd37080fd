package knowledge

import (
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/policy"
)

// CheckPolicy tells what is wrong with a policy beside these facts: regimes and
// brands that do not exist, missing actions, expressions that do not compile.
// Each error is a *offshelf.PolicyProblem.
func CheckPolicy(p offshelf.Policy, k *offshelf.Knowledge) []error {
	_, errs := CompilePolicy(&p, k)
	return errs
}

// CompilePolicy checks a policy as CheckPolicy does and makes it ready to run.
func CompilePolicy(p *offshelf.Policy, k *offshelf.Knowledge) (*policy.Program, []error) {
	return newPolicyChecker(k).compile(p)
}

// policyChecker knows the words that policies may use.
type policyChecker struct {
	regimes, brands, lists, goods, effects map[string]bool
	expressions                            int // compiled so far
}

// maxExpressions bounds the expressions of all policies of an overlay, as each
// takes a moment to compile.
const maxExpressions = 2000

func newPolicyChecker(k *offshelf.Knowledge) *policyChecker {
	c := &policyChecker{map[string]bool{}, map[string]bool{}, map[string]bool{"concern": true}, map[string]bool{}, map[string]bool{}, 0}
	for i := range k.Regimes {
		c.regimes[k.Regimes[i].ID] = true
		for _, l := range k.Regimes[i].Lists {
			c.lists[l] = true
		}
	}
	for i := range k.Brands {
		c.brands[k.Brands[i].ID] = true
	}
	for i := range k.Goods {
		c.goods[k.Goods[i].ID] = true
	}
	for _, e := range effects {
		c.effects[e] = true
	}
	return c
}

func (c *policyChecker) compile(p *offshelf.Policy) (*policy.Program, []error) {
	var errs []error
	bad := func(at offshelf.PolicyProblem, format string, args ...any) {
		at.Text = fmt.Sprintf(format, args...)
		errs = append(errs, &at)
	}
	if p.Title == "" {
		bad(offshelf.PolicyProblem{}, "has no title")
	}
	if p.Otherwise == offshelf.NoAction {
		bad(offshelf.PolicyProblem{}, "otherwise: say what happens where no rule matches: pull, hold, review or note")
	}
	for i, r := range p.Regimes {
		if c.regimes[r.ID] {
			bad(offshelf.PolicyProblem{House: i + 1, Field: "id"}, "house regime %s: there is a regime with this id already; give it another", r.ID)
		} else {
			c.regimes[r.ID] = true
			defer delete(c.regimes, r.ID)
		}
		for _, l := range r.Lists {
			if !c.lists[l] {
				c.lists[l] = true
				defer delete(c.lists, l)
			}
		}
		if err := CheckRegime(r); err != nil {
			bad(offshelf.PolicyProblem{House: i + 1}, "house regime %s: %v", r.ID, err)
		}
	}
	for i := range p.Rules {
		c.rule(i+1, &p.Rules[i], bad)
		if p.Rules[i].When != "" {
			c.expressions++
		}
	}
	if c.expressions > maxExpressions {
		bad(offshelf.PolicyProblem{}, "the policies have more than %d rules with a when: join some of them", maxExpressions)
		return nil, errs
	}
	program, problems := policy.Compile(p, &policy.Vocabulary{Regimes: c.regimes, Brands: c.brands, Lists: c.lists, Goods: c.goods, Effects: c.effects})
	for _, x := range problems {
		known := map[string]bool{}
		for _, w := range x.Known {
			known[w] = true
		}
		bad(offshelf.PolicyProblem{Rule: x.Rule, Field: "when", Line: x.Line, Column: x.Column}, "%s%s", x.Text, nearest(known, x.Word))
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return program, nil
}

// rule checks the field conditions of a rule.
func (c *policyChecker) rule(n int, r *offshelf.PolicyRule, bad func(at offshelf.PolicyProblem, format string, args ...any)) {
	if r.Action == offshelf.NoAction {
		bad(offshelf.PolicyProblem{Rule: n}, "has no action")
	}
	for i, id := range r.Regimes {
		if !c.regimes[id] {
			bad(offshelf.PolicyProblem{Rule: n, Field: "regimes", Item: i + 1}, "unknown regime %q%s", id, nearest(c.regimes, id))
		}
	}
	for i, id := range r.Brands {
		if !c.brands[id] {
			bad(offshelf.PolicyProblem{Rule: n, Field: "brands", Item: i + 1}, "unknown brand %q%s", id, nearest(c.brands, id))
		}
	}
	for i, f := range r.Forbids {
		if !c.effects[f] {
			bad(offshelf.PolicyProblem{Rule: n, Field: "forbids", Item: i + 1}, "forbids %q: use one of %v", f, effects)
		}
	}
	for i, f := range r.Needs {
		if !slices.Contains(needs, f) {
			bad(offshelf.PolicyProblem{Rule: n, Field: "needs", Item: i + 1}, "needs %q: use one of %v", f, needs)
		}
	}
	if r.Basis != "" && r.Basis != offshelf.Law && r.Basis != offshelf.Choice {
		bad(offshelf.PolicyProblem{Rule: n, Field: "basis"}, "basis %q: use law or policy", r.Basis)
	}
	if r.Verdict != "" && r.Verdict != offshelf.Reached && r.Verdict != offshelf.Possible {
		bad(offshelf.PolicyProblem{Rule: n, Field: "verdict"}, "verdict %q: use reached or possible", r.Verdict)
	}
	if !(r.Probability >= 0 && r.Probability <= 1) { // NaN too
		bad(offshelf.PolicyProblem{Rule: n, Field: "probability"}, "probability runs from 0 to 1")
	}
}

// ReviewPolicy tells what a policy that loads can hardly mean: rules that never
// decide, as an earlier one takes all that they match, and house regimes on
// lists that are not known.
func ReviewPolicy(p *offshelf.Policy, k *offshelf.Knowledge) []error {
	var errs []error
	bad := func(at offshelf.PolicyProblem, format string, args ...any) {
		at.Text = fmt.Sprintf(format, args...)
		errs = append(errs, &at)
	}
	c := newPolicyChecker(k)
	for i, r := range p.Regimes {
		for j, l := range r.Lists {
			if !c.lists[l] {
				bad(offshelf.PolicyProblem{House: i + 1, Field: "lists", Item: j + 1}, "house regime %s: no listing is on a list %q%s: the regime never reaches anything through it", r.ID, l, nearest(c.lists, l))
			}
		}
	}
	if len(p.Rules) > maxCompared {
		bad(offshelf.PolicyProblem{Field: "rules"}, "has %d rules, more than %d: whether each can be reached was not looked for", len(p.Rules), maxCompared)
		return errs
	}
	for i := range p.Rules {
		for j := range i {
			switch {
			case covers(&p.Rules[j], &offshelf.PolicyRule{}):
				bad(offshelf.PolicyProblem{Rule: i + 1}, "is never reached: rule %d has no condition and decides everything: put it last", j+1)
			case covers(&p.Rules[j], &p.Rules[i]):
				bad(offshelf.PolicyProblem{Rule: i + 1}, "is never reached: rule %d matches all that it matches: leave it out, or put it before that one", j+1)
			default:
				continue
			}
			break
		}
	}
	return errs
}

// maxCompared bounds the rules that are compared with one another.
const maxCompared = 1000

// covers reports whether a surely matches every finding that b matches.
func covers(a, b *offshelf.PolicyRule) bool {
	return narrower(b.Regimes, a.Regimes) && narrower(b.Brands, a.Brands) && narrower(b.Forbids, a.Forbids) && narrower(b.Needs, a.Needs) &&
		(a.Verdict == "" || a.Verdict == b.Verdict) &&
		(a.Basis == "" || a.Basis == b.Basis) &&
		(a.Probability == 0 || b.Probability > 0 && b.Probability <= a.Probability) &&
		(policy.Always(a.When) || policy.Same(a.When, b.When))
}

// narrower reports whether a condition on inner lets through nothing that one on
// outer does not. An empty list is no condition.
func narrower(inner, outer []string) bool {
	if len(outer) == 0 {
		return true
	}
	return len(inner) > 0 && !slices.ContainsFunc(inner, func(x string) bool { return !slices.Contains(outer, x) })
}
