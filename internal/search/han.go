package search

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

//go:embed data/han.txt
var hanText string

// hanEntry says what a phrase in Han script stands for.
type hanEntry struct {
	form  form
	words []string // canonical words
	read  string   // the reading, where the phrase is no word
}

// hanPhrases are the phrases and the length of the longest, in letters.
var hanPhrases = sync.OnceValues(func() (map[string]hanEntry, int) {
	out, longest := map[string]hanEntry{}, 0
	for line := range strings.Lines(hanText) {
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if kind == "#" || kind == "" {
			continue
		}
		for _, f := range strings.Fields(rest) {
			phrase, to, _ := strings.Cut(f, "=")
			if to == "" {
				continue
			}
			var e hanEntry
			switch kind {
			case "form":
				e.form = formNames[to]
			case "read":
				e.read = to
			default:
				e.words = strings.Split(to, "_")
			}
			out[phrase] = e
			longest = max(longest, utf8.RuneCountInString(phrase))
		}
	}
	return out, longest
})

// foldHan reads a run of Han letters: the longest known phrases first, and what
// lies between them as one name, syllable by syllable. A run with nothing known
// in it is a person's name or a mark.
func foldHan(out []word, raw string, sep byte, aside bool) []word {
	phrases, longest := hanPhrases()
	runes := []rune(raw)
	var syllables strings.Builder
	start := 0
	begin := len(out)
	flush := func(end int) {
		if syllables.Len() > 0 {
			out = append(out, word{text: clip(syllables.String()), raw: string(runes[start:end]), han: string(runes[start:min(end, start+maxLetter)]), sep: sep, aside: aside})
			syllables.Reset()
		}
	}
	met := false
	for i := 0; i < len(runes); {
		n, found := 0, hanEntry{}
		for k := min(longest, len(runes)-i); k > 0; k-- {
			if e, ok := phrases[string(runes[i:i+k])]; ok {
				n, found = k, e
				break
			}
		}
		switch {
		case n > 0 && found.read != "":
			syllables.WriteString(found.read)
			i += n
			continue
		// A single letter such as 局 or 部 is a word only where it ends a name.
		case n > 1, n == 1 && i+n == len(runes) && i > 1:
			flush(i)
			met = true
			piece := string(runes[i : i+n])
			if found.form != 0 {
				out = append(out, word{text: piece, raw: piece, form: found.form, sep: ' ', aside: aside, known: true})
			}
			for _, w := range found.words {
				out = append(out, word{text: w, raw: piece, sep: ' ', aside: aside, known: true})
			}
			i += n
			start = i
			continue
		}
		syllables.WriteString(romanised(string(runes[i])))
		i++
	}
	flush(len(runes))
	// A person's name of two to four letters: the family name stands first.
	if !met && len(out) == begin+1 && len(runes) >= 2 && len(runes) <= 4 && allHan(runes) {
		out = out[:begin]
		out = append(out, hanSyllables(runes[:1], sep, aside), hanSyllables(runes[1:], ' ', aside))
	}
	return out
}

func allHan(runes []rune) bool {
	for _, r := range runes {
		if !unicode.Is(unicode.Han, r) {
			return false
		}
	}
	return true
}

func hanSyllables(runes []rune, sep byte, aside bool) word {
	phrases, _ := hanPhrases()
	var b strings.Builder
	for _, r := range runes {
		if e := phrases[string(r)]; e.read != "" {
			b.WriteString(e.read)
			continue
		}
		b.WriteString(romanised(string(r)))
	}
	return word{text: b.String(), raw: string(runes), han: string(runes), sep: sep, aside: aside}
}

// foldHangul romanises Korean. A name of two to four syllables begins with the
// family name.
func foldHangul(out []word, raw string, sep byte, aside bool) []word {
	runes := []rune(raw)
	if len(runes) >= 2 && len(runes) <= 4 {
		family := romanised(string(runes[:1]))
		given := romanised(string(runes[1:]))
		return append(out, word{text: clip(family), raw: string(runes[:1]), han: string(runes[:1]), sep: sep, aside: aside},
			word{text: clip(given), raw: string(runes[1:]), han: string(runes[1:]), sep: ' ', aside: aside})
	}
	return append(out, word{text: clip(romanised(raw)), raw: raw, han: string(runes[:min(len(runes), maxLetter)]), sep: sep, aside: aside})
}
