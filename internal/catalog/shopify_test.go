package catalog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf"
)

func TestShopify(t *testing.T) {
	want := []offshelf.Product{
		{File: "x", Row: 1, ID: "S1", Title: "Cam", Brand: "Lorex", Vendor: "Lorex", Category: "Cameras", Description: "A cam\nwifi, outdoor", GTIN: "8720602828605", Price: "10"},
		{File: "x", Row: 2, ID: "S2", Title: "Cam", Brand: "Lorex", Vendor: "Lorex", Category: "Cameras", Description: "A cam\nwifi, outdoor", Price: "12"},
		{File: "x", Row: 3, ID: "cam#3", Title: "Cam", Brand: "Lorex", Vendor: "Lorex", Category: "Cameras", Description: "A cam\nwifi, outdoor", Price: "13"},
		{File: "x", Row: 5, ID: "kit", Title: "Kit", Brand: "Ezviz", Vendor: "Ezviz"},
	}
	for name, header := range map[string]string{
		"old": "Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Value,Variant SKU,Variant Price,Variant Barcode,Image Src",
		"new": "URL handle,Title,Description,Vendor,Type,Tags,Option1 value,SKU,Price,Barcode,Product image URL",
	} {
		t.Run(name, func(t *testing.T) {
			products, problems, use := read(t, header+`
cam,Cam,<p>A cam</p>,Lorex,Cameras,"wifi, outdoor",white,S1,10,'8720602828605,u
cam,,,,,,black,S2,12,,
cam,,,,,,red,,13,,
cam,,,,,,,,,,u2
kit,Kit,,Ezviz,,,,,,,
`, Options{})
			if d := cmp.Diff(want, products); d != "" {
				t.Error(d)
			}
			if len(problems) != 1 || !strings.HasPrefix(problems[0], "skipped 4:5  an image of cam") {
				t.Errorf("%q", problems)
			}
			if use.Format != "shopify" {
				t.Errorf("%+v", use)
			}
		})
	}
}

// TestShopifyMany crosses batches within a handle.
func TestShopifyMany(t *testing.T) {
	var b strings.Builder
	b.WriteString("Handle,Title,Vendor,Variant SKU,Variant Price\nh,T,V,,1\n")
	for range 50000 {
		b.WriteString("h,,,,2\n")
	}
	products, problems, _ := read(t, b.String(), Options{})
	if len(products) != 50001 || len(problems) > 0 {
		t.Fatalf("%d products, %d problems", len(products), len(problems))
	}
	if p := products[50000]; p.Title != "T" || p.Brand != "V" || p.ID != "h#50001" || p.Row != 50001 {
		t.Errorf("%+v", p)
	}
}

func TestShopifyMapped(t *testing.T) {
	products, _, _ := read(t, "Handle,Title,Vendor,Variant SKU\nh,T,V,S\n", Options{Map: map[string]string{"id": "Handle", "mpn": "variant sku"}})
	want := []offshelf.Product{{File: "x", Row: 1, ID: "h", Title: "T", Brand: "V", Vendor: "V", MPN: "S"}}
	if d := cmp.Diff(want, products); d != "" {
		t.Error(d)
	}
}
