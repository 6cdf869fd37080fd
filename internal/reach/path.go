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
	i, ok := v.w.index[party]
	if !ok || v.truth[i] == offshelf.False {
		return nil
	}
	t := teller{v, map[int32][]Path{}}
	out := t.paths(i)
	if v.regime.Reach.NotSelf {
		out = slices.DeleteFunc(slices.Clone(out), func(p Path) bool { return len(p.Hops) == 1 })
	}
	return out
}

// teller remembers the ways from the parties that it passed.
type teller struct {
	*View
	told map[int32][]Path
}

func (t *teller) paths(p int32) []Path {
	if out, ok := t.told[p]; ok {
		return out
	}
	var out []Path
	for _, l := range t.listed[p] {
		out = append(out, t.end(p, l))
	}
	steps := make([]step, 0, len(t.grown[p]))
	for _, l := range t.grown[p] {
		steps = append(steps, t.step(p, l))
	}
	for i, s := range steps {
		truth, open, span := s.truth, s.open, s.hop.Interval()
		if s.aggregate {
			span = t.together(steps, i)
			truth, open = s.link.truth, doubt(steps, i)
		}
		for _, rest := range s.rest {
			path := Path{
				Listing:  rest.Listing,
				Hops:     append([]offshelf.Hop{s.hop}, rest.Hops...),
				Interval: span.Intersect(rest.Interval),
				Truth:    min(truth, rest.Truth), Open: cmp.Or(s.open, rest.Open, open),
			}
			out = append(out, path)
		}
	}
	slices.SortStableFunc(out, func(a, b Path) int {
		return cmp.Or(cmp.Compare(b.Truth, a.Truth), cmp.Compare(len(a.Hops), len(b.Hops)))
	})
	ways := map[string]int{}
	out = slices.DeleteFunc(out, func(p Path) bool {
		ways[p.Listing.ID]++
		return ways[p.Listing.ID] > maxPaths
	})
	t.told[p] = out
	return out
}

// step is a link, told, with the ways that go on from its holder.
type step struct {
	link
	hop   offshelf.Hop
	truth offshelf.Truth
	open  string
	rest  []Path
}

func (t *teller) step(p int32, l link) step {
	stake := t.carrying(l)
	s := step{link: l, hop: t.hop(p, l, stake), rest: t.paths(l.holder)}
	s.truth, s.open = t.judge(p, l, stake)
	return s
}

// span is when the step's holder is reached and has the stake.
func (s step) span() offshelf.Interval {
	var held offshelf.Interval
	for i, p := range s.rest {
		switch {
		case i == 0:
			held = p.Interval
		case p.Truth == s.rest[0].Truth:
			held = held.Cover(p.Interval)
		}
	}
	return s.hop.Interval().Intersect(held)
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
			others = append(others, stand{s.span(), s.part()})
		}
	}
	iv := steps[at].hop.Interval()
	fill := func(add func(stand)) {
		sum := steps[at].part()
		for _, o := range others {
			if v.enough(sum) {
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

// part is the share that the link counts with.
func (l link) part() int32 {
	if l.truth == offshelf.True {
		return l.least
	}
	return l.most
}

// start is the first day on which the interval surely holds, end the first on
// which it perhaps no longer does.
func start(iv offshelf.Interval) offshelf.Day {
	if iv.From.IsZero() {
		return offshelf.MinDay
	}
	return iv.From.Latest()
}

func end(iv offshelf.Interval) offshelf.Day {
	if iv.Until.IsZero() {
		return offshelf.MaxDay
	}
	return iv.Until.Earliest()
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
			if r.Truth == offshelf.True {
				break
			}
			if r.Open != "" {
				return r.Open
			}
		}
	}
	return ""
}

func (v *View) end(p int32, l listing) Path {
	hop := offshelf.Hop{
		Kind: l.kind, From: v.w.parties[p].Name, To: l.Name, Since: l.From, Until: l.Until,
		Grade: l.Grade, Sources: v.w.Sources(l.Sources), Note: l.Citation,
	}
	hop.Mark(l.Evidence)
	what := "the listing of " + hop.From
	if l.kind == "concern" {
		what = "the report on " + hop.From
	}
	path := Path{Listing: l.Listing, Hops: []offshelf.Hop{hop}, Interval: l.Interval, Truth: l.On(v.day)}
	if path.Truth == offshelf.Maybe {
		path.Open = fmt.Sprintf("the date of %s is not known to the day", what)
	}
	if l.Status == "pending-litigation" {
		path.Truth, path.Open = offshelf.Maybe, fmt.Sprintf("%s is not applied while a court decides on it", what)
	}
	if l.Grade.Weak() {
		path.Truth, path.Open = offshelf.Maybe, fmt.Sprintf("%s rests on a source of grade %s", what, l.Grade)
	}
	return path
}

// hop tells the stake in the words of the fact that carries it.
func (v *View) hop(p int32, l link, s offshelf.Stake) offshelf.Hop {
	hop := offshelf.Hop{
		Kind: "owned", From: v.w.parties[p].Name, To: v.w.parties[l.holder].Name, Since: s.From, Until: s.Until,
		Share: "unknown", Grade: s.Grade, Sources: v.w.Sources(s.Sources), Note: s.Note,
	}
	switch {
	case s.Share.Known:
		hop.Share = s.Share.String()
		if s.Control && !l.aggregate && !v.enough(s.Share.Max) {
			hop.Kind = "controlled"
		}
	case s.Control:
		hop.Kind, hop.Share = "controlled", ""
	}
	hop.Mark(s.Evidence)
	if l.aggregate {
		hop.Note = strings.TrimPrefix(hop.Note+"; counts together with other listed holders", "; ")
	}
	return hop
}

// carrying picks, of all that is said of a holder's stake, the fact that
// carries the link.
func (v *View) carrying(l link) offshelf.Stake {
	return slices.MinFunc(l.carry, func(a, b offshelf.Stake) int {
		return cmp.Or(
			no(v.carries(a, l.truth), v.carries(b, l.truth)),
			no(!a.Grade.Weak(), !b.Grade.Weak()),
			cmp.Compare(b.On(v.day), a.On(v.day)),
			no(a.Share.Known, b.Share.Known),
			cmp.Compare(b.Share.Min, a.Share.Min),
			cmp.Compare(a.Grade, b.Grade),
			cmp.Compare(start(a.Interval), start(b.Interval)),
		)
	})
}

// no puts what is so before what is not.
func no(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// carries tells whether a single fact reaches at this level.
func (v *View) carries(s offshelf.Stake, level offshelf.Truth) bool {
	if level == offshelf.True {
		firm := !s.Grade.Weak() && s.On(v.day) == offshelf.True
		return firm && (s.Share.Known && v.enough(s.Share.Min) || s.Control && v.controls(offshelf.True, level))
	}
	return !s.Share.Known || v.enough(s.Share.Max) || s.Control && v.controls(offshelf.Maybe, level)
}
