package search

import (
	"testing"

	"pgregory.net/rapid"
)

// countEdits is the textbook table of optimal string alignment.
func countEdits(a, b string) int {
	t := make([][]int, len(a)+1)
	for i := range t {
		t[i] = make([]int, len(b)+1)
		t[i][0] = i
	}
	for j := range t[0] {
		t[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			sub := 1
			if a[i-1] == b[j-1] {
				sub = 0
			}
			t[i][j] = min(t[i-1][j]+1, t[i][j-1]+1, t[i-1][j-1]+sub)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				t[i][j] = min(t[i][j], t[i-2][j-2]+1)
			}
		}
	}
	return t[len(a)][len(b)]
}

func TestEditDistance(t *testing.T) {
	word := rapid.StringMatching(`[abcz09]{1,40}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		var p editPattern
		p.set(a)
		if got, want := p.distance(b), countEdits(a, b); got != want {
			t.Fatalf("%q to %q: %d edits, want %d", a, b, got, want)
		}
	})
}
