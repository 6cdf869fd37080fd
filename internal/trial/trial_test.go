package trial

import (
	"fmt"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// TestShipped: each shipped policy says of real products what it is there for.
func TestShipped(t *testing.T) {
	snapshot, err := screen.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	tests, err := knowledge.ShippedTests()
	if err != nil {
		t.Fatal(err)
	}
	of := map[string][]knowledge.PolicyTest{}
	for _, x := range tests {
		of[x.Policy] = append(of[x.Policy], x)
	}
	for _, id := range snapshot.Policies() {
		if len(of[id]) == 0 {
			t.Errorf("%s has no tests", id)
		}
		policy, _ := snapshot.Policy(id)
		results, err := Run(t.Context(), snapshot, policy, of[id])
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if !r.Passed {
				t.Errorf("%s, %s: %+v", id, r.Name, r.Differences)
			}
		}
		// Where a rule is taken away, some test must notice.
		for i := range policy.Rules {
			less := policy
			less.Rules = append(append([]offshelf.PolicyRule{}, policy.Rules[:i]...), policy.Rules[i+1:]...)
			results, err := Run(t.Context(), snapshot, less, of[id])
			if err != nil {
				t.Fatal(err)
			}
			noticed := false
			for _, r := range results {
				noticed = noticed || !r.Passed
			}
			if !noticed {
				t.Errorf("%s: no test notices that rule %d is gone", id, i+1)
			}
		}
		delete(of, id)
	}
	for id := range of {
		t.Errorf("tests of the policy %q, which is not shipped", id)
	}
}

func TestCompare(t *testing.T) {
	since, err := offshelf.ParseDate("2021-03-12")
	if err != nil {
		t.Fatal(err)
	}
	findings := []offshelf.Finding{
		{Regime: "a", Listing: "a/1", Verdict: offshelf.Reached, Basis: offshelf.Law, Action: offshelf.Pull, Why: "law", Since: since},
		{Regime: "a", Listing: "a/2", Verdict: offshelf.Possible, Basis: offshelf.Law, Action: offshelf.Hold},
		{Regime: "b", Listing: "b/1", Verdict: offshelf.Reached, Basis: offshelf.Choice, Action: offshelf.Note},
	}
	for _, c := range []struct {
		test     knowledge.PolicyTest
		failures []screen.PolicyFailure
		want     string
	}{
		{test: knowledge.PolicyTest{Action: "pull"}},
		{test: knowledge.PolicyTest{Action: "hold"}, want: "all findings action: hold, got pull"},
		{test: knowledge.PolicyTest{Action: "none"}, want: "all findings action: none, got pull"},
		{test: knowledge.PolicyTest{Expect: []knowledge.ExpectedFinding{{Regime: "a", Action: offshelf.Hold}, {Regime: "a", Action: offshelf.Pull}}}},
		{test: knowledge.PolicyTest{Expect: []knowledge.ExpectedFinding{{Regime: "a", Action: offshelf.Pull}, {Regime: "a", Action: offshelf.Pull}}}, want: "a action: pull, got hold"},
		{test: knowledge.PolicyTest{Expect: []knowledge.ExpectedFinding{{Regime: "c"}}}, want: "c finding: one, got none; found: a (pull) a (hold) b (note)"},
		{test: knowledge.PolicyTest{Expect: []knowledge.ExpectedFinding{{Regime: "a", Listing: "a/1", Verdict: offshelf.Reached, Basis: offshelf.Law, Since: since, Action: offshelf.Pull, Why: "law"}}}},
		{test: knowledge.PolicyTest{Expect: []knowledge.ExpectedFinding{{Regime: "b", Verdict: offshelf.Possible, Basis: offshelf.Law, Brand: "x", Why: "y", Since: since}}},
			want: "b brand: x, got |b verdict: possible, got reached|b basis: law, got policy|b since: 2021-03-12, got |b why: y, got "},
		{test: knowledge.PolicyTest{Only: true, Expect: []knowledge.ExpectedFinding{{Regime: "a"}, {Regime: "b"}}}, want: "a finding: none, got hold, possible, through a/2"},
		{test: knowledge.PolicyTest{Action: "pull"}, failures: []screen.PolicyFailure{{Rule: 2, Text: "no"}, {Rule: 2, Text: "no"}}, want: "rule 2 when: true or false, got no"},
	} {
		var got []string
		for _, d := range compare(&c.test, findings, c.failures) {
			got = append(got, fmt.Sprintf("%s %s: %s, got %s", d.About, d.Field, d.Want, d.Got))
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%+v:\n%s\nwant\n%s", c.test, strings.Join(got, "|"), c.want)
		}
	}
}
