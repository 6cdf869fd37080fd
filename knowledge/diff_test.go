package knowledge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

// told writes changes as lines.
func told(changes []knowledge.Change) []string {
	var out []string
	for _, c := range changes {
		line := fmt.Sprintf("%s | %s %s: %s", c.Subject, c.How, c.Kind, c.What)
		for _, f := range c.Fields {
			line += fmt.Sprintf(" | %s", f.Field)
			for _, s := range f.Gained {
				line += " +" + s
			}
			for _, s := range f.Lost {
				line += " -" + s
			}
			if len(f.Gained)+len(f.Lost) == 0 {
				line += fmt.Sprintf(" %q→%q", f.Old, f.New)
			}
		}
		out = append(out, line)
	}
	return out
}

func TestDiff(t *testing.T) {
	k := world(t)
	if d := knowledge.Diff(k, k); len(d) != 0 {
		t.Errorf("a state differs from itself: %v", told(d))
	}
	m := lay(t, k, `
sources:
  - {id: letter, title: Letter, date: 2026-10-01, grade: filing}
parties:
  - {id: north, name: Northern Cameras AG, sources: [paper]}
stakes:
  - {holder: acme, held: north, share: 70%, from: 2018, sources: [paper]}
  - {holder: acme, held: north, share: majority, until: 2025-05-01, sources: [paper]}
brands:
  - {id: anvil, name: Anvil, aliases: [AnvilCam], holders: [{party: acme, from: 2025, sources: [letter]}]}
concerns:
  - {party: acme, what: Noise, by: Us, sources: [letter]}
withdrawn:
  - {listing: the-list/acme, why: a namesake}
`)
	want := []string{
		"Acme Corporation | removed listing: on the-list as “ACME CORP.”, 2019-10-09/",
		"Acme Corporation | added concern: Us: Noise",
		"Anvil | changed brand: the brand itself | aliases +AnvilCam -Anvil Pro",
		"Anvil | added holder: held by Acme Corporation, 2025/",
		"Northern Cameras AG | changed party: the company itself | name \"Northern Cameras\"→\"Northern Cameras AG\"",
		"Northern Cameras AG | changed stake: Acme Corporation has 70%, 2018/ | share \"60%\"→\"70%\"",
		"Northern Cameras AG | ended stake: Acme Corporation has majority, ..2020-01-05/2025-05-01 | until \"\"→\"2025-05-01\"",
		"Sources | added source: Letter",
	}
	if d := cmp.Diff(want, told(knowledge.Diff(k, m))); d != "" {
		t.Error(d)
	}
	for range 5 {
		if d := cmp.Diff(told(knowledge.Diff(k, m)), told(knowledge.Diff(k, m))); d != "" {
			t.Fatal(d)
		}
	}
}

// What is added one way is removed the other way.
func TestDiffTurnsRound(t *testing.T) {
	k, none := embedded(t), new(offshelf.Knowledge)
	added, removed := knowledge.Diff(none, k), knowledge.Diff(k, none)
	count := func(list []knowledge.Change, how string) int {
		return len(slices.DeleteFunc(slices.Clone(list), func(c knowledge.Change) bool { return c.How != how }))
	}
	if n := count(added, knowledge.Added); n < 500 || n != count(removed, knowledge.Removed) || len(added) != len(removed) {
		t.Errorf("%d added, %d removed, of %d and %d changes", n, count(removed, knowledge.Removed), len(added), len(removed))
	}
}

// That the facts were read anew changes none of them.
func TestDiffIgnoresTheDayOfReading(t *testing.T) {
	read := func(day string) *offshelf.Knowledge {
		k, problems := knowledge.Parse(fstest.MapFS{"a.yaml": {Data: []byte(strings.ReplaceAll(`
version: DAY
parties:
  - {id: a, name: A, grade: claim}
  - {id: b, name: B, grade: claim}
stakes:
  - {holder: a, held: b, grade: claim}
brands:
  - {id: c, name: C, holders: [{party: b, grade: claim}]}
`, "DAY", day))}})
		if k == nil {
			t.Fatal(problems)
		}
		return k
	}
	if d := knowledge.Diff(read("2026-11-24"), read("2026-12-01")); len(d) != 0 {
		t.Errorf("%v", told(d))
	}
}

// Thousands of claims about one pair are compared in their order.
func TestDiffIsBounded(t *testing.T) {
	a, b := new(offshelf.Knowledge), new(offshelf.Knowledge)
	for i := range 20_000 {
		a.Stakes = append(a.Stakes, offshelf.Stake{Holder: "a", Held: "b"})
		b.Stakes = append(b.Stakes, offshelf.Stake{Holder: "a", Held: "b", Evidence: offshelf.Evidence{Note: fmt.Sprint(i)}})
	}
	if n := len(knowledge.Diff(a, b)); n != 20_000 {
		t.Errorf("%d changes", n)
	}
}
