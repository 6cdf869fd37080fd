package attribute

import (
	"strings"

	"github.com/offshelf/offshelf/internal/name"
)

// column is what a brand, manufacturer or vendor field says.
type column struct {
	value    string
	key      string
	brands   []int32 // brands that it names in full
	part     []int32 // brands whose name stands in it beside other words
	near     []int32 // brands whose name stands in it as part of another's
	fuzzy    []int32 // brands one slip away
	party    bool    // names a party of the knowledge in full
	holders  []int32 // brands whose holder it names
	exactly  []int32 // brands named by more than an ambiguous word alone
	cued     []int32 // brands that it is made for: "compatible with Lexmark"
	nobody   bool    // names no brand
	channel  bool    // names a carrier, shop or distributor
	known    bool    // names some brand of the knowledge or the lexicon
	ordinary bool    // names a brand of the lexicon
	empty    bool
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
	c.channel = m.channels[c.key] || isDomain(value)
	c.brands = m.exact[c.key]
	if len(c.brands) > 0 {
		for _, b := range c.brands {
			if !m.brands[b].ambiguous || m.brands[b].key != c.key {
				c.exactly = append(c.exactly, b)
			}
		}
		c.known = true
		return c
	}
	if len(value) <= 200 {
		w.readNames(c)
	}
	if len(c.part) == 0 {
		c.part = m.extended(c.key)
		c.exactly = append(c.exactly, c.part...)
	}
	if p, ok := m.parties[c.key]; ok {
		c.party = true
		c.holders = m.holders[p]
		c.known = c.known || len(c.part) == 0
	}
	if len(c.part) == 0 && !c.channel && !c.ordinary && !m.lexicon[c.key] {
		c.fuzzy = m.slip(c.key)
	}
	c.ordinary = c.ordinary || m.lexicon[c.key]
	c.known = c.known || len(c.part) > 0 || c.ordinary
	return c
}

// readNames finds the brands whose names stand in a longer value.
func (w *Worker) readNames(c *column) {
	if !w.scan.find(w.m.names, nil, c.value) {
		return
	}
	r := w.read(c.value)
	for _, x := range r.names {
		cue := r.governedBy(int(x.first))
		switch {
		case x.kind == isNot:
			c.near = append(c.near, x.id)
		case x.kind == isOrdinary:
			c.ordinary = true
		case x.kind != isBrand:
		case cue == isCompatible || cue == isReference || cue == isCompare || r.referred(int(x.last)):
			if !contains(c.cued, x.id) {
				c.cued = append(c.cued, x.id)
			}
		case !contains(c.part, x.id):
			c.part = append(c.part, x.id)
			if b := &w.m.brands[x.id]; !b.ambiguous || name.Key(c.value[r.tokens[x.first].start:r.tokens[x.last].end]) != b.key {
				c.exactly = append(c.exactly, x.id)
			}
		}
	}
}

// names reports whether the field names the brand, in full or in part.
func (c *column) names(brand int32) bool {
	return contains(c.brands, brand) || contains(c.part, brand) || contains(c.fuzzy, brand)
}

// isDomain tells a shop's address, such as "amazon.com", from a brand.
func isDomain(value string) bool {
	value = strings.ToLower(value)
	for _, end := range [...]string{".com", ".net", ".de", ".fr", ".es", ".it", ".nl", ".pl", ".co.uk", ".com.br", ".com.mx", ".ca", ".com.au"} {
		if rest, ok := strings.CutSuffix(value, end); ok && rest != "" && !strings.ContainsAny(rest, " /") {
			return true
		}
	}
	return false
}

// extended finds the brand in a name that glues a shop's word to it, such as
// "ReolinkTech".
func (m *Matcher) extended(key string) []int32 {
	for _, end := range [...]string{"tech", "official", "officialstore", "store", "shop", "direct", "usa", "us", "uk", "eu", "global", "online", "security", "technology", "inc", "camera", "cameras"} {
		if rest, ok := strings.CutSuffix(key, end); ok && len(rest) >= 5 {
			for _, b := range m.exact[rest] {
				if !m.brands[b].ambiguous {
					return []int32{b}
				}
			}
		}
	}
	return nil
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
