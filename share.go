package offshelf

import (
	"fmt"
	"strconv"
	"strings"
)

// Share is a part of a company in basis points (1/100 of a percent), as a
// closed range. An unknown share is the zero Share; Known tells them apart.
type Share struct {
	Min, Max int32 // 0 to 10000
	Known    bool
}

// ParseShare reads "100%", "48.5%", "45-55%", ">50%", ">=25%", "<10%",
// "majority", "minority", and "" or "unknown" for an unknown share.
func ParseShare(s string) (Share, error) {
	bad := func(why string) (Share, error) {
		return Share{}, fmt.Errorf("share %q: %s; write it as 50%%, 45-55%%, >50%%, >=25%%, majority, minority or unknown", s, why)
	}
	t := strings.TrimSpace(strings.ToLower(s))
	switch t {
	case "", "unknown":
		return Share{}, nil
	case "majority":
		return Share{5001, 10000, true}, nil
	case "minority":
		return Share{1, 4999, true}, nil
	}
	t = strings.TrimSpace(strings.TrimSuffix(t, "%"))
	op := ""
	for _, o := range []string{">=", "<=", "≥", "≤", ">", "<"} {
		if strings.HasPrefix(t, o) {
			op, t = o, strings.TrimSpace(t[len(o):])
			break
		}
	}
	if lo, hi, ok := strings.Cut(t, "-"); ok && op == "" {
		a, err := basisPoints(strings.TrimSuffix(strings.TrimSpace(lo), "%"))
		if err != nil {
			return bad(err.Error())
		}
		b, err := basisPoints(hi)
		if err != nil {
			return bad(err.Error())
		}
		if a > b {
			return bad("the range runs backwards")
		}
		return Share{a, b, true}, nil
	}
	n, err := basisPoints(t)
	if err != nil {
		return bad(err.Error())
	}
	switch op {
	case ">":
		if n == 10000 {
			return bad("over 100%")
		}
		return Share{n + 1, 10000, true}, nil
	case ">=", "≥":
		return Share{n, 10000, true}, nil
	case "<":
		if n == 0 {
			return bad("below 0%")
		}
		return Share{0, n - 1, true}, nil
	case "<=", "≤":
		return Share{0, n, true}, nil
	}
	return Share{n, n, true}, nil
}

func basisPoints(s string) (int32, error) {
	s = strings.TrimSpace(s)
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > 2 {
		return 0, fmt.Errorf("more than two decimals")
	}
	for len(frac) < 2 {
		frac += "0"
	}
	n, err := strconv.ParseUint(whole+frac, 10, 31)
	if err != nil || whole == "" {
		return 0, fmt.Errorf("not a number")
	}
	if n > 10000 {
		return 0, fmt.Errorf("over 100%%")
	}
	return int32(n), nil
}

// String prints the share as ParseShare reads it.
func (s Share) String() string {
	percent := func(n int32) string {
		return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%02d", n/100, n%100), "0"), ".")
	}
	switch {
	case !s.Known:
		return "unknown"
	case s.Min == s.Max:
		return percent(s.Min) + "%"
	case s.Min == 5001 && s.Max == 10000:
		return "majority"
	case s.Min == 1 && s.Max == 4999:
		return "minority"
	}
	return percent(s.Min) + "-" + percent(s.Max) + "%"
}

// MarshalText implements encoding.TextMarshaler.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Share) UnmarshalText(b []byte) error {
	v, err := ParseShare(string(b))
	if err == nil {
		*s = v
	}
	return err
}
