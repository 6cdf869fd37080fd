package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShown is how much of a text from outside a message repeats, in characters.
const maxShown = 200

// shown makes a text from outside fit for a message.
func shown(s string) string {
	if len(s) > 4*maxShown { // no more is looked at
		s = s[:4*maxShown]
	}
	s = clean(s)
	if utf8.RuneCountInString(s) > maxShown {
		s = string([]rune(s)[:maxShown-1]) + "…"
	}
	return s
}

// clean makes one line of a text that a stranger wrote: space of all kinds is one
// space, and what could steer a terminal, turn the direction of writing or is no
// UTF-8 is left out.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return -1
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r): // control and format characters
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
