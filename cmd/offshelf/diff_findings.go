package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// findingKey names a finding within the catalogs of one run. Rows tell apart
// products that share an id.
type findingKey struct {
	file, row              int
	regime, listing, brand string
}

// findings screens the catalogs with both states.
func (c *diffCommand) findings(s *session, old, new *state) ([]screen.FindingChange, error) {
	all := map[findingKey]*screen.FindingChange{}
	for side, st := range []*state{old, new} {
		err := c.screenWith(s, st, func(key findingKey, f *offshelf.Finding) {
			x := all[key]
			if x == nil {
				x = screen.ChangeOf(f)
				all[key] = x
			}
			x.Brand = or(f.Brand, f.Maker)
			if side == 0 {
				x.Old = screen.OutcomeOf(f)
			} else {
				x.New = screen.OutcomeOf(f)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", shown(st.name), err)
		}
	}
	var keys []findingKey
	for key, x := range all {
		if x.Settle() {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b findingKey) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.row, b.row), cmp.Compare(a.regime, b.regime), cmp.Compare(a.listing, b.listing), cmp.Compare(a.brand, b.brand))
	})
	out := make([]screen.FindingChange, len(keys))
	for i, key := range keys {
		out[i] = *all[key]
	}
	return out, nil
}

// screenWith screens the catalogs with one state.
func (c *diffCommand) screenWith(s *session, st *state, take func(findingKey, *offshelf.Finding)) error {
	snapshot, err := screen.Compile(st.k, st.sum)
	if err != nil {
		return err
	}
	policy, err := loadPolicy(snapshot, c.Policy)
	if err != nil {
		return err
	}
	file := map[string]int{}
	for i, name := range c.Catalog {
		file[name] = i
	}
	flags := catalogFlags{Files: c.Catalog}
	_, err = flags.screen(s, snapshot, policy, c.AsOf, 0.5, screen.Run{Tool: toolVersion(), PolicySum: policy.sum, Emit: func(m *offshelf.Message) error {
		if f := m.Finding; f != nil {
			brand := f.BrandID
			if f.Goods != "" {
				brand = "" // its class is reached, whatever is known of its brand
			}
			take(findingKey{file[f.Product.File], f.Product.Row, f.Regime, f.Listing, brand}, f)
		}
		return nil
	}})
	return err
}
