package knowledge_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

// world is a small shipped knowledge.
func world(t testing.TB) *offshelf.Knowledge {
	t.Helper()
	k, problems := knowledge.Parse(fstest.MapFS{"facts.yaml": {Data: []byte(`
version: 2026-11-24
sources:
  - {id: gazette, title: Gazette, date: 2019-10-09, grade: official}
  - {id: paper, title: Paper, date: 2020-01-05, grade: press}
parties:
  - {id: acme, name: Acme Corporation, sources: [gazette]}
  - {id: north, name: Northern Cameras, sources: [paper]}
  - {id: fund, name: Fund, sources: [paper]}
stakes:
  - {holder: acme, held: north, share: 60%, from: 2018, sources: [paper]}
  - {holder: acme, held: north, share: majority, sources: [paper]}
  - {holder: fund, held: north, share: 40%, from: 2018, sources: [paper]}
brands:
  - id: anvil
    name: Anvil
    aliases: [Anvil Pro]
    holders:
      - {party: north, sources: [paper]}
makes:
  - {maker: acme, brand: anvil, all: true, sources: [paper]}
  - {maker: acme, brand: anvil, from: 2019, sources: [paper]}
listings:
  - {party: acme, list: the-list, name: ACME CORP., from: 2019-10-09, sources: [gazette]}
concerns:
  - {party: acme, what: Smoke, by: Paper, sources: [paper]}
tells:
  - {kind: app, pattern: Anvil View, brand: anvil, strength: medium, sources: [paper]}
regimes:
  - id: rule
    title: The rule
    lists: [the-list]
    reach: {kind: owned, threshold: 5000, owner: true, maker: true}
    periods: [{state: in-force, forbids: [sale], basis: law}]
    sources: [gazette]
  - id: last
    title: Another
    lists: [concern]
    reach: {kind: named, owner: true}
    periods: [{state: in-force, forbids: [none], basis: policy}]
    sources: [gazette]
`)}})
	for _, p := range problems {
		t.Error(p)
	}
	if k == nil {
		t.FailNow()
	}
	return k
}

func lay(t testing.TB, k *offshelf.Knowledge, text string) *offshelf.Knowledge {
	t.Helper()
	before := compile(t, k)
	out, problems := knowledge.Overlay(k, fstest.MapFS{"own.yaml": {Data: []byte(text)}})
	for _, p := range problems {
		t.Error(p)
	}
	if out == nil {
		t.FailNow()
	}
	if d := cmp.Diff(before, compile(t, k)); d != "" {
		t.Errorf("the shipped facts changed:\n%s", d)
	}
	return out
}

