package attribute

import "testing"

// A colon inside a name joins, a colon behind a word separates.
func TestColon(t *testing.T) {
	for text, loose := range map[string]bool{"byd:sign monitor": false, "Fits: Lorex": true, "Lorex :4K": true, "Kit|Lorex": true} {
		first, ok := next(text, 0)
		second, ok2 := next(text, int(first.end))
		if !ok || !ok2 || second.loose != loose {
			t.Errorf("%q: the second word is apart %v, want %v", text, second.loose, loose)
		}
	}
}
