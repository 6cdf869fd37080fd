package catalog

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

func TestReadFact(t *testing.T) {
	for _, tt := range []struct {
		field  field
		column string
		in     string
		want   string
		bad    string // what the complaint holds
	}{
		{fieldFCCGranted, "fcc_granted", "2021-11-25", "2021-11-25", ""},
		{fieldFCCGranted, "fcc_granted", "2021-11", "2021-11", ""},
		{fieldFCCGranted, "fcc_granted", "2021-11-25T00:00:00Z", "2021-11-25", ""},
		{fieldFCCGranted, "fcc_granted", "2021-11-25 08:00", "2021-11-25", ""},
		{fieldFCCGranted, "Grant Date", "11/25/2021", "2021-11-25", ""},
		{fieldFCCGranted, "Grant Date", "1/5/2021", "2021-01-05", ""},
		{fieldFCCGranted, "Grant Date", "25/11/2021", "", "write YYYY-MM-DD"},
		{fieldFCCGranted, "fcc_granted", "None", "none", ""},
		{fieldFCCGranted, "fcc_granted", "not authorized", "none", ""},
		{fieldFCCGranted, "fcc_granted", "n/a", "", ""},
		{fieldFCCGranted, "fcc_granted", "yes", "", "no date that can be read"},
		{fieldFCCGranted, "fcc_granted", "2021-02-30", "", "no date that can be read"},
		{fieldApproval, "approval", " DHS conditional approval 2026-07 ", "DHS conditional approval 2026-07", ""},
		{fieldApproval, "approval", "NONE", "none", ""},
		{fieldApproval, "approval", "unknown", "", ""},
		{fieldApproval, "approval", strings.Repeat("x", maxFact+1), "", "shorten it"},
		{fieldCategoryCode, "g:google_product_category", "222", "google:222", ""},
		{fieldCategoryCode, "google_product_category", "222 - Electronics", "google:222", ""},
		{fieldCategoryCode, "google_product_category", "Electronics > Networking", "google:Electronics > Networking", ""},
		{fieldCategoryCode, "google_product_category", "12345678", "", "says no category"},
		{fieldCategoryCode, "GPC Brick", "10001234", "gpc:10001234", ""},
		{fieldCategoryCode, "GPC Brick", "10001234 - Routers", "gpc:10001234", ""},
		{fieldCategoryCode, "gpc", "222", "", "says no category"},
		{fieldCategoryCode, "category_code", "google:222", "google:222", ""},
		{fieldCategoryCode, "category_code", "GPC: 66000000", "gpc:66000000", ""},
		{fieldCategoryCode, "category_code", "gpc:42", "", "says no category"},
		{fieldCategoryCode, "category_code", "google:", "", "says no category"},
		{fieldCategoryCode, "category_code", "google:>>", "", "says no category"},
		{fieldCategoryCode, "category_code", "66000000", "gpc:66000000", ""},
		{fieldCategoryCode, "category_code", "222", "", "says no category"},
		{fieldCategoryCode, "category_code", "A > B", "google:A > B", ""},
		{fieldCategoryCode, "category_code", "laptops", "", "says no category"},
	} {
		got, bad := readFact(tt.field, tt.column, tt.in)
		if got != tt.want || (bad == "") != (tt.bad == "") || !strings.Contains(bad, tt.bad) {
			t.Errorf("%s %.40q: %q, %q; want %q, %q", tt.column, tt.in, got, bad, tt.want, tt.bad)
		}
	}
}

// TestReadFactAgain: what was read once reads the same again, whatever the
// column is called.
func TestReadFactAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom([]field{fieldFCCGranted, fieldApproval, fieldCategoryCode}).Draw(t, "field")
		in := rapid.OneOf(rapid.String(), rapid.StringMatching(`(google:|gpc:)?[0-9]{1,8}( - [a-z> ]+)?`), rapid.StringMatching(`[0-9]{4}-[0-9]{2}(-[0-9]{2})?[~?]?`)).Draw(t, "value")
		column := rapid.SampledFrom([]string{"x", "google", "gpc", "category_code"}).Draw(t, "column")
		got, bad := readFact(f, column, in)
		if got != "" && bad != "" {
			t.Fatalf("%q and a complaint: %s", got, bad)
		}
		if again, bad := readFact(f, "another", got); got != "" && (again != got || bad != "") {
			t.Fatalf("%q reads as %q: %s", got, again, bad)
		}
	})
}

