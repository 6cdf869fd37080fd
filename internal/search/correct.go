package search

import (
	"strings"
	"sync"

	"github.com/offshelf/offshelf/internal/name"
)

// shortest is the length from which a word of business can be told with a slip
// in it.
const shortest = 5

// slipTable finds the words of business, places and words of legal forms that
// are one slip away: the words with each letter left out, by hash (a deletion
// dictionary, Mor and Fraenkel 1982).
type slipTable struct {
	words []string
	at    map[uint32][]uint16
}

var slipWords = sync.OnceValue(func() *slipTable {
	t := &slipTable{at: make(map[uint32][]uint16, 1<<14)}
	seen := map[string]bool{}
	add := func(w string) {
		if len(w) < shortest || len(w) > maxLetter || seen[w] {
			return
		}
		seen[w] = true
		id := uint16(len(t.words))
		t.words = append(t.words, w)
		eachDeletion(w, func(h uint32) { t.at[h] = append(t.at[h], id) })
	}
	for w, m := range companyWords() {
		if m.class == generic || m.class == body || m.class == place {
			add(w)
		}
	}
	forms, _ := formTable()
	for f := range forms {
		for w := range strings.FieldsSeq(f) {
			add(w)
		}
	}
	return t
})

// eachDeletion calls f with hashes of a word and of the word without each of
// its letters.
func eachDeletion(w string, f func(uint32)) {
	f(hashText(w))
	for i := range len(w) {
		if i > 0 && w[i] == w[i-1] {
			continue
		}
		h := uint32(2166136261)
		for j := range len(w) {
			if j != i {
				h = (h ^ uint32(w[j])) * 16777619
			}
		}
		f(h ^ h>>15)
	}
}

// meant returns the word of business that an unknown word is one slip from, or
// "" where there is none or it is in use itself.
func meant(w string) string {
	if len(w) < shortest || len(w) > maxLetter {
		return ""
	}
	if _, ok := companyWords()[w]; ok || formWords()[w] || countOf(w) != (count{}) {
		return ""
	}
	t := slipWords()
	best := ""
	eachDeletion(w, func(h uint32) {
		for _, id := range t.at[h] {
			if c := t.words[id]; (best == "" || c < best) && name.Within(w, c) {
				best = c
			}
		}
	})
	return best
}

// formWords are the single words of legal forms.
var formWords = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	forms, _ := formTable()
	for f := range forms {
		for w := range strings.FieldsSeq(f) {
			out[w] = true
		}
	}
	return out
})

// correct reads words of business with a slip as what they were meant for. A
// word that may be all that the name is known by is left alone, unless it is so
// long that chance does not bring it that near.
func correct(words []word) {
	if len(words) < 2 {
		return
	}
	own := 0 // words that are of no business
	for i := range words {
		if isOwn(&words[i]) {
			own++
		}
	}
	forms := formWords()
	for i := range words {
		w := &words[i]
		if w.han != "" || !isOwn(w) {
			continue
		}
		if w.foreign {
			// Of another script, only the long words of legal forms are sure.
			if m := meant(w.text); len(w.text) >= 8 && forms[m] {
				w.text, w.slip = m, true
				own--
			}
			continue
		}
		least := shortest
		if own < 2 {
			least = 6
			if i == 0 {
				least = 8
			}
		}
		if len(w.text) < least {
			// "Co., Ltpd": the last of two forms is never a name
			if i == len(words)-1 && i > 1 && forms[words[i-1].text] && len(w.text) > 2 && own > 1 && name.Within(w.text, "ltd") {
				w.text, w.slip = "ltd", true
			}
			continue
		}
		if m := meant(w.text); m != "" {
			w.text, w.slip = m, true
			own--
		}
	}
}

// isOwn reports whether a word is a plain one.
func isOwn(w *word) bool {
	if w.form != 0 || w.known || len(w.text) < 2 || isDigits(w.text) || formWords()[w.text] {
		return false
	}
	_, ok := companyWords()[w.text]
	return !ok
}
