package screen

import (
	"context"
	"testing"

	"github.com/offshelf/offshelf"
)

// TestListingScope follows an order that covers one kind of goods of one
// country only, as the orders of US customs do.
func TestListingScope(t *testing.T) {
	day, err := offshelf.ParseDate("2020-01-01")
	if err != nil {
		t.Fatal(err)
	}
	official := offshelf.Evidence{Grade: offshelf.GradeOfficial}
	k := &offshelf.Knowledge{
		Version: "2026-11-24",
		Goods:   []offshelf.GoodsClass{{ID: "bicycle", Title: "Bicycles", Words: []string{"bicycle", "bike"}}, {ID: "apparel", Title: "Apparel", Words: []string{"shirt"}}},
		Parties: []offshelf.Party{{ID: "maker", Name: "Bicycle Maker Co."}},
		Brands: []offshelf.Brand{{ID: "velotest", Name: "Velotest", Goods: []string{"bicycle"}, Holders: []offshelf.Holder{
			{Party: "maker", Interval: offshelf.Interval{From: day}, Evidence: official},
		}}},
		Listings: []offshelf.Listing{{ID: "wro/maker", Party: "maker", List: "wro", Name: "Bicycle Maker", Goods: []string{"bicycle"}, Origin: []string{"TW"},
			Interval: offshelf.Interval{From: day}, Evidence: official}},
		Regimes: []offshelf.Regime{{ID: "wro", Title: "Orders", Lists: []string{"wro"},
			Reach:   offshelf.Reach{Kind: offshelf.ReachNamed, Owner: true, Maker: true},
			Periods: []offshelf.Period{{State: "in-force", Forbids: []string{"import"}, Basis: offshelf.Law}}}},
	}
	policy := offshelf.Policy{ID: "p", Title: "p", Otherwise: offshelf.Note}
	verdict := func(t *testing.T, title, origin string) offshelf.Verdict {
		t.Helper()
		s, err := Compile(k, "sum")
		if err != nil {
			t.Fatal(err)
		}
		sc, err := New(s, policy)
		if err != nil {
			t.Fatal(err)
		}
		f, err := sc.Screen(context.Background(), offshelf.Product{ID: "1", Title: title, Brand: "Velotest", Origin: origin})
		if err != nil {
			t.Fatal(err)
		}
		if len(f) == 0 {
			return ""
		}
		if f[0].Verdict == offshelf.Possible && f[0].Chains[0].Open == "" {
			t.Error("a possible finding without an open question")
		}
		return f[0].Verdict
	}
	for _, c := range []struct {
		title, origin string
		want          offshelf.Verdict
	}{
		{"Velotest city bike", "Taiwan", offshelf.Reached},
		{"Velotest city bike", "TW", offshelf.Reached},
		{"Velotest city bike", "Vietnam", ""},
		{"Velotest city bike", "", offshelf.Possible},
		{"Velotest shirt", "Taiwan", ""},
	} {
		if got := verdict(t, c.title, c.origin); got != c.want {
			t.Errorf("%s made in %q: %q, want %q", c.title, c.origin, got, c.want)
		}
	}
	k.Listings[0].Status = "pending-litigation"
	if got := verdict(t, "Velotest city bike", "Taiwan"); got != offshelf.Possible {
		t.Errorf("an order before a court: %q", got)
	}
	k.Listings[0].Status = "inactive"
	if got := verdict(t, "Velotest city bike", "Taiwan"); got != "" {
		t.Errorf("an inactive order: %q", got)
	}
}
