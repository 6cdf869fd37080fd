package exchange_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/offshelf/offshelf/internal/exchange"
)

// read reads a text and holds the counts to adding up.
func read(t *testing.T, name, text string) (*exchange.Import, error) {
	t.Helper()
	im, err := exchange.Read(name, strings.NewReader(text))
	addsUp(t, im)
	return im, err
}

func addsUp(t *testing.T, im *exchange.Import) {
	t.Helper()
	if err := sums(im); err != nil {
		t.Error(err)
	}
}

func sums(im *exchange.Import) error {
	if im.Read != im.Imported+im.Refused+im.Counts.Ignored {
		return fmt.Errorf("%s: %+v do not add up", im.File, im.Counts)
	}
	n := 0
	for _, r := range im.Reasons {
		n += r.Count
	}
	if n != im.Counts.Ignored || len(im.Refusals) != min(im.Refused, 1000) {
		return fmt.Errorf("%s: reasons for %d of %d ignored, %d of %d refusals", im.File, n, im.Counts.Ignored, len(im.Refusals), im.Refused)
	}
	return nil
}

const twoCompanies = `{"id":"a","schema":"Company","properties":{"name":["A"]}}
{"id":"b","schema":"Company","properties":{"name":["B"]}}
`

// TestHostileFtM: each wrong line is refused with its number, and the rest is
// imported.
func TestHostileFtM(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{"id":"s","schema":"Ownership","properties":{"owner":["a"],"asset":["b"],"percentage":["-1"]}}`, `x.json:3: s: share "-1" is below 0%`},
		{`{"id":"s","schema":"Ownership","properties":{"owner":["a"],"asset":["b"],"percentage":["101"]}}`, `x.json:3: s: share "101" is over 100%`},
		{`{"id":"s","schema":"Ownership","properties":{"owner":["a"],"asset":["b"],"startDate":["2020"],"endDate":["2019"]}}`, "x.json:3: s: ends (2019) before it begins (2020)"},
		{`{"id":"s","schema":"Ownership","properties":{"owner":["a"],"asset":["a"]}}`, "x.json:3: s: a party cannot hold itself"},
		{`{"id":"s","schema":"Ownership","properties":{"owner":["a"],"asset":["nobody"]}}`, `x.json:3: s: a stake of "nobody", which is no entity of the file`},
		{`{"id":"s","schema":"Ownership","properties":{"owner":["a"]}}`, "x.json:3: s: names no owner or no asset"},
		{`{"id":"s","schema":"Sanction","properties":{"entity":["nobody"],"programId":["X"]}}`, `x.json:3: s: a listing of "nobody"`},
		{`{"id":"s","schema":"Sanction","properties":{"entity":["a"]}}`, "x.json:3: s: names no programme"},
		{`{"id":"s","schema":"Succession","properties":{"predecessor":["a"]}}`, "x.json:3: s: names no predecessor or no successor"},
		{`{"schema":"Company","properties":{}}`, "x.json:3: the entity has no id"},
		{`{"id":"c","properties":{}}`, "x.json:3: c: the entity has no schema"},
		{`{"id":"c","id":"d","schema":"Company"}`, "x.json:3: c: character 16: id stands twice"},
		{`{"id":"c","schema":"Company","properties":{"name":["x"],"name":["y"]}}`, "property name stands twice"},
		{`{"id":"c","schema":"Company"} x`, "something stands behind the entity"},
		{`{"id":"c","schema":"Company",}`, "a name in quotes belongs here"},
		{`{"id":5,"schema":"Company"}`, "id is no text"},
		{`{"id":"c","schema":"Company","properties":{"name":["\ud800"]}}`, "half of a surrogate pair"},
		{"{\"id\":\"c\",\"schema\":\"Company\",\"properties\":{\"name\":[\"\xff\"]}}", "x.json:3: is not UTF-8"},
		{"{\"id\":\"c\",\"schema\":\"Company\",\"properties\":{\"name\":[\"a\tb\"]}}", "byte 0x9 in a text"},
		{`{"id":"c","schema":"Company","x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "nested more than 64 deep"},
		{`{"id":"c","schema":"Company","x":"` + strings.Repeat("x", 4<<20) + `"}`, "x.json:3: the line has more than 4 MiB"},
		{`[1,2,3]`, `'{' belongs here`},
	} {
		im, err := read(t, "x.json", twoCompanies+c.line+"\n"+`{"id":"last","schema":"Ownership","properties":{"owner":["a"],"asset":["b"],"percentage":["50"]}}`+"\n")
		if err != nil {
			t.Errorf("%.80s: %v", c.line, err)
			continue
		}
		if im.Refused != 1 || !strings.Contains(im.Refusals[0].String(), c.want) {
			t.Errorf("%.80s: refused %v, want %q", c.line, im.Refusals, c.want)
		}
		if len(im.Parties) != 2 || len(im.Stakes) != 1 || im.Imported != 3 {
			t.Errorf("%.80s: %+v", c.line, im.Counts)
		}
	}
}

