package attribute

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode"

	"github.com/offshelf/offshelf"
)

// models matches the model-number tells. A bitmap over the first three
// characters of a word turns away nearly every word before a regular
// expression is tried; expressions are compiled when first needed.
type models struct {
	start   [1 << 12]uint64 // bitmap over 18 bits: three symbols of six bits
	tells   []modelTell
	byStart map[uint32][]int32 // three symbols → indexes in tells
	wide    []int32            // weak tells with too many starts to index
}

type modelTell struct {
	tell    int32
	alone   bool // it can bring a product up by itself
	compile func() *regexp.Regexp
}

// symbol maps a character to six bits: letters, digits, hyphen and the rest.
func symbol(c byte) uint32 {
	l := lower[c]
	switch {
	case l >= 'a':
		return uint32(l-'a') + 1
	case l >= '0':
		return uint32(l-'0') + 27
	case c == '-':
		return 37
	}
	return 0
}

func compileModels(tells []offshelf.Tell, goesAlone func(offshelf.Tell) bool) *models {
	m := &models{byStart: map[uint32][]int32{}}
	for i, t := range tells {
		if t.Kind != offshelf.TellModel {
			continue
		}
		pattern := "(?i)" + t.Pattern
		m.tells = append(m.tells, modelTell{int32(i), goesAlone(t), sync.OnceValue(func() *regexp.Regexp {
			return regexp.MustCompile(pattern)
		})})
		at := int32(len(m.tells) - 1)
		starts := prefixes(t.Pattern)
		if !m.tells[at].alone && len(starts) > maxStarts {
			m.wide = append(m.wide, at)
			continue
		}
		for _, p := range starts {
			if list := m.byStart[p]; len(list) == 0 || list[len(list)-1] != at {
				m.byStart[p] = append(list, at)
			}
			if m.tells[at].alone {
				m.start[p>>6] |= 1 << (p & 63)
			}
		}
	}
	return m
}

// maxStarts is how many starts of a weak tell's pattern are indexed; one with
// more is tried on every model number, which only products with a candidate
// pay for.
const maxStarts = 200

// mayStart reports whether a model number that some tell matches may begin at
// byte i of text. A word inside a longer model number is not a beginning.
func (m *models) mayStart(text string, i int) bool {
	if i+3 > len(text) || (i > 0 && (text[i-1] == '-' || text[i-1] == '_')) {
		return false
	}
	k := startOf(text[i:])
	return m.start[k>>6]>>(k&63)&1 != 0
}

// betrays reports whether the model number that text begins with matches a
// tell that can stand alone.
func (m *models) betrays(text string) bool {
	n, digit := 0, false
	for n < len(text) && n <= maxModel && (lower[text[n]] != 0 || isModelMark(text[n])) {
		digit = digit || text[n] >= '0' && text[n] <= '9'
		n++
	}
	if !digit || n > maxModel {
		return false
	}
	for _, i := range m.byStart[startOf(text)] {
		if t := &m.tells[i]; t.alone && t.compile().MatchString(text[:n]) {
			return true
		}
	}
	return false
}

// maxModel is how long a model number may be.
const maxModel = 40

// startOf packs the first three symbols of s, which has at least three.
func startOf(s string) uint32 {
	return symbol(s[0])<<12 | symbol(s[1])<<6 | symbol(s[2])
}

// prefixes enumerates the first three symbols that a match of the pattern can
// have. A pattern too open to enumerate admits every start.
func prefixes(pattern string) []uint32 {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	heads := expand(re.Simplify(), []string{""})
	var keys []uint32
	for _, h := range heads {
		keys = append(keys, fill(h)...)
	}
	return keys
}

// fill turns a prefix of up to three characters into all its keys.
func fill(h string) []uint32 {
	h, _, _ = strings.Cut(h, "\x00")
	keys := []uint32{0}
	for i := range 3 {
		var grown []uint32
		for _, k := range keys {
			if i < len(h) {
				grown = append(grown, k<<6|symbol(h[i]))
				continue
			}
			for s := range uint32(38) {
				grown = append(grown, k<<6|s)
			}
		}
		keys = grown
	}
	return keys
}

// expand extends each head by what re can begin with, until three characters
// are known. A head that ends in "\x00" is closed: nothing more is known.
func expand(re *syntax.Regexp, heads []string) []string {
	grow := func(next func(h string) []string) []string {
		var out []string
		for _, h := range heads {
			if len(h) >= 3 || strings.HasSuffix(h, "\x00") {
				out = append(out, h)
				continue
			}
			out = append(out, next(h)...)
		}
		return out
	}
	closed := func(h string) []string { return []string{h + "\x00"} }
	var out []string
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpBeginLine, syntax.OpWordBoundary, syntax.OpEndText, syntax.OpEndLine:
		return heads
	case syntax.OpLiteral:
		out = heads
		for _, r := range re.Rune {
			heads = out
			r := unicode.ToLower(r)
			out = grow(func(h string) []string { return []string{h + string(r)} })
		}
		return out
	case syntax.OpCharClass:
		n := 0
		for i := 0; i < len(re.Rune); i += 2 {
			n += int(re.Rune[i+1]-re.Rune[i]) + 1
		}
		return grow(func(h string) []string {
			if n > 40 {
				return closed(h)
			}
			var all []string
			for i := 0; i < len(re.Rune); i += 2 {
				for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
					all = append(all, h+string(unicode.ToLower(r)))
				}
			}
			return all
		})
	case syntax.OpCapture:
		return expand(re.Sub[0], heads)
	case syntax.OpConcat:
		for _, s := range re.Sub {
			heads = expand(s, heads)
		}
		return heads
	case syntax.OpAlternate:
		for _, s := range re.Sub {
			out = append(out, expand(s, heads)...)
		}
		return out
	case syntax.OpQuest:
		return append(expand(re.Sub[0], heads), heads...)
	case syntax.OpStar, syntax.OpPlus:
		if re.Op == syntax.OpStar {
			out = append(out, heads...)
		}
		for range 3 { // three symbols need no more turns than that
			heads = expand(re.Sub[0], heads)
			out = append(out, heads...)
		}
		return out
	}
	return grow(closed)
}

// ModelTokens appends the words of the product that may be model numbers:
// whole runs of letters, digits and the characters - _ / + . that hold a
// digit.
func ModelTokens(dst []string, p *offshelf.Product) []string {
	for _, text := range [...]string{p.Model, p.MPN, p.Title} {
		dst = modelTokens(dst, text)
	}
	return dst
}

func modelTokens(dst []string, text string) []string {
	for i := 0; i < len(text); {
		for i < len(text) && lower[text[i]] == 0 {
			i++
		}
		j, digit := i, false
		for j < len(text) && (lower[text[j]] != 0 || isModelMark(text[j])) {
			digit = digit || text[j] >= '0' && text[j] <= '9'
			j++
		}
		if digit && j-i >= 3 && j-i <= maxModel {
			dst = append(dst, strings.TrimRight(text[i:j], "-_/+."))
		}
		i = j + 1
	}
	return dst
}

func isModelMark(c byte) bool { return c == '-' || c == '_' || c == '/' || c == '+' || c == '.' }
