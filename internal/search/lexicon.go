package search

import (
	_ "embed"
	"sort"
	"strconv"
	"strings"
	"sync"
)

var (
	//go:embed data/words.txt
	wordsText string
	//go:embed data/places.txt
	placesText string
	//go:embed data/given.txt
	givenText string
	//go:embed data/counts.txt
	countsText string
)

// class is what a token is to a name.
type class uint8

const (
	plain    class = iota
	generic        // a word of business: technology, trading
	body           // a word for a state body or institute
	place          // a country, region or town
	particle       // of, and, al, bin
	title          // Mr, Sheikh
	number         // 5, VII, 54th
	initial        // a letter with a dot
)

var classNames = [...]string{"name", "generic", "body", "place", "particle", "title", "number", "initial"}

func (c class) String() string { return classNames[c] }

// meaning is the canonical form of a word and its class.
type meaning struct {
	canonical string
	class     class
}

// companyWords and personWords hold the words with a meaning of their own.
var companyWords = sync.OnceValue(func() map[string]meaning {
	out := make(map[string]meaning, 4096)
	put := func(text, canonical string, c class) {
		if _, taken := out[text]; !taken {
			out[text] = meaning{canonical, c}
		}
	}
	each(wordsText, func(kind byte, canonical string, others []string) {
		c := map[byte]class{'g': generic, 'n': body, 'p': particle, 't': title}[kind]
		if c == title {
			return
		}
		put(canonical, canonical, c)
		for _, o := range others {
			put(o, canonical, c)
		}
	})
	each(placesText, func(_ byte, canonical string, others []string) {
		canonical = strings.ReplaceAll(canonical, "_", "")
		put(canonical, canonical, place)
		for _, o := range others {
			put(o, canonical, place)
		}
	})
	for i, w := range strings.Fields("first second third fourth fifth sixth seventh eighth ninth tenth") {
		put(w, strconv.Itoa(i+1), number)
	}
	return out
})

var personWords = sync.OnceValue(func() map[string]meaning {
	out := make(map[string]meaning, 128)
	each(wordsText, func(kind byte, canonical string, others []string) {
		var c class
		switch kind {
		case 'p':
			c = particle
		case 't':
			c = title
		default:
			return
		}
		out[canonical] = meaning{canonical, c}
		for _, o := range others {
			if _, taken := out[o]; !taken {
				out[o] = meaning{canonical, c}
			}
		}
	})
	for _, w := range strings.Fields("in for with to at on from best a an as ad ar at das dos im") {
		delete(out, w) // syllables of names rather than particles
	}
	for _, w := range strings.Fields("al abu umm") {
		if _, taken := out[w]; !taken {
			out[w] = meaning{w, particle}
		}
	}
	out["el"] = meaning{"al", particle}
	return out
})

// each calls f with each line "k canonical: others" or "canonical: others".
func each(text string, f func(kind byte, canonical string, others []string)) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		head, rest, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		var kind byte
		if len(head) > 2 && head[1] == ' ' {
			kind, head = head[0], head[2:]
		}
		f(kind, head, strings.Fields(rest))
	}
}

// givenNames numbers the given names, the same number for forms of one name.
var givenNames = sync.OnceValue(func() map[string]uint16 {
	out := make(map[string]uint16, 1024)
	n := uint16(0)
	for line := range strings.Lines(givenText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		n++
		for _, w := range strings.Fields(line) {
			if _, taken := out[w]; !taken {
				out[w] = n
			}
		}
	}
	return out
})

// count says in how many names of companies and of persons a word stands.
type count struct {
	company, person int
	dictionary      bool // a common word of English
}

// countLines are the lines of the table, sorted by their word; the first holds
// the totals.
var countLines = sync.OnceValue(func() []string {
	lines := strings.Split(strings.TrimSuffix(countsText, "\n"), "\n")
	for len(lines) > 0 && strings.HasPrefix(lines[0], "#") {
		lines = lines[1:]
	}
	return lines
})

var countTotals = sync.OnceValue(func() count {
	lines := countLines()
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "* ") {
		return count{company: 1, person: 1}
	}
	return parseCount(lines[0])
})

func parseCount(line string) count {
	f := strings.Fields(line)
	var c count
	if len(f) < 3 {
		return c
	}
	c.company, _ = strconv.Atoi(f[1])
	c.person, _ = strconv.Atoi(f[2])
	c.dictionary = len(f) > 3
	return c
}

// countOf looks a word up: a binary search, no table in memory beside the text.
func countOf(text string) count {
	lines := countLines()
	i := sort.Search(len(lines), func(i int) bool { return word0(lines[i]) >= text })
	if i < len(lines) && word0(lines[i]) == text {
		return parseCount(lines[i])
	}
	return count{}
}

func word0(line string) string {
	word, _, _ := strings.Cut(line, " ")
	return word
}
