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
	"github.com/offshelf/offshelf/internal/policy"
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
	program  *policy.Program
	day      offshelf.Day
	minimum  float64
	workers  int

	rules  []rule
	kinds  []kindRule
	facts  facts        // what the rules ask of products
	names  *nameFinder  // of makers and sellers on a list, or nil
	pool   sync.Pool    // *attribute.Worker
	cache  sync.Map     // subject → []met without product
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
	var err error
	program, problems := knowledge.CompilePolicy(&p, s.knowledge)
	if len(problems) > 0 {
		return nil, fmt.Errorf("policy %s: %w", p.ID, errors.Join(problems...))
	}
	sc.program = program
	sc.pool.New = func() any { return s.matcher.NewWorker() }
	for _, list := range [][]offshelf.Regime{s.knowledge.Regimes, p.Regimes} {
		for i := range list {
			sc.addRule(&list[i])
		}
	}
	if sc.names, err = s.nameFinder(); err != nil {
		return nil, err
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
	on := rule{regime: r, period: p, truth: t}
	s.ask(&on)
	if r.Reach.Kind == offshelf.ReachGoods {
		s.addKinds(&on)
		return
	}
	on.view = s.snapshot.world.At(r, s.day)
	s.rules = append(s.rules, on)
}

// Screen returns the findings on one product: those through its brand, those
// through a maker that a tell betrays, then those on the class of goods that it
// is of, each in the order of the regimes.
func (s *Screener) Screen(ctx context.Context, p offshelf.Product) ([]offshelf.Finding, error) {
	findings, _, err := s.ScreenWithFailures(ctx, p)
	return findings, err
}

// PolicyFailure is a rule of the policy whose expression could not be evaluated
// for a finding, which therefore calls for review at least.
type PolicyFailure struct {
	Rule int // 1-based
	Text string
}

// ScreenWithFailures is Screen, and tells the rules of the policy that failed
// on the findings.
func (s *Screener) ScreenWithFailures(ctx context.Context, p offshelf.Product) ([]offshelf.Finding, []PolicyFailure, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	w := s.pool.Get().(*attribute.Worker)
	defer s.pool.Put(w)
	var failures []PolicyFailure
	a, kind := s.look(w, &p)
	findings := s.findings(&hit{p, a, kind}, func(_ *offshelf.Product, f policy.Failure) {
		failures = append(failures, PolicyFailure(f))
	})
	return findings, failures, nil
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
		a, kind := s.look(w, &products[i])
		out[i] = s.findings(&hit{products[i], a, kind}, nil)
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

// findings spells out the findings on a product. What the policy could not tell
// of one is told to failed, if that is set.
func (s *Screener) findings(h *hit, failed func(*offshelf.Product, policy.Failure)) []offshelf.Finding {
	p, attributions := &h.product, h.attributions
	var out []offshelf.Finding
	var failures [][]policy.Failure // by finding
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
			t.Product, t.Probability, t.Reasons = *p, a.Probability, a.Reasons
			f, broken := s.decide(t)
			f.Fingerprint = fingerprint(&f)
			if at >= 0 {
				out[at], failures[at] = f, broken
			} else {
				out, failures = append(out, f), append(failures, broken)
			}
		}
	}
	for _, m := range append(s.kindFindings(h), s.nameFindings(p)...) {
		f, broken := s.decide(m)
		f.Fingerprint = fingerprint(&f)
		out, failures = append(out, f), append(failures, broken)
	}
	if failed != nil {
		for _, list := range failures {
			for _, x := range list {
				failed(p, x)
			}
		}
	}
	return out
}

// decide returns the finding with what the policy says of it, and the rules of
// the policy that could not tell.
func (s *Screener) decide(m met) (offshelf.Finding, []policy.Failure) {
	d := s.program.Decide(&policy.Input{Finding: &m.Finding, Listing: m.listing, Regime: m.regime, Day: s.day})
	m.Action, m.Why = d.Action, d.Why
	return m.Finding, d.Failed
}

// fingerprint stays the same over runs for the same product, regime, listing
// and brand. Where goods are reached by their class the brand has no part in it.
func fingerprint(f *offshelf.Finding) string {
	h := sha256.New()
	id := f.Product.ID
	if id == "" {
		id = f.Product.Title
	}
	brand := f.BrandID
	if f.Goods != "" {
		brand = ""
	}
	for _, s := range [...]string{id, f.Regime, f.Listing, brand} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
