package casework_test

import (
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
)

// Each field of a product is either one that says what it is, or one that does
// not: a new field of the domain has to be thought of here.
func TestProductDigestCountsWhatSaysWhatItIs(t *testing.T) {
	identity := map[string]bool{
		"Title": true, "Brand": true, "Manufacturer": true, "Vendor": true, "Model": true, "MPN": true, "GTIN": true, "FCCID": true, "FCCGranted": true,
		"Approval": true, "MAC": true, "Category": true, "CategoryCode": true, "Origin": true,
		"File": false, "Row": false, "ID": false, "Description": false, "Price": false, "URL": false,
	}
	digest := func(p offshelf.Product) string {
		doc, err := json.Marshal(&p)
		if err != nil {
			t.Fatal(err)
		}
		return casework.ProductDigest(string(doc))
	}
	base := digest(offshelf.Product{ID: "1"})
	typ := reflect.TypeFor[offshelf.Product]()
	for i := range typ.NumField() {
		p := offshelf.Product{ID: "1"}
		switch f := reflect.ValueOf(&p).Elem().Field(i); f.Kind() {
		case reflect.String:
			f.SetString("other")
		case reflect.Int:
			f.SetInt(9)
		}
		name := typ.Field(i).Name
		counts, ok := identity[name]
		if !ok {
			t.Errorf("Product.%s is new: does it say what a product is?", name)
		}
		if (digest(p) != base) != counts {
			t.Errorf("Product.%s changes the digest: %v, want %v", name, !counts, counts)
		}
	}
	// neither the order of the members nor a text moved to the next field
	if casework.ProductDigest(`{"brand":"a","title":"b"}`) != casework.ProductDigest(`{"title":"b","id":"7","brand":"a"}`) {
		t.Error("the order of members counts")
	}
	if digest(offshelf.Product{Title: "ab", Brand: "c"}) == digest(offshelf.Product{Title: "a", Brand: "bc"}) {
		t.Error("two products have one digest")
	}
	if casework.ProductDigest("not JSON") == casework.ProductDigest("not json") {
		t.Error("what is no product has no digest of its own")
	}
}

