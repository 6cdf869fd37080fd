package catalog

import (
	"regexp"
	"strings"
)

// isGTIN reports whether v is a GTIN-8, -12, -13 or -14 with its check digit.
func isGTIN(v string) bool {
	v = cleanCode(trim(v))
	switch len(v) {
	case 8, 12, 13, 14:
	default:
		return false
	}
	sum := 0
	for i := range len(v) {
		d := int(v[i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if (len(v)-i)%2 == 0 {
			d *= 3
		}
		sum += d
	}
	return sum%10 == 0 && strings.Trim(v, "0") != ""
}

var (
	macShape = regexp.MustCompile(`(?i)^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$`)
	// A grantee code of five characters starts with a digit, one of three with
	// a letter; an equipment code of up to 14 follows.
	fccShape     = regexp.MustCompile(`^(?:[2-9][A-Z0-9]{4}|[A-Z][A-Z0-9]{2})[A-Z0-9-]{1,14}$`)
	fccLongShape = regexp.MustCompile(`^2[A-Z][A-Z0-9]{3}-?[A-Z0-9][A-Z0-9-]{0,13}$`)
	sciShape     = regexp.MustCompile(`^[0-9][.,]?[0-9]*[eE]\+?[0-9]{1,2}$`)
)

func isMAC(v string) bool { return macShape.MatchString(v) }

func isFCCID(v string) bool { return fccShape.MatchString(v) }

// fieldByContent recognises a column without a telling name by its values.
func fieldByContent(values []string) (field, bool) {
	var filled, gtin, mac, fcc, fccLong int
	seen := map[string]bool{}
	for _, v := range values {
		v = trim(v)
		if v == "" {
			continue
		}
		filled++
		seen[v] = true
		if isGTIN(v) {
			gtin++
		}
		if isMAC(v) {
			mac++
		}
		if isFCCID(v) && strings.ContainsAny(v[3:], "0123456789-") {
			fcc++
			if fccLongShape.MatchString(v) {
				fccLong++
			}
		}
	}
	// One number in ten passes the check digit by chance, and one value that
	// repeats is one value only.
	if filled < 3 || len(seen) < 3 {
		return 0, false
	}
	switch {
	case mac*5 >= filled*4:
		return fieldMAC, true
	case gtin*10 >= filled*9:
		return fieldGTIN, true
	case fcc*10 >= filled*9 && fccLong*3 >= filled:
		// Model numbers look like short grantee codes, so some must be long.
		return fieldFCCID, true
	}
	return 0, false
}
