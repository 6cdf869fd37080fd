package catalog

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

// survives reads arbitrary bytes: no panic, and the counts add up.
func survives(t interface{ Fatal(...any) }, data []byte, o Options) {
	c, err := Open("x", bytes.NewReader(data), o)
	if err != nil {
		if !strings.HasPrefix(err.Error(), "x: ") {
			t.Fatal("no file in: ", err)
		}
		return
	}
	defer c.Close()
	products, problems, rows, err := readAll(c)
	if err != nil {
		if !strings.HasPrefix(err.Error(), "x: ") {
			t.Fatal(err)
		}
		return
	}
	if rows != len(products)+lostIn(problems) {
		t.Fatal(rows, " rows, ", len(products), " products, ", lostIn(problems), " problems")
	}
	keepsAll(t, data, o, c.Use().Columns, products)
	last := 0
	for _, p := range products {
		if p.Row <= last || p.Row > rows {
			t.Fatal("row ", p.Row, " behind ", last)
		}
		last = p.Row
	}
}

// keepsAll reads the bytes again, keeps the columns that were read, and expects
// the same products, each with as many cells.
func keepsAll(t interface{ Fatal(...any) }, data []byte, o Options, cols []offshelf.ColumnUse, want []offshelf.Product) {
	for _, c := range cols {
		if strings.TrimSpace(c.Column) != "" && !slices.Contains(o.Keep, c.Column) && len(o.Keep) < maxKeep {
			o.Keep = append(o.Keep, c.Column)
		}
	}
	c, err := Open("x", bytes.NewReader(data), o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var got []offshelf.Product
	var cells []string
	for {
		b, err := c.Next()
		if err != nil {
			break
		}
		got, cells, _ = b.DecodeKept(got, cells)
	}
	if !slices.Equal(got, want) || len(cells) != len(got)*len(o.Keep) {
		t.Fatal(len(got), " products of ", len(want), " with ", len(cells), " cells of ", o.Keep)
	}
	for _, v := range cells {
		if len(v) > maxKept {
			t.Fatal("a cell of ", len(v), " bytes")
		}
	}
}

func TestArbitrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		head := rapid.SampledFrom([]string{"id,title\n", "title;x\r\n", "Handle,Title,Vendor\n", "[", "{\"title\":1}\n", rss, "PK\x03\x04", "\xff\xfe", ""}).Draw(t, "head")
		body := rapid.SliceOf(rapid.OneOf(
			rapid.SampledFrom([]string{"\n", "\"", ",", "{", "}", "[", "]", "<item>", "</item>", "a", "\x00", "\xff", "\"title\":", "\r", ";"}),
			rapid.String(),
		)).Draw(t, "body")
		survives(t, []byte(head+strings.Join(body, "")), Options{Format: rapid.SampledFrom(append(formats[:len(formats):len(formats)], "")).Draw(t, "format")})
	})
}

// FuzzCSV compares with encoding/csv what that one reads.
func FuzzCSV(f *testing.F) {
	f.Add([]byte("1,a,b\n2,\"c\"\"d\ne\",f\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		survives(t, data, Options{Format: "csv"})
		survives(t, append([]byte("id,title,brand\n"), data...), Options{})
		survives(t, append([]byte("Handle,Title,Variant SKU\n"), data...), Options{})

		r := csv.NewReader(bytes.NewReader(data))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if err != nil {
			return
		}
		for _, rec := range want {
			if slices.ContainsFunc(rec, func(v string) bool { return len(v) > maxQuoted/2 }) {
				return
			}
		}
		d := delimited{delim: ',', sep: ","}
		cut := newCutter("x", bytes.NewReader(data), delimitedLines{delim: ',', eol: '\n'}, '\n')
		var got [][]string
		for {
			b, err := cut.next()
			if err != nil {
				break
			}
			for _, rec := range b.recs {
				var fields []string
				line, more := string(b.data[rec.start:rec.end]), true
				for v := ""; more; fields = append(fields, unCRLF(v)) {
					v, line, more = d.field(line, true)
				}
				got = append(got, fields)
			}
		}
		if !slices.EqualFunc(got, want, slices.Equal[[]string]) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
	})
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`[{"title":"a","brand":{"name":"b"}},{"title":["c"]}]`))
	f.Add([]byte("{\"title\":\"a\"}\n{\"title\":\"b\"}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		survives(t, data, Options{Format: "json"})
		survives(t, data, Options{Format: "ndjson"})
		survives(t, append([]byte(`[{"title":"a"},`), data...), Options{})
	})
}

func FuzzXML(f *testing.F) {
	f.Add([]byte(rss + "<item><g:id>1</g:id><title>a</title></item></channel></rss>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		survives(t, data, Options{Format: "merchant-xml"})
		survives(t, append([]byte("<rss><item><title>a</title></item>"), data...), Options{})
	})
}

func FuzzXLSX(f *testing.F) {
	f.Add([]byte(workbook(f, []string{"A"}, [][]any{{"id", "title"}, {1, "a"}})))
	f.Fuzz(func(t *testing.T, data []byte) {
		survives(t, data, Options{Format: "xlsx"})
	})
}
