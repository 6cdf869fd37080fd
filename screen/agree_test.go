package screen

import (
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

// What reach says of a brand and what a catalog with its goods is told must be
// the same: not least that goods of a listed party itself do not fall under a
// rule that leaves the listed party to another one.
func TestReachOfBrandsAgreesWithFindings(t *testing.T) {
	k, digest, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compile(k, digest)
	if err != nil {
		t.Fatal(err)
	}
	for _, on := range []string{"2025-10-10", "2026-11-24"} {
		day, err := offshelf.ParseDay(on)
		if err != nil {
			t.Fatal(err)
		}
		sc, err := New(s, k.Policies[0], AsOf(day))
		if err != nil {
			t.Fatal(err)
		}
		compared := 0
		for _, b := range k.Brands {
			models := ""
			for _, m := range s.makes[b.ID] {
				if len(m.models) > 0 {
					models += "?"
				}
			}
			found := map[string]offshelf.Verdict{}
			for _, f := range sc.follow(subject{brand: b.ID, models: models}) {
				if found[f.Regime] != offshelf.Reached {
					found[f.Regime] = f.Verdict
				}
			}
			for _, a := range s.Reach(Subject{b.ID, b.Name, true}, k.Regimes, day) {
				if a.Regime != "us-bis-affiliates" {
					continue // other rules and orders look at the goods as well, which reach does not
				}
				want := found[a.Regime]
				if want == "" {
					want = NotReached
				} else {
					compared++
				}
				if a.Verdict != want {
					t.Errorf("%s, %s, %s: reach says %s, a screening %s", on, b.ID, a.Regime, a.Verdict, want)
				}
				for _, x := range a.Timeline {
					if a.Verdict == NotReached && (offshelf.Interval{From: x.From, Until: x.Until}).On(day) != offshelf.False && x.State != "suspended" {
						t.Errorf("%s, %s, %s: not reached, but on its timeline", on, b.ID, a.Regime)
					}
				}
			}
		}
		if compared == 0 {
			t.Errorf("%s: nothing to compare", on)
		}
	}
}
