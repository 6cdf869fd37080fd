package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// Bounds of what the text tells of a brand.
const (
	whatifKeep     = 8 // products
	whatifOutcomes = 3 // ways in which findings of one rule change
)

// whatifText says a comparison by brand. What it keeps depends on the
// knowledge, not on the catalog.
type whatifText struct {
	*sheet
	head   *WhatifHead
	brands map[string]*whatifBrand
}

// whatifBrand is the rules that change for the products of a brand.
type whatifBrand struct {
	groups map[whatifKey]*whatifGroup
	shelf  shelf
}

type whatifKey struct {
	effect screen.Effect
	regime string
}

// whatifGroup is what becomes of the products of one brand under one regime.
type whatifGroup struct {
	change   screen.EffectChange // the first
	products int
	listings map[string]bool
	outcomes []string
	more     bool // outcomes that are not told
}

func (h *whatifText) begin(head *WhatifHead) error {
	h.head = head
	return nil
}

func (h *whatifText) product(p *offshelf.Product, changes []screen.EffectChange) error {
	counted := map[*whatifGroup]bool{}
	listed := map[*whatifBrand]bool{}
	for i := range changes {
		c := &changes[i]
		name := heading(c)
		b := h.brands[name]
		if b == nil {
			b = &whatifBrand{groups: map[whatifKey]*whatifGroup{}}
			h.brands[strings.Clone(name)] = b
		}
		if !listed[b] {
			listed[b] = true
			if b.shelf.total++; len(b.shelf.kept) < whatifKeep {
				b.shelf.kept = append(b.shelf.kept, item{id: short(p.ID, 80), title: short(p.Title, 300), row: p.Row})
			}
		}
		key := whatifKey{c.Effect, c.Regime}
		g := b.groups[key]
		if g == nil {
			g = &whatifGroup{change: *c, listings: map[string]bool{}}
			g.change.Title, g.change.Product, g.change.File = "", "", ""
			b.groups[key] = g
		}
		if !counted[g] {
			counted[g] = true
			g.products++
		}
		g.listings[c.Listing] = true
		if text := becomes(c); !slices.Contains(g.outcomes, text) {
			if len(g.outcomes) < whatifOutcomes {
				g.outcomes = append(g.outcomes, text)
			} else {
				g.more = true
			}
		}
	}
	return nil
}

// becomes says what a finding says as it is, and then.
func becomes(c *screen.EffectChange) string {
	switch {
	case c.Old == nil:
		return "then: " + outcome(c.New)
	case c.New == nil && (c.Effect == screen.NoLongerReached || c.Effect == screen.NoLongerPossible):
		return "as it is: " + outcome(c.Old) + "; then: no evidence found"
	case c.New == nil:
		return "as it is: " + outcome(c.Old) + "; then: no longer through this entry, though through another"
	}
	return "as it is: " + outcome(c.Old) + "; then: " + outcome(c.New)
}

func outcome(o *screen.FindingOutcome) string {
	text := strings.Join([]string{cmp.Or(o.Action.String(), "no action"), string(o.Verdict), string(o.Basis)}, ", ")
	if from := o.Since.Spoken(); from != "" {
		text += ", since " + from
	}
	if until := o.Until.Spoken(); until != "" {
		text += ", until " + until
	}
	return text
}

