package main

import (
	"encoding/csv"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/knowledge"
)

// ordinaryNames are names of companies and brands that stand on no list: the
// lexicon of the knowledge, the values of brand columns of real catalogs, and,
// up to n, names made of common words and words of business. Names that a list
// or the knowledge knows are left out.
func ordinaryNames(folder, words string, listedNames []listed, n int, seed uint64) (out []string, brands int, err error) {
	known := map[string]bool{}
	for _, l := range listedNames {
		known[name.Key(l.name)] = true
	}
	k, _, err := knowledge.Embedded()
	if err != nil {
		return nil, 0, err
	}
	var marks []string
	mark := func(s string) {
		known[name.Key(s)] = true
		if key := name.Key(s); len(key) >= 4 {
			marks = append(marks, key)
		}
	}
	for _, b := range k.Brands {
		mark(b.Name)
		for _, a := range b.Aliases {
			mark(a)
		}
	}
	for _, p := range k.Parties {
		mark(p.Name)
		for _, a := range p.Aliases {
			mark(a)
		}
	}
	add := func(s string) {
		s = strings.Join(strings.Fields(s), " ")
		key := name.Key(s)
		if len(key) < 2 || len(s) > 80 || known[key] {
			return
		}
		for _, m := range marks {
			if strings.Contains(key, m) {
				return // a product of a brand in question, not an ordinary name
			}
		}
		known[key] = true
		out = append(out, s)
	}
	for _, l := range k.Lexicon {
		add(l)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil {
		return nil, 0, err
	}
	slices.Sort(files)
	for _, f := range files {
		if err := brandColumn(f, add); err != nil {
			return nil, 0, err
		}
	}
	brands = len(out)
	text, err := os.ReadFile(words)
	if err != nil {
		return nil, 0, err
	}
	var common []string
	for line := range strings.Lines(string(text)) {
		if w := strings.TrimSpace(line); w != "" && w[0] != '#' && len(w) > 3 {
			common = append(common, w)
		}
	}
	rng := rand.New(rand.NewPCG(seed, 2))
	business := strings.Fields("Trading Electronics Technology Foods Textiles Logistics Tools Solutions Systems Energy Services Group Holdings Industries Design Media Home Supply Optics Motors Bank Shipping")
	forms := strings.Fields("Ltd Inc LLC GmbH Corp AG Limited Company SRL BV")
	pick := func(list []string) string { return list[rng.IntN(len(list))] }
	title := func(w string) string { return strings.ToUpper(w[:1]) + w[1:] }
	for tries := 0; len(out) < n && tries < 20*n; tries++ {
		switch rng.IntN(4) {
		case 0:
			add(title(pick(common)) + " " + pick(business))
		case 1:
			add(title(pick(common)) + " " + pick(business) + " " + pick(forms))
		case 2:
			add(title(pick(common)) + " " + title(pick(common)))
		case 3:
			add(title(pick(common)) + " & " + title(pick(common)) + " " + pick(forms))
		}
	}
	return out, brands, nil
}

// brandColumn adds the values of the column of brands or makers.
func brandColumn(path string, add func(string)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	head, err := r.Read()
	if err != nil {
		return nil
	}
	var at []int
	for i, h := range head {
		switch strings.ToLower(strings.TrimSpace(h)) {
		case "brand", "manufacturer", "vendor", "seller", "maker":
			at = append(at, i)
		}
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			continue
		}
		for _, i := range at {
			if i < len(row) {
				add(row[i])
			}
		}
	}
}
