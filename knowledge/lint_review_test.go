package knowledge_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

// TestShippedFactsPassReview: the facts are as a reviewer wants them, on the
// day up to which they were read.
func TestShippedFactsPassReview(t *testing.T) {
	day, err := offshelf.ParseDay(embedded(t).Version)
	if err != nil {
		t.Fatal(err)
	}
	k, problems := knowledge.Lint(os.DirFS("."), day)
	for _, p := range problems {
		t.Error(p)
	}
	if k == nil {
		t.FailNow()
	}
	parsed, _ := knowledge.Parse(os.DirFS("."))
	got, _ := knowledge.Compile(k)
	want, _ := knowledge.Compile(parsed)
	if string(got) != string(want) {
		t.Error("Lint and Parse read different facts")
	}
}

// TestRulesExplain: each rule says what it asks for in its first line, then
// why, then how a problem is mended.
func TestRulesExplain(t *testing.T) {
	for n, text := range knowledge.Rules {
		ask, rest, _ := strings.Cut(text, "\n\nWhy: ")
		why, mend, ok := strings.Cut(rest, "\n\nTo mend it: ")
		if !ok || ask == "" || strings.Contains(ask, "\n") || len(why) < 60 || mend == "" {
			t.Errorf("rule %s: %q", n, text)
		}
		for line := range strings.Lines(text) {
			if len(line) > 110 {
				t.Errorf("rule %s: a line of %d bytes: %s", n, len(line), line)
			}
		}
	}
}

func TestCommonWords(t *testing.T) {
	for _, w := range []string{"honor", "Defender", " CAMERA ", "the", "drones", "capture"} {
		if !knowledge.CommonWord(w) {
			t.Errorf("%q is no common word", w)
		}
	}
	for _, w := range []string{"hikvision", "dahua", "night owl", "lts", "", "#", "2n", "roomba"} {
		if knowledge.CommonWord(w) {
			t.Errorf("%q is a common word", w)
		}
	}
	data, err := os.ReadFile("rules/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#") {
			words = append(words, strings.TrimSpace(line))
		}
	}
	if len(words) != 20_000 || !slices.IsSorted(words) || len(slices.Compact(slices.Clone(words))) != len(words) {
		t.Errorf("%d words; they are to be 20,000, sorted, each once", len(words))
	}
}

// TestLintTellsFormFirst: what is broken in form is told alone, and review
// finds no fault where form hides what a fact says.
func TestLintTellsFormFirst(t *testing.T) {
	broken := fstest.MapFS{"a.yaml": {Data: []byte("parties:\n  - {id: acme, name: Acme}\nsources:\n  - {id: s, title: T, grade: press}\n")}}
	k, problems := knowledge.Lint(broken, 0)
	if k != nil || len(problems) != 1 || problems[0].Rule != "source" {
		t.Errorf("%v", problems)
	}
	if k, problems := knowledge.Lint(fstest.MapFS{}, 0); k == nil || len(problems) > 0 {
		t.Errorf("no facts at all: %v", problems)
	}
}

// TestWeakLinkIsNoError: a brand may hang on a listed party by hobby facts
// alone; such a fact only makes an answer possible.
func TestWeakLinkIsNoError(t *testing.T) {
	_, problems := knowledge.Lint(fstest.MapFS{"a.yaml": {Data: []byte(`
sources:
  - {id: forum, title: A thread, publisher: A forum, url: "https://example.org/t", grade: hobby}
parties: [{id: acme, name: Acme, sources: [forum]}]
brands: [{id: anvilo, name: Anvilo, grade: claim}]
makes: [{maker: acme, brand: anvilo, all: true, sources: [forum]}]
listings: [{party: acme, list: list, name: Acme, from: 2019, sources: [forum]}]
regimes:
  - {id: r, title: R, lists: [list], reach: {kind: named, maker: true}, periods: [{state: in-force, basis: law, forbids: [sale]}], grade: claim}
`)}}, 0)
	for _, p := range problems {
		t.Error(p)
	}
}

func TestCheckEdition(t *testing.T) {
	k := &offshelf.Knowledge{Listings: []offshelf.Listing{
		{ID: "l/kept", Party: "kept", List: "l", Name: "Kept Co., Ltd", Interval: offshelf.Interval{From: date(t, "2019-10-09")}},
		{ID: "l/two", Party: "two", List: "l", Name: "Two Group (also known as Two Co., Ltd.)", Interval: offshelf.Interval{From: date(t, "2019")}},
		{ID: "l/one", Party: "one", List: "l", Name: "Two Group (Three)", Interval: offshelf.Interval{From: date(t, "2019"), Until: date(t, "2020")}},
		{ID: "l/gone", Party: "gone", List: "l", Name: "Gone Co., Ltd.", Interval: offshelf.Interval{From: date(t, "2019-10-09")}},
		{ID: "l/ended", Party: "ended", List: "l", Name: "Ended", Interval: offshelf.Interval{From: date(t, "2019"), Until: date(t, "2021")}},
		{ID: "l/later", Party: "later", List: "l", Name: "Later", Interval: offshelf.Interval{From: date(t, "2026-08")}},
		{ID: "m/gone", Party: "gone", List: "m", Name: "Gone Co., Ltd.", Interval: offshelf.Interval{From: date(t, "2019")}},
	}}
	files := func(edition string) string {
		var out []string
		for _, p := range knowledge.CheckEdition(k, "l", []string{"KEPT CO LTD", "Gone Co., Ltd. Beijing", "Two Group", "TWO CO LTD"}, date(t, edition)) {
			if p.Rule != "edition" || knowledge.Rules[p.Rule] == "" {
				t.Errorf("rule %q", p.Rule)
			}
			out = append(out, p.File)
		}
		return strings.Join(out, " ")
	}
	for edition, want := range map[string]string{"2026-07-09": "l/gone", "2018": "", "": "l/gone l/later", "2027": "l/gone l/later"} {
		if got := files(edition); got != want {
			t.Errorf("edition %q: %q, want %q", edition, got, want)
		}
	}
}

func TestReadEdition(t *testing.T) {
	e, err := knowledge.ReadEdition("l", []byte(`{"extracted": "2026-07-09", "entities": [{"name": "A", "aliases": ["B"]}, {"name": "C", "aliases": null}]}`))
	if err != nil || e.List != "l" || e.Date != date(t, "2026-07-09") || !slices.Equal(e.Names, []string{"A", "B", "C"}) {
		t.Errorf("%+v, %v", e, err)
	}
	for _, data := range []string{"", "[]", "{}", `{"entities": [{"name": "A"}], "extracted": "July"}`} {
		if _, err := knowledge.ReadEdition("l", []byte(data)); err == nil {
			t.Errorf("ReadEdition(%q): no error", data)
		}
	}
}
