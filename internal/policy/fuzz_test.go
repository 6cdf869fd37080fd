package policy

import (
	"testing"
	"time"

	"github.com/offshelf/offshelf"
)

// FuzzExpression holds that no expression makes compiling or evaluating panic
// or hang, that what is refused says why and where, and that one which fails
// on a finding leaves it at review at least.
func FuzzExpression(f *testing.F) {
	words := &Vocabulary{Regimes: set("us-fcc-covered"), Brands: set("lorex"), Lists: set("us-fcc-covered"), Effects: set("import", "sale", "marketing")}
	f.Fuzz(func(t *testing.T, when string) {
		if when == "" {
			return
		}
		start := time.Now()
		p, bad := Compile(&offshelf.Policy{Rules: []offshelf.PolicyRule{{When: when, Action: offshelf.Pull}}, Otherwise: offshelf.Note}, words)
		if (p == nil) != (len(bad) > 0) {
			t.Fatalf("program %v with %d problems", p != nil, len(bad))
		}
		for _, b := range bad {
			if b.Text == "" || b.Rule != 1 || b.Line < 1 || b.Column < 1 {
				t.Errorf("%q: %+v", when, b)
			}
		}
		if p != nil {
			in := camera(t)
			d := p.Decide(in)
			switch {
			case len(d.Failed) > 0 && d.Action != offshelf.Review,
				len(d.Failed) == 0 && d.Action != offshelf.Pull && d.Action != offshelf.Note:
				t.Errorf("%q: %+v", when, d)
			}
			if again := p.Decide(in); again.Action != d.Action || again.Why != d.Why {
				t.Errorf("%q: %+v, then %+v", when, d, again)
			}
			// Nothing known of the finding is no reason to panic.
			p.Decide(&Input{Finding: &offshelf.Finding{}, Listing: &offshelf.Listing{}, Regime: &offshelf.Regime{}})
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%q took %v", when, d)
		}
	})
}
