package knowledge

import (
	"maps"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// withdraw takes out of m the shipped facts that the operator does not hold
// with. Each withdrawal must find something, and say why.
func (o *overlay) withdraw(m *base) {
	for i := range o.Withdrawn {
		w, at := &o.Withdrawn[i], o.places["withdrawn"][i]
		if w.Why == "" {
			o.refuse(at, "required", "withdrawn %s: say why", w)
		}
		c := cut{m: m, about: map[string]bool{}}
		if !c.take(w) {
			o.refuse(at, "schema", "withdrawn: name one of listing, concern, tell, refuted, party, brand; or holder and held, maker and brand, holder and brand")
			continue
		}
		if c.taken == 0 {
			o.refuse(at, "reference", "withdrawn %s: no shipped fact is of this name", w)
		}
		w.About = slices.Sorted(maps.Keys(c.about))
	}
	m.Withdrawn = slices.Concat(m.Withdrawn, o.Withdrawn)
	for section, places := range shippedPlaces(&m.Knowledge) {
		m.places[section] = places
	}
}

// cut counts the facts that one withdrawal takes, and notes whom they name.
type cut struct {
	m     *base
	taken int
	about map[string]bool
}

// take reports whether the withdrawal has one of the known forms.
func (c *cut) take(w *offshelf.Withdrawal) bool {
	switch selector(w) {
	case "listing":
		c.listings(func(x *offshelf.Listing) bool { return x.ID == w.Listing })
	case "concern":
		c.concerns(func(x *offshelf.Concern) bool { return x.ID == w.Concern })
	case "tell":
		c.tells(func(x *offshelf.Tell) bool { return x.Pattern == w.Tell })
	case "refuted":
		c.refuted(func(x *offshelf.Refuted) bool { return x.Subject == w.Refuted })
	case "holder held":
		c.stakes(func(x *offshelf.Stake) bool { return x.Holder == w.Holder && x.Held == w.Held })
	case "brand maker":
		c.makes(func(x *offshelf.Make) bool { return x.Maker == w.Maker && x.Brand == w.Brand })
	case "brand holder":
		c.holders(func(b *offshelf.Brand, h *offshelf.Holder) bool { return b.ID == w.Brand && h.Party == w.Holder })
	case "brand":
		c.brand(w.Brand)
	case "party":
		c.party(w.Party)
	default:
		return false
	}
	return true
}

// selector names the fields by which a withdrawal says what it takes.
func selector(w *offshelf.Withdrawal) string {
	var set []string
	for _, f := range []struct{ name, value string }{
		{"brand", w.Brand}, {"concern", w.Concern}, {"holder", w.Holder}, {"held", w.Held}, {"listing", w.Listing},
		{"maker", w.Maker}, {"party", w.Party}, {"refuted", w.Refuted}, {"tell", w.Tell},
	} {
		if f.value != "" {
			set = append(set, f.name)
		}
	}
	return strings.Join(set, " ")
}

func (c *cut) brand(id string) {
	remove(c, &c.m.Brands, func(x *offshelf.Brand) bool { return x.ID == id }, func(x *offshelf.Brand) []string { return []string{x.ID} })
	c.makes(func(x *offshelf.Make) bool { return x.Brand == id })
	c.tells(func(x *offshelf.Tell) bool { return x.Brand == id })
	c.refuted(func(x *offshelf.Refuted) bool { return x.Not == id })
}

func (c *cut) party(id string) {
	remove(c, &c.m.Parties, func(x *offshelf.Party) bool { return x.ID == id }, func(x *offshelf.Party) []string { return []string{x.ID} })
	c.stakes(func(x *offshelf.Stake) bool { return x.Holder == id || x.Held == id })
	c.makes(func(x *offshelf.Make) bool { return x.Maker == id })
	c.tells(func(x *offshelf.Tell) bool { return x.Party == id })
	c.listings(func(x *offshelf.Listing) bool { return x.Party == id })
	c.concerns(func(x *offshelf.Concern) bool { return x.Party == id })
	c.refuted(func(x *offshelf.Refuted) bool { return x.Not == id })
	c.holders(func(_ *offshelf.Brand, h *offshelf.Holder) bool { return h.Party == id })
}

func (c *cut) stakes(is func(*offshelf.Stake) bool) {
	remove(c, &c.m.Stakes, is, func(x *offshelf.Stake) []string { return []string{x.Holder, x.Held} })
}

func (c *cut) makes(is func(*offshelf.Make) bool) {
	remove(c, &c.m.Makes, is, func(x *offshelf.Make) []string { return []string{x.Maker, x.Brand} })
}

func (c *cut) tells(is func(*offshelf.Tell) bool) {
	remove(c, &c.m.Tells, is, func(x *offshelf.Tell) []string { return []string{x.Brand, x.Party} })
}

func (c *cut) listings(is func(*offshelf.Listing) bool) {
	remove(c, &c.m.Listings, is, func(x *offshelf.Listing) []string { return []string{x.Party} })
}

func (c *cut) concerns(is func(*offshelf.Concern) bool) {
	remove(c, &c.m.Concerns, is, func(x *offshelf.Concern) []string { return []string{x.Party} })
}

func (c *cut) refuted(is func(*offshelf.Refuted) bool) {
	remove(c, &c.m.Refuted, is, func(x *offshelf.Refuted) []string { return []string{x.Not} })
}

// holders takes holders of brands. The last one leaves its evidence to the
// brand, which has none of its own while its holders carry it.
func (c *cut) holders(is func(*offshelf.Brand, *offshelf.Holder) bool) {
	brands := slices.Clone(c.m.Brands)
	for i := range brands {
		b := &brands[i]
		before := b.Holders
		remove(c, &b.Holders, func(h *offshelf.Holder) bool { return is(b, h) }, func(h *offshelf.Holder) []string { return []string{h.Party, b.ID} })
		if len(b.Holders) == 0 && len(before) > 0 && len(b.Sources) == 0 {
			last := before[len(before)-1]
			b.Sources, b.Grade = last.Sources, last.Grade
		}
	}
	c.m.Brands = brands
}

// remove takes facts out of a list, which others may share.
func remove[T any](c *cut, list *[]T, is func(*T) bool, names func(*T) []string) {
	var kept []T
	for i := range *list {
		x := &(*list)[i]
		if !is(x) {
			kept = append(kept, *x)
			continue
		}
		c.taken++
		for _, id := range names(x) {
			if id != "" {
				c.about[id] = true
			}
		}
	}
	*list = kept
}
