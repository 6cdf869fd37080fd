package search

import (
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestWorthALook: by default a hit must rest on more where chance brings it
// easily; a least score that is asked for is all that counts.
func TestWorthALook(t *testing.T) {
	x := Build([]Entry{
		{"Norvika Sudval Optics LLC", Company, 0}, {"Quelvarant", Vessel, 1}, {"Mebrak", Person, 2}, {"Tarmo Felkin", Person, 3},
		{"Harbor JSC", Company, 4}, {"Smile Wallet", Company, 5}, {"Zelvikorant Technology Group", Company, 6}, {"Drumak", Company, 7}, {"Mebrakanolu", Person, 8},
	})
	for _, c := range []struct {
		query string
		kind  Kind
		want  int // by default; -1 for nothing
		low   int // with a least score of 0.3
	}{
		{"Norvkia Sudval Optics", Any, 0, 0},
		{"Norvika Sudvl Optcs", Company, 0, 0},
		// Nobody adds a business to the name of a ship or a person.
		{"Quelvarant", Any, 1, 1},
		{"Quelvarant Textiles", Any, -1, 1},
		{"Quelvarant Textiles", Vessel, 1, 1},
		{"MV Quelvarant", Any, 1, 1},
		{"Tarmo Felkin", Any, 3, 3},
		{"Tarmo Felkin Trading Ltd", Any, -1, 3},
		// One word with a slip: a brand more likely than a person, if short.
		{"Mebrak", Any, 2, 2},
		{"Mebrok", Any, -1, 2},
		{"Mebrok", Person, 2, 2},
		{"Mebrakanoluh", Any, 8, 8},
		// A common word alone, and another business.
		{"Harbor", Any, 4, 4},
		{"Harbor Textiles Inc", Any, -1, 4},
		// A word in use is no slip of another.
		{"Smoke Wallet", Any, -1, 5},
		{"Smiel Wallet", Any, 5, 5},
		// A slip in a long word typed alone, and in one beside another business.
		{"Zelvikornat", Any, 6, 6},
		{"Drumek", Any, 7, 7},
		{"Drumek Textiles", Any, -1, 7},
	} {
		for _, o := range []Options{{Kind: c.kind}, {Kind: c.kind, Min: 0.3}} {
			want := c.want
			if o.Min > 0 {
				want = c.low
			}
			hits := x.Search(c.query, o)
			switch {
			case want < 0 && len(hits) > 0:
				t.Errorf("%q, %+v: found %v", c.query, o, hits)
			case want >= 0 && (len(hits) == 0 || hits[0].Name != want):
				t.Errorf("%q, %+v: found %v, want %d", c.query, o, hits, want)
			}
		}
	}
}

// TestSlipOfGrammar: a legal form or a word of grammar with a slip is no word
// that the other name lacks.
func TestSlipOfGrammar(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Sudval VOO", "Sudval OOO", true},
		{"SUDVAL NORVIKA, OOA", "SUDVAL NORVIKA OAO", true},
		{"JCS Norvika Plant", "Joint Stock Company Norvika Plant", true},
		{"Norvika Optics Clo., Ltd.", "Norvika Optics Co., Ltd.", true},
		{"Front of teh Norvik", "Front of the Norvik", true},
		{"Акционерное общЭество Норвика Оптика", "Акционерное Общество Норвика Оптика", true},
		// The other has no form, or it is a word of its own.
		{"Sudval VOO", "Sudval", false},
		{"Sudval Ruka LLC", "Sudval LLC", false},
		{"LI Sudval", "AO Sudval", false},
	} {
		if score := Compare(c.a, c.b, Company).Score; score >= SearchThreshold != c.same {
			t.Errorf("%q, %q: %.3f", c.a, c.b, score)
		}
		if x, y := Compare(c.a, c.b, Company).Score, Compare(c.b, c.a, Company).Score; x != y {
			t.Errorf("%q, %q: %.3f one way, %.3f the other", c.a, c.b, x, y)
		}
	}
}

// TestAnyKind: with no kind given and a least score set, the hits are among
// those of the kinds, and the best of these is found.
func TestAnyKind(t *testing.T) {
	entries := madeNames(400)
	for i := range entries {
		if i%7 == 1 {
			entries[i] = Entry{strings.Fields(entries[i].Name)[0], Vessel, entries[i].Label}
		}
	}
	x := Build(entries)
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		b := []byte(entries[rng.IntN(len(entries))].Name)
		b[rng.IntN(len(b))] = "abcdefghijklmnopqrstuvwxyz "[rng.IntN(27)]
		query, least := string(b), rapid.Float64Range(0.3, 1).Draw(t, "min")
		of := map[Hit]bool{}
		best := 0.0
		for _, k := range []Kind{Company, Person, Vessel} {
			for _, h := range x.Search(query, Options{Kind: k, Min: least, Limit: 1000}) {
				of[h] = true
				best = max(best, h.Score)
			}
		}
		hits := x.Search(query, Options{Min: least, Limit: 1000})
		for _, h := range hits {
			if !of[h] {
				t.Fatalf("%q: %v is a hit of no kind", query, h)
			}
		}
		// Words in use are not read as others where something good was found.
		if best > 0 && (len(hits) == 0 || hits[0].Score < min(best, 0.9)) {
			t.Fatalf("%q: %v, the best is %v", query, hits, best)
		}
	})
}
