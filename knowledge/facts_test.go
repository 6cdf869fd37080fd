package knowledge_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/knowledge"
)

// TestEnough holds the least that the knowledge is to know.
func TestEnough(t *testing.T) {
	k := embedded(t)
	for _, x := range []struct {
		what       string
		have, want int
	}{
		{"parties", len(k.Parties), 60},
		{"brands", len(k.Brands), 90},
		{"tells", len(k.Tells), 120},
		{"regimes", len(k.Regimes), 14},
	} {
		if x.have < x.want {
			t.Errorf("%d %s, want at least %d", x.have, x.what, x.want)
		}
	}
}

// TestNamesAreLongEnough: a name that folds to one character would be found in
// every catalog.
func TestNamesAreLongEnough(t *testing.T) {
	k := embedded(t)
	long := func(of, s string) {
		if n := len([]rune(name.Key(s))); n < 2 {
			t.Errorf("%s: %q folds to %d characters", of, s, n)
		}
	}
	for _, b := range k.Brands {
		for _, n := range append([]string{b.Name}, b.Aliases...) {
			long("brand "+b.ID, n)
		}
		for _, n := range append(slices.Clone(b.Not), b.Lines...) {
			long("brand "+b.ID, n)
		}
	}
	for _, p := range k.Parties {
		for _, n := range append([]string{p.Name}, p.Aliases...) {
			long("party "+p.ID, n)
		}
	}
	for _, x := range k.Tells {
		long("tell of "+x.Brand+x.Party, x.Pattern)
	}
}

// TestTellsAreValid: what is compiled was linted, and stays so.
func TestTellsAreValid(t *testing.T) {
	for _, x := range embedded(t).Tells {
		if err := knowledge.CheckPattern(x); err != nil {
			t.Errorf("tell %s %q: %v", x.Kind, x.Pattern, err)
		}
	}
}

func TestRegimesAndPoliciesAreValid(t *testing.T) {
	k := embedded(t)
	for _, r := range k.Regimes {
		if err := knowledge.CheckRegime(r); err != nil {
			t.Errorf("regime %s: %v", r.ID, err)
		}
	}
	for _, p := range k.Policies {
		for _, err := range knowledge.CheckPolicy(p, k) {
			t.Errorf("policy %s: %v", p.ID, err)
		}
		for _, err := range knowledge.ReviewPolicy(&p, k) {
			t.Errorf("policy %s: %v", p.ID, err)
		}
	}
}

// TestWeakFactsSaySo: a fact without a source is graded claim.
func TestWeakFactsSaySo(t *testing.T) {
	check := func(what string, e offshelf.Evidence) {
		if len(e.Sources) == 0 && !e.Grade.Weak() {
			t.Errorf("%s has no source and the grade %s", what, e.Grade)
		}
		if e.Grade == offshelf.GradeUnset {
			t.Errorf("%s has no grade", what)
		}
	}
	k := embedded(t)
	for _, x := range k.Stakes {
		check("stake of "+x.Holder+" in "+x.Held, x.Evidence)
	}
	for _, x := range k.Makes {
		check("make of "+x.Brand+" by "+x.Maker, x.Evidence)
	}
	for _, x := range k.Listings {
		check("listing "+x.ID, x.Evidence)
	}
	for _, b := range k.Brands {
		for _, h := range b.Holders {
			check("holder "+h.Party+" of "+b.ID, h.Evidence)
		}
	}
}

