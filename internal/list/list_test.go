package list_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
)

// TestStanding holds the printed statuses in the words of a listing.
func TestStanding(t *testing.T) {
	for printed, want := range map[string]string{
		"": "", "Active": "", "Partially Modified": "modified", "Inactive-Pending Litigation": "pending-litigation", "Inactive": "inactive", "Revoked": "inactive",
	} {
		if got := (&list.Entry{Status: printed}).Standing(); got != want {
			t.Errorf("%q: %q, want %q", printed, got, want)
		}
	}
}

func TestParseDate(t *testing.T) {
	for _, x := range []struct {
		in       string
		dayFirst bool
		want     string
	}{
		{"", false, ""}, {"2021-06-03", false, "2021-06-03"}, {"2021-06-03T10:00:00.000+01:00", false, "2021-06-03"}, {"2015-04-07-04:00", false, "2015-04-07"},
		{"June 3, 2021", false, "2021-06-03"}, {"  June  3, 2021 ", false, "2021-06-03"}, {"3 June 2021", false, "2021-06-03"}, {"03 Jun 2021", true, "2021-06-03"},
		{"02-Jan-2026", true, "2026-01-02"}, {"Nov. 12, 2025", false, "2025-11-12"}, {"June 2021", false, "2021-06"}, {"2021", false, "2021"},
		{"3/6/2021", false, "2021-03-06"}, {"3/6/2021", true, "2021-06-03"}, {"17.3.2014", true, "2014-03-17"},
	} {
		d, err := list.ParseDate(x.in, x.dayFirst)
		if err != nil || d.String() != x.want {
			t.Errorf("%q: %s, %v; want %s", x.in, d, err, x.want)
		}
	}
	for _, bad := range []string{"soon", "31.2.2022", "13/13/2021", "2021-13-01", "June 31, 2021", strings.Repeat("1", 100), "1/2/3/2021", "-1/2/2021"} {
		if d, err := list.ParseDate(bad, true); err == nil {
			t.Errorf("%q is read as %s", bad, d)
		}
	}
}

func TestParseCitations(t *testing.T) {
	for in, want := range map[string]string{
		"84 FR 54004, 10/9/19.\n85 FR 44159, 7/22/20":          "84 FR 54004, 2019-10-09 | 85 FR 44159, 2020-07-22",
		"46 F.R. 46154 9/17/81 and 46 F.R. 19290 3/30/81":      "46 FR 46154, 1981-09-17 | 46 FR 19290, 1981-03-30",
		"91 FR 35189 (June 10, 2026)":                          "91 FR 35189, 2026-06-10",
		"87 FR 62,202 preview citation details, 10/13/22":      "87 FR 62202, 2022-10-13",
		"61 F.R.33 1/2/1996":                                   "61 FR 33, 1996-01-02",
		"64 FR 1, 12/31/00":                                    "64 FR 1, 2000-12-31",
		"84 FR 54004":                                          "84 FR 54004",
		"84 FR 54004, 13/45/19":                                "84 FR 54004",
		"Federal Register: 87 FR 4634Customs Bulletin: Vol. 5": "87 FR 4634",
		"nothing": "",
	} {
		var got []string
		for _, c := range list.ParseCitations(in) {
			got = append(got, c.String())
		}
		if strings.Join(got, " | ") != want {
			t.Errorf("%q: %s, want %s", in, strings.Join(got, " | "), want)
		}
	}
	if d := list.FirstCited(list.ParseCitations("85 FR 44159, 7/22/20; 84 FR 54004, 10/9/19")); d.String() != "2019-10-09" {
		t.Error(d)
	}
}

