package report

import (
	"strings"

	"github.com/offshelf/offshelf"
)

// Tenses of an interval, as seen from the day of the screening.
const (
	past = iota
	present
	future
)

func tense(iv offshelf.Interval, on offshelf.Day) int {
	switch {
	case !iv.Until.IsZero() && on >= iv.Until.Latest():
		return past
	case !iv.From.IsZero() && on < iv.From.Earliest():
		return future
	}
	return present
}

// span says an interval, or "" where neither side is known.
func span(iv offshelf.Interval, on offshelf.Day) string {
	from, until, t := iv.From.Spoken(), iv.Until.Spoken(), tense(iv, on)
	switch {
	case from == "" && until == "":
		return ""
	case from == "":
		return "until " + until
	case until == "" && t == future:
		return "from " + from
	case until == "":
		return "since " + from
	case t == present:
		return "since " + from + ", until " + until
	}
	return "from " + from + " to " + until
}

// sentence says a hop as one would say it in a meeting, without its sources.
func sentence(h offshelf.Hop, on offshelf.Day) string {
	from, to, share := clean(h.From), clean(h.To), clean(h.Share)
	be := [...]string{"was", "is", "will be"}[tense(h.Interval(), on)]
	are := [...]string{"were", "are", "will be"}[tense(h.Interval(), on)]
	var s string
	switch h.Kind {
	case "attributed":
		s = strings.ToUpper(from[:min(len(from), 1)]) + from[min(len(from), 1):] + " is attributed to " + to
	case "goods":
		s = strings.ToUpper(from[:min(len(from), 1)]) + from[min(len(from), 1):] + " is of the class “" + to + "”"
	case "held":
		s = from + " " + be + " held by " + to
	case "made":
		s = from + " goods " + are + " made by " + to
	case "supplied":
		s = "Parts for " + from + " goods " + are + " supplied by " + to
	case "licensed":
		s = "The design of " + from + " goods " + be + " licensed from " + to
	case "firmware":
		s = "The firmware of " + from + " goods " + be + " supplied by " + to
	case "looks-like":
		s = from + " goods " + are + " reported to look like those of " + to
	case "owned":
		s = from + " " + be + " owned "
		switch share {
		case "", "unknown":
			s += "by " + to + " (share not known)"
		case "majority", "minority":
			s = from + " " + be + " " + share + "-owned by " + to
		default:
			s += share + " by " + to
		}
	case "controlled":
		s = from + " " + be + " controlled by " + to
		if share != "" && share != "unknown" {
			s += " (share " + share + ")"
		}
	case "owns":
		held := [...]string{"held", "holds", "will hold"}[tense(h.Interval(), on)]
		switch share {
		case "", "unknown":
			s = from + " " + held + " a share of " + to + " (how much is not known)"
		case "majority", "minority":
			s = from + " " + held + " a " + share + " of " + to
		default:
			s = from + " " + held + " " + share + " of " + to
		}
	case "controls":
		s = from + " " + [...]string{"controlled", "controls", "will control"}[tense(h.Interval(), on)] + " " + to
		if share != "" && share != "unknown" {
			s += " (share " + share + ")"
		}
	case "listed":
		s = from + " " + be + " listed as “" + to + "”"
	case "concern":
		s = "A concern is on record about " + from + ": " + strings.TrimRight(to, ".")
	default:
		s = from + " → " + to + " (" + clean(h.Kind) + ")"
	}
	if at := span(h.Interval(), on); at != "" {
		s += ", " + at
	}
	if note := clean(h.Note); note != "" {
		s += " (" + note + ")"
	}
	return s
}

// label is the short form of a hop, for an arrow.
func label(h offshelf.Hop) string {
	word := map[string]string{
		"made": "made by", "supplied": "parts from", "licensed": "design from",
		"firmware": "firmware from", "looks-like": "looks like",
		"goods": "is one of", "held": "held by", "owned": "owned by", "controlled": "controlled by", "owns": "holder of", "controls": "in control of",
	}[h.Kind]
	if word == "" {
		word = clean(h.Kind)
	}
	if share := clean(h.Share); share != "" && share != "unknown" {
		if h.Kind == "owned" {
			if share == "majority" || share == "minority" {
				return share + "-owned by"
			}
			return "owned " + share + " by"
		}
		return word + " (" + share + ")"
	}
	return word
}

// cited says where a hop is to be read: "official: 84 FR 54002, 2019-10-09".
func cited(h offshelf.Hop) string {
	grade := h.Grade.String()
	if grade == "" {
		grade = "no grade"
	} else if h.Grade.Weak() {
		grade += ", weak"
	}
	var b strings.Builder
	b.WriteString(grade)
	for i, s := range h.Sources {
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		b.WriteString(sep + sourceName(s))
	}
	return b.String()
}

func sourceName(s offshelf.Source) string {
	name := clean(s.Publisher)
	if name == "" {
		name = clean(s.Title)
	}
	if name == "" {
		name = clean(s.ID)
	}
	if d := s.Date.Spoken(); d != "" {
		name += ", " + d
	}
	return name
}

// inner returns the hops between the brand and the listed party, and the last
// hop, which says what that party is listed as. That the product has the
// brand goes without saying; that a mark on it betrays a maker does not.
func inner(c offshelf.Chain, brand string) (way []offshelf.Hop, end offshelf.Hop, ok bool) {
	way = c.Hops
	if len(way) > 0 && way[0].Kind == "attributed" && clean(way[0].To) == clean(brand) {
		way = way[1:]
	}
	if n := len(way); n > 0 && (way[n-1].Kind == "listed" || way[n-1].Kind == "concern") {
		return way[:n-1], way[n-1], true
	}
	return way, offshelf.Hop{}, false
}
