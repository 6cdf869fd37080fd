package screen

import (
	"context"
	"testing"

	"github.com/offshelf/offshelf"
)

// TestWeakMarksDoNotReach holds what only a mark of a weak source gives away
// to possible: a model number that somebody remembers accuses nobody.
func TestWeakMarksDoNotReach(t *testing.T) {
	s, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	weak := 0
	for _, tell := range s.knowledge.Tells {
		if tell.Kind == offshelf.TellModel && tell.Grade.Weak() && tell.Strength == offshelf.Medium {
			weak++
		}
	}
	if weak == 0 {
		t.Fatal("no weak model number is left to test with")
	}
	p, _ := s.Policy("default")
	sc, err := New(s, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, product := range []offshelf.Product{
		{ID: "1", Title: "DHI-NVR4108HS network video recorder", Brand: "Acme"},
		{ID: "2", Title: "HCVR4104 security DVR recorder"},
	} {
		findings, err := sc.Screen(context.Background(), product)
		if err != nil {
			t.Fatal(err)
		}
		if len(findings) == 0 {
			t.Errorf("%s: no finding at all", product.Title)
		}
		for _, f := range findings {
			if f.Verdict == offshelf.Reached || f.Action == offshelf.Pull {
				t.Errorf("%s: %s says %s, %s on a weak mark", product.Title, f.Regime, f.Verdict, f.Action)
			}
			if f.Verdict == offshelf.Possible && f.Chains[0].Open == "" {
				t.Errorf("%s: %s is possible and asks nothing", product.Title, f.Regime)
			}
		}
	}
	// A filing is no weak source: the grantee code is Hikvision's.
	findings, err := sc.Screen(context.Background(), offshelf.Product{ID: "3", Title: "IP camera 4MP", Brand: "Acme", FCCID: "2ADTD-5604SD"})
	if err != nil {
		t.Fatal(err)
	}
	reached := false
	for _, f := range findings {
		reached = reached || f.Verdict == offshelf.Reached && f.Regime == "us-fcc-covered"
		if h := f.Chains[0].Hops[0]; h.Kind == "attributed" && len(h.Sources) == 0 {
			t.Errorf("%s: the mark has no source", f.Regime)
		}
	}
	if !reached {
		t.Error("an FCC ID of Hikvision reaches nothing")
	}
}
