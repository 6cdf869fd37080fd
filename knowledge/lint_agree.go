package knowledge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// shares tells of parties whose holders have more than all of them on a day.
// On each day that a stake begins, the least that each holder surely has is
// added up.
func (r *reviewer) shares() {
	held := map[string][]int{}
	for i, s := range r.Stakes {
		if s.Share.Known && s.Conflict == "" {
			held[s.Held] = append(held[s.Held], i)
		}
	}
	for i, s := range r.Stakes {
		day := surely(s.Interval).from
		if !slices.Contains(held[s.Held], i) || day >= surely(s.Interval).until {
			continue
		}
		least, sum := map[string]int32{}, int32(0)
		var parts []string
		for _, j := range held[s.Held] {
			o := r.Stakes[j]
			if at := surely(o.Interval); at.from > day || at.until <= day || at.from == day && j > i {
				continue // a stake of the same day that comes later tells of both
			}
			if more := max(least[o.Holder], o.Share.Min); more > least[o.Holder] {
				sum += more - least[o.Holder]
				least[o.Holder] = more
				parts = append(parts, fmt.Sprintf("%s %s", o.Holder, o.Share))
			}
		}
		if sum > 10000 {
			r.report("stakes", i, "shares", "the holders of %s have over 100%% of it on %s (%s): correct a share or a date, or say under conflict which one does not carry",
				s.Held, or(day.String(), "every day"), strings.Join(parts, ", "))
		}
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// disagree tells of firm facts that cannot both be true at one time.
func (r *reviewer) disagree() {
	for i, a := range r.Stakes {
		for j, b := range r.Stakes[:i] {
			if a.Holder != b.Holder || a.Held != b.Held || !firm(a.Evidence, a.Conflict) || !firm(b.Evidence, b.Conflict) {
				continue
			}
			both, ok := surely(a.Interval).meets(surely(b.Interval))
			if ok && a.Share.Known && b.Share.Known && (a.Share.Min > b.Share.Max || b.Share.Min > a.Share.Max) {
				r.report("stakes", i, "disagree", "stake of %s in %s is %s here and %s %s, %s: end one, or say under conflict which one does not carry",
					a.Holder, a.Held, a.Share, b.Share, r.other("stakes", j, i), both)
			}
		}
	}
	for i, a := range r.Makes {
		for j, b := range r.Makes[:i] {
			if a.Maker != b.Maker || a.Brand != b.Brand || !firm(a.Evidence, a.Conflict) || !firm(b.Evidence, b.Conflict) || !sameScope(a, b) {
				continue
			}
			both, ok := surely(a.Interval).meets(surely(b.Interval))
			if ok && a.Relation != b.Relation {
				r.report("makes", i, "disagree", "make of %s by %s is %s here and %s %s, %s: keep the stronger, limit one to its goods or models, or say under conflict which one does not carry",
					a.Brand, a.Maker, relation(a), relation(b), r.other("makes", j, i), both)
			}
		}
	}
	r.denied()
}

// denied tells of firm facts that are refuted elsewhere.
func (r *reviewer) denied() {
	brands := map[string][]string{} // folded name → brand ids
	for _, b := range r.Brands {
		for _, n := range append([]string{b.Name}, b.Aliases...) {
			brands[name.Key(n)] = append(brands[name.Key(n)], b.ID)
		}
	}
	for i, x := range r.Refuted {
		if x.Grade.Weak() {
			continue
		}
		for _, id := range brands[name.Key(x.Subject)] {
			for _, m := range r.Makes {
				if m.Brand == id && m.Maker == x.Not && firm(m.Evidence, m.Conflict) && m.Relation == offshelf.Made && m.All {
					r.report("refuted", i, "disagree", "that %s is %s is refuted here, and a make says that %s makes all its goods: correct one, or say under conflict why the make does not carry", x.Subject, x.Not, m.Maker)
				}
			}
			for _, b := range r.Brands {
				for _, h := range b.Holders {
					if b.ID == id && h.Party == x.Not && firm(h.Evidence, h.Conflict) && h.Until.IsZero() {
						r.report("refuted", i, "disagree", "that %s is %s is refuted here, and %s is a holder of brand %s: correct one, or say under conflict why the holder does not carry", x.Subject, x.Not, h.Party, b.ID)
					}
				}
			}
		}
	}
}

func firm(e offshelf.Evidence, conflict string) bool { return !e.Grade.Weak() && conflict == "" }

func sameScope(a, b offshelf.Make) bool {
	return slices.Equal(sorted(a.Goods), sorted(b.Goods)) && slices.Equal(sorted(a.Models), sorted(b.Models))
}

func relation(m offshelf.Make) string { return or(string(m.Relation), "made") }

// overlap tells of brands that have two holders at a time and no note on it.
func (r *reviewer) overlap() {
	for i, b := range r.Brands {
		for j, h := range b.Holders {
			for _, o := range b.Holders[:j] {
				both, ok := surely(h.Interval).meets(surely(o.Interval))
				if !ok || h.Party == o.Party || h.Conflict+o.Conflict+h.Note+o.Note != "" {
					continue
				}
				r.report("brands", i, "overlap", "brand %s is held by %s and by %s %s: end one, or say in a note how they share it", b.ID, o.Party, h.Party, both)
			}
		}
	}
}
