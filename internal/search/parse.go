package search

import (
	"math"
	"strconv"
	"strings"
)

// token is one word of a name with what it is worth.
type token struct {
	text         string // canonical, romanised
	folded       string // romanised; only of names that were parsed
	raw          string // as written
	han          string // as written, in scripts without letters
	weight       float32
	class        class
	given        uint16 // number of the given name, 0 for none; persons only
	known        bool   // a word that is in use: a slip is the less likely explanation of a difference
	aside        bool   // in parentheses
	filial       bool   // follows "bin": the father's name
	foreign      bool   // romanised from another script
	slip         bool   // a word of business with a slip, read as what it was meant for
	abbreviation bool   // was written letter by letter: A.B.C.
	strict       bool   // an ordinal or a number after "No."
	head         bool   // the first word of the name that is worth something
}

// parsed is a name made ready to be compared.
type parsed struct {
	kind   Kind
	tokens []token
	forms  form
	key    uint64 // hash of the folded words, forms and all; 0 for none
	words  []word // scratch
}

// weights of the classes; a plain word weighs by its rarity.
const (
	weightParticle   = 0.05
	weightTitle      = 0.05
	weightNumber     = 0.50
	weightInitial    = 0.35
	capGeneric       = 0.30
	capPlace         = 0.40
	asideFactor      = 0.6
	dictionaryFactor = 0.75 // a word of the language names many firms that no list knows
)

// rarity is the weight of a word that stands in df of total names: the
// logarithm that information retrieval calls inverse document frequency, scaled
// so that an unseen word weighs 1.
func rarity(df, total int) float32 {
	n := float64(max(total, 1000))
	w := math.Log(n/(float64(df)+0.5)) / math.Log(n/0.5)
	return float32(min(max(w, 0.1), 1))
}

// parse makes a name ready. The slices of p are used again.
func (p *parsed) parse(s string, kind Kind) {
	p.words = split(s, p.words)
	p.read(kind)
}

// read is parse for words that are split.
func (p *parsed) read(kind Kind) {
	words := p.words
	if kind == Any {
		kind = guess(words)
	}
	p.kind = kind
	words = dotted(words, kind)
	p.key = keyOf(words)
	words = glued(words, kind)
	if kind != Person {
		correct(words)
	}
	words, p.forms = peel(words, kind)
	p.tokens = p.tokens[:0]
	total := countTotals()
	for i := 0; i < len(words) && len(p.tokens) < maxTokens; i++ {
		w := &words[i]
		t := token{text: w.text, folded: w.text, raw: w.raw, han: w.han, aside: w.aside && i > 0, foreign: w.foreign, slip: w.slip, abbreviation: w.letters}
		if w.text == "" || isNumberMark(words, i) {
			continue
		}
		t.strict = w.sep == '#' || i > 0 && isNumberMark(words, i-1)
		p.classify(&t, words, i)
		p.weigh(&t, total)
		p.tokens = append(p.tokens, t)
	}
	p.finish()
}

// keyOf hashes the folded words (FNV-1a): the same for names that differ in
// case, accents, script, punctuation and nothing else.
func keyOf(words []word) uint64 {
	if len(words) == 0 {
		return 0
	}
	h := uint64(14695981039346656037)
	for i := range words {
		text := words[i].text
		if words[i].han != "" {
			text = words[i].han
		}
		for j := 0; j < len(text); j++ {
			h = (h ^ uint64(text[j])) * 1099511628211
		}
		h = (h ^ ' ') * 1099511628211
	}
	return h | 1
}

// finish sets what depends on the neighbours.
func (p *parsed) finish() {
	worth := false
	for i := range p.tokens {
		t := &p.tokens[i]
		if i > 0 {
			before := p.tokens[i-1].text
			t.filial = p.kind == Person && t.class != particle && (before == "bin" || before == "al" && i > 1 && p.tokens[i-2].text == "bin")
		}
		if t.aside {
			t.weight *= asideFactor
		}
		if !worth && t.class == plain && t.weight > 0.2 {
			t.head, worth = true, true
		}
	}
}

// isNumberMark reports whether a word is the "No." of a number that follows.
func isNumberMark(words []word, i int) bool {
	switch words[i].text {
	case "no", "nr", "number", "num":
		return i+1 < len(words) && isDigits(words[i+1].text)
	}
	return false
}

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// classify finds the canonical word and the class.
func (p *parsed) classify(t *token, words []word, i int) {
	w := &words[i]
	switch {
	case isDigits(t.text):
		t.class = number
		if s := strings.TrimLeft(t.text, "0"); s != "" {
			t.text = s
		}
		return
	case ordinal(t.text) != "":
		t.text, t.class, t.strict = ordinal(t.text), number, true
		return
	case p.kind != Person && i > 0 && romans[w.raw] != "" && (len(w.raw) > 2 || w.raw == "II" || i == len(words)-1):
		t.text, t.class = romans[w.raw], number
		return
	}
	if p.kind == Person {
		if m, ok := personWords()[t.text]; ok {
			if m.class != title || i == 0 || t.text != "general" {
				t.text, t.class = m.canonical, m.class
			}
			if len(w.text) == 1 && w.sep != '-' && (w.sep == '.' || strings.ToUpper(w.raw) == w.raw) {
				t.text, t.class = w.text, initial
			}
			return
		}
		if len(t.text) == 1 && t.han == "" {
			t.class = initial
			return
		}
		t.given = givenNames()[t.text]
		return
	}
	if m, ok := companyWords()[t.text]; ok {
		t.text, t.class = m.canonical, m.class
		if m.class == number {
			t.strict = true
		}
		return
	}
	if p.kind == Vessel && i == 0 && len(words) > 1 && vesselTitle[t.text] {
		t.class = title
	}
}

