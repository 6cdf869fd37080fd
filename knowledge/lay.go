package knowledge

import (
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
)

// lay lays the operator's facts over the shipped ones. The own facts stand
// behind the shipped ones, so that of two that clash the own one is reported.
func (o *overlay) lay(shipped *offshelf.Knowledge) *base {
	m := &base{Knowledge: *shipped, places: shippedPlaces(shipped)}
	m.Overlay = true
	o.mark()
	o.name()
	o.withdraw(m)
	o.regrade(m)

	type k = offshelf.Knowledge
	// The order of rules and goods classes is part of their meaning.
	replace(m, o, "regimes", func(k *k) *[]offshelf.Regime { return &k.Regimes }, func(x *offshelf.Regime) string { return x.ID }, true)
	replace(m, o, "policies", func(k *k) *[]offshelf.Policy { return &k.Policies }, func(x *offshelf.Policy) string { return x.ID }, true)
	replace(m, o, "goods", func(k *k) *[]offshelf.GoodsClass { return &k.Goods }, func(x *offshelf.GoodsClass) string { return x.ID }, true)

	replace(m, o, "sources", func(k *k) *[]offshelf.Source { return &k.Sources }, func(x *offshelf.Source) string { return x.ID }, false)
	replace(m, o, "parties", func(k *k) *[]offshelf.Party { return &k.Parties }, func(x *offshelf.Party) string { return x.ID }, false)
	replace(m, o, "listings", func(k *k) *[]offshelf.Listing { return &k.Listings }, func(x *offshelf.Listing) string { return x.ID }, false)
	replace(m, o, "concerns", func(k *k) *[]offshelf.Concern { return &k.Concerns }, func(x *offshelf.Concern) string { return x.ID }, false)
	replace(m, o, "stakes", func(k *k) *[]offshelf.Stake { return &k.Stakes }, func(x *offshelf.Stake) string { return x.Holder + " " + x.Held }, false)
	replace(m, o, "makes", func(k *k) *[]offshelf.Make { return &k.Makes }, func(x *offshelf.Make) string { return x.Maker + " " + x.Brand }, false)
	replace(m, o, "tells", func(k *k) *[]offshelf.Tell { return &k.Tells }, func(x *offshelf.Tell) string { return string(x.Kind) + " " + x.Pattern }, false)
	replace(m, o, "refuted", func(k *k) *[]offshelf.Refuted { return &k.Refuted }, func(x *offshelf.Refuted) string { return x.Not + " " + x.Subject }, false)
	o.brands(m)
	if len(m.Goods) > maxGoods && len(o.Goods) > 0 {
		o.refuse(o.places["goods"][0], "size", "%d goods classes together with the shipped ones, more than %d", len(m.Goods), maxGoods)
	}
	return m
}

// replace takes out the shipped facts with the key of an own one, and adds the
// own ones, behind the others or in the place of those.
func replace[T any](m *base, o *overlay, section string, facts func(*offshelf.Knowledge) *[]T, key func(*T) string, inPlace bool) {
	into, own := facts(&m.Knowledge), *facts(&o.Knowledge)
	at := map[string]int{}
	for i := range own {
		if _, ok := at[key(&own[i])]; !ok {
			at[key(&own[i])] = i
		}
	}
	var out []T
	var places []place
	used := map[int]bool{}
	for i := range *into {
		x := (*into)[i]
		j, ok := at[key(&x)]
		switch {
		case !ok:
			out, places = append(out, x), append(places, place{file: Shipped})
		case inPlace:
			used[j] = true
			out, places = append(out, own[j]), append(places, o.places[section][j])
		}
	}
	for i := range own {
		if !used[i] {
			out, places = append(out, own[i]), append(places, o.places[section][i])
		}
	}
	*into, m.places[section] = out, places
}