// TestOrderFtM: a stake may stand before its parties.
func TestOrderFtM(t *testing.T) {
	im, err := read(t, "x.json", `{"id":"s","schema":"Ownership","properties":{"owner":["a"],"asset":["b"],"percentage":["50"]}}`+"\n"+twoCompanies)
	if err != nil || len(im.Stakes) != 1 || im.Imported != 3 {
		t.Errorf("%v, %+v", err, im.Counts)
	}
}

// TestDoubtsFtM: what is not clear is imported as far as it is, and told.
func TestDoubtsFtM(t *testing.T) {
	for _, c := range []struct{ line, share, period, finding string }{
		{`"percentage":["0.5"]`, "unknown", "/", "may be a fraction or a percentage"},
		{`"percentage":["50","51"]`, "50-51%", "/", "several shares that differ"},
		{`"percentage":["50","50 %"]`, "50%", "/", ""},
		{`"percentage":["about half"]`, "unknown", "/", "is no number"},
		{`"startDate":["2018","2018-02-06"]`, "unknown", "2018-02-06/", ""},
		{`"startDate":["2018-03-01","2018-02-06"]`, "unknown", "2018-02-06?/", "several values of startDate"},
		{`"endDate":["2018-03-01T10:00:00","2018-02-06"]`, "unknown", "/2018-03-01?", "several values of endDate"},
		{`"startDate":["next year"]`, "unknown", "/", "unknown date"},
	} {
		im, err := read(t, "x.json", twoCompanies+`{"id":"s","schema":"Ownership","properties":{"owner":["a"],"asset":["b"],`+c.line+"}}\n")
		if err != nil || len(im.Stakes) != 1 {
			t.Fatalf("%s: %v, %+v, %v", c.line, err, im.Counts, im.Refusals)
		}
		s := im.Stakes[0]
		if s.Share.String() != c.share || s.Interval.String() != c.period {
			t.Errorf("%s: %s, %s", c.line, s.Share, s.Interval)
		}
		if found := fmt.Sprint(im.Findings); (c.finding == "") != (im.FindingCount == 0) || !strings.Contains(found, c.finding) {
			t.Errorf("%s: findings %s, want %q", c.line, found, c.finding)
		}
	}
}

// TestDuplicatesFtM: the same id twice.
func TestDuplicatesFtM(t *testing.T) {
	one := `{"id":"s","schema":"Ownership","properties":{"owner":["a"],"asset":["b"],"percentage":["50"]}}` + "\n"
	im, err := read(t, "x.json", twoCompanies+one+one+strings.Replace(one, "50", "60", 1)+`{"id":"a","schema":"Company","properties":{"name":["Alpha"],"leiCode":["529900T8BM49AURSDO55"]}}`+"\n")
	if err != nil || im.Imported != 4 || im.Refused != 1 || im.Counts.Ignored != 1 || len(im.Stakes) != 1 {
		t.Fatalf("%v, %+v, %v", err, im.Counts, im.Refusals)
	}
	if !strings.Contains(im.Refusals[0].String(), "the id stands in line 3 too") {
		t.Error(im.Refusals)
	}
	if a := im.Parties[0]; a.Name != "A" || len(a.Aliases) != 1 || len(a.Identifiers) != 1 {
		t.Errorf("%+v", a)
	}
}

