package screen

import (
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/internal/reach"
)

// NotReached is the verdict of a Reaching where nothing known leads to a
// listing. It is no finding, and never proof that there is nothing.
const NotReached offshelf.Verdict = "not reached"

// Reaching is whether one regime reaches a party, or what stands behind a
// brand, on a day; which facts carry that; and since when.
type Reaching struct {
	Party  string `json:"party"` // id, of a brand too
	Name   string `json:"name"`
	Brand  bool   `json:"brand,omitempty"`
	Regime string `json:"regime"`
	Title  string `json:"title"`
	AsOf   string `json:"as_of"`

	// State, Forbids and Basis are what the regime itself says on the day.
	State   string         `json:"state,omitempty"` // in-force, suspended, scheduled, or empty where it has no period then
	Forbids []string       `json:"forbids,omitempty"`
	Basis   offshelf.Basis `json:"basis,omitempty"`
	Goods   []string       `json:"goods,omitempty"` // classes that it is limited to

	Verdict offshelf.Verdict `json:"verdict"` // reached, possible or not reached
	// Since and Until bound the days around this one on which the verdict is at
	// least this, without a gap.
	Since offshelf.Date `json:"since,omitzero"`
	Until offshelf.Date `json:"until,omitzero"`

	Facts    []offshelf.Hop `json:"facts"`              // that carry the verdict together
	Smallest bool           `json:"smallest,omitempty"` // no smaller set of facts carries it
	Open     []string       `json:"open,omitempty"`     // what would settle it
	Warnings []string       `json:"warnings,omitempty"` // where it is not reached: what to be careful of
	Flips    []Flip         `json:"flips,omitempty"`    // single changes that would turn it
	Timeline []Stretch      `json:"timeline,omitempty"`
}

// Flip is a single change that would turn a verdict.
type Flip struct {
	Change string           `json:"change"`
	Then   offshelf.Verdict `json:"then"`
}

// Stretch is a span of days with one verdict under one state of the rule; days
// between two of them are not reached.
type Stretch struct {
	From    offshelf.Date    `json:"from,omitzero"`
	Until   offshelf.Date    `json:"until,omitzero"`
	Verdict offshelf.Verdict `json:"verdict"`
	State   string           `json:"state"`
	Forbids []string         `json:"forbids,omitempty"`
	Basis   offshelf.Basis   `json:"basis"`
}

// Subject is a party or a brand that a question is about.
type Subject struct {
	ID, Name string
	Brand    bool
}

// Subjects finds the party or brand that a name stands for: by id, else by any
// of its names. A brand comes before a party of the same name, as it is what
// stands on the box. Where there is none, similar names are returned.
func (s *Snapshot) Subjects(query string) (found []Subject, similar []string) {
	brands, parties, similar := s.named(query)
	for _, b := range brands {
		found = append(found, Subject{b.ID, b.Name, true})
	}
	for _, p := range parties {
		found = append(found, Subject{p.ID, p.Name, false})
	}
	// The one whose own name it is comes before one that has it as an alias.
	slices.SortStableFunc(found, func(a, b Subject) int { return a.rank(query) - b.rank(query) })
	if len(found) > 0 {
		similar = nil
	}
	return found, similar
}

func (s Subject) rank(query string) int {
	switch {
	case s.ID == query:
		return 0
	case name.Key(s.Name) == name.Key(query):
		return 1
	}
	return 2
}

// Reach answers for a subject on a day, one answer a regime, in their order.
// Regimes that are about goods and not about parties are left out.
func (s *Snapshot) Reach(subject Subject, regimes []offshelf.Regime, day offshelf.Day) []Reaching {
	var out []Reaching
	worlds := map[[2]bool]*reach.World{}
	for i := range regimes {
		r := &regimes[i]
		if r.Reach.Kind != offshelf.ReachNamed && r.Reach.Kind != offshelf.ReachOwned {
			continue
		}
		key := [2]bool{r.Reach.Owner, r.Reach.Maker}
		if worlds[key] == nil {
			worlds[key] = s.behind(subject, r.Reach.Owner, r.Reach.Maker)
		}
		out = append(out, s.reaching(worlds[key], subject, r, day))
	}
	return out
}

// Regimes lists the rules of the knowledge.
func (s *Snapshot) Regimes() []offshelf.Regime { return s.knowledge.Regimes }

