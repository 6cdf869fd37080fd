package reach

import (
	"fmt"

	"github.com/offshelf/offshelf"
)

// judge says whether a link is certain, and if not, what would settle it. The
// stake is the fact that carries it.
func (v *View) judge(p uint32, l link, fact uint32) (offshelf.Truth, string) {
	s := &v.w.facts[fact]
	if l.truth == offshelf.True {
		return offshelf.True, ""
	}
	if lead := v.w.lead(fact); lead != nil {
		return v.judgeLead(lead, l, s)
	}
	held, holder := v.w.parties[p].Name, v.w.parties[l.other].Name
	if l.up {
		held, holder = holder, held
	}
	verb := "holds"
	if s.Control && !s.Share.Known {
		verb = "controls"
	}
	threshold := v.threshold()
	if l.aggregate {
		threshold = "together with the other listed holders " + threshold
	}
	claimed := v.claimed(l)
	switch {
	case v.rule.enough(l.least) || v.rule.controls(l.control, offshelf.True) || l.aggregate && l.least == l.most:
		return offshelf.True, "" // the doubt is elsewhere
	case s.Grade.Weak():
		return offshelf.Maybe, fmt.Sprintf("that %s %s %s rests on a source of grade %s", holder, verb, held, s.Grade)
	case s.On(v.day) == offshelf.Maybe:
		return offshelf.Maybe, fmt.Sprintf("whether %s held %s on this day is not known: the dates are %s", holder, held, period(s.Interval))
	case !l.aggregate && !v.rule.enough(l.most):
		return offshelf.Maybe, fmt.Sprintf("%s controls %s with a share of %s, which is not enough alone; whether control counts under this rule has to be asked", holder, held, offshelf.Share{Min: l.least, Max: l.most, Known: true})
	case claimed != nil:
		return offshelf.Maybe, fmt.Sprintf("the share of %s in %s on this day: %s claimed, no filing read; %s it is reached", holder, held, claimed.Share, threshold)
	case l.most < 10000 || l.least > 0:
		return offshelf.Maybe, fmt.Sprintf("the share of %s in %s lies between %s and %s; %s it is reached", holder, held, percent(l.least), percent(l.most), threshold)
	}
	return offshelf.Maybe, fmt.Sprintf("the share of %s in %s is not known; %s it is reached", holder, held, threshold)
}

func (v *View) threshold() string {
	if v.regime.Reach.Over {
		return "above " + percent(v.regime.Reach.Threshold)
	}
	return "at " + percent(v.regime.Reach.Threshold) + " or more"
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
