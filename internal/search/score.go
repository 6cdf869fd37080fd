package search

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/model.txt
var modelText string

// model is the logistic regression that turns features into a probability.
type model [numFeatures]float64

// models are the coefficients by kind; companies stand for vessels.
var models = sync.OnceValue(func() *[4]model {
	var out [4]model
	index := map[string]int{}
	for i, n := range FeatureNames {
		index[n] = i
	}
	for line := range strings.Lines(modelText) {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] == "#" {
			continue
		}
		var k Kind
		i, ok := index[f[1]]
		if k.UnmarshalText([]byte(f[0])) != nil || !ok {
			continue
		}
		out[k][i], _ = strconv.ParseFloat(f[2], 64)
	}
	out[Vessel] = out[Company]
	return &out
})

// Bounds below which there is no match, whatever else agrees. The search stops
// by the first.
const (
	shareLonger  = 0.20 // of the name of which less is matched
	shareShorter = 0.35 // of the other
)

// refused reports whether too little agrees for there to be a score: words of
// business and places alone are no match where there is a name.
func (al *alignment) refused(share [2]float64) bool {
	if len(al.pairs) == 0 || min(share[0], share[1]) < shareLonger || max(share[0], share[1]) < shareShorter {
		return true
	}
	named := al.a.named()
	if named != al.b.named() {
		return true
	}
	if !named {
		return false
	}
	for _, p := range al.pairs {
		if al.a.plainIn(p.a, p.na) && al.b.plainIn(p.b, p.nb) {
			return false
		}
	}
	return true
}

// plainIn reports whether there is a plain word in a run.
func (p *parsed) plainIn(at, n int8) bool {
	for k := at; k < at+n; k++ {
		if p.tokens[k].class == plain {
			return true
		}
	}
	return false
}

// nearly is the most that a name which is not the same scores.
const nearly = 0.99

// score is the probability that two aligned names are meant to be one.
func (al *alignment) score() float64 {
	f, share := al.measure()
	al.measured = f
	if al.refused(share) {
		return 0
	}
	kind := Company
	if al.a.kind == Person || al.b.kind == Person {
		kind = Person
	}
	z := 0.0
	for i, c := range models()[kind] {
		z += c * f[i]
	}
	return min(nearly, 1/(1+math.Exp(-z)))
}
