package reach

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/offshelf/offshelf"
)

// maxFlips bounds the changes that are told.
const maxFlips = 5

// flips lists the single changes after which less is true: of the facts that
// carry the answer, those that nothing else can stand in for.
func (c *cone) flips(truth offshelf.Truth, carrying []int) []Flip {
	var out []Flip
	for _, i := range carrying {
		if len(out) >= maxFlips {
			return out[:maxFlips]
		}
		u := &c.units[i]
		then := c.truth(without(c.units, i))
		if then >= truth {
			continue
		}
		if u.listing != nil {
			change := fmt.Sprintf("if %s were not listed (%s)", c.name(u.held), u.listing.ID)
			if u.listing.kind == "concern" {
				change = fmt.Sprintf("if nothing were reported of %s (%s)", c.name(u.held), u.listing.ID)
			}
			out = append(out, Flip{change, then})
			continue
		}
		if lead := c.v.w.lead(u.first); lead != nil {
			out = append(out, Flip{"if this were not so: " + lead.said(c.name(u.holder), c.name(u.held)), c.truth(with(c.units, i, 0))})
			continue
		}
		// More never reaches less: the least share with which the answer stays
		// is the bound. Just below it the answer may still be possible, with
		// others in doubt; then there is a second bound, below which it is not.
		for level := truth; level > offshelf.False; {
			share := c.least(i, level)
			if share == 0 {
				break
			}
			change := fmt.Sprintf("if %s held %s of %s", c.name(u.holder), c.v.below(share), c.name(u.held))
			if pos := positionOn(u.run, c.v.day); pos.control > offshelf.False && c.v.rule.control != "ignore" && c.v.rule.control != "" {
				change += " and did not control it"
			}
			level = c.truth(with(c.units, i, share-1))
			out = append(out, Flip{change, level})
		}
	}
	if truth == offshelf.Maybe {
		out = append(out, c.settles()...)
	}
	return out[:min(len(out), maxFlips)]
}

// settles lists the stakes in doubt of which one share would make it sure.
func (c *cone) settles() []Flip {
	var out []Flip
	for i := range c.units {
		if c.units[i].listing != nil || c.v.w.lead(c.units[i].first) != nil || c.truth(with(c.units, i, whole)) < offshelf.True {
			continue
		}
		out = append(out, c.raise(i, offshelf.True))
	}
	return out
}

// raises lists the smallest single changes of a share after which the party is
// reached, the smallest first; where no share does, a listing of its holders.
func (c *cone) raises() []Flip {
	type change struct {
		Flip
		by int32
	}
	var found []change
	for i := range c.units {
		u := &c.units[i]
		if u.listing != nil || c.v.w.lead(u.first) != nil {
			continue
		}
		then := c.truth(with(c.units, i, whole))
		if then == offshelf.False {
			continue
		}
		f := c.raise(i, then)
		found = append(found, change{f, c.least(i, then) - positionOn(u.run, c.v.day).least})
	}
	slices.SortStableFunc(found, func(a, b change) int { return cmp.Compare(a.by, b.by) })
	var out []Flip
	for _, f := range found[:min(len(found), maxFlips)] {
		out = append(out, f.Flip)
	}
	if len(out) > 0 {
		return out
	}
	for q, p := range c.parties {
		if c.v.w.parties[p].ID == c.v.w.subject {
			continue // a brand is not listed
		}
		then := c.truth(append(slices.Clone(c.units), unit{held: uint32(q), listing: &listing{party: p}, truth: offshelf.True}))
		if then > offshelf.False && len(out) < maxFlips {
			out = append(out, Flip{fmt.Sprintf("if %s were listed", c.name(uint32(q))), then})
		}
	}
	return out
}

// least is the smallest share with which a stake makes it this true.
func (c *cone) least(i int, truth offshelf.Truth) int32 {
	return int32(sort.Search(whole, func(x int) bool { return c.truth(with(c.units, i, int32(x))) >= truth }))
}

func (c *cone) raise(i int, then offshelf.Truth) Flip {
	u := &c.units[i]
	return Flip{fmt.Sprintf("if %s held %s of %s", c.name(u.holder), c.v.above(c.least(i, then)), c.name(u.held)), then}
}

func (c *cone) name(p uint32) string { return c.v.w.parties[c.parties[p]].Name }

// below and above say on which side of a share the answer turns, in the words
// of the rule: more than a half, or at least a half.
func (v *View) below(share int32) string {
	if share <= 1 {
		return "nothing"
	}
	if v.regime.Reach.Over {
		return percent(share-1) + " or less"
	}
	return "less than " + percent(share)
}

func (v *View) above(share int32) string {
	if v.regime.Reach.Over && share > 0 {
		return "more than " + percent(share-1)
	}
	return percent(share) + " or more"
}
