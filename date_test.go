package offshelf_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

func day(t testing.TB, s string) offshelf.Day {
	t.Helper()
	d, err := offshelf.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func date(t testing.TB, s string) offshelf.Date {
	t.Helper()
	d, err := offshelf.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDateBounds(t *testing.T) {
	for _, c := range []struct{ date, earliest, latest string }{
		{"2018-02-06", "2018-02-06", "2018-02-06"},
		{"2018-02", "2018-02-01", "2018-02-28"},
		{"2018", "2018-01-01", "2018-12-31"},
		{"2020-02", "2020-02-01", "2020-02-29"}, // leap year
		{"2000-02", "2000-02-01", "2000-02-29"}, // every 400 years
		{"1900-02", "1900-02-01", "1900-02-28"}, // not every 100
		{"2020-02-29", "2020-02-29", "2020-02-29"},
		// ~ and ? widen by one unit of the precision on both sides.
		{"2018~", "2017-01-01", "2019-12-31"},
		{"2018?", "2017-01-01", "2019-12-31"},
		{"2018-02~", "2018-01-01", "2018-03-31"},
		{"2018-01?", "2017-12-01", "2018-02-28"},
		{"2018-12~", "2018-11-01", "2019-01-31"},
		{"2020-01~", "2019-12-01", "2020-02-29"},
		{"2018-01-01~", "2017-12-31", "2018-01-02"},
		{"2018-12-31?", "2018-12-30", "2019-01-01"},
		{"2020-02-28~", "2020-02-27", "2020-02-29"},
		// on or before
		{"..2019-10-09", "", "2019-10-09"},
		{"..2019-10", "", "2019-10-31"},
		{"..2019~", "", "2020-12-31"},
		// unknown
		{"", "", ""},
	} {
		d := date(t, c.date)
		if got := d.Earliest().String(); got != c.earliest {
			t.Errorf("%q is at earliest %q, want %q", c.date, got, c.earliest)
		}
		if got := d.Latest().String(); got != c.latest {
			t.Errorf("%q is at latest %q, want %q", c.date, got, c.latest)
		}
		if got := d.String(); got != c.date {
			t.Errorf("%q prints as %q", c.date, got)
		}
	}
	var unknown offshelf.Date
	if !unknown.IsZero() || unknown.Earliest() != offshelf.MinDay || unknown.Latest() != offshelf.MaxDay {
		t.Error("the unknown date has bounds")
	}
}

func TestBadDates(t *testing.T) {
	for _, s := range []string{
		"..", "~", "?", "18", "201", "20181", "2018-", "2018-2", "2018-00", "2018-13", "2018-02-", "2018-02-00", "2018-02-6",
		"2018-02-30", "2019-02-29", "1900-02-29", "2018-04-31", "0000", "-018", "+018", "2018/02", "2018/02/06", "2018-02/06",
		"2018~?", "2018?~", "~2018", "2018-~2", " 2018", "2018 ", "...2018", "2018..", "٢٠١٨", "20é8", "6 February 2018", "2018-02-06T00:00",
	} {
		if d, err := offshelf.ParseDate(s); err == nil {
			t.Errorf("%q is read as %s", s, d)
		} else if !strings.Contains(err.Error(), "YYYY-MM-DD") {
			t.Errorf("%q: the error does not say what to write: %v", s, err)
		}
	}
	for _, s := range []string{"", "2018", "2018-02", "2018-02-06~", "..2018-02-06", "yesterday"} {
		if d, err := offshelf.ParseDay(s); err == nil {
			t.Errorf("%q is read as the day %s", s, d)
		}
	}
}

func drawDate(t *rapid.T, label string) offshelf.Date {
	y := rapid.IntRange(1900, 2100).Draw(t, label+" year")
	n := offshelf.DayOf(time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)) + offshelf.Day(rapid.IntRange(0, 364).Draw(t, label+" day"))
	s := n.String()[:rapid.SampledFrom([]int{4, 7, 10}).Draw(t, label+" precision")]
	s = rapid.SampledFrom([]string{"", "", ".."}).Draw(t, label+" before") + s + rapid.SampledFrom([]string{"", "", "~", "?"}).Draw(t, label+" qualifier")
	d, err := offshelf.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	if d.String() != s {
		t.Fatalf("%q prints as %q", s, d)
	}
	return d
}

func TestDateRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t, "date")
		text, err := d.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again offshelf.Date
		if err := again.UnmarshalText(text); err != nil || again != d {
			t.Fatalf("%s comes back as %s, %v", d, again, err)
		}
		if d.Earliest() > d.Latest() {
			t.Fatalf("%s starts after it ends", d)
		}
		before := d.OnOrBefore()
		if before.Earliest() != offshelf.MinDay || before.Latest() != d.Latest() || before.OnOrBefore() != before {
			t.Fatalf("%s on or before is %s", d, before)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`(\.\.)?[0-9]{3,4}(-[0-9]{1,2}){0,2}[~?]?`).Draw(t, "text")
		if d, err := offshelf.ParseDate(s); err == nil && d.String() != s {
			t.Fatalf("%q prints as %q", s, d)
		}
	})
}

func TestDayRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := offshelf.Day(rapid.Int32Range(-700_000, 2_900_000).Draw(t, "day")) // years 54 to 9909
		again, err := offshelf.ParseDay(d.String())
		if err != nil || again != d {
			t.Fatalf("%d prints as %s and comes back as %d, %v", d, d, again, err)
		}
		if x := d.Date(); x.Earliest() != d || x.Latest() != d || x.String() != d.String() {
			t.Fatalf("%s is the date %s", d, x)
		}
	})
	for _, d := range []offshelf.Day{offshelf.MinDay, offshelf.MaxDay} {
		if d.String() != "" || !d.Date().IsZero() {
			t.Errorf("%d prints as %q", d, d)
		}
	}
	if got := (offshelf.Date{}).OnOrBefore(); !got.IsZero() {
		t.Errorf("on or before an unknown date is %s", got)
	}
	var kept offshelf.Date
	if err := kept.UnmarshalText([]byte("soon")); err == nil || !kept.IsZero() {
		t.Errorf("soon is read as %s", kept)
	}
}

func TestDayOf(t *testing.T) {
	kiritimati := time.FixedZone("+14", 14*3600)
	at := time.Date(2021, 10, 25, 1, 0, 0, 0, kiritimati) // still the 24th in UTC
	if got := offshelf.DayOf(at).String(); got != "2021-10-25" {
		t.Errorf("the day is %s", got)
	}
	if got := offshelf.DayOf(time.Unix(0, 0).UTC()); got != 0 {
		t.Errorf("1970-01-01 is day %d", got)
	}
	if got := day(t, "2021-10-25") - day(t, "2019-10-09"); got != 747 {
		t.Errorf("from the listing to the story are %d days, want 747", got)
	}
}

func TestSpoken(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "2018": "2018", "2018-02~": "about 2018-02", "2018?": "2018 (uncertain)", "..2018-02-06": "on or before 2018-02-06",
	} {
		if got := date(t, in).Spoken(); got != want {
			t.Errorf("%q is spoken %q, want %q", in, got, want)
		}
	}
}