func (h *whatifText) end(s *WhatifSummary) error {
	head := h.head
	for i, x := range head.Suppose {
		lead, end := "    and ", ""
		if i == 0 {
			lead = "Suppose "
		}
		if i == len(head.Suppose)-1 {
			end = "."
		}
		h.para(h.paint("1", lead), 8, clean(x)+end)
	}
	h.para("", 0, "as of "+clean(head.AsOf)+" · knowledge "+clean(head.Knowledge)+" (sha256 "+abbreviate(head.Snapshot)+") · policy "+clean(head.Policy))
	for _, n := range head.Notes {
		h.para("Note    ", 8, clean(n)+".")
	}
	h.line("")
	h.para("", 0, count(s.Changed, "product", "products")+" of "+thousands(s.Screened)+" would change."+effects(s.Effects))
	var moves []string
	for m := range s.Actions {
		moves = append(moves, m)
	}
	slices.Sort(moves)
	for i, m := range moves {
		moves[i] = thousands(s.Actions[m]) + " from " + strings.Replace(m, " → ", " to ", 1)
	}
	if len(moves) > 0 {
		h.para("", 0, "Strongest action of a product: "+strings.Join(moves, ", ")+".")
	}
	for _, b := range s.Brands {
		h.line("")
		h.para("", 0, h.paint("1", b.Brand)+" — "+count(b.Products, "product", "products")+":"+strings.TrimSuffix(effects(b.Effects), "."))
		h.brand(h.brands[b.Brand])
	}
	h.line("")
	if len(s.Problems) > 0 {
		h.line(h.paint("1", "Rows that need a look"))
		for _, p := range s.Problems {
			h.para("", 2, strings.TrimSuffix(clean(p.Kind)+": "+where(p), ": ")+": "+clean(p.Text))
		}
		h.line("")
	}
	h.para("", 0, rows(&offshelf.Summary{Read: s.Read, Screened: s.Screened, Skipped: s.Skipped, Failed: s.Failed}))
	h.para("", 0, s.Statement)
	return h.w.Flush()
}

// effects says " 10 newly reached, 2 newly possible." in the order of gravity.
func effects(n map[screen.Effect]int) string {
	var parts []string
	for _, e := range screen.Effects {
		if n[e] > 0 {
			word := string(e)
			if e == screen.SameVerdict {
				word = "with the same verdict by another listing, other dates or another action"
			}
			parts = append(parts, thousands(n[e])+" "+word)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " " + strings.Join(parts, "; ") + "."
}

// brand puts the gravest effects first, of these the strongest actions.
func (h *whatifText) brand(b *whatifBrand) {
	var groups []*whatifGroup
	for _, g := range b.groups {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b *whatifGroup) int {
		x, y := &a.change, &b.change
		return cmp.Or(
			cmp.Compare(slices.Index(screen.Effects, x.Effect), slices.Index(screen.Effects, y.Effect)),
			cmp.Compare(actionOf(y), actionOf(x)),
			cmp.Compare(x.Regime, y.Regime),
		)
	})
	for _, g := range groups {
		h.group(g)
	}
	h.line("  Products")
	for _, it := range b.shelf.kept {
		at := ""
		if it.row > 0 {
			at = " (row " + thousands(it.row) + ")"
		}
		h.line("    " + fit(it.id, 20) + "  " + fit(it.title, max(h.o.Width-28-cells(at), 20)) + at)
	}
	if more := b.shelf.total - len(b.shelf.kept); more > 0 {
		h.line("    … and " + thousands(more) + " more: -o csv has all of them")
	}
}

func actionOf(c *screen.EffectChange) offshelf.Action {
	if c.New != nil {
		return c.New.Action
	}
	return c.Old.Action
}

func (h *whatifText) group(g *whatifGroup) {
	c := &g.change
	text := string(c.Effect) + " by " + clean(c.RegimeTitle) + " [" + clean(c.Regime) + "]: " + count(g.products, "product", "products")
	if n := len(g.listings); n > 1 {
		text += ", through " + thousands(n) + " entries, of which one is told"
	}
	h.para("  - ", 4, text)
	for _, o := range g.outcomes {
		h.para("", 4, o)
	}
	if g.more {
		h.para("", 4, "and otherwise: -o csv has all")
	}
	for _, chain := range c.Chains[:min(len(c.Chains), 2)] {
		h.para("", 4, chainText(chain, c.Brand))
		if open := clean(chain.Open); open != "" {
			h.para("", 6, "open: "+open)
		}
	}
}
