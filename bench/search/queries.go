package main

import (
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/offshelf/offshelf/internal/search"
)

// query is a name with errors put in, and the party that it was taken from.
type query struct {
	text  string
	kind  search.Kind
	party string
	from  listed
	slips int
	words string // dropped, swapped, translated or none
}

// keys are the neighbours on the keyboard.
var keys = map[rune]string{
	'q': "wa", 'w': "qes", 'e': "wrd", 'r': "etf", 't': "ryg", 'y': "tuh", 'u': "yij", 'i': "uok", 'o': "ipl", 'p': "ol", 'a': "qsz", 's': "awdx", 'd': "sefc",
	'f': "drgv", 'g': "fthb", 'h': "gyjn", 'j': "hukm", 'k': "jil", 'l': "kop", 'z': "asx", 'x': "zsc", 'c': "xdv", 'v': "cfb", 'b': "vgn", 'n': "bhm", 'm': "njk",
}

// slip puts one error of typing into a word of the name: a letter left out,
// put in, replaced by a neighbour or by any, or swapped with the next. It
// chooses among the letters, so that long words have more.
func slip(rng *rand.Rand, s string) string {
	r := []rune(s)
	var at []int
	for i, c := range r {
		if unicode.IsLetter(c) {
			at = append(at, i)
		}
	}
	if len(at) < 3 {
		return s
	}
	i := at[rng.IntN(len(at))]
	like := func(c rune) rune {
		if unicode.IsUpper(r[i]) {
			return unicode.ToUpper(c)
		}
		return c
	}
	letter := func() rune {
		if r[i] >= 0x80 {
			return r[at[rng.IntN(len(at))]] // of the script of the name
		}
		return like(rune('a' + rng.IntN(26)))
	}
	switch rng.IntN(4) {
	case 0:
		return string(r[:i]) + string(r[i+1:])
	case 1:
		return string(r[:i]) + string(letter()) + string(r[i:])
	case 2:
		if n := keys[unicode.ToLower(r[i])]; n != "" && rng.IntN(2) == 0 {
			return string(r[:i]) + string(like(rune(n[rng.IntN(len(n))]))) + string(r[i+1:])
		}
		return string(r[:i]) + string(letter()) + string(r[i+1:])
	}
	if i+1 < len(r) && unicode.IsLetter(r[i+1]) {
		r[i], r[i+1] = r[i+1], r[i]
	}
	return string(r)
}

// translations put a word of another language for one of business.
var translations = map[string][]string{
	"technology": {"Technologies", "Tekhnologii", "Teknoloji", "Technologie"}, "trading": {"Trade", "Ticaret", "Handel"}, "industry": {"Industrial", "Sanayi", "Industrie"},
	"plant": {"Zavod", "Factory", "Fabrik"}, "institute": {"Institut", "Instituto"}, "research": {"Forschung", "Kenkyu"}, "electronics": {"Elektronik", "Electronic"},
	"bank": {"Banco", "Banque"}, "company": {"Co", "Compania", "Kompaniya"}, "limited": {"Ltd", "LLC"}, "shipping": {"Reederei", "Navigation"}, "group": {"Gruppe", "Grupo"},
	"international": {"Internacional", "Intl"}, "corporation": {"Corp", "Inc"}, "engineering": {"Ingenieria", "Muhendislik"}, "oil": {"Petrol"}, "company's": {"Company"},
	"limited.": {"Ltd."}, "industries": {"Industry", "Industria"}, "technologies": {"Technology", "Tecnologia"}, "development": {"Desarrollo", "Entwicklung"},
	"muhammad": {"Mohammed", "Mohamed"}, "mohammad": {"Muhammad", "Mohamed"}, "ahmad": {"Ahmed"}, "hasan": {"Hassan"}, "husayn": {"Hussein", "Hossein"}, "ali": {"Aly"},
	"sergei": {"Sergey", "Serhii"}, "aleksandr": {"Alexander", "Oleksandr"}, "andrei": {"Andrey"}, "yuri": {"Iurii"}, "jose": {"José"}, "dmitry": {"Dmitri", "Dmytro"},
}

// change drops, swaps or translates one word. It returns what it did.
func change(rng *rand.Rand, s string) (string, string) {
	words := strings.Fields(s)
	if len(words) < 2 {
		return s, "none"
	}
	switch rng.IntN(3) {
	case 0:
		if len(words) < 3 {
			return s, "none"
		}
		i := rng.IntN(len(words))
		return strings.Join(append(words[:i:i], words[i+1:]...), " "), "dropped"
	case 1:
		i := rng.IntN(len(words) - 1)
		words[i], words[i+1] = words[i+1], words[i]
		return strings.Join(words, " "), "swapped"
	}
	for _, i := range rng.Perm(len(words)) {
		if t := translations[strings.ToLower(words[i])]; t != nil {
			words[i] = t[rng.IntN(len(t))]
			return strings.Join(words, " "), "translated"
		}
	}
	return s, "none"
}

// makeQueries takes names at random: a quarter each with 0 to 3 slips, and in
// half of them a word dropped, swapped or translated.
func makeQueries(names []listed, n int, seed uint64) []query {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := make([]query, 0, n)
	for i := range n {
		l := names[rng.IntN(len(names))]
		q := query{text: l.name, kind: l.kind, party: l.party, from: l, slips: i % 4, words: "none"}
		if i/4%2 == 1 {
			q.text, q.words = change(rng, q.text)
		}
		for range q.slips {
			q.text = slip(rng, q.text)
		}
		out = append(out, q)
	}
	return out
}
