package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// Path is a way from a party to a listing.
type Path struct {
	Listing offshelf.Listing
	Hops    []offshelf.Hop
	// Interval is when the way leads to the listing: all its hops hold, and so
	// do enough of the other stakes that it counts together with.
	offshelf.Interval
	Truth offshelf.Truth
	Open  string // what would settle a path that is only possible
}

// maxPaths bounds the ways that are told from one party to one listing; the
// surest and shortest come first.
const maxPaths = 6

// From lists the ways on which the regime reaches the party, or none.
func (v *View) From(party string) []Path {
	p, ok := v.w.index[party]
	if !ok {
		return nil
	}
	var found []*way
	for _, i := range v.of[p] {
		t := teller{v, &v.groups[i], map[told][]*way{}}
		m := t.group.members[p]
		if m.step > 1 {
			found = append(found, t.paths(told{p, true})...)
		}
		if !m.up {
			found = append(found, t.paths(told{p, false})...)
		}
	}
	var out []Path
	for _, w := range surestFirst(found) {
		if w.rest == nil && v.regime.Reach.NotSelf {
			continue
		}
		out = append(out, w.path())
	}
	return out
}

// way is a path as a step and what follows it, which ways have in common: the
// ways of a long cascade take no more memory than it has steps.
type way struct {
	hop     offshelf.Hop
	rest    *way // nil at the listing
	length  int
	listing *offshelf.Listing
	offshelf.Interval
	truth offshelf.Truth
	open  string
}

func (w *way) path() Path {
	p := Path{Listing: *w.listing, Hops: make([]offshelf.Hop, 0, w.length), Interval: w.Interval, Truth: w.truth, Open: w.open}
	for ; w != nil; w = w.rest {
		p.Hops = append(p.Hops, w.hop)
	}
	return p
}

// teller remembers the ways from the parties that it passed.
type teller struct {
	*View
	group *group
	known map[told][]*way
}

// told is a party, as a holder of others or as something held.
type told struct {
	party uint32
	up    bool
}

func (t *teller) paths(at told) []*way {
	if out, ok := t.known[at]; ok {
		return out
	}
	p, m := at.party, t.group.members[at.party]
	var out []*way
	if m.step == 1 {
		for i := range t.listed[p] {
			out = append(out, t.end(p, &t.listed[p][i]))
		}
	}
	var steps []step
	links := t.links
	if at.up {
		links = t.upward
	}
	for _, l := range links(t.group, m) {
		steps = append(steps, t.step(p, l))
	}
	for i, s := range steps {
		truth, open, span := s.truth, s.open, s.during
		if s.aggregate {
			span = t.together(steps, i)
			truth, open = s.link.truth, doubt(steps, i)
		}
		for _, rest := range s.rest {
			out = append(out, &way{
				hop: s.hop, rest: rest, length: rest.length + 1, listing: rest.listing,
				Interval: span.Intersect(rest.Interval),
				truth:    min(truth, rest.truth), open: cmp.Or(s.open, rest.open, open),
			})
		}
	}
	out = surestFirst(out)
	t.known[at] = out
	return out
}

func surestFirst(out []*way) []*way {
	slices.SortStableFunc(out, func(a, b *way) int {
		return cmp.Or(cmp.Compare(b.truth, a.truth), cmp.Compare(a.length, b.length))
	})
	ways := map[string]int{}
	return slices.DeleteFunc(out, func(w *way) bool {
		ways[w.listing.ID]++
		return ways[w.listing.ID] > maxPaths
	})
}

// step is a link, told, with the ways that go on from the other side.
type step struct {
	link
	hop    offshelf.Hop
	during offshelf.Interval // when the holding is enough, by facts that follow one another
	truth  offshelf.Truth
	open   string
	rest   []*way
}

func (t *teller) step(p uint32, l link) step {
	fact := t.carrying(l)
	s := step{link: l, hop: t.hop(p, l, fact), during: t.lasting(l), rest: t.paths(told{l.other, l.up || t.group.members[l.other].up})}
	s.truth, s.open = t.judge(p, l, fact)
	if other := t.group.members[l.other]; s.truth == offshelf.True && other.up && t.w.state[l.other] && !l.up {
		s.truth = offshelf.Maybe
		s.open = fmt.Sprintf("%s is a state body: whether what it holds is under common ownership by this rule has to be asked", s.hop.To)
	}
	return s
}

