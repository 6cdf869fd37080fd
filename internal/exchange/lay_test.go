package exchange_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/exchange"
	"github.com/offshelf/offshelf/knowledge"
)

func ids(pairs ...string) []offshelf.Identifier {
	var out []offshelf.Identifier
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, offshelf.Identifier{Scheme: pairs[i], ID: pairs[i+1]})
	}
	return out
}

// file makes an Import of parties in the order of their ids.
func file(name string, parties ...offshelf.Party) *exchange.Import {
	return &exchange.Import{File: name, Format: exchange.FtM, Parties: parties}
}

// TestIdentity: parties of several files become one through identifiers, also
// through a third; a number that differs keeps them apart.
func TestIdentity(t *testing.T) {
	k := &offshelf.Knowledge{Version: "2026-11-24", Parties: []offshelf.Party{
		{ID: "alpha", Name: "Alpha", Identifiers: ids("lei", leiA)},
		{ID: "beta", Name: "Beta", Identifiers: ids("lei", leiB)},
	}}
	for _, c := range []struct {
		name     string
		imports  []*exchange.Import
		parties  []string // names after
		joined   int
		findings string
	}{
		{"by LEI in another spelling", []*exchange.Import{file("x", offshelf.Party{ID: "1", Name: "ALPHA PLC", Identifiers: ids("XI-LEI", strings.ToLower(leiA))})}, []string{"Alpha", "Beta"}, 1, "[]"},
		{"through a third", []*exchange.Import{
			file("x", offshelf.Party{ID: "1", Name: "One", Identifiers: ids("GB-COH", "2723534")}),
			file("y", offshelf.Party{ID: "1", Name: "Two", Identifiers: ids("GB-COH", "02723534", "lei", leiA)})},
			[]string{"Alpha", "Beta"}, 2, "[]"},
		{"two files alone", []*exchange.Import{
			file("x", offshelf.Party{ID: "1", Name: "One", Identifiers: ids("duns", "08-046-6467")}),
			file("y", offshelf.Party{ID: "9", Name: "Uno", Identifiers: ids("duns", "080466467")})},
			[]string{"Alpha", "Beta", "One"}, 1, "[]"},
		{"a name alone", []*exchange.Import{file("x", offshelf.Party{ID: "1", Name: "ALPHA"})}, []string{"ALPHA", "Alpha", "Beta"}, 0, "[]"},
		{"a number of no register that is named", []*exchange.Import{
			file("x", offshelf.Party{ID: "1", Name: "One", Identifiers: ids("registration", "DE 1")}, offshelf.Party{ID: "2", Name: "Two", Identifiers: ids("registration", "DE 1")})},
			[]string{"Alpha", "Beta", "One", "Two"}, 0, "[]"},
		{"two LEIs of one party", []*exchange.Import{file("x", offshelf.Party{ID: "1", Name: "Mixed", Identifiers: ids("lei", leiA, "lei", leiB)})}, []string{"Alpha", "Beta", "Mixed"}, 0, "1 has two numbers of lei"},
		{"two of the knowledge", []*exchange.Import{
			file("x", offshelf.Party{ID: "1", Name: "One", Identifiers: ids("lei", leiA, "duns", "080466467")}),
			file("y", offshelf.Party{ID: "2", Name: "Two", Identifiers: ids("lei", leiB, "duns", "080466467")})},
			[]string{"Alpha", "Beta"}, 2, "which the knowledge holds to be two"},
		{"a number that differs", []*exchange.Import{
			file("x", offshelf.Party{ID: "1", Name: "One", Identifiers: ids("duns", "080466467", "GB-COH", "1")}),
			file("y", offshelf.Party{ID: "2", Name: "Two", Identifiers: ids("duns", "080466467", "GB-COH", "2")})},
			[]string{"Alpha", "Beta", "One", "Two"}, 0, "have duns 080466467 in common, but GB-COH 00000001 and 00000002"},
		{"several ISINs are no conflict", []*exchange.Import{
			file("x", offshelf.Party{ID: "1", Name: "One", Identifiers: ids("isin", "US0378331005", "isin", "GB0009895292")}),
			file("y", offshelf.Party{ID: "2", Name: "Two", Identifiers: ids("isin", "GB0009895292")})},
			[]string{"Alpha", "Beta", "One"}, 1, "[]"},
	} {
		out, laid := exchange.Lay(k, c.imports...)
		var names []string
		for _, p := range out.Parties {
			names = append(names, p.Name)
		}
		slices.Sort(names)
		if !slices.Equal(names, c.parties) || laid.Joined != c.joined || !strings.Contains(fmt.Sprint(laid.Findings), c.findings) {
			t.Errorf("%s: %q, %d joined, %v", c.name, names, laid.Joined, laid.Findings)
		}
		if c.name == "a name alone" && (len(laid.Proposals) != 1 || laid.Proposals[0].A != "alpha") {
			t.Errorf("%s: %v", c.name, laid.Proposals)
		}
	}
	if len(k.Parties) != 2 || k.Overlay {
		t.Error("the knowledge was changed")
	}
}

