package reach

import (
	"github.com/offshelf/offshelf"
)

// View is what one regime reaches on one day.
type View struct {
	w      *World
	regime *offshelf.Regime
	day    offshelf.Day

	truth  []offshelf.Truth // by party
	listed map[int32][]listing
	grown  [][]link // by party: the holders that carry it, which joined before it
}

// link is one holder's part in reaching a party.
type link struct {
	holder int32
	position
	truth     offshelf.Truth
	aggregate bool // reaches only together with others
}

// At computes what the regime reaches on the day. Its cost is the number of
// stakes times the depth of the longest cascade.
func (w *World) At(regime *offshelf.Regime, day offshelf.Day) *View {
	v := &View{
		w: w, regime: regime, day: day,
		truth: make([]offshelf.Truth, len(w.parties)), listed: map[int32][]listing{}, grown: make([][]link, len(w.parties)),
	}
	for _, name := range regime.Lists {
		for _, l := range w.listings[name] {
			t := l.On(day)
			if l.Grade.Weak() {
				t = min(t, offshelf.Maybe)
			}
			switch l.Status {
			case "inactive":
				continue
			case "pending-litigation":
				t = min(t, offshelf.Maybe)
			}
			if t == offshelf.False {
				continue
			}
			v.listed[l.party] = append(v.listed[l.party], l)
			v.truth[l.party] = max(v.truth[l.party], t)
		}
	}
	if regime.Reach.Kind != offshelf.ReachOwned {
		return v
	}
	v.grow(offshelf.True)
	v.grow(offshelf.Maybe)
	return v
}

// grow adds parties to the set of at least this truth until nothing changes.
func (v *View) grow(level offshelf.Truth) {
	for {
		var joined []int32
		for p := range v.w.held {
			if v.truth[p] >= level || len(v.w.held[p]) == 0 {
				continue
			}
			if links, ok := v.reaches(int32(p), level); ok {
				v.grown[p] = links
				joined = append(joined, int32(p))
			}
		}
		if len(joined) == 0 {
			return
		}
		for _, p := range joined {
			v.truth[p] = level
		}
	}
}

// reaches tells whether the holders in the set of this truth carry party p.
func (v *View) reaches(p int32, level offshelf.Truth) ([]link, bool) {
	var all, alone []link
	sum := int32(0)
	for i := range v.w.held[p] {
		h := &v.w.held[p][i]
		if v.truth[h.holder] < level {
			continue
		}
		pos := h.on(v.day)
		if pos.truth == offshelf.False {
			continue
		}
		l := link{holder: h.holder, position: pos, truth: level}
		share := pos.least
		if level == offshelf.Maybe {
			share = pos.most
		}
		sum += share
		if v.enough(share) || v.controls(pos.control, level) {
			alone = append(alone, l)
		} else if share > 0 {
			l.aggregate = true
			all = append(all, l)
		}
	}
	if len(alone) > 0 {
		return alone, true
	}
	if v.enough(sum) {
		return all, true
	}
	return nil, false
}

func (v *View) enough(share int32) bool {
	if v.regime.Reach.Over {
		return share > v.regime.Reach.Threshold
	}
	return share > 0 && share >= v.regime.Reach.Threshold
}

func (v *View) controls(control, level offshelf.Truth) bool {
	switch v.regime.Reach.Control {
	case "reach":
		return control >= level
	case "ask":
		return level == offshelf.Maybe && control != offshelf.False
	}
	return false
}
