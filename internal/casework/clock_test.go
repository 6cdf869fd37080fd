package casework

import (
	"testing"
	"time"

	"github.com/offshelf/offshelf"
)

// The days on which federal offices were or will be closed, as the Office of
// Personnel Management prints them.
func TestFederalHolidays(t *testing.T) {
	for year, want := range map[int][]string{
		2020: {"01-01", "01-20", "02-17", "05-25", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"},
		2021: {"01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06", "10-11", "11-11", "11-25", "12-24", "12-31"}, // the last is New Year's Day of 2022
		2026: {"01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"},
		2028: {"01-17", "02-21", "05-29", "06-19", "07-04", "09-04", "10-09", "11-10", "11-23", "12-25"}, // New Year's Day was kept in 2027
	} {
		closed := map[string]bool{}
		for _, d := range want {
			closed[d] = true
		}
		for d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
			weekday := d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
			is := weekday && !closed[d.Format("01-02")]
			if got := businessDay(offshelf.DayOf(d)); got != is {
				t.Errorf("%s: business day %v, want %v", d.Format("2006-01-02"), got, is)
			}
		}
	}
}

func TestAddBusinessDays(t *testing.T) {
	for _, x := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-07-20", 1, "2026-07-21"},  // Monday
		{"2026-07-17", 1, "2026-07-20"},  // Friday
		{"2026-07-18", 1, "2026-07-20"},  // Saturday
		{"2026-07-02", 1, "2026-07-06"},  // Independence Day is kept on the Friday
		{"2026-11-24", 10, "2026-12-09"}, // Thanksgiving between
		{"2027-12-30", 1, "2028-01-03"},  // New Year's Day of 2028 is kept on December 31
	} {
		from, _ := offshelf.ParseDay(x.from)
		if got := addBusinessDays(from, x.n).String(); got != x.want {
			t.Errorf("%s + %d: %s, want %s", x.from, x.n, got, x.want)
		}
	}
}

func TestDayOf(t *testing.T) {
	for at, want := range map[string]string{"1970-01-01T00:00:00Z": "1970-01-01", "1969-12-31T23:59:59Z": "1969-12-31", "1969-12-31T00:00:00Z": "1969-12-31", "2026-07-20T23:59:59Z": "2026-07-20"} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayOf(when.UnixMicro()).String(); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}
