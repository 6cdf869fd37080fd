package search

import (
	"cmp"
	"slices"
)

// pair says that a run of tokens of one name is the run of the other.
type pair struct {
	a, b   int8 // first token of each run
	na, nb int8 // how many tokens
	sim    float32
	how    how
}

// how is why two runs are taken for the same.
type how uint8

const (
	howSame how = iota
	howSlip
	howJoined  // written together or apart
	howInitial // a letter for the word
	howGiven   // forms of one given name
	howAcronym // first letters for the words
)

// alignment is the best one-to-one assignment of the tokens of two names.
type alignment struct {
	a, b  *parsed
	pairs []pair
	inA   [maxTokens]bool // taken
	inB   [maxTokens]bool
	found []pair // candidates, best first; scratch

	measured [numFeatures]float64 // by the last score

	buffer [4 * maxLetter]byte
}

// before orders names so that the comparison of two does not depend on which
// is named first.
func before(a, b *parsed) int {
	if c := cmp.Compare(len(a.tokens), len(b.tokens)); c != 0 {
		return c
	}
	for i := range a.tokens {
		if c := cmp.Compare(a.tokens[i].text, b.tokens[i].text); c != 0 {
			return c
		}
	}
	for i := range a.tokens {
		x, y := &a.tokens[i], &b.tokens[i]
		if c := cmp.Or(cmp.Compare(x.class, y.class), cmp.Compare(x.weight, y.weight), cmp.Compare(x.han, y.han)); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.forms, b.forms)
}

// align assigns the tokens greedily, the best pairs first: within a few
// hundredths of the optimal assignment on names of a handful of words, at a
// fraction of its cost.
func (al *alignment) align(x, y *parsed) {
	if before(x, y) > 0 {
		x, y = y, x
	}
	al.a, al.b = x, y
	al.pairs, al.found = al.pairs[:0], al.found[:0]
	clear(al.inA[:])
	clear(al.inB[:])
	ta, tb := x.tokens, y.tokens
	kind := Company
	if x.kind == Person || y.kind == Person {
		kind = Person
	} else if x.kind == Vessel {
		kind = Vessel
	}
	// Words that are the same come first: they cost nothing to find.
	for i := range ta {
		bestJ, far := -1, 99
		for j := range tb {
			if al.inB[j] || ta[i].text != tb[j].text || ta[i].class == initial != (tb[j].class == initial) {
				continue
			}
			if ta[i].han != "" && tb[j].han != "" && ta[i].han != tb[j].han {
				continue
			}
			d := abs(i - j)
			if ta[i].filial != tb[j].filial {
				d += 20
			}
			if d < far {
				bestJ, far = j, d
			}
		}
		if bestJ >= 0 {
			al.take(pair{int8(i), int8(bestJ), 1, 1, 1, howSame})
		}
	}
	left := func(taken []bool) bool { return slices.Contains(taken, false) }
	if !left(al.inA[:len(ta)]) && !left(al.inB[:len(tb)]) {
		return
	}
	for i := range ta {
		if al.inA[i] {
			continue
		}
		for j := range tb {
			if al.inB[j] {
				continue
			}
			if s, h := alike(&ta[i], &tb[j], kind); s > 0 {
				al.found = append(al.found, pair{int8(i), int8(j), 1, 1, s, h})
			}
		}
	}
	al.joins(ta, tb, al.inA[:], al.inB[:], false, kind)
	al.joins(tb, ta, al.inB[:], al.inA[:], true, kind)
	slices.SortFunc(al.found, func(p, q pair) int {
		return cmp.Or(
			cmp.Compare(q.sim+0.01*float32(q.na+q.nb), p.sim+0.01*float32(p.na+p.nb)),
			cmp.Compare(abs(int(p.a)-int(p.b)), abs(int(q.a)-int(q.b))),
			cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b), cmp.Compare(p.na, q.na), cmp.Compare(p.nb, q.nb))
	})
	for _, p := range al.found {
		if al.free(p) {
			al.take(p)
		}
	}
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

func (al *alignment) free(p pair) bool {
	for i := p.a; i < p.a+p.na; i++ {
		if al.inA[i] {
			return false
		}
	}
	for j := p.b; j < p.b+p.nb; j++ {
		if al.inB[j] {
			return false
		}
	}
	return true
}

func (al *alignment) take(p pair) {
	for i := p.a; i < p.a+p.na; i++ {
		al.inA[i] = true
	}
	for j := p.b; j < p.b+p.nb; j++ {
		al.inB[j] = true
	}
	al.pairs = append(al.pairs, p)
}

// alike compares two tokens that are not the same.
func alike(a, b *token, kind Kind) (float32, how) {
	if a.class == initial || b.class == initial {
		if a.class == initial && b.class == initial {
			return 0, 0
		}
		if kind != Person || a.class == particle || b.class == particle || a.class == title || b.class == title {
			return 0, 0
		}
		short, long := a, b
		if b.class == initial {
			short, long = b, a
		}
		if long.text[0] == short.text[0] {
			return 0.70, howInitial
		}
		return 0, 0
	}
	// A word of a company's business and its name are not slips of each other
	// unless very near.
	s := likeness(a, b, kind)
	if s <= 0 {
		return 0, 0
	}
	if s < 1 && (a.class == particle || b.class == particle || a.class == title || b.class == title) && s < 0.8 {
		return 0, 0
	}
	if a.given != 0 && a.given == b.given {
		return s, howGiven
	}
	if s == 1 {
		return 1, howSame
	}
	return s, howSlip
}

// joins finds words of one name that the other writes as two to four, and
// words that stand as the initials of others.
func (al *alignment) joins(ta, tb []token, inA, inB []bool, swapped bool, kind Kind) {
	for i := range ta {
		t := &ta[i]
		if inA[i] || len(t.text) < 2 || t.class == number || t.class == initial {
			continue
		}
		for j := 0; j+1 < len(tb); j++ {
			if inB[j] {
				continue
			}
			joined := append(al.buffer[:0], tb[j].text...)
			letters := [4]byte{tb[j].text[0]}
			for k := 1; k < 4 && j+k < len(tb) && !inB[j+k]; k++ {
				if len(joined)+len(tb[j+k].text) > maxLetter {
					break
				}
				joined = append(joined, tb[j+k].text...)
				letters[k] = tb[j+k].text[0]
				add := func(s float32, h how) {
					p := pair{int8(i), int8(j), 1, int8(k + 1), s, h}
					if swapped {
						p = pair{int8(j), int8(i), int8(k + 1), 1, s, h}
					}
					al.found = append(al.found, p)
				}
				if len(t.text) == k+1 && t.text == string(letters[:k+1]) && (len(t.text) > 2 || kind == Person) {
					add(0.72, howAcronym)
				}
				if len(t.text) < 4 || len(joined)-len(t.text) > 2 {
					if len(joined)-len(t.text) > 2 {
						break
					}
					continue
				}
				if len(t.text)-len(joined) > 2 {
					continue
				}
				if t.text == string(joined) {
					add(0.97, howJoined)
					continue
				}
				d := slips(t.text, string(joined), len(joined)*2)
				if d <= len(joined)*2 {
					add(0.97-float32(d)/float32(10*max(len(joined), len(t.text))), howJoined)
				}
			}
		}
	}
}
