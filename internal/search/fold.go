package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"

	"github.com/offshelf/offshelf/internal/name"
)

// Bounds of what is read of a name. The longest printed name of the official
// lists has some 200 letters; what stands behind the bound is not compared.
const (
	maxBytes  = 1024 // of a name
	maxTokens = 28   // words of a name
	maxLetter = 40   // letters of a word
)

// word is a run of letters and digits of a name, folded to lower-case ASCII.
type word struct {
	text    string
	raw     string // as written
	han     string // as written, where the script has no letters: Han, Hangul
	form    form   // a legal form that the script writes as one, else 0
	split   int    // length of the first part where the case changes within the word: "SiemensAG"
	sep     byte   // what stands before it: one of " .-&(#" and 0 at the start; "#" is a number sign
	aside   bool   // in parentheses
	foreign bool   // of another script than Latin
	slip    bool   // corrected
	letters bool   // joined from letters with dots
	known   bool   // canonical already: a translation
}

// split cuts a name into its folded words. Each script is romanised: Han by
// the words that companies bear and else by syllables, all others letter by
// letter. Letters of look-alike scripts within a Latin word are those of the
// Latin word (UTS #39).
func split(s string, into []word) []word {
	if len(s) > maxBytes {
		n := maxBytes
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	out := into[:0]
	if !isASCII(s) {
		s = norm.NFKC.String(s)
	}
	depth := 0
	sep := byte(0)
	for i := 0; i < len(s) && len(out) < 4*maxTokens; {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case isLetter(r):
			end := i + size
			for end < len(s) {
				r, size := rune(s[end]), 1
				if r >= utf8.RuneSelf {
					r, size = utf8.DecodeRuneInString(s[end:])
				}
				if isLetter(r) {
					end += size
					continue
				}
				// An apostrophe within a word, or a mark of the Arabic or Hawaiian
				// kind, is a letter or nothing: Ba'asyir, Sana‘a.
				if isApostrophe(r) && end+size < len(s) {
					if next, _ := utf8.DecodeRuneInString(s[end+size:]); isLetter(next) {
						end += size
						continue
					}
				}
				break
			}
			out = fold(out, s[i:end], sep, depth > 0)
			sep = ' '
			i = end
			continue
		case r == '(' || r == '[':
			depth++
			sep = '('
		case r == ')' || r == ']':
			depth = max(depth-1, 0)
			sep = ' '
		case r == '.':
			if sep != ' ' || i == 0 || !isLetterBefore(s, i) {
				sep = ' '
			} else {
				sep = '.'
			}
		case r == '№' || r == '#':
			sep = '#'
		case r == '&' || r == '+':
			out = append(out, word{text: "and", raw: "&", sep: ' ', aside: depth > 0})
			sep = '&'
		case r == '-' || r == '‐' || r == '–' || r == '/':
			sep = '-'
		case isApostrophe(r) || unicode.Is(unicode.Cf, r):
			// no boundary
		default:
			if sep != '#' {
				sep = ' '
			}
		}
		i += size
	}
	return out
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return r != '№' && !isApostrophe(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r))
}

func isLetterBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return isLetter(r)
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', '`', '´', 'ʻ', 'ʼ', 'ʿ', 'ʾ', '′', '\u200b', '\u200c', '\u200d', '\u00ad', '\ufeff', '\u2060':
		return true
	}
	return false
}

// fold appends the words that one run of letters stands for.
func fold(out []word, raw string, sep byte, aside bool) []word {
	if isASCII(raw) {
		w := word{raw: raw, sep: sep, aside: aside}
		text := raw
		if strings.IndexByte(text, '\'') >= 0 || strings.IndexByte(text, '`') >= 0 {
			text = strings.NewReplacer("'", "", "`", "").Replace(text)
		}
		w.split = caseChange(text)
		w.text = clip(strings.ToLower(text))
		return append(out, w)
	}
	var latin, han, hangul, similar bool
	for _, r := range raw {
		switch {
		case r < utf8.RuneSelf || unicode.Is(unicode.Latin, r):
			if r >= utf8.RuneSelf || r < '0' || r > '9' {
				latin = true
			}
		case unicode.Is(unicode.Han, r):
			han = true
		case unicode.Is(unicode.Hangul, r):
			hangul = true
		case unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee):
			similar = true
		}
	}
	switch {
	case han:
		return foldHan(out, raw, sep, aside)
	case latin && similar:
		raw2 := name.Fold(raw) // a word of two alphabets is a disguise
		if isASCII(raw2) {
			return append(out, word{text: clip(strings.ToLower(letters(raw2))), raw: raw, sep: sep, aside: aside})
		}
	case hangul:
		return foldHangul(out, raw, sep, aside)
	}
	text := romanised(arabicVowels.Replace(norm.NFC.String(raw)))
	if text == "" {
		return out
	}
	w := word{text: clip(text), raw: raw, sep: sep, aside: aside, foreign: !latin}
	if latin {
		if a := caseChange(letters(unidecode.Unidecode(raw))); a > 0 {
			w.split = a
		}
	}
	return append(out, w)
}

// arabicVowels are the letters that carry a vowel, which go-unidecode leaves
// out or writes as marks.
var arabicVowels = strings.NewReplacer("أ", "a", "إ", "i", "آ", "a", "ا", "a", "ٱ", "a", "ى", "a", "ة", "a", "ؤ", "o", "ئ", "y", "ع", "a", "ی", "y", "א", "a", "ע", "a", "ו", "o")

// romanised writes any script in small Latin letters and digits.
func romanised(s string) string { return strings.ToLower(letters(unidecode.Unidecode(s))) }

// letters keeps the letters and digits of romanised text.
func letters(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if !isLetter(rune(s[i])) || s[i] >= utf8.RuneSelf {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] < utf8.RuneSelf && isLetter(rune(s[i])) {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func clip(s string) string {
	if len(s) > maxLetter {
		return s[:maxLetter]
	}
	return s
}

// caseChange finds where small letters turn into two capitals or more that end
// the word, which is how a legal form is glued on: SiemensAG.
func caseChange(s string) int {
	n := len(s)
	i := n
	for i > 0 && 'A' <= s[i-1] && s[i-1] <= 'Z' {
		i--
	}
	if n-i >= 2 && i >= 2 && 'a' <= s[i-1] && s[i-1] <= 'z' {
		return i
	}
	return 0
}
