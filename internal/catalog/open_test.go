package catalog

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
)

func TestOpenErrors(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		o        Options
		want     []string // all of these are in the message
	}{
		{"empty", "", Options{}, []string{"x: the file is empty"}},
		{"blank lines only", "\n \r\n\n", Options{}, []string{"the file is empty"}},
		{"BOM only", "\xef\xbb\xbf", Options{}, []string{"the file is empty"}},
		{"no title, no brand", "a,b\n1,2\n", Options{}, []string{`"a", "b"`, "--map title=COLUMN"}},
		{"no such column", "id,title\n", Options{Map: map[string]string{"brand": "Marke"}}, []string{`no column "Marke"`, `"id", "title"`}},
		{"no such field", "id,title\n", Options{Map: map[string]string{"colour": "id"}}, []string{`no field "colour"`, "title, brand", "gtin"}},
		{"column mapped twice", "id,title\n", Options{Map: map[string]string{"brand": "title", "title": "title"}}, []string{"mapped twice"}},
		{"no such format", "id,title\n", Options{Format: "xls"}, []string{`no format "xls"`, "ndjson"}},
		{"old Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Options{}, []string{"old Excel"}},
		{"web page", "<!DOCTYPE html><html>", Options{}, []string{"web page"}},
		{"Parquet", "PAR1....", Options{}, []string{"Parquet"}},
		{"not XLSX", "id,title\n", Options{Format: "xlsx"}, []string{"not an XLSX"}},
		{"broken XLSX", "PK\x03\x04 nothing", Options{}, []string{"broken XLSX"}},
		{"broken gzip", "\x1f\x8b nothing", Options{}, []string{"broken gzip"}},
		{"broken zstd", "\x28\xb5\x2f\xfd nothing", Options{}, []string{"broken zstd"}},
		{"lone quote in the header", "id,\"title\n1,a\n", Options{}, []string{"a quote in the header"}},
		{"header too long", strings.Repeat("x", maxRow+5), Options{}, []string{"header is longer"}},
		{"NUL in the header", "id,title\x00\n", Options{}, []string{"NUL"}},
		{"no objects", "[1, 2]", Options{}, []string{"none of the first 2 rows"}},
		{"JSON without title", `[{"a": 1, "b": 2}]`, Options{}, []string{`"a", "b"`, "--map title=COLUMN"}},
		{"DOCTYPE", `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss/>`, Options{}, []string{"DOCTYPE"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open("x", strings.NewReader(tt.in), tt.o)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
		})
	}
	_, err := Open("-", strings.NewReader(""), Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "standard input: ") {
		t.Errorf("%v does not name standard input", err)
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	if _, err := Open("x", iotest.ErrReader(broken), Options{}); !errors.Is(err, broken) {
		t.Errorf("Open: %v", err)
	}
	// The half row before the error is no product.
	text := "id,title\n" + strings.Repeat("1,aaaaaaaaaaaaaaaaaaaa\n", 40000) + "2,hal"
	c, err := Open("x", io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	products, _, _, err := readAll(c)
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "x: ") || len(products) != 40000 {
		t.Errorf("%d products, %v", len(products), err)
	}
}

func TestHeaderOnly(t *testing.T) {
	products, problems, use := read(t, "id,title", Options{})
	if len(products)+len(problems) > 0 || !slices.Contains(use.Notes, "no rows under the header") {
		t.Errorf("%v %v %+v", products, problems, use)
	}
}

func TestPacking(t *testing.T) {
	text := "id,title\n1,Gr\u00fc\u00dfe\n"
	pack := func(w io.WriteCloser, b *bytes.Buffer) string {
		io.WriteString(w, text)
		w.Close()
		return b.String()
	}
	var g, z bytes.Buffer
	zw, _ := zstd.NewWriter(&z)
	wide := func(e unicode.Endianness, bom unicode.BOMPolicy) string {
		s, err := unicode.UTF16(e, bom).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, tt := range []struct{ name, in, note string }{
		{"gzip", pack(gzip.NewWriter(&g), &g), "compressed with gzip"},
		{"zstd", pack(zw, &z), "compressed with zstd"},
		{"UTF-16LE, BOM", wide(unicode.LittleEndian, unicode.UseBOM), "encoding UTF-16LE"},
		{"UTF-16BE, BOM", wide(unicode.BigEndian, unicode.UseBOM), "encoding UTF-16BE"},
		{"UTF-16LE", wide(unicode.LittleEndian, unicode.IgnoreBOM), "encoding UTF-16LE"},
		{"UTF-16BE", wide(unicode.BigEndian, unicode.IgnoreBOM), "encoding UTF-16BE"},
		{"Windows-1252", "id,title\n1,Gr\xfc\xdfe\n", "encoding Windows-1252"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			products, problems, use := read(t, tt.in, Options{})
			if len(products) != 1 || products[0].Title != "Gr\u00fc\u00dfe" || len(problems) > 0 || !slices.Contains(use.Notes, tt.note) {
				t.Errorf("%v %v %+v", products, problems, use)
			}
		})
	}
}

func TestCutShortGzip(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(benchCSV(20000))
	w.Close()
	c, err := Open("x", bytes.NewReader(b.Bytes()[:b.Len()-1000]), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err = readAll(c); err == nil || err.Error() != "x: broken gzip: the file is cut short" {
		t.Error(err)
	}
}

func TestBomb(t *testing.T) {
	g := &guarded{r: zeros{}, packed: &counted{n: 1000}, what: "gzip"}
	n, err := io.Copy(io.Discard, g)
	if err == nil || !strings.Contains(err.Error(), "bomb") || n > bombFloor+1<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
}
