package exchange

import (
	"strings"

	"github.com/offshelf/offshelf"
)

// stake reads an entity that says who holds whom.
func (b *batch) stake(o *outcome, holders, held []string, from, to string, control bool) {
	x := &b.x
	switch {
	case len(holders) == 0 || len(held) == 0:
		o.Refused = "names no " + from + " or no " + to + ": a stake has both; merge the fragments of an entity first"
		return
	case len(holders)*len(held) > maxPairs:
		o.Refused = "names more than 100 pairs of " + from + " and " + to + ": split it"
		return
	}
	s := StakeRecord{Line: o.Line, ID: x.id, Control: control, Publisher: x.first(keyPublisher)}
	for _, r := range x.get(keyRole) {
		if r == brandRole {
			o.Ignored = "a holder of a brand: state brands in YAML"
			return
		}
		s.Control = s.Control || controlRole.MatchString(r) && !noControl.MatchString(r)
	}
	for _, st := range x.get(keyStatus) {
		s.Unconfirmed = s.Unconfirmed || strings.EqualFold(st, unconfirmed)
	}
	texts := x.get(keyPercentage)
	if len(texts) == 0 {
		for _, t := range x.get(keySummary) {
			if share, ok := strings.CutPrefix(t, shareMark); ok {
				texts = []string{share} // as our own export writes it where there is no field
			}
		}
	}
	if !b.share(o, &s, texts) || !b.period(o, &s.Interval) {
		return
	}
	if len(holders)*len(held) > 1 {
		o.doubt("duplicate", "names several owners or assets: each pair is read as a stake of its own")
	}
	for _, h := range holders {
		for _, a := range held {
			if h == a {
				o.Refused = "a party cannot hold itself: correct the " + from + " or the " + to
				b.stakes = b.stakes[:b.staked()]
				return
			}
			s.Holder, s.Held = h, a
			b.stakes = append(b.stakes, s)
		}
	}
}

// staked is how many stakes the entities before gave.
func (b *batch) staked() int {
	if len(b.out) == 0 {
		return 0
	}
	return b.out[len(b.out)-1].stakes
}

// share reads the percentages of an entity: several different ones are a
// range that holds them all.
func (b *batch) share(o *outcome, s *StakeRecord, texts []string) bool {
	differ := false
	for _, t := range texts {
		share, unclear, err := ParsePercentage(t)
		switch {
		case err != nil:
			o.Refused = err.Error()
			return false
		case unclear != "":
			o.doubt("share", unclear+"; it is read as unknown")
		case share.Known && s.Share.Known && share != s.Share:
			s.Share, differ = cover(s.Share, share), true
		case share.Known:
			s.Share = share
		}
	}
	if differ {
		o.doubt("share", "several shares that differ, read as a range: "+cutTo(strings.Join(texts, "; "), 100))
	}
	return true
}

// period reads the dates of an entity.
func (b *batch) period(o *outcome, iv *offshelf.Interval) bool {
	iv.From = b.date(o, "startDate", b.x.get(keyStartDate), false)
	iv.Until = b.date(o, "endDate", b.x.get(keyEndDate), true)
	for _, t := range b.x.get(keySummary) { // what our own export says in words, as the format has no field
		switch {
		case strings.HasPrefix(t, "Start: on or before "):
			if d, err := offshelf.ParseDate(".." + strings.TrimPrefix(t, "Start: on or before ")); err == nil && iv.From.IsZero() {
				iv.From = d
			}
		case strings.HasPrefix(t, "End: on or before "):
			if d, err := offshelf.ParseDate(".." + strings.TrimPrefix(t, "End: on or before ")); err == nil && iv.Until.IsZero() {
				iv.Until = d
			}
		case t == "Start is approximate":
			iv.From = qualified(iv.From, "~")
		case t == "Start is uncertain":
			iv.From = qualified(iv.From, "?")
		case t == "End is approximate":
			iv.Until = qualified(iv.Until, "~")
		case t == "End is uncertain":
			iv.Until = qualified(iv.Until, "?")
		}
	}
	if iv.Backwards() {
		o.Refused = backwards(*iv)
		return false
	}
	return true
}

func qualified(d offshelf.Date, mark string) offshelf.Date {
	if d.IsZero() {
		return d
	}
	if q, err := offshelf.ParseDate(strings.TrimRight(d.String(), "~?") + mark); err == nil {
		return q
	}
	return d
}

// date reads the values of a date. Of several, one that says more exactly what
// the others say is taken; where they differ, the earliest start or the latest
// end, marked as uncertain.
func (b *batch) date(o *outcome, what string, values []string, latest bool) offshelf.Date {
	var out offshelf.Date
	differ := false
	for _, v := range values {
		d, err := parseDate(v)
		switch {
		case err != nil && out.IsZero() && !partly(v).IsZero():
			// A day that no calendar has still says the month: to leave an end
			// out would be to say that there is none.
			out = partly(v)
			o.doubt("date", what+": "+err.Error()+"; it is read as "+out.String())
		case err != nil:
			o.doubt("date", what+": "+err.Error()+"; it is left out")
		case d.IsZero() || d == out:
		case out.IsZero():
			out = d
		case within(d, out):
			out = d
		case within(out, d):
		default:
			differ = true
			if latest == (d.Latest() > out.Latest()) {
				out = d
			}
		}
	}
	if differ {
		out = qualified(out, "?")
		o.doubt("date", "several values of "+what+" that differ: "+cutTo(strings.Join(values, "; "), 100)+"; read as "+out.String())
	}
	return out
}

func within(a, b offshelf.Date) bool { return a.Earliest() >= b.Earliest() && a.Latest() <= b.Latest() }

// partly is the month, else the year, of a date that is wrong after that.
func partly(s string) offshelf.Date {
	s = strings.TrimSpace(s)
	for _, n := range []int{len("2006-01"), len("2006")} {
		if len(s) > n && s[n] == '-' {
			if d, err := offshelf.ParseDate(s[:n]); err == nil {
				return d
			}
		}
	}
	return offshelf.Date{}
}

// parseDate reads a date, with or without a time of day behind it.
func parseDate(s string) (offshelf.Date, error) {
	s = strings.TrimSpace(s)
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		s = s[:10]
	}
	if len(s) > 40 {
		s = cutTo(s, 40)
	}
	return offshelf.ParseDate(s)
}
