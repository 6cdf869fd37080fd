package offshelf_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

// TestIdentifierCheck holds the check digits to numbers that registers print.
func TestIdentifierCheck(t *testing.T) {
	for _, c := range []struct {
		scheme, id, normal, wrong string // wrong is a piece of the error, or empty
	}{
		{"lei", "PY6ZZQWO2IZFZC3IOL08", "PY6ZZQWO2IZFZC3IOL08", ""},
		{"XI-LEI", "py6zzqwo2izfzc3iol08", "PY6ZZQWO2IZFZC3IOL08", ""},
		{"lei", "529900T8BM49AURSDO55", "529900T8BM49AURSDO55", ""},
		{"lei", "529900T8BM49AURSDO56", "", "check digit"},
		{"lei", "529900T8BM49AURSDO5", "", "20 characters"},
		{"uscc", "91110000600037341L", "91110000600037341L", ""},
		{"uscc", "91330000733796106P", "91330000733796106P", ""},
		{"uscc", "91330000733796106Q", "", "check digit"},
		{"uscc", "9133000073379610SP", "", "without I, O, S, V and Z"},
		{"inn", "1841015504", "1841015504", ""},
		{"inn", "1841015505", "", "check digit"},
		{"inn", "500100732259", "500100732259", ""},
		{"inn", "500100732269", "", "check digit"},
		{"ogrn", "1101841007938", "1101841007938", ""},
		{"ogrn", "1101841007939", "", "check digit"},
		{"ogrn", "304500116000157", "304500116000157", ""},
		{"imo", "IMO 9074729", "9074729", ""},
		{"imo", "9074728", "", "check digit"},
		{"isin", "US0378331005", "US0378331005", ""},
		{"isin", "US0378331004", "", "check digit"},
		{"isin", "GB0009895292", "GB0009895292", ""},
		{"cik", "0000320193", "320193", ""},
		{"duns", "08-046-6467", "080466467", ""},
		{"duns", "08046646", "", "9 digits"},
		{"GB-COH", "2723534", "02723534", ""},
		{"gb-coh", "sc123456", "SC123456", ""},
		{"IRL-BAU", "434151", "434151", ""},
		{"RA000585", "06292597", "06292597", ""},
		{"vat", "1", "", "identifier scheme"},
		{"lei", " ", "", "is empty"},
		{"GB-COH", "1\x002", "", "no number of a register"},
		{"GB-COH", strings.Repeat("1", 101), "", "no number of a register"},
	} {
		i := offshelf.Identifier{Scheme: c.scheme, ID: c.id}
		if n := i.Normal(); n.Known() {
			i.Scheme = n.Scheme
		}
		switch err := i.Check(); {
		case c.wrong == "" && err != nil:
			t.Errorf("%s %s: %v", c.scheme, c.id, err)
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
			t.Errorf("%s %q: %v, want %q in it", c.scheme, c.id, err, c.wrong)
		case c.wrong == "" && i.Normal().ID != c.normal:
			t.Errorf("%s %s is %q, want %q", c.scheme, c.id, i.Normal().ID, c.normal)
		}
	}
}

// TestIdentifierSlip: one wrong character of a USCC is always seen, and of an
// LEI one letter for another or one digit for another.
func TestIdentifierSlip(t *testing.T) {
	const letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	rapid.Check(t, func(t *rapid.T) {
		good := rapid.SampledFrom([]offshelf.Identifier{{Scheme: "lei", ID: "PY6ZZQWO2IZFZC3IOL08"}, {Scheme: "uscc", ID: "91330000733796106P"}}).Draw(t, "good")
		if err := good.Check(); err != nil {
			t.Fatal(err)
		}
		b := []byte(good.ID)
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		to := letters[rapid.IntRange(0, len(letters)-1).Draw(t, "to")]
		if b[at] == to || good.Scheme == "lei" && (b[at] <= '9') != (to <= '9') {
			return
		}
		b[at] = to
		if err := (offshelf.Identifier{Scheme: good.Scheme, ID: string(b)}).Check(); err == nil {
			t.Fatalf("%s passes", b)
		}
	})
}

// TestIdentifierNormal: what is normal stays as it is.
func TestIdentifierNormal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := offshelf.Identifier{Scheme: rapid.String().Draw(t, "scheme"), ID: rapid.String().Draw(t, "id")}
		if n := i.Normal(); n.Normal() != n {
			t.Fatalf("%q becomes %q, then %q", i, n, n.Normal())
		}
	})
}
