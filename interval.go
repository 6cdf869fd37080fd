package offshelf

// Truth is a three-valued answer. Maybe means that the answer depends on
// something that is not known.
type Truth uint8

// The three values, ordered so that min is "and" and max is "or".
const (
	False Truth = iota
	Maybe
	True
)

// Interval is a half-open span of civil days: From is included, Until is
// excluded. An unknown From means that no start is known (it held before
// anything else), an unknown Until that no end is known.
type Interval struct {
	From  Date `json:"from,omitzero"`
	Until Date `json:"until,omitzero"`
}

// On tells whether the interval holds on day d.
func (iv Interval) On(d Day) Truth {
	t := True
	if !iv.From.IsZero() {
		switch {
		case d < iv.From.Earliest():
			return False
		case d < iv.From.Latest():
			t = Maybe
		}
	}
	if !iv.Until.IsZero() {
		switch {
		case d >= iv.Until.Latest():
			return False
		case d >= iv.Until.Earliest():
			t = Maybe
		}
	}
	return t
}

// Intersect returns the days that both intervals hold. Of two starts the one
// whose latest possible day is later wins, of two ends the one whose earliest
// possible day is earlier; where these are equal, the one known more exactly.
func (iv Interval) Intersect(o Interval) Interval {
	if iv.From.IsZero() || (!o.From.IsZero() && laterStart(o.From, iv.From)) {
		iv.From = o.From
	}
	if iv.Until.IsZero() || (!o.Until.IsZero() && earlierEnd(o.Until, iv.Until)) {
		iv.Until = o.Until
	}
	return iv
}

// Cover returns the span from the earlier start to the later end. A start that
// is not known is the earliest, an end that is not known the latest.
func (iv Interval) Cover(o Interval) Interval {
	if iv.From.IsZero() || o.From.IsZero() {
		iv.From = Date{}
	} else if laterStart(iv.From, o.From) {
		iv.From = o.From
	}
	if iv.Until.IsZero() || o.Until.IsZero() {
		iv.Until = Date{}
	} else if earlierEnd(iv.Until, o.Until) {
		iv.Until = o.Until
	}
	return iv
}

func laterStart(a, b Date) bool {
	if a.Latest() != b.Latest() {
		return a.Latest() > b.Latest()
	}
	return a.Earliest() > b.Earliest()
}

func earlierEnd(a, b Date) bool {
	if a.Earliest() != b.Earliest() {
		return a.Earliest() < b.Earliest()
	}
	return a.Latest() < b.Latest()
}

// Backwards reports whether the interval certainly ends before or when it
// starts.
func (iv Interval) Backwards() bool {
	return !iv.From.IsZero() && !iv.Until.IsZero() && iv.Until.Latest() <= iv.From.Earliest()
}

// String prints "from/until", as EDTF does, with an open side left empty.
func (iv Interval) String() string { return iv.From.String() + "/" + iv.Until.String() }
