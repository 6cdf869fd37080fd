package list

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// layouts are the ways in which authorities print a whole day.
var layouts = []string{
	"2006-01-02", "January 2, 2006", "Jan 2, 2006", "2 January 2006", "2 Jan 2006", "02-Jan-2006", "Jan. 2, 2006",
}

var stamped = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(?:T|Z|[+-]\d{2}:)`)

// ParseDate reads a date as authorities print it: 2021-06-03, June 3, 2021,
// 03 Jun 2021, June 2021, 2021, and, where dayFirst says which of the two
// numbers is the day, 3/6/2021 or 3.6.2021. An empty text is the unknown date.
func ParseDate(s string, dayFirst bool) (offshelf.Date, error) {
	s = strings.Trim(Squeeze(s), " .,;")
	if s == "" {
		return offshelf.Date{}, nil
	}
	if len(s) > 40 {
		return offshelf.Date{}, fmt.Errorf("%q is no date", clip(s))
	}
	if m := stamped.FindString(s); m != "" {
		s = m[:10] // a time of day or a time zone stands behind
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return offshelf.DayOf(t).Date(), nil
		}
	}
	for _, layout := range []string{"January 2006", "Jan 2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return offshelf.ParseDate(t.Format("2006-01"))
		}
	}
	if a, b, y, ok := threeNumbers(s); ok {
		d, m := b, a
		if dayFirst {
			d, m = a, b
		}
		s = fmt.Sprintf("%04d-%02d-%02d", y, m, d)
	}
	d, err := offshelf.ParseDate(s)
	if err != nil {
		return offshelf.Date{}, fmt.Errorf("%q is no date", clip(s))
	}
	return d, nil
}

// DayAfter ends a span behind its last day: authorities print the last day, and
// an Interval excludes its end. A date that is no single day stays.
func DayAfter(last offshelf.Date) offshelf.Date {
	if last.IsZero() || last.Earliest() != last.Latest() {
		return last
	}
	return (last.Latest() + 1).Date()
}

// threeNumbers splits 3/6/2021 or 3.6.2021; the year has four digits.
func threeNumbers(s string) (a, b, y int, ok bool) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '.' })
	if len(parts) != 3 || len(parts[2]) != 4 || len(parts[0]) > 2 || len(parts[1]) > 2 {
		return
	}
	var n [3]int
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 {
			return
		}
		n[i] = v
	}
	return n[0], n[1], n[2], true
}

// register matches a citation of the Federal Register with, where it is
// printed, its day: 84 FR 54004, 10/9/19. or 46 F.R. 46154 9/17/81.
var register = regexp.MustCompile(`(\d{1,3}) ?F\. ?R\.? ?(\d[\d,]{0,7}\d|\d)|(\d{1,3}) FR (\d[\d,]{0,7}\d|\d)`)

var citedDay = regexp.MustCompile(`^(?: preview citation details)?[,;.\s(]*(?:(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b|((?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}))`)

// firstVolume is the year before volume 1 of the Federal Register.
const firstVolume = 1935

// ParseCitations reads the citations of the Federal Register in a text, in
// their order. A year of two digits is that of the volume's century.
func ParseCitations(s string) []Citation {
	if len(s) > MaxField {
		s = s[:MaxField]
	}
	var out []Citation
	found := register.FindAllStringSubmatchIndex(s, MaxItems)
	for _, m := range found {
		sub := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return s[m[2*i]:m[2*i+1]]
		}
		volume, page := sub(1)+sub(3), strings.ReplaceAll(sub(2)+sub(4), ",", "")
		c := Citation{Text: volume + " FR " + page}
		behind := s[m[1]:min(len(s), m[1]+60)]
		if d := citedDay.FindStringSubmatch(behind); d != nil {
			v, _ := strconv.Atoi(volume)
			c.Date = citedDate(d, firstVolume+v)
		}
		out = append(out, c)
	}
	return out
}

func citedDate(d []string, year int) offshelf.Date {
	if d[4] != "" {
		day, err := ParseDate(d[4], false)
		if err != nil {
			return offshelf.Date{}
		}
		return day
	}
	m, _ := strconv.Atoi(d[1])
	n, _ := strconv.Atoi(d[2])
	y, _ := strconv.Atoi(d[3])
	if len(d[3]) == 2 {
		y += year / 100 * 100
		// A volume of one century may be cited with a year of the other.
		switch {
		case y-year > 50:
			y -= 100
		case year-y > 50:
			y += 100
		}
	}
	day, err := offshelf.ParseDate(fmt.Sprintf("%04d-%02d-%02d", y, m, n))
	if err != nil {
		return offshelf.Date{}
	}
	return day
}

// FirstCited returns the earliest day of the citations.
func FirstCited(citations []Citation) offshelf.Date {
	var first offshelf.Date
	for _, c := range citations {
		if !c.Date.IsZero() && (first.IsZero() || c.Date.Earliest() < first.Earliest()) {
			first = c.Date
		}
	}
	return first
}

// SplitAddresses splits addresses that are printed as one text, with "; and "
// or ";" between them, and reads the country at the end of each.
func SplitAddresses(s string) []Address {
	var out []Address
	for _, part := range strings.Split(s, ";") {
		part = strings.TrimSpace(part)
		if rest, ok := cutWord(part, "and"); ok {
			part = rest
		}
		if part = strings.Trim(Squeeze(part), " ."); part == "" {
			continue
		}
		if len(out) == MaxItems {
			break
		}
		out = append(out, Address{part, CountryOf(part)})
	}
	return out
}

// CountryOf returns the country that the last part of an address names.
func CountryOf(address string) string {
	if i := strings.LastIndex(address, " (See "); i > 0 { // see alternate addresses under another country
		address = address[:i]
	}
	last := address[strings.LastIndexByte(address, ',')+1:]
	if len(last) > 60 {
		return ""
	}
	return name.Country(strings.Trim(last, " ."))
}

func cutWord(s, word string) (string, bool) {
	if len(s) > len(word) && strings.EqualFold(s[:len(word)], word) && s[len(word)] == ' ' {
		return strings.TrimSpace(s[len(word)+1:]), true
	}
	return s, false
}

// legalForm reports whether a part of a comma-separated list of companies is
// only the legal form of the part before it, such as "Ltd." in "A Co., Ltd.".
func legalForm(s string) bool {
	s, _, _ = strings.Cut(s, " (") // a short form may stand behind it
	switch strings.Trim(strings.ToLower(strings.TrimSpace(s)), ".") {
	case "ltd", "inc", "co", "llc", "limited", "corp", "s.a", "plc", "jsc", "pjsc", "ojsc", "co., ltd", "co. ltd", "co.ltd", "l.l.c", "pte", "pvt", "ag", "gmbh", "s.r.l", "sarl", "lp", "ooo", "oao", "pao", "ao":
		return true
	}
	return false
}

// SplitCompanies splits a list of companies at the commas and the last "and"
// and keeps legal forms with their names.
func SplitCompanies(s string) []string {
	var out []string
	depth := 0
	start := 0
	flush := func(end int) {
		part := strings.TrimSpace(s[start:end])
		if rest, ok := cutWord(part, "and"); ok {
			part = rest
		}
		switch {
		case part == "":
		case legalForm(part) && len(out) > 0:
			out[len(out)-1] += ", " + part
		default:
			out = append(out, part)
		}
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth = max(depth-1, 0)
		case ',':
			if depth == 0 {
				flush(i)
				start = i + 1
			}
		}
	}
	flush(len(s))
	return out
}
