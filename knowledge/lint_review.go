package knowledge

import (
	"io/fs"

	"github.com/offshelf/offshelf"
)

// Lint reads and checks the facts as Parse does, and then reads them as a
// reviewer would on the day: can the sources be found, do the facts agree, do
// names mean one thing, is a review due. Facts that are broken in form are told
// first, alone. The editions are those that open listings are compared with.
func Lint(fsys fs.FS, today offshelf.Day, editions ...Edition) (*offshelf.Knowledge, []Problem) {
	b := load(fsys)
	if len(b.problems) > 0 {
		return nil, b.told()
	}
	b.derive()
	r := &reviewer{linter: &linter{base: b}, today: today}
	r.reachable()
	r.dangling()
	r.duplicates()
	r.shares()
	r.disagree()
	r.overlap()
	r.words()
	r.collisions()
	r.due()
	for _, e := range editions {
		r.edition(e)
	}
	if len(b.problems) > 0 {
		return nil, b.told()
	}
	b.settle()
	return &b.Knowledge, nil
}

// reviewer checks facts that are sound in form and whose grades and starts are
// derived.
type reviewer struct {
	*linter
	today offshelf.Day
}

// span is the days on which an interval surely holds, the last one excluded.
type span struct{ from, until offshelf.Day }

func surely(iv offshelf.Interval) span {
	s := span{offshelf.MinDay, offshelf.MaxDay}
	if !iv.From.IsZero() {
		s.from = iv.From.Latest()
	}
	if !iv.Until.IsZero() {
		s.until = iv.Until.Earliest()
	}
	return s
}

// meets returns the days that both spans have.
func (s span) meets(o span) (span, bool) {
	both := span{max(s.from, o.from), min(s.until, o.until)}
	return both, both.from < both.until
}

func (s span) String() string {
	switch {
	case s.from == offshelf.MinDay && s.until == offshelf.MaxDay:
		return "at all times"
	case s.from == offshelf.MinDay:
		return "until " + s.until.String()
	case s.until == offshelf.MaxDay:
		return "from " + s.from.String() + " on"
	}
	return "from " + s.from.String() + " to " + s.until.String()
}

// evidenced calls f with the evidence of every fact, its section and index.
func (r *reviewer) evidenced(f func(section string, i int, what string, e offshelf.Evidence)) {
	for i, x := range r.Parties {
		f("parties", i, "party "+x.ID, x.Evidence)
	}
	for i, x := range r.Stakes {
		f("stakes", i, "stake of "+x.Holder+" in "+x.Held, x.Evidence)
	}
	for i, x := range r.Brands {
		f("brands", i, "brand "+x.ID, x.Evidence)
		for _, h := range x.Holders {
			f("brands", i, "holder "+h.Party+" of brand "+x.ID, h.Evidence)
		}
	}
	for i, x := range r.Makes {
		f("makes", i, "make of "+x.Brand+" by "+x.Maker, x.Evidence)
	}
	for i, x := range r.Tells {
		f("tells", i, "tell "+string(x.Kind)+" of "+x.Brand+x.Party, x.Evidence)
	}
	for i, x := range r.Listings {
		f("listings", i, "listing "+x.ID, x.Evidence)
	}
	for i, x := range r.Concerns {
		f("concerns", i, "concern about "+x.Party, x.Evidence)
	}
	for i, x := range r.Refuted {
		f("refuted", i, "refuted "+x.Subject, x.Evidence)
	}
	for i, x := range r.Regimes {
		f("regimes", i, "regime "+x.ID, x.Evidence)
	}
	for i, x := range r.Policies {
		f("policies", i, "policy "+x.ID, x.Evidence)
		for _, h := range x.Regimes {
			f("policies", i, "house regime "+h.ID, h.Evidence)
		}
	}
}

// due tells of facts that somebody meant to look at again by now.
func (r *reviewer) due() {
	r.evidenced(func(section string, i int, what string, e offshelf.Evidence) {
		if !e.Review.IsZero() && e.Review.Latest() < r.today {
			r.report(section, i, "review", "%s was to be reviewed by %s: look at it again and set the next date", what, e.Review)
		}
	})
}