// TestCutOff: of a file that ends in the middle nothing is used, and what was
// read is reported.
func TestCutOff(t *testing.T) {
	bods := "[\n" + entityStatement("s1", "a", "A") + ",\n" + entityStatement("s2", "b", "B") + "\n]"
	for _, c := range []struct {
		name, text string
		from       int // bytes that any cut leaves
	}{{"ftm", strings.TrimSuffix(twoCompanies, "\n"), 58}, {"bods", bods, 200}} {
		for cut := c.from + 1; cut < len(c.text); cut += 7 {
			im, err := read(t, c.name, c.text[:cut])
			if err == nil {
				t.Fatalf("%s cut at %d of %d is taken: %+v", c.name, cut, len(c.text), im.Counts)
			}
			if !strings.Contains(err.Error(), "line ") || len(im.Parties)+len(im.Stakes) > 0 {
				t.Fatalf("%s cut at %d: %v, %d parties", c.name, cut, err, len(im.Parties))
			}
		}
		if im, err := read(t, c.name, c.text); err != nil || im.Imported != 2 {
			t.Errorf("%s whole: %v, %+v", c.name, err, im.Counts)
		}
	}
}

func entityStatement(id, record, name string) string {
	return fmt.Sprintf(`{"statementId":%q,"statementDate":"2020-01-01","publicationDetails":{"bodsVersion":"0.4","publisher":{"name":"P"}},"recordId":%q,"recordStatus":"new","recordType":"entity",
"recordDetails":{"isComponent":false,"entityType":{"type":"registeredEntity"},"name":%q}}`, id, record, name)
}

func relationStatement(id, record, status, date, details string) string {
	return fmt.Sprintf(`{"statementId":%q,"statementDate":%q,"publicationDetails":{"bodsVersion":"0.4"},"recordId":%q,"recordStatus":%q,"recordType":"relationship",
"recordDetails":{"isComponent":false,"subject":"b","interestedParty":"a",%s}}`, id, date, record, status, details)
}

