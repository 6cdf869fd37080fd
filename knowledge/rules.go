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

// CheckPolicy tells what is wrong with a policy: regimes and brands that do not
// exist, missing actions.
func CheckPolicy(p offshelf.Policy, regimes, brands map[string]bool) []error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if p.Title == "" {
		bad("has no title")
	}
	if p.Otherwise == offshelf.NoAction {
		bad("otherwise: say what happens where no rule matches: pull, hold, review or note")
	}
	for _, r := range p.Regimes {
		if err := CheckRegime(r); err != nil {
			bad("house regime %s: %v", r.ID, err)
		}
	}
	for i, r := range p.Rules {
		if r.Action == offshelf.NoAction {
			bad("rule %d has no action", i+1)
		}
		for _, id := range r.Regimes {
			if !regimes[id] {
				bad("rule %d: unknown regime %q%s", i+1, id, nearest(regimes, id))
			}
		}
		for _, id := range r.Brands {
			if !brands[id] {
				bad("rule %d: unknown brand %q%s", i+1, id, nearest(brands, id))
			}
		}
		for _, f := range r.Forbids {
			if !slices.Contains(effects, f) {
				bad("rule %d: forbids %q: use one of %v", i+1, f, effects)
			}
		}
		if r.Basis != "" && r.Basis != offshelf.Law && r.Basis != offshelf.Choice {
			bad("rule %d: basis %q: use law or policy", i+1, r.Basis)
		}
		if r.Verdict != "" && r.Verdict != offshelf.Reached && r.Verdict != offshelf.Possible {
			bad("rule %d: verdict %q: use reached or possible", i+1, r.Verdict)
		}
		if !(r.Probability >= 0 && r.Probability <= 1) { // NaN too
			bad("rule %d: probability runs from 0 to 1", i+1)
		}
	}
	return errs
}
