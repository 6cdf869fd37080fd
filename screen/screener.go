package screen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/attribute"
	"github.com/offshelf/offshelf/internal/reach"
	"github.com/offshelf/offshelf/knowledge"
)

// Option adjusts a Screener.
type Option func(*Screener)

// AsOf screens as of this day instead of today.
func AsOf(d offshelf.Day) Option { return func(s *Screener) { s.day = d } }

// Minimum is the least probability at which a product counts as made under a
// brand. The default is 0.5.
func Minimum(p float64) Option { return func(s *Screener) { s.minimum = p } }

// Workers is how many goroutines screen a catalog. The default is one a core.
func Workers(n int) Option { return func(s *Screener) { s.workers = n } }

// Screener screens products against one snapshot, policy and day. It is safe
// for concurrent use.
type Screener struct {
	snapshot *Snapshot
	policy   offshelf.Policy
	day      offshelf.Day
	minimum  float64
	workers  int

	rules  []rule
	pool   sync.Pool    // *attribute.Worker
	cache  sync.Map     // subject → []offshelf.Finding without product
	cached atomic.Int64 // entries in cache
}

// rule is a regime on the screener's day.
type rule struct {
	regime *offshelf.Regime
	period *offshelf.Period
	truth  offshelf.Truth // whether the period surely holds on the day
	view   *reach.View
}

// New makes a screener. It fails where the policy names regimes or brands that
// do not exist.
func New(s *Snapshot, p offshelf.Policy, options ...Option) (*Screener, error) {
	sc := &Screener{snapshot: s, policy: p, day: offshelf.DayOf(time.Now()), minimum: 0.5}
	for _, o := range options {
		o(sc)
	}
	if !(sc.minimum >= 0 && sc.minimum <= 1) { // NaN too
		return nil, fmt.Errorf("minimum probability %v: it runs from 0 to 1", sc.minimum)
	}
	regimes, brands := map[string]bool{}, map[string]bool{}
	for _, r := range s.knowledge.Regimes {
		regimes[r.ID] = true
	}
	for _, r := range p.Regimes {
		if regimes[r.ID] {
			return nil, fmt.Errorf("policy %s: house regime %s: there is a regime with this id already; give it another", p.ID, r.ID)
		}
		regimes[r.ID] = true
	}
	for id := range s.brands {
		brands[id] = true
	}
	if errs := knowledge.CheckPolicy(p, regimes, brands); len(errs) > 0 {
		return nil, fmt.Errorf("policy %s: %w", p.ID, errors.Join(errs...))
	}
	sc.pool.New = func() any { return s.matcher.NewWorker() }
	for _, list := range [][]offshelf.Regime{s.knowledge.Regimes, p.Regimes} {
		for i := range list {
			sc.addRule(&list[i])
		}
	}
	return sc, nil
}

// addRule keeps a regime that says something on the day.
func (s *Screener) addRule(r *offshelf.Regime) {
	p, far, t := r.On(s.day)
	if p == nil {
		return
	}
	if p.Reach != nil {
		then := *r
		then.Reach = far
		r = &then
	}
	s.rules = append(s.rules, rule{r, p, t, s.snapshot.world.At(r, s.day)})
}

// Screen returns the findings on one product: those through its brand, then
// those through a maker that a tell betrays, each in the order of the regimes.
func (s *Screener) Screen(ctx context.Context, p offshelf.Product) ([]offshelf.Finding, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w := s.pool.Get().(*attribute.Worker)
	defer s.pool.Put(w)
	return s.findings(&p, w.Attribute(&p)), nil
}

// ScreenBatch returns the findings on each product, at the product's index.
func (s *Screener) ScreenBatch(ctx context.Context, products []offshelf.Product) ([][]offshelf.Finding, error) {
	w := s.pool.Get().(*attribute.Worker)
	defer s.pool.Put(w)
	out := make([][]offshelf.Finding, len(products))
	for i := range products {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out[i] = s.findings(&products[i], w.Attribute(&products[i]))
	}
	return out, nil
}

// Attribute returns what the product has to do with the brands and makers of
// the knowledge.
func (s *Screener) Attribute(p offshelf.Product) []offshelf.Attribution {
	w := s.pool.Get().(*attribute.Worker)
	defer s.pool.Put(w)
	return w.Attribute(&p)
}

func (s *Screener) findings(p *offshelf.Product, attributions []offshelf.Attribution) []offshelf.Finding {
	var out []offshelf.Finding
	for i := range attributions {
		a := &attributions[i]
		if a.Relation != offshelf.RelationMade || a.Probability < s.minimum {
			continue
		}
		for _, t := range s.reached(p, a) {
			at := slices.IndexFunc(out, func(f offshelf.Finding) bool { return f.Regime == t.Regime && f.Listing == t.Listing })
			if at >= 0 {
				// The brand and a tell lead to the same listing: one finding, both ways.
				if t.Verdict == offshelf.Possible || out[at].Verdict == offshelf.Reached {
					continue
				}
			}
			f := t
			f.Product, f.Probability, f.Reasons = *p, a.Probability, a.Reasons
			f.Action, f.Why = s.act(&f)
			f.Fingerprint = fingerprint(&f)
			if at >= 0 {
				out[at] = f
			} else {
				out = append(out, f)
			}
		}
	}
	return out
}

// fingerprint stays the same over runs for the same product, regime, listing
// and brand.
func fingerprint(f *offshelf.Finding) string {
	h := sha256.New()
	id := f.Product.ID
	if id == "" {
		id = f.Product.Title
	}
	for _, s := range [...]string{id, f.Regime, f.Listing, f.BrandID} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// act applies the first rule of the policy that matches.
func (s *Screener) act(f *offshelf.Finding) (offshelf.Action, string) {
	for i := range s.policy.Rules {
		r := &s.policy.Rules[i]
		switch {
		case len(r.Regimes) > 0 && !slices.Contains(r.Regimes, f.Regime),
			len(r.Brands) > 0 && !slices.Contains(r.Brands, f.BrandID),
			r.Verdict != "" && r.Verdict != f.Verdict,
			r.Basis != "" && r.Basis != f.Basis,
			r.Probability > 0 && f.Probability >= r.Probability,
			len(r.Forbids) > 0 && !slices.ContainsFunc(r.Forbids, func(x string) bool { return slices.Contains(f.Forbids, x) }):
			continue
		}
		return r.Action, r.Why
	}
	return s.policy.Otherwise, ""
}