// TestHostileBODS: each wrong statement is refused with its line, and the rest
// is imported.
func TestHostileBODS(t *testing.T) {
	share := func(s string) string {
		return relationStatement("s3", "r", "new", "2020-01-01", `"interests":[{"type":"shareholding","directOrIndirect":"direct","share":{`+s+`}}]`)
	}
	for _, c := range []struct{ statement, want string }{
		{share(`"exact":101`), "x.json:5: s3: interest 1: share: exact 101 is over 100%"},
		{share(`"exact":-1`), "exact -1 is below 0%"},
		{share(`"exact":1e1`), "exact 1e1 is no number like 12.5"},
		{share(`"exact":"50"`), "exact is a text"},
		{share(`"minimum":60,"maximum":50`), "from 60% to 50% runs backwards"},
		{relationStatement("s3", "r", "new", "2020-01-01", `"interests":[{"type":"shareholding","startDate":"2020","endDate":"2019"}]`), "interest 1 ends (2019) before it begins (2020)"},
		{relationStatement("s3", "r", "new", "yesterday", `"interests":[]`), "statementDate: unknown date"},
		{relationStatement("s3", "r", "renewed", "2020-01-01", `"interests":[]`), `recordStatus "renewed"`},
		{strings.Replace(share(`"exact":50`), `"subject":"b"`, `"subject":"nobody"`, 1), `names the record "nobody", of which there is no statement`},
		{strings.Replace(share(`"exact":50`), `"subject":"b"`, `"subject":"a"`, 1), "a party cannot hold itself"},
		{strings.Replace(share(`"exact":50`), `"subject":"b"`, `"subject":{}`, 1), "subject is not specified, and no reason is given"},
		{strings.Replace(share(`"exact":50`), `"subject":"b",`, ``, 1), "has no subject"},
		{strings.Replace(share(`"exact":50`), `"bodsVersion":"0.4"`, `"bodsVersion":"0.3"`, 1), "x.json:5: s3: is of BODS version 0.3, and only 0.4 is read"},
		{`{"statementID":"s3","statementType":"entityStatement"}`, "x.json:5: s3: is of BODS version before 0.4"},
		{strings.Replace(share(`"exact":50`), `"s3"`, `"s1"`, 1), "x.json:5: s1: the statementId stands in line 2 too"},
		{strings.Replace(share(`"exact":50`), `"recordId":"r"`, `"recordId":"a"`, 1), "record a is of type entity in line 2 and relationship here"},
		{strings.Replace(share(`"exact":50`), `"relationship"`, `"thing"`, 1), `recordType "thing"`},
		{strings.Replace(share(`"exact":50`), `"s3"`, "\"\xff\"", 1), "x.json:5: is not UTF-8"},
		{strings.Replace(share(`"exact":50`), `"s3"`, `"s3","statementId":"s4"`, 1), "is no valid JSON"},
		{strings.Replace(share(`"exact":50`), `"s3"`, `"s3","x":`+strings.Repeat("[", 80)+strings.Repeat("]", 80), 1), "nested more than 64 deep"},
		{strings.Replace(share(`"exact":50`), `"s3"`, `"s3","x":"`+strings.Repeat("x", 4<<20)+`"`, 1), "more than 4 MiB"},
		{`"a text"`, `starts with '"'`},
		{`17`, `starts with '1'`},
		{`[{}]`, `starts with '['`},
	} {
		text := "[\n" + entityStatement("s1", "a", "A") + ",\n" + strings.Replace(entityStatement("s2", "b", "B"), "\n", " ", 1) + ",\n" + c.statement + ",\n" +
			relationStatement("last", "last", "new", "2020-01-01", `"interests":[{"type":"shareholding","share":{"exact":50}}]`) + "]"
		im, err := read(t, "x.json", text)
		if err != nil {
			t.Errorf("%.80s: %v", c.statement, err)
			continue
		}
		if im.Refused != 1 || !strings.Contains(im.Refusals[0].String(), c.want) {
			t.Errorf("%.300s: refused %v, want %q", c.statement, im.Refusals, c.want)
		}
		if len(im.Parties) != 2 || len(im.Stakes) != 1 {
			t.Errorf("%.80s: %+v", c.statement, im.Counts)
		}
	}
}

// TestFormsBODS: an array, a package and a statement a line are read the same.
func TestFormsBODS(t *testing.T) {
	flat := strings.ReplaceAll(entityStatement("s1", "a", "A")+"\n\n"+entityStatement("s2", "b", "B"), "\n\"record", " \"record")
	array := "\ufeff[" + strings.ReplaceAll(flat, "\n\n", ",") + "]\n"
	for name, text := range map[string]string{
		"lines": flat, "array": array, "package": `{"bodsVersion":"0.4","license":"[{","statements":` + strings.TrimPrefix(array, "\ufeff") + `,"more":[{"statementId":"no"}]}`,
	} {
		im, err := read(t, name, text)
		if err != nil || im.Imported != 2 || im.Read != 2 || im.Format != exchange.BODS {
			t.Errorf("%s: %v, %+v", name, err, im.Counts)
		}
	}
	if _, err := read(t, "x", `{"bodsVersion":"0.4","statements":[`+entityStatement("s1", "a", "A")+`]`); err == nil {
		t.Error("a package that is not closed is taken")
	}
}