func TestFind(t *testing.T) {
	k := embedded(t)
	if got := knowledge.Find(k, "no-such-id"); got != nil {
		t.Errorf("Find of an id that does not exist found %d sections", len(knowledge.Sections(got)))
	}
	if got := knowledge.Find(k, ""); got != nil {
		t.Errorf("Find of no id found %d sections", len(knowledge.Sections(got)))
	}
	lorex := knowledge.Find(k, "lorex")
	if lorex == nil || len(lorex.Brands) != 1 || lorex.Brands[0].Name != "Lorex" {
		t.Fatal("Find(lorex) does not find the brand")
	}
	if len(lorex.Makes) == 0 || len(lorex.Sources) == 0 {
		t.Errorf("Find(lorex): %d makes and %d sources, want some of each", len(lorex.Makes), len(lorex.Sources))
	}
	cited := map[string]bool{}
	for _, s := range lorex.Sources {
		cited[s.ID] = true
	}
	for _, m := range lorex.Makes {
		for _, id := range m.Sources {
			if !cited[id] {
				t.Errorf("Find(lorex): source %s of a make is missing", id)
			}
		}
	}
	dahua := knowledge.Find(k, "dahua")
	if dahua == nil || len(dahua.Parties) != 1 || len(dahua.Listings) == 0 || len(dahua.Stakes) == 0 {
		t.Fatal("Find(dahua) does not find party, listings and stakes")
	}
	if got := knowledge.Find(k, dahua.Listings[0].ID); got == nil || len(got.Listings) != 1 {
		t.Errorf("Find(%s) does not find the listing", dahua.Listings[0].ID)
	}
	for _, id := range []string{"us-bis-el", "default"} {
		if got := knowledge.Find(k, id); got == nil || len(got.Regimes)+len(got.Policies) != 1 {
			t.Errorf("Find(%s) does not find it alone", id)
		}
	}
}

func TestSections(t *testing.T) {
	var names []string
	for _, s := range knowledge.Sections(embedded(t)) {
		names = append(names, s.Name)
	}
	want := "parties brands stakes makes listings concerns tells refuted regimes policies goods sources"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("sections: %s\nwant: %s", got, want)
	}
	if got := knowledge.Sections(new(offshelf.Knowledge)); got != nil {
		t.Errorf("sections of nothing: %v", got)
	}
}

func TestSuggest(t *testing.T) {
	k := embedded(t)
	for id, want := range map[string]string{
		"Lorex":     `(did you mean "lorex"?)`, // case
		"lore":      `(did you mean "lorex"?)`, // cut short
		"lroex":     `(did you mean "lorex"?)`, // swapped
		"hikvison":  `(did you mean "hikvision"?)`,
		"us-bis-e":  `(did you mean "us-bis-el"?)`,
		"2021-lowe": `(did you mean "2021-lowes"?)`,
		"qqqq":      "offshelf who NAME finds ids by name",
		"":          "offshelf who NAME finds ids by name",
	} {
		if got := knowledge.Suggest(k, id); !strings.Contains(got, want) {
			t.Errorf("Suggest(%q) = %q, want %q in it", id, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	sourced := offshelf.Evidence{Sources: []string{"s"}}
	k := &offshelf.Knowledge{
		Parties:  []offshelf.Party{{ID: "a", Evidence: sourced}, {ID: "b"}},
		Brands:   []offshelf.Brand{{ID: "x", Holders: []offshelf.Holder{{Evidence: sourced}, {}}}, {ID: "y", Evidence: sourced}},
		Stakes:   []offshelf.Stake{{Evidence: sourced}},
		Makes:    []offshelf.Make{{}},
		Tells:    []offshelf.Tell{{Kind: offshelf.TellMAC, Pattern: "AAAAAA BBBBBB", Evidence: sourced}, {Kind: offshelf.TellModel, Pattern: "^A B"}},
		Listings: []offshelf.Listing{{Evidence: sourced}},
		Concerns: []offshelf.Concern{{Evidence: sourced}},
		Refuted:  []offshelf.Refuted{{}},
	}
	st := knowledge.Count(k)
	if st.Facts != 12 || st.Sourced != 7 {
		t.Errorf("%d facts, %d with a source; want 12 and 7", st.Facts, st.Sourced)
	}
	counts := map[string]int{}
	for _, l := range st.Lines {
		counts[l.What] = l.Count
	}
	for what, want := range map[string]int{"parties": 2, "brands": 2, "tells": 2, "MAC prefixes in them": 2, "regimes": 0} {
		if counts[what] != want {
			t.Errorf("%s: %d, want %d", what, counts[what], want)
		}
	}
}

func TestRuleNames(t *testing.T) {
	names := knowledge.RuleNames()
	if len(names) != len(knowledge.Rules) || !slices.IsSorted(names) {
		t.Errorf("RuleNames() = %v", names)
	}
	for _, n := range names {
		if knowledge.Rules[n] == "" {
			t.Errorf("rule %s says nothing", n)
		}
	}
}