func TestSplitName(t *testing.T) {
	for in, want := range map[string]string{
		"Plain Co., Ltd.": "Plain Co., Ltd.",
		"A Co. Ltd. (and two aliases: B Co.; and C Co.)":                "A Co. Ltd. | aka B Co. | aka C Co.",
		"A Co. (including one alias: B (Fictown) Co.) and subsidiaries": "A Co. | aka B (Fictown) Co. || and subsidiaries",
		"A Co. (formerly known as B; and C)":                            "A Co. | fka B | fka C",
		"A Co. (also known as B; formerly known as C)":                  "A Co. | aka B | fka C",
		"A (a.k.a. B":                           "A | aka B",
		"A, a.k.a., the following two aliases:": "A",
		"A, a.k.a. B; C":                        "A | aka B | aka C",
		"A f/k/a B":                             "A | fka B",
		"A (Fictown) Co.":                       "A (Fictown) Co.",
		"Corps (XPC) and its subordinate and affiliated entities":     "Corps (XPC) || and its subordinate and affiliated entities",
		"Commission (PC) and subordinate entity National Complex":     "Commission (PC) and subordinate entity National Complex",
		"A and any successor, sub-unit, or subsidiary thereof":        "A || and any successor, sub-unit, or subsidiary thereof",
		"A Company (or any subsidiary or affiliate of such entities)": "A Company || or any subsidiary or affiliate of such entities",
		"AKA Trading":             "AKA Trading",
		"Subsidiaries of Fictown": "Subsidiaries of Fictown",
		"":                        "",
		"(a.k.a. B)":              " | aka B",
	} {
		p := list.SplitName(in)
		got := p.Name
		for _, a := range p.Aliases {
			got += " | " + a.String()
		}
		if p.Reaching != "" {
			got += " || " + p.Reaching
		}
		if got != want {
			t.Errorf("%q:\n%s\nwant\n%s", in, got, want)
		}
	}
}

// TestSplittingIsBounded takes apart what is made to take long.
func TestSplittingIsBounded(t *testing.T) {
	for _, s := range []string{strings.Repeat("(", 60000), strings.Repeat("(a.k.a. ", 8000), strings.Repeat("(a.k.a. x)", 6000), strings.Repeat("a.k.a. ", 9000), strings.Repeat(" and its", 8000), strings.Repeat("84 FR 1, ", 7000), strings.Repeat("Linked To: x; ", 4000), strings.Repeat("50% or more owned by ", 3000), strings.Repeat("; and ", 10000)} {
		began := time.Now()
		list.SplitName(s)
		list.SplitAliases(s, list.AKA)
		list.SplitAddresses(s)
		list.SplitCompanies(s)
		list.ParseCitations(s)
		list.ReadOwnership(s)
		list.DerivedUID(s, s)
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("%.20q takes %s", s, d)
		}
	}
}

// TestSplitNameKeepsNames holds for any text: nothing is empty, and what has no
// marker stays as it is.
func TestSplitNameKeepsNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("ab C(),;.—'\"Å中 aknf"))).Draw(t, "printed")
		p := list.SplitName(s)
		for _, a := range p.Aliases {
			if a.Name == "" || a.Kind == "" {
				t.Fatalf("%q: %+v", s, p)
			}
		}
		if p.Name != list.Squeeze(p.Name) {
			t.Fatalf("%q: %q", s, p.Name)
		}
	})
}

