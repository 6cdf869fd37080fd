package casework

import (
	"time"

	"github.com/offshelf/offshelf"
)

// businessDay reports whether US federal offices work on a day: Monday to
// Friday, but for the holidays of 5 U.S.C. 6103(a). A holiday on a Saturday is
// kept on the Friday before (6103(b)), one on a Sunday on the Monday after
// (Executive Order 11582). Days that a president or an inauguration frees are
// not known here: a report is never due later for that.
func businessDay(d offshelf.Day) bool {
	t := time.Unix(int64(d)*86400, 0).UTC()
	switch t.Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	for _, y := range [...]int{t.Year(), t.Year() + 1} { // New Year's Day may be kept on December 31
		for _, h := range federalHolidays(y) {
			if t.Equal(h) {
				return false
			}
		}
	}
	return true
}

// federalHolidays are the days on which the holidays of a year are kept.
func federalHolidays(year int) []time.Time {
	fixed := func(m time.Month, day int) time.Time {
		t := time.Date(year, m, day, 0, 0, 0, 0, time.UTC)
		switch t.Weekday() {
		case time.Saturday:
			return t.AddDate(0, 0, -1)
		case time.Sunday:
			return t.AddDate(0, 0, 1)
		}
		return t
	}
	nth := func(m time.Month, w time.Weekday, n int) time.Time {
		t := time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)
		return t.AddDate(0, 0, (int(w)-int(t.Weekday())+7)%7+7*(n-1))
	}
	memorial := time.Date(year, time.May, 31, 0, 0, 0, 0, time.UTC)
	memorial = memorial.AddDate(0, 0, -(int(memorial.Weekday())+6)%7)
	out := []time.Time{
		fixed(time.January, 1),
		nth(time.January, time.Monday, 3),  // Martin Luther King
		nth(time.February, time.Monday, 3), // Washington
		memorial,
		fixed(time.July, 4),
		nth(time.September, time.Monday, 1),  // Labor Day
		nth(time.October, time.Monday, 2),    // Columbus Day
		fixed(time.November, 11),             // Veterans Day
		nth(time.November, time.Thursday, 4), // Thanksgiving
		fixed(time.December, 25),
	}
	if year >= 2021 {
		out = append(out, fixed(time.June, 19))
	}
	return out
}

// addBusinessDays is the n-th business day after a day.
func addBusinessDays(d offshelf.Day, n int) offshelf.Day {
	for n > 0 {
		if d++; businessDay(d) {
			n--
		}
	}
	return d
}
