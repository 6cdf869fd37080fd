package search

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// madeNames are names of made words, the same for each run.
func madeNames(n int) []Entry {
	rng := rand.New(rand.NewPCG(5, 8))
	coin := func() string {
		var b strings.Builder
		for range 2 + rng.IntN(3) {
			b.WriteByte("bdfgklmnprstvz"[rng.IntN(14)])
			b.WriteByte("aeiou"[rng.IntN(5)])
		}
		return b.String()
	}
	words := make([]string, n/3+3)
	for i := range words {
		words[i] = coin()
	}
	business := strings.Fields("Trading Technology Shipping Optics Bank Electronics")
	out := make([]Entry, n)
	for i := range out {
		name := words[rng.IntN(len(words))] + " " + words[rng.IntN(len(words))] + " " + business[rng.IntN(len(business))] + " Ltd"
		kind := Company
		if i%4 == 0 {
			name, kind = words[rng.IntN(len(words))]+" "+words[rng.IntN(len(words))], Person
		}
		out[i] = Entry{name, kind, uint32(i)}
	}
	return out
}

// TestSearchAgainstAllNames: in 19 of 20 searches for names with a slip, also in
// the gaps between the words, the best is what comparing with every name finds.
func TestSearchAgainstAllNames(t *testing.T) {
	entries := madeNames(600)
	x := Build(entries)
	rng := rand.New(rand.NewPCG(1, 1))
	missed, asked := 0, 0
	for range 300 {
		e := entries[rng.IntN(len(entries))]
		b := []byte(e.Name)
		i := rng.IntN(len(b))
		b[i] = "abcdefghijklmnopqrstuvwxyz "[rng.IntN(27)]
		query := string(b)
		best := 0.0
		for _, o := range entries {
			if o.Kind == e.Kind {
				best = max(best, Compare(query, o.Name, o.Kind).Score)
			}
		}
		hits := x.Search(query, Options{Kind: e.Kind, Limit: 3})
		if best < SearchThreshold {
			if len(hits) > 0 {
				t.Fatalf("%q: %v, comparing with all gives %.3f", query, hits, best)
			}
			continue
		}
		asked++
		if len(hits) == 0 || hits[0].Score < best-1e-9 {
			missed++
		}
		for i, h := range hits {
			name, kind, _ := x.Name(h.Name)
			if want := Compare(query, name, kind).Score; want != h.Score {
				t.Fatalf("%q, %q: search %v, compare %v", query, name, h.Score, want)
			}
			if i > 0 && h.Score > hits[i-1].Score {
				t.Fatalf("%q: the hits are in no order", query)
			}
		}
	}
	if asked < 100 || missed*20 > asked {
		t.Errorf("%d of %d searches missed the best", missed, asked)
	}
}

func TestSearchFinds(t *testing.T) {
	x := Build([]Entry{
		{"Zhejiang Dahua Technology Co., Ltd.", Company, 0}, {"Hik Vision Digital", Company, 1}, {"Norvika Optics LLC", Company, 2}, {"Marta Elena Norvik", Person, 3},
		{"Norvika 7", Vessel, 4}, {"China Electronics Corporation", Company, 5}, {"ООО «Сельпром»", Company, 6}, {"Ltd", Company, 7}, {"", Company, 8}, {"53rd Norvika Institute", Company, 9}, {"54th Norvika Institute", Company, 10},
	})
	for query, want := range map[string]int{
		"浙江大华技术股份有限公司": 0, "Dahua Technology": 0, "Zhejiang Dahau Technology": 0, "Hikvision Digital": 1, "Norvika Optiks": 2, "NorvikaOptics": 2, "Marta Norvik": 3, "MV Norvika 7": 4,
		"China Electronic Corp": 5, "Selprom": 6, "Norvika 54th Institute": 10,
	} {
		hits := x.Search(query, Options{Min: 0.5})
		if len(hits) == 0 || hits[0].Name != want {
			t.Errorf("%q: %v, want %d first", query, hits, want)
		}
	}
	for _, query := range []string{"", "Ltd.", "Corp", "Shenzhen", "Trading Technology", "(", "Sudval"} {
		for _, h := range x.Search(query, Options{}) {
			if h.Score < 1 {
				t.Errorf("%q finds %v", query, h)
			}
		}
	}
	for _, h := range x.Search("Norvika 53rd Institute", Options{Min: 0.5}) {
		if h.Name == 10 {
			t.Errorf("the 53rd institute is the 54th: %v", h)
		}
	}
}

