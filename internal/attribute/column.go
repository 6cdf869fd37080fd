package attribute

import (
	"strings"

	"github.com/offshelf/offshelf/internal/name"
)

// column is what a brand, manufacturer or vendor field says.
type column struct {
	value   string
	key     string
	brands  []int32 // brands that it names in full
	part    []int32 // brands whose name stands in it beside other words
	near    []int32 // brands whose name stands in it as part of another's
	fuzzy   []int32 // brands one slip away
	holders []int32 // brands whose holder it names
	nobody  bool    // names no brand
	channel bool    // names a carrier, shop or distributor
	known   bool    // names some brand of the knowledge or the lexicon
	empty   bool
}

// maxColumns bounds a worker's cache of field values; a catalog has few
// distinct brands, a hostile one does not.
const maxColumns = 1 << 15

var emptyColumn = &column{empty: true}

// column reads a field, from the cache where its value was met before.
func (w *Worker) column(value string) *column {
	if value == "" {
		return emptyColumn
	}
	if c, ok := w.columns[value]; ok {
		return c
	}
	if len(w.columns) >= maxColumns {
		clear(w.columns)
	}
	c := w.readColumn(strings.Clone(value))
	w.columns[c.value] = c
	return c
}

func (w *Worker) readColumn(value string) *column {
	m := w.m
	c := &column{value: value, key: name.Key(value)}
	if c.key == "" || m.nobody[c.key] {
		c.nobody = true
		return c
	}
	if m.channels[c.key] {
		c.channel = true
	}
	c.brands = m.exact[c.key]
	if len(c.brands) > 0 {
		c.known = true
		return c
	}
	if len(value) <= 200 {
		w.scan.all(m.names, value)
		for _, x := range w.scan.brandMatches() {
			switch {
			case x.kind == isBrand && !contains(c.part, x.id):
				c.part = append(c.part, x.id)
			case x.kind == isNot:
				c.near = append(c.near, x.id)
			}
		}
	}
	if p, ok := m.parties[c.key]; ok {
		c.holders = m.holders[p]
		c.known = c.known || len(c.part) == 0
	}
	if len(c.part) == 0 && !c.channel && !m.lexicon[c.key] {
		c.fuzzy = m.slip(c.key)
	}
	c.known = c.known || len(c.part) > 0 || m.lexicon[c.key]
	return c
}

// slip finds the brands whose name is one slip away from key: one letter more,
// less or other, or two swapped, behind a first letter that is right.
func (m *Matcher) slip(key string) []int32 {
	if len(key) < 6 {
		return nil
	}
	var out []int32
	for n := len(key) - 1; n <= len(key)+1; n++ {
		for _, f := range m.byLength[n] {
			if f.key[0] == key[0] && f.key != key && name.Within(f.key, key) && !contains(out, f.brand) {
				out = append(out, f.brand)
			}
		}
	}
	return out
}

func contains(list []int32, x int32) bool {
	for _, v := range list {
		if v == x {
			return true
		}
	}
	return false
}

// brandMatches drops phrases inside longer ones: "Lorex by FLIR" is no FLIR,
// "Medal of Honor" no Honor.
func (s *scanner) brandMatches() []match {
	kept := s.matches[:0:0]
	for _, a := range s.matches {
		inside := false
		for _, b := range s.matches {
			if b.first <= a.first && b.last >= a.last && b.last-b.first > a.last-a.first && b.kind != isFCC {
				inside = true
				break
			}
		}
		if !inside {
			kept = append(kept, a)
		}
	}
	return kept
}
