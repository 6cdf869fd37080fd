package list

import (
	"strings"

	"github.com/offshelf/offshelf/internal/name"
)

// labels are the words with which US lists print a number in a register, the
// longest of those with one beginning first.
var labels = []struct {
	printed string
	kind    IdentifierKind
}{
	{"Unified Social Credit Code (USCC)", USCC},
	{"Legal Entity Number", LEI},
	{"Vessel Registration Identification", IMO}, // IMO 1234567
	{"Company Number", Registration},            // or IMO 1234567
	{"Identification Number", Registration},     // of companies; or IMO 1234567
	{"Business Registration Number", Registration},
	{"Business Registration Document #", Registration},
	{"Commercial Registry Number", Registration},
	{"Chamber of Commerce Number", Registration},
	{"Central Registration System Number", Registration},
	{"Economic Register Number (CBLS)", Registration},
	{"Enterprise Number", Registration},
	{"Registration Number", Registration},
	{"Registration ID", Registration},
	{"Registered Charity No.", Registration},
	{"C.R. No.", Registration},
	{"Trade License No.", Registration},
	{"Public Registration Number", Registration},
	{"Tax ID No.", TaxID},
	{"V.A.T. Number", TaxID},
	{"Fiscal Code", TaxID},
	{"NIT #", TaxID},
	{"RUC #", TaxID},
	{"R.I.F. #", TaxID},
	{"D-U-N-S Number", DUNS},
	{"SWIFT/BIC", BIC},
	{"ISIN", ISIN},
	{"Equity Ticker", Ticker},
	{"MMSI", MMSI},
	{"Aircraft Tail Number", TailNumber},
	{"Website", Website},
}

// ReadIdentifier reads a number that is printed behind its label, such as
// "Tax ID No. 9909425511 (Russia)".
func ReadIdentifier(s string) (Identifier, bool) {
	for _, l := range labels {
		rest, ok := strings.CutPrefix(s, l.printed)
		if !ok || rest == "" || rest[0] != ' ' {
			continue
		}
		value := strings.Trim(rest, " ,.:")
		country := ""
		if i := strings.LastIndex(value, " ("); i > 0 && strings.HasSuffix(value, ")") {
			if c := name.Country(value[i+2 : len(value)-1]); c != "" {
				value, country = value[:i], c
			}
		}
		return NewIdentifier(l.kind, value, country)
	}
	return Identifier{}, false
}

// LabelledIdentifier makes an identifier of a label, a value and a country that
// are printed apart from each other.
func LabelledIdentifier(label, value, country string) (Identifier, bool) {
	for _, l := range labels {
		if strings.EqualFold(strings.TrimRight(label, " :.#"), strings.TrimRight(l.printed, " :.#")) {
			return NewIdentifier(l.kind, value, name.Country(country))
		}
	}
	return Identifier{}, false
}

// NewIdentifier checks a number by the shape that its register gives it, and
// tells ships and their owners apart, which share a register.
func NewIdentifier(kind IdentifierKind, value, country string) (Identifier, bool) {
	value = strings.Trim(Squeeze(value), " ,;.")
	if imo, ok := strings.CutPrefix(value, "IMO "); ok {
		value = strings.TrimSpace(imo)
		if kind != IMO {
			kind = IMOCompany
		}
	}
	switch kind {
	case LEI:
		value = strings.ToUpper(value)
		if len(value) != 20 || !alphanumeric(value) {
			return Identifier{}, false
		}
		country = "" // one register for the world
	case USCC:
		value, country = strings.ToUpper(value), "CN"
		if len(value) != 18 || !alphanumeric(value) {
			return Identifier{}, false
		}
	case IMO, IMOCompany:
		value = strings.TrimSpace(strings.TrimPrefix(value, "IMO"))
		if len(value) != 7 || !digits(value) {
			return Identifier{}, false
		}
		country = ""
	case Registration, TaxID, OGRN, DUNS:
		if kind == DUNS {
			country = ""
		}
		if n := len(name.Key(value)); n < 5 || n > 40 {
			return Identifier{}, false // too short to tell parties apart
		}
	case Website:
		value, country = strings.ToLower(value), ""
	case BIC, ISIN, Ticker, TailNumber, MMSI:
		country = ""
	}
	if value == "" || len(value) > 400 {
		return Identifier{}, false
	}
	return Identifier{kind, value, country}, true
}

// AddNumber adds a number in a register to an entry, where it has the shape of
// one. Those of people are left out, and a company's IMO number is no ship's.
func (e *Entry) AddNumber(kind IdentifierKind, value, country string) {
	if e.Kind == Person {
		return
	}
	if kind == IMO && e.Kind == Entity {
		kind = IMOCompany
	}
	if id, ok := NewIdentifier(kind, value, country); ok {
		e.Identifiers = append(e.Identifiers, id)
	}
}

func alphanumeric(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
