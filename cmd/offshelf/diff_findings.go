package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// findingChange is what becomes of one finding.
type findingChange struct {
	How     string          `json:"how"` // added, changed, gone
	File    string          `json:"file"`
	Row     int             `json:"row"`
	Product string          `json:"product"`
	Title   string          `json:"title,omitempty"`
	Brand   string          `json:"brand,omitempty"`
	Regime  string          `json:"regime"`
	Listing string          `json:"listing"`
	Old     *findingOutcome `json:"old,omitempty"`
	New     *findingOutcome `json:"new,omitempty"`
}

// findingOutcome is what a finding says of the product.
type findingOutcome struct {
	Verdict offshelf.Verdict `json:"verdict"`
	Basis   offshelf.Basis   `json:"basis"`
	Action  offshelf.Action  `json:"action"`
	Since   offshelf.Date    `json:"since,omitzero"`
	Until   offshelf.Date    `json:"until,omitzero"`
}

func (o findingOutcome) String() string {
	text := fmt.Sprintf("%s, %s, %s", or(o.Action.String(), "no action"), o.Verdict, o.Basis)
	if !o.Since.IsZero() {
		text += ", since " + o.Since.String()
	}
	if !o.Until.IsZero() {
		text += ", until " + o.Until.String()
	}
	return text
}

// findingKey names a finding within the catalogs of one run. Rows tell apart
// products that share an id.
type findingKey struct {
	file, row              int
	regime, listing, brand string
}

// findings screens the catalogs with both states.
func (c *diffCommand) findings(s *session, old, new *state) ([]findingChange, error) {
	all := map[findingKey]*findingChange{}
	for side, st := range []*state{old, new} {
		err := c.screenWith(s, st, func(key findingKey, f *offshelf.Finding) {
			x := all[key]
			if x == nil {
				x = &findingChange{
					File: f.Product.File, Row: f.Product.Row, Product: f.Product.ID, Title: f.Product.Title,
					Regime: f.Regime, Listing: f.Listing,
				}
				all[key] = x
			}
			x.Brand = or(f.Brand, f.Maker)
			outcome := &findingOutcome{f.Verdict, f.Basis, f.Action, f.Since, f.Until}
			if side == 0 {
				x.Old = outcome
			} else {
				x.New = outcome
			}
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", shown(st.name), err)
		}
	}
	var keys []findingKey
	for key, x := range all {
		switch {
		case x.Old == nil:
			x.How = "added"
		case x.New == nil:
			x.How = "gone"
		case *x.Old == *x.New:
			continue
		default:
			x.How = "changed"
		}
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b findingKey) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.row, b.row), cmp.Compare(a.regime, b.regime), cmp.Compare(a.listing, b.listing), cmp.Compare(a.brand, b.brand))
	})
	out := make([]findingChange, len(keys))
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
	policy, digest, err := loadPolicy(snapshot, c.Policy)
	if err != nil {
		return err
	}
	file := map[string]int{}
	for i, name := range c.Catalog {
		file[name] = i
	}
	flags := catalogFlags{Files: c.Catalog}
	_, err = flags.screen(s, snapshot, c.Policy, policy, c.AsOf, 0.5, screen.Run{Tool: toolVersion(), PolicySum: digest, Emit: func(m *offshelf.Message) error {
		if f := m.Finding; f != nil {
			take(findingKey{file[f.Product.File], f.Product.Row, f.Regime, f.Listing, f.BrandID}, f)
		}
		return nil
	}})
	return err
}