// TestNoPersonIsMatched: persons of one name are not even proposed.
func TestNoPersonIsMatched(t *testing.T) {
	im, err := read(t, "x", `{"id":"1","schema":"Person","properties":{"name":["Jo Doe"],"innCode":["500100732259"],"birthDate":["1980-01-01"],"passportNumber":["1"]}}
{"id":"2","schema":"Person","properties":{"name":["Jo Doe"],"innCode":["500100732259"]}}
`)
	if err != nil || len(im.Parties) != 2 || len(im.Proposals) != 0 {
		t.Fatalf("%v, %+v", err, im)
	}
	out, laid := exchange.Lay(&offshelf.Knowledge{}, im)
	if len(out.Parties) != 2 || laid.Joined != 0 || len(laid.Proposals) != 0 || strings.Contains(fmt.Sprintf("%+v", out.Parties), "1980") || len(out.Parties[0].Identifiers) > 0 {
		t.Errorf("%+v, %+v", out.Parties, laid)
	}
}

// TestIdentityOrder: which parties are one does not depend on the order of the
// files.
func TestIdentityOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parties []offshelf.Party
		for i := range rapid.IntRange(1, 8).Draw(t, "parties") {
			p := offshelf.Party{ID: fmt.Sprint("p", i), Name: fmt.Sprint("P", i)}
			for range rapid.IntRange(0, 2).Draw(t, "numbers") { // of schemes with no single number, so that nothing clashes
				p.Identifiers = append(p.Identifiers, offshelf.Identifier{Scheme: "cik", ID: fmt.Sprint(rapid.IntRange(1, 9).Draw(t, "number"))})
			}
			parties = append(parties, p)
		}
		other := slices.Clone(parties)
		slices.Reverse(other)
		a, _ := exchange.Lay(&offshelf.Knowledge{}, file("x", parties...))
		b, _ := exchange.Lay(&offshelf.Knowledge{}, file("x", other...))
		groups := func(k *offshelf.Knowledge) string {
			var out []string
			for _, p := range k.Parties {
				names := append([]string{p.Name}, p.Aliases...)
				slices.Sort(names)
				out = append(out, strings.Join(names, "+"))
			}
			slices.Sort(out)
			return fmt.Sprint(out)
		}
		if groups(a) != groups(b) {
			t.Fatalf("%s, in the other order %s", groups(a), groups(b))
		}
	})
}

