package dossier

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/report"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/knowledge"
)

// rule notes the rule of a finding.
func (c *collector) rule(r *query.Finding, f *offshelf.Finding) {
	i := slices.IndexFunc(c.doc.Rules, func(x Rule) bool { return x.ID == r.Regime })
	if i < 0 {
		i = len(c.doc.Rules)
		c.doc.Rules = append(c.doc.Rules, Rule{ID: r.Regime, Title: f.RegimeTitle})
	}
	if x := &c.doc.Rules[i]; !slices.Contains(x.Basis, offshelf.Basis(r.Basis)) {
		x.Basis = append(x.Basis, offshelf.Basis(r.Basis))
	}
}

// listing notes the entry that a finding leads to, as its chains tell it.
func (c *collector) listing(r *query.Finding, f *offshelf.Finding) {
	if slices.ContainsFunc(c.doc.Listings, func(x Listing) bool { return x.ID == r.Listing }) {
		return
	}
	l := Listing{ID: r.Listing, Name: f.Listed}
	for _, chain := range f.Chains {
		if len(chain.Hops) == 0 {
			continue
		}
		end := chain.Hops[len(chain.Hops)-1]
		if end.Kind != "listed" && end.Kind != "concern" {
			continue
		}
		l.Concern = end.Kind == "concern"
		l.Name = cmp.Or(f.Listed, end.To)
		l.Citation, l.Since, l.Until, l.Grade, l.Sources = report.Citation(end), end.Since, end.Until, end.Grade, end.Sources
		break
	}
	c.doc.Listings = append(c.doc.Listings, l)
}

// rules gives the rules their periods and the entries their text, from the
// state of the knowledge of the latest run of the case that has one.
func (c *collector) rules(facts Facts) error {
	d := &c.doc
	slices.SortFunc(d.Rules, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(d.Listings, func(a, b Listing) int { return cmp.Compare(a.ID, b.ID) })
	for i := range d.Rules {
		slices.Sort(d.Rules[i].Basis)
	}
	unknown := func(why string) {
		for i := range d.Rules {
			d.Rules[i].Unknown = "The periods of this rule are not told here, as " + why + ". The findings say what held on the day of their run."
		}
	}
	var k *offshelf.Knowledge
	var run *query.Run
	for _, id := range slices.Backward(sortedKeys(c.runs)) {
		r := c.runs[id]
		i := slices.IndexFunc(c.snapshots, func(s query.Snapshot) bool { return s.SHA256 == r.Snapshot })
		if i < 0 || facts == nil {
			continue
		}
		var err error
		if k, err = facts(c.ctx, &c.snapshots[i]); err != nil {
			if c.ctx.Err() != nil {
				return err
			}
			unknown("the state of the knowledge that it was screened with cannot be read (" + err.Error() + ")")
			return nil // what is told of the case does not hang on it
		}
		run = r
		break
	}
	if k == nil {
		unknown("the state of the knowledge that it was screened with is not kept")
		return nil
	}
	sources := map[string]*offshelf.Source{}
	for i := range k.Sources {
		sources[k.Sources[i].ID] = &k.Sources[i]
	}
	missing := fmt.Sprintf("The rule is not in the state of the knowledge of run %d, the latest of this case that has one.", run.ID)
	var house []offshelf.Regime
	if i := slices.IndexFunc(k.Policies, func(p offshelf.Policy) bool { return p.ID == run.PolicyName }); i >= 0 && run.Policy == "" {
		house = k.Policies[i].Regimes // a shipped policy
	}
	if run.Policy != "" {
		p, err := knowledge.ParsePolicy(run.PolicyName, []byte(run.Policy))
		if err != nil {
			missing = fmt.Sprintf("The rule is not in the state of the knowledge of run %d, and the policy of that run cannot be read: %v", run.ID, err)
		}
		house = p.Regimes
	}
	for i := range d.Rules {
		if !fill(&d.Rules[i], k.Regimes, house, run, sources) {
			d.Rules[i].Unknown = missing
		}
	}
	for i := range d.Listings {
		l := &d.Listings[i]
		n := slices.IndexFunc(k.Listings, func(x offshelf.Listing) bool { return x.ID == l.ID })
		if n < 0 {
			continue
		}
		x := &k.Listings[n]
		l.List, l.Name, l.Since, l.Until, l.Status, l.Goods, l.Origin = x.List, x.Name, x.From, x.Until, x.Status, x.Goods, x.Origin
		l.Citation = cmp.Or(x.Citation, l.Citation)
		if s := resolve(x.Sources, sources); len(s) > 0 {
			l.Sources = s
		}
	}
	return nil
}

// fill tells a rule in full, or reports that it is not known.
func fill(x *Rule, shipped, house []offshelf.Regime, run *query.Run, sources map[string]*offshelf.Source) bool {
	x.Snapshot = run.Snapshot
	of := func(list []offshelf.Regime) *offshelf.Regime {
		if i := slices.IndexFunc(list, func(r offshelf.Regime) bool { return r.ID == x.ID }); i >= 0 {
			return &list[i]
		}
		return nil
	}
	r := of(shipped)
	if r == nil {
		if r = of(house); r == nil {
			return false
		}
		x.Policy = run.PolicyName
	}
	x.Title, x.Authority, x.Reach, x.Note, x.Sources = cmp.Or(r.Title, x.Title), r.Authority, r.Reach.Spoken(), r.Note, resolve(r.Sources, sources)
	for _, p := range r.Periods {
		x.Periods = append(x.Periods, Period{Since: p.From, Until: p.Until, State: p.State, Forbids: p.Forbids, Basis: p.Basis, Note: p.Note, Sources: resolve(p.Sources, sources)})
	}
	return true
}

func resolve(ids []string, sources map[string]*offshelf.Source) []offshelf.Source {
	var out []offshelf.Source
	for _, id := range ids {
		if s := sources[id]; s != nil {
			out = append(out, *s)
		} else {
			out = append(out, offshelf.Source{ID: id})
		}
	}
	return out
}
