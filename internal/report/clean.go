package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes text from a catalog fit to be shown: no control character or
// escape sequence reaches a terminal, no bidi override or invisible letter
// changes what a reader sees, and it is one line. Broken UTF-8 becomes
// U+FFFD byte by byte, as in the JSON stream, so that a rendered stream
// equals the direct rendering.
func clean(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space, endless := false, false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == '\x1b' || r == '\u009b' || r == '\u009d' || r == '\u0090' || r == '\u0098' || r == '\u009e' || r == '\u009f' {
			i += escape(s[i:], r, n, &endless)
			continue
		}
		i += n
		switch {
		case r == '\t', r == '\n', r == '\v', r == '\f', r == '\r', r == '\u0085', unicode.Is(unicode.Z, r):
			space = b.Len() > 0
			continue
		case hidden(r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plain reports whether clean would change nothing, for the common case.
func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && (i == 0 || i+1 == len(s) || s[i+1] == ' ') {
			return false
		}
	}
	return true
}

// hidden reports what has no shape of its own. The two joiners stay: Persian,
// Indic scripts and emoji need them, and they reorder nothing.
func hidden(r rune) bool {
	switch r {
	case '\u200c', '\u200d':
		return false
	case '\u034f', '\u115f', '\u1160', '\u3164', '\uffa0', '\u17b4', '\u17b5':
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r)
}

// escape returns the length of the escape sequence that s starts with, whose
// first rune is r of n bytes. Where a string has no terminator no later one has:
// endless remembers it, lest each of many looks through all of the rest.
func escape(s string, r rune, n int, endless *bool) int {
	i := n
	kind := byte(0)
	switch r {
	case '\x1b':
		if i == len(s) {
			return i
		}
		kind = s[i]
		if kind < ' ' || kind > '~' {
			return i
		}
		i++
	case '\u009b':
		kind = '['
	default:
		kind = ']'
	}
	switch {
	case kind == '[':
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x3f {
			i++
		}
		if i < len(s) && s[i] >= 0x40 && s[i] <= 0x7e {
			i++
		}
	case strings.IndexByte("]PX^_", kind) >= 0 && !*endless:
		// A string runs to its terminator. Without one nothing more is taken,
		// lest a product hide its title.
		for j := i; j < len(s); j++ {
			switch {
			case s[j] == '\a':
				return j + 1
			case s[j] == '\x1b' && j+1 < len(s) && s[j+1] == '\\':
				return j + 2
			case s[j] == 0xc2 && j+1 < len(s) && s[j+1] == 0x9c:
				return j + 2
			}
		}
		*endless = true
	case kind >= 0x20 && kind <= 0x2f:
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
			i++
		}
		if i < len(s) && s[i] >= 0x30 && s[i] <= 0x7e {
			i++
		}
	}
	return i
}
