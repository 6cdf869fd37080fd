package catalog

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

// readKept reads a small catalog and returns its products, what is kept of
// each, and the problems.
func readKept(t interface {
	Helper()
	Fatal(...any)
}, text string, o Options) ([]offshelf.Product, [][]string, []offshelf.Problem) {
	t.Helper()
	c, err := Open("x", strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var products []offshelf.Product
	var cells []string
	var problems []offshelf.Problem
	for {
		b, err := c.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var more []offshelf.Problem
		products, cells, more = b.DecodeKept(products, cells)
		problems = append(problems, more...)
	}
	if len(cells) != len(products)*len(o.Keep) {
		t.Fatal(fmt.Sprintf("%d cells of %d columns for %d products", len(cells), len(o.Keep), len(products)))
	}
	var rows [][]string
	for i := range products {
		rows = append(rows, cells[i*len(o.Keep):(i+1)*len(o.Keep)])
	}
	return products, rows, problems
}

func TestKeep(t *testing.T) {
	sheet := workbook(t, []string{"A"}, [][]any{
		{"id", "title", "Store", "stock", "code"}, {1, "a", "Köln", 5, 8720602828605.0}, {2, "b"}, {nil, nil, nil, 7}, {3, "c", " Bonn ", nil, "E1"},
	})
	feed := rss + `<item><g:id>1</g:id><title>a</title><g:custom_label_0>online</g:custom_label_0><g:stock/><g:shipping><g:country>US</g:country></g:shipping>
		<g:shipping><g:country>CA</g:country></g:shipping></item><item><g:id>2</g:id><title>b</title><g:stock/></item></channel></rss>`
	for _, tt := range []struct {
		name, in string
		o        Options
		want     string // cells with |, rows with /
		problems []string
	}{
		{"CSV", "id,title,Store,stock\n1,a,Köln,5\n2,b, Bonn ,\n", Options{Keep: []string{"stock", "store"}}, "5|Köln/|Bonn", nil},
		{"the exact name before the others", "id,title,STORE,store\n1,a,x,y\n", Options{Keep: []string{"store"}}, "y", nil},
		{"a column that is read too", "id,title,brand\n1,a,Acme\n", Options{Keep: []string{"brand", "id", "title"}}, "Acme|1|a", nil},
		{"quoted", "id,title,store\n1,\"a, b\",\"the \"\"big\"\" one\nsecond line\"\n2,b,\"\"\n", Options{Keep: []string{"store"}}, "the \"big\" one\nsecond line/", nil},
		{"short, long, skipped and broken rows", "id,title,branch\n1,a\n2,b,x,more\n,,Bonn\n3,\"c,y\n4,d,z\n", Options{Keep: []string{"branch"}}, "/x/z",
			[]string{"warning 1", "warning 2", "skipped 3", "failed 4"}},
		{"the header again", "id,title,store\n1,a,x\nid,title,store\n2,b,y\n", Options{Keep: []string{"store"}}, "x/y", []string{"skipped 2"}},
		{"a name twice in the header", "id,title,store,store\n1,a,x,y\n", Options{Keep: []string{"store"}}, "x", nil},
		{"TSV", "id\ttitle\tlager\n1\ta\tNord\n2\tb\tSüd\n", Options{Keep: []string{"Lager"}}, "Nord/Süd", nil},
		{"Windows-1252", "id;title;Gesch\xe4ft\n1;a;K\xf6ln\n", Options{Keep: []string{"Geschäft"}}, "Köln", nil},
		{"odd bytes", "id,title,store\n1,ä,K\xf6ln\n", Options{Keep: []string{"store"}}, "Köln", []string{"warning 1"}},
		{"a mapped column", "id,title,store\n1,a,x\n", Options{Keep: []string{"store"}, Map: map[string]string{"brand": "store"}}, "x", nil},
		{"XLSX", sheet, Options{Keep: []string{"store", "stock", "code"}}, "Köln|5|8720602828605/||/Bonn||E1", []string{"skipped 3"}},
		{"Shopify", "Handle,Title,Vendor,Variant SKU,Variant Inventory Qty,Variant Price,Status,Image Src\nlamp,Lamp,Acme,S1,4,9,active,\nlamp,,,S2,7,9,,\nlamp,,,,,,,img\n",
			Options{Keep: []string{"Variant Inventory Qty", "status", "Handle"}}, "4|active|lamp/7||lamp", []string{"skipped 3"}},
		{"NDJSON", "{\"id\":1,\"title\":\"a\",\"store\":\"K\\u00f6ln\",\"stock\":{\"n\":5,\"at\":[\"x\",\"\",\"y\"]}}\n{\"id\":2,\"title\":\"b\",\"stock\":{\"n\":null}}\n[]\n{\"stock\":{\"n\":7}}\n{\"id\":3,\"title\":\"c\",\"store\":true}\n",
			Options{Keep: []string{"Store", "stock.n", "stock.at"}}, "Köln|5|x, y/||/true||", []string{"failed 3", "skipped 4"}},
		{"JSON with a key that has no value", `[{"title":"a","store":null,"at":[]},{"title":"b","store":null}]`, Options{Keep: []string{"store", "at"}}, "|/|", nil},
		{"a key that is read too", `[{"title":"a","brand":{"name":"Acme"}}]`, Options{Keep: []string{"brand.name"}}, "Acme", nil},
		{"a feed", feed, Options{Keep: []string{"g:custom_label_0", "stock", "shipping.country", "id"}}, "online||US, CA|1/|||2", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			products, rows, problems := readKept(t, tt.in, tt.o)
			var lines, said []string
			for _, r := range rows {
				lines = append(lines, strings.Join(r, "|"))
			}
			if got := strings.Join(lines, "/"); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
			for _, p := range problems {
				said = append(said, fmt.Sprintf("%s %d", p.Kind, p.Row))
			}
			if !slices.Equal(said, tt.problems) {
				t.Errorf("problems %q, want %q: %+v", said, tt.problems, problems)
			}
			// What is kept changes nothing of what is read.
			tt.o.Keep = nil
			if without, _, _ := readKept(t, tt.in, tt.o); !cmp.Equal(without, products) {
				t.Error(cmp.Diff(without, products))
			}
		})
	}
}

