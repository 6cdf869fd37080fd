package main

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/offshelf/offshelf/internal/search"
)

// sample is a labelled pair.
type sample struct {
	x      []float64 // nil where the rules alone refuse the pair
	y      float64
	kind   search.Kind
	schema string
	same   bool
	a, b   string
}

func readPairs(path string) ([]sample, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []sample
	for _, r := range rows[1:] {
		var kind search.Kind
		if err := kind.UnmarshalText([]byte(r[1])); err != nil {
			return nil, err
		}
		s := sample{schema: r[1], a: r[2], b: r[3]}
		s.x, s.kind, s.same = search.Features(r[2], r[3], kind)
		if r[4] == "true" {
			s.y = 1
		}
		out = append(out, s)
	}
	return out, nil
}

// prior is what is held of a coefficient before the pairs are seen; the
// penalty draws towards it. Where pairs say nothing, it decides: a factory of
// another number is another factory, and whatever differs costs something.
var priors = map[search.Kind]map[string]float64{search.Company: {"extra": -1.2, "single": -1.5, "thin": -2.5}, search.Person: {}}

var prior = map[string]float64{
	"conflict": -1, "extra": -0.3, "extra-share": -0.5, "loss": -2, "worst": -2, "beyond": -1, "word-swap": -1,
	"generic-conflict": -1, "generic-extra": -0.5, "place-extra": -0.8, "series": -1.2, "number": -6, "number-extra": -2.5,
	"form-conflict": -1, "form-extra": -0.2, "order": -0.4, "filial": -1, "initials": -0.4, "head": -0.5, "thin": -1.5, "short": -1, "single": -1,
}

// floor bounds what a coefficient may come to: that one name leaves its legal
// form or a word of business out is how names are written, whatever a few pairs
// say.
var floor = map[string]float64{"form-extra": -0.6, "form-conflict": -2.5, "generic-extra": -2}

// fit maximises the likelihood of a logistic regression with a penalty on the
// squares, by projected gradient steps: evidence against a match never counts
// for it.
func fit(samples []sample, kind search.Kind, penalty float64) []float64 {
	n := len(search.FeatureNames)
	w := make([]float64, n)
	velocity := make([]float64, n)
	w[0] = 2
	center := make([]float64, n)
	for i, name := range search.FeatureNames {
		center[i] = prior[name]
		if p, ok := priors[kind][name]; ok {
			center[i] = p
		}
	}
	total := 0.0
	for _, s := range samples {
		if s.x != nil && !s.same && (s.kind == search.Person) == (kind == search.Person) {
			total++
		}
	}
	scale := 1 / max(total, 1)
	for range 6000 {
		g := make([]float64, n)
		for _, s := range samples {
			if s.x == nil || s.same || (s.kind == search.Person) != (kind == search.Person) {
				continue
			}
			z := 0.0
			for i, v := range s.x {
				z += w[i] * v
			}
			e := 1/(1+math.Exp(-z)) - s.y
			for i, v := range s.x {
				g[i] += e * v
			}
		}
		for i := range w {
			p := penalty
			if i == 0 {
				p /= 20
			}
			d := (g[i] + p*(w[i]-center[i])) * scale
			velocity[i] = 0.9*velocity[i] - 0.3*d
			w[i] += velocity[i]
			if i > 0 && w[i] > 0 {
				w[i], velocity[i] = 0, 0
			}
			if low, ok := floor[search.FeatureNames[i]]; ok && w[i] < low {
				w[i], velocity[i] = low, 0
			}
		}
	}
	return w
}

func probability(s sample, w map[search.Kind][]float64) float64 {
	if s.same {
		return 1
	}
	if s.x == nil {
		return 0
	}
	m := w[search.Company]
	if s.kind == search.Person {
		m = w[search.Person]
	}
	z := 0.0
	for i, v := range s.x {
		z += m[i] * v
	}
	return 1 / (1 + math.Exp(-z))
}

// figures are true and false positives and false negatives.
type figures struct{ tp, fp, fn int }

func (f *figures) add(y, p, at float64) {
	switch {
	case p >= at && y == 1:
		f.tp++
	case p >= at:
		f.fp++
	case y == 1:
		f.fn++
	}
}

func (f figures) f1() float64 {
	return 2 * float64(f.tp) / float64(2*f.tp+f.fp+f.fn)
}

func isCompany(schema string) bool {
	return schema == "Company" || schema == "Organization" || schema == "LegalEntity"
}

func fitBoth(samples []sample, penalty float64) map[search.Kind][]float64 {
	return map[search.Kind][]float64{
		search.Company: fit(samples, search.Company, penalty),
		search.Person:  fit(samples, search.Person, penalty),
	}
}

// runFit fits on all pairs, and says what fitting on one half gives on the
// other, over many splits.
func runFit(path string, penalty float64, splits int, out string, wrong bool) error {
	samples, err := readPairs(path)
	if err != nil {
		return err
	}
	measure := func(train, test []sample) (company, all float64) {
		w := fitBoth(train, penalty)
		var c, a figures
		for _, s := range test {
			p := probability(s, w)
			a.add(s.y, p, search.Threshold)
			if isCompany(s.schema) {
				c.add(s.y, p, search.Threshold)
			}
		}
		return c.f1(), a.f1()
	}
	var odd, even []sample
	for i, s := range samples {
		if i%2 == 0 {
			odd = append(odd, s)
		} else {
			even = append(even, s)
		}
	}
	c1, a1 := measure(odd, even)
	c2, a2 := measure(even, odd)
	fmt.Printf("fitted on odd rows, scored on even: companies %.4f, all %.4f\n", c1, a1)
	fmt.Printf("fitted on even rows, scored on odd: companies %.4f, all %.4f\n", c2, a2)
	rng := rand.New(rand.NewPCG(1, 2))
	var sc, sa float64
	for range splits {
		p := rng.Perm(len(samples))
		var train, test []sample
		for i, k := range p {
			if i%2 == 0 {
				train = append(train, samples[k])
			} else {
				test = append(test, samples[k])
			}
		}
		c, a := measure(train, test)
		sc, sa = sc+c, sa+a
	}
	if splits > 0 {
		fmt.Printf("mean of %d random halves: companies %.4f, all %.4f\n", splits, sc/float64(splits), sa/float64(splits))
	}
	c, a := measure(samples, samples)
	fmt.Printf("fitted on all rows, scored on all: companies %.4f, all %.4f\n", c, a)
	w := fitBoth(samples, penalty)
	if wrong {
		for _, s := range samples {
			if p := probability(s, w); (p >= search.Threshold) != (s.y == 1) {
				fmt.Printf("%-7s %.0f %.2f  %s | %s\n", s.kind, s.y, p, s.a, s.b)
			}
		}
	}
	var b strings.Builder
	b.WriteString("# Coefficients of the score: kind, feature, log-odds (natural logarithm) a unit of the feature.\n# Written by: go run ./bench/search -fit -out internal/search/data/model.txt\n")
	for _, k := range []search.Kind{search.Company, search.Person} {
		for i, n := range search.FeatureNames {
			fmt.Fprintf(&b, "%s %s %.3f\n", k, n, w[k][i])
		}
	}
	fmt.Print(b.String())
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(b.String()), 0o644)
}
