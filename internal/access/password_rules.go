package access

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Bounds of a password in characters after normalisation (NFC). There are no
// rules on its composition: NIST SP 800-63B, section on passwords.
const (
	MinPassword = 8
	MaxPassword = 256

	// As typed: a syllable of Hangul, in parts, is nine bytes.
	maxPasswordBytes = 12 * MaxPassword
)

// PasswordError says to the person who chose a password what is wrong with it
// and what to do. It never repeats the password.
type PasswordError struct {
	Rule    string // short, encoding, control, long, login, common or pattern
	Message string
}

func (e *PasswordError) Error() string { return e.Message }

// frequentPasswords are the most common passwords of eight characters and
// more, and words that become common ones by adding digits.
//
//go:embed passwords.txt
var frequentPasswords string

var frequent = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(frequentPasswords) {
		if word := strings.TrimSpace(line); word != "" && !strings.HasPrefix(word, "#") {
			set[word] = true
		}
	}
	return set
})

// CheckPassword holds the rules for a new password of the login, which may be
// a name or a mail address. Its error is a *PasswordError.
func CheckPassword(login, password string) error {
	if len(password) > maxPasswordBytes {
		return &PasswordError{"long", fmt.Sprintf("the password is too long; take at most %d characters", MaxPassword)}
	}
	if !utf8.ValidString(password) {
		return &PasswordError{"encoding", "the password is not UTF-8 text; type it again, or save its file as UTF-8"}
	}
	p := norm.NFC.String(password)
	n := 0
	for _, r := range p {
		n++
		if unicode.IsControl(r) {
			return &PasswordError{"control", fmt.Sprintf("character %d of the password is a line break, tab or other control character; leave it out", n)}
		}
	}
	switch {
	case n < MinPassword:
		return &PasswordError{"short", fmt.Sprintf("the password has %d characters and needs at least %d; a few words with spaces between do well", n, MinPassword)}
	case n > MaxPassword:
		return &PasswordError{"long", fmt.Sprintf("the password has %d characters; take at most %d", n, MaxPassword)}
	}

	folded := fold(p)
	core := letters(folded)
	if utf8.RuneCountInString(folded)-utf8.RuneCountInString(core) > maxDecoration {
		core = "" // so much around a word is no decoration of it
	}
	if login = fold(login); login != "" {
		local, _, _ := strings.Cut(login, "@")
		for _, name := range []string{login, local} {
			if name != "" && (folded == name || folded == name+name || core != "" && core == letters(name)) {
				return &PasswordError{"login", "the password is the login name, or the name with digits or signs around; take one that has nothing to do with it"}
			}
		}
	}
	if frequent()[folded] || core != "" && frequent()[core] {
		return &PasswordError{"common", "the password is one of the most common ones, or one with digits or signs around; take a few words that do not go together"}
	}
	if isPattern(folded) {
		return &PasswordError{"pattern", "the password repeats one or two characters, or counts up or down; take a few words that do not go together"}
	}
	return nil
}

// maxDecoration is the most digits and signs around a word that a guesser is
// taken to try: a date.
const maxDecoration = 8

// letters is s without the digits and signs around it.
func letters(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
}

// fold makes spellings of a word equal that a guesser would try together.
func fold(s string) string { return cases.Fold().String(norm.NFKC.String(s)) }

// isPattern tells whether the text is of one or two characters, or each is
// the neighbour of the one before.
func isPattern(s string) bool {
	distinct := map[rune]bool{}
	var last, step rune
	run := true
	for i, r := range []rune(s) {
		distinct[r] = true
		switch {
		case i == 1:
			step = r - last
			run = step == 1 || step == -1
		case i > 1 && r-last != step && !(last == '9' && r == '0' && step == 1):
			run = false
		}
		last = r
	}
	return run || len(distinct) <= 2
}
