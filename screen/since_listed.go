package screen

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
)

// shelf counts for how long what a run finds has been so. Its size depends on
// the knowledge, not on the catalog.
type shelf struct {
	day      offshelf.Day
	starts   map[string]offshelf.Day // by regime: the first day on which its period may have begun
	sum      offshelf.SinceListed
	reached  shelfTally
	possible shelfTally
}

// shelfTally is the brands under one verdict.
type shelfTally struct {
	brands map[shelfBrand]*brandTally
	order  []*brandTally
	all    brandTally
}

type shelfBrand struct{ brand, maker string }

type brandTally struct {
	offshelf.BrandTime
	rules map[string]int // regime to its place in Rules
}

func newShelf(day offshelf.Day, rules []rule) *shelf {
	starts := map[string]offshelf.Day{}
	for _, r := range rules {
		if from := r.period.From; !from.IsZero() {
			starts[r.regime.ID] = from.Earliest()
		}
	}
	tally := func() shelfTally {
		return shelfTally{brands: map[shelfBrand]*brandTally{}, all: brandTally{rules: map[string]int{}}}
	}
	return &shelf{day: day, starts: starts, reached: tally(), possible: tally()}
}

// product counts the findings on one product, and marks each with its days.
func (s *shelf) product(findings []offshelf.Finding) {
	if len(findings) == 0 {
		return
	}
	var reached, possible []*offshelf.Finding
	for i := range findings {
		f := &findings[i]
		if reported(f) {
			continue
		}
		f.SinceListed = &offshelf.ShelfDays{DayCount: s.days(f)}
		if f.Verdict == offshelf.Reached {
			reached = append(reached, f)
		} else {
			possible = append(possible, f)
		}
	}
	// What a regime reaches for certain it need not reach possibly as well.
	possible = slices.DeleteFunc(possible, func(f *offshelf.Finding) bool {
		return slices.ContainsFunc(reached, func(r *offshelf.Finding) bool { return r.Regime == f.Regime })
	})
	switch {
	case len(reached) > 0 && len(possible) > 0:
		s.sum.Both++
	case len(reached)+len(possible) == 0:
		s.sum.Reports++
	}
	s.reached.add(&s.sum.Reached, reached)
	s.possible.add(&s.sum.Possible, possible)
}

// days counts the days of a finding: none before its rule began.
func (s *shelf) days(f *offshelf.Finding) offshelf.DayCount {
	n := f.DaysBefore(s.day)
	if start, ok := s.starts[f.Regime]; ok {
		n = n.Within(start, s.day)
	}
	return n
}

// reported tells whether a finding ends in a report instead of a listing.
func reported(f *offshelf.Finding) bool {
	return len(f.Chains) > 0 && slices.ContainsFunc(f.Chains[0].Hops, func(h offshelf.Hop) bool { return h.Kind == "concern" })
}

// add counts the findings of one product, all of one verdict.
func (t *shelfTally) add(sum *offshelf.ShelfTime, findings []*offshelf.Finding) {
	if len(findings) == 0 {
		return
	}
	longest := slices.MaxFunc(findings, longer)
	longest.SinceListed.Longest = true
	days := longest.SinceListed.DayCount
	sum.Products++
	sum.ProductDays = sum.ProductDays.Add(days)
	if longest.Since.IsZero() {
		sum.Undated++
	}
	b := t.brand(longest)
	b.Products++
	b.ProductDays = b.ProductDays.Add(days)
	if b.Products == 1 || days.Compare(b.Longest.Days) > 0 {
		b.Longest = span(longest)
	}
	for i, f := range findings {
		same := func(o *offshelf.Finding) bool { return o.Regime == f.Regime }
		if slices.IndexFunc(findings, same) < i {
			continue // counted with the first of its regime
		}
		of := f
		action := f.Action
		for _, o := range findings[i+1:] {
			if same(o) {
				action = max(action, o.Action)
				if longer(o, of) > 0 {
					of = o
				}
			}
		}
		b.rule(of, action)
		t.all.rule(of, action)
	}
}

// longer orders findings by their days.
func longer(a, b *offshelf.Finding) int {
	return a.SinceListed.Compare(b.SinceListed.DayCount)
}

func (t *shelfTally) brand(f *offshelf.Finding) *brandTally {
	key := shelfBrand{brand: f.BrandID}
	if f.BrandID == "" {
		key.maker = f.Maker
	}
	b := t.brands[key]
	if b == nil {
		b = &brandTally{BrandTime: offshelf.BrandTime{Brand: f.Brand, BrandID: f.BrandID, Maker: key.maker}, rules: map[string]int{}}
		t.brands[key] = b
		t.order = append(t.order, b)
	}
	return b
}

func (b *brandTally) rule(f *offshelf.Finding, action offshelf.Action) {
	i, ok := b.rules[f.Regime]
	if !ok {
		i = len(b.Rules)
		b.rules[f.Regime] = i
		b.Rules = append(b.Rules, offshelf.RuleTime{Longest: span(f)})
	}
	r := &b.Rules[i]
	r.Action = max(r.Action, action)
	r.Products++
	r.ProductDays = r.ProductDays.Add(f.SinceListed.DayCount)
	if f.SinceListed.Compare(r.Longest.Days) > 0 {
		r.Longest = span(f)
	}
}

func span(f *offshelf.Finding) offshelf.ShelfSpan {
	return offshelf.ShelfSpan{Days: f.SinceListed.DayCount, Since: f.Since, Regime: f.Regime, RegimeTitle: f.RegimeTitle, Basis: f.Basis, Listed: f.Listed}
}

func (s *shelf) summary() *offshelf.SinceListed {
	s.reached.close(&s.sum.Reached)
	s.possible.close(&s.sum.Possible)
	s.sum.Statement = fmt.Sprintf("Days count from the day on which listing, chain and rule all held, up to %s, for each product as if it had been on the shelf on all of them: the catalog does not say since when it was.", s.day)
	return &s.sum
}

// close puts the sums in order.
func (t *shelfTally) close(sum *offshelf.ShelfTime) {
	for _, b := range append(t.order, &t.all) {
		slices.SortStableFunc(b.Rules, func(x, y offshelf.RuleTime) int {
			return cmp.Or(cmp.Compare(y.Action, x.Action), y.Longest.Days.Compare(x.Longest.Days), cmp.Compare(x.Longest.Regime, y.Longest.Regime))
		})
	}
	sum.Rules = t.all.Rules
	for _, b := range t.order {
		sum.Brands = append(sum.Brands, b.BrandTime)
	}
	slices.SortStableFunc(sum.Brands, func(x, y offshelf.BrandTime) int {
		return cmp.Or(y.Longest.Days.Compare(x.Longest.Days), cmp.Compare(y.Products, x.Products), cmp.Compare(x.Brand+x.Maker, y.Brand+y.Maker))
	})
}