// TestLayStakes: what is said already is not said twice, what differs is told,
// a stake that becomes one of a party in itself is left out.
func TestLayStakes(t *testing.T) {
	k := &offshelf.Knowledge{Version: "2026-11-24",
		Parties:  []offshelf.Party{{ID: "alpha", Name: "Alpha", Identifiers: ids("lei", leiA)}, {ID: "beta", Name: "Beta", Identifiers: ids("lei", leiB)}},
		Stakes:   []offshelf.Stake{{Holder: "alpha", Held: "beta", Share: offshelf.Share{Min: 6000, Max: 6000, Known: true}, Evidence: offshelf.Evidence{Grade: offshelf.GradeFiling}}},
		Regimes:  []offshelf.Regime{{ID: "r", Lists: []string{"us-bis-el"}}},
		Listings: []offshelf.Listing{{ID: "us-bis-el/alpha", Party: "alpha", List: "us-bis-el", Name: "ALPHA"}},
	}
	k.Stakes[0].From, _ = offshelf.ParseDate("2018-01-01")
	im, err := read(t, "x.json", `{"id":"a","schema":"Company","properties":{"name":["A"],"leiCode":["`+leiA+`"]}}
{"id":"a2","schema":"Company","properties":{"name":["A2"],"leiCode":["`+leiA+`"]}}
{"id":"b","schema":"Company","properties":{"name":["B"],"leiCode":["`+leiB+`"]}}
{"id":"s1","schema":"Ownership","properties":{"owner":["a"],"asset":["b"],"percentage":["60"],"startDate":["2018-01-01"]}}
{"id":"s2","schema":"Ownership","properties":{"owner":["a2"],"asset":["b"],"percentage":["40"],"startDate":["2019"]}}
{"id":"s3","schema":"Ownership","properties":{"owner":["a"],"asset":["a2"],"percentage":["40"]}}
{"id":"s4","schema":"Ownership","properties":{"owner":["b"],"asset":["a"],"endDate":["2017"]}}
{"id":"l1","schema":"Sanction","properties":{"entity":["a2"],"programId":["US-BIS-EL"],"startDate":["2019"]}}
{"id":"l2","schema":"Sanction","properties":{"entity":["b"],"programId":["US-BIS-EL","XX-YY"],"listingDate":["2019"],"publisher":["Ministry of Trade"]}}
`)
	if err != nil {
		t.Fatal(err)
	}
	out, laid := exchange.Lay(k, im)
	var got []string
	for _, s := range out.Stakes[1:] {
		got = append(got, fmt.Sprintf("%s %s %s %s own=%t", s.Holder, s.Held, s.Share, s.Interval, s.Own()))
	}
	if want := []string{"alpha beta 40% 2019/ own=true", "beta alpha unknown ..2016-12-31/2017 own=true"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if laid.Same != 2 || laid.Left != 2 || !strings.Contains(fmt.Sprint(laid.LeftOut), "holder and held are one party, alpha") || !strings.Contains(fmt.Sprint(laid.LeftOut), `the list "xx-yy"`) {
		t.Errorf("same %d, left %v", laid.Same, laid.LeftOut)
	}
	if !strings.Contains(fmt.Sprint(laid.Findings), "alpha in beta: the file says 40% (2019/), the knowledge 60% (2018-01-01/): both are kept") {
		t.Error(laid.Findings)
	}
	if len(out.Listings) != 2 || out.Listings[1].ID != "us-bis-el/beta" || out.Listings[1].Grade != offshelf.GradeOfficial || !out.Overlay {
		t.Errorf("%+v", out.Listings)
	}
}

// TestOverlayAgrees: an overlay in YAML says what Lay says in one run.
func TestOverlayAgrees(t *testing.T) {
	k, _ := embedded(t)
	var b strings.Builder
	if err := exchange.FollowTheMoney(&b, k); err != nil {
		t.Fatal(err)
	}
	text := b.String() + `{"id":"new","schema":"Company","properties":{"name":["Совсем новая"],"country":["ru"],"alias":["- #: {x}","'quoted'"]}}
{"id":"s","schema":"Ownership","properties":{"owner":["new"],"asset":["` + exported(t, b.String(), "Lorex Technology Inc.") + `"],"percentage":["5"]}}
{"id":"s2","schema":"Ownership","properties":{"owner":["` + exported(t, b.String(), "Zhejiang Dahua Technology Co., Ltd.") + `"],"asset":["` + exported(t, b.String(), "Lorex Technology Inc.") + `"],"percentage":["7"],"startDate":["2010"],"endDate":["2011~"]}}
`
	im, err := read(t, "x.json", text)
	if err != nil {
		t.Fatal(err)
	}
	laid, report := exchange.Lay(k, im)
	files, err := report.Overlay(k)
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{}
	for name, data := range files {
		folder[name] = &fstest.MapFile{Data: data}
	}
	over, problems := knowledge.Overlay(k, folder)
	if over == nil {
		t.Fatal(problems)
	}
	a, b2 := told(laid), told(over)
	if !slices.Equal(a, b2) {
		t.Errorf("%d stakes by Lay, %d by the overlay", len(a), len(b2))
	}
	if len(over.Parties) != len(k.Parties)+1 || report.Added.Parties != 1 || report.Added.Stakes != 2 {
		t.Errorf("%d parties, %+v", len(over.Parties)-len(k.Parties), report.Added)
	}
}

// exported finds the id that our export gives to a party.
func exported(t *testing.T, text, name string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.Contains(line, `"name":["`+name) && strings.Contains(line, `"schema":"Company"`) {
			return strings.Split(line, `"`)[3]
		}
	}
	t.Fatalf("no party %s", name)
	return ""
}

