package attribute

import (
	"strings"
)

// reading is what one title says, word by word.
type reading struct {
	text   string
	tokens []token
	words  []word
	names  []match // brands, look-alikes, apps, in order
	goods  uint64  // classes whose words stand in it, accessory classes left out

	accessory bool // its head noun is made for another product
	cue       int  // first token of the first cue that says what it is for; -1: none
	brandHead int32
}

// word is what is known of one token.
type word struct {
	lead, breaker, model bool
	brand                bool
	noun                 int8 // 1: goods, 2: accessory
	cue                  kind // of the longest cue that ends here
	cueFirst             int32
	reference            bool // a cue that follows a brand begins here
}

// read analyses a title. It is only called for the few products with a
// candidate.
func (w *Worker) read(text string) *reading {
	m := w.m
	w.scan.all(m.names, text)
	r := &reading{
		text: text, tokens: append([]token(nil), w.scan.tokens...), names: w.scan.brandMatches(),
		words: make([]word, len(w.scan.tokens)), cue: -1, brandHead: -1,
	}
	for _, x := range r.names {
		if x.kind == isBrand || x.kind == isNot {
			for i := x.first; i <= x.last; i++ {
				r.words[i].brand = true
			}
		}
	}
	for i := range r.tokens {
		w := r.tokens[i].word(text)
		r.words[i].model = hasDigit(w) && !isYear(w)
		r.words[i].breaker = isYear(w)
		r.words[i].lead = r.words[i].lead || m.channel[r.tokens[i].word(text)]
	}
	w.scan.all(m.context, text)
	for _, x := range w.scan.outermost() {
		switch x.kind {
		case isCompatible, isNear, isCompare, isBundle:
			last := &r.words[x.last]
			if last.cue == 0 || x.first < last.cueFirst {
				last.cue, last.cueFirst = x.kind, x.first
			}
			if (x.kind == isCompatible || x.kind == isBundle) && (r.cue < 0 || int(x.first) < r.cue) {
				r.cue = int(x.first)
			}
		case isReference:
			r.words[x.first].reference = true
		case isBreaker:
			r.words[x.last].breaker = true
		case isLead:
			for i := x.first; i <= x.last; i++ {
				r.words[i].lead = true
			}
		case isGoods:
			noun := int8(1)
			if m.goods[x.id].Accessory {
				noun = 2
			} else {
				r.goods |= 1 << x.id
			}
			for i := x.first; i <= x.last; i++ {
				r.words[i].noun = noun
			}
		}
	}
	r.accessory = r.headNoun() == 2
	for i := range r.words {
		if r.words[i].lead || r.words[i].model {
			continue
		}
		for _, x := range r.names {
			if int(x.first) == i && x.kind == isBrand {
				r.brandHead = x.id
			}
		}
		break
	}
	return r
}

// outermost drops phrases that stand strictly inside a longer one.
func (s *scanner) outermost() []match {
	kept := s.matches[:0:0]
	for _, a := range s.matches {
		inside := false
		for _, b := range s.matches {
			if b.first <= a.first && b.last >= a.last && b.last-b.first > a.last-a.first {
				inside = true
				break
			}
		}
		if !inside {
			kept = append(kept, a)
		}
	}
	return kept
}

// headNoun finds the noun that says what the product is: in English the last
// one of the first phrase, before "for", "with" or a break. 0: none.
func (r *reading) headNoun() int8 {
	var last int8
	for i := range r.words {
		if i > 0 && last != 0 && (i == r.cue || r.breaks(i)) {
			break
		}
		if n := r.words[i].noun; n != 0 && !(r.words[i].breaker && r.cue >= 0 && i > r.cue) {
			last = n
		}
	}
	return last
}

// breaks reports whether a strong separator stands before token i.
func (r *reading) breaks(i int) bool {
	if i == 0 || !r.tokens[i].loose {
		return i > 0 && strings.Contains(r.gap(i), " - ")
	}
	g := r.gap(i)
	return strings.ContainsAny(g, "|;:()[]{}\n\t") || strings.Contains(g, " - ") || strings.Contains(g, " – ") || strings.Contains(g, ". ") || strings.Contains(g, "--")
}

