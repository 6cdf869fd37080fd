package catalog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

func TestJSON(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	deeper := strings.Repeat(`{"a":`, 80) + "1" + strings.Repeat("}", 80)
	long := strings.Repeat("x", maxRow+10)
	for _, tt := range []struct {
		name, in, format string
		titles           string
		problems         []string
	}{
		{"array", `[{"id":1,"title":"a"},{"id":2,"title":"b"}]`, "json", "a|b", nil},
		{"empty array", `[]`, "json", "", nil},
		{"NDJSON", "{\"id\":1,\"title\":\"a\"}\n\n{\"id\":2,\"title\":\"b\"}\r\n", "ndjson", "a|b", nil},
		{"one line", `{"id":1,"title":"a"}`, "ndjson", "a", nil},
		{"wrapped", `{"total": 2, "facets":[{"x":1}], "products": [` + "\n" + `{"title":"a"},` + "\n" + `{"title":"b"}], "more": 1}`, "json", "a|b", nil},
		{"wrapped twice", `{"data": {"shop": "x", "items": [{"title":"a"}]}}`, "json", "a", nil},
		{"one object over lines", "{\n\"title\": \"a\",\n\"offers\": [{\"price\": 1}]\n}\n", "json", "a", nil},
		{"objects over lines", "{\n\"title\": \"a\"\n}\n{\n\"title\": \"b\"\n}\n", "json", "a|b", nil},
		{"broken line", "{\"title\":\"a\"}\n{\"title\":\"b}\n{\"title\":\"c\"}\n", "ndjson", "a|c", []string{"failed 2:2  broken JSON at byte"}},
		{"first line broken", "{\"title\":\"a}\n{\"title\":\"b\"}\n", "ndjson", "b", []string{"failed 1:1  broken JSON"}},
		{"line that is no object", "{\"title\":\"a\"}\n5\n[1]\n", "ndjson", "a", []string{"failed 2:2  not a JSON object", "failed 3:3  not a JSON object"}},
		{"two in a line", "{\"title\":\"a\"}{\"title\":\"b\"}\n{\"title\":\"c\"}\n", "ndjson", "c", []string{"failed 1:1  more than one JSON value"}},
		{"broken array", "[{\"title\":\"a\"},\n{\"title\":\"b},{\"title\":\"c\"}]", "json", "a", []string{"failed 2:2  syntax error in the JSON that starts here; 1 rows were read before it"}},
		{"array cut short", `[{"title":"a"},{"title":"b`, "json", "a", []string{"failed 2:1  the file ends in the middle of the JSON; 1 rows"}},
		{"array without end", `[{"title":"a"},`, "json", "a", []string{"failed 2:1  the file ends"}},
		{"broken value in an array", `[{"title":"a","x":tru},{"title":"b"}]`, "json", "b", []string{"failed 1:1  broken JSON"}},
		{"wrong bracket", `[{"title":"a"},{"x":[1}]`, "json", "a", []string{"failed 2:1  syntax error"}},
		{"element that is no object", `[{"title":"a"},5,"x",[{"title":"c"}],{"title":"b"}]`, "json", "a|b",
			[]string{"failed 2:1  not a JSON", "failed 3:1  not a JSON", "failed 4:1  not a JSON"}},
		{"object too long", `[{"title":"a"},{"title":"` + long + `"},{"title":"b"}]`, "json", "a|b", []string{"failed 2:1  row longer than 1 MiB"}},
		{"line too long", "{\"title\":\"a\"}\n{\"title\":\"" + long + "\"}\n{\"title\":\"b\"}\n", "ndjson", "a|b", []string{"failed 2:2  row longer than 1 MiB"}},
		{"deep", `[{"title":"a","x":` + deep + `}]`, "json", "a", nil},
		{"too deep", `[{"title":"a"},{"title":"b","x":` + deeper + `}]`, "json", "a", []string{"failed 2:1  syntax error"}},
		{"invalid UTF-8", "{\"title\":\"\u65e5\u672c\"}\n{\"title\":\"Gr\xfc\xdfe\"}\n", "ndjson", "\u65e5\u672c|Gr\u00fc\u00dfe", []string{"warning 2:2 title invalid UTF-8"}},
		{"NUL", "{\"title\":\"a\"}\n{\"title\":\"b\\u0000\"}\n", "ndjson", "a", []string{"failed 2:2  a value holds NUL"}},
		{"nothing in it", "{\"title\":\"a\"}\n{\"x\":1}\n{}\n", "ndjson", "a", []string{"skipped 2:2  row has no title", "skipped 3:3  row has no title"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			products, problems, use := read(t, tt.in, Options{})
			var titles []string
			for _, p := range products {
				titles = append(titles, p.Title)
			}
			if got := strings.Join(titles, "|"); got != tt.titles {
				t.Errorf("titles %.200q, want %.200q", got, tt.titles)
			}
			if use.Format != tt.format {
				t.Errorf("format %s, want %s", use.Format, tt.format)
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

func TestJSONNested(t *testing.T) {
	products, _, _ := read(t, `[{"@type":"Product","sku":"S","name":"Cam \"A\"","brand":{"@type":"Brand","name":"Lorex"},
		"manufacturer":{"name":"Dahua"},"countryOfOrigin":"CN","gtin13":4006381333931,"category":["Home","Security"],
		"offers":{"price":5},"additionalProperty":[{"name":"x","value":"y"}],"model":null}]`, Options{})
	want := []offshelf.Product{{File: "x", Row: 1, ID: "S", Title: `Cam "A"`, Brand: "Lorex", Manufacturer: "Dahua", Origin: "CN",
		GTIN: "4006381333931", Category: "Home > Security", Price: "5"}}
	if d := cmp.Diff(want, products); d != "" {
		t.Error(d)
	}
}

// TestJSONNames: crawls name the same thing differently from row to row, and
// names may appear after the first hundred rows.
func TestJSONNames(t *testing.T) {
	var b strings.Builder
	for range 150 {
		b.WriteString("{\"_id\":\"1\",\"<page title>\":\"a\",\"brand name\":\"B\"}\n")
	}
	b.WriteString("{\"_id\":\"2\",\"<page title>\":\"b\",\"brand\":\"C\",\"hersteller\":\"D\",\"brand name\":\"\"}\n")
	products, problems, _ := read(t, b.String(), Options{})
	if len(problems) > 0 || len(products) != 151 {
		t.Fatalf("%d, %v", len(products), problems)
	}
	want := offshelf.Product{File: "x", Row: 151, ID: "2", Title: "b", Brand: "C", Manufacturer: "D"}
	if d := cmp.Diff(want, products[150]); d != "" {
		t.Error(d)
	}
	products, _, _ = read(t, b.String(), Options{Map: map[string]string{"brand": "brand name"}})
	if products[150].Brand != "" || products[0].Brand != "B" {
		t.Errorf("--map is not the last word: %+v", products[150])
	}
}

// TestJSONCut: the elements of an array are found wherever the pieces end.
func TestJSONCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		titles := rapid.SliceOfN(rapid.StringMatching(`[a-z{}\[\],:é]{1,9}`), 1, 20).Draw(t, "titles")
		var b strings.Builder
		b.WriteString(" [")
		for i, title := range titles {
			if i > 0 {
				b.WriteString(" ,\n")
			}
			b.WriteString(`{"title":"` + title + `","x":["\"",{"y":"\\"}]}`)
		}
		b.WriteString("]")
		c, err := Open("x", &pieces{[]byte(b.String()), rapid.IntRange(1, 30).Draw(t, "piece")}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		products, problems, _, err := readAll(c)
		if err != nil || len(problems) > 0 || len(products) != len(titles) {
			t.Fatalf("%d products of %d, %v, %v", len(products), len(titles), problems, err)
		}
		for i, p := range products {
			if p.Title != titles[i] {
				t.Fatalf("%q, want %q", p.Title, titles[i])
			}
		}
	})
}
