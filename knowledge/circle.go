package knowledge

import (
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// circles refuses what no fact can be: a brand that is a line of itself, and a
// party that wholly holds itself through others on some day. Smaller shares in
// a circle exist.
func (b *base) circles() {
	b.lines()
	var whole []int
	for i, s := range b.Stakes {
		if s.Share.Known && s.Share.Min == 10000 && s.Conflict == "" {
			whole = append(whole, i)
		}
	}
	// A circle holds from the day on which the last of its stakes starts.
	var days []offshelf.Day
	for _, i := range whole {
		d := offshelf.MinDay
		if from := b.Stakes[i].From; !from.IsZero() {
			d = from.Latest()
		}
		days = append(days, d)
	}
	slices.Sort(days)
	told := map[int]bool{}
	for _, d := range slices.Compact(days) {
		above := map[string][]int{}
		for _, i := range whole {
			if s := &b.Stakes[i]; s.On(d) == offshelf.True {
				above[s.Held] = append(above[s.Held], i)
			}
		}
		b.circle(above, told)
	}
}

// circle walks from each party to those that wholly hold it, and tells of a
// walk that comes back. The last stake of the circle in the order of the facts
// is the one that closed it.
func (b *base) circle(above map[string][]int, told map[int]bool) {
	const walking, walked = 1, 2
	state := map[string]int{}
	var way []int
	var walk func(party string)
	walk = func(party string) {
		state[party] = walking
		for _, i := range above[party] {
			way = append(way, i)
			switch holder := b.Stakes[i].Holder; state[holder] {
			case 0:
				walk(holder)
			case walking:
				from := slices.IndexFunc(way, func(j int) bool { return b.Stakes[j].Held == holder })
				b.tellCircle(way[from:], told)
			}
			way = way[:len(way)-1]
		}
		state[party] = walked
	}
	parties := make([]string, 0, len(above))
	for p := range above {
		parties = append(parties, p)
	}
	slices.Sort(parties)
	for _, p := range parties {
		if state[p] == 0 {
			walk(p)
		}
	}
}

func (b *base) tellCircle(way []int, told map[int]bool) {
	closing := slices.Max(way)
	if told[closing] || len(way) < 2 {
		return // a party that is its own holder is told of elsewhere
	}
	told[closing] = true
	s := b.Stakes[closing]
	var through []string
	for _, i := range way {
		if id := b.Stakes[i].Held; id != s.Held && len(through) < 5 {
			through = append(through, id)
		}
	}
	b.refuse(b.at("stakes", closing), "circle", "%s wholly holds itself, through %s: correct a share or a date", s.Held, strings.Join(through, ", "))
}

// lines refuses brands whose parents lead back to them.
func (b *base) lines() {
	index := map[string]int{}
	for i, x := range b.Brands {
		index[x.ID] = i
	}
	walked := map[string]int{} // by which walk
	for i, x := range b.Brands {
		id := x.ID
		for id != "" && walked[id] == 0 {
			walked[id] = i + 1
			id = b.parent(index, id)
		}
		if id == "" || walked[id] != i+1 {
			continue
		}
		closing := index[id]
		for next := b.parent(index, id); next != id; next = b.parent(index, next) {
			closing = max(closing, index[next])
		}
		b.refuse(b.at("brands", closing), "circle", "brand %s is a line of itself: correct its parent", b.Brands[closing].ID)
	}
}

func (b *base) parent(index map[string]int, id string) string {
	if i, ok := index[id]; ok {
		return b.Brands[i].Parent
	}
	return ""
}

// at is where a fact stands.
func (b *base) at(section string, i int) place {
	if at := b.places[section]; i < len(at) {
		return at[i]
	}
	return place{file: section}
}
