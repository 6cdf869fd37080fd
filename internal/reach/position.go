package reach

import (
	"slices"

	"github.com/offshelf/offshelf"
)

// position is what is known, on one day, of a holder's stake in a party.
type position struct {
	least, most int32 // basis points
	control     offshelf.Truth
	truth       offshelf.Truth // whether it holds on the day at all
}

// share is what counts at a level: surely the least, possibly the most.
func (p position) share(level offshelf.Truth) int32 {
	if level == offshelf.True {
		return p.least
	}
	return p.most
}

// whole is a share of 100% in basis points, and tied what a Lead counts as: it
// reaches under any rule.
const (
	whole = 10000
	tied  = whole + 1
)

// positionOn sums up a run on a day. The same stake told by several sources
// counts once. Where firm facts that surely hold agree, what they have in
// common counts; where they contradict each other, the range from the lowest
// to the highest. Weak ones only keep it possible.
func positionOn(run []stake, day offshelf.Day) position {
	var p position
	unknown := false
	sure := false
	var low, high, agreeLow, agreeHigh int32 = tied, 0, 0, tied
	for i := range run {
		s := &run[i]
		t := s.on(day)
		if t == offshelf.False {
			continue
		}
		if s.flags&weak != 0 {
			t = offshelf.Maybe
		}
		p.truth = max(p.truth, t)
		if s.flags&control != 0 {
			p.control = max(p.control, t)
		}
		if s.flags&known == 0 || s.flags&weak != 0 {
			unknown = true
			if s.max == tied {
				p.most = tied
			}
			continue
		}
		if t < offshelf.True {
			p.most = max(p.most, int32(s.max))
			continue
		}
		sure = true
		low, high = min(low, int32(s.min)), max(high, int32(s.max))
		agreeLow, agreeHigh = max(agreeLow, int32(s.min)), min(agreeHigh, int32(s.max))
	}
	switch {
	case sure && agreeLow <= agreeHigh:
		p.least, p.most = agreeLow, max(p.most, agreeHigh)
	case sure:
		p.least, p.most = low, max(p.most, high)
	case unknown:
		p.most = max(p.most, whole)
	}
	return p
}

// piece is a stretch of days on which a run counts the same at one level.
type piece struct {
	span
	weight int32
}

// pieces appends what a run counts through time.
func (r *rule) pieces(out []piece, run []stake, level offshelf.Truth) []piece {
	if len(run) == 1 {
		s := &run[0]
		in := span{s.fromFirst, s.untilLast}
		if level == offshelf.True {
			in = span{s.fromLast, s.untilFirst}
		}
		if in.from >= in.until {
			return out
		}
		day := in.from
		if w := r.weight(positionOn(run, day), level); w > 0 {
			out = append(out, piece{in, w})
		}
		return out
	}
	days := make([]offshelf.Day, 0, 4*len(run))
	for i := range run {
		s := &run[i]
		days = append(days, s.fromFirst, s.fromLast, s.untilFirst, s.untilLast)
	}
	slices.Sort(days)
	days = slices.Compact(days)
	for i := range len(days) - 1 {
		if w := r.weight(positionOn(run, days[i]), level); w > 0 {
			out = append(out, piece{span{days[i], days[i+1]}, w})
		}
	}
	return out
}
