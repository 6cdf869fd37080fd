package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf"
)

const rss = `<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title><link>u</link>
`

func TestMerchantXML(t *testing.T) {
	want := []offshelf.Product{{File: "x", Row: 1, ID: "1", Title: "Cam & co", Brand: "Lorex", GTIN: "4006381333931",
		Category: "Home > Security", Description: "A cam", URL: "https://x/1", Price: "5 USD"}}
	for name, in := range map[string]string{
		"RSS": rss + `<item><g:id>1</g:id><title>Cam &amp; co</title><g:title>Cam &amp; co</g:title><description>&lt;p&gt;A cam&lt;/p&gt;</description>
			<link>https://x/1</link><g:brand>Lorex</g:brand><g:gtin>4006381333931</g:gtin><g:price>5 USD</g:price>
			<g:shipping><g:country>US</g:country><g:price>9 USD</g:price></g:shipping>
			<g:google_product_category>222</g:google_product_category><g:product_type>Home &gt; Security</g:product_type></item></channel></rss>`,
		"Atom": `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title>
			<entry><g:id>1</g:id><title>Cam &amp; co</title><summary><![CDATA[<b>A cam</b>]]></summary><link href="https://x/1"/>
			<g:brand>Lorex</g:brand><g:gtin>4006381333931</g:gtin><g:price>5 USD</g:price><g:product_type>Home &gt; Security</g:product_type></entry></feed>`,
	} {
		t.Run(name, func(t *testing.T) {
			want := slices.Clone(want)
			if strings.Contains(in, "google_product_category") {
				want[0].CategoryCode = "google:222"
			}
			products, problems, use := read(t, in, Options{})
			if d := cmp.Diff(want, products); d != "" || len(problems) > 0 || use.Format != "merchant-xml" {
				t.Errorf("%s %v %+v", d, problems, use)
			}
		})
	}
}

func TestBrokenXML(t *testing.T) {
	item := func(title string) string { return "<item><title>" + title + "</title></item>\n" }
	long := strings.Repeat("x", maxRow+10)
	half := "<b>" + strings.Repeat("x", maxRow/2+10) + "</b>"
	for _, tt := range []struct {
		name, in string
		titles   string
		problems []string
	}{
		{"cut short", rss + item("a") + "<item><title>b", "a", []string{"failed 2:4  broken XML: "}},
		{"wrong end", rss + item("a") + "<item><title>b</brand></item>" + item("c"), "a", []string{"failed 2:4  broken XML: </brand> closes another"}},
		{"unknown entity", rss + item("a") + item("&bomb;"), "a", []string{"failed 2:4  broken XML: line 4: invalid character entity"}},
		{"DOCTYPE inside", rss + item("a") + "<!DOCTYPE x>" + item("b"), "a", []string{"failed 2:4  broken XML: a DOCTYPE"}},
		{"text too long", rss + item("a") + item(long), "a", []string{"failed 2:4  a text or tag longer than 1 MiB; 1 items were read"}},
		{"item too long", rss + item("a") + "<item>" + half + half + "</item>" + item("b"), "a|b", []string{"failed 2:4  item longer than 1 MiB"}},
		{"too deep", rss + item("a") + strings.Repeat("<a>", 100), "a", []string{"failed 2:4  broken XML: elements nested deeper"}},
		{"nothing in it", rss + item("a") + "<item><x>1</x></item>" + item("b"), "a|b", []string{"skipped 2:4  row has no title"}},
		{"invalid UTF-8", rss + item("日本語") + item("Gr\xfc\xdfe"), "日本語|Grüße", []string{"warning 2:4 title invalid UTF-8", "failed 3:5"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			products, problems, _ := read(t, tt.in, Options{})
			var titles []string
			for _, p := range products {
				titles = append(titles, p.Title)
			}
			if got := strings.Join(titles, "|"); got != tt.titles {
				t.Errorf("titles %.200q, want %.200q", got, tt.titles)
			}
			if strings.HasSuffix(problems[len(problems)-1], "repair the file") && len(problems) == len(tt.problems)+1 {
				problems = problems[:len(problems)-1] // these feeds have no end either
			}
			if len(problems) != len(tt.problems) {
				t.Fatalf("problems %q, want %q", problems, tt.problems)
			}
			for i, p := range problems {
				if !strings.HasPrefix(p, tt.problems[i]) {
					t.Errorf("problem %q, want %q", p, tt.problems[i])
				}
			}
		})
	}
}

func TestXMLEncodings(t *testing.T) {
	for _, in := range []string{
		"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><rss><item><title>Gr\xfc\xdfe</title></item></rss>",
		"<rss><item><title>Gr\xfc\xdfe</title></item></rss>",
		"<?xml version=\"1.0\" encoding=\"utf-8\"?><rss><item><title>Grüße</title></item></rss>",
	} {
		products, problems, _ := read(t, in, Options{})
		if len(products) != 1 || products[0].Title != "Grüße" || len(problems) > 0 {
			t.Errorf("%q: %v %v", in, products, problems)
		}
	}
}

// TestManyItems crosses batches.
func TestManyItems(t *testing.T) {
	var b strings.Builder
	b.WriteString(rss)
	for range 5000 {
		b.WriteString("<item><title>a</title><description>" + strings.Repeat("x", 200) + "</description></item>")
	}
	b.WriteString("</channel></rss>")
	products, problems, _ := read(t, b.String(), Options{})
	if len(products) != 5000 || len(problems) > 0 || products[4999].Row != 5000 {
		t.Errorf("%d products, %v", len(products), problems)
	}
}
