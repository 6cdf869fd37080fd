// Package trial runs the tests of a policy: products through the whole of
// screening, with what is expected to come out.
package trial

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// Result is what became of a test.
type Result struct {
	Name        string       `json:"name"`
	File        string       `json:"file"`
	Line        int          `json:"line"`
	Passed      bool         `json:"passed"`
	Differences []Difference `json:"differences,omitempty"`
}

// Difference is where a result is not as expected.
type Difference struct {
	About string `json:"about"` // a regime, all findings, or a rule of the policy
	Field string `json:"field"`
	Want  string `json:"want"`
	Got   string `json:"got"`
}

// Run runs the tests of the policy in their order. It fails where the policy
// itself is wrong.
func Run(ctx context.Context, snapshot *screen.Snapshot, policy offshelf.Policy, tests []knowledge.PolicyTest) ([]Result, error) {
	var out []Result
	var screener *screen.Screener
	day := offshelf.MinDay
	for i := range tests {
		t := &tests[i]
		if d := t.AsOf.Earliest(); screener == nil || d != day {
			var err error
			if screener, err = screen.New(snapshot, policy, screen.AsOf(d)); err != nil {
				return nil, err
			}
			day = d
		}
		findings, failures, err := screener.ScreenWithFailures(ctx, t.Product)
		if err != nil {
			return nil, err
		}
		r := Result{Name: t.Name, File: t.File, Line: t.Line, Differences: compare(t, findings, failures)}
		r.Passed = len(r.Differences) == 0
		out = append(out, r)
	}
	return out, nil
}

func compare(t *knowledge.PolicyTest, findings []offshelf.Finding, failures []screen.PolicyFailure) []Difference {
	var out []Difference
	if t.Action != "" {
		got := offshelf.NoAction
		for _, f := range findings {
			got = max(got, f.Action)
		}
		if text := cmp.Or(got.String(), knowledge.NoFinding); text != t.Action {
			out = append(out, Difference{"all findings", "action", t.Action, text})
		}
	}
	used := make([]bool, len(findings))
	for _, want := range t.Expect {
		best, least := -1, []Difference(nil)
		for i := range findings {
			if used[i] || findings[i].Regime != want.Regime {
				continue
			}
			if d := differences(want, &findings[i]); best < 0 || len(d) < len(least) {
				best, least = i, d
			}
		}
		if best < 0 {
			out = append(out, Difference{want.Regime, "finding", "one", "none; " + told(findings)})
			continue
		}
		used[best] = true
		out = append(out, least...)
	}
	for i, f := range findings {
		if t.Only && !used[i] {
			out = append(out, Difference{f.Regime, "finding", "none", fmt.Sprintf("%s, %s, through %s", f.Action, f.Verdict, f.Listing)})
		}
	}
	for _, f := range failures {
		out = append(out, Difference{fmt.Sprintf("rule %d", f.Rule), "when", "true or false", f.Text})
	}
	return slices.Compact(out)
}

// differences lists where a finding is not the one that is wanted.
func differences(want knowledge.ExpectedFinding, got *offshelf.Finding) []Difference {
	var out []Difference
	for _, c := range []Difference{
		{want.Regime, "listing", want.Listing, got.Listing},
		{want.Regime, "brand", want.Brand, got.BrandID},
		{want.Regime, "verdict", string(want.Verdict), string(got.Verdict)},
		{want.Regime, "basis", string(want.Basis), string(got.Basis)},
		{want.Regime, "since", want.Since.String(), got.Since.String()},
		{want.Regime, "action", want.Action.String(), got.Action.String()},
		{want.Regime, "why", want.Why, got.Why},
	} {
		if c.Want != "" && c.Want != c.Got {
			out = append(out, c)
		}
	}
	return out
}

// told lists what was found instead.
func told(findings []offshelf.Finding) string {
	if len(findings) == 0 {
		return "there is no finding"
	}
	text := "found:"
	for i, f := range findings {
		if i == 10 {
			return fmt.Sprintf("%s and %d more", text, len(findings)-i)
		}
		text += fmt.Sprintf(" %s (%s)", f.Regime, f.Action)
	}
	return text
}