// TestFactsInEveryReader sends the same three facts, one of them broken in the
// second row, through each format.
func TestFactsInEveryReader(t *testing.T) {
	want := func(rows ...int) []offshelf.Product {
		return []offshelf.Product{
			{File: "x", Row: rows[0], ID: "1", Title: "Router", Brand: "B", FCCGranted: "2025-02-03", Approval: "DHS 7", CategoryCode: "google:342"},
			{File: "x", Row: rows[1], ID: "2", Title: "Drone", Brand: "B", FCCGranted: "", Approval: "none",
				Category: "Electronics > Networking", CategoryCode: "google:Electronics > Networking"},
		}
	}
	head := []string{"id", "title", "brand", "FCC grant date", "approval", "google_product_category"}
	rows := [][]any{{"id", "title", "brand", "FCC grant date", "approval", "google_product_category"},
		{"1", "Router", "B", "02/03/2025", "DHS 7", 342}, {"2", "Drone", "B", "soon", "none", "Electronics > Networking"}}
	for name, in := range map[string]string{
		"csv":  strings.Join(head, ",") + "\n1,Router,B,02/03/2025,DHS 7,342\n2,Drone,B,soon,none,Electronics > Networking\n",
		"xlsx": workbook(t, []string{"A"}, rows),
		"json": `[{"id":"1","title":"Router","brand":"B","fcc_granted":"2025-02-03","approval":"DHS 7","google_product_category":342},
			{"id":"2","title":"Drone","brand":"B","fcc_granted":"soon","approval":"none","google_product_category":"Electronics > Networking"}]`,
		"xml": rss + `<item><g:id>1</g:id><title>Router</title><g:brand>B</g:brand><fcc_granted>2025-02-03</fcc_granted><approval>DHS 7</approval><g:google_product_category>342</g:google_product_category></item>
			<item><g:id>2</g:id><title>Drone</title><g:brand>B</g:brand><fcc_granted>soon</fcc_granted><approval>none</approval>
			<g:google_product_category>Electronics &gt; Networking</g:google_product_category></item></channel></rss>`,
	} {
		t.Run(name, func(t *testing.T) {
			products, problems, _ := read(t, in, Options{})
			if d := cmp.Diff(want(1, 2), products); d != "" {
				t.Error(d)
			}
			if len(problems) != 1 || !strings.HasPrefix(problems[0], "warning 2:") || !strings.Contains(problems[0], `"soon" is no date`) {
				t.Errorf("%q", problems)
			}
		})
	}
	t.Run("shopify", func(t *testing.T) {
		products, problems, use := read(t, `Handle,Title,Vendor,Variant SKU,Variant Price,Google Shopping / Google Product Category,FCC grant date
r,Router,B,1,9,Electronics > Networking,2025-02-03
r,,,2,9,,
`, Options{})
		w := offshelf.Product{File: "x", Row: 2, ID: "2", Title: "Router", Brand: "B", Vendor: "B", Price: "9", FCCGranted: "2025-02-03",
			Category: "Electronics > Networking", CategoryCode: "google:Electronics > Networking"}
		if d := cmp.Diff(w, products[1]); d != "" || len(problems) > 0 {
			t.Errorf("%s %q %+v", d, problems, use)
		}
	})
	t.Run("mapped", func(t *testing.T) {
		products, problems, _ := read(t, "title,a,b,c\nx,2025-02-03,Blue UAS,gpc:66000000\n", Options{Map: map[string]string{"fcc_granted": "a", "approval": "b", "category_code": "c"}})
		if d := cmp.Diff(offshelf.Product{File: "x", Row: 1, Title: "x", FCCGranted: "2025-02-03", Approval: "Blue UAS", CategoryCode: "gpc:66000000"}, products[0]); d != "" || len(problems) > 0 {
			t.Errorf("%s %q", d, problems)
		}
	})
	t.Run("dates of a worksheet", func(t *testing.T) {
		day := time.Date(2025, 2, 3, 0, 0, 0, 0, time.UTC)
		products, problems, _ := read(t, workbook(t, []string{"A"}, [][]any{{"title", "fcc_granted"}, {"a", day}, {"b", 45691}}), Options{})
		for _, p := range products {
			if p.FCCGranted != "2025-02-03" {
				t.Errorf("%+v", p)
			}
		}
		if len(problems) > 0 {
			t.Errorf("%q", problems)
		}
	})
}

func FuzzFact(f *testing.F) {
	f.Add("google_product_category", "222 - Electronics > Networking")
	f.Add("gpc", "10001234")
	f.Add("FCC grant date", "02/03/2025")
	f.Fuzz(func(t *testing.T, column, value string) {
		for _, x := range []field{fieldFCCGranted, fieldApproval, fieldCategoryCode} {
			got, bad := readFact(x, column, value)
			if len(got) > maxFact+len("google:") || got != "" && bad != "" {
				t.Fatalf("%q %q", got, bad)
			}
			pathOf(value)
			sheetDate(value)
		}
	})
}
