package screen

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
)

// The kinds of changes of a finding.
const (
	FindingAdded   = "added"
	FindingChanged = "changed"
	FindingGone    = "gone"
)

// FindingChange is what becomes of one finding between two screenings.
type FindingChange struct {
	How     string          `json:"how"` // FindingAdded, FindingChanged or FindingGone
	File    string          `json:"file"`
	Row     int             `json:"row"`
	Product string          `json:"product"`
	Title   string          `json:"title,omitempty"`
	Brand   string          `json:"brand,omitempty"`
	Regime  string          `json:"regime"`
	Listing string          `json:"listing"`
	Old     *FindingOutcome `json:"old,omitempty"`
	New     *FindingOutcome `json:"new,omitempty"`
}

// FindingOutcome is what a finding says of the product.
type FindingOutcome struct {
	Verdict offshelf.Verdict `json:"verdict"`
	Basis   offshelf.Basis   `json:"basis"`
	Action  offshelf.Action  `json:"action"`
	Since   offshelf.Date    `json:"since,omitzero"`
	Until   offshelf.Date    `json:"until,omitzero"`
}

// String prints "hold, reached, law, since 2026-07-16".
func (o FindingOutcome) String() string {
	text := fmt.Sprintf("%s, %s, %s", cmp.Or(o.Action.String(), "no action"), o.Verdict, o.Basis)
	if !o.Since.IsZero() {
		text += ", since " + o.Since.String()
	}
	if !o.Until.IsZero() {
		text += ", until " + o.Until.String()
	}
	return text
}

// ChangeOf names a finding, without its outcomes.
func ChangeOf(f *offshelf.Finding) *FindingChange {
	return &FindingChange{
		File: f.Product.File, Row: f.Product.Row, Product: f.Product.ID, Title: f.Product.Title,
		Brand: cmp.Or(f.Brand, f.Maker), Regime: f.Regime, Listing: f.Listing,
	}
}

// OutcomeOf is what the finding says.
func OutcomeOf(f *offshelf.Finding) *FindingOutcome {
	return &FindingOutcome{f.Verdict, f.Basis, f.Action, f.Since, f.Until}
}

// Settle says How, from the two outcomes, and reports whether anything
// changed.
func (c *FindingChange) Settle() bool {
	switch {
	case c.Old == nil:
		c.How = FindingAdded
	case c.New == nil:
		c.How = FindingGone
	case *c.Old == *c.New:
		return false
	default:
		c.How = FindingChanged
	}
	return true
}

// Effect is what becomes of a product under one regime.
type Effect string

// The effects, the gravest first.
const (
	NewlyReached     Effect = "newly reached"
	NoLongerReached  Effect = "no longer reached"
	NowReached       Effect = "possible before, now reached"
	NowPossible      Effect = "reached before, now possible"
	NewlyPossible    Effect = "newly possible"
	NoLongerPossible Effect = "no longer possible"
	SameVerdict      Effect = "same verdict" // by another listing or chain, with other dates or another action
)

// Effects lists the effects in their order.
var Effects = []Effect{NewlyReached, NoLongerReached, NowReached, NowPossible, NewlyPossible, NoLongerPossible, SameVerdict}

// EffectChange is a change of a finding with what it is for the product.
type EffectChange struct {
	FindingChange
	Effect      Effect           `json:"effect"`
	RegimeTitle string           `json:"regime_title"`
	Listed      string           `json:"listed"`
	Forbids     []string         `json:"forbids,omitempty"`
	Chains      []offshelf.Chain `json:"chains"` // as they are; of a finding that is gone, as they were
}

// CompareFindings lists what changes between two sets of findings on one
// product.
func CompareFindings(before, after []offshelf.Finding) []EffectChange {
	var out []EffectChange
	change := func(f, old, new *offshelf.Finding) {
		c := EffectChange{FindingChange: *ChangeOf(f), RegimeTitle: f.RegimeTitle, Listed: f.Listed, Forbids: f.Forbids, Chains: f.Chains}
		if old != nil {
			c.Old = OutcomeOf(old)
		}
		if new != nil {
			c.New = OutcomeOf(new)
		}
		if c.Settle() {
			c.Effect = effect(best(before, f.Regime), best(after, f.Regime))
			out = append(out, c)
		}
	}
	for i := range after {
		f := &after[i]
		change(f, same(before, f), f)
	}
	for i := range before {
		if f := &before[i]; same(after, f) == nil {
			change(f, f, nil)
		}
	}
	return out
}

// same finds the finding of the same regime and listing: a product has at most
// one.
func same(list []offshelf.Finding, f *offshelf.Finding) *offshelf.Finding {
	if i := slices.IndexFunc(list, func(o offshelf.Finding) bool { return o.Regime == f.Regime && o.Listing == f.Listing }); i >= 0 {
		return &list[i]
	}
	return nil
}

// best is the surest verdict of a regime, or "".
func best(list []offshelf.Finding, regime string) offshelf.Verdict {
	var v offshelf.Verdict
	for i := range list {
		if list[i].Regime == regime && v != offshelf.Reached {
			v = list[i].Verdict
		}
	}
	return v
}

func effect(before, after offshelf.Verdict) Effect {
	switch {
	case before == after:
		return SameVerdict
	case before == "" && after == offshelf.Reached:
		return NewlyReached
	case before == "":
		return NewlyPossible
	case after == "" && before == offshelf.Reached:
		return NoLongerReached
	case after == "":
		return NoLongerPossible
	case after == offshelf.Reached:
		return NowReached
	}
	return NowPossible
}
