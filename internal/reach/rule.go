package reach

import "github.com/offshelf/offshelf"

// rule is how a regime travels, in the terms of the graph.
type rule struct {
	named      bool  // no stake counts, only what ties a brand to a party
	need       int32 // basis points that reach
	control    string
	person     bool // each listed party's shares count for themselves
	affiliates bool // up to holders, and from them down
	notSelf    bool // not by its own listing
	// common is how surely what a state body holds is owned in common.
	common offshelf.Truth
}

func ruleOf(r *offshelf.Reach) rule {
	need := r.Threshold
	if r.Over {
		need++
	}
	common := offshelf.False
	if r.State == "ask" {
		common = offshelf.Maybe
	}
	if r.Kind != offshelf.ReachOwned {
		return rule{named: true, need: tied, notSelf: r.NotSelf}
	}
	return rule{
		need: max(need, 1), control: r.Control,
		person: r.Aggregate == offshelf.AggregatePerson, affiliates: r.Affiliates, common: common, notSelf: r.NotSelf,
	}
}

func (r *rule) enough(share int32) bool { return share >= r.need }

// controls tells whether control that is as sure as this reaches at the level.
func (r *rule) controls(control, level offshelf.Truth) bool {
	switch r.control {
	case "reach":
		return control >= level
	case "ask":
		return level == offshelf.Maybe && control != offshelf.False
	}
	return false
}

// weight is what a position counts at a level: its share, or, where it reaches
// alone, as much as reaches.
func (r *rule) weight(p position, level offshelf.Truth) int32 {
	if p.truth == offshelf.False {
		return 0
	}
	share := p.share(level)
	if r.named && share < tied {
		return 0
	}
	if r.controls(p.control, level) {
		return max(share, r.need)
	}
	return share
}
