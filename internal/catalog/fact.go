package catalog

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/offshelf/offshelf"
)

// maxFact bounds a product fact; what is longer is none.
const maxFact = 512

// factFields are the fields whose values are checked: they decide what a rule
// says, so that a value which cannot be read must not pass for one that can.
const factFields = 1<<fieldFCCGranted | 1<<fieldApproval | 1<<fieldCategoryCode

// readFact brings the value of a product fact into its one form. Where it
// cannot be read it returns "" and what to write instead. A value that only
// says that nothing is known is "" without a complaint.
func readFact(f field, column, v string) (value, complaint string) {
	v = cleanCode(trim(v))
	if saysNothing(v) {
		return "", ""
	}
	if len(v) > maxFact {
		return "", fmt.Sprintf("%s of %d bytes: shorten it to %d", f, len(v), maxFact)
	}
	switch f {
	case fieldFCCGranted:
		return readGrant(v)
	case fieldCategoryCode:
		return readCode(column, v)
	}
	if saysNone(v) {
		return offshelf.None, ""
	}
	return v, ""
}

// saysNothing tells an empty cell, as people fill it, from a value.
func saysNothing(v string) bool {
	switch strings.ToLower(v) {
	case "", "-", "–", "—", "?", "n/a", "na", "#n/a", "null", "nan", "unknown", "tbd":
		return true
	}
	return false
}

func saysNone(v string) bool {
	switch strings.ToLower(v) {
	case "none", "no", "not authorised", "not authorized", "not granted", "no grant", "not approved", "no approval":
		return true
	}
	return false
}

const sayDate = "write YYYY-MM-DD, or none where the model has no FCC authorisation"

// readGrant reads the day of an authorisation. The FCC prints the month first.
func readGrant(v string) (value, complaint string) {
	if saysNone(v) {
		return offshelf.None, ""
	}
	day, _, _ := strings.Cut(v, "T")
	day, _, _ = strings.Cut(day, " ")
	if d, err := offshelf.ParseDate(day); err == nil && !d.IsZero() {
		return d.String(), ""
	}
	for _, form := range [...]string{"01/02/2006", "1/2/2006"} {
		if t, err := time.Parse(form, day); err == nil {
			return offshelf.DayOf(t).String(), ""
		}
	}
	return "", fmt.Sprintf("FCC authorisation date %q is no date that can be read: %s", clip(v, 40), sayDate)
}

const sayCode = "write google: and the number or path of a Google product category, or gpc: and the eight digits of a GPC code"

// readCode reads a category code. The name of the column says the scheme where
// the value does not.
func readCode(column, v string) (value, complaint string) {
	scheme, code := splitCode(v)
	number, text := leadingNumber(code)
	if scheme == "" {
		name := foldName(column)
		switch {
		case isGPC(number) && !strings.Contains(name, offshelf.SchemeGoogle):
			scheme = offshelf.SchemeGPC
		case strings.Contains(name, offshelf.SchemeGoogle), number == "" && strings.Contains(code, ">"):
			scheme = offshelf.SchemeGoogle
		}
	}
	switch {
	case scheme == offshelf.SchemeGPC && isGPC(number):
		return scheme + ":" + number, ""
	case scheme == offshelf.SchemeGoogle && number != "" && len(number) <= 7:
		return scheme + ":" + number, ""
	case scheme == offshelf.SchemeGoogle && number == "" && strings.Trim(text, "> ") != "":
		return scheme + ":" + text, ""
	}
	return "", fmt.Sprintf("category code %q says no category: %s", clip(v, 40), sayCode)
}

// splitCode takes the scheme off a category code that says one.
func splitCode(v string) (scheme, code string) {
	s, rest, ok := strings.Cut(v, ":")
	for _, known := range [...]string{offshelf.SchemeGoogle, offshelf.SchemeGPC} {
		if ok && strings.EqualFold(s, known) {
			return known, trim(rest)
		}
	}
	return "", v
}

// leadingNumber takes the number off "222 - Electronics" or "222".
func leadingNumber(v string) (number, text string) {
	n := 0
	for n < len(v) && v[n] >= '0' && v[n] <= '9' {
		n++
	}
	rest := trim(v[n:])
	if n == 0 || rest != "" && !strings.HasPrefix(rest, "-") && !strings.HasPrefix(rest, "–") {
		return "", v
	}
	return v[:n], trim(strings.TrimLeft(rest, "-– "))
}

// isGPC reports whether v looks like a GPC code: bricks begin with 1, segments,
// families and classes with 5 to 9.
func isGPC(v string) bool {
	return len(v) == 8 && (v[0] == '1' || v[0] >= '5' && v[0] <= '9')
}

// pathOf returns the words of a category code that is a path, for catalogs
// whose only category it is.
func pathOf(v string) string {
	scheme, code := splitCode(trim(v))
	if scheme == offshelf.SchemeGPC {
		return ""
	}
	if _, text := leadingNumber(code); strings.ContainsFunc(text, func(r rune) bool { return r > '9' }) {
		return text
	}
	return ""
}

// sheetDate writes a date as a worksheet shows it, 12-21-22 or a count of days
// since 1900, the way that other catalogs have it.
func sheetDate(v string) string {
	if t, err := time.Parse("01-02-06", v); err == nil {
		return offshelf.DayOf(t).String()
	}
	if n, err := strconv.Atoi(v); err == nil && len(v) == 5 {
		return offshelf.DayOf(time.Date(1899, 12, 30+n, 0, 0, 0, 0, time.UTC)).String()
	}
	return v
}
