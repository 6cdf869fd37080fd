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
	goods  classes // whose words stand in it, and the broader ones; accessory classes left out
	kinds  []match // decisive words of goods classes
	vetoed classes // those that a phrase of it speaks against

	accessory bool       // its head noun is made for another product
	cue       int        // first token of the first cue that says what it is for; -1: none
	brandHead int32      // the brand that it begins with; -1: none
	ordinary  string     // the brand of no interest that it begins with
	lists     [][2]int32 // runs of names of several makers: first and last token
}

// word is what is known of one token.
type word struct {
	lead, breaker, model bool
	brand                bool
	noun                 int8    // 1: goods, 2: accessory
	of                   classes // whose goods it names
	phrase               bool    // of an accessory in several words, such as "landing pad"
	cue                  kind    // of the longest cue that ends here
	cueFirst             int32
	line                 bool // part of a product line's name
	reference            bool // a cue that follows a brand begins here
	referenceEnd         bool // and ends here
	imitation            bool // one that must follow directly
}

// read analyses a title. It is only called for the few products with a
// candidate.
func (w *Worker) read(text string) *reading {
	m := w.m
	w.scan.all(m.names, text)
	r := &reading{
		text: text, tokens: append([]token(nil), w.scan.tokens...), names: w.scan.outermost(),
		words: make([]word, len(w.scan.tokens)), cue: -1, brandHead: -1,
	}
	for _, x := range r.names {
		if x.kind == isBrand || x.kind == isNot || x.kind == isOrdinary {
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
			r.words[x.first].reference, r.words[x.last].referenceEnd = true, true
		case isImitation:
			r.words[x.first].reference, r.words[x.last].referenceEnd, r.words[x.first].imitation = true, true, true
		case isLine:
			for i := x.first; i <= x.last; i++ {
				r.words[i].line = true
			}
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
				r.goods = r.goods.or(m.upward[x.id])
			}
			for i := x.first; i <= x.last; i++ {
				r.words[i].noun = noun
				r.words[i].of.add(x.id)
				r.words[i].phrase = noun == 2 && x.last > x.first
			}
		case isKind:
			r.kinds = append(r.kinds, x)
		case isNoKind:
			r.vetoed.add(x.id)
		}
	}
	w.compounds(r)
	r.accessory = r.headNoun() == 2
	r.findHead()
	r.findLists(m)
	return r
}

// compounds finds the goods whose word is the end of a longer one.
func (w *Worker) compounds(r *reading) {
	for i := range r.words {
		if r.words[i].noun != 0 || r.words[i].brand || r.words[i].model {
			continue
		}
		word := r.tokens[i].word(r.text)
		for _, t := range w.m.endings {
			if len(word) > len(t.key)+2 && strings.HasSuffix(word, t.key) {
				r.words[i].noun = 2
				if !w.m.goods[t.class].Accessory {
					r.words[i].noun = 1
					r.goods = r.goods.or(w.m.upward[t.class])
					r.words[i].of.add(t.class)
				}
				break
			}
		}
	}
}

// findHead finds the name that the title begins with.
func (r *reading) findHead() {
	for i := range r.words {
		if r.words[i].lead || r.words[i].model && !r.words[i].brand {
			continue
		}
		for _, x := range r.names {
			switch {
			case int(x.first) != i:
			case x.kind == isBrand:
				r.brandHead = x.id
			case x.kind == isOrdinary:
				r.ordinary = r.text[r.tokens[x.first].start:r.tokens[x.last].end]
			}
		}
		return
	}
}

// findLists finds runs of three names or more, of makers that have nothing to
// do with each other: what fits several makers' goods is of none of them.
func (r *reading) findLists(m *Matcher) {
	for i := 0; i < len(r.names); i++ {
		j, makers := i, 1
		for ; j+1 < len(r.names) && r.adjacent(r.names[j], r.names[j+1]); j++ {
			if a, b := r.names[j], r.names[j+1]; !sameMaker(m, r.text, r.tokens, a, b) {
				makers++
			}
		}
		if makers >= 3 {
			r.lists = append(r.lists, [2]int32{r.names[i].first, r.names[j].last})
		}
		i = j
	}
}

