package exchange_test

import (
	"strings"
	"testing"

	"github.com/offshelf/offshelf/internal/exchange"
)

// TestCutAnywhereFtM: a file is cut within a character, an escape or a number
// as well.
func TestCutAnywhereFtM(t *testing.T) {
	last := `{"id":"s","schema":"Ownership","x":-1.5e-7,"properties":{"owner":["a"],"asset":["b"],"percentage":["≥ 50 %"],"summary":["\ud83d\ude00 \u00e9"]}}`
	for cut := 1; cut < len(last); cut++ {
		im, err := read(t, "x", twoCompanies+last[:cut])
		if err == nil || !strings.Contains(err.Error(), "line 3: the file ends in the middle of a record") || len(im.Parties) > 0 {
			t.Errorf("cut at %q: %v, %+v", last[:cut], err, im.Counts)
		}
	}
	if im, err := read(t, "x", twoCompanies+last); err != nil || im.Imported != 3 {
		t.Errorf("%v, %+v", err, im.Counts)
	}
}

// TestBackwardsListing: the end of a listing may stand against the date on
// which it was made.
func TestBackwardsListing(t *testing.T) {
	im, err := read(t, "x", twoCompanies+`{"id":"l","schema":"Sanction","properties":{"entity":["a"],"programId":["P"],"listingDate":["2021-01-01"],"endDate":["2020-01-01"]}}`+"\n")
	if err != nil || len(im.Listings) != 0 || im.Refused != 1 || !strings.Contains(im.Refusals[0].String(), "x:3: l: ends (2020-01-01) before it begins (2021-01-01)") {
		t.Errorf("%v, %+v, %v", err, im.Counts, im.Refusals)
	}
}

// TestOpenPercentages: a dash says nothing, and thousands are no percentage.
func TestOpenPercentages(t *testing.T) {
	for text, want := range map[string]string{"-": "unknown", "--": "unknown", "- %": "unknown", "75,000": "unknown", "100,000": "unknown", "75,000%": "75%", "33,33": "33.33%", "not less than 25": "25-100%"} {
		s, doubt, err := exchange.ParsePercentage(text)
		if err != nil || s.String() != want || strings.Contains(text, "000") && want == "unknown" && doubt == "" {
			t.Errorf("%q: %s, %q, %v", text, s, doubt, err)
		}
	}
	if _, _, err := exchange.ParsePercentage("- 5"); err == nil {
		t.Error("-5 is taken")
	}
}
