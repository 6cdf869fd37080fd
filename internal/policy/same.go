package policy

import "strings"

// Always reports whether an expression is none, or says no more than true.
func Always(when string) bool {
	when = strings.TrimSpace(when)
	return when == "" || when == "true"
}

// Same reports whether two expressions are the same but for blanks around
// them.
func Same(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }
