package offshelf_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

func TestParseShare(t *testing.T) {
	for _, c := range []struct {
		text     string
		min, max int32
		printed  string
	}{
		{"100%", 10000, 10000, "100%"},
		{"100", 10000, 10000, "100%"},
		{"0%", 0, 0, "0%"},
		{"50.0%", 5000, 5000, "50%"},
		{"48.5%", 4850, 4850, "48.5%"},
		{"16.67%", 1667, 1667, "16.67%"},
		{"10.01%", 1001, 1001, "10.01%"},
		{"0.01%", 1, 1, "0.01%"},
		{" 50 % ", 5000, 5000, "50%"},
		{"45-55%", 4500, 5500, "45-55%"},
		{"45%-55%", 4500, 5500, "45-55%"},
		{"45 % - 55 %", 4500, 5500, "45-55%"},
		{">50%", 5001, 10000, "majority"},
		{"> 50 %", 5001, 10000, "majority"},
		{"majority", 5001, 10000, "majority"},
		{"Majority", 5001, 10000, "majority"},
		{"minority", 1, 4999, "minority"},
		{">=25%", 2500, 10000, "25-100%"},
		{"≥25%", 2500, 10000, "25-100%"},
		{"≥25", 2500, 10000, "25-100%"},
		{"<10%", 0, 999, "0-9.99%"},
		{"<=10%", 0, 1000, "0-10%"},
		{"≤10%", 0, 1000, "0-10%"},
		{">99.99%", 10000, 10000, "100%"},
	} {
		got, err := offshelf.ParseShare(c.text)
		if want := (offshelf.Share{Min: c.min, Max: c.max, Known: true}); err != nil || got != want {
			t.Errorf("%q is read as %+v, %v; want %+v", c.text, got, err, want)
		}
		if got.String() != c.printed {
			t.Errorf("%q prints as %q, want %q", c.text, got, c.printed)
		}
	}
	for _, s := range []string{"", "unknown", " Unknown "} {
		if got, err := offshelf.ParseShare(s); err != nil || got != (offshelf.Share{}) || got.String() != "unknown" {
			t.Errorf("%q is read as %+v, %v", s, got, err)
		}
	}
}

func TestBadShares(t *testing.T) {
	for text, why := range map[string]string{
		"half":                  "not a number",
		"%":                     "not a number",
		">":                     "not a number",
		".5%":                   "not a number",
		"-5%":                   "not a number",
		"+5%":                   "not a number",
		"5-":                    "not a number",
		"1e2%":                  "not a number",
		"5,5%":                  "not a number",
		"50%%":                  "not a number",
		"5 0%":                  "not a number",
		"0x10":                  "not a number",
		"10-20-30":              "not a number",
		">10-20%":               "not a number",
		"101%":                  "over 100%",
		"100.01%":               "over 100%",
		"50-150%":               "over 100%",
		">100%":                 "over 100%",
		"<0%":                   "below 0%",
		"33.333%":               "more than two decimals",
		"1-2.345%":              "more than two decimals",
		"55-45%":                "the range runs backwards",
		"99999999999999999999%": "not a number",
	} {
		got, err := offshelf.ParseShare(text)
		if err == nil {
			t.Errorf("%q is read as %s", text, got)
			continue
		}
		if !strings.Contains(err.Error(), ": "+why+";") {
			t.Errorf("%q: %v, want: %s", text, err, why)
		}
	}
	kept := offshelf.Share{Min: 1, Max: 2, Known: true}
	if err := kept.UnmarshalText([]byte("half")); err == nil || kept.Min != 1 {
		t.Errorf("half is read as %s", kept)
	}
}

func TestShareRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := offshelf.Share{Known: rapid.IntRange(0, 9).Draw(t, "known") > 0}
		if s.Known {
			s.Min = rapid.Int32Range(0, 10000).Draw(t, "min")
			s.Max = rapid.Int32Range(s.Min, 10000).Draw(t, "max")
		}
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again offshelf.Share
		if err := again.UnmarshalText(text); err != nil || again != s {
			t.Fatalf("%+v prints as %s and comes back as %+v, %v", s, text, again, err)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[<>≥≤]?=? ?[0-9]{1,3}(\.[0-9]{0,3})?%?( ?- ?[0-9]{1,3}(\.[0-9]{1,3})?%?)?`).Draw(t, "text")
		s, err := offshelf.ParseShare(text)
		if err != nil {
			return
		}
		if s.Min < 0 || s.Min > s.Max || s.Max > 10000 {
			t.Fatalf("%q is read as %+v", text, s)
		}
		if again, err := offshelf.ParseShare(s.String()); err != nil || again != s {
			t.Fatalf("%q prints as %q and comes back as %+v, %v", text, s, again, err)
		}
	})
}
