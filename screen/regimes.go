package screen

import (
	"slices"

	"github.com/offshelf/offshelf"
)

// Standing is what a regime is on a day.
type Standing string

// The standings of a regime.
const (
	InForce   Standing = "in-force"
	Suspended Standing = "suspended"
	Scheduled Standing = "scheduled" // was to take effect; that it did is not confirmed
	NotYet    Standing = "not-yet"   // its first period, or the next, has not begun
	Ended     Standing = "ended"
)

// RegimeOn is a regime as of the screener's day, with all that it refers to.
type RegimeOn struct {
	ID        string            `json:"id"`
	Title     string            `json:"title"`
	Authority string            `json:"authority,omitempty"`
	Policy    string            `json:"policy,omitempty"` // id of the policy whose house regime it is
	Standing  Standing          `json:"standing"`
	Unsure    bool              `json:"unsure,omitempty"` // whether the period has begun or ended is not known to the day
	Basis     offshelf.Basis    `json:"basis,omitempty"`  // on the day; empty where it says nothing
	Forbids   []string          `json:"forbids,omitempty"`
	Reach     string            `json:"reach"`           // in words
	ReachFull []string          `json:"reach_sentences"` // in sentences
	Goods     []string          `json:"goods,omitempty"` // titles of goods classes; none means any
	Lists     []ListOn          `json:"lists"`
	Periods   []PeriodOn        `json:"periods"`
	Note      string            `json:"note,omitempty"`
	Sources   []offshelf.Source `json:"sources,omitempty"`
	Own       bool              `json:"own,omitempty"` // as the operator's own facts state it
}

// ListOn is a list that triggers a regime, and how many entries of it the
// knowledge holds on the day. The list itself may hold more.
type ListOn struct {
	ID       string `json:"id"`
	Listings int    `json:"listings"`
	Unsure   int    `json:"unsure,omitempty"` // of these, how many perhaps do not hold on the day
}

// PeriodOn is a period of a regime.
type PeriodOn struct {
	offshelf.Period
	Holds   string            `json:"holds"`           // yes, maybe or no, on the day
	Reach   string            `json:"reach,omitempty"` // in words, where it differs from the regime's
	Sources []offshelf.Source `json:"sources,omitempty"`
}

// Regimes lists the regimes of the knowledge, then the house regimes of the
// policy, as of the screener's day.
func (s *Screener) Regimes() []RegimeOn {
	var out []RegimeOn
	for i := range s.snapshot.knowledge.Regimes {
		out = append(out, s.regimeOn(&s.snapshot.knowledge.Regimes[i], ""))
	}
	for i := range s.policy.Regimes {
		out = append(out, s.regimeOn(&s.policy.Regimes[i], s.policy.ID))
	}
	return out
}

// Regime returns the regime with this id as of the screener's day.
func (s *Screener) Regime(id string) (RegimeOn, bool) {
	for _, r := range s.Regimes() {
		if r.ID == id {
			return r, true
		}
	}
	return RegimeOn{}, false
}

func (s *Screener) regimeOn(r *offshelf.Regime, policy string) RegimeOn {
	out := RegimeOn{
		ID: r.ID, Title: r.Title, Authority: r.Authority, Policy: policy, Note: r.Note, Own: r.Own(),
		Sources: s.snapshot.world.Sources(r.Sources),
	}
	reach := r.Reach
	if p, t := r.PeriodOn(s.day); p != nil {
		out.Standing, out.Unsure = Standing(p.State), t == offshelf.Maybe
		out.Basis, out.Forbids = p.Basis, p.Forbids
		if p.Reach != nil {
			reach = *p.Reach
		}
	} else {
		out.Standing = Ended
		if slices.ContainsFunc(r.Periods, func(p offshelf.Period) bool { return !p.From.IsZero() && s.day < p.From.Earliest() }) {
			out.Standing = NotYet
		}
	}
	out.Reach, out.ReachFull = reach.Spoken(), reach.Sentences()
	for _, g := range r.Goods {
		out.Goods = append(out.Goods, s.snapshot.goodsTitle(g))
	}
	for _, l := range r.Lists {
		out.Lists = append(out.Lists, s.listOn(l))
	}
	for _, p := range r.Periods {
		x := PeriodOn{Period: p, Holds: [...]string{"no", "maybe", "yes"}[p.On(s.day)], Sources: s.snapshot.world.Sources(p.Sources)}
		if p.Reach != nil {
			x.Reach = p.Reach.Spoken()
		}
		out.Periods = append(out.Periods, x)
	}
	return out
}

func (s *Screener) listOn(id string) ListOn {
	l := ListOn{ID: id}
	add := func(t offshelf.Truth) {
		if t != offshelf.False {
			l.Listings++
		}
		if t == offshelf.Maybe {
			l.Unsure++
		}
	}
	if id == "concern" {
		for _, c := range s.snapshot.knowledge.Concerns {
			if !c.Reply {
				add(offshelf.Interval{From: c.Date}.On(s.day))
			}
		}
		return l
	}
	for _, x := range s.snapshot.knowledge.Listings {
		if x.List == id && x.Status != "inactive" {
			add(x.On(s.day))
		}
	}
	return l
}

// RegimeFact returns the regime of the knowledge with this id as it is stated,
// or one without an id.
func (s *Screener) RegimeFact(id string) offshelf.Regime {
	for _, r := range s.snapshot.knowledge.Regimes {
		if r.ID == id {
			return r
		}
	}
	return offshelf.Regime{}
}
