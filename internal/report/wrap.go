package report

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// runeCells returns the columns that a terminal gives a rune.
func runeCells(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cells returns the columns that a terminal gives s.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += runeCells(r)
	}
	return n
}

// fit shortens s to at most n columns.
func fit(s string, n int) string {
	if cells(s) <= n {
		return s
	}
	used := 0
	for i, r := range s {
		if used += runeCells(r); used > n-1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// wrap breaks s into lines of at most n columns: at spaces, between wide
// characters, which need none, and inside a word only where it is longer
// than a line.
func wrap(s string, n int) []string {
	n = max(n, 20)
	var (
		lines []string
		line  strings.Builder
		used  int
		word  strings.Builder
		size  int
		gap   bool
	)
	flush := func() {
		lines = append(lines, line.String())
		line.Reset()
		used = 0
	}
	put := func() {
		if word.Len() == 0 {
			return
		}
		need := size
		if gap && used > 0 {
			need++
		}
		if used > 0 && used+need > n {
			flush()
		} else if gap && used > 0 {
			line.WriteByte(' ')
			used++
		}
		for _, r := range word.String() {
			c := runeCells(r)
			if used+c > n {
				flush()
			}
			line.WriteRune(r)
			used += c
		}
		word.Reset()
		size, gap = 0, false
	}
	for _, r := range s {
		switch {
		case r == ' ':
			put()
			gap = true
		case runeCells(r) == 2:
			put()
			word.WriteRune(r)
			size = 2
		default:
			word.WriteRune(r)
			size += runeCells(r)
		}
	}
	put()
	if line.Len() > 0 || len(lines) == 0 {
		flush()
	}
	return lines
}