// span is when the step's other side is reached and the stake holds.
func (s step) span() offshelf.Interval {
	var held offshelf.Interval
	for i, p := range s.rest {
		switch {
		case i == 0:
			held = p.Interval
		case p.truth == s.rest[0].truth:
			held = held.Cover(p.Interval)
		}
	}
	return s.during.Intersect(held)
}

// together is when the stake of one step counts: while it and enough of the
// others beside it hold. All of them hold on the day of the view, so that those
// with the earliest starts and the latest ends make it longest.
func (v *View) together(steps []step, at int) offshelf.Interval {
	type stand struct {
		offshelf.Interval
		share int32
	}
	var others []stand
	for i, s := range steps {
		if i != at {
			others = append(others, stand{s.span(), s.share(s.link.truth)})
		}
	}
	iv := steps[at].during
	fill := func(add func(stand)) {
		sum := steps[at].share(steps[at].link.truth)
		for _, o := range others {
			if v.rule.enough(sum) {
				return
			}
			add(o)
			sum += o.share
		}
	}
	slices.SortStableFunc(others, func(a, b stand) int { return cmp.Compare(start(a.Interval), start(b.Interval)) })
	fill(func(o stand) { iv = iv.Intersect(offshelf.Interval{From: o.From}) })
	slices.SortStableFunc(others, func(a, b stand) int { return cmp.Compare(end(b.Interval), end(a.Interval)) })
	fill(func(o stand) { iv = iv.Intersect(offshelf.Interval{Until: o.Until}) })
	return iv
}

// start is the first day on which the interval surely holds, end the first on
// which it perhaps no longer does.
func start(iv offshelf.Interval) offshelf.Day {
	_, day, _, _ := bounds(iv)
	return day
}

func end(iv offshelf.Interval) offshelf.Day {
	_, _, day, _ := bounds(iv)
	return day
}

// doubt asks what is open of a step that counts together with others: of
// itself first, then of the others.
func doubt(steps []step, at int) string {
	for i := range steps {
		s := steps[(at+i)%len(steps)]
		if s.open != "" {
			return s.open
		}
		for _, r := range s.rest {
			if r.truth == offshelf.True {
				break
			}
			if r.open != "" {
				return r.open
			}
		}
	}
	return ""
}

func (v *View) end(p uint32, l *listing) *way {
	hop := offshelf.Hop{
		Kind: l.kind, From: v.w.parties[p].Name, To: l.Name, Since: l.From, Until: l.Until,
		Grade: l.Grade, Sources: v.w.Sources(l.Sources), Note: l.Citation,
	}
	hop.Mark(l.Evidence)
	what := "the listing of " + hop.From
	if l.kind == "concern" {
		what = "the report on " + hop.From
	}
	w := &way{hop: hop, length: 1, listing: &l.Listing, Interval: l.Interval, truth: l.On(v.day)}
	if w.truth == offshelf.Maybe {
		w.open = fmt.Sprintf("the date of %s is not known to the day", what)
	}
	if l.Status == "pending-litigation" {
		w.truth, w.open = offshelf.Maybe, fmt.Sprintf("%s is not applied while a court decides on it", what)
	}
	if l.Grade.Weak() {
		w.truth, w.open = offshelf.Maybe, fmt.Sprintf("%s rests on a source of grade %s", what, l.Grade)
	}
	return w
}

// hop tells the stake in the words of the fact that carries it.
func (v *View) hop(p uint32, l link, fact uint32) offshelf.Hop {
	s := &v.w.facts[fact]
	hop := offshelf.Hop{
		Kind: "owned", From: v.w.parties[p].Name, To: v.w.parties[l.other].Name, Since: s.From, Until: s.Until,
		Share: "unknown", Grade: s.Grade, Sources: v.w.Sources(s.Sources), Note: s.Note,
	}
	controlled := false
	switch {
	case s.Share.Known:
		hop.Share = s.Share.String()
		controlled = s.Control && !l.aggregate && !v.rule.enough(s.Share.Max)
	case s.Control:
		controlled, hop.Share = true, ""
	}
	switch {
	case l.up && controlled:
		hop.Kind = "controls"
	case l.up:
		hop.Kind = "owns"
	case controlled:
		hop.Kind = "controlled"
	}
	if lead := v.w.lead(fact); lead != nil {
		hop.Kind, hop.Share = lead.Kind, ""
	}
	hop.Mark(s.Evidence)
	if l.aggregate {
		hop.Note = strings.TrimPrefix(hop.Note+"; counts together with other listed holders", "; ")
	}
	return hop
}
