package attribute

import "unicode/utf8"

// match is a phrase found in a text.
type match struct {
	output
	first, last int32 // tokens, both included
}

// scanner walks texts through a trie and keeps its scratch between calls.
type scanner struct {
	tokens  []token
	matches []match
	active  []state
	longest int32 // tokens in the longest phrase of the trie last walked
}

type state struct{ node, first int32 }

// find reports whether any phrase of t occurs in text, keeping no tokens: the
// pass that nearly every product ends in. Where models is not nil, a model
// number that one of its tells matches counts as well.
func (s *scanner) find(t *trie, models *models, text string) bool {
	s.active = s.active[:0]
	for i := 0; i < len(text); {
		// Most words begin no phrase: they are only hashed, which is all that
		// this loop does for plain ASCII. What may matter is read in full.
		from := i
		for i < len(text) && lower[text[i]] == 0 && text[i] < utf8.RuneSelf {
			i++
		}
		start, h := i, uint64(hashSeed)
		for i < len(text) && lower[text[i]] != 0 {
			h = (h ^ uint64(lower[text[i]])) * hashPrime
			i++
		}
		plain := i == len(text) || text[i] < utf8.RuneSelf
		if plain {
			if start == i {
				return false
			}
			if models != nil && models.mayStart(text, start) && models.betrays(text[start:]) {
				return true
			}
			if len(s.active) == 0 && !t.starts(finish(h)) {
				continue
			}
		}
		tok, ok := next(text, from)
		if !ok {
			return false
		}
		if !plain && models != nil && tok.folded == "" && models.mayStart(text, int(tok.start)) && models.betrays(text[tok.start:]) {
			return true
		}
		if len(s.active) > 0 || t.starts(tok.hash) {
			if s.advance(t, text, &tok, 0, false) {
				return true
			}
		}
		i = int(tok.end)
	}
	return false
}

// all collects every token of text and every phrase of t in it.
func (s *scanner) all(t *trie, text string) {
	s.tokens, s.matches, s.active, s.longest = s.tokens[:0], s.matches[:0], s.active[:0], int32(t.longest)
	for i := 0; ; {
		tok, ok := next(text, i)
		if !ok {
			break
		}
		s.tokens = append(s.tokens, tok)
		s.advance(t, text, &tok, int32(len(s.tokens)-1), true)
		i = int(tok.end)
	}
}

// outermost drops phrases that stand strictly inside a longer one: "Lorex by
// FLIR" is no FLIR. Matches come in the order of their ends, so that one which
// covers another is never far from it.
func (s *scanner) outermost() []match {
	kept := s.matches[:0:0]
	for i, a := range s.matches {
		inside := false
		for j := i - 1; j >= 0 && !inside && s.matches[j].last == a.last; j-- {
			inside = s.matches[j].covers(a)
		}
		for j := i + 1; j < len(s.matches) && !inside && s.matches[j].last < a.last+s.longest; j++ {
			inside = s.matches[j].covers(a)
		}
		if !inside {
			kept = append(kept, a)
		}
	}
	return kept
}

// covers reports whether a stands strictly inside b. The words "FCC ID" cover
// nothing.
func (b match) covers(a match) bool {
	return b.first <= a.first && b.last >= a.last && b.last-b.first > a.last-a.first && b.kind != isFCC
}

// advance moves every open phrase over the token and opens new ones. It
// reports whether a phrase ended here.
func (s *scanner) advance(t *trie, text string, tok *token, index int32, keep bool) bool {
	ended := false
	kept := s.active[:0]
	if !tok.loose {
		for _, a := range s.active {
			if n := t.step(a.node, tok.hash, text, tok); n != 0 {
				ended = s.emit(t, n, a.first, index, keep) || ended
				kept = append(kept, state{n, a.first})
			}
		}
	}
	s.active = kept
	if t.starts(tok.hash) {
		if n := t.step(0, tok.hash, text, tok); n != 0 {
			ended = s.emit(t, n, index, index, keep) || ended
			s.active = append(s.active, state{n, index})
		}
	}
	return ended
}

func (s *scanner) emit(t *trie, n, first, last int32, keep bool) bool {
	out := t.outputs[n]
	if keep {
		for _, o := range out {
			s.matches = append(s.matches, match{o, first, last})
		}
	}
	return len(out) > 0
}