func TestKeepRefuses(t *testing.T) {
	wide := strings.Repeat("c,", 9998) + "title,store"
	for _, tt := range []struct {
		name, in string
		keep     []string
		want     string
	}{
		{"no such column", "id,title,Store\n1,a,x\n", []string{"stock"}, `x: column "stock" is to be kept, but there is none, or several that differ in case only; the columns are "id", "title", "Store"`},
		{"two alike", "id,title,Store,store\n1,a,x,y\n", []string{"STORE"}, `"STORE" is to be kept`},
		{"no name", "id,title,\n1,a,x\n", []string{" "}, `a column to be kept has no name; the columns are "id", "title", ""`},
		{"twice", "id,title,Store\n1,a,x\n", []string{"store", "Store"}, `column "Store" is to be kept twice, as "store" and as "Store"; name it once`},
		{"too many", "id,title\n1,a\n", make([]string, 65), "65 columns are to be kept; at most 64 can be"},
		{"many columns", wide + "\n" + wide + "\n", []string{"shop"}, "and 9960 more"},
		{"a long name", "id,title\n1,a\n", []string{strings.Repeat("x", 1<<20)}, `x…" is to be kept`},
		{"JSON", `[{"title":"a","stock":{"n":1}}]`, []string{"stock"}, `the columns are "title", "stock.n"`},
		{"NDJSON", "{\"title\":\"a\"}\n", []string{"stock"}, `"stock" is to be kept`},
		{"XLSX", workbook(t, []string{"A"}, [][]any{{"id", "title"}, {1, "a"}}), []string{"stock"}, `the columns are "id", "title"`},
		{"Shopify", "Handle,Title,Vendor,Variant SKU\nlamp,Lamp,Acme,S1\n", []string{"stock"}, `the columns are "Handle", "Title", "Vendor", "Variant SKU"`},
		{"a feed", rss + "<item><title>a</title></item></channel></rss>", []string{"g:stock"}, `the columns are "title"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open("x", strings.NewReader(tt.in), Options{Keep: tt.keep})
			if err == nil || !strings.HasPrefix(err.Error(), "x: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			} else if len(err.Error()) > 8000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestKeepOneOfManyColumns(t *testing.T) {
	head := "title," + strings.Repeat("c,", 9998) + "store\n"
	row := "a" + strings.Repeat(",", 9999) + "x\n"
	_, rows, problems := readKept(t, head+strings.Repeat(row, 50), Options{Keep: []string{"store", "c"}})
	if len(rows) != 50 || rows[49][0] != "x" || rows[49][1] != "" || len(problems) > 0 {
		t.Errorf("%d rows, %v", len(rows), problems)
	}
}

// TestLongKeptCells cuts at a rune, says so, and keeps the row.
func TestLongKeptCells(t *testing.T) {
	long := "x" + strings.Repeat("ü", maxKept)
	list := `"` + strings.Repeat(`a","`, maxKept) + `a"`
	for name, in := range map[string]string{
		"CSV":        "title,store\na," + long + "\n",
		"XLSX":       workbook(t, []string{"A"}, [][]any{{"title", "store"}, {"a", long}}),
		"NDJSON":     `{"title":"a","store":"` + long + "\"}\n",
		"JSON array": `[{"title":"a","store":[` + list + `]}]`,
		"a feed":     rss + "<item><title>a</title><store>" + long + "</store></item></channel></rss>",
	} {
		t.Run(name, func(t *testing.T) {
			_, rows, problems := readKept(t, in, Options{Keep: []string{"store"}})
			if len(rows) != 1 || len(problems) != 1 || problems[0].Kind != "warning" || problems[0].Column != "store" || problems[0].Text != textCut {
				t.Fatalf("%d rows, %+v", len(rows), problems)
			}
			if v := rows[0][0]; len(v) > maxKept || len(v) < maxKept-1 || !utf8.ValidString(v) {
				t.Errorf("%d bytes, ends %q", len(v), v[len(v)-4:])
			}
		})
	}
	_, rows, problems := readKept(t, "title,store\na,"+long[:maxKept-1]+"x\n", Options{Keep: []string{"store"}})
	if len(rows[0][0]) != maxKept || len(problems) > 0 {
		t.Errorf("%d bytes, %+v", len(rows[0][0]), problems)
	}
}

// TestKeepAgreesWithColumns keeps the columns of random tables and compares
// them with the fields that the same columns are read as.
func TestKeepAgreesWithColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`[a-zé ,"']{0,12}`)
		var b strings.Builder
		b.WriteString("title,store,brand,model\n")
		var want []string
		for range rapid.IntRange(1, 30).Draw(t, "rows") {
			title, store, brand := "t"+cell.Draw(t, "title"), cell.Draw(t, "store"), cell.Draw(t, "brand")
			want = append(want, trim(store))
			for i, v := range []string{title, store, brand} {
				if i > 0 {
					b.WriteByte(',')
				}
				b.WriteString(`"` + strings.ReplaceAll(v, `"`, `""`) + `"`)
			}
			b.WriteString(",m\n")
		}
		products, rows, problems := readKept(t, b.String(), Options{Format: "csv", Keep: []string{"store", "brand", "title"}})
		if len(products) != len(want) || len(problems) > 0 {
			t.Fatalf("%d products of %d, %+v", len(products), len(want), problems)
		}
		for i, r := range rows {
			if r[0] != want[i] || r[1] != products[i].Brand || r[2] != products[i].Title {
				t.Fatalf("%q, want %q %q %q", r, want[i], products[i].Brand, products[i].Title)
			}
		}
	})
}
