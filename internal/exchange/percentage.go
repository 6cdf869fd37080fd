package exchange

import (
	"fmt"
	"strings"

	"github.com/offshelf/offshelf"
)

// ParsePercentage reads the free text in which ownership data writes a share:
// "50", "50 %", "50,5", "≥ 25", ">=25", "25-50", "between 25 and 50 percent",
// "over 50 percent", "majority", "75-to-100-percent". More than two decimals
// become the range of the two basis points around them.
//
// An open question, such as "0.5" (half, or half a percent) or a text that is
// no number, is the unknown share and a doubt in words. An error means that
// the text cannot be a share at all: below 0 or over 100 percent.
func ParsePercentage(text string) (s offshelf.Share, doubt string, err error) {
	if n, ok := plainPercent(text); ok {
		return offshelf.Share{Min: n, Max: n, Known: true}, "", nil
	}
	impossible := func(why string) (offshelf.Share, string, error) {
		return offshelf.Share{}, "", fmt.Errorf("share %q is %s: correct it in the source", cutTo(text, 60), why)
	}
	unclear := func(why string) (offshelf.Share, string, error) {
		return offshelf.Share{}, fmt.Sprintf("share %q: %s", cutTo(text, 60), why), nil
	}
	if len(text) > 200 {
		return unclear("is a text, no number")
	}
	t := strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, w := range []struct{ from, to string }{{"–", "-"}, {"—", "-"}, {"−", "-"}, {"≥", ">="}, {"≤", "<="}, {"=>", ">="}, {"=<", "<="}} {
		t = strings.ReplaceAll(t, w.from, w.to)
	}
	sign := false // the text says that it is in percent
	for _, w := range []string{"percentage", "percent", "per cent", "prozent", "%", "procent"} {
		if strings.Contains(t, w) {
			sign, t = true, strings.ReplaceAll(t, w, " ")
		}
	}
	t = strings.Trim(strings.Join(strings.Fields(t), " "), "- ")
	if strings.ContainsAny(t, "0123456789") && (strings.HasPrefix(strings.TrimSpace(text), "-") || strings.HasPrefix(strings.TrimSpace(text), "−")) {
		return impossible("below 0%")
	}
	switch t {
	case "", "unknown", "n/a", "na", "none stated", "not known":
		return offshelf.Share{}, "", nil
	case "majority", "majority stake", "majority shareholder":
		return offshelf.Share{Min: 5001, Max: 10000, Known: true}, "", nil
	case "minority", "minority stake", "minority shareholder":
		return offshelf.Share{Min: 1, Max: 4999, Known: true}, "", nil
	case "all", "wholly", "wholly owned":
		return offshelf.Share{Min: 10000, Max: 10000, Known: true}, "", nil
	case "half":
		return offshelf.Share{Min: 5000, Max: 5000, Known: true}, "", nil
	}
	op := ""
	for _, o := range []struct{ word, op string }{
		{">=", ">="}, {"<=", "<="}, {">", ">"}, {"<", "<"}, {"at least ", ">="}, {"not less than ", ">="}, {"no less than ", ">="}, {"minimum ", ">="}, {"from ", ""}, {"between ", ""}, {"no more than ", "<="}, {"not more than ", "<="},
		{"more than ", ">"}, {"over ", ">"}, {"above ", ">"}, {"greater than ", ">"}, {"at most ", "<="}, {"up to ", "<="}, {"less than ", "<"}, {"under ", "<"}, {"below ", "<"},
	} {
		if strings.HasPrefix(t, o.word) {
			op, t = o.op, strings.TrimSpace(t[len(o.word):])
			break
		}
	}
	for _, o := range []struct{ word, op string }{{" or more", ">="}, {" and more", ">="}, {" or less", "<="}, {"+", ">="}} {
		if rest, ok := strings.CutSuffix(t, o.word); ok && op == "" {
			op, t = o.op, strings.TrimSpace(rest)
		}
	}
	low, high, ranged := t, "", false
	for _, sep := range []string{"-to-", " to ", " and ", " bis ", "-", ".."} {
		if a, b, ok := strings.Cut(t, sep); ok {
			low, high, ranged = strings.TrimSpace(a), strings.TrimSpace(b), true
			break
		}
	}
	if a, b, ok := strings.Cut(t, " but not more than "); ok {
		low, high, ranged = strings.TrimSpace(a), strings.TrimSpace(b), true
	}
	if !sign && (thousands(low) || thousands(high)) {
		return unclear("may be a number of thousands: write it with %")
	}
	lo, err := decimal(low)
	if err != nil {
		return unclear("is no number")
	}
	if over(lo) {
		return impossible("over 100%")
	}
	if !ranged {
		if !sign && lo.fraction() {
			return unclear("may be a fraction or a percentage: write it with %")
		}
		switch op {
		case "":
			return offshelf.Share{Min: lo.down, Max: lo.up, Known: true}, "", nil
		case ">=":
			return offshelf.Share{Min: lo.down, Max: 10000, Known: true}, "", nil
		case ">":
			if lo.down == 10000 {
				return impossible("over 100%")
			}
			return offshelf.Share{Min: lo.down + 1, Max: 10000, Known: true}, "", nil
		case "<=":
			return offshelf.Share{Min: 0, Max: lo.up, Known: true}, "", nil
		}
		if lo.up == 0 {
			return impossible("below 0%")
		}
		if lo.exact {
			lo.up--
		}
		return offshelf.Share{Min: 0, Max: lo.up, Known: true}, "", nil
	}
	hi, err := decimal(high)
	if err != nil || op == "<" || op == "<=" {
		return unclear("is no range of two numbers")
	}
	if over(hi) {
		return impossible("over 100%")
	}
	if hi.up < lo.down {
		return unclear("the range runs backwards")
	}
	if !sign && lo.fraction() && hi.fraction() {
		return unclear("may be fractions or percentages: write it with %")
	}
	if op == ">" && lo.exact && lo.down < hi.up {
		lo.down++
	}
	return offshelf.Share{Min: lo.down, Max: hi.up, Known: true}, "", nil
}