func TestReadOwnership(t *testing.T) {
	for in, want := range map[string]string{
		"DOB 1970; Linked To: BIG CO; Linked To: C.I. OTHER S.A.S.": "linked-to: BIG CO | linked-to: C.I. OTHER S.A.S",
		"(Linked To: BIG CO)":                           "linked-to: BIG CO",
		"It is 50% or more owned by Big Parent.":        "owned-by 50-100%: Big Parent",
		"owned 50 percent or more by Holding Co; other": "owned-by 50-100%: Holding Co",
		"a wholly-owned subsidiary of X Ltd":            "owned-by 100%: X Ltd",
		"is majority owned by Xy":                       "owned-by majority: Xy",
		"Transactions Prohibited For Persons Owned or Controlled By U.S. Financial Institutions: x": "",
		"over 999% owned by Xy": "owned-by: Xy",
	} {
		var got []string
		for _, f := range list.ReadOwnership(in) {
			got = append(got, f.String())
		}
		if strings.Join(got, " | ") != want {
			t.Errorf("%q: %s, want %s", in, strings.Join(got, " | "), want)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	for in, want := range map[string]string{
		"Tax ID No. 9909425511 (Russia)":                               "tax 9909425511 (RU)",
		"Registration Number C 6789 (Malta)":                           "registration C 6789 (MT)",
		"Company Number IMO 1234567":                                   "imo-company 1234567",
		"Vessel Registration Identification IMO 1234567":               "imo 1234567",
		"Unified Social Credit Code (USCC) 91330000700000000X (China)": "uscc 91330000700000000X (CN)",
		"Legal Entity Number 5299000FICTOWN000042":                     "lei 5299000FICTOWN000042",
		"Legal Entity Number 123":                                      "",
		"Tax ID No. 12":                                                "",
		"Vessel Registration Identification IMO 12":                    "",
		"Passport X1": "",
		"ISIN":        "",
	} {
		got := ""
		if id, ok := list.ReadIdentifier(in); ok {
			got = id.String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestUnpack(t *testing.T) {
	for in, want := range map[string]string{"\xef\xbb\xbfa": "a", "\xff\xfea\x00": "a", "\xfe\xff\x00a": "a", "a\x1a": "a", "caf\xe9": "café"} {
		got, err := list.Unpack([]byte(in), 100)
		if err != nil || string(got) != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for in, want := range map[string]string{"": "the file is empty", " \n": "the file is empty", "PK\x03\x04": "a zip archive", "%PDF-": "a PDF", "\x1f\x8b\x08": "gzip", strings.Repeat("x", 101): "over 100 bytes"} {
		if _, err := list.Unpack([]byte(in), 100); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestXMLGuards(t *testing.T) {
	for in, want := range map[string]string{
		`<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>`: "a document type",
		"<r>&a;</r>":                      "invalid character entity",
		"<r>" + strings.Repeat("<a>", 70): "nested over 64 deep",
		"<r><a></b></r>":                  "the file is broken or cut off",
		"<r><a>":                          "the file is broken or cut off",
		"<x/>":                            "the root is x, not r",
		"":                                "no element in it",
		"<r " + strings.Repeat("a='b' ", 201) + "/>": "over 200 attributes",
		"<html><body/></html>":                       "a web page, no XML",
	} {
		x, err := list.NewXML([]byte(in))
		if err == nil {
			err = x.Each(func(start *xml.StartElement) error { return nil }, "r")
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", in, err, want)
		}
	}
	big := "<r><a>" + strings.Repeat("<b>x</b>", list.MaxElement/8+1) + "</a></r>"
	x, err := list.NewXML([]byte(big))
	if err != nil {
		t.Fatal(err)
	}
	err = x.Each(func(start *xml.StartElement) error {
		if start.Name.Local != "a" {
			return nil
		}
		var v struct {
			B []string `xml:"b"`
		}
		return x.Read(&v, start)
	}, "r")
	if err == nil || !strings.Contains(err.Error(), "an element has over 16 MiB") {
		t.Error(err)
	}
}

func TestBuilder(t *testing.T) {
	b := list.NewBuilder("x", "test")
	b.Add(list.Entry{List: "x", UID: "1", Name: "A", Row: 1})
	b.Add(list.Entry{List: "x", UID: "1", Name: "B", Row: 2})
	b.Merge(list.Entry{List: "x", UID: "1", Name: "C", Aliases: []list.Alias{{Name: "A", Kind: list.AKA}}, Row: 3})
	b.Add(list.Entry{List: "x", UID: "", Name: "D", Row: 4})
	b.Add(list.Entry{List: "x", UID: "5", Name: strings.Repeat("x", list.MaxField+1), Row: 5})
	b.Add(list.Entry{List: "x", UID: "6", Name: "E", Aliases: make([]list.Alias, list.MaxItems+1), Row: 6})
	b.Also(list.Entry{List: "x", UID: "7", Name: "F", Row: 2})
	b.Skip()
	e, err := b.Edition()
	if err != nil {
		t.Fatal(err)
	}
	want := list.Counts{Rows: 7, Imported: 2, Also: 1, Joined: 1, Skipped: 1, Refusals: 3}
	if e.Counts != want || !e.Sound() || len(e.Entries) != 3 {
		t.Errorf("%+v, want %+v", e.Counts, want)
	}
	if e.Entries[0].ID() != "x/1" || e.Entries[1].ID() != "x/1-2" || fmt.Sprint(e.Entries[0].Names()) != "[A C]" {
		t.Errorf("%+v", e.Entries)
	}
	if _, err := list.NewBuilder("x", "test").Edition(); !errors.Is(err, list.ErrNoList) {
		t.Error(err)
	}
}

func genEntry() *rapid.Generator[list.Entry] {
	return rapid.Custom(func(t *rapid.T) list.Entry {
		word := rapid.SampledFrom([]string{"Alder", "Birch", "Cedar", "Dogwood", "Elm"})
		var aliases []list.Alias
		for _, a := range rapid.SliceOfN(word, 0, 3).Draw(t, "aliases") {
			aliases = append(aliases, list.Alias{Name: a, Kind: list.AKA})
		}
		e := list.Entry{List: "x", UID: word.Draw(t, "uid"), Name: word.Draw(t, "name"), Aliases: aliases, Remarks: word.Draw(t, "remarks"), Row: rapid.IntRange(1, 9).Draw(t, "row")}
		e.From = offshelf.Day(rapid.IntRange(0, 20000).Draw(t, "from")).Date()
		return e
	})
}

// TestDiffProperties: an edition differs from itself in nothing, backwards is
// forwards turned round, and the changes account for both sides.
func TestDiffProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		edition := rapid.SliceOfNDistinct(genEntry(), 0, 5, func(e list.Entry) string { return e.UID })
		a, b := edition.Draw(t, "a"), edition.Draw(t, "b")
		if d := list.Diff(a, a); len(d) != 0 {
			t.Fatalf("differs from itself: %+v", d)
		}
		count := func(d []list.Change) map[string]int {
			n := map[string]int{}
			for _, c := range d {
				n[c.How]++
			}
			return n
		}
		f, r := count(list.Diff(a, b)), count(list.Diff(b, a))
		if f[list.Added] != r[list.Removed] || f[list.Removed] != r[list.Added] || f[list.Changed] != r[list.Changed] {
			t.Fatalf("%v, backwards %v", f, r)
		}
		if len(a)-f[list.Removed]+f[list.Added] != len(b) {
			t.Fatalf("%d, %v, %d", len(a), f, len(b))
		}
	})
}

func TestDiffLeavesPunctuationAside(t *testing.T) {
	a := []list.Entry{{List: "x", UID: "1", Name: "A Co., Ltd.", Remarks: "One, two", Programmes: []string{"P 1"}, Row: 1}}
	b := []list.Entry{{List: "x", UID: "1", Name: "A CO LTD", Remarks: "one two", Programmes: []string{"P-1"}, Row: 7}}
	if d := list.Diff(a, b); len(d) != 0 {
		t.Errorf("%+v", d)
	}
	b[0].Name, b[0].Programmes = "B", []string{"P 2"}
	want := []list.FieldChange{{Field: "name", Old: "A Co., Ltd.", New: "B"}, {Field: "programmes", Gained: []string{"P 2"}, Lost: []string{"P 1"}}}
	if d := cmp.Diff(want, list.Diff(a, b)[0].Fields); d != "" {
		t.Error(d)
	}
}

func TestReadTables(t *testing.T) {
	tables, err := list.ReadTables([]byte(`<p>Before <b>it</b></p><table><tr><th>A<th>B<tr><td>1<br>2<td>x<table><tr><td>inner</td></tr></table></table><script><table></script><table><tr><td>open`))
	if err != nil {
		t.Fatal(err)
	}
	want := []list.Table{{Before: "Before it", Rows: [][]string{{"A", "B"}, {"1\n2", "xinner"}}}, {Rows: [][]string{{"open"}}}}
	if d := cmp.Diff(want, tables); d != "" {
		t.Error(d)
	}
	for _, page := range []string{strings.Repeat("<table></table>", 300), "<table>" + strings.Repeat("<td>", 300000)} {
		if _, err := list.ReadTables([]byte(page)); err == nil {
			t.Errorf("%.30q is read", page)
		}
	}
	if _, err := list.ReadTables([]byte(strings.Repeat("<table>", 100000))); err != nil {
		t.Error(err)
	}
}
