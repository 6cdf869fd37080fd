package offshelf

import (
	"cmp"
	"fmt"
)

// DayCount is a number of days. It is a range where a date is known to the
// month or the year only.
type DayCount struct {
	Least int  `json:"least"`
	Most  int  `json:"most"`
	Open  bool `json:"open,omitempty"` // no most is known, as the start is not; Most is Least then
}

// DaysBefore counts the days of the interval before day d: 747 from 2019-10-09
// as of 2021-10-25. Of an interval without a known start at least those are
// counted that are sure.
func (iv Interval) DaysBefore(d Day) DayCount {
	first, last := d, d // the earliest and latest possible end
	if !iv.Until.IsZero() {
		first, last = min(d, iv.Until.Earliest()), min(d, iv.Until.Latest())
	}
	if iv.From.IsZero() {
		return DayCount{Open: true}
	}
	n := DayCount{Least: max(0, int(first-iv.From.Latest()))}
	if iv.From.Earliest() == MinDay {
		n.Most, n.Open = n.Least, true
		return n
	}
	n.Most = max(0, int(last-iv.From.Earliest()))
	return n
}

// DaysBefore counts the days on which the finding held before day d. Where a
// hop's start is not known to the day, or only as "on or before" a day, that
// the chain holds no earlier than its other hops bounds the days all the same.
func (f *Finding) DaysBefore(d Day) DayCount {
	n := Interval{From: f.Since, Until: f.Until}.DaysBefore(d)
	if n.Exact() || len(f.Chains) == 0 {
		return n
	}
	earliest := MaxDay
	for _, c := range f.Chains {
		since := MinDay
		for _, h := range c.Hops {
			if !h.Since.IsZero() {
				since = max(since, h.Since.Earliest())
			}
		}
		earliest = min(earliest, since)
	}
	return n.Within(earliest, d)
}

// Within bounds the most of a count by the days from first on, before day d.
func (n DayCount) Within(first, d Day) DayCount {
	if first == MinDay {
		return n
	}
	most := max(n.Least, int(d-first))
	if n.Open || most < n.Most {
		n.Most, n.Open = most, false
	}
	return n
}

// Add returns the sum of two counts.
func (n DayCount) Add(o DayCount) DayCount {
	return DayCount{n.Least + o.Least, n.Most + o.Most, n.Open || o.Open}
}

// Exact reports whether the count is a single number.
func (n DayCount) Exact() bool { return n.Least == n.Most && !n.Open }

// Compare orders counts by what is sure of them, then by what they may be.
func (n DayCount) Compare(o DayCount) int {
	open := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(n.Least, o.Least), cmp.Compare(open(n.Open), open(o.Open)), cmp.Compare(n.Most, o.Most))
}

// String prints "747", "700 to 765" or "at least 700".
func (n DayCount) String() string {
	switch {
	case n.Open:
		return fmt.Sprintf("at least %d", n.Least)
	case n.Least == n.Most:
		return fmt.Sprint(n.Least)
	}
	return fmt.Sprintf("%d to %d", n.Least, n.Most)
}

// SinceListed says how long what a run found has been so. For each product
// the days count from the since of its longest finding to the as-of day, as if
// it had been on the shelf on all of them; a catalog does not say since when it
// was. A product may stand both under Reached, by one regime, and under
// Possible, by another.
type SinceListed struct {
	Reached  ShelfTime `json:"reached"`
	Possible ShelfTime `json:"possible"`
	// Both counts the products of Possible that stand under Reached too.
	Both int `json:"both,omitempty"`
	// Reports counts the products that only a documented concern reaches. A
	// report is no listing: it counts no days.
	Reports   int    `json:"reports_only,omitempty"`
	Statement string `json:"statement"`
}

// ShelfTime sums up the products that one verdict holds for.
type ShelfTime struct {
	Products    int         `json:"products"`
	ProductDays DayCount    `json:"product_days"`
	Undated     int         `json:"undated,omitempty"` // products of which no start is known; they count at least 0 days
	Rules       []RuleTime  `json:"rules,omitempty"`   // of all brands, the strongest action first, then the longest
	Brands      []BrandTime `json:"brands,omitempty"`  // the longest first
}

// BrandTime sums up the products of one brand, or of one maker whose goods
// have no brand of the knowledge.
type BrandTime struct {
	Brand       string     `json:"brand,omitempty"` // printed name
	BrandID     string     `json:"brand_id,omitempty"`
	Maker       string     `json:"maker,omitempty"` // printed name, where there is no brand
	Products    int        `json:"products"`
	ProductDays DayCount   `json:"product_days"` // by the longest finding of each product
	Longest     ShelfSpan  `json:"longest"`
	Rules       []RuleTime `json:"rules"` // the strongest action first, then the longest
}

// RuleTime sums up what one regime says of the products of a brand.
type RuleTime struct {
	Action      Action    `json:"action"` // the strongest for any of the products
	Products    int       `json:"products"`
	ProductDays DayCount  `json:"product_days"`
	Longest     ShelfSpan `json:"longest"`
}

// ShelfSpan is the days of one finding.
type ShelfSpan struct {
	Days        DayCount `json:"days"`
	Since       Date     `json:"since,omitzero"`
	Regime      string   `json:"regime"`
	RegimeTitle string   `json:"regime_title"`
	Basis       Basis    `json:"basis"`
	Listed      string   `json:"listed"` // listed party, as printed on the list
}

// ShelfDays is the days of one finding among those of its product.
type ShelfDays struct {
	DayCount
	Longest bool `json:"longest,omitempty"` // of all findings on the product with this verdict
}