// vesselTitle are the words that stand before the names of vessels.
var vesselTitle = map[string]bool{"mv": true, "mt": true, "ms": true, "ss": true, "mts": true, "fv": true, "vessel": true, "tanker": true, "lpg": true, "lng": true}

// weigh sets the weight by class and rarity.
func (p *parsed) weigh(t *token, total count) {
	switch t.class {
	case particle:
		t.weight, t.known = weightParticle, true
		return
	case title:
		t.weight, t.known = weightTitle, true
		return
	case number:
		t.weight, t.known = weightNumber, true
		return
	case initial:
		t.weight = weightInitial
		return
	}
	c := countOf(t.text)
	if p.kind == Person {
		t.weight = rarity(c.person, total.person)
		t.known = c.person > 2 || t.given != 0
		return
	}
	t.weight = rarity(c.company, total.company)
	t.known = c.dictionary || c.company > 4
	if len(t.text) == 1 {
		t.weight = min(t.weight, weightInitial)
	}
	if c.dictionary {
		t.weight *= dictionaryFactor
	}
	switch t.class {
	case generic, body:
		t.weight, t.known = min(t.weight, capGeneric), true
	case place:
		t.weight, t.known = min(t.weight, capPlace), true
	}
}

// ordinal returns the digits of 54th, 1st.
func ordinal(s string) string {
	n := len(s) - 2
	if n < 1 || !isDigits(s[:n]) {
		return ""
	}
	switch s[n:] {
	case "st", "nd", "rd", "th":
		return s[:n]
	}
	return ""
}

// romans are the Roman numerals from 1 to 39, in capitals.
var romans = func() map[string]string {
	out := map[string]string{}
	ones := []string{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"}
	for t := range 4 {
		for o, s := range ones {
			if n := 10*t + o; n > 0 {
				out[strings.Repeat("X", t)+s] = strconv.Itoa(n)
			}
		}
	}
	return out
}()

// dotted joins the letters of an abbreviation: A.B.C. is abc, S.A.R.L. is
// sarl. The initials of a person stay apart.
func dotted(words []word, kind Kind) []word {
	if kind == Person {
		// Only the letters of a legal form at the end are joined.
		n := len(words)
		k := n
		for k > 0 && len(words[k-1].text) == 1 && words[k-1].han == "" {
			k--
			if words[k].sep != '.' {
				break
			}
		}
		if n-k >= 2 {
			joined := ""
			for _, w := range words[k:] {
				joined += w.text
			}
			table, _ := formTable()
			if _, ok := table[joined]; ok && k >= 2 {
				words[k].text, words[k].raw = joined, joined
				return words[:k+1]
			}
		}
		return words
	}
	out := words[:0]
	for i := 0; i < len(words); {
		j := i + 1
		if len(words[i].text) <= 2 && words[i].han == "" && !isDigits(words[i].text) {
			for j < len(words) && len(words[j].text) == 1 && words[j].sep == '.' && !isDigits(words[j].text) {
				j++
			}
		}
		if j-i == 1 {
			out = append(out, words[i])
			i++
			continue
		}
		w := words[i]
		w.text, w.raw, w.letters = "", "", true
		for _, x := range words[i:j] {
			w.text += x.text
			w.raw += x.raw
		}
		out = append(out, w)
		i = j
	}
	return out
}

// glued takes a legal form apart from the name that it was written to, where
// the case of the letters shows it: SiemensAG.
func glued(words []word, kind Kind) []word {
	if kind == Person {
		return words
	}
	table, _ := formTable()
	for i := range words {
		w := words[i]
		if w.split == 0 || w.split >= len(w.text) {
			continue
		}
		if _, ok := table[w.text[w.split:]]; !ok {
			continue
		}
		out := make([]word, 0, len(words)+1)
		out = append(out, words[:i]...)
		a, b := w, w
		a.text, b.text = w.text[:w.split], w.text[w.split:]
		if w.split <= len(w.raw) {
			a.raw, b.raw = w.raw[:w.split], w.raw[w.split:]
		}
		a.split, b.split, b.sep = 0, 0, ' '
		out = append(out, a, b)
		return append(out, words[i+1:]...)
	}
	return words
}

// guess tells a company from a person by its words.
func guess(words []word) Kind {
	if vote, business := lean(words); business || len(words) < 2 || vote >= 0 {
		return Company
	}
	return Person
}

// lean tells whether a legal form or a word of business decides what the name
// is; else how often the lists use the words in either kind, as the logarithm
// of the odds, below nought for a person.
func lean(words []word) (vote float64, business bool) {
	table, _ := formTable()
	total := countTotals()
	prior := math.Log(float64(total.company+1) / float64(total.person+1))
	for i, w := range words {
		if w.form != 0 {
			return 0, true
		}
		if f, ok := table[w.text]; ok && f != 0 && (i == len(words)-1 || i == 0 && leading[w.text]) && len(words) > 1 && personForm(w.text) {
			return 0, true
		}
		if m, ok := companyWords()[w.text]; ok && (m.class == generic || m.class == body) {
			return 0, true
		}
		if m, ok := personWords()[w.text]; ok && m.class == title {
			vote -= 2
		}
		c := countOf(w.text)
		if c.company+c.person > 0 {
			vote += math.Log((float64(c.company)+0.5)/(float64(c.person)+0.5)) - prior
		}
		if givenNames()[w.text] != 0 {
			vote -= 1
		}
	}
	return vote, false
}
