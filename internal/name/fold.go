// Package name folds names so that spellings of the same name compare equal,
// and measures how far two names are apart.
package name

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns s in lower case, without accents, with compatibility forms
// (full width, ligatures) resolved and letters of other scripts that look like
// Latin ones replaced by these (UTS #39 calls this a skeleton). Pure ASCII is
// only lowered.
func Fold(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
			continue // accents; zero-width and bidi controls
		}
		if l, ok := lookalike[r]; ok {
			b.WriteByte(l)
			continue
		}
		r = unicode.ToLower(r)
		if l, ok := lookalike[r]; ok {
			b.WriteByte(l)
			continue
		}
		if l, ok := special[r]; ok {
			b.WriteString(l)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// lookalike maps letters of other scripts to the Latin letter they are
// mistaken for, after Unicode's confusables data for Greek, Cyrillic, Armenian
// and Cherokee letters.
var lookalike = map[rune]byte{
	// Greek capitals and small letters
	'Α': 'a', 'Β': 'b', 'Ε': 'e', 'Ζ': 'z', 'Η': 'h', 'Ι': 'i', 'Κ': 'k', 'Μ': 'm', 'Ν': 'n', 'Ο': 'o',
	'Ρ': 'p', 'Τ': 't', 'Υ': 'y', 'Χ': 'x', 'α': 'a', 'ε': 'e', 'ι': 'i', 'κ': 'k', 'ν': 'v', 'ο': 'o',
	'ρ': 'p', 'υ': 'u', 'χ': 'x', 'γ': 'y', 'τ': 't', 'η': 'n', 'ω': 'w', 'ϲ': 'c', 'ϳ': 'j',
	// Cyrillic
	'А': 'a', 'В': 'b', 'Е': 'e', 'К': 'k', 'М': 'm', 'Н': 'h', 'О': 'o', 'Р': 'p', 'С': 'c', 'Т': 't',
	'У': 'y', 'Х': 'x', 'Ѕ': 's', 'І': 'i', 'Ј': 'j', 'Ԛ': 'q', 'Ԝ': 'w', 'а': 'a', 'е': 'e', 'о': 'o',
	'р': 'p', 'с': 'c', 'у': 'y', 'х': 'x', 'ѕ': 's', 'і': 'i', 'ј': 'j', 'ԛ': 'q', 'ԝ': 'w', 'һ': 'h',
	'ԁ': 'd', 'ӏ': 'l', 'Ӏ': 'l', 'к': 'k', 'т': 't', 'м': 'm', 'н': 'h', 'в': 'b', 'ь': 'b',
	// Armenian, Cherokee and letter-like forms that NFKD leaves alone
	'օ': 'o', 'ո': 'n', 'ս': 'u', 'հ': 'h', 'Ꭰ': 'd', 'Ꮋ': 'h', 'Ꮮ': 'l', 'Ꭱ': 'r', 'Ꮪ': 's', 'Ꮤ': 'w', 'Ꮓ': 'z',
}

// special are letters with no decomposition.
var special = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ł': "l", 'ı': "i", 'þ': "th", 'ð': "d", 'ħ': "h", 'ŧ': "t",
	'ɡ': "g", 'ɑ': "a", 'ⅼ': "l",
}

// Key returns the folded letters and digits of s alone, so that "TP-Link",
// "TP LINK" and "tplink" have one key.
func Key(s string) string {
	f := Fold(s)
	var b strings.Builder
	b.Grow(len(f))
	for _, r := range f {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Tokens splits s into its folded runs of letters and digits.
func Tokens(s string) []string {
	return strings.FieldsFunc(Fold(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