// brands lays brands and their holders. A brand that is stated anew keeps the
// shipped holders that it says nothing of: each is a fact of its own.
func (o *overlay) brands(m *base) {
	before := map[string][]offshelf.Holder{}
	for _, b := range m.Brands {
		before[b.ID] = b.Holders
	}
	replace(m, o, "brands", func(k *offshelf.Knowledge) *[]offshelf.Brand { return &k.Brands }, func(b *offshelf.Brand) string { return b.ID }, false)
	added := map[string][]int{}
	for i, h := range o.holders {
		added[h.Brand] = append(added[h.Brand], i)
	}
	for i := range m.Brands {
		b := &m.Brands[i]
		own := slices.Clone(b.Holders)
		if !b.Own() {
			own = nil
		}
		for _, j := range added[b.ID] {
			own = append(own, o.holders[j].Holder)
			m.places["brands"][i] = o.places["holders"][j]
		}
		delete(added, b.ID)
		if len(own) == 0 && !b.Own() {
			continue
		}
		said := map[string]bool{}
		for _, h := range own {
			said[h.Party] = true
		}
		kept := slices.DeleteFunc(slices.Clone(before[b.ID]), func(h offshelf.Holder) bool { return said[h.Party] })
		b.Holders = append(kept, own...)
	}
	for i, h := range o.holders {
		if _, missing := added[h.Brand]; missing {
			o.refuse(o.places["holders"][i], "reference", "holder %s: no brand has the id %q", h.Party, h.Brand)
		}
	}
}

// mark says of each fact that it is the operator's own.
func (o *overlay) mark() {
	own := func(e *offshelf.Evidence) { e.Layer = offshelf.LayerOperator }
	each(o.Parties, func(x *offshelf.Party) { own(&x.Evidence) })
	each(o.Stakes, func(x *offshelf.Stake) { own(&x.Evidence) })
	each(o.Makes, func(x *offshelf.Make) { own(&x.Evidence) })
	each(o.Tells, func(x *offshelf.Tell) { own(&x.Evidence) })
	each(o.Listings, func(x *offshelf.Listing) { own(&x.Evidence) })
	each(o.Concerns, func(x *offshelf.Concern) { own(&x.Evidence) })
	each(o.Refuted, func(x *offshelf.Refuted) { own(&x.Evidence) })
	each(o.Regimes, func(x *offshelf.Regime) { own(&x.Evidence) })
	each(o.Policies, func(x *offshelf.Policy) { own(&x.Evidence) })
	each(o.holders, func(x *heldBrand) { own(&x.Evidence) })
	each(o.Brands, func(x *offshelf.Brand) {
		own(&x.Evidence)
		each(x.Holders, func(h *offshelf.Holder) { own(&h.Evidence) })
	})
}

func each[T any](list []T, do func(*T)) {
	for i := range list {
		do(&list[i])
	}
}

// name gives ids to the listings and concerns that have none: a listing that
// of the shipped one of the same party on the same list, whose place it takes;
// a concern one of its own, as a party has several.
func (o *overlay) name() {
	seen := map[string]int{}
	number := func(id string) string {
		if seen[id]++; seen[id] > 1 {
			return fmt.Sprintf("%s/%d", id, seen[id])
		}
		return id
	}
	given := map[string]bool{}
	unique := func(section string, i int, id string) {
		if given[section+id] {
			o.refuse(o.places[section][i], "id", "id %q is taken: choose another or merge the two", id)
		}
		given[section+id] = true
	}
	for i := range o.Listings {
		x := &o.Listings[i]
		if x.ID == "" {
			x.ID = number(x.List + "/" + listed(x))
		}
		unique("listings", i, x.ID)
	}
	for i := range o.Concerns {
		x := &o.Concerns[i]
		if x.ID == "" {
			x.ID = number("own-concern/" + x.Party)
		}
		unique("concerns", i, x.ID)
	}
}

// shippedPlaces stands for the files of the shipped facts.
func shippedPlaces(k *offshelf.Knowledge) map[string][]place {
	n := func(n int) []place { return slices.Repeat([]place{{file: Shipped}}, n) }
	return map[string][]place{
		"sources": n(len(k.Sources)), "parties": n(len(k.Parties)), "stakes": n(len(k.Stakes)), "brands": n(len(k.Brands)),
		"makes": n(len(k.Makes)), "tells": n(len(k.Tells)), "listings": n(len(k.Listings)), "concerns": n(len(k.Concerns)),
		"refuted": n(len(k.Refuted)), "regimes": n(len(k.Regimes)), "policies": n(len(k.Policies)), "goods": n(len(k.Goods)),
		"version": n(1), "language": n(1), "weights": n(len(k.Weights)), "lexicon": n(len(k.Lexicon)),
	}
}