func sameMaker(m *Matcher, text string, tokens []token, a, b match) bool {
	if a.kind == isBrand && b.kind == isBrand {
		return m.related(a.id, b.id)
	}
	return a.kind == b.kind && tokens[a.first].word(text) == tokens[b.first].word(text)
}

// adjacent reports whether only model numbers and product lines stand between
// two names.
func (r *reading) adjacent(a, b match) bool {
	if a.kind != isBrand && a.kind != isOrdinary || b.kind != isBrand && b.kind != isOrdinary {
		return false
	}
	if b.first <= a.last {
		return false // two meanings of one name
	}
	for j := a.last + 1; j < b.first; j++ {
		if x := r.words[j]; x.noun != 0 || !x.model && !x.line {
			return false
		}
	}
	return !strings.Contains(r.gap(int(b.first)), " - ")
}

// listed reports whether token i stands in a list of makers' names.
func (r *reading) listed(i int32) bool {
	for _, l := range r.lists {
		if l[0] <= i && i <= l[1] {
			return true
		}
	}
	return false
}

// headNoun finds the noun that says what the product is: in English the last
// one of the first phrase, before "for", "with" or a break. 0: none.
func (r *reading) headNoun() int8 {
	var last int8
	for i := range r.words {
		if i > 0 && last != 0 && (i == r.cue || r.breaks(i)) {
			break
		}
		n := r.words[i].noun
		if n == 1 && last == 2 && hasDigit(r.tokens[i].word(r.text)) {
			continue // "bracket 1080p" is a bracket
		}
		if n != 0 && !(r.words[i].breaker && r.cue >= 0 && i > r.cue) {
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
		if x.cue == isCompare && unknown > 2 {
			return 0
		}
		if x.cue != 0 {
			return x.cue
		}
		if x.referenceEnd && (unknown == 0 || unknown <= 3 && r.opens(j)) {
			return isReference // "compatible Lexmark toner", "compatible high yield toner Lexmark"
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
	noun := false
	for j := last + 1; j < len(r.words) && j <= last+6; j++ {
		if r.breaks(j) {
			return false
		}
		x := r.words[j]
		if x.reference {
			return !(x.imitation && noun) &&
				(j+1 >= len(r.words) || !isPreposition(r.tokens[j+1].word(r.text)))
		}
		if !x.brand && !x.model && !x.line && !x.lead && x.noun == 0 {
			return false
		}
		noun = noun || x.noun != 0
	}
	return false
}

// opens reports whether only words that may lead a title stand before token i.
func (r *reading) opens(i int) bool {
	for j := i - 1; j >= 0 && !r.breaks(j+1); j-- {
		if x := r.words[j]; !x.lead && !x.model && !x.referenceEnd {
			return false
		}
	}
	return true
}

// behindAccessory reports whether goods made for another product are named
// shortly before token first: "wall mount Hikvision". What is said to come with
// the product does not count.
func (r *reading) behindAccessory(first int) bool {
	for j := range first {
		if r.words[j].phrase {
			return true // a title that begins "landing pad" is about one, whatever follows
		}
		if !r.words[j].lead && !r.words[j].model {
			break
		}
	}
	found := false
	for j := first - 1; j >= 0 && !r.breaks(j+1); j-- {
		switch n := r.words[j].noun; {
		case n == 2:
			found = true
		case found:
			return r.words[j].cue == 0
		case n == 1 || first-j > 3:
			return false
		}
	}
	return found
}

func isPreposition(w string) bool {
	switch w {
	case "with", "to", "for", "con", "avec", "mit", "com", "para", "pour", "w", "zu", "met", "z", "dengan":
		return true
	}
	return false
}

// position tells where a name stands.
func (r *reading) position(first, last int, columns ...*column) feature {
	if first <= len(r.tokens) {
		head := true
		for j := range first {
			if x := r.words[j]; x.lead || x.model && !x.brand || shortNumber(r.tokens[j].word(r.text)) || inColumn(r.tokens[j].word(r.text), columns) {
				continue
			}
			head = false
			break
		}
		if head {
			return titleHead
		}
	}
	if first <= 3 || last == len(r.tokens)-1 && !strings.Contains(r.gap(first), ",") {
		return titleEarly // "8 port switch - tp-link", as good as at the start
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
