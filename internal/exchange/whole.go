package exchange

import "github.com/offshelf/offshelf"

// wholes are the stakes of all of a party, by the party held.
type wholes map[string][]offshelf.Stake

func (w wholes) add(s *offshelf.Stake) {
	if s.Share.Known && s.Share.Min == 10000 && s.Conflict == "" {
		w[s.Held] = append(w[s.Held], *s)
	}
}

// circle reports whether a stake of all of a party closes a circle of such
// stakes that surely hold at one time. Those of which it is not known may have
// followed each other, and all count.
func (w wholes) circle(s *offshelf.Stake) bool {
	if !s.Share.Known || s.Share.Min != 10000 {
		return false
	}
	type step struct {
		party string
		iv    offshelf.Interval
	}
	seen := map[string]bool{}
	queue := []step{{s.Holder, s.Interval}}
	for looked := 0; len(queue) > 0 && looked < maxWalk; queue = queue[1:] {
		at := queue[0]
		for i := range w[at.party] {
			looked++
			up := &w[at.party][i]
			iv := at.iv.Intersect(up.Interval)
			if from, until := surely(iv); from >= until {
				continue
			}
			if up.Holder == s.Held {
				return true
			}
			if !seen[up.Holder] {
				seen[up.Holder] = true
				queue = append(queue, step{up.Holder, iv})
			}
		}
	}
	return false
}

// surely is the days that an interval surely holds, the last not included.
func surely(iv offshelf.Interval) (from, until offshelf.Day) {
	from, until = offshelf.MinDay, offshelf.MaxDay
	if !iv.From.IsZero() {
		from = iv.From.Latest()
	}
	if !iv.Until.IsZero() {
		until = iv.Until.Earliest()
	}
	return from, until
}
