package knowledge

import (
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
)

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
	}
	return nil
}

func checkReach(r offshelf.Reach) error {
	switch r.Kind {
	case offshelf.ReachNamed, offshelf.ReachOwned:
	default:
		return fmt.Errorf("reach kind %q: use named or owned", r.Kind)
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
	return nil
}
