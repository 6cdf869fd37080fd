package reach

import (
	"fmt"
	"maps"
	"slices"

	"github.com/offshelf/offshelf"
)

// Lead ties a brand to a party behind it. It is no stake: it always reaches.
type Lead struct {
	Party string // id
	Kind  string // as a Hop has it: held, made, supplied, licensed, firmware, looks-like
	Open  string // why it only makes possible, or empty

	subject string
	offshelf.Interval
	offshelf.Evidence
}

// Behind returns the world with one more party in it, such as a brand, which
// the leads tie to parties of this world.
func (w *World) Behind(subject offshelf.Party, leads []Lead) *World {
	out := &World{
		parties: append(slices.Clip(w.parties), subject), index: maps.Clone(w.index), state: append(slices.Clip(w.state), false),
		sources: w.sources, listings: w.listings, subject: subject.ID,
	}
	out.index[subject.ID] = uint32(len(w.parties))
	for i := range leads {
		leads[i].subject = subject.ID
	}
	var stakes []offshelf.Stake
	for i := range w.facts {
		if w.leads[uint32(i)] == nil {
			stakes = append(stakes, w.facts[i])
		}
	}
	out.addStakes(stakes, leads)
	return out
}

// stake is the lead in the graph: one that is enough under any rule.
func (l *Lead) stake(w *World) *offshelf.Stake {
	if _, ok := w.index[l.Party]; !ok || l.Party == l.subject {
		return nil
	}
	return &offshelf.Stake{
		Holder: l.Party, Held: l.subject, Interval: l.Interval, Evidence: l.Evidence,
		Share: offshelf.Share{Min: tied, Max: tied, Known: true},
	}
}

// lead is what a fact says of a brand, or nil where it is a stake.
func (w *World) lead(fact uint32) *Lead { return w.leads[fact] }

// said tells the lead in words.
func (l *Lead) said(party, subject string) string {
	switch l.Kind {
	case "held":
		return fmt.Sprintf("%s holds the brand %s", party, subject)
	case "made":
		return fmt.Sprintf("%s makes goods of %s", party, subject)
	}
	return fmt.Sprintf("%s is tied to %s (%s)", party, subject, l.Kind)
}

func (v *View) judgeLead(lead *Lead, l link, s *offshelf.Stake) (offshelf.Truth, string) {
	switch {
	case lead.Open != "":
		return offshelf.Maybe, lead.Open
	case s.On(v.day) == offshelf.Maybe:
		said := lead.said(v.w.parties[l.other].Name, v.w.Name(lead.subject))
		return offshelf.Maybe, fmt.Sprintf("whether it was so on this day is not known to the day: %s", said)
	}
	return offshelf.True, ""
}