func (r *reading) gap(i int) string { return r.text[r.tokens[i-1].end:r.tokens[i].start] }

// maxReach is how many words of no known meaning a cue reaches across: lists
// of other makers' names are that long.
const maxReach = 8

// governedBy tells which cue, if any, the words from token first on stand
// under: "for", "better than", "with". Names, model numbers and a few unknown
// words may stand between; a word that starts a new thought ends the cue's
// reach, except in goods that are made for other products, whose titles are
// lists.
func (r *reading) governedBy(first int) kind {
	unknown := 0
	for j := first - 1; j >= 0; j-- {
		x := r.words[j]
		list := r.accessory && r.cue >= 0 && r.cue < j
		if r.breaks(j+1) && !list {
			return 0
		}
		if x.cue == isNear || x.cue == isBundle {
			// "with PoE Hikvision camera": these two reach no further than what follows them.
			if unknown > 0 {
				return 0
			}
			if x.cue == isNear {
				return isCompatible
			}
			return isBundle
		}
		if x.cue != 0 {
			return x.cue
		}
		if x.reference && unknown == 0 {
			return isReference // "compatible Lexmark toner"
		}
		if x.breaker && !list {
			return 0
		}
		if x.brand || x.model {
			continue
		}
		if unknown++; unknown > maxReach && !list {
			return 0
		}
	}
	return 0
}

// referred reports whether a word behind token last makes it a reference:
// "Lexmark E260 compatible toner". "Compatible with" speaks of the product
// itself.
func (r *reading) referred(last int) bool {
	for j := last + 1; j < len(r.words) && j <= last+6; j++ {
		if r.breaks(j) {
			return false
		}
		x := r.words[j]
		if x.reference {
			return j+1 >= len(r.words) || !isPreposition(r.tokens[j+1].word(r.text))
		}
		if !x.brand && !x.model {
			return false
		}
	}
	return false
}

func isPreposition(w string) bool {
	switch w {
	case "with", "to", "for", "con", "avec", "mit", "com", "para", "pour", "w":
		return true
	}
	return false
}

// position tells where a name stands.
func (r *reading) position(first int, columns ...*column) feature {
	if first <= len(r.tokens) {
		head := true
		for j := range first {
			if x := r.words[j]; x.lead || x.model || shortNumber(r.tokens[j].word(r.text)) || inColumn(r.tokens[j].word(r.text), columns) {
				continue
			}
			head = false
			break
		}
		if head {
			return titleHead
		}
	}
	if first <= 3 {
		return titleEarly
	}
	for j := 1; j <= first; j++ {
		if j > 4 && (r.breaks(j) || strings.Contains(r.gap(j), ",")) {
			return titleTail
		}
	}
	return titleLate
}

func inColumn(w string, columns []*column) bool {
	for _, c := range columns {
		if !c.known && c.key != "" && len(w) > 1 && strings.Contains(c.key, w) {
			return true
		}
	}
	return false
}

// isYear tells a year from a model number: "new products for 2014".
func isYear(w string) bool {
	return len(w) == 4 && (w[:2] == "19" || w[:2] == "20") && w[2] >= '0' && w[2] <= '9' && w[3] >= '0' && w[3] <= '9'
}

func shortNumber(w string) bool { return len(w) <= 2 && hasDigit(w) }

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// word returns the folded text of the token.
func (t *token) word(text string) string {
	if t.folded != "" {
		return t.folded
	}
	return strings.ToLower(text[t.start:t.end])
}

// tokenAt finds the token that byte i of the text belongs to.
func (r *reading) tokenAt(i int) int {
	for j := range r.tokens {
		if int(r.tokens[j].end) > i {
			return j
		}
	}
	return len(r.tokens) - 1
}