// TestPacked: gzip and zip are unpacked, once, within bounds.
func TestPacked(t *testing.T) {
	gz := func(text string) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	zipped := func(members ...string) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i, m := range members {
			f, err := w.Create(fmt.Sprintf("../../etc/%d.json", i))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(f, m); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	bomb := gz(twoCompanies + strings.Repeat("\n", 100<<20))
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"gzip", gz(twoCompanies), ""},
		{"zip", zipped(twoCompanies), ""},
		{"two in a zip", zipped(twoCompanies, "x"), "holds more than one file"},
		{"empty zip", zipped(), "holds no file"},
		{"gzip in gzip", gz(string(gz(twoCompanies))), "is no ownership data"},
		{"cut gzip", gz(twoCompanies)[:60], "cut off"},
		{"bomb", bomb, "unpacks to more than 200 times its size"},
		{"zip bomb", zipped(twoCompanies + strings.Repeat("\n", 100<<20)), "unpacks to more than 200 times its size"},
		{"empty", nil, "is no ownership data"},
		{"binary", bytes.Repeat([]byte{0, 0xff}, 1000), "is no ownership data"},
		{"html", []byte("<!DOCTYPE html><p>"), "is no ownership data"},
		{"broken zip", []byte("PK\x03\x04xxxx"), "zip archive cannot be read"},
	} {
		im, err := exchange.Read(c.name, bytes.NewReader(c.data))
		switch {
		case c.want == "" && (err != nil || im.Imported != 2):
			t.Errorf("%s: %v, %+v", c.name, err, im.Counts)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), c.name+": ")):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestMany: refusals beyond the bound are counted, not kept.
func TestMany(t *testing.T) {
	var b strings.Builder
	b.WriteString(twoCompanies)
	for i := range 5000 {
		fmt.Fprintf(&b, `{"id":"s%d","schema":"Ownership","properties":{"owner":["x%d"],"asset":["b"]}}`+"\n", i, i)
		fmt.Fprintf(&b, `{"id":"t%d","schema":"Schema%d","properties":{}}`+"\n", i, i)
	}
	im, err := read(t, "x", b.String())
	if err != nil || im.Refused != 5000 || im.Counts.Ignored != 5000 || len(im.Reasons) > 1001 {
		t.Errorf("%v, %+v, %d reasons", err, im.Counts, len(im.Reasons))
	}
}

// TestReferents: a stake may name an entity by another of its ids.
func TestReferents(t *testing.T) {
	im, err := read(t, "x", `{"id":"s1","schema":"Ownership","properties":{"owner":["old-a"],"asset":["b"]}}
{"id":"s2","schema":"Ownership","properties":{"owner":["a"],"asset":["old-a"]}}
{"id":"s3","schema":"Ownership","properties":{"owner":["both"],"asset":["b"]}}
{"id":"l","schema":"Sanction","properties":{"entity":["old-a"],"program":["P"],"authorityId":["88 FR 76128"],"reason":["text"]}}
{"id":"a","schema":"Company","properties":{"name":["A"]},"referents":["old-a","both"]}
{"id":"b","schema":"Company","referents":["b","both"],"properties":{"name":["B"]}}
`)
	if err != nil || len(im.Stakes) != 1 || im.Stakes[0].Holder != "a" || len(im.Listings) != 1 || im.Listings[0].Party != "a" || im.Listings[0].Citation != "88 FR 76128" {
		t.Fatalf("%v, %+v, %+v", err, im.Stakes, im.Listings)
	}
	if im.Refused != 2 || !strings.Contains(fmt.Sprint(im.Refusals), "owner and asset are ids of one entity") || !strings.Contains(fmt.Sprint(im.Refusals), `a stake of "both"`) || !strings.Contains(fmt.Sprint(im.Findings), "both is another id of both a and b") {
		t.Errorf("%v, %v", im.Refusals, im.Findings)
	}
}
