package fcc

import (
	"regexp"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
)

// plainText drops the marks of footnotes and what the page says to those who
// hear it read.
func plainText(s string) string {
	s = list.Squeeze(s)
	s = strings.Map(func(r rune) rune {
		switch r {
		case '†', '‡', '#', '^', '£', '³', '²', '¹', '*':
			return -1
		}
		return r
	}, s)
	s = strings.ReplaceAll(s, "Visit - ", "")
	return list.Squeeze(strings.NewReplacer(" ,", ",", "foreign country —", "foreign country—").Replace(s))
}

var (
	// company is the company of a sentence: behind who produces or provides,
	// up to what is said of it.
	company = regexp.MustCompile(`\b(?:produced or provided|produced|provided|supplied, directly or indirectly,|supplied) by (.+?)(?:, including\b|,? to the extent\b|,? subject to\b| or any of its\b| and any of its\b|,? except\b|\.?$)`)
	// under parts a company from the one that is named beneath it.
	under = regexp.MustCompile(` and its (?:wholly[- ]owned |majority[- ]owned )?(?:subsidiary|affiliate)s? `)

	foreignMade = regexp.MustCompile(`(?i)^(.+?),? (?:that are |which are )?produced in (?:a|any) foreign countr(?:y|ies)`)
	foreignHead = regexp.MustCompile(`(?i)^foreign[- ](?:produced|made|manufactured) (.+?)(?:,? —?-? ?except\b|,? including\b|—|\.?$)`)
	extent      = regexp.MustCompile(`to the extent (?:that )?(.+?)(?:, including\b|\.?$)`)
	successors  = regexp.MustCompile(`or any of its ([a-z, ]*(?:predecessors|successors|parents|subsidiaries|affiliates|assignees))\b`)
	// further is what a sentence about a class of goods covers beside it.
	further    = regexp.MustCompile(`(?:—and |["”]\s*)([Aa]ll [^.]{3,200} listed in Section [^.]{3,160}?(?:\(Pub\. L\. [0-9-]+\)|\.|$))`)
	exceptFrom = regexp.MustCompile(`(?i)\bexcept\b[:,]?\s*`)
	item       = regexp.MustCompile(`\(([a-z])\) `)
	untilDay   = regexp.MustCompile(`until ((?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4})`)
	toolHead   = regexp.MustCompile(`^(.+?),? (?:produced or provided|produced|provided|supplied,|supplied) `)
	anyDay     = regexp.MustCompile(`(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}`)
)

// classOf returns the class of goods of a sentence about goods made in a
// foreign country.
func classOf(s string) (string, bool) {
	for _, re := range []*regexp.Regexp{foreignMade, foreignHead} {
		if m := re.FindStringSubmatch(s); m != nil {
			class := strings.Trim(m[1], " ,—-")
			return class, class != ""
		}
	}
	return "", false
}

// headOf is the sentence up to its exceptions.
func headOf(s string) string {
	if m := exceptFrom.FindStringIndex(s); m != nil && m[0] > 0 {
		s = s[:m[0]]
	}
	return strings.Trim(s, " ,.—-")
}

// companiesOf returns the companies of a sentence; the later ones are named
// under the first.
func companiesOf(s string) []string {
	m := company.FindStringSubmatch(s)
	if m == nil {
		return nil
	}
	var out []string
	for _, c := range under.Split(m[1], 8) {
		if c = strings.Trim(c, " ,"); c != "" {
			out = append(out, c)
		}
	}
	return out
}

// goodsOf is what of the company is covered.
func goodsOf(s string) []string {
	if m := toolHead.FindStringSubmatch(s); m != nil {
		return []string{m[1]}
	}
	return nil
}

// factsOf reads the extent, the exceptions and how far the sentence reaches
// beyond the company.
func factsOf(s string) []list.Fact {
	var out []list.Fact
	if m := extent.FindStringSubmatch(s); m != nil {
		out = append(out, list.Fact{Kind: list.Scope, Value: m[1]})
	}
	if m := successors.FindStringSubmatch(s); m != nil {
		out = append(out, list.Fact{Kind: list.Subsidiaries, Value: m[1]})
	}
	if m := further.FindStringSubmatch(s); m != nil {
		out = append(out, list.Fact{Kind: list.AlsoCovers, Value: strings.TrimSuffix(m[1], ".")})
	}
	m := exceptFrom.FindStringIndex(s)
	if m == nil {
		return out
	}
	rest := s[m[1]:]
	marks := item.FindAllStringIndex(rest, 26)
	if len(marks) == 0 {
		return append(out, exception(rest))
	}
	for i, at := range marks {
		end := len(rest)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		out = append(out, exception(rest[at[1]:end]))
	}
	return out
}

// exception is one exception with its last day.
func exception(s string) list.Fact {
	if m := further.FindStringIndex(s); m != nil && m[0] > 0 {
		s = s[:m[0]] // the sentence goes on behind its exceptions
	}
	s = strings.Trim(s, " ;,.")
	s = strings.Trim(strings.TrimSuffix(s, " and"), " ;,.")
	f := list.Fact{Kind: list.Exception, Value: s}
	if m := untilDay.FindStringSubmatch(s); m != nil {
		if d, err := list.ParseDate(m[1], false); err == nil {
			f.Until = d
		}
	}
	return f
}

// inclusionDates reads a cell such as "December 22, 2025Updated:January 7, 2026".
func inclusionDates(s string) (from offshelf.Date, updates []offshelf.Date, err error) {
	for i, day := range anyDay.FindAllString(s, 100) {
		d, err := list.ParseDate(day, false)
		if err != nil {
			return from, nil, err
		}
		if i == 0 {
			from = d
		} else {
			updates = append(updates, d)
		}
	}
	return from, updates, nil
}

func short(s string) string {
	if r := []rune(s); len(r) > 100 {
		return string(r[:99]) + "…"
	}
	return s
}
