package knowledge

import "github.com/offshelf/offshelf"

// regrade lets the grades of shipped facts be derived anew where the operator
// states one of their sources anew. A grade that a fact states against its
// sources stays.
func (o *overlay) regrade(m *base) {
	shipped := map[string]offshelf.Grade{}
	for _, s := range m.Sources {
		shipped[s.ID] = s.Grade
	}
	stated := map[string]bool{}
	for _, s := range o.Sources {
		if g, ok := shipped[s.ID]; ok && g != s.Grade {
			stated[s.ID] = true
		}
	}
	if len(stated) == 0 {
		return
	}
	derived := func(e *offshelf.Evidence) {
		best, touched := offshelf.GradeClaim, false
		for _, id := range e.Sources {
			best = min(best, shipped[id])
			touched = touched || stated[id]
		}
		if touched && e.Grade == best {
			e.Grade = offshelf.GradeUnset
		}
	}
	m.Parties = with(m.Parties, func(x *offshelf.Party) { derived(&x.Evidence) })
	m.Stakes = with(m.Stakes, func(x *offshelf.Stake) { derived(&x.Evidence) })
	m.Makes = with(m.Makes, func(x *offshelf.Make) { derived(&x.Evidence) })
	m.Tells = with(m.Tells, func(x *offshelf.Tell) { derived(&x.Evidence) })
	m.Listings = with(m.Listings, func(x *offshelf.Listing) { derived(&x.Evidence) })
	m.Concerns = with(m.Concerns, func(x *offshelf.Concern) { derived(&x.Evidence) })
	m.Refuted = with(m.Refuted, func(x *offshelf.Refuted) { derived(&x.Evidence) })
	m.Brands = with(m.Brands, func(x *offshelf.Brand) {
		derived(&x.Evidence)
		x.Holders = with(x.Holders, func(h *offshelf.Holder) { derived(&h.Evidence) })
	})
}

// with returns a changed copy: the shipped facts are shared.
func with[T any](list []T, change func(*T)) []T {
	out := make([]T, len(list))
	copy(out, list)
	each(out, change)
	return out
}
