package screen_test

import (
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// The number in the story, and that what is counted adds up.
func TestSinceListed(t *testing.T) {
	catalog := "sku,title,brand\n" +
		"1,Lorex 4K Bullet Security Camera,Lorex\n" +
		"2,Lorex 2K Video Doorbell,Lorex\n" +
		"3,EZVIZ C6N Indoor Security Camera,EZVIZ\n" +
		"4,Imou Ranger 2 Indoor Security Camera,Imou\n" +
		"5,Amcrest UltraHD 4K Outdoor Bullet Camera,Amcrest\n" +
		"6,Oak shelf board,Northfloor\n"
	var findings []offshelf.Finding
	sum, err := screener(t, "2021-lowes", "2021-10-25").Catalogs(t.Context(), []screen.Source{{Name: "shop.csv", Read: strings.NewReader(catalog)}}, screen.Run{
		SinceListed: true,
		Emit: func(m *offshelf.Message) error {
			if m.Finding != nil {
				findings = append(findings, *m.Finding)
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := sum.SinceListed
	for i, brand := range []string{"lorex", "ezviz"} {
		b := s.Reached.Brands[i]
		r := b.Rules[0]
		if b.BrandID != brand || r.Longest.Regime != house || !r.Longest.Days.Exact() || r.Longest.Days.Least != 747 ||
			r.Longest.Since.String() != "2019-10-09" || r.ProductDays.Least != 747*b.Products {
			t.Errorf("%+v", b)
		}
	}
	// Imou is Dahua's since some day of 2019, and Dahua listed since October.
	imou := s.Reached.Brands[2]
	if d := imou.Rules[0].Longest.Days; imou.BrandID != "imou" || d != (offshelf.DayCount{Least: 664, Most: 747}) {
		t.Errorf("%+v", imou)
	}
	for name, v := range map[string]*offshelf.ShelfTime{"reached": &s.Reached, "possible": &s.Possible} {
		products, days := 0, offshelf.DayCount{}
		for _, b := range v.Brands {
			products += b.Products
			days = days.Add(b.ProductDays)
			for _, r := range b.Rules {
				if r.Longest.Days.Compare(b.Longest.Days) > 0 {
					t.Errorf("%s: %s has the longer %s", name, b.Brand, r.Longest.Days)
				}
			}
		}
		if products != v.Products || days != v.ProductDays {
			t.Errorf("%s: the brands have %d products and %s days, all %d and %s", name, products, days, v.Products, v.ProductDays)
		}
	}
	longest := 0
	for _, f := range findings {
		concern := f.Chains[0].Hops[len(f.Chains[0].Hops)-1].Kind == "concern"
		switch {
		case concern != (f.SinceListed == nil):
			t.Errorf("%s of %s: %+v", f.Regime, f.Product.ID, f.SinceListed)
		case concern:
		case f.SinceListed.Exact() && f.Days > 0 && f.SinceListed.Least != f.Days:
			t.Errorf("%s of %s: %s days since listed, %d days", f.Regime, f.Product.ID, f.SinceListed, f.Days)
		case f.SinceListed.Longest:
			longest++
		}
	}
	if longest != s.Reached.Products+s.Possible.Products {
		t.Errorf("%d findings are the longest of their product, want %d and %d", longest, s.Reached.Products, s.Possible.Products)
	}
}
