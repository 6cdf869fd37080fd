package main

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/internal/search"
)

// tally counts searches, those whose first hit at any score is the party, and
// those that find it first with the default options.
type tally struct{ asked, first, found int }

func (t tally) String() string {
	return fmt.Sprintf("%6d queries, recall@1 %.4f at any score, %.4f as a search shows by default", t.asked, float64(t.first)/float64(max(t.asked, 1)), float64(t.found)/float64(max(t.asked, 1)))
}

func (t *tally) count(first, found bool) {
	t.asked++
	if first {
		t.first++
	}
	if found {
		t.found++
	}
}

// runBench prints recall, false alarms, latency and growth.
func runBench(data, words string, n int, seed uint64, sizes []int, verbose bool) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	names, err := readLists(data + "/lists")
	if err != nil {
		return err
	}
	entries := make([]search.Entry, len(names))
	parties := map[string]bool{}
	for i, l := range names {
		entries[i] = search.Entry{Name: l.name, Kind: l.kind, Label: uint32(i)}
		parties[l.party] = true
	}
	start := time.Now()
	x := search.Build(entries)
	built := time.Since(start)
	start = time.Now()
	if _, err := search.Open(x.Bytes()); err != nil {
		return err
	}
	fmt.Printf("%d names of %d parties; built in %d ms, flat form %.1f MB, checked and opened in %.1f ms\n",
		len(names), len(parties), built.Milliseconds(), float64(len(x.Bytes()))/1e6, float64(time.Since(start).Microseconds())/1000)

	if err := measureCold(x); err != nil {
		return err
	}

	queries := makeQueries(names, n, seed)
	var bySlips [4]tally
	byWords := map[string]*tally{}
	none, unknown := tally{}, [4]tally{} // of one slip; the second without the kind, in all and by it
	took, tookAny := make([]time.Duration, 0, n), make([]time.Duration, 0, n)
	var hits []search.Hit
	total := time.Duration(0)
	// Latencies first, in loops of their own: what a search leaves in the caches of
	// the processor must not be the same query's.
	for _, q := range queries {
		start := cpu()
		hits = x.AppendSearch(hits[:0], q.text, search.Options{Kind: q.kind, Min: 0.01, Limit: 1})
		d := cpu() - start
		took = append(took, d)
		total += d
	}
	for _, q := range queries {
		start := cpu()
		hits = x.AppendSearch(hits[:0], q.text, search.Options{Limit: 1})
		tookAny = append(tookAny, cpu()-start)
	}
	for _, q := range queries {
		hits = x.AppendSearch(hits[:0], q.text, search.Options{Kind: q.kind, Min: 0.01, Limit: 1})
		right := func() bool {
			return len(hits) > 0 && (names[hits[0].Name].party == q.party || sortedWords(names[hits[0].Name]) == sortedWords(q.from))
		}
		ok := right()
		if !ok && verbose && q.slips == 1 && q.words == "none" {
			got := "nothing"
			if len(hits) > 0 {
				got = fmt.Sprintf("%s (%.2f)", names[hits[0].Name].name, hits[0].Score)
			}
			fmt.Printf("missed: %s %q, got %s\n", q.kind, q.text, got)
		}
		hits = x.AppendSearch(hits[:0], q.text, search.Options{Kind: q.kind, Limit: 1})
		good := right()
		if q.slips == 1 && q.words == "none" {
			hits = x.AppendSearch(hits[:0], q.text, search.Options{Min: 0.01, Limit: 1})
			ok := right()
			hits = x.AppendSearch(hits[:0], q.text, search.Options{Limit: 1})
			for _, t := range []*tally{&unknown[0], &unknown[q.kind]} {
				t.count(ok, right())
			}
		}
		t := byWords[q.words]
		if t == nil {
			t = new(tally)
			byWords[q.words] = t
		}
		for _, t := range []*tally{&bySlips[q.slips], t} {
			t.count(ok, good)
		}
		if q.slips == 1 && q.words == "none" {
			none.count(ok, good)
		}
	}
	fmt.Println("\nqueries from listed names, half of them with a word dropped, swapped or translated (kind given):")
	for i, t := range bySlips {
		fmt.Printf("  %d slips              %s\n", i, t)
	}
	fmt.Printf("  1 slip, words as are %s\n", none)
	for k, t := range unknown {
		of := ""
		if k > 0 {
			of = ", a " + search.Kind(k).String()
		}
		fmt.Printf("  %-20s %s\n", "kind not given"+of, t)
	}
	for _, w := range []string{"none", "dropped", "swapped", "translated"} {
		fmt.Printf("  word %-15s %s\n", w, byWords[w])
	}
	fmt.Printf("latency, one hit asked for: %s; kind not given, by default: %s\n", quantiles(took), quantiles(tookAny))

	ordinary, brands, err := ordinaryNames(data+"/catalogs", words, names, n, seed)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d ordinary names (%d from the lexicon and brand columns, the others made of common words), by default:\n", len(ordinary), brands)
	for _, kind := range []search.Kind{search.Company, search.Any} {
		alarms := [2]int{}
		var took []time.Duration
		for i, o := range ordinary {
			start := cpu()
			hits = x.AppendSearch(hits[:0], o, search.Options{Kind: kind, Limit: 1})
			d := cpu() - start
			took = append(took, d)
			if kind == search.Company {
				total += d
			}
			if len(hits) > 0 {
				side := 0
				if i >= brands {
					side = 1
				}
				alarms[side]++
				if verbose {
					fmt.Printf("alarm %s: %q → %q %.2f\n", kind, o, names[hits[0].Name].name, hits[0].Score)
				}
			}
		}
		all := alarms[0] + alarms[1]
		fmt.Printf("  kind %-8s false alarms %d, 1 in %.0f (%d of %d brands, %d of %d made names); latency %s\n", kind, all, float64(len(ordinary))/max(float64(all), 1), alarms[0], brands, alarms[1], len(ordinary)-brands, quantiles(took))
	}

	scanned := scanAll(names, queries, ordinary, 300)
	perQuery := total / time.Duration(len(queries)+len(ordinary))
	fmt.Printf("\nlinear Jaro–Winkler over the same names: %.2f ms a query; this index: %.1f µs: %.0f times the throughput\n",
		float64(scanned.Microseconds())/1000, float64(perQuery.Nanoseconds())/1000, float64(scanned)/float64(perQuery))
	if len(sizes) > 0 {
		return runGrowth(sizes)
	}
	return nil
}

