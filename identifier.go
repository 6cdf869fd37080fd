package offshelf

import (
	"fmt"
	"strings"
	"unicode"
)

// Identifier is a number that a register or agency gave to a party. Scheme is
// one of the schemes below, a register code as org-id.guide and BODS spell it
// (GB-COH, the companies' house of the United Kingdom), or a code of GLEIF's
// list of registration authorities (RA000585).
type Identifier struct {
	Scheme string `json:"scheme"`
	ID     string `json:"id"`
}

// Schemes with rules of their own.
const (
	SchemeLEI          = "lei"          // Legal Entity Identifier, ISO 17442
	SchemeUSCC         = "uscc"         // unified social credit code of China, GB 32100-2015
	SchemeINN          = "inn"          // taxpayer number of Russia, 10 digits for legal entities, 12 for persons
	SchemeOGRN         = "ogrn"         // state registration number of Russia, 13 or 15 digits
	SchemeIMO          = "imo"          // ship or company number of the International Maritime Organization
	SchemeCIK          = "cik"          // filer number of the US Securities and Exchange Commission
	SchemeDUNS         = "duns"         // Dun & Bradstreet, 9 digits
	SchemeISIN         = "isin"         // a security, ISO 6166; one issuer has many
	SchemeRegistration = "registration" // number in a register that is not named: no proof of identity
)

// orgID are codes of org-id.guide for what has a scheme of its own here.
var orgID = map[string]string{
	"XI-LEI": SchemeLEI, "RU-INN": SchemeINN, "RU-OGRN": SchemeOGRN, "CN-USCC": SchemeUSCC, "US-CIK": SchemeCIK,
	"RA000585": "GB-COH", "RA000586": "GB-COH", "RA000587": "GB-COH", // one register in three parts
}

// registerCode reports whether s is a register code: a country and a register,
// such as GB-COH, or a registration authority of GLEIF, such as RA000585.
func registerCode(s string) bool {
	if len(s) == 8 && s[:2] == "RA" && digits(s[2:]) {
		return true
	}
	country, register, ok := strings.Cut(s, "-")
	if !ok || len(country) < 2 || len(country) > 3 || len(register) > 40 {
		return false
	}
	for i := range len(country) {
		if country[i] < 'A' || country[i] > 'Z' {
			return false
		}
	}
	hyphen := true // none may stand first, last or twice
	for i := range len(register) {
		c := register[i]
		if c == '-' && hyphen || c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
		hyphen = c == '-'
	}
	return !hyphen
}

// Known reports whether the scheme is one that identifiers are written in.
func (i Identifier) Known() bool {
	switch i.Scheme {
	case SchemeLEI, SchemeUSCC, SchemeINN, SchemeOGRN, SchemeIMO, SchemeCIK, SchemeDUNS, SchemeISIN, SchemeRegistration:
		return true
	}
	return registerCode(i.Scheme)
}

// Names reports whether the identifier names one party: two facts with the
// same one speak of the same party.
func (i Identifier) Names() bool { return i.Scheme != SchemeRegistration && i.Known() }

// Single reports whether a party has at most one identifier of the scheme, so
// that two different ones are of two parties.
func (i Identifier) Single() bool {
	switch i.Scheme {
	case SchemeISIN, SchemeDUNS, SchemeCIK, SchemeRegistration:
		return false
	}
	return i.Known()
}

// Normal returns the identifier as it is compared: the scheme in its own
// spelling, the number without the blanks, hyphens and prefixes that people
// write into it.
func (i Identifier) Normal() Identifier {
	scheme := strings.TrimSpace(i.Scheme)
	if upper := strings.ToUpper(scheme); orgID[upper] != "" {
		scheme = orgID[upper]
	} else if registerCode(upper) {
		scheme = upper
	} else {
		scheme = strings.ToLower(scheme)
	}
	id := strings.ToUpper(strings.TrimSpace(i.ID))
	switch scheme {
	case SchemeLEI, SchemeUSCC, SchemeINN, SchemeOGRN, SchemeISIN, SchemeDUNS:
		id = strip(id)
	case SchemeIMO:
		id = strings.TrimPrefix(strip(id), "IMO")
	case SchemeCIK:
		id = strings.TrimLeft(strip(id), "0")
	case "GB-COH":
		if id = strip(id); digits(id) && len(id) < 8 {
			id = strings.Repeat("0", 8-len(id)) + id
		}
	default:
		id = strings.Join(strings.Fields(id), " ")
	}
	return Identifier{scheme, id}
}

func strip(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' || r == '\u00a0' {
			return -1
		}
		return r
	}, s)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Check tells what is wrong with an identifier. Where the scheme has a check
