package exchange

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

func TestParsePercentage(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"50%", "50%"}, {"50", "50%"}, {"50,5", "50.5%"}, {"50.55", "50.55%"}, {"≥ 25", "25-100%"}, {">=25", "25-100%"}, {"> 25 %", "25.01-100%"},
		{"25-50", "25-50%"}, {"25 - 50 %", "25-50%"}, {"25% to 50%", "25-50%"}, {"25–50", "25-50%"}, {"majority", "majority"}, {"Minority", "minority"},
		{"over 50 percent", "majority"}, {"more than 50%", "majority"}, {"at least 75 per cent", "75-100%"}, {"up to 25%", "0-25%"}, {"less than 10 %", "0-9.99%"},
		{"75-to-100-percent", "75-100%"}, {"between 25 and 50 percent", "25-50%"}, {"more than 25% but not more than 50%", "25.01-50%"}, {"25 or more", "25-100%"},
		{"33.3333", "33.33-33.34%"}, {"99.999%", "99.99-100%"}, {"0", "0%"}, {"1", "1%"}, {"100", "100%"}, {"100.00", "100%"}, {"0.5%", "0.5%"}, {"wholly owned", "100%"},
		{"", "unknown"}, {"unknown", "unknown"}, {"2.5", "2.5%"}, {"33,333", "33.33-33.34%"},
		// open questions
		{"0.5", "?"}, {"1.0", "?"}, {"0.2-0.5", "?"}, {"about 50", "?"}, {"50/50", "?"}, {"12 shares", "?"}, {"1.2.3", "?"}, {"50-25", "?"}, {".", "?"}, {"٥٠", "?"}, {"<25-50", "?"},
		// impossible
		{"-5", "!"}, {"- 5 %", "!"}, {"101", "!"}, {"100.001", "!"}, {">100", "!"}, {"50-150", "!"}, {"99999999999999999999", "!"}, {"<0", "!"},
	} {
		s, doubt, err := ParsePercentage(c.text)
		got := s.String()
		switch {
		case err != nil:
			got = "!"
		case doubt != "":
			got = "?"
		}
		if got != c.want {
			t.Errorf("%q is %s (%s, %v), want %s", c.text, got, doubt, err, c.want)
		}
	}
}

// TestPercentageRoundTrip: what the export writes is read as the same share.
func TestPercentageRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int32Range(0, 10000).Draw(t, "min")
		b := rapid.Int32Range(a, 10000).Draw(t, "max")
		s := offshelf.Share{Min: a, Max: b, Known: true}
		got, doubt, err := ParsePercentage(percentage(s))
		if err != nil || doubt != "" || got != s {
			t.Fatalf("%v is written %q and read as %v (%s, %v)", s, percentage(s), got, doubt, err)
		}
	})
}

// TestPercentageBounds: no text gives a share outside of 0 to 100 percent.
func TestPercentageBounds(t *testing.T) {
	words := []string{"-", ">", "<", "=", "%", " ", ".", ",", "0", "1", "9", "50", "100", "to", "and", "over ", "percent", "majority", "≥"}
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, w := range rapid.SliceOfN(rapid.SampledFrom(words), 0, 8).Draw(t, "words") {
			text += w
		}
		s, doubt, err := ParsePercentage(text)
		if s.Known && (s.Min < 0 || s.Max > 10000 || s.Min > s.Max || doubt != "" || err != nil) || err != nil && doubt != "" {
			t.Fatalf("%q is %v, %s, %v", text, s, doubt, err)
		}
	})
}
