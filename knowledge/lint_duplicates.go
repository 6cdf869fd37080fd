package knowledge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// duplicates tells of facts that stand twice. Of what holds for a time, two
// copies are one fact where they hold at the same time.
func (r *reviewer) duplicates() {
	r.once("sources", len(r.Sources), func(i int) (string, string, span) {
		s := r.Sources[i]
		return s.URL + "\n" + name.Key(s.Title), fmt.Sprintf("source %q has the URL and title of another", s.ID), always
	})
	r.once("stakes", len(r.Stakes), func(i int) (string, string, span) {
		x := r.Stakes[i]
		return fmt.Sprint(x.Holder, "\n", x.Held, "\n", x.Share, x.Control, x.Conflict != ""), fmt.Sprintf("stake of %s in %s stands twice", x.Holder, x.Held), surely(x.Interval)
	})
	r.once("makes", len(r.Makes), func(i int) (string, string, span) {
		x := r.Makes[i]
		return fmt.Sprint(x.Maker, "\n", x.Brand, "\n", x.Relation, "\n", x.All, sorted(x.Goods), sorted(x.Models), x.Conflict != ""), fmt.Sprintf("make of %s by %s stands twice", x.Brand, x.Maker), surely(x.Interval)
	})
	r.once("listings", len(r.Listings), func(i int) (string, string, span) {
		x := r.Listings[i]
		return fmt.Sprint(x.Party, "\n", x.List, "\n", squeezed(x.Name), "\n", sorted(x.Goods), sorted(x.Origin)), fmt.Sprintf("listing of %s on %s as %q stands twice", x.Party, x.List, x.Name), surely(x.Interval)
	})
	r.once("tells", len(r.Tells), func(i int) (string, string, span) {
		x := r.Tells[i]
		return fmt.Sprint(x.Kind, "\n", x.Pattern, "\n", x.Brand, "\n", x.Party, sorted(x.Goods)), fmt.Sprintf("tell %s %q stands twice", x.Kind, cutTo(x.Pattern, 60)), always
	})
	r.once("concerns", len(r.Concerns), func(i int) (string, string, span) {
		x := r.Concerns[i]
		return fmt.Sprint(x.Party, "\n", x.By, "\n", x.Date, "\n", name.Key(x.What)), fmt.Sprintf("concern of %s about %s stands twice", x.By, x.Party), always
	})
	r.once("refuted", len(r.Refuted), func(i int) (string, string, span) {
		x := r.Refuted[i]
		return name.Key(x.Subject) + "\n" + x.Not, fmt.Sprintf("refuted %q stands twice", x.Subject), always
	})
	for i, b := range r.Brands {
		for j, h := range b.Holders {
			for _, o := range b.Holders[:j] {
				if _, both := surely(h.Interval).meets(surely(o.Interval)); both && h.Party == o.Party && (h.Conflict == "") == (o.Conflict == "") {
					r.report("brands", i, "duplicate", "holder %s of brand %s stands twice: merge the two", h.Party, b.ID)
				}
			}
		}
	}
}

var always = span{offshelf.MinDay, offshelf.MaxDay}

// once reports the facts of a section whose key an earlier one has at the same
// time.
func (r *reviewer) once(section string, n int, of func(i int) (key, text string, s span)) {
	type earlier struct {
		i int
		s span
	}
	seen := map[string][]earlier{}
	for i := range n {
		key, text, s := of(i)
		for _, e := range seen[key] {
			if _, both := s.meets(e.s); both {
				r.report(section, i, "duplicate", "%s, %s: merge the two", text, r.other(section, e.i, i))
				break
			}
		}
		seen[key] = append(seen[key], earlier{i, s})
	}
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// squeezed drops what editions of a list set differently: case, accents,
// spaces and punctuation.
func squeezed(s string) string { return name.Key(s) }

func cutTo(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