func TestChainDigest(t *testing.T) {
	make := func(change func(f *offshelf.Finding)) string {
		f := camera("A", offshelf.Law).findings[0]
		second := f.Chains[0]
		second.Hops = append([]offshelf.Hop(nil), second.Hops...)
		second.Hops[1].Kind = "held"
		f.Chains = append(f.Chains, second)
		f.Chains[0].Hops = append([]offshelf.Hop(nil), f.Chains[0].Hops...)
		f.Forbids = []string{"import", "marketing"}
		change(&f)
		return casework.ChainDigest(&f)
	}
	base := make(func(*offshelf.Finding) {})
	hop := func(f *offshelf.Finding) *offshelf.Hop { return &f.Chains[0].Hops[1] }
	same := map[string]func(f *offshelf.Finding){
		"the note of a hop":    func(f *offshelf.Finding) { hop(f).Note = "as the press says" },
		"sources of a hop":     func(f *offshelf.Finding) { hop(f).Sources = []offshelf.Source{{ID: "x"}} },
		"order of the chains":  func(f *offshelf.Finding) { f.Chains[0], f.Chains[1] = f.Chains[1], f.Chains[0] },
		"order of the forbids": func(f *offshelf.Finding) { f.Forbids = []string{"marketing", "import"} },
		"why":                  func(f *offshelf.Finding) { f.Why = "because" },
		"what settles it":      func(f *offshelf.Finding) { f.Chains[0].Open = "ask" },
		"product":              func(f *offshelf.Finding) { f.Product.Price = "1" },
		"snapshot":             func(f *offshelf.Finding) { f.Snapshot, f.Days = "ff", 3 },
		"action of the policy": func(f *offshelf.Finding) { f.Action = offshelf.Hold },
	}
	for name, change := range same {
		if make(change) != base {
			t.Errorf("%s counts and should not", name)
		}
	}
	seen := map[string]string{base: "nothing"}
	for name, change := range map[string]func(f *offshelf.Finding){
		"kind":           func(f *offshelf.Finding) { hop(f).Kind = "supplied" },
		"from":           func(f *offshelf.Finding) { hop(f).From = "x" },
		"to":             func(f *offshelf.Finding) { hop(f).To = "x" },
		"since":          func(f *offshelf.Finding) { hop(f).Since = offshelf.Date{} },
		"precision":      func(f *offshelf.Finding) { hop(f).Since, _ = offshelf.ParseDate("2018-02") },
		"until":          func(f *offshelf.Finding) { hop(f).Until = day("2022-11-24").Date() },
		"share":          func(f *offshelf.Finding) { hop(f).Share = "50%" },
		"grade":          func(f *offshelf.Finding) { hop(f).Grade = offshelf.GradeClaim },
		"layer":          func(f *offshelf.Finding) { hop(f).Layer = offshelf.LayerOperator },
		"a hop more":     func(f *offshelf.Finding) { f.Chains[0].Hops = append(f.Chains[0].Hops, offshelf.Hop{Kind: "owned"}) },
		"a chain less":   func(f *offshelf.Finding) { f.Chains = f.Chains[:1] },
		"chain until":    func(f *offshelf.Finding) { f.Chains[0].Until = day("2030-01-01").Date() },
		"chain verdict":  func(f *offshelf.Finding) { f.Chains[0].Verdict = offshelf.Possible },
		"verdict":        func(f *offshelf.Finding) { f.Verdict = offshelf.Possible },
		"basis":          func(f *offshelf.Finding) { f.Basis = offshelf.Choice },
		"forbids":        func(f *offshelf.Finding) { f.Forbids = []string{"import"} },
		"state of rule":  func(f *offshelf.Finding) { f.State = "scheduled" },
		"brand":          func(f *offshelf.Finding) { f.BrandID = "flir" },
		"class of goods": func(f *offshelf.Finding) { f.Goods = "cameras" },
	} {
		d := make(change)
		if other, ok := seen[d]; ok {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[d] = name
	}
}

func TestListingDigest(t *testing.T) {
	f := camera("A", offshelf.Law).findings[0]
	seen := map[string]string{casework.ListingDigest(&entry, &f): "nothing", casework.ListingDigest(nil, &f): "no entry"}
	if len(seen) != 2 {
		t.Fatal("an entry counts for nothing")
	}
	noted := entry
	noted.Note, noted.Sources = "as printed in Supplement 4", []string{"x"}
	if casework.ListingDigest(&noted, &f) != casework.ListingDigest(&entry, &f) {
		t.Error("a note counts")
	}
	for name, change := range map[string]func(l *offshelf.Listing){
		"name":      func(l *offshelf.Listing) { l.Name = "Dahua" },
		"citation":  func(l *offshelf.Listing) { l.Citation = "91 FR 1" },
		"party":     func(l *offshelf.Listing) { l.Party = "x" },
		"from":      func(l *offshelf.Listing) { l.From = offshelf.Date{} },
		"until":     func(l *offshelf.Listing) { l.Until = day("2030-01-01").Date() },
		"status":    func(l *offshelf.Listing) { l.Status = "inactive" },
		"goods":     func(l *offshelf.Listing) { l.Goods = []string{"cameras"} },
		"origin":    func(l *offshelf.Listing) { l.Origin = []string{"CN"} },
		"but there": func(l *offshelf.Listing) { l.OriginNot = []string{"CN"} },
		"exception": func(l *offshelf.Listing) { l.Exceptions = []offshelf.Exception{{ID: "x", What: "toys"}} },
		"its end": func(l *offshelf.Listing) {
			l.Exceptions = []offshelf.Exception{{ID: "x", What: "toys", Until: day("2028-01-01").Date()}}
		},
		"grade": func(l *offshelf.Listing) { l.Grade = offshelf.GradeClaim },
	} {
		l := entry
		change(&l)
		d := casework.ListingDigest(&l, &f)
		if other, ok := seen[d]; ok {
			t.Errorf("%s has the digest of %s", name, other)
		}
		seen[d] = name
	}
}

func FuzzProductDigest(f *testing.F) {
	for _, s := range []string{`{"id":"1","title":"Camera"}`, `{"title":1}`, "", "null", `{"title":"\u0000"}`, `{"id":"1","id":"2"}`, "{\"title\":\"\xff\"}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		if a, b := casework.ProductDigest(doc), casework.ProductDigest(doc); a != b || len(a) != 64 {
			t.Fatalf("%q: %s, %s", doc, a, b)
		}
	})
}
