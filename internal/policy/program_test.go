package policy

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/offshelf/offshelf"
)

func day(t testing.TB, s string) offshelf.Day {
	d, err := offshelf.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func on(t testing.TB, s string) offshelf.Date {
	d, err := offshelf.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// camera is a finding of the kind that screening makes: two chains, of which
// the longer one is better founded.
func camera(t testing.TB) *Input {
	f := &offshelf.Finding{
		Product: offshelf.Product{File: "shop.csv", Row: 7, ID: "1", Title: "Lorex 4K Bullet Security Camera", Brand: "Lorex", Price: "199.00", Origin: "CN"},
		Brand:   "Lorex", BrandID: "lorex", Probability: 0.97, Regime: "us-fcc-covered", Listing: "us-fcc-covered/dahua", Listed: "Dahua Technology Company",
		Verdict: offshelf.Reached, Basis: offshelf.Law, State: "in-force", Forbids: []string{"import", "marketing"},
		Since: on(t, "2021-03-12"), Days: 227,
		Chains: []offshelf.Chain{
			{Verdict: offshelf.Reached, Since: on(t, "2021"), Hops: []offshelf.Hop{
				{Kind: "made", From: "Lorex", To: "Dahua", Grade: offshelf.GradeTrade, Since: on(t, "2018~")},
				{Kind: "listed", From: "Dahua", To: "Dahua Technology Company", Grade: offshelf.GradeOfficial, Since: on(t, "2021-03-12")},
			}},
			{Verdict: offshelf.Reached, Since: on(t, "2021-03-12"), Hops: []offshelf.Hop{
				{Kind: "held", From: "Lorex", To: "Lorex Technology", Grade: offshelf.GradeFiling},
				{Kind: "owned", From: "Lorex Technology", To: "Dahua", Share: "45-55%", Grade: offshelf.GradePress},
				{Kind: "listed", From: "Dahua", To: "Dahua Technology Company", Grade: offshelf.GradeOfficial},
			}},
		},
	}
	return &Input{
		Finding: f, Day: day(t, "2021-10-25"),
		Listing: &offshelf.Listing{ID: f.Listing, List: "us-fcc-covered", Name: f.Listed, Citation: "DA 21-309", Interval: offshelf.Interval{From: on(t, "2021-03-12")}},
		Regime:  &offshelf.Regime{ID: f.Regime, Title: "FCC Covered List", Authority: "FCC", Lists: []string{"us-fcc-covered"}},
	}
}

// TestExpressions evaluates expressions on the camera. A want that is neither
// true nor false is part of the reason why it cannot be told.
func TestExpressions(t *testing.T) {
	for _, c := range []struct{ when, want string }{
		{`finding.verdict == "reached" && finding.basis == "law"`, "true"},
		{`finding.verdict == "possible"`, "false"},
		{`finding.state == "in-force"`, "true"},
		{`"marketing" in finding.forbids`, "true"},
		{`"sale" in finding.forbids`, "false"},
		{`finding.forbids.exists(f, f in ["sale", "import"])`, "true"},
		{`finding.probability < 0.98 && finding.probability > 0`, "true"},
		{`finding.days > 200`, "true"},
		{`finding.relation == "made"`, "true"},
		{`finding.brand == "Lorex" && finding.brand_id == "lorex" && finding.maker == ""`, "true"},
		{`finding.listed.startsWith("Dahua")`, "true"},
		{`has(finding.maker) || has(finding.until)`, "false"},
		{`has(finding.since) && has(finding.days)`, "true"},

		{`finding.since >= date("2021-01-01")`, "true"},
		{`finding.since < date("2021-03-12")`, "false"},
		{`finding.since <= date("2021-03-12")`, "true"},
		{`finding.since > date("2021-03-12")`, "false"},
		{`finding.since == date("2021-03-12")`, "true"},
		{`finding.since != date("2021-03-13")`, "true"},
		{`day - finding.since == 227`, "true"},
		{`day - finding.since == finding.days`, "true"},
		{`string(day) == "2021-10-25"`, "true"},
		{`day > date("2021")`, "cannot be compared"},
		{`day > date("2020")`, "true"},
		{`chains[0].since >= date("2021")`, "2021 and 2021 cannot be compared"},
		{`chains[0].since >= date("2021-01-01")`, "true"},
		{`chains[0].since < date("2021-06-01")`, "2021 and 2021-06-01 cannot be compared"},
		{`chains[0].since == date("2021-06-01")`, "cannot be compared"},
		{`chains[0].since == date("2022-06-01")`, "false"},
		{`finding.until > date("2030-01-01")`, "a date that is not known and 2030-01-01 cannot be compared"},
		{`has(finding.until) && finding.until > date("2030-01-01")`, "false"},
		{`finding.until > date("2030-01-01") && false`, "false"},
		{`chains[0].hops[0].since < date("2020-01-01")`, "true"},
		{`day - chains[0].since > 3`, "cannot be compared"},

		{`product.title.lower().contains("bullet")`, "true"},
		{`product.title.matches("^Lorex .*Camera$")`, "true"},
		{`product.row == 7 && product.file == "shop.csv" && size(product.id) == 1`, "true"},
		{`double(product.price) > 150.0`, "true"},
		{`double(product.gtin) > 150.0`, "gtin|convert|parse|invalid|type conversion"},
		{`has(product.gtin)`, "false"},

		{`listing.list == "us-fcc-covered" && listing.from == finding.since && listing.status == "active"`, "true"},
		{`listing.citation != "" && listing.name == finding.listed && listing.goods.size() + size(listing.origin) == 0`, "true"},
		{`regime.id == "us-fcc-covered" && regime.authority == "FCC" && !regime.house && "us-fcc-covered" in regime.lists`, "true"},

		{`chain.length == 3 && chain.hops.size() == 3`, "true"},
		{`chains.size() == 2 && chains.all(c, c.verdict == "reached")`, "true"},
		{`grade == press`, "true"},
		{`grade >= press && grade > trade && grade < filing && grade <= press && grade != claim`, "true"},
		{`string(grade) == "press"`, "true"},
		{`chains[0].hops.exists(h, h.kind == "made" && h.grade == trade)`, "true"},
		{`chain.hops.all(h, h.grade >= press)`, "true"},
		{`chains.exists(c, c.hops.all(h, h.grade >= official))`, "false"},
		{`chain.hops[1].share.min >= 4500 && chain.hops[1].share.max == 5500 && chain.hops[1].share.known`, "true"},
		{`chain.hops[0].share.min >= 4500`, "the share is not known"},
		{`chain.hops.filter(h, has(h.share)).all(h, h.share.min > 1)`, "true"},
		{`chain.hops.filter(h, h.kind == "owned")[0].to == "Dahua"`, "true"},
		{`chain.hops.map(h, h.kind) == ["held", "owned", "listed"]`, "true"},
		{`chain.hops[9].kind == "made"`, "index out of bounds"},
		{`chain == chains[1] && chain != chains[0]`, "true"},
		{`chain.open == "" && !has(chain.open)`, "true"},
		{`1 / (product.row - 7) == 1`, "division by zero"},
		{`true ? finding.days > 1 : false`, "true"},
	} {
		p, bad := Compile(&offshelf.Policy{Rules: []offshelf.PolicyRule{{When: c.when, Action: offshelf.Pull}}, Otherwise: offshelf.Note}, nil)
		if bad != nil {
			t.Errorf("%s: %+v", c.when, bad)
			continue
		}
		d := p.Decide(camera(t))
		got := fmt.Sprint(d.Action == offshelf.Pull)
		if len(d.Failed) > 0 {
			got = d.Failed[0].Text
			if d.Action != offshelf.Review || !strings.HasPrefix(d.Why, "rule 1 of the policy could not be applied: ") {
				t.Errorf("%s: failed and says %s, %q", c.when, d.Action, d.Why)
			}
		}
		ok := got == c.want
		for _, w := range strings.Split(c.want, "|") {
			ok = ok || len(d.Failed) > 0 && strings.Contains(got, w)
		}
		if !ok {
			t.Errorf("%s: %s, want %s", c.when, got, c.want)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	in := camera(b)
	for _, c := range []struct{ name, when string }{
		{"none", ""},
		{"fields", `finding.verdict == "reached" && finding.basis == "law"`},
		{"grade", `finding.basis == "law" && grade >= press && finding.since >= date("2021-01-01")`},
		{"hops", `chain.hops.exists(h, h.kind == "owned" && h.grade >= press)`},
		{"title", `product.title.lower().contains("camera") && !product.title.matches("(?i)refurbished")`},
	} {
		p, bad := Compile(&offshelf.Policy{Rules: []offshelf.PolicyRule{{When: c.when, Action: offshelf.Pull}}, Otherwise: offshelf.Note}, nil)
		if bad != nil {
			b.Fatal(bad)
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if p.Decide(in).Action != offshelf.Pull {
					b.Fatal("does not match")
				}
			}
		})
	}
}

// TestConcurrent: one program serves many goroutines.
func TestConcurrent(t *testing.T) {
	p, bad := Compile(&offshelf.Policy{Rules: []offshelf.PolicyRule{{When: `grade >= press && chain.hops.exists(h, h.kind == "owned")`, Action: offshelf.Pull}}, Otherwise: offshelf.Note}, nil)
	if bad != nil {
		t.Fatal(bad)
	}
	var wait sync.WaitGroup
	for range 8 {
		in := camera(t)
		wait.Go(func() {
			for range 500 {
				if d := p.Decide(in); d.Action != offshelf.Pull {
					t.Errorf("%+v", d)
					return
				}
			}
		})
	}
	wait.Wait()
}
