package search

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/offshelf/offshelf/internal/name"
)

//go:embed data/forms.txt
var formsText string

// form is a set of kinds of legal form.
type form uint16

// The kinds of legal form. A corporation is a word for a company that says
// little about its form and agrees with each other kind.
const (
	formLimited form = 1 << iota
	formPublic
	formCorporation
	formPartnership
	formState
	formAssociation
	formBranch
	formProprietor
)

var formNames = map[string]form{
	"limited": formLimited, "public": formPublic, "corporation": formCorporation, "partnership": formPartnership,
	"either": formLimited | formPublic, "state": formState, "association": formAssociation, "branch": formBranch, "proprietor": formProprietor,
}

// String names the kinds, for reasons.
func (f form) String() string {
	var out []string
	for _, n := range []string{"limited", "public", "corporation", "partnership", "state", "association", "branch", "proprietor"} {
		if f&formNames[n] != 0 {
			out = append(out, n)
		}
	}
	return strings.Join(out, "+")
}

// conflicts reports whether two names state forms that no one company has at
// once.
func (f form) conflicts(g form) bool {
	f, g = f&^formCorporation, g&^formCorporation
	return f != 0 && g != 0 && f&g == 0
}

// leading are the forms that stand before a name: the Russian order and its
// neighbours, the Indonesian, and the Romance ones that registers invert.
var leading = func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(`ooo oao zao pao nao ao jsc ojsc cjsc zjsc pjsc jsco pt cv ip fop fgup gup mup fsue fkp tov tzov too odo oaa
		pat prat chup rup srl sarl eurl uab sia oy ab kk ano npo nko the soe fgbu npf ltd llc`) {
		out[w] = true
	}
	return out
}()

// formTable holds the forms by their words joined with spaces, and the number
// of words of the longest.
var formTable = sync.OnceValues(func() (map[string]form, int) {
	out, longest := map[string]form{}, 1
	for line := range strings.Lines(formsText) {
		kind, rest, ok := strings.Cut(strings.TrimSpace(line), ":")
		f := formNames[kind]
		if !ok || f == 0 {
			continue
		}
		list := strings.Fields(rest)
		if strings.Contains(rest, ";") {
			list = strings.Split(rest, ";")
		}
		for _, entry := range list {
			entry = strings.TrimSpace(entry)
			if entry == "" {
				continue
			}
			if _, taken := out[entry]; !taken {
				out[entry] = f
			}
			longest = max(longest, strings.Count(entry, " ")+1)
		}
	}
	return out, longest
})

// personForm reports whether a word after a person's name can only be a legal
// form: the short ones are syllables of names as well.
func personForm(text string) bool {
	switch text {
	case "sa", "ag", "bv", "nv", "co", "kg":
		return true
	case "est", "ead", "sal", "sae", "saa", "gie", "sas", "ano", "too", "tov", "pat", "rup", "gup", "mup", "cie", "cia", "comp", "company", "private", "corporate", "sia", "sau", "spa", "dba", "fop", "nao", "zao", "pao", "oao", "branch", "filial", "filiale", "publ", "oko", "sca", "sti", "wll", "saic", "saci", "sharika", "sherkat", "limitada", "yk", "sprl", "asa", "aps", "kft", "epe", "ike", "cv":
		return false
	}
	return len(text) >= 3
}

// peel takes the legal forms off both ends of the words, as long as something
// is left, and says which they are.
func peel(words []word, kind Kind) ([]word, form) {
	table, longest := formTable()
	var found form
	keep := words[:0]
	for _, w := range words {
		if w.form != 0 {
			found |= w.form
			continue
		}
		keep = append(keep, w)
	}
	words = keep
	var buf [96]byte
	phrase := func(ws []word) (form, bool) {
		b := buf[:0]
		for i, w := range ws {
			if i > 0 {
				b = append(b, ' ')
			}
			if len(b)+len(w.text) > len(buf)-1 {
				return 0, false
			}
			b = append(b, w.text...)
		}
		f, ok := table[string(b)]
		return f, ok
	}
again:
	for n := len(words); n > 1; n = len(words) {
		// from the end, the longest first
		for k := min(longest, n-1); k >= 1; k-- {
			tail := words[n-k:]
			if !mayEndForm(tail[k-1].text) {
				break
			}
			if k == 1 && kind == Person && (!personForm(tail[0].text) || n < 3) {
				continue
			}
			if f, ok := phrase(tail); ok {
				found |= f
				words = words[:n-k]
				// "and Co": the "and" goes along
				for len(words) > 1 && words[len(words)-1].text == "and" {
					words = words[:len(words)-1]
				}
				continue again
			}
		}
		if kind == Person {
			break
		}
		for k := min(longest, n-1); k >= 1; k-- {
			if k == 1 && !leading[words[0].text] {
				continue
			}
			if f, ok := phrase(words[:k]); ok {
				found |= f
				words = words[k:]
				continue again
			}
		}
		break
	}
	return words, found
}

// formEnds are the last words of forms.
var formEnds = sync.OnceValue(func() map[string]bool {
	table, _ := formTable()
	out := map[string]bool{}
	for f := range table {
		out[f[strings.LastIndexByte(f, ' ')+1:]] = true
	}
	return out
})

func mayEndForm(text string) bool { return formEnds()[text] }

// shortForms are the legal forms of two to four letters, by length.
var shortForms = sync.OnceValue(func() (out [5][]string) {
	table, _ := formTable()
	for f := range table {
		if len(f) >= 2 && len(f) <= 4 && !strings.Contains(f, " ") {
			out[len(f)] = append(out[len(f)], f)
		}
	}
	return out
})

// formSlip reports whether the word at either end of a name can be a slip of a
// legal form that the other has: "Sudval VOO" beside "Sudval OOO", "Sudval Clo.,
// Ltd." beside "Sudval Co., Ltd.".
func (p *parsed) formSlip(i int, other form) bool {
	t := &p.tokens[i]
	n := len(t.text)
	if other == 0 || p.kind == Person || i > 0 && i < len(p.tokens)-1 || len(p.tokens) < 2 || t.class != plain || t.known || t.aside || t.han != "" || n < 2 || n > 5 {
		return false
	}
	if p.forms != 0 {
		return i > 0 && n == 3 && name.Within(t.text, "co")
	}
	table, _ := formTable()
	forms := shortForms()
	for size := max(n-1, 2); size <= min(n+1, 4); size++ {
		for _, f := range forms[size] {
			// Of two letters, one replaced makes any other two.
			if table[f]&other != 0 && name.Within(t.text, f) && (n > 2 || size > 2 || t.text[0] == f[1]) && (i > 0 || leading[f]) {
				return true
			}
		}
	}
	return false
}

// grammarSlip reports whether a word is a slip of a word of grammar that the
// other name has alone: "Army of teh South".
func (p *parsed) grammarSlip(i int, other *parsed, taken *[maxTokens]bool) bool {
	t := &p.tokens[i]
	if p.kind == Person || len(t.text) < 2 || len(t.text) > 4 || t.class != plain || t.known {
		return false
	}
	for j := range other.tokens {
		if u := &other.tokens[j]; u.class == particle && !taken[j] && len(u.text) > 2 && name.Within(t.text, u.text) {
			return true
		}
	}
	return false
}
