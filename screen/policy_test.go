package screen_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

func with(t *testing.T, on string, p offshelf.Policy, options ...screen.Option) *screen.Screener {
	t.Helper()
	p.ID, p.Title = "test", "Test"
	if p.Otherwise == offshelf.NoAction {
		p.Otherwise = offshelf.Note
	}
	sc, err := screen.New(snapshot(t), p, append([]screen.Option{screen.AsOf(day(t, on))}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

func TestFirstRuleWins(t *testing.T) {
	const on = "2026-07-16"
	for _, c := range []struct {
		name  string
		rules []offshelf.PolicyRule
		want  offshelf.Action
		why   string
	}{
		{"no rule", nil, offshelf.Note, ""},
		{"the first", []offshelf.PolicyRule{{Action: offshelf.Review, Why: "first"}, {Action: offshelf.Pull, Why: "second"}}, offshelf.Review, "first"},
		{"the mildest, if first", []offshelf.PolicyRule{{Action: offshelf.Note, Why: "mild"}, {Basis: offshelf.Law, Action: offshelf.Pull}}, offshelf.Note, "mild"},
		{"another regime", []offshelf.PolicyRule{{Regimes: []string{"us-uflpa"}, Action: offshelf.Pull}, {Action: offshelf.Hold}}, offshelf.Hold, ""},
		{"one of the regimes", []offshelf.PolicyRule{{Regimes: []string{"us-uflpa", "us-fcc-covered"}, Action: offshelf.Pull}}, offshelf.Pull, ""},
		{"another brand", []offshelf.PolicyRule{{Brands: []string{"lorex"}, Action: offshelf.Pull}}, offshelf.Note, ""},
		{"the brand", []offshelf.PolicyRule{{Brands: []string{"lorex", "hikvision"}, Action: offshelf.Pull}}, offshelf.Pull, ""},
		{"another verdict", []offshelf.PolicyRule{{Verdict: offshelf.Possible, Action: offshelf.Hold}}, offshelf.Note, ""},
		{"another basis", []offshelf.PolicyRule{{Basis: offshelf.Choice, Action: offshelf.Pull}}, offshelf.Note, ""},
		{"any of the effects", []offshelf.PolicyRule{{Forbids: []string{"sale", "marketing"}, Action: offshelf.Pull}}, offshelf.Pull, ""},
		{"none of the effects", []offshelf.PolicyRule{{Forbids: []string{"sale", "dealings"}, Action: offshelf.Pull}}, offshelf.Note, ""},
		{"all conditions", []offshelf.PolicyRule{{Regimes: []string{"us-fcc-covered"}, Brands: []string{"lorex"}, Action: offshelf.Pull}}, offshelf.Note, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fs := through(findings(t, with(t, on, offshelf.Policy{Rules: c.rules}), hikvision), "us-fcc-covered")
			if len(fs) != 1 || fs[0].Action != c.want || fs[0].Why != c.why {
				t.Errorf("got %+v, want %s %q", fs, c.want, c.why)
			}
		})
	}
}

// A rule with a probability matches below it.
func TestProbabilityOfARule(t *testing.T) {
	sure := findings(t, screener(t, "default", today), byFCC)[0].Probability
	for _, c := range []struct {
		bound float64
		want  offshelf.Action
	}{{sure, offshelf.Note}, {math.Nextafter(sure, 1), offshelf.Hold}, {sure / 2, offshelf.Note}, {1, offshelf.Hold}} {
		rules := []offshelf.PolicyRule{{Probability: c.bound, Action: offshelf.Hold}}
		if got := findings(t, with(t, today, offshelf.Policy{Rules: rules}), byFCC)[0].Action; got != c.want {
			t.Errorf("probability %v, bound %v: %s, want %s", sure, c.bound, got, c.want)
		}
	}
}

func TestMinimum(t *testing.T) {
	sure := findings(t, screener(t, "default", today), byFCC)[0].Probability
	for _, c := range []struct {
		minimum float64
		found   bool
	}{{0, true}, {sure, true}, {math.Nextafter(sure, 1), false}, {1, false}} {
		fs := findings(t, screener(t, "default", today, screen.Minimum(c.minimum)), byFCC)
		if (len(fs) > 0) != c.found {
			t.Errorf("minimum %v of %v: %d findings", c.minimum, sure, len(fs))
		}
	}
	p, _ := snapshot(t).Policy("default")
	for _, m := range []float64{-0.01, 1.01, math.Inf(1), math.NaN()} {
		if _, err := screen.New(snapshot(t), p, screen.Minimum(m)); err == nil || !strings.Contains(err.Error(), "from 0 to 1") {
			t.Errorf("minimum %v: %v", m, err)
		}
	}
}

func TestRefusedPolicies(t *testing.T) {
	good := offshelf.Policy{ID: "test", Title: "Test", Otherwise: offshelf.Note}
	houseRule := offshelf.Regime{
		ID: "own", Title: "Own", Lists: []string{"us-bis-el"}, Reach: offshelf.Reach{Kind: offshelf.ReachNamed, Owner: true},
		Periods: []offshelf.Period{{State: "in-force", Basis: offshelf.Choice}}, House: true,
	}
	clash := houseRule
	clash.ID = "us-bis-el"
	for _, c := range []struct {
		name   string
		change func(*offshelf.Policy)
		want   string // part of the error; none is a policy that is accepted
	}{
		{"as it is", func(p *offshelf.Policy) {}, ""},
		{"a house regime", func(p *offshelf.Policy) {
			p.Regimes = []offshelf.Regime{houseRule}
			p.Rules = []offshelf.PolicyRule{{Regimes: []string{"own"}, Action: offshelf.Pull}}
		}, ""},
		{"unknown regime", func(p *offshelf.Policy) {
			p.Rules = []offshelf.PolicyRule{{Regimes: []string{"us-uflpb"}, Action: offshelf.Pull}}
		}, `unknown regime "us-uflpb"`},
		{"unknown brand", func(p *offshelf.Policy) {
			p.Rules = []offshelf.PolicyRule{{Brands: []string{"lorexx"}, Action: offshelf.Pull}}
		}, `unknown brand "lorexx"`},
		{"no action", func(p *offshelf.Policy) { p.Rules = []offshelf.PolicyRule{{}} }, "no action"},
		{"nothing otherwise", func(p *offshelf.Policy) { p.Otherwise = offshelf.NoAction }, "otherwise"},
		{"an id twice", func(p *offshelf.Policy) { p.Regimes = []offshelf.Regime{clash} }, "there is a regime with this id already"},
		{"a house id twice", func(p *offshelf.Policy) { p.Regimes = []offshelf.Regime{houseRule, houseRule} }, "there is a regime with this id already"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := good
			c.change(&p)
			_, err := screen.New(snapshot(t), p)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestShippedPolicies(t *testing.T) {
	s := snapshot(t)
	if got := strings.Join(s.Policies(), " "); !strings.Contains(got, "default") || !strings.Contains(got, "2021-lowes") {
		t.Errorf("policies %s", got)
	}
	for _, id := range s.Policies() {
		p, ok := s.Policy(id)
		if !ok {
			t.Fatalf("no policy %s", id)
		}
		if _, err := screen.New(s, p); err != nil {
			t.Error(err)
		}
	}
	if _, ok := s.Policy("none"); ok {
		t.Error("there is a policy none")
	}
	if s.Version() == "" || len(s.Sum()) != 64 || s.BrandName("lorex") != "Lorex" || s.PartyName("dahua") != "Zhejiang Dahua Technology Co., Ltd." || s.PartyName("nobody") != "nobody" {
		t.Errorf("version %q, sum %q", s.Version(), s.Sum())
	}
}

func TestFingerprints(t *testing.T) {
	sc := screener(t, "2021-lowes", "2021-10-25")
	prints := map[string]string{}
	other := lorex
	other.ID = "1001b"
	for _, p := range []offshelf.Product{lorex, other, ezviz} {
		for _, f := range findings(t, sc, p) {
			what := p.ID + " " + f.Regime + " " + f.Listing
			if before, ok := prints[f.Fingerprint]; ok {
				t.Errorf("%s and %s have one fingerprint", before, what)
			}
			prints[f.Fingerprint] = what
		}
	}
	// It stays over runs: another day, another price, and a mark that names the maker.
	later := lorex
	later.Price, later.Row, later.MAC = "99.00", 7, "C0:56:E3:12:34:56"
	kept := 0
	for _, f := range findings(t, screener(t, "2021-home-depot", "2021-10-26"), later) {
		if f.Brand == "Lorex" && prints[f.Fingerprint] != "" {
			kept++
		}
	}
	if want := len(findings(t, sc, lorex)); kept < want {
		t.Errorf("%d of %d fingerprints stay", kept, want)
	}
	// Without an id the title stands in.
	bare := offshelf.Product{Brand: "Lorex", Title: lorex.Title}
	again := offshelf.Product{Brand: "Lorex", Title: "Lorex 2K Wired Video Doorbell"}
	if a, b := findings(t, sc, bare), findings(t, sc, again); len(a) == 0 || len(b) == 0 || a[0].Fingerprint == b[0].Fingerprint {
		t.Error("two titles have one fingerprint")
	}
}

func TestCancelledContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	sc := screener(t, "default", today)
	if _, err := sc.Screen(ctx, lorex); !errors.Is(err, context.Canceled) {
		t.Errorf("Screen: %v", err)
	}
	if _, err := sc.ScreenBatch(ctx, []offshelf.Product{lorex}); !errors.Is(err, context.Canceled) {
		t.Errorf("ScreenBatch: %v", err)
	}
}
