package policy

import (
	"fmt"
	"testing"

	"cel.dev/cel-go/common/types"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

// anyDate draws dates of all precisions, some of them not known at all.
func anyDate(t *rapid.T, label string) date {
	text := fmt.Sprintf("%04d", rapid.IntRange(2019, 2021).Draw(t, label))
	if rapid.Bool().Draw(t, label) {
		text += fmt.Sprintf("-%02d", rapid.IntRange(1, 3).Draw(t, label))
		if rapid.Bool().Draw(t, label) {
			text += fmt.Sprintf("-%02d", rapid.IntRange(1, 28).Draw(t, label))
		}
	}
	text += rapid.SampledFrom([]string{"", "", "~", "?"}).Draw(t, label)
	text = rapid.SampledFrom([]string{"", "", "", ".."}).Draw(t, label) + text
	if rapid.IntRange(0, 9).Draw(t, label) == 0 {
		text = ""
	}
	d, err := offshelf.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return date{d}
}

// TestOrderOfDates: an order that is told holds for all days that the dates may
// mean, and one that is not told holds for some of them only.
func TestOrderOfDates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyDate(t, "a"), anyDate(t, "b")
		for _, same := range []bool{false, true} {
			holds := func(x, y offshelf.Day) bool { return x < y || same && x == y }
			all := holds(a.Latest(), b.Earliest())
			some := holds(a.Earliest(), b.Latest())
			v := a.before(b, same)
			switch {
			case v == types.True && !all, v == types.False && some, types.IsError(v) && (all || !some):
				t.Fatalf("%s before %s (or the same: %v) = %v", a, b, same, v)
			}
		}
		switch eq := a.Equal(b); {
		case eq == types.True && !(a.single() && b.single() && a.Earliest() == b.Earliest()),
			eq == types.False && a.Earliest() <= b.Latest() && b.Earliest() <= a.Latest(),
			eq != b.Equal(a) && !types.IsError(eq):
			t.Fatalf("%s equals %s = %v", a, b, eq)
		}
	})
}
