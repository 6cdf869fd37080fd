package list

import (
	"regexp"
	"strings"
)

// marker opens the other names in a printed name: (a.k.a. …), (formerly known
// as …), (including two aliases: …), a.k.a., the following two aliases: …
var marker = regexp.MustCompile(`(?i)^(?:` +
	`(?P<fka>f\.?/?k\.?/?a\.?\b[,:.]?|formerly(?: known as| named)?\b)|` +
	`(?P<nka>n\.?/?k\.?/?a\.?\b[,:.]?|now known as\b)|` +
	`(?P<aka>a\.?/?k\.?/?a\.?\b[,:.]?|also known as\b|d/b/a\b|dba\b|also (?:referred to|doing business) as\b|(?:including|and) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d+) aliase?s?\b:?|including:?|alias(?:es)?:)` +
	`)(?:[,:]?\s*(?:and )?(?:the )?following (?:[a-z-]+|\d+) alias(?:es)?\b:?)?[,:]?\s*`)

const reached = `(?:successors?|predecessors?|parents?|subsidiar(?:y|ies)|subordinates?|affiliates?|sub-units?|(?:subordinate |affiliated |subordinate and affiliated )entities)`

// reaching is wording that takes in more than the party named.
var reaching = regexp.MustCompile(`(?i)[,;]?\s+(?:and|or|including|along with|as well as)\s+(?:all of\s+|any of\s+|any\s+|all\s+)?(?:its\s+|their\s+|the\s+)?` +
	reached + `(?:\s*,?\s*(?:(?:and|or)\s+)?(?:its\s+|their\s+)?` + reached + `)*(?:\s+thereof)?\.?$`)

var anySuccessor = regexp.MustCompile(`(?i)[,;]?\s+and any successor, sub-unit,? or subsidiary(?: thereof)?\.?$`)

// ofSuchEntities is the wording of statutes.
var ofSuchEntities = regexp.MustCompile(`(?i)\s*\((?:or|and) any subsidiary or affiliate of such entit(?:y|ies)\)\.?$`)

// PrintedName is a printed name taken apart.
type PrintedName struct {
	Name     string // without the other names and the wording that reaches further
	Aliases  []Alias
	Reaching string // "and its subsidiaries"
}

// maxPrinted bounds a name that is taken apart. A longer one is none, and would
// take long.
const maxPrinted = 8 << 10

// SplitName takes a printed name apart: the name, the other names in brackets
// or behind "a.k.a.", and wording such as "and its subsidiaries".
func SplitName(printed string) PrintedName {
	s := Squeeze(printed)
	if len(s) > maxPrinted {
		return PrintedName{Name: s}
	}
	var out PrintedName
	s, out.Aliases = takeBrackets(s)
	if m := ofSuchEntities.FindStringIndex(s); m != nil && m[0] > 0 {
		out.Reaching = strings.Trim(s[m[0]:], " ().")
		s = s[:m[0]]
	}
	if m := anySuccessor.FindStringIndex(s); m != nil && m[0] > 0 {
		out.Reaching = strings.Trim(s[m[0]:], " ,;.")
		s = s[:m[0]]
	} else if m := reaching.FindStringIndex(s); m != nil && m[0] > 0 {
		out.Reaching = strings.Trim(s[m[0]:], " ,;.")
		s = s[:m[0]]
	}
	// Without brackets, the other names stand behind a comma to the end.
	for i := 0; i < len(s); i++ {
		if s[i] != ',' && s[i] != ';' && s[i] != ' ' {
			continue
		}
		rest := strings.TrimLeft(s[i:], ",; ")
		if kind, n := marks(rest); n > 0 && plain(rest[:n]) {
			out.Aliases = append(out.Aliases, SplitAliases(rest[n:], kind)...)
			s = s[:i]
			break
		}
	}
	out.Name = strings.Trim(s, " ,;")
	return out
}

// plain tells of a marker that is one even outside of brackets.
func plain(m string) bool {
	m = strings.ToLower(m)
	return strings.Contains(m, "k.a") || strings.Contains(m, "k/a") || strings.Contains(m, "known as") || strings.Contains(m, "d/b/a")
}

// marks tells the kind of the names that a marker at the start of s opens, and
// the length of the marker, 0 where there is none.
func marks(s string) (AliasKind, int) {
	if s == "" || !strings.ContainsRune("aAfFnNdDiI", rune(s[0])) {
		return "", 0
	}
	m := marker.FindStringSubmatchIndex(s[:min(len(s), 120)])
	if m == nil {
		return "", 0
	}
	switch {
	case m[2] >= 0:
		return FKA, m[1]
	case m[4] >= 0:
		return NKA, m[1]
	}
	return AKA, m[1]
}

// takeBrackets removes the brackets that hold other names. A bracket that is
// never closed ends with the text.
func takeBrackets(s string) (string, []Alias) {
	var aliases []Alias
	for from := 0; from < len(s); {
		open := strings.IndexByte(s[from:], '(')
		if open < 0 {
			break
		}
		open += from
		inside := s[open+1:]
		kind, n := marks(inside)
		if n == 0 {
			from = open + 1
			continue
		}
		shut := closing(s, open)
		if shut > 0 {
			inside = s[open+1 : shut]
			n = min(n, len(inside))
		}
		aliases = append(aliases, SplitAliases(inside[n:], kind)...)
		if shut < 0 {
			s = s[:open]
			break
		}
		s = strings.TrimSpace(s[:open]) + s[shut+1:]
		from = open - 1
		if from < 0 {
			from = 0
		}
	}
	return Squeeze(s), aliases
}

// closing returns the place of the bracket that closes the one at open, or -1.
func closing(s string, open int) int {
	depth := 0
	for i := open; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// SplitAliases splits other names that are printed as one text with semicolons
// between them. A marker inside, such as "formerly known as", changes the kind
// of those behind it.
func SplitAliases(s string, kind AliasKind) []Alias {
	var out []Alias
	for _, part := range strings.Split(s, ";") {
		part = strings.Trim(strings.TrimSpace(part), "—–- ,")
		if rest, ok := cutWord(part, "and"); ok {
			part = rest
		}
		if part = strings.Trim(part, "—–- ,"); part == "and" || part == "or" {
			continue
		}
		if k, n := marks(part); n > 0 && plain(part[:n]) {
			kind, part = k, part[n:]
		}
		// One name may have a further one behind it: X, a.k.a. Y
		for i := 0; i < len(part); i++ {
			if part[i] != ' ' && part[i] != ',' {
				continue
			}
			rest := strings.TrimLeft(part[i:], ", ")
			if k, n := marks(rest); n > 0 && plain(rest[:n]) {
				if head := unquote(part[:i]); head != "" {
					out = append(out, Alias{head, kind})
				}
				kind, part, i = k, rest[n:], -1
			}
		}
		if part = unquote(part); part != "" {
			out = append(out, Alias{part, kind})
		}
		if len(out) >= MaxItems {
			return out[:MaxItems]
		}
	}
	return out
}

// unquote drops the quotation marks around a name and what separates it.
func unquote(s string) string {
	s = strings.Trim(Squeeze(s), " ,;:")
	for _, q := range [][2]string{{`"`, `"`}, {"“", "”"}, {"'", "'"}, {"‘", "’"}} {
		if inside, ok := strings.CutPrefix(s, q[0]); ok {
			if inside, ok = strings.CutSuffix(inside, q[1]); ok && !strings.Contains(inside, q[0]) {
				s = strings.TrimSpace(inside)
			}
		}
	}
	return s
}
