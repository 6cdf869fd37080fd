package screen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
	findings := s.screen(w, &p, func(_ *offshelf.Product, f policy.Failure) {
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
		out[i] = s.screen(w, &products[i], nil)
	}
	return out, nil
}

// screen returns the findings on one product. Nearly every product has none,
// and costs no memory.
func (s *Screener) screen(w *attribute.Worker, p *offshelf.Product, failed func(*offshelf.Product, policy.Failure)) []offshelf.Finding {
	a, kind := s.look(w, p)
	if s.idle(p, a, kind) {
		return nil
	}
	return s.findings(&hit{product: *p, attributions: a, kind: kind}, failed)
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
	p := &h.product
	byMark := s.throughMakers(h)
	others := append(s.kindFindings(h), s.nameFindings(p)...)
	if len(byMark)+len(others) == 0 {
		return nil
	}
	// A finding is large: each is copied once, to where it stays.
	out := make([]offshelf.Finding, 0, len(byMark)+len(others))
	add := func(m *met) *offshelf.Finding {
		out = append(out, m.Finding)
		return &out[len(out)-1]
	}
	finish := func(f *offshelf.Finding, m *met) {
		broken := s.decide(f, m)
		f.Fingerprint = fingerprint(f)
		if failed != nil {
			for _, x := range broken {
				failed(p, x)
			}
		}
	}
	for _, t := range byMark {
		f := add(t.met)
		f.Product, f.Probability, f.Reasons = *p, t.by.Probability, t.by.Reasons
		finish(f, t.met)
	}
	for i := range others {
		finish(add(&others[i]), &others[i])
	}
	return out
}

// marked is what a regime says through the brand or the maker of an attribution.
type marked struct {
	*met
	by *offshelf.Attribution
}

// throughMakers returns what the rules say of the brands and makers of the
// product, before the policy, in the order of the attributions.
func (s *Screener) throughMakers(h *hit) []marked {
	var out []marked
	for i := range h.attributions {
		a := &h.attributions[i]
		if a.Relation != offshelf.RelationMade || a.Probability < s.minimum {
			continue
		}
		found := s.reached(&h.product, a)
		out = slices.Grow(out, len(found))
		for j := range found {
			t := marked{&found[j], a}
			at := slices.IndexFunc(out, func(o marked) bool { return o.Regime == t.Regime && o.Listing == t.Listing })
			switch {
			case at < 0:
				out = append(out, t)
			// The brand and a tell lead to the same listing: one finding, both ways.
			case t.Verdict != offshelf.Possible && out[at].Verdict != offshelf.Reached:
				out[at] = t
			}
		}
	}
	return out
}

// decide sets what the policy says of a finding, and returns the rules of the
// policy that could not tell.
func (s *Screener) decide(f *offshelf.Finding, m *met) []policy.Failure {
	d := s.program.Decide(&policy.Input{Finding: f, Listing: m.listing, Regime: m.regime, Day: s.day})
	f.Action, f.Why = d.Action, d.Why
	return d.Failed
}

// fingerprint stays the same over runs for the same product, regime, listing
// and brand. Where goods are reached by their class the brand has no part in it.
func fingerprint(f *offshelf.Finding) string {
	id := f.Product.ID
	if id == "" {
		id = f.Product.Title
	}
	brand := f.BrandID
	if f.Goods != "" {
		brand = ""
	}
	text := make([]byte, 0, 256)
	for _, s := range [...]string{id, f.Regime, f.Listing, brand} {
		text = strconv.AppendInt(text, int64(len(s)), 10)
		text = append(append(text, ':'), s...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}
