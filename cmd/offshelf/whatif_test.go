package main

import (
	"strings"
	"testing"
)

// FuzzStakeSale: what is read has two names and, where a share is given, a
// known one; the names hold nothing of the separators.
func FuzzStakeSale(f *testing.F) {
	for _, seed := range []string{"dahua>lorex-technology", "dahua>lorex-technology=49%", " A > B = 10-20% ", "a>b=unknown", "a>b=", ">", "a", "a>b>c=1%", "a=b>c", "a>b=c=50%", "a>=>b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var x stakeSale
		if err := x.UnmarshalText([]byte(text)); err != nil {
			if !strings.Contains(err.Error(), "share") && !strings.Contains(err.Error(), "HOLDER>HELD") {
				t.Errorf("%q: the error says nothing of the form: %v", text, err)
			}
			return
		}
		if x.holder == "" || x.held == "" || strings.TrimSpace(x.holder) != x.holder || strings.TrimSpace(x.held) != x.held {
			t.Errorf("%q: %+v", text, x)
		}
		if _, held, _ := strings.Cut(text, ">"); strings.Contains(held, "=") != x.share.Known {
			t.Errorf("%q: share %+v", text, x.share)
		}
	})
}
