package name

// Within reports whether the optimal string alignment distance (insertions,
// deletions, substitutions and swaps of neighbours) of a and b is at most one.
// Cost: one pass.
func Within(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		switch {
		case i == len(a), a[i+1:] == b[i+1:]:
			return true
		}
		return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	}
	return a[i:] == b[i+1:]
}
