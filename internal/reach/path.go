package reach

import (
	"fmt"
	"strings"

	"github.com/offshelf/offshelf"
)

// Path is a way from a party to a listing.
type Path struct {
	Listing offshelf.Listing
	Hops    []offshelf.Hop
	offshelf.Interval
	Truth offshelf.Truth
	Open  string // what would settle a path that is only possible
}

// maxPaths bounds the ways that are told for one party; the surest and
// shortest come first.
const maxPaths = 6

// From lists the ways on which the regime reaches the party, or none.
func (v *View) From(party string) []Path {
	i, ok := v.w.index[party]
	if !ok || v.truth[i] == offshelf.False {
		return nil
	}
	return v.paths(i, 0)
}

func (v *View) paths(p int32, depth int) []Path {
	var out []Path
	for _, l := range v.listed[p] {
		if depth == 0 && v.regime.Reach.NotSelf {
			continue
		}
		out = append(out, v.end(p, l))
	}
	for _, l := range v.grown[p] {
		if v.round[l.holder] >= v.round[p] {
			continue
		}
		hop := v.hop(p, l)
		truth, open := v.judge(p, l, hop)
		for _, rest := range v.paths(l.holder, depth+1) {
			path := Path{
				Listing:  rest.Listing,
				Hops:     append([]offshelf.Hop{hop}, rest.Hops...),
				Interval: hop.Interval().Intersect(rest.Interval),
				Truth:    min(truth, rest.Truth), Open: open,
			}
			if path.Open == "" {
				path.Open = rest.Open
			}
			out = append(out, path)
		}
	}
	if len(out) > maxPaths {
		out = out[:maxPaths]
	}
	return out
}

func (v *View) end(p int32, l listing) Path {
	hop := offshelf.Hop{
		Kind: l.kind, From: v.w.parties[p].Name, To: l.Name, Since: l.From, Until: l.Until,
		Grade: l.Grade, Sources: v.w.Sources(l.Sources), Note: l.Citation,
	}
	path := Path{Listing: l.Listing, Hops: []offshelf.Hop{hop}, Interval: l.Interval, Truth: l.On(v.day)}
	if path.Truth == offshelf.Maybe {
		path.Open = fmt.Sprintf("the date of the listing of %s is not known to the day", hop.From)
	}
	if l.Grade.Weak() {
		path.Truth, path.Open = offshelf.Maybe, fmt.Sprintf("the report on %s rests on a source of grade %s", hop.From, l.Grade)
	}
	return path
}

// hop tells the stake in the words of the facts that carry it.
func (v *View) hop(p int32, l link) offshelf.Hop {
	hop := offshelf.Hop{Kind: "owned", From: v.w.parties[p].Name, To: v.w.parties[l.holder].Name, Grade: offshelf.GradeClaim}
	best := -1
	for i, s := range l.carry {
		if best < 0 || better(s, l.carry[best], v.day) {
			best = i
		}
	}
	s := l.carry[best]
	hop.Since, hop.Until, hop.Grade, hop.Note = s.From, s.Until, s.Grade, s.Note
	hop.Sources = v.w.Sources(s.Sources)
	switch {
	case s.Share.Known:
		hop.Share = s.Share.String()
	case s.Control:
		hop.Kind = "controlled"
	default:
		hop.Share = "unknown"
	}
	if l.aggregate {
		hop.Note = strings.TrimPrefix(hop.Note+"; counts together with other listed holders", "; ")
	}
	return hop
}

// better prefers firm facts, then those with a share, then those that surely
// hold on the day.
func better(a, b offshelf.Stake, day offshelf.Day) bool {
	if a.Grade.Weak() != b.Grade.Weak() {
		return !a.Grade.Weak()
	}
	if x, y := a.On(day), b.On(day); x != y {
		return x > y
	}
	if a.Share.Known != b.Share.Known {
		return a.Share.Known
	}
	return a.Grade < b.Grade
}

// judge says whether a hop is certain, and if not, what would settle it.
func (v *View) judge(p int32, l link, hop offshelf.Hop) (offshelf.Truth, string) {
	if l.truth == offshelf.True {
		return offshelf.True, ""
	}
	held, holder := v.w.parties[p].Name, v.w.parties[l.holder].Name
	switch {
	case v.enough(l.least) || v.regime.Reach.Control == "reach" && l.control == offshelf.True:
		return offshelf.True, "" // the doubt is further up
	case hop.Grade.Weak() && !v.firm(l):
		return offshelf.Maybe, fmt.Sprintf("that %s holds %s rests on a source of grade %s", holder, held, hop.Grade)
	case l.position.truth == offshelf.Maybe && v.firm(l):
		return offshelf.Maybe, fmt.Sprintf("whether %s held %s on this day is not known: the dates are %s", holder, held, period(hop.Interval()))
	}
	threshold := "at " + offshelf.Share{Min: v.regime.Reach.Threshold, Max: v.regime.Reach.Threshold, Known: true}.String() + " or more"
	if l.claimed != nil {
		return offshelf.Maybe, fmt.Sprintf("the share of %s in %s on this day: %s claimed, no filing read; %s it is reached", holder, held, l.claimed.Share, threshold)
	}
	if l.most < 10000 || l.least > 0 {
		return offshelf.Maybe, fmt.Sprintf("the share of %s in %s lies between %s and %s; %s it is reached", holder, held, percent(l.least), percent(l.most), threshold)
	}
	return offshelf.Maybe, fmt.Sprintf("the share of %s in %s is not known; %s it is reached", holder, held, threshold)
}

func (v *View) firm(l link) bool {
	for _, s := range l.carry {
		if !s.Grade.Weak() {
			return true
		}
	}
	return false
}

func percent(n int32) string { return offshelf.Share{Min: n, Max: n, Known: true}.String() }

func period(iv offshelf.Interval) string {
	from, until := iv.From.String(), iv.Until.String()
	if from == "" {
		from = "unknown"
	}
	if until == "" {
		until = "now"
	}
	return from + " to " + until
}
