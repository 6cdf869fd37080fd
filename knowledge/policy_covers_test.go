package knowledge

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/policy"
)

var (
	someRegimes = []string{"a", "b", "c"}
	someBrands  = []string{"x", "y"}
	someEffects = []string{"sale", "import", "export"}
)

func anyRule(t *rapid.T) offshelf.PolicyRule {
	some := func(from []string, label string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, 2, rapid.ID[string]).Draw(t, label)
	}
	return offshelf.PolicyRule{
		Regimes:     some(someRegimes, "regimes"),
		Brands:      some(someBrands, "brands"),
		Forbids:     some(someEffects, "forbids"),
		Verdict:     rapid.SampledFrom([]offshelf.Verdict{"", "", offshelf.Reached, offshelf.Possible}).Draw(t, "verdict"),
		Basis:       rapid.SampledFrom([]offshelf.Basis{"", "", offshelf.Law, offshelf.Choice}).Draw(t, "basis"),
		Probability: rapid.SampledFrom([]float64{0, 0, 0.6, 0.9}).Draw(t, "probability"),
		When:        rapid.SampledFrom([]string{"", "", "true", "finding.days > 1", " finding.days > 1"}).Draw(t, "when"),
		Action:      offshelf.Pull,
	}
}

// TestUnreachable: a rule that is said to be never reached decides no finding,
// and where nothing is said of two rules, some finding tells them apart.
func TestUnreachable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := offshelf.Policy{ID: "p", Title: "P", Otherwise: offshelf.Note}
		for i := range rapid.IntRange(2, 4).Draw(t, "rules") {
			r := anyRule(t)
			r.Why = fmt.Sprint(i + 1)
			p.Rules = append(p.Rules, r)
		}
		never := map[string]bool{}
		for _, err := range ReviewPolicy(&p, &offshelf.Knowledge{}) {
			never[fmt.Sprint(err.(*offshelf.PolicyProblem).Rule)] = true
		}
		program, bad := policy.Compile(&p, nil)
		if bad != nil {
			t.Fatal(bad)
		}
		decided := map[string]bool{}
		for _, regime := range append([]string{"another"}, someRegimes...) {
			for _, brand := range append([]string{"another"}, someBrands...) {
				for _, verdict := range []offshelf.Verdict{offshelf.Reached, offshelf.Possible} {
					for _, basis := range []offshelf.Basis{offshelf.Law, offshelf.Choice} {
						for _, effect := range append([]string{"none"}, someEffects...) {
							for _, probability := range []float64{0.5, 0.7, 0.95} {
								for _, days := range []int{0, 5} {
									f := offshelf.Finding{Regime: regime, BrandID: brand, Verdict: verdict, Basis: basis, Forbids: []string{effect}, Probability: probability, Days: days}
									f.Since, _ = offshelf.ParseDate("2021-10-25")
									d := program.Decide(&policy.Input{Finding: &f, Listing: &offshelf.Listing{}, Regime: &offshelf.Regime{ID: regime}})
									decided[d.Why] = true
									if never[d.Why] {
										t.Fatalf("rule %s decides %+v in %+v", d.Why, f, p.Rules)
									}
								}
							}
						}
					}
				}
			}
		}
		// One rule alone shadows another, or it is not told: of two it can be checked both ways.
		if len(p.Rules) == 2 && !never["2"] && !decided["2"] {
			t.Fatalf("nothing is said of rule 2, which decides nothing: %+v", p.Rules)
		}
	})
}
