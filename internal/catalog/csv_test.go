package catalog

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

// read opens and reads a small catalog; problems come as "kind row:line column text".
func read(t *testing.T, text string, o Options) ([]offshelf.Product, []string, offshelf.CatalogUse) {
	t.Helper()
	c, err := Open("x", strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	products, problems, _, err := readAll(c)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, p := range problems {
		texts = append(texts, fmt.Sprintf("%s %d:%d %s %s", p.Kind, p.Row, p.Line, p.Column, p.Text))
	}
	return products, texts, c.Use()
}

func TestCSV(t *testing.T) {
	long := strings.Repeat("x", maxRow+10)
	for _, tt := range []struct {
		name, in string
		titles   string // joined with |
		problems []string
	}{
		{"plain", "id,title\n1,a\n2,b\n", "a|b", nil},
		{"no newline at the end", "id,title\n1,a\n2,b", "a|b", nil},
		{"CRLF and blank lines", "id,title\r\n\r\n1,a\r\n\r\n\r\n2,b\r\n", "a|b", nil},
		{"lone CR", "id,title\r1,a\r\r2,b\r", "a|b", nil},
		{"quotes", "id,title\n1,\"a, \"\"b\"\"\nc\"\n2,\"\"\n", "a, \"b\"\nc|", nil},
		{"quote within a field is text", "id,title\n1,a 19\" rack\n2,b\n", "a 19\" rack|b", nil},
		{"quote within a quoted field", "id,title,brand\n1,\"a 19\" rack\",x\n2,b,y\n", "a 19\" rack|b", nil},
		{"lone quote", "id,title,brand\n1,\"a,x\n2,b,y\n3,\"c\",z\n", "b|c", []string{"failed 1:2 title a quote opens"}},
		{"lone quote on the last row", "id,title\n1,a\n2,\"b\n", "a", []string{"failed 2:3 title a quote opens"}},
		{"lone quote far from the next", "id,title\n1,\"a\n" + strings.Repeat("2,bbbbbbbbbbbbbbbb\n", 6000) + "3,\"c\"\n",
			strings.Repeat("bbbbbbbbbbbbbbbb|", 6000) + "c", []string{"failed 1:2 title a quote opens"}},
		{"row too long", "id,title\n1,a\n2," + long + "\n3,c\n", "a|c", []string{"failed 2:3  row longer than 1 MiB"}},
		{"row too long at the end", "id,title\n1,a\n2," + long, "a", []string{"failed 2:3  row longer than 1 MiB"}},
		{"NUL", "id,title\n1,a\x00\n2,b\n", "b", []string{"failed 1:2  row holds NUL"}},
		{"too few and too many", "id,title,brand\n1,a\n2,b,x,\n3,c,x,y\n4,d,x\n", "a|b|c|d",
			[]string{"warning 1:2  row has 2 fields, the header 3; the missing", "warning 3:4  row has 4 fields, the header 3; those past it"}},
		{"nothing in it", "id,title,price\n,,\n,,5\n1,,\n", "", []string{"skipped 1:2  row has no title", "skipped 2:3  row has no title"}},
		{"header again", "id,title\n1,a\nid,title\n2,b\n", "a|b", []string{"skipped 2:3  the header"}},
		{"invalid UTF-8", "id,title,brand\n1,Gr\xfc\xdfe,x\n2,日本語カメラ,y\n", "Grüße|日本語カメラ", []string{"warning 1:2 title invalid UTF-8"}},
		{"Windows-1252", "id,title\n1,Gr\xfc\xdfe \x80\n", "Grüße €", nil},
		{"BOM", "\xef\xbb\xbfid,title\n1,a\n", "a", nil},
		{"semicolon", "id;title;price\n1;a, b;1,5\n2;c;2,5\n", "a, b|c", nil},
		{"tab", "id\ttitle\n1\ta,b\n", "a,b", nil},
		{"pipe", "id|title\n1|a\n", "a", nil},
		{"delimiter in quotes", "id,title\n1,\"a;b;c\"\n2,\"d;e;f\"\n", "a;b;c|d;e;f", nil},
		{"sep= of Excel", "sep=;\r\nid;title\r\n1;a\r\n", "a", nil},
		{"blanks around", "id,title\n1,\u00a0 a \n", "a", nil},
		{"one column", "title\na\nb\n", "a|b", nil},
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

func TestCSVFields(t *testing.T) {
	products, _, use := read(t, "sku,Bezeichnung,Marke,EAN,Kategorie,Beschreibung\n"+
		"A1,Kamera,Lorex,'4006381333931,\"[\"\"Haus\"\",\"\"Garten\"\"]\",gut\n", Options{})
	want := []offshelf.Product{{File: "x", Row: 1, ID: "A1", Title: "Kamera", Brand: "Lorex", GTIN: "4006381333931", Category: "Haus > Garten", Description: "gut"}}
	if d := cmp.Diff(want, products); d != "" {
		t.Error(d)
	}
	if use.Format != "csv" || len(use.Columns) != 6 {
		t.Errorf("%+v", use)
	}
}

// TestLongLine reads a line of 100 MB in bounded memory.
func TestLongLine(t *testing.T) {
	r := io.MultiReader(strings.NewReader("id,title\n1,a\n2,"), io.LimitReader(zeros{}, 100<<20), strings.NewReader("\n3,b\n"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := Open("x", r, Options{})
	if err != nil {
		t.Fatal(err)
	}
	products, problems, rows, err := readAll(c)
	runtime.ReadMemStats(&after)
	if err != nil || len(products) != 2 || len(problems) != 1 || rows != 3 {
		t.Fatalf("%d products, %v, %d rows, %v", len(products), problems, rows, err)
	}
	if products[1].Row != 3 {
		t.Errorf("row %d behind the long one, want 3", products[1].Row)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 32<<20 {
		t.Errorf("%d bytes were allocated", n)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// TestRoundTrip: what encoding/csv writes is read back the same, in whatever
// pieces the file arrives.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[a-zé,;"\n 0-9]{0,12}`)
		rows := rapid.SliceOfN(rapid.SliceOfN(value, 3, 3), 0, 40).Draw(t, "rows")
		var buf bytes.Buffer
		w := csv.NewWriter(&buf)
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		w.Write([]string{"id", "title", "brand"})
		for i, r := range rows {
			r[0] = fmt.Sprint(i) // a row that identifies nothing is skipped
			w.Write(r)
		}
		w.Flush()
		c, err := Open("x", &pieces{buf.Bytes(), rapid.IntRange(1, 50).Draw(t, "piece")}, Options{Format: "csv"})
		if err != nil {
			t.Fatal(err)
		}
		products, problems, _, err := readAll(c)
		if err != nil || len(problems) > 0 || len(products) != len(rows) {
			t.Fatalf("%d products of %d rows, %v, %v", len(products), len(rows), problems, err)
		}
		for i, p := range products {
			got := []string{p.ID, unCRLF(p.Title), unCRLF(p.Brand)}
			want := []string{rows[i][0], strings.TrimSpace(rows[i][1]), strings.TrimSpace(rows[i][2])}
			if d := cmp.Diff(want, got); d != "" || p.Row != i+1 {
				t.Fatalf("row %d: %s", p.Row, d)
			}
		}
	})
}

// unCRLF does what encoding/csv does to line ends within quotes.
func unCRLF(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

// pieces is a reader of n bytes at a time.
type pieces struct {
	b []byte
	n int
}

func (p *pieces) Read(to []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, io.EOF
	}
	n := copy(to, p.b[:min(p.n, len(p.b))])
	p.b = p.b[n:]
	return n, nil
}

// TestBatches reads a file of many batches, broken rows in between, and checks
// rows and lines against what was written.
func TestBatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var buf bytes.Buffer
	buf.WriteString("id,title,description\n")
	line := 2
	lines := map[string]int{}
	lone := map[int]bool{}
	for i := range 30000 {
		id := fmt.Sprint(i)
		lines[id] = line
		switch rng.IntN(40) {
		case 0:
			fmt.Fprintf(&buf, "%s,\"a\n\"\"b\"\"\",\"%s\"\n", id, strings.Repeat("y", rng.IntN(5000)))
			line += 2
		case 1:
			fmt.Fprintf(&buf, "%s,\"a lone quote,z\n", id)
			lone[line] = true
			line++
		default:
			fmt.Fprintf(&buf, "%s,title %s,%s\n", id, id, strings.Repeat("z", rng.IntN(60)))
			line++
		}
	}
	c, err := Open("x", &buf, Options{})
	if err != nil {
		t.Fatal(err)
	}
	products, problems, rows, err := readAll(c)
	if err != nil || rows != 30000 || len(products) != 30000-len(lone) {
		t.Fatalf("%d products of %d rows, %v", len(products), rows, err)
	}
	for _, p := range products {
		if fmt.Sprint(p.Row-1) != p.ID {
			t.Fatalf("row %d has id %s", p.Row, p.ID)
		}
	}
	for _, p := range problems {
		if !lone[p.Line] || lines[fmt.Sprint(p.Row-1)] != p.Line || p.Column != "title" {
			t.Fatalf("%+v", p)
		}
		delete(lone, p.Line)
	}
	if len(lone) > 0 {
		t.Errorf("%d lone quotes were not reported", len(lone))
	}
}