// TestFlat: the flat form is the same for the same names, and reads as it was.
func TestFlat(t *testing.T) {
	entries := madeNames(300)
	x := Build(entries)
	if !bytes.Equal(x.Bytes(), Build(entries).Bytes()) {
		t.Error("the same names give other bytes")
	}
	for _, shift := range []int{0, 1, 3} { // a mapped file lies at a page, a slice anywhere
		data := append(make([]byte, shift), x.Bytes()...)[shift:]
		y, err := Open(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries[:50] {
			if a, b := fmt.Sprint(x.Search(e.Name, Options{})), fmt.Sprint(y.Search(e.Name, Options{})); a != b {
				t.Fatalf("%q: %s built, %s opened", e.Name, a, b)
			}
		}
	}
	if x := Build(nil); x.Len() != 0 || len(x.Search("Norvika", Options{})) != 0 {
		t.Error("an index of nothing finds something")
	}
}

// TestConcurrent: one index, several searches at once.
func TestConcurrent(t *testing.T) {
	entries := madeNames(300)
	x := Build(entries)
	want := make([]string, len(entries))
	for i, e := range entries {
		want[i] = fmt.Sprint(x.Search(e.Name, Options{}))
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i, e := range entries {
				if got := fmt.Sprint(x.Search(e.Name, Options{})); got != want[i] {
					t.Errorf("%q: %s alone, %s at once", e.Name, want[i], got)
				}
			}
		})
	}
	all.Wait()
}

func TestSearchHoldsItsOptions(t *testing.T) {
	x := Build(madeNames(300))
	rapid.Check(t, func(t *rapid.T) {
		query, kind := someName().Draw(t, "query"), someKind.Draw(t, "kind")
		o := Options{Kind: kind, Min: rapid.Float64Range(0.01, 1).Draw(t, "min"), Limit: rapid.IntRange(1, 20).Draw(t, "limit")}
		hits := x.Search(query, o)
		if len(hits) > o.Limit {
			t.Fatalf("%d hits, asked for %d", len(hits), o.Limit)
		}
		for _, h := range hits {
			if _, k, _ := x.Name(h.Name); h.Score < o.Min || kind != Any && k != kind {
				t.Fatalf("%q: %v of kind %s for %+v", query, h, k, o)
			}
		}
	})
}

// FuzzOpen: a damaged flat form is refused, or can be searched.
func FuzzOpen(f *testing.F) {
	good := Build([]Entry{{"Norvika Optics Ltd", Company, 1}, {"Marta Norvik", Person, 2}, {"大华技术", Company, 3}}).Bytes()
	f.Add([]byte{}, uint32(0), uint32(0), uint16(0))
	for i := 0; i < len(good); i += 97 {
		f.Add([]byte(nil), uint32(i), uint32(1<<31), uint16(0))
	}
	f.Add([]byte(nil), uint32(24), uint32(1), uint16(9))
	f.Fuzz(func(t *testing.T, raw []byte, at, value uint32, cut uint16) {
		data := raw
		if len(raw) == 0 {
			data = bytes.Clone(good[:len(good)-int(cut)%len(good)])
			if int(at)+4 <= len(data) {
				binary.LittleEndian.PutUint32(data[at:], value)
			}
		}
		x, err := Open(data)
		if err != nil {
			return
		}
		for _, q := range []string{"Norvika Optics Ltd", "Norvka", "Marta", "大华", "M. Norvik", "norvikaoptics"} {
			for _, h := range x.Search(q, Options{Min: 0.01}) {
				x.Name(h.Name)
			}
		}
	})
}