// plainPercent is the commonest form: a whole number from 0 to 100, or one
// with one or two decimals from 1 on.
func plainPercent(s string) (int32, bool) {
	n, i := int32(0), 0
	for ; i < len(s) && i < 3 && s[i] >= '0' && s[i] <= '9'; i++ {
		n = n*10 + int32(s[i]-'0')
	}
	if i == 0 || n > 100 {
		return 0, false
	}
	n *= 100
	rest := s[i:]
	switch {
	case rest == "":
		return n, true
	case n < 200 || len(rest) > 3 || len(rest) < 2 || rest[0] != '.':
		return 0, false
	}
	for j, unit := 1, int32(10); j < len(rest); j, unit = j+1, 1 {
		if rest[j] < '0' || rest[j] > '9' {
			return 0, false
		}
		n += int32(rest[j]-'0') * unit
	}
	return n, n <= 10000
}

// number is a decimal number in basis points, rounded both ways.
type number struct {
	down, up int32
	exact    bool
	point    bool // written with decimals
}

// fraction reports whether the number, read as a part of one, would be a share
// too.
func (n number) fraction() bool { return n.point && n.up <= 100 && n.up > 0 }

// thousands reports whether a number, "75,000", may be one of thousands, such
// as a count of shares.
func thousands(s string) bool {
	i := strings.IndexByte(s, ',')
	return i > 0 && s[i:] == ",000"
}

func over(n number) bool { return n.up > 10000 }

// decimal reads digits with a point or comma. Numbers over 100 come out as
// such; nothing overflows.
func decimal(s string) (number, error) {
	s = strings.TrimSpace(s)
	whole, frac, point := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if whole == "" || len(s) > 40 {
		return number{}, fmt.Errorf("no number")
	}
	n := int32(0)
	for _, c := range []byte(whole) {
		if c < '0' || c > '9' {
			return number{}, fmt.Errorf("no number")
		}
		n = min(n*10+int32(c-'0'), 100_000)
	}
	n *= 100
	if point && frac == "" {
		return number{}, fmt.Errorf("no number")
	}
	rest, unit := false, int32(10)
	for i, c := range []byte(frac) {
		if c < '0' || c > '9' {
			return number{}, fmt.Errorf("no number")
		}
		if i < 2 {
			n += int32(c-'0') * unit
			unit /= 10
		} else if c != '0' {
			rest = true
		}
	}
	out := number{n, n, !rest, point}
	if rest {
		out.up++
	}
	return out, nil
}

// cover is the range that holds both shares.
func cover(a, b offshelf.Share) offshelf.Share {
	return offshelf.Share{Min: min(a.Min, b.Min), Max: max(a.Max, b.Max), Known: true}
}