func quantiles(d []time.Duration) string {
	slices.Sort(d)
	at := func(p float64) float64 { return float64(d[min(int(p*float64(len(d))), len(d)-1)].Nanoseconds()) / 1000 }
	return fmt.Sprintf("p50 %.1f µs, p90 %.1f, p99 %.1f, max %.1f", at(0.5), at(0.9), at(0.99), at(1))
}

// sortedWords are the canonical words of a name: two parties that share them cannot
// be told apart by name.
func sortedWords(l listed) string {
	w := search.Tokens(l.name, l.kind)
	slices.Sort(w)
	return strings.Join(w, " ")
}

// scanAll times the scan on a sample of all queries.
func scanAll(names []listed, queries []query, ordinary []string, sample int) time.Duration {
	folded := make([]string, len(names))
	for i, l := range names {
		folded[i] = name.Fold(l.name)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	var w winkler
	best := 0.0
	start := cpu()
	for i := range sample {
		text := ordinary[rng.IntN(len(ordinary))]
		if i%2 == 0 {
			text = queries[rng.IntN(len(queries))].text
		}
		text = name.Fold(text)
		for _, f := range folded {
			best = max(best, w.similarity(text, f))
		}
	}
	d := (cpu() - start) / time.Duration(sample)
	if best < 0 {
		fmt.Println(best)
	}
	return d
}

// runGrowth measures the cost of a search against made names of growing
// number: words drawn by Zipf's law from a vocabulary that grows by Heaps'.
func runGrowth(sizes []int) error {
	fmt.Println("\nmade names, queries with one slip:")
	var last, lastSize float64
	for _, n := range sizes {
		rng := rand.New(rand.NewPCG(7, uint64(n)))
		vocabulary := make([]string, 0, int(40*sqrt(n)))
		seen := map[string]bool{}
		for len(vocabulary) < cap(vocabulary) {
			if w := coin(rng); !seen[w] {
				seen[w] = true
				vocabulary = append(vocabulary, w)
			}
		}
		zipf := rand.NewZipf(rng, 1.05, 20, uint64(len(vocabulary)-1))
		business := strings.Fields("Technology Trading Industries Electronics Group Shipping Optics Research Energy Construction")
		entries := make([]search.Entry, n)
		for i := range entries {
			text := vocabulary[zipf.Uint64()] + " " + vocabulary[zipf.Uint64()]
			if rng.IntN(2) == 0 {
				text += " " + vocabulary[zipf.Uint64()]
			}
			entries[i] = search.Entry{Name: text + " " + business[rng.IntN(len(business))] + " Co Ltd", Kind: search.Company, Label: uint32(i)}
		}
		start := time.Now()
		x := search.Build(entries)
		built := time.Since(start)
		ok, asked := 0, 4000
		var hits []search.Hit
		took := make([]time.Duration, 0, asked)
		sum := time.Duration(0)
		for i := range asked + 200 {
			e := rng.IntN(n)
			text := slip(rng, entries[e].Name)
			start := cpu()
			hits = x.AppendSearch(hits[:0], text, search.Options{Kind: search.Company, Limit: 1})
			if i < 200 {
				continue
			}
			d := cpu() - start
			took = append(took, d)
			sum += d
			if len(hits) > 0 && entries[hits[0].Name].Name == entries[e].Name {
				ok++
			}
		}
		mean := float64(sum.Nanoseconds()) / 1000 / float64(asked)
		growth := ""
		if last > 0 {
			growth = fmt.Sprintf("; %.1f times the names, %.1f times the cost", float64(n)/lastSize, mean/last)
		}
		fmt.Printf("  %8d names, %6d words: built in %.1f s, flat form %.0f MB, mean %.1f µs, %s, recall@1 %.3f%s\n",
			n, len(vocabulary), built.Seconds(), float64(len(x.Bytes()))/1e6, mean, quantiles(took), float64(ok)/float64(asked), growth)
		last, lastSize = mean, float64(n)
		runtime.GC()
	}
	return nil
}

func sqrt(n int) float64 {
	x := float64(n)
	for range 40 {
		x = (x + float64(n)/x) / 2
	}
	return x
}

// coin makes a word of two to four syllables.
func coin(rng *rand.Rand) string {
	const consonants, vowels = "bcdfghjklmnpqrstvwxyz", "aeiou"
	var b strings.Builder
	for range 2 + rng.IntN(3) {
		b.WriteByte(consonants[rng.IntN(len(consonants))])
		b.WriteByte(vowels[rng.IntN(len(vowels))])
		if rng.IntN(3) == 0 {
			b.WriteByte("nrslkt"[rng.IntN(6)])
		}
	}
	s := b.String()
	return strings.ToUpper(s[:1]) + s[1:]
}