// digit it must be right; of register codes only the form is known.
func (i Identifier) Check() error {
	if !i.Known() {
		return fmt.Errorf("identifier scheme %q: use lei, uscc, inn, ogrn, imo, cik, duns, isin, registration, or a register code such as GB-COH", i.Scheme)
	}
	n := i.Normal()
	bad := func(why string) error { return fmt.Errorf("%s %q: %s", i.Scheme, i.ID, why) }
	if n.ID == "" {
		return bad("is empty: write the number, or leave the identifier out")
	}
	if strings.ContainsFunc(n.ID, unicode.IsControl) || len(n.ID) > 100 {
		return bad("is no number of a register: at most 100 letters and digits")
	}
	rule, ok := checks[n.Scheme]
	if !ok {
		return nil
	}
	if !rule.fits(n.ID) || n.Scheme == SchemeLEI && !digits(n.ID[18:]) || n.Scheme == SchemeISIN && (!digits(n.ID[11:]) || digits(n.ID[:1]) || digits(n.ID[1:2])) {
		return bad(rule.form)
	}
	if rule.sum != nil && !rule.sum(n.ID) {
		return bad("the check digit is wrong: compare it with the register")
	}
	return nil
}

// check is the form of a scheme's numbers and the rule of its check digit.
type check struct {
	lengths [2]int
	letters string // that the number may have
	form    string
	sum     func(string) bool
}

const (
	figures  = "0123456789"
	capitals = figures + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	uscc     = "0123456789ABCDEFGHJKLMNPQRTUWXY" // the value of a letter is its place
)

var checks = map[string]check{
	SchemeLEI:  {[2]int{20, 20}, capitals, "an LEI has 20 characters, the last two of them digits", leiSum},
	SchemeUSCC: {[2]int{18, 18}, uscc, "a unified social credit code has 18 digits and capital letters, without I, O, S, V and Z", usccSum},
	SchemeINN:  {[2]int{10, 12}, figures, "an INN has 10 or 12 digits", innSum},
	SchemeOGRN: {[2]int{13, 15}, figures, "an OGRN has 13 or 15 digits", ogrnSum},
	SchemeIMO:  {[2]int{7, 7}, figures, "an IMO number has 7 digits", imoSum},
	SchemeISIN: {[2]int{12, 12}, capitals, "an ISIN has 12 characters: two letters, nine letters or digits, one digit", isinSum},
	SchemeCIK:  {[2]int{1, 10}, figures, "a CIK has up to 10 digits", nil},
	SchemeDUNS: {[2]int{9, 9}, figures, "a DUNS number has 9 digits", nil},
}

// fits reports whether the number has the form of the scheme.
func (c check) fits(id string) bool {
	if len(id) != c.lengths[0] && len(id) != c.lengths[1] && (c.sum != nil || len(id) < c.lengths[0] || len(id) > c.lengths[1]) {
		return false
	}
	for i := range len(id) {
		if strings.IndexByte(c.letters, id[i]) < 0 {
			return false
		}
	}
	return true
}

// leiSum is MOD 97-10 of ISO 7064: letters count from 10, the remainder is 1.
func leiSum(s string) bool {
	r := 0
	for i := range len(s) {
		if c := s[i]; c <= '9' {
			r = (r*10 + int(c-'0')) % 97
		} else {
			r = (r*100 + int(c-'A') + 10) % 97
		}
	}
	return r == 1
}

// usccSum is GB 32100-2015: weights are the powers of 3 modulo 31.
func usccSum(s string) bool {
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(uscc, s[i]) * weight
		weight = weight * 3 % 31
	}
	return (31-sum%31)%31 == strings.IndexByte(uscc, s[17])
}

func weighted(s string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return sum
}

func innSum(s string) bool {
	if len(s) == 10 {
		return weighted(s, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10 == int(s[9]-'0')
	}
	return weighted(s, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10 == int(s[10]-'0') &&
		weighted(s, 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10 == int(s[11]-'0')
}

// ogrnSum: the last digit is the rest of the number before it by 11, or, of
// the 15 digits of a sole trader, by 13, and of that the last digit.
func ogrnSum(s string) bool {
	n, last := int64(0), len(s)-1
	for i := range last {
		n = n*10 + int64(s[i]-'0')
	}
	by := int64(11)
	if len(s) == 15 {
		by = 13
	}
	return n%by%10 == int64(s[last]-'0')
}

// imoSum takes ships (weights 7 to 2, the last digit of the sum) and companies
// and registered owners (another row of weights, by 11).
func imoSum(s string) bool {
	last := int(s[6] - '0')
	return weighted(s, 7, 6, 5, 4, 3, 2)%10 == last || (11-weighted(s, 8, 6, 4, 2, 9, 7)%11)%10 == last
}

// isinSum is the Luhn sum over the digits, letters written as 10 to 35.
func isinSum(s string) bool {
	var d []int
	for i := range len(s) {
		if c := s[i]; c <= '9' {
			d = append(d, int(c-'0'))
		} else {
			v := int(c-'A') + 10
			d = append(d, v/10, v%10)
		}
	}
	sum := 0
	for i := range d {
		v := d[len(d)-1-i]
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}
