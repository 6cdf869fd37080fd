package screen_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// TestProductFacts screens small catalogs and prints what one rule says of each
// row: with which facts the answer is certain, and what it asks for otherwise.
func TestProductFacts(t *testing.T) {
	datadriven.Walk(t, "testdata/facts", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var on, regime string
			d.ScanArgs(t, "on", &on)
			d.ScanArgs(t, "regime", &regime)
			sc := screener(t, "default", on)
			var out strings.Builder
			said := map[int]bool{}
			emit := func(m *offshelf.Message) error {
				if f := m.Finding; f != nil && f.Regime == regime {
					said[f.Product.Row] = true
					fmt.Fprintf(&out, "%d: %s\n", f.Product.Row, told(f))
				}
				return nil
			}
			sum, err := sc.Catalogs(context.Background(), []screen.Source{{Name: "x.csv", Read: strings.NewReader(d.Input + "\n")}}, screen.Run{Emit: emit})
			if err != nil {
				return err.Error()
			}
			for row := 1; row <= sum.Read; row++ {
				if !said[row] {
					fmt.Fprintf(&out, "%d: nothing\n", row)
				}
			}
			for _, p := range sum.Problems {
				fmt.Fprintf(&out, "%s, row %d, %s\n", p.Kind, p.Row, p.Column)
			}
			return out.String()
		})
	})
}

func told(f *offshelf.Finding) string {
	s := fmt.Sprintf("%s, %s, forbids %s → %s", f.Verdict, f.Basis, strings.Join(f.Forbids, " "), f.Action)
	if f.Spared != "" {
		s += "\n   spared: " + f.Spared
	}
	if open := f.Chains[0].Open; open != "" {
		s += "\n   open: " + open
	}
	if len(f.Needs) > 0 {
		s += "\n   needs " + strings.Join(f.Needs, ", ")
	}
	return s
}

// drawFacts draws the facts of a product, given or not.
func drawFacts(t *rapid.T) offshelf.Product {
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	return offshelf.Product{
		ID:         "1",
		Title:      pick("title", "Skyrider Quadcopter 4K", "Mini toy drone for kids", "AX3000 WiFi Router", "2000W power inverter", "Quadruped robot B2", "DJI Mini drone", "Hikvision 4MP camera", "Claw hammer"),
		Origin:     pick("origin", "", "China", "US", "VN", "somewhere"),
		FCCGranted: pick("granted", "", "none", "2020-01-01", "2022", "2025-12-21", "2025-12-22", "2026-03", "2026-11-01", "soon"),
		Approval: pick("approval", "", "none", "Blue UAS Cleared List", "DHS conditional approval 7", "not on the Blue UAS list", "conditional approval by DoW", "Buy American domestic end product",
			"toy drone", "some letter"),
	}
}

// TestFactsSettle: where a finding names fields, giving them makes it certain,
// and a certain finding names none.
func TestFactsSettle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		on := rapid.SampledFrom([]string{"2023-03-01", "2025-12-22", "2026-07-16", "2026-11-24", "2029-01-01"}).Draw(t, "on")
		p := drawFacts(t)
		sc := factScreener(t, on)
		fs := findingsOf(t, sc, p)
		full := p
		full.Origin, full.FCCGranted, full.Approval = "China", offshelf.None, offshelf.None
		settled := findingsOf(t, sc, full)
		for _, f := range fs {
			ours := f.Goods != "" || strings.HasPrefix(f.Regime, "us-fcc")
			if !ours {
				continue
			}
			if f.Verdict == offshelf.Reached && f.Spared == "" && len(f.Needs) > 0 {
				t.Fatalf("%s is reached and needs %v", f.Regime, f.Needs)
			}
			if f.Spared != "" && (f.Basis != offshelf.Choice || !slices.Equal(f.Forbids, []string{"none"})) {
				t.Fatalf("%s spares and forbids: %+v", f.Regime, f)
			}
			for _, c := range f.Chains {
				if (c.Verdict == offshelf.Possible) != (c.Open != "") || f.Verdict == offshelf.Reached && c.Open != "" {
					t.Fatalf("%s: a %s chain of a %s finding with the question %q", f.Regime, c.Verdict, f.Verdict, c.Open)
				}
			}
			if f.Goods != "" && f.Verdict == offshelf.Possible && len(f.Needs) == 0 && f.Spared == "" && p.Approval != "some letter" && !strings.HasPrefix(p.Approval, "not ") {
				t.Fatalf("%s is possible and needs nothing: %s", f.Regime, told(&f))
			}
			i := slices.IndexFunc(settled, func(o offshelf.Finding) bool { return o.Regime == f.Regime && o.Listing == f.Listing })
			if i < 0 {
				t.Fatalf("with all facts %s is gone", f.Regime)
			}
			if s := settled[i]; f.Goods != "" && (s.Verdict != offshelf.Reached || s.Basis != offshelf.Law || len(s.Needs) > 0) {
				t.Fatalf("with all facts: %s", told(&s))
			}
		}
		// What is remembered changes no answer.
		s, _ := embedded()
		policy, _ := s.Policy("default")
		d, _ := offshelf.ParseDay(on)
		fresh, err := screen.New(s, policy, screen.AsOf(d))
		if err != nil {
			t.Fatal(err)
		}
		if again := findingsOf(t, fresh, p); len(again) != len(fs) {
			t.Fatalf("%d findings, then %d", len(fs), len(again))
		} else {
			for i := range fs {
				if told(&fs[i]) != told(&again[i]) {
					t.Fatalf("%s, then %s", told(&fs[i]), told(&again[i]))
				}
			}
		}
	})
}

