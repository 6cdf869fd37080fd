// Package search compares names of companies, persons and vessels across
// spellings, scripts and legal forms, and finds the names of a list that come
// near one.
//
// Two names are folded and cut into words, each with a weight by its rarity;
// the words are assigned to each other, and a logistic regression turns what is
// left over and what differs into a probability. An Index finds the candidates
// for that comparison without looking at every name.
package search

import (
	"fmt"
	"strings"
	"sync"
)

// Threshold is the score from which Compare calls two names a match: as
// probable as not.
const Threshold = 0.5

// Result is the comparison of two names.
type Result struct {
	Score   float64  // probability that both name the same, 0 to 1; 1 only for the same name up to folding
	Match   bool     // Score is at least Threshold
	Kind    Kind     // what the names were taken for
	Reasons []string // word by word
}

// comparer holds what comparisons use again.
type comparer struct {
	a, b parsed
	al   alignment
}

var comparers = sync.Pool{New: func() any { return new(comparer) }}

// Compare says how probable it is that two names are meant to be one, and why.
// It is symmetric.
func Compare(name1, name2 string, kind Kind) Result {
	c := comparers.Get().(*comparer)
	defer comparers.Put(c)
	score := c.compare(name1, name2, kind)
	r := Result{Score: score, Match: score >= Threshold, Kind: c.a.kind}
	r.Reasons = c.al.reasons(&c.a, &c.b, score == 1)
	return r
}

// Features returns the measures on which the score rests, named by
// FeatureNames: what a regression is fitted on.
func Features(name1, name2 string, kind Kind) (features []float64, taken Kind, same bool) {
	c := comparers.Get().(*comparer)
	defer comparers.Put(c)
	score := c.compare(name1, name2, kind)
	f, share := c.al.measure()
	if c.al.refused(share) {
		return nil, c.a.kind, false
	}
	return f[:], c.a.kind, score == 1
}

func (c *comparer) compare(name1, name2 string, kind Kind) float64 {
	c.a.parse(name1, kind)
	c.b.parse(name2, kind)
	if kind == Any && c.a.kind != c.b.kind {
		// One of them looks like a person: two companies differ in more.
		c.a.parse(name1, Company)
		c.b.parse(name2, Company)
	}
	c.al.align(&c.a, &c.b)
	if c.a.key == c.b.key && c.a.key != 0 {
		return 1
	}
	return c.al.score()
}

// reasons tells the comparison word by word, the first name's words first.
func (al *alignment) reasons(first, second *parsed, same bool) []string {
	if len(first.tokens) == 0 || len(second.tokens) == 0 {
		return []string{"a name without a word"}
	}
	var out []string
	if same {
		out = append(out, "the same name")
	}
	swapped := al.a != first
	run := func(p *parsed, at, n int8) string {
		var b strings.Builder
		for k := at; k < at+n; k++ {
			if k > at {
				b.WriteByte(' ')
			}
			b.WriteString(shownWord(&p.tokens[k]))
		}
		return b.String()
	}
	for i := range first.tokens {
		for _, p := range al.pairs {
			a, na, b, nb := p.a, p.na, p.b, p.nb
			if swapped {
				a, na, b, nb = p.b, p.nb, p.a, p.na
			}
			if int(a) != i {
				continue
			}
			x, y := run(first, a, na), run(second, b, nb)
			switch p.how {
			case howSame:
				if x == y {
					out = append(out, fmt.Sprintf("%s (%s)", x, weightOf(&first.tokens[i])))
				} else {
					out = append(out, fmt.Sprintf("%s = %s (%s)", x, y, weightOf(&first.tokens[i])))
				}
			case howSlip:
				out = append(out, fmt.Sprintf("%s ~ %s (%.2f alike)", x, y, p.sim))
			case howJoined:
				out = append(out, fmt.Sprintf("%s ~ %s (written together or apart, %.2f alike)", x, y, p.sim))
			case howInitial:
				out = append(out, fmt.Sprintf("%s ~ %s (initial)", x, y))
			case howGiven:
				out = append(out, fmt.Sprintf("%s ~ %s (forms of one given name)", x, y))
			case howAcronym:
				out = append(out, fmt.Sprintf("%s ~ %s (first letters)", x, y))
			}
		}
	}
	alone := func(p *parsed, taken *[maxTokens]bool, which string) {
		for i := range p.tokens {
			t := &p.tokens[i]
			if !taken[i] && t.weight > weightParticle {
				out = append(out, fmt.Sprintf("%s: %s alone (%s)", shownWord(t), which, weightOf(t)))
			}
		}
	}
	inFirst, inSecond := &al.inA, &al.inB
	if swapped {
		inFirst, inSecond = inSecond, inFirst
	}
	alone(first, inFirst, "first")
	alone(second, inSecond, "second")
	switch {
	case first.forms.conflicts(second.forms):
		out = append(out, fmt.Sprintf("legal forms differ: %s, %s", first.forms, second.forms))
	case first.forms != 0 && second.forms == 0:
		out = append(out, fmt.Sprintf("legal form: first alone (%s)", first.forms))
	case first.forms == 0 && second.forms != 0:
		out = append(out, fmt.Sprintf("legal form: second alone (%s)", second.forms))
	}
	return out
}

// shownWord is a token as a reader knows it.
func shownWord(t *token) string {
	if t.raw == "" {
		return t.text
	}
	return strings.ToLower(t.raw)
}

// weightOf says what a token is and weighs.
func weightOf(t *token) string {
	return fmt.Sprintf("%s %.2f", t.class, t.weight)
}

// Guess tells a company from a person by the words of the name.
func Guess(s string) Kind { return guess(split(s, nil)) }

// Tokens returns the canonical words of a name without its legal forms.
func Tokens(s string, kind Kind) []string {
	var p parsed
	p.parse(s, kind)
	out := make([]string, len(p.tokens))
	for i := range p.tokens {
		out[i] = p.tokens[i].text
	}
	return out
}