func compile(t testing.TB, k *offshelf.Knowledge) string {
	t.Helper()
	data, err := knowledge.Compile(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestOverlayAdds(t *testing.T) {
	k := world(t)
	m := lay(t, k, `
sources:
  - {id: letter, title: Letter of the supplier, date: 2026-10-01, grade: filing}
parties:
  - {id: south, name: Southern Lamps, sources: [letter]}
stakes:
  - {holder: acme, held: south, share: 55%, sources: [letter]}
brands:
  - {id: glow, name: Glow, holders: [{party: south, sources: [letter]}]}
holders:
  - {brand: anvil, party: south, from: 2026-01-01, sources: [letter]}
makes:
  - {maker: north, brand: glow, sources: [letter]}
concerns:
  - {party: acme, what: Noise, by: Us, grade: claim}
refuted:
  - {subject: Anvil Records, not: anvil, why: a label, sources: [letter]}
`)
	if !m.Overlay || m.State() != "2026-11-24 + overlay" || k.State() != "2026-11-24" {
		t.Errorf("states %q and %q", m.State(), k.State())
	}
	if len(m.Parties) != 4 || len(m.Stakes) != 4 || len(m.Brands) != 2 || len(m.Makes) != 3 || len(m.Concerns) != 2 || len(m.Refuted) != 1 {
		t.Errorf("%s", compile(t, m))
	}
	last := m.Stakes[3]
	if !last.Own() || last.Grade != offshelf.GradeFiling || last.From.String() != "..2026-10-01" {
		t.Errorf("the own stake is %+v", last)
	}
	anvil := m.Brands[0]
	if anvil.Own() || len(anvil.Holders) != 2 || anvil.Holders[0].Own() || !anvil.Holders[1].Own() || len(anvil.Aliases) != 1 {
		t.Errorf("anvil is %+v", anvil)
	}
	if id := m.Concerns[1].ID; id != "own-concern/acme" || m.Concerns[0].Own() {
		t.Errorf("the own concern is %q", id)
	}
	if compile(t, m) != compile(t, lay(t, m, "lexicon: []\n"[:0]+"concerns:\n  - {party: acme, what: Noise, by: Us, grade: claim}\n")) {
		t.Error("a concern laid twice is not the same state")
	}
}

// What is said of the same thing takes its place, and nothing else goes.
func TestOverlayReplaces(t *testing.T) {
	m := lay(t, world(t), `
sources:
  - {id: letter, title: Letter, date: 2026-10-01, grade: filing}
parties:
  - {id: north, name: Northern Cameras AG, country: CH, sources: [letter]}
stakes:
  - {holder: acme, held: north, share: 60%, from: 2018, until: 2025-05-01, sources: [letter]}
brands:
  - {id: anvil, name: Anvil, aliases: [AnvilCam]}
makes:
  - {maker: acme, brand: anvil, relation: firmware, sources: [letter]}
listings:
  - {party: acme, list: the-list, name: ACME CORP., from: 2019-10-09, until: 2026-09-01, sources: [letter]}
tells:
  - {kind: app, pattern: Anvil View, brand: anvil, strength: weak, sources: [letter]}
regimes:
  - id: rule
    title: Our reading of the rule
    lists: [the-list]
    reach: {kind: named, owner: true}
    periods: [{state: in-force, forbids: [sale], basis: law}]
    sources: [letter]
`)
	if len(m.Parties) != 3 || len(m.Makes) != 1 || len(m.Listings) != 1 || len(m.Tells) != 1 || len(m.Brands) != 1 {
		t.Errorf("%s", compile(t, m))
	}
	// Both shipped claims about the pair went, that of the fund stayed.
	if len(m.Stakes) != 2 || m.Stakes[0].Holder != "fund" || m.Stakes[1].Until.String() != "2025-05-01" {
		t.Errorf("stakes %+v", m.Stakes)
	}
	anvil := m.Brands[0]
	if !anvil.Own() || anvil.Aliases[0] != "AnvilCam" || len(anvil.Holders) != 1 || anvil.Holders[0].Own() {
		t.Errorf("anvil is %+v: a brand stated anew keeps the holders that it says nothing of", anvil)
	}
	if x := m.Listings[0]; x.ID != "the-list/acme" || !x.Own() || x.Until.IsZero() {
		t.Errorf("the listing is %+v", x)
	}
	if m.Regimes[0].ID != "rule" || m.Regimes[0].Title != "Our reading of the rule" || m.Regimes[1].ID != "last" {
		t.Errorf("regimes out of order: %+v", m.Regimes)
	}
}

// A source that is trusted less makes the facts weaker that rest on it.
func TestOverlayRegrades(t *testing.T) {
	m := lay(t, world(t), "sources:\n  - {id: paper, title: Paper, grade: claim}\n")
	for _, s := range m.Stakes {
		if s.Grade != offshelf.GradeClaim || s.Own() {
			t.Errorf("stake %+v", s)
		}
	}
	if m.Listings[0].Grade != offshelf.GradeOfficial {
		t.Errorf("listing %+v", m.Listings[0])
	}
}

func TestOverlayWithdraws(t *testing.T) {
	m := lay(t, world(t), `
withdrawn:
  - {listing: the-list/acme, why: a namesake}
  - {holder: acme, held: north, why: the register says otherwise}
  - {maker: acme, brand: anvil, why: the supplier says otherwise}
  - {holder: north, brand: anvil, why: sold}
  - {concern: concern/acme, why: answered}
  - {tell: Anvil View, why: another's app}
`)
	if len(m.Listings)+len(m.Makes)+len(m.Concerns)+len(m.Tells)+len(m.Brands[0].Holders) != 0 || len(m.Stakes) != 1 {
		t.Errorf("%s", compile(t, m))
	}
	if len(m.Withdrawn) != 6 || !cmp.Equal(m.Withdrawn[0].About, []string{"acme"}) || !cmp.Equal(m.Withdrawn[1].About, []string{"acme", "north"}) {
		t.Errorf("withdrawn %+v", m.Withdrawn)
	}
	m = lay(t, world(t), "withdrawn:\n  - {brand: anvil, why: not in our shops}\n  - {party: fund, why: none}\n")
	if len(m.Brands)+len(m.Makes)+len(m.Tells) != 0 || len(m.Stakes) != 2 || len(m.Parties) != 2 {
		t.Errorf("%s", compile(t, m))
	}
}

func TestOverlayIsDeterministic(t *testing.T) {
	files := fstest.MapFS{
		"b.yaml":         {Data: []byte("stakes:\n  - {holder: fund, held: acme, share: 1%, grade: claim}\n")},
		"a/a.yml":        {Data: []byte("stakes:\n  - {holder: north, held: fund, share: 1%, grade: claim}\n")},
		".github/x.yaml": {Data: []byte("on: push\n")},
		"notes.txt":      {Data: []byte("no facts")},
	}
	var first string
	for range 5 {
		m, problems := knowledge.Overlay(world(t), files)
		if m == nil {
			t.Fatal(problems)
		}
		if got := compile(t, m); first == "" {
			first = got
		} else if got != first {
			t.Fatal("not the same bytes")
		}
	}
}

// An overlay is refused as a whole, with every problem at its place.
func TestOverlayRefuses(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	mb := strings.Repeat("x", 1_000_000)
	for name, x := range map[string]struct {
		text string
		want []string
	}{
		"no facts":      {"", []string{".: holds no facts"}},
		"unknown grade": {"parties:\n  - {id: x, name: X, grade: sure}\n", []string{"own.yaml:2: in parties: unknown grade \"sure\""}},
		"dates out of order": {"stakes:\n  - {holder: acme, held: fund, from: 2020, until: 2019, grade: claim}\n",
			[]string{"own.yaml:2: stake of acme in fund ends (2019) before it starts (2020)"}},
		"1 MB name": {"parties:\n  - {id: x, name: " + mb[:990_000] + ", grade: claim}\n", []string{"own.yaml:2: in parties: name has 990000 bytes, more than 500"}},
		"1 MB id":   {"stakes:\n  - {holder: acme, held: " + mb[:990_000] + ", grade: claim}\n", []string{"own.yaml:2: in stakes: held has 990000 bytes"}},
		"1 MB word": {"regimes:\n  - {id: rule, title: R, lists: [a], reach: {kind: " + mb[:990_000] + "}}\n", []string{"own.yaml:2: in regimes: kind has 990000 bytes"}},
		"1 MB file": {"# " + mb + mb + "\n", []string{"own.yaml: the file has 2000003 bytes"}},
		"aliases":   {"brands:\n  - {id: x, name: X, grade: claim, aliases: [" + strings.Repeat("a, ", 201) + "]}\n", []string{"own.yaml:2: in brands: 201 aliases, more than 200"}},
		"goods":     {"brands:\n  - {id: x, name: X, grade: claim, goods: [" + strings.Repeat("a, ", 1001) + "]}\n", []string{"own.yaml:2: in brands: 1001 goods, more than 1000"}},
		"facts":     {"parties:\n" + many(10_001, "  - {id: p%d, name: P, grade: claim}\n"), []string{".: 10001 facts, more than 10000"}},
		"classes":   {"goods:\n" + many(129, "  - {id: g%d, title: G, words: [gg%[1]d]}\n"), []string{"own.yaml:2: 129 goods classes together with the shipped ones, more than 128"}},
		"bomb":      {laughs(), []string{"own.yaml:1: YAML anchors and aliases are not used"}},
		"nesting":   {"parties: " + strings.Repeat("[", 100_000), []string{"own.yaml:1: nested more than 64 deep"}},
		"version":   {"version: 2030-01-01\n", []string{"own.yaml:1: unknown section \"version\""}},
		"weights":   {"weights:\n  - {feature: brand, weight: 99}\n", []string{"own.yaml:1: unknown section \"weights\""}},
		"layer":     {"parties:\n  - {id: x, name: X, grade: claim, layer: shipped}\n", []string{"own.yaml:2: in parties: unknown field \"layer\""}},
		"about":     {"withdrawn:\n  - {brand: anvil, why: so, about: [acme]}\n", []string{"own.yaml:2: in withdrawn: unknown field \"about\""}},
		"reference": {"holders:\n  - {brand: anvill, party: acme, grade: claim}\nmakes:\n  - {maker: acmee, brand: anvil, grade: claim}\n",
			[]string{"own.yaml:2: holder acme: no brand has the id \"anvill\"", "own.yaml:4: make of anvil by acmee: no party has the id \"acmee\" (did you mean \"acme\"?)"}},
		"holder": {"holders:\n  - {brand: anvil, party: nobody, grade: claim}\n", []string{"own.yaml:2: holder nobody of brand anvil: no party"}},
		"ids": {"listings:\n  - {id: a, party: acme, list: the-list, name: A, from: 2020, grade: claim}\n  - {id: a, party: fund, list: the-list, name: A, from: 2020, grade: claim}\nparties:\n  - {id: x, name: X, grade: claim}\n  - {id: x, name: Y, grade: claim}\n",
			[]string{"own.yaml:3: id \"a\" is taken", "own.yaml:6: id \"x\" is taken in line 5"}},
		"name of another": {"brands:\n  - {id: x, name: ANVIL pro, grade: claim}\n", []string{"own.yaml:2: name \"ANVIL pro\" is claimed by brand \"anvil\" among the shipped facts too"}},
		"nothing withdrawn": {"withdrawn:\n  - {listing: us-list/acme, why: so}\n  - {brand: anvil}\n  - {brand: anvil, party: acme, why: so}\n",
			[]string{"own.yaml:2: withdrawn listing us-list/acme: no shipped fact is of this name", "own.yaml:3: withdrawn brand anvil: say why", "own.yaml:4: withdrawn: name one of"}},
		"withdrawn, and still named": {"withdrawn:\n  - {party: acme, why: so}\nstakes:\n  - {holder: acme, held: fund, grade: claim}\n", []string{"own.yaml:4: stake of acme in fund: no party has the id \"acme\""}},
		"lists gone":                 {"regimes:\n  - {id: rule, title: R, lists: [x], reach: {kind: named, owner: true}, periods: [{state: in-force, basis: law}], grade: claim}\n", []string{"shipped facts: listing of acme on the-list: no list has the id \"the-list\""}},
		"circle of two":              {"stakes:\n  - {holder: north, held: fund, share: 100%, grade: claim}\n  - {holder: fund, held: north, share: 100%, from: 2021, grade: claim}\n", []string{"own.yaml:3: north wholly holds itself, through fund"}},
		"circle of three":            {"stakes:\n  - {holder: acme, held: north, share: 100%, grade: claim}\n  - {holder: north, held: fund, share: 100%, grade: claim}\n  - {holder: fund, held: acme, share: 100%, grade: claim}\n", []string{"own.yaml:4: acme wholly holds itself, through fund, north"}},
		"lines":                      {"brands:\n  - {id: x, name: XX, parent: y, grade: claim}\n  - {id: y, name: YY, parent: x, grade: claim}\n", []string{"own.yaml:3: brand y is a line of itself"}},
		"NUL":                        {"parties:\n\x00", []string{"own.yaml:2: a NUL byte"}},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			m, problems := knowledge.Overlay(world(t), fstest.MapFS{"own.yaml": {Data: []byte(x.text)}})
			if m != nil {
				t.Error("the overlay is used")
			}
			for i, want := range x.want {
				if i >= len(problems) || !strings.HasPrefix(problems[i].String(), want) {
					t.Errorf("problem %d of %.1000v, want %s", i, problems, want)
				}
			}
			for _, p := range problems {
				if knowledge.Rules[p.Rule] == "" || len(p.Text) > 1000 {
					t.Errorf("problem of rule %q with %d bytes", p.Rule, len(p.Text))
				}
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

// Circles that exist are no problem.
func TestOverlayAllowsCircles(t *testing.T) {
	for _, text := range []string{
		"stakes:\n  - {holder: north, held: fund, share: 100%, grade: claim}\n  - {holder: fund, held: north, share: 99%, grade: claim}\n",
		"stakes:\n  - {holder: north, held: fund, share: 100%, until: 2020, grade: claim}\n  - {holder: fund, held: north, share: 100%, from: 2021, grade: claim}\n",
		"stakes:\n  - {holder: north, held: fund, share: 100%, grade: claim}\n  - {holder: fund, held: north, share: 100%, conflict: not so, grade: claim}\n",
	} {
		lay(t, world(t), text)
	}
}

// The worst that fits into the bounds is told in seconds.
func TestOverlayIsBounded(t *testing.T) {
	files := fstest.MapFS{}
	for f := range 8 {
		var b strings.Builder
		b.WriteString("parties:\n")
		for i := range 600 {
			fmt.Fprintf(&b, "  - {id: company-of-some-length-%d-%d, name: P, grade: claim}\n", f, i)
		}
		b.WriteString("stakes:\n")
		for i := range 600 {
			fmt.Fprintf(&b, "  - {holder: company-of-other-length-%d, held: company-of-some-length-%d-%d, share: 100%%, from: %d, grade: claim}\n", i, f, (i+1)%600, 1900+i%100)
		}
		files[fmt.Sprintf("%d.yaml", f)] = &fstest.MapFile{Data: []byte(b.String())}
	}
	start := time.Now()
	m, problems := knowledge.Overlay(embedded(t), files)
	if m != nil || len(problems) < 4800 {
		t.Errorf("%d problems", len(problems))
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("took %v", d)
	}
	files = fstest.MapFS{}
	for i := range 5 {
		files[fmt.Sprintf("%d.yaml", i)] = &fstest.MapFile{Data: []byte(strings.Repeat("# comment\n", 100_000))}
	}
	if _, problems := knowledge.Overlay(embedded(t), files); len(problems) == 0 || !strings.Contains(problems[0].Text, "5000000 bytes together") {
		t.Errorf("%v", problems)
	}
}

// FuzzOverlay holds that no overlay makes the reader panic or changes what is
// shipped, and that what is refused is refused whole.
func FuzzOverlay(f *testing.F) {
	f.Add([]byte("withdrawn:\n  - {listing: the-list/acme, why: a namesake}\n"))
	f.Add([]byte("holders:\n  - {brand: anvil, party: acme, grade: claim}\nstakes:\n  - {holder: north, held: acme, share: 100%, grade: claim}\n"))
	f.Add([]byte("brands:\n  - {id: anvil, name: Anvil, parent: anvil, grade: claim}\n"))
	k := world(f)
	before := compile(f, k)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, problems := knowledge.Overlay(k, fstest.MapFS{"own.yaml": {Data: data}})
		if (m == nil) != (len(problems) > 0) {
			t.Errorf("knowledge %v with %d problems", m != nil, len(problems))
		}
		for _, p := range problems {
			if p.Text == "" || p.File == "" || knowledge.Rules[p.Rule] == "" {
				t.Errorf("problem %+v", p)
			}
		}
		if compile(t, k) != before {
			t.Error("the shipped facts changed")
		}
		if m != nil {
			compile(t, m)
		}
	})
}
