package report

import (
	"strings"
	"unicode/utf8"
)

// cell makes text fit for a cell of a spreadsheet: clean, and never a
// formula. Titles and ids come from whoever wrote the catalog.
//
// A leading apostrophe makes the cell text (OWASP, CSV injection). It is set
// where the text starts with = + - @ or their full-width forms, a tab or a
// carriage return, also behind blanks and invisible letters, which importers
// trim. It is set behind a semicolon as well, where a spreadsheet of a
// locale with that separator would start a new cell.
func cell(s string) string {
	t := clean(s)
	if t == "" {
		return ""
	}
	if s[0] == '\t' || s[0] == '\r' || s[0] == '\n' || formula(t) {
		t = "'" + t
	}
	if !strings.Contains(t, ";") {
		return t
	}
	parts := strings.Split(t, ";")
	for i := 1; i < len(parts); i++ {
		if formula(parts[i]) {
			parts[i] = "'" + parts[i]
		}
	}
	return strings.Join(parts, ";")
}

// formula reports whether a spreadsheet may take s for a formula.
func formula(s string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \"'\u200c\u200d"))
	return strings.ContainsRune("=+-@＝＋－＠", r)
}
