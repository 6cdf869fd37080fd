package offshelf

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Day counts civil days from 1970-01-01, which is day 0.
type Day int32

// MinDay and MaxDay stand for "before everything known" and "no end known".
const (
	MinDay Day = -1 << 30
	MaxDay Day = 1 << 30
)

// DayOf returns the civil day of t in t's own location.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return civilDay(y, m, d)
}

// ParseDay reads a full civil date, 2021-10-25.
func ParseDay(s string) (Day, error) {
	d, err := ParseDate(s)
	if err != nil {
		return 0, err
	}
	if d.Earliest() != d.Latest() {
		return 0, fmt.Errorf("%q is not a single day: write it as YYYY-MM-DD", s)
	}
	return d.Earliest(), nil
}

// String prints the day as YYYY-MM-DD, or "" for MinDay and MaxDay.
func (d Day) String() string {
	if d == MinDay || d == MaxDay {
		return ""
	}
	return d.time().Format("2006-01-02")
}

// Date returns the day as a Date of day precision.
func (d Day) Date() Date {
	if d == MinDay || d == MaxDay {
		return Date{}
	}
	y, m, n := d.time().Date()
	return Date{year: int16(y), month: uint8(m), day: uint8(n)}
}

func (d Day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func civilDay(y int, m time.Month, d int) Day {
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Date is a civil date known to the day, the month or the year, as in EDTF
// (ISO 8601-2) level 0 with the qualifiers ~ (approximate) and ? (uncertain),
// each of which widens the date by one unit of its precision on both sides.
// A leading ".." means "on or before". The zero Date is an unknown date.
type Date struct {
	year       int16
	month, day uint8
	flags      uint8
}

const (
	flagApproximate uint8 = 1 << iota
	flagUncertain
	flagOnOrBefore
)

// ParseDate reads 2018, 2018-02, 2018-02-06, each with an optional trailing
// ~ or ? and an optional leading "..". The empty string is the unknown date.
func ParseDate(s string) (Date, error) {
	bad := func() (Date, error) {
		return Date{}, fmt.Errorf("unknown date %q: write YYYY, YYYY-MM or YYYY-MM-DD, with ~ or ? behind it where it is uncertain", s)
	}
	if s == "" {
		return Date{}, nil
	}
	var d Date
	rest := s
	if strings.HasPrefix(rest, "..") {
		d.flags |= flagOnOrBefore
		rest = rest[2:]
	}
	switch {
	case strings.HasSuffix(rest, "~"):
		d.flags |= flagApproximate
		rest = rest[:len(rest)-1]
	case strings.HasSuffix(rest, "?"):
		d.flags |= flagUncertain
		rest = rest[:len(rest)-1]
	}
	if len(rest) != 4 && len(rest) != 7 && len(rest) != 10 {
		return bad()
	}
	number := func(from, to int) (int, bool) {
		for _, c := range rest[from:to] {
			if c < '0' || c > '9' {
				return 0, false
			}
		}
		n, err := strconv.Atoi(rest[from:to])
		return n, err == nil
	}
	y, ok := number(0, 4)
	if !ok || y == 0 {
		return bad()
	}
	d.year = int16(y)
	if len(rest) >= 7 {
		m, ok := number(5, 7)
		if !ok || rest[4] != '-' || m < 1 || m > 12 {
			return bad()
		}
		d.month = uint8(m)
	}
	if len(rest) == 10 {
		n, ok := number(8, 10)
		if !ok || rest[7] != '-' || n < 1 || n > daysIn(y, time.Month(d.month)) {
			return bad()
		}
		d.day = uint8(n)
	}
	return d, nil
}

func daysIn(y int, m time.Month) int {
	return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// IsZero reports whether the date is unknown.
func (d Date) IsZero() bool { return d == Date{} }

// Earliest returns the first day that the date may mean.
func (d Date) Earliest() Day {
	if d.IsZero() || d.flags&flagOnOrBefore != 0 {
		return MinDay
	}
	y, m, n := int(d.year), int(max(d.month, 1)), int(max(d.day, 1))
	if d.flags&(flagApproximate|flagUncertain) != 0 {
		y, m, n = d.step(y, m, n, -1)
	}
	return civilDay(y, time.Month(m), n)
}

// Latest returns the last day that the date may mean.
func (d Date) Latest() Day {
	if d.IsZero() {
		return MaxDay
	}
	y, m, n := int(d.year), int(d.month), int(d.day)
	if m == 0 {
		m = 12
	}
	if n == 0 {
		n = daysIn(y, time.Month(m))
	}
	if d.flags&(flagApproximate|flagUncertain) != 0 {
		y, m, n = d.step(y, m, n, 1)
		if d.day == 0 {
			n = daysIn(y, time.Month(m))
		}
	}
	return civilDay(y, time.Month(m), n)
}

func (d Date) step(y, m, n, by int) (int, int, int) {
	switch {
	case d.day != 0:
		return y, m, n + by
	case d.month != 0:
		m += by
		if m == 0 {
			return y - 1, 12, n
		}
		if m == 13 {
			return y + 1, 1, n
		}
		return y, m, n
	default:
		return y + by, m, n
	}
}

// String prints the date as ParseDate reads it; the unknown date prints as "".
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	var b strings.Builder
	if d.flags&flagOnOrBefore != 0 {
		b.WriteString("..")
	}
	fmt.Fprintf(&b, "%04d", d.year)
	if d.month != 0 {
		fmt.Fprintf(&b, "-%02d", d.month)
	}
	if d.day != 0 {
		fmt.Fprintf(&b, "-%02d", d.day)
	}
	switch {
	case d.flags&flagApproximate != 0:
		b.WriteByte('~')
	case d.flags&flagUncertain != 0:
		b.WriteByte('?')
	}
	return b.String()
}

// Spoken says the date as it is read aloud: "on or before 2018", "about 2018".
func (d Date) Spoken() string {
	s, before := strings.CutPrefix(d.String(), "..")
	switch {
	case strings.HasSuffix(s, "~"):
		s = "about " + s[:len(s)-1]
	case strings.HasSuffix(s, "?"):
		s = s[:len(s)-1] + " (uncertain)"
	}
	if before {
		s = "on or before " + s
	}
	return s
}

// OnOrBefore returns the date read as "on or before d".
func (d Date) OnOrBefore() Date {
	if d.IsZero() {
		return d
	}
	d.flags |= flagOnOrBefore
	return d
}

// MarshalText implements encoding.TextMarshaler.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Date) UnmarshalText(b []byte) error {
	v, err := ParseDate(string(b))
	if err == nil {
		*d = v
	}
	return err
}
