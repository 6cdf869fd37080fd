package catalog

import (
	"strings"
	"testing"
)

func columnsOf(t *testing.T, text string, m map[string]string) (string, []string) {
	t.Helper()
	_, _, use := read(t, text, Options{Map: m})
	var b strings.Builder
	for _, c := range use.Columns {
		b.WriteString(c.Column + ":" + c.Field)
		if c.Given {
			b.WriteString("!")
		}
		b.WriteString(" ")
	}
	return strings.TrimSpace(b.String()), use.Notes
}

func TestColumns(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		m        map[string]string
		want     string
		note     string
	}{
		{"German", "Artikelnummer;Bezeichnung;Marke;Hersteller;Lieferant;Kategorie;Herkunftsland;Preis\n1;a;b;c;d;e;f;2\n", nil,
			"Artikelnummer:id Bezeichnung:title Marke:brand Hersteller:manufacturer Lieferant:vendor Kategorie:category Herkunftsland:origin Preis:price", ""},
		{"French", "Référence,Nom du produit,Marque,Fabricant,Catégorie,Pays d'origine,Prix\n1,a,b,c,d,e,2\n", nil,
			"Référence:id Nom du produit:title Marque:brand Fabricant:manufacturer Catégorie:category Pays d'origine:origin Prix:price", ""},
		{"Polish", "Nazwa produktu,Marka,Producent,Kategoria,Cena\na,b,c,d,2\n", nil,
			"Nazwa produktu:title Marka:brand Producent:manufacturer Kategoria:category Cena:price", ""},
		{"given", "a,b,c\n1,2,3\n", map[string]string{"title": "b", "brand": "C"}, "b:title! c:brand!", ""},
		{"given beats recognised", "title,name\n1,2\n", map[string]string{"title": "name"}, "name:title!", ""},
		{"merchant", "id\ttitle\tlink\tgoogle_product_category\tproduct_type\tgtin\tmpn\n1\ta\tu\t222\tHome\t4006381333931\tm\n", nil,
			"id:id title:title link:url google_product_category:category_code product_type:category gtin:gtin mpn:mpn", ""},
		{"row_id that repeats", "row_id,id,title\n1,1,a\n1,2,b\n1,3,c\n", nil, "id:id title:title", `column "id" is read as id, "row_id" is not`},
		{"twice in the header", "title,brand,title\na,b,c\n", nil, "title:title brand:brand", `column "title" stands more than once`},
		{"barcodes lost", "title,ean\na,8.72E+12\n", nil, "title:title ean:gtin", "scientific notation"},
		{"empty name", "title,,brand\na,b,c\n", nil, "title:title brand:brand", ""},
		{"MAC by content", "title,x\na,00:40:8C:11:22:33\nb,00:40:8c:11:22:34\nc,00-40-8C-11-22-35\n", nil, "title:title x:mac", ""},
		{"GTIN by content", "title,x\na,4006381333931\nb,0012345678905\nc,8720602828605\n", nil, "title:title x:gtin", ""},
		{"FCC ID by content", "title,x\na,2AGKB-CAM1\nb,2AKZA-X11\nc,2AGN8-B1\n", nil, "title:title x:fcc_id", ""},
		{"models are no FCC IDs", "title,x\na,ABC123\nb,DCS5020L\nc,IPC2122\n", nil, "title:title", ""},
		{"sku and mpn", "sku,title,mpn\n1,a,b\n", nil, "sku:id title:title mpn:mpn", ""},
		{"four descriptions", "title,description,body,specs,features\na,b,c,d,e\n", nil,
			"title:title description:description body:description specs:description", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, notes := columnsOf(t, tt.in, tt.m)
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if tt.note != "" && !strings.Contains(strings.Join(notes, "\n"), tt.note) {
				t.Errorf("notes %q lack %q", notes, tt.note)
			}
		})
	}
}

func TestFields(t *testing.T) {
	if got := strings.Join(Fields(), " "); got != "title brand manufacturer vendor model mpn gtin fcc_id fcc_granted approval mac category category_code origin description price url id" {
		t.Error(got)
	}
}

func TestGTIN(t *testing.T) {
	for v, want := range map[string]bool{
		"4006381333931": true, "4006381333932": false, "'8720602828605": true, "96385074": true,
		"00012345678905": true, "": false, "0000000000000": false, "12345": false, "400638133393x": false,
	} {
		if isGTIN(v) != want {
			t.Errorf("%q: %v", v, !want)
		}
	}
}

func TestStripTags(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                       "plain",
		"<p>a</p><p>b &amp; c</p>":    "a b & c",
		"width < 3 m":                 "width < 3 m",
		"a<script>x<b></script>b":     "a b",
		"a<style>x":                   "a",
		"a<!-- b > -->c":              "a c",
		"a <b":                        "a",
		"<ul>\n<li>Lorex</li>\n</ul>": "Lorex",
	} {
		if got := stripTags(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
