package knowledge

import (
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
)

// needs are the product fields that a finding can lack.
var needs = []string{offshelf.FieldOrigin, offshelf.FieldCategory, offshelf.FieldModel, offshelf.FieldFCCGranted, offshelf.FieldApproval}

var effects = []string{"export", "import", "marketing", "sale", "dealings", "procurement", "securities", "none"}

// CheckRegime tells what is wrong with a regime's own fields.
func CheckRegime(r offshelf.Regime) error {
	if r.Title == "" {
		return fmt.Errorf("has no title")
	}
	if err := checkReach(r.Reach); err != nil {
		return err
	}
	if len(r.Lists) == 0 {
		return fmt.Errorf("names no list that triggers it")
	}
	if len(r.Periods) == 0 {
		return fmt.Errorf("has no period")
	}
	for _, p := range r.Periods {
		if p.Reach != nil {
			if err := checkReach(*p.Reach); err != nil {
				return fmt.Errorf("a period's %w", err)
			}
		}
		if p.Backwards() {
			return fmt.Errorf("a period ends (%s) before it starts (%s)", p.Until, p.From)
		}
		if !slices.Contains([]string{"in-force", "suspended", "scheduled"}, p.State) {
			return fmt.Errorf("period state %q: use in-force, suspended or scheduled", p.State)
		}
		if p.Basis != offshelf.Law && p.Basis != offshelf.Choice {
			return fmt.Errorf("period basis %q: use law or policy", p.Basis)
		}
		for _, f := range p.Forbids {
			if !slices.Contains(effects, f) {
				return fmt.Errorf("forbids %q: use one of %v", f, effects)
			}
		}
		if p.Spares != nil {
			if err := checkSpares(p.Spares); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkSpares(s *offshelf.Spares) error {
	if len(s.AuthorisedBefore) == 0 {
		return fmt.Errorf("a period spares nothing: name under authorised_before a day, or entry for the day of the listing")
	}
	for _, v := range s.AuthorisedBefore {
		if _, err := offshelf.ParseDay(v); err != nil && v != offshelf.EntryDay {
			return fmt.Errorf("authorised_before %q: use a day, YYYY-MM-DD, or entry for the day of the listing", v)
		}
	}
	switch s.Unstated {
	case "", offshelf.AskUnstated, offshelf.SpareUnstated:
		return nil
	}
	return fmt.Errorf("unstated %q: use ask or spared", s.Unstated)
}

func checkReach(r offshelf.Reach) error {
	switch r.Kind {
	case offshelf.ReachNamed, offshelf.ReachOwned:
	case offshelf.ReachGoods:
		if r != (offshelf.Reach{Kind: offshelf.ReachGoods}) {
			return fmt.Errorf("reach: goods reach by their class alone; leave out all but kind")
		}
		return nil
	default:
		return fmt.Errorf("reach kind %q: use named, owned or goods", r.Kind)
	}
	if !r.Owner && !r.Maker {
		return fmt.Errorf("reach: set owner, maker or both")
	}
	if r.Threshold < 0 || r.Threshold > 10000 {
		return fmt.Errorf("threshold %d: basis points run from 0 to 10000", r.Threshold)
	}
	switch r.Control {
	case "", "ignore", "reach", "ask":
	default:
		return fmt.Errorf("control %q: use ignore, reach or ask", r.Control)
	}
	if r.Aggregate != "" && r.Aggregate != offshelf.AggregatePerson {
		return fmt.Errorf("aggregate %q: use person, or leave it out where the shares of all listed parties add up", r.Aggregate)
	}
	if r.State != "" && r.State != "ask" {
		return fmt.Errorf("state %q: use ask, or leave it out where ownership in common by a state body does not count", r.State)
	}
	if r.State != "" && !r.Affiliates {
		return fmt.Errorf("state: says how affiliates are found; set affiliates too")
	}
	if r.Kind == offshelf.ReachNamed && (r.Affiliates || r.Aggregate != "") {
		return fmt.Errorf("reach: a rule on the named parties only has no affiliates and adds up no shares")
	}
	return nil
}