var factScreeners = map[string]*screen.Screener{}

func factScreener(t *rapid.T, on string) *screen.Screener {
	if sc := factScreeners[on]; sc != nil {
		return sc
	}
	s, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	policy, _ := s.Policy("default")
	d, err := offshelf.ParseDay(on)
	if err != nil {
		t.Fatal(err)
	}
	sc, err := screen.New(s, policy, screen.AsOf(d))
	if err != nil {
		t.Fatal(err)
	}
	factScreeners[on] = sc
	return sc
}

func findingsOf(t *rapid.T, sc *screen.Screener, p offshelf.Product) []offshelf.Finding {
	fs, err := sc.Screen(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

// TestKindFingerprint: a finding on a class stays the same finding when its
// brand becomes known.
func TestKindFingerprint(t *testing.T) {
	sc := screener(t, "default", today)
	with := through(findings(t, sc, offshelf.Product{ID: "1", Title: "DJI Mini 4 Pro drone", Brand: "DJI"}), "us-fcc-covered-category")
	without := through(findings(t, sc, offshelf.Product{ID: "1", Title: "Mini 4 Pro drone", Brand: "Skyrider"}), "us-fcc-covered-category")
	if len(with) != 1 || len(without) != 1 || with[0].BrandID != "dji" || without[0].BrandID != "" || with[0].Fingerprint != without[0].Fingerprint {
		t.Errorf("%+v\n%+v", with, without)
	}
}

// TestExceptionsOfSeveralRules: where two rules look at one list, a question
// names each of its exceptions once.
func TestExceptionsOfSeveralRules(t *testing.T) {
	s, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	policy, _ := s.Policy("default")
	policy.Regimes = append(slices.Clone(policy.Regimes), offshelf.Regime{
		ID: "house-drones", Title: "Drones", Lists: []string{"us-fcc-covered-category"}, House: true, Reach: offshelf.Reach{Kind: offshelf.ReachGoods},
		Periods: []offshelf.Period{{State: "in-force", Forbids: []string{"sale"}, Basis: offshelf.Choice}},
	})
	sc, err := screen.New(s, policy, screen.AsOf(day(t, today)))
	if err != nil {
		t.Fatal(err)
	}
	fs := findings(t, sc, offshelf.Product{ID: "1", Title: "Skyrider Quadcopter", Origin: "China", FCCGranted: offshelf.None})
	if len(fs) != 2 {
		t.Fatalf("%d findings", len(fs))
	}
	for _, f := range fs {
		if open := f.Chains[0].Open; strings.Count(open, "blue-uas") != 1 {
			t.Errorf("%s: %s", f.Regime, open)
		}
	}
}

// TestHostileFacts: no value of a fact makes screening fail, slow or forgetful.
func TestHostileFacts(t *testing.T) {
	sc := screener(t, "default", today)
	long := strings.Repeat("blue uas ", 1<<17)
	for _, p := range []offshelf.Product{
		{Title: "Quadcopter", Origin: "China", FCCGranted: "none", Approval: long},
		{Title: "Quadcopter", Origin: long, FCCGranted: long, CategoryCode: "google:" + strings.Repeat("a > ", 1<<17)},
		{Title: strings.Repeat("drone plus ", 1<<17), Category: long, CategoryCode: "gpc:99999999"},
		{Title: "Quadcopter\x00\xff", FCCGranted: "..", Approval: "\xff", CategoryCode: ":"},
	} {
		findings(t, sc, p)
	}
	// More subjects than are remembered.
	for i := range 20_000 {
		findings(t, sc, offshelf.Product{Title: "Quadcopter", Origin: fmt.Sprint("Country ", i), FCCGranted: fmt.Sprintf("%04d-01-01", 1000+i%9000), Approval: fmt.Sprint("letter ", i)})
	}
}
