package attribute

import (
	"encoding/csv"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf"
)

// TestSurveyAttributes: a survey says of every product what Attribute says.
func TestSurveyAttributes(t *testing.T) {
	m, k := embedded(t)
	f, err := os.Open("testdata/adversarial.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	a, b := m.NewWorker(), m.NewWorker()
	for _, r := range rows[1:] {
		p := &offshelf.Product{Title: r[0], Brand: r[1], Manufacturer: r[2], Vendor: r[3], Model: r[4], Category: r[5], Description: r[6]}
		s := b.Survey(p)
		if d := cmp.Diff(a.Attribute(p), s.Attributions); d != "" {
			t.Errorf("%q: %s", p.Title, d)
		}
		for _, i := range s.Tells {
			_ = k.Tells[i]
		}
		if s.Standing == KnownBrand && m.BrandName(s.Brand) == s.Brand && s.Brand == "" {
			t.Errorf("%q: known, but which?", p.Title)
		}
	}
}

func TestSurvey(t *testing.T) {
	m, k := embedded(t)
	w := m.NewWorker()
	for _, x := range []struct {
		p        offshelf.Product
		standing Standing
		brand    string
		met      string // of the first ambiguous name
	}{
		{offshelf.Product{Title: "Hikvision DS-2CD2143G0-I dome camera", Brand: "Hikvision"}, KnownBrand, "hikvision", ""},
		{offshelf.Product{Title: "Cygnett Swann camera case", Brand: "Cygnett"}, OrdinaryBrand, "", "compatible"},
		{offshelf.Product{Title: "Garden chair", Brand: "Qwertz"}, UnknownBrand, "Qwertz", ""},
		{offshelf.Product{Title: "Garden chair", Brand: "Generic", Manufacturer: "Qwertz"}, UnknownBrand, "Qwertz", ""},
		{offshelf.Product{Title: "Samsung Galaxy S8", Brand: "Verizon"}, OrdinaryBrand, "", ""},
		{offshelf.Product{Title: "Garden chair", Brand: "Generic"}, NoBrand, "", ""},
		{offshelf.Product{Title: "UAG Defender phone case", Brand: "UAG"}, OrdinaryBrand, "", SettledDropped},
		{offshelf.Product{}, NoBrand, "", ""},
	} {
		s := w.Survey(&x.p)
		if s.Standing != x.standing || s.Brand != x.brand {
			t.Errorf("%q of %q: standing %d %q, want %d %q", x.p.Title, x.p.Brand, s.Standing, s.Brand, x.standing, x.brand)
		}
		if met := len(s.Met) > 0; met != (x.met != "") || met && s.Met[0].Settled != x.met {
			t.Errorf("%q: met %v, want %q", x.p.Title, s.Met, x.met)
		}
	}
	s := w.Survey(&offshelf.Product{Title: "Wall mount for dome camera", Category: "Mounts"})
	if len(s.Goods) != 2 || k.Goods[s.Goods[0]].ID != "surveillance" || !k.Goods[s.Goods[1]].Accessory {
		t.Errorf("goods %v", s.Goods)
	}
}
