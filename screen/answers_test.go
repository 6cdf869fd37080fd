package screen_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// answerer answers questions from the embedded knowledge: who holds, owns and
// makes from its facts, what reaches whom from the screener.
type answerer struct {
	k         *offshelf.Knowledge
	brandIDs  map[string][]string // by folded name
	partyIDs  map[string][]string
	screeners map[string]*screen.Screener // by day
}

func answering(t *testing.T) *answerer {
	t.Helper()
	k, _, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	a := &answerer{k, map[string][]string{}, map[string][]string{}, map[string]*screen.Screener{}}
	add := func(to map[string][]string, id string, names ...string) {
		for _, n := range names {
			if key := name.Key(n); !slices.Contains(to[key], id) {
				to[key] = append(to[key], id)
			}
		}
	}
	for _, b := range k.Brands {
		add(a.brandIDs, b.ID, append(b.Aliases, b.ID, b.Name)...)
	}
	for _, p := range k.Parties {
		add(a.partyIDs, p.ID, append(p.Aliases, p.ID, p.Name)...)
	}
	for _, l := range k.Listings {
		add(a.partyIDs, l.Party, l.Name)
	}
	return a
}

// parties are the ids of those that bear the name, or else of those whose name
// begins with it.
func (a *answerer) parties(n string) []string {
	key := name.Key(n)
	if ids := a.partyIDs[key]; len(ids) > 0 {
		return ids
	}
	var out []string
	for k, ids := range a.partyIDs {
		if strings.HasPrefix(k, key) {
			out = append(out, ids...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (a *answerer) brands(n string) []string { return a.brandIDs[name.Key(n)] }

func (a *answerer) brand(id string) *offshelf.Brand {
	i := slices.IndexFunc(a.k.Brands, func(b offshelf.Brand) bool { return b.ID == id })
	return &a.k.Brands[i]
}

func (a *answerer) regime(id string) *offshelf.Regime {
	if i := slices.IndexFunc(a.k.Regimes, func(r offshelf.Regime) bool { return r.ID == id }); i >= 0 {
		return &a.k.Regimes[i]
	}
	return nil
}

// missing names what a question speaks of and the knowledge does not have. Only
// the party on the other side of a "no" may be missing.
func (a *answerer) missing(q question) string {
	switch {
	case q.kind == "rule" && a.regime(q.subject) == nil:
		return "the rule " + q.subject
	case q.kind == "rule":
		return ""
	case q.kind == "reach" && a.regime(q.ask) == nil:
		return "the rule " + q.ask
	case len(a.brands(q.subject)) == 0 && len(a.parties(q.subject)) == 0:
		return q.subject
	case q.kind == "owned" && q.answer != "no" && len(a.parties(q.ask)) == 0:
		return q.ask
	}
	want, _ := a.wants(q)
	for _, w := range want {
		if w.name != "" && len(w.parties) == 0 && !w.not {
			return w.name
		}
	}
	return ""
}

// behind are the parties that stand for a subject on a day: itself, and the
// holders of the brand of this name.
func (a *answerer) behind(subject string, d offshelf.Day) []part {
	var out []part
	for _, b := range a.brands(subject) {
		out = append(out, a.holders(b, d)...)
	}
	for _, id := range a.partyIDs[name.Key(subject)] {
		if !slices.ContainsFunc(out, func(p part) bool { return p.party == id }) {
			out = append(out, part{party: id})
		}
	}
	return out
}

func mark(t offshelf.Truth) string {
	if t == offshelf.Maybe {
		return "?"
	}
	return ""
}

// holders are those of a brand, or of the brand that it is a line of.
func (a *answerer) holders(id string, d offshelf.Day) []part {
	var out []part
	for b := a.brand(id); ; b = a.brand(b.Parent) {
		for _, h := range b.Holders {
			if t := h.On(d); t != offshelf.False && h.Conflict == "" {
				out = append(out, part{h.Party, mark(t), h.Grade})
			}
		}
		if len(b.Holders) > 0 || b.Parent == "" {
			return out
		}
	}
}

// owners are those with a stake in the party, and their stakes.
func (a *answerer) owners(party string, d offshelf.Day) (out []part, stakes []offshelf.Stake) {
	for _, s := range a.k.Stakes {
		t := s.On(d)
		if s.Held != party || t == offshelf.False || s.Conflict != "" {
			continue
		}
		// Two sources for one owner are one owner, on the better of them.
		if i := slices.IndexFunc(out, func(p part) bool { return p.party == s.Holder }); i >= 0 {
			if s.Grade < out[i].grade {
				out[i].grade = s.Grade
			}
			if t == offshelf.True {
				out[i].how = ""
			}
			stakes[i].Control = stakes[i].Control || s.Control
			continue
		}
		out = append(out, part{s.Holder, mark(t), s.Grade})
		stakes = append(stakes, s)
	}
	return out, stakes
}

// owned follows stakes of half or more, and control, from the subject up to
// the owner.
func (a *answerer) owned(subject string, by []string, d offshelf.Day) part {
	best := part{how: "no"}
	seen := map[string]bool{}
	var climb func(p part)
	climb = func(p part) {
		if slices.Contains(by, p.party) {
			how := "yes"
			if p.how == "?" || p.grade != offshelf.GradeUnset && p.grade.Weak() {
				how = "possible"
			}
			if best.how != "yes" {
				best = part{how: how, grade: p.grade}
			}
			return
		}
		if seen[p.party] {
			return
		}
		seen[p.party] = true
		owners, stakes := a.owners(p.party, d)
		for i, o := range owners {
			if s := stakes[i]; s.Share.Known && s.Share.Max < 5000 && !s.Control {
				continue
			}
			climb(part{o.party, max(o.how, p.how), max(o.grade, p.grade)})
		}
	}
	for _, p := range a.behind(subject, d) {
		climb(p)
	}
	return best
}

// makers are those of the brand, or of one model number of it.
func (a *answerer) makers(t *testing.T, q question, d offshelf.Day) []part {
	var out []part
	for _, m := range a.k.Makes {
		truth := m.On(d)
		if !slices.Contains(a.brands(q.subject), m.Brand) || truth == offshelf.False || m.Conflict != "" {
			continue
		}
		if q.ask != "" && !slices.ContainsFunc(m.Models, func(pattern string) bool { return regexp.MustCompile("(?i)" + pattern).MatchString(q.ask) }) {
			continue
		}
		how := "made"
		if m.Relation != offshelf.Made {
			how = string(m.Relation)
		}
		out = append(out, part{m.Maker, how + mark(truth), m.Grade})
	}
	return out
}

// listing says since when a party is on a list.
func (a *answerer) listing(q question, d offshelf.Day) part {
	var lists []string
	if r := a.regime(q.ask); r != nil {
		lists = r.Lists
	}
	for _, l := range a.k.Listings {
		if slices.Contains(a.parties(q.subject), l.Party) && (l.List == q.ask || slices.Contains(lists, l.List)) && l.On(d) == offshelf.True {
			return part{how: l.From.String(), grade: l.Grade}
		}
	}
	return part{how: "no"}
}

// reach asks the screener for what reaches a brand or a party.
func (a *answerer) reach(t *testing.T, q question) []offshelf.Finding {
	t.Helper()
	sc := a.screeners[q.on]
	if sc == nil {
		sc = screener(t, "default", q.on)
		a.screeners[q.on] = sc
	}
	found, _ := sc.Who(q.subject)
	brand := slices.IndexFunc(found, func(p screen.Profile) bool { return p.Brand != nil })
	var out []offshelf.Finding
	for _, p := range found {
		if brand < 0 || p.Brand != nil {
			out = append(out, p.Findings...)
		}
	}
	return out
}

// rests is the grade that a finding rests on: that of the weakest hop of its
// strongest chain.
func rests(f *offshelf.Finding) offshelf.Grade {
	best := offshelf.GradeUnset
	for _, c := range f.Chains {
		weakest := offshelf.GradeUnset
		for _, h := range c.Hops {
			if h.Kind != "attributed" {
				weakest = max(weakest, h.Grade)
			}
		}
		if best == offshelf.GradeUnset || weakest < best {
			best = weakest
		}
	}
	return best
}

func (a *answerer) answer(t *testing.T, q question) []part {
	t.Helper()
	d := day(t, q.on)
	switch q.kind {
	case "holder":
		var out []part
		for _, b := range a.brands(q.subject) {
			out = append(out, a.holders(b, d)...)
		}
		return out
	case "owner":
		var out []part
		for _, p := range a.behind(q.subject, d) {
			owners, _ := a.owners(p.party, d)
			out = append(out, owners...)
		}
		return out
	case "maker":
		return a.makers(t, q, d)
	case "owned":
		return []part{a.owned(q.subject, a.parties(q.ask), d)}
	case "listing":
		return []part{a.listing(q, d)}
	case "rule":
		return []part{a.rule(q, d)}
	case "reach", "reached-by":
		var out []part
		for _, f := range a.reach(t, q) {
			r := a.regime(f.Regime)
			switch {
			case q.kind == "reach" && f.Regime == q.ask:
				listing := a.k.Listings[slices.IndexFunc(a.k.Listings, func(l offshelf.Listing) bool { return l.ID == f.Listing })]
				out = append(out, part{listing.Party, fmt.Sprintf("%s by %s", f.Verdict, f.Basis), rests(&f)})
			case q.kind == "reached-by" && r != nil && f.Regime != "concern": // a concern is no rule, and a house rule no law
				out = append(out, part{how: fmt.Sprintf("%s by %s", f.Regime, f.Verdict), grade: rests(&f)})
			}
		}
		return out
	}
	t.Fatalf("%s: unknown kind %q", q.id, q.kind)
	return nil
}

// rule says what a rule says on a day.
func (a *answerer) rule(q question, d offshelf.Day) part {
	r := a.regime(q.subject)
	i := slices.IndexFunc(r.Periods, func(p offshelf.Period) bool { return p.On(d) == offshelf.True })
	if i < 0 {
		if strings.HasPrefix(q.ask, "forbids ") {
			return part{how: "no"}
		}
		return part{how: "not in force"}
	}
	p := r.Periods[i]
	reach := r.Reach
	if p.Reach != nil {
		reach = *p.Reach
	}
	bans, _ := p.Presumed()
	switch what, forbids := strings.CutPrefix(q.ask, "forbids "); {
	case forbids && p.State != "suspended" && slices.Contains(bans, what):
		return part{how: "yes"}
	case forbids:
		return part{how: "no"}
	case q.ask == "state":
		return part{how: p.State}
	case q.ask == "basis":
		_, basis := p.Presumed() // of a product that nothing is stated of
		return part{how: string(basis)}
	case q.ask == "threshold":
		least, than := reach.Threshold, "at least "
		if !reach.Over && least%100 == 1 {
			least, reach.Over = least-1, true // shares are whole basis points: 10.01% or more is more than 10%
		}
		if reach.Over {
			than = "more than "
		}
		return part{how: than + offshelf.Share{Min: least, Max: least, Known: true}.String()}
	}
	return part{how: "?"}
}