func (s *Snapshot) reaching(w *reach.World, subject Subject, r *offshelf.Regime, day offshelf.Day) Reaching {
	a := Reaching{
		Party: subject.ID, Name: subject.Name, Brand: subject.Brand, Regime: r.ID, Title: r.Title, AsOf: day.String(),
		Goods: r.Goods, Verdict: NotReached, Facts: []offshelf.Hop{},
	}
	line := w.Timeline(r).Of(subject.node())
	for _, x := range line {
		a.Timeline = append(a.Timeline, Stretch{
			From: x.From.Date(), Until: x.Until.Date(), Verdict: verdictOf(x.Truth),
			State: x.Period.State, Forbids: x.Period.Forbids, Basis: x.Period.Basis,
		})
	}
	period, far, truth := r.On(day)
	if period == nil {
		if period, _ = r.PeriodOn(day); period == nil {
			return a
		}
	}
	a.State, a.Forbids, a.Basis = period.State, period.Forbids, period.Basis
	if period.State == "suspended" {
		return a
	}
	then := *r
	then.Reach = far
	e := w.At(&then, day).Explain(subject.node())
	// No change of the facts makes surer than the rule itself is.
	surest := truth
	if period.State == "scheduled" {
		surest = offshelf.Maybe
	}
	verdict := min(e.Truth, surest)
	for _, f := range e.Flips {
		if then := min(f.Then, surest); then != verdict {
			a.Flips = append(a.Flips, Flip{f.Change, verdictOf(then)})
		}
	}
	if e.Truth == offshelf.False {
		a.Warnings = e.Warnings
		return a
	}
	a.Facts, a.Smallest, a.Open = e.Facts, e.Smallest, e.Open
	if truth < offshelf.True {
		a.Open = append(a.Open, openStart)
	}
	if period.State == "scheduled" {
		a.Open = append(a.Open, unconfirmed(period))
	}
	a.Verdict = verdictOf(verdict)
	a.Since, a.Until = around(line, day, verdict)
	return a
}

func verdictOf(t offshelf.Truth) offshelf.Verdict {
	switch t {
	case offshelf.True:
		return offshelf.Reached
	case offshelf.Maybe:
		return offshelf.Possible
	}
	return NotReached
}

// around is the run of days with at least this truth that the day is in.
func around(line []reach.Stretch, day offshelf.Day, truth offshelf.Truth) (since, until offshelf.Date) {
	sure, possible := runOf(line, day, truth), runOf(line, day, offshelf.Maybe)
	return dateBetween(possible.From, sure.From, false), dateBetween(sure.Until, possible.Until, true)
}

func runOf(line []reach.Stretch, day offshelf.Day, truth offshelf.Truth) reach.Stretch {
	var run reach.Stretch
	for _, x := range line {
		switch {
		case x.Truth < truth:
		case run.Until == x.From && run.Until > run.From:
			run.Until = x.Until
		case run.From <= day && day < run.Until:
			return run
		default:
			run = x
		}
	}
	return run
}

// dateBetween is the date that says what two days leave open: the first and
// the last that it may be. Where none does, it is the one on which the answer
// is sure.
func dateBetween(first, last offshelf.Day, end bool) offshelf.Date {
	sure := last
	if end {
		sure = first
	}
	if first == last || sure.Date().IsZero() {
		return sure.Date()
	}
	if first == offshelf.MinDay {
		return last.Date().OnOrBefore()
	}
	text := sure.String()
	for _, known := range []string{text[:7], text[:4], text + "~", text[:7] + "~", text[:4] + "~"} {
		if d, err := offshelf.ParseDate(known); err == nil && d.Earliest() == first && d.Latest() == last {
			return d
		}
	}
	return sure.Date()
}

// node is the id of the subject in a world of reach, where brands and parties
// may have the same.
func (s Subject) node() string {
	if s.Brand {
		return "brand " + s.ID
	}
	return s.ID
}

// behind is the world with a brand in it; of a party, the world as it is.
func (s *Snapshot) behind(subject Subject, owner, maker bool) *reach.World {
	if !subject.Brand {
		return s.world
	}
	b := s.brands[subject.ID]
	var leads []reach.Lead
	if owner {
		leads = s.holderLeads(b)
	}
	for _, m := range s.makes[subject.ID] {
		if m.Conflict != "" || !maker {
			continue
		}
		l := reach.Lead{Party: m.Maker, Kind: makeKind(m.Make), Interval: m.Interval, Evidence: m.Evidence}
		to := s.world.Name(m.Maker)
		l.Open = unsureMake(m.Make, to, b.Name)
		switch {
		case l.Open != "":
		case len(m.Models) > 0:
			l.Open = someModels(to, b.Name)
		case !m.All:
			l.Open = someGoods(to, b.Name)
		}
		leads = append(leads, l)
	}
	return s.world.Behind(offshelf.Party{ID: subject.node(), Name: b.Name}, leads)
}

// holderLeads are the holders of a brand, or of the brand that it is a line of.
func (s *Snapshot) holderLeads(b *offshelf.Brand) []reach.Lead {
	var out []reach.Lead
	for up, steps := b, 0; up != nil && steps < maxLines; up, steps = s.brands[up.Parent], steps+1 {
		for _, h := range up.Holders {
			if h.Conflict != "" {
				continue
			}
			l := reach.Lead{Party: h.Party, Kind: "held", Interval: h.Interval, Evidence: h.Evidence}
			if h.Grade.Weak() {
				l.Open = unsureHolder(h, s.world.Name(h.Party), up.Name)
			}
			out = append(out, l)
		}
		if len(up.Holders) > 0 {
			break
		}
	}
	return out
}