// TestHostileTexts: what a file says reaches no terminal as a command, circles
// of whole holdings are read as a claim, and the overlay can be read.
func TestHostileTexts(t *testing.T) {
	im, err := read(t, "x\x1b[31m.json", `{"id":"a","schema":"Company","properties":{"name":["A\u001b[31m\u202e\nB"],"alias":["\u0000"],"leiCode":["`+leiA+`"]}}
{"id":"b","schema":"Company","properties":{"name":["\u0007"],"country":["cn"]}}
{"id":"s1","schema":"Ownership","properties":{"owner":["a"],"asset":["b"],"percentage":["100"],"publisher":["P\u001b"]}}
{"id":"s2","schema":"Ownership","properties":{"owner":["b"],"asset":["a"],"percentage":["100"]}}
`)
	if err != nil {
		t.Fatal(err)
	}
	k, _ := embedded(t)
	out, laid := exchange.Lay(k, im)
	for _, p := range out.Parties {
		if p.Own() && strings.ContainsFunc(p.Name+strings.Join(p.Aliases, ""), func(r rune) bool { return r < ' ' || r == 0x202e }) {
			t.Errorf("%q", p)
		}
	}
	carried := 0
	for _, s := range out.Stakes {
		switch {
		case s.Own() && s.Share.Known && !s.Grade.Weak():
			carried++
		case s.Own() && (s.Conflict != "" || s.Grade != offshelf.GradeClaim):
			t.Errorf("%+v: is left out, or is no claim", s)
		}
	}
	if carried != 1 || !strings.Contains(fmt.Sprint(laid.Findings), "would wholly hold itself") {
		t.Errorf("%d stakes carry, %v", carried, laid.Findings)
	}
	if _, err := laid.Overlay(k); err != nil {
		t.Error(err)
	}
}

// TestManyValues: an entity of thousands of values takes no quadratic time, and
// is told of in a few words.
func TestManyValues(t *testing.T) {
	var values []string
	for i := range 4000 {
		values = append(values, fmt.Sprintf("%q", fmt.Sprint(i%100)))
	}
	many := strings.Join(values, ",")
	var b strings.Builder
	for i := range 20 {
		fmt.Fprintf(&b, `{"id":"c%d","schema":"Company","properties":{"name":[%s],"leiCode":[%s],"registrationNumber":[%s],"country":["de"]}}`+"\n", i, many, many, many)
		fmt.Fprintf(&b, `{"id":"s%d","schema":"Ownership","properties":{"owner":["c%d"],"asset":["c%d"],"percentage":[%s],"startDate":[%s]}}`+"\n", i, i, (i+1)%20, many, many)
	}
	im, err := read(t, "x", b.String())
	if err != nil || len(im.Stakes) != 20 || im.FindingCount > 20*2*20 {
		t.Errorf("%v, %+v, %d findings", err, im.Counts, im.FindingCount)
	}
	if p := im.Parties[0]; len(p.Aliases) > 200 || len(p.Identifiers) > 50 {
		t.Errorf("%d names, %d numbers", len(p.Aliases), len(p.Identifiers))
	}
}

// TestListedAgain: a listing that has ended in the knowledge does not swallow
// one of a file that has not.
func TestListedAgain(t *testing.T) {
	span := func(from, until string) offshelf.Interval {
		a, err1 := offshelf.ParseDate(from)
		b, err2 := offshelf.ParseDate(until)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		return offshelf.Interval{From: a, Until: b}
	}
	for _, c := range []struct {
		known, file offshelf.Interval
		listings    int
	}{
		{span("2015-01-01", "2016-01-01"), span("2015-06-01", ""), 2},
		{span("2015-01-01", ""), span("2015-06-01", ""), 1},
		{span("2015-01-01", "2016-01-01"), span("2015-06-01", "2016-01-01"), 1},
		{span("2015-01-01", ""), span("2015-01-01", "2020-01-01"), 1},
	} {
		k := &offshelf.Knowledge{
			Version: "2026-11-24", Parties: []offshelf.Party{{ID: "alpha", Name: "Alpha", Identifiers: ids("lei", leiA)}},
			Listings: []offshelf.Listing{{ID: "sdn/alpha", Party: "alpha", List: "sdn", Name: "Alpha", Interval: c.known}},
			Regimes:  []offshelf.Regime{{ID: "r", Lists: []string{"sdn"}}},
		}
		im := file("x", offshelf.Party{ID: "1", Name: "Alpha", Identifiers: ids("lei", leiA)})
		im.Listings = []offshelf.Listing{{ID: "s", Party: "1", List: "sdn", Name: "Alpha", Interval: c.file}}
		laid, _ := exchange.Lay(k, im)
		if len(laid.Listings) != c.listings {
			t.Errorf("known %s, the file %s: %d listings, want %d", c.known, c.file, len(laid.Listings), c.listings)
		}
	}
}
