package screen

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/attribute"
	"github.com/offshelf/offshelf/internal/reach"
)

// subject is all of a product that decides which chains exist; findings are
// worked out once a subject.
type subject struct {
	brand, maker, goods string
	models              string         // which model-scoped makes the product falls under
	grade               offshelf.Grade // of the facts about marks that the attribution hangs on
	sources             string         // of these, joined by blanks
	origin              string         // ISO 3166-1 alpha-2, or elsewhere, where some listing asks for it
	granted             granted
	approval            string // see facts
	maybe               string // of a product that is reached by its kind
	kind                string // goods class that it is of by itself
}

// maxChains bounds the chains that a finding tells.
const maxChains = 4

// maxLines bounds how many brands a line of a brand is looked up through, as
// knowledge that was not linted may run in a circle.
const maxLines = 16

// met is a finding with the listing and the regime that met.
type met struct {
	offshelf.Finding
	listing *offshelf.Listing
	regime  *offshelf.Regime
}

// reached returns the findings on the subject of an attribution, without what
// belongs to the product itself.
func (s *Screener) reached(p *offshelf.Product, a *offshelf.Attribution) []met {
	key := s.facts.subject(p)
	key.brand, key.maker, key.goods, key.models = a.Brand, a.Maker, a.Goods, s.modelScope(p, a.Brand)
	key.grade, key.sources = a.Grade, strings.Join(a.Sources, " ")
	return s.cachedFindings(key, s.follow)
}

// cachedFindings returns what was worked out for the subject before, or works it out.
func (s *Screener) cachedFindings(key subject, workOut func(subject) []met) []met {
	if v, ok := s.cache.Load(key); ok {
		return v.([]met)
	}
	out := workOut(key)
	if s.cached.Load() >= maxSubjects {
		return out
	}
	v, known := s.cache.LoadOrStore(key, out)
	if !known {
		s.cached.Add(1)
	}
	return v.([]met)
}

// follow applies every rule that reaches through brands and makers.
func (s *Screener) follow(key subject) []met {
	var out []met
	for i := range s.rules {
		out = append(out, s.apply(&s.rules[i], key)...)
	}
	return out
}

// maxSubjects bounds the memory of a screener, since a hostile catalog can
// have a product of every brand, kind and country.
const maxSubjects = 4096

// modelScope tells, for each make of the brand that is limited to models,
// whether the product is one: y, n, or ? where no model number is known.
func (s *Screener) modelScope(p *offshelf.Product, brand string) string {
	var b strings.Builder
	var tokens []string
	for _, m := range s.snapshot.makes[brand] {
		if len(m.models) == 0 {
			continue
		}
		if tokens == nil {
			tokens = attribute.ModelTokens([]string{}, p)
		}
		switch {
		case anyModel(m.models, tokens):
			b.WriteByte('y')
		case len(tokens) == 0:
			b.WriteByte('?')
		default:
			b.WriteByte('n')
		}
	}
	return b.String()
}

func anyModel(list []*regexp.Regexp, tokens []string) bool {
	return slices.ContainsFunc(list, func(re *regexp.Regexp) bool { return slices.ContainsFunc(tokens, re.MatchString) })
}

// lead is the first part of a chain: from the brand to a party.
type lead struct {
	party string
	hop   offshelf.Hop
	truth offshelf.Truth
	open  string
	needs []string
}

// told is a chain and the product fields that would settle it.
type told struct {
	offshelf.Chain
	needs []string
}

// apply follows one regime from the subject to the listings that it meets.
func (s *Screener) apply(r *rule, key subject) []met {
	scope := s.inScope(r.regime, key)
	if scope.truth == offshelf.False {
		return nil
	}
	byListing := map[string][]told{}
	printed := map[string]offshelf.Listing{}
	var order []string
	for _, l := range s.leads(r.regime, key) {
		for _, path := range r.view.From(l.party) {
			covered := together(append([]answer{scope}, s.listingScope(&path.Listing, key)...))
			if covered.truth == offshelf.False {
				continue
			}
			chain := s.chain(r, l, path, covered)
			id := path.Listing.ID
			if _, ok := printed[id]; !ok {
				printed[id] = path.Listing
				order = append(order, id)
			}
			byListing[id] = append(byListing[id], chain)
		}
	}
	var out []met
	for _, id := range order {
		l := printed[id]
		out = append(out, met{s.finding(r, key, l, byListing[id]), &l, r.regime})
	}
	if slices.ContainsFunc(out, func(f met) bool { return f.Verdict == offshelf.Reached }) {
		out = slices.DeleteFunc(out, onlyInCommon)
	}
	return out
}

// onlyInCommon tells whether a finding is possible at most, and through who
// owns the listed party: beside one that is sure it says nothing new.
func onlyInCommon(f met) bool {
	return f.Verdict == offshelf.Possible && !slices.ContainsFunc(f.Chains, func(c offshelf.Chain) bool {
		return !slices.ContainsFunc(c.Hops, func(h offshelf.Hop) bool { return h.Kind == "owns" || h.Kind == "controls" })
	})
}

// begun dates a start that is only known to lie on or before a day at the day
// before the end, where the end comes first.
func begun(iv offshelf.Interval) offshelf.Interval {
	before := !iv.From.IsZero() && iv.From.Earliest() == offshelf.MinDay
	if end := iv.Until.Earliest(); before && !iv.Until.IsZero() && end > offshelf.MinDay && iv.From.Latest() >= end {
		iv.From = (end - 1).Date().OnOrBefore()
	}
	return iv
}

func (s *Screener) chain(r *rule, l lead, path reach.Path, scope answer) told {
	iv := begun(l.hop.Interval().Intersect(path.Interval))
	c := told{Chain: offshelf.Chain{Hops: append([]offshelf.Hop{l.hop}, path.Hops...), Since: iv.From, Until: iv.Until, Verdict: offshelf.Possible}}
	c.needs = slices.Concat(l.needs, scope.needs)
	switch {
	case l.truth < offshelf.True:
		c.Open = l.open
	case path.Truth < offshelf.True:
		c.Open = path.Open
	case scope.truth < offshelf.True:
		c.Open = scope.open
	default:
		c.Verdict, c.Open = r.verdict()
	}
	return c
}

// verdict is what the rule says of what it surely reaches on the day.
func (r *rule) verdict() (v offshelf.Verdict, open string) {
	switch {
	case r.truth < offshelf.True:
		return offshelf.Possible, openStart
	case r.period.State == "scheduled":
		return offshelf.Possible, unconfirmed(r.period)
	}
	return offshelf.Reached, ""
}

// openStart is what is open of a rule that perhaps holds on the day.
const openStart = "the day on which the rule takes effect is not known exactly"

// unconfirmed says what is open of a scheduled period.
func unconfirmed(p *offshelf.Period) string {
	return fmt.Sprintf("the rule was to take effect on %s; that it did is not confirmed", p.From)
}

// finding sums up the chains to one listing. Where one of them is certain,
// the uncertain ones are left out.
func (s *Screener) finding(r *rule, key subject, l offshelf.Listing, chains []told) offshelf.Finding {
	f := offshelf.Finding{
		Regime: r.regime.ID, RegimeTitle: r.regime.Title, Listing: l.ID, Listed: l.Name,
		Verdict: offshelf.Possible, Basis: r.period.Basis, State: r.period.State, Forbids: r.period.Forbids,
		BrandID: key.brand, Snapshot: s.snapshot.sum,
	}
	if b := s.snapshot.brands[key.brand]; b != nil {
		f.Brand = b.Name
	}
	if key.maker != "" {
		f.Maker = s.snapshot.world.Name(key.maker)
	}
	if slices.ContainsFunc(chains, func(c told) bool { return c.Verdict == offshelf.Reached }) {
		f.Verdict = offshelf.Reached
		chains = slices.DeleteFunc(chains, func(c told) bool { return c.Verdict != offshelf.Reached })
	}
	slices.SortStableFunc(chains, func(a, b told) int { return len(a.Hops) - len(b.Hops) })
	if len(chains) > maxChains {
		chains = chains[:maxChains]
	}
	s.settle(r, key, &l, &f, chains)
	for _, c := range chains {
		f.Chains = append(f.Chains, c.Chain)
	}
	iv := offshelf.Interval{From: chains[0].Since, Until: chains[0].Until}
	for _, c := range chains[1:] {
		iv = iv.Cover(offshelf.Interval{From: c.Since, Until: c.Until})
	}
	iv = begun(iv.Intersect(r.period.Interval))
	f.Since, f.Until = iv.From, iv.Until
	if d := f.Since.Earliest(); !f.Since.IsZero() && d == f.Since.Latest() && d <= s.day {
		f.Days = int(s.day - d)
	}
	return f
}

// settle says what the rule leaves in trade, and what of the product would
// have to be known for a certain answer.
func (s *Screener) settle(r *rule, key subject, l *offshelf.Listing, f *offshelf.Finding, chains []told) {
	left, doubt := s.spare(r, l, key, f.Verdict == offshelf.Reached)
	if f.Verdict == offshelf.Possible {
		for _, c := range chains {
			f.Needs = addNeeds(f.Needs, c.needs)
		}
	}
	switch {
	case left.why != "":
		f.Forbids, f.Basis, f.Spared = []string{"none"}, offshelf.Choice, left.why
		f.Needs = addNeeds(f.Needs, left.needs)
	case doubt.truth == offshelf.Maybe:
		f.Verdict = offshelf.Possible
		f.Needs = addNeeds(f.Needs, doubt.needs)
		for i := range chains {
			chains[i].Verdict = offshelf.Possible
			if chains[i].Open != "" {
				chains[i].Open += "; "
			}
			chains[i].Open += doubt.open
		}
	}
}

func addNeeds(list, more []string) []string {
	for _, n := range more {
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list
}

// leads lists the parties that stand behind the subject on the day: holders of
// the brand, makers of its goods, and the maker that a tell betrays.
func (s *Screener) leads(r *offshelf.Regime, key subject) []lead {
	if key.maker != "" {
		if !r.Reach.Maker {
			return nil
		}
		return []lead{s.betrayed(key)}
	}
	var out []lead
	b := s.snapshot.brands[key.brand]
	if r.Reach.Owner && b != nil {
		for up, steps := b, 0; up != nil && steps < maxLines; up, steps = s.snapshot.brands[up.Parent], steps+1 {
			out = append(out, s.holders(up)...)
			if len(up.Holders) > 0 {
				break
			}
		}
	}
	if r.Reach.Maker && b != nil {
		for _, l := range s.makers(b, key) {
			// That the brand's holder makes its goods says nothing new.
			if !slices.ContainsFunc(out, func(o lead) bool { return o.party == l.party && o.truth >= l.truth }) {
				out = append(out, l)
			}
		}
	}
	if key.grade != offshelf.GradeUnset && key.grade.Weak() {
		for i := range out {
			out[i].truth = offshelf.Maybe
			out[i].open = fmt.Sprintf("only a mark says that this is a product of %s, and that such marks are its own rests on a source of grade %s: ask the supplier", b.Name, key.grade)
		}
	}
	return out
}

// betrayed is the way to the maker that a mark on the product, or the
// catalog's own manufacturer field, gives away. It is as good as what is known
// of such marks.
func (s *Screener) betrayed(key subject) lead {
	to := s.snapshot.world.Name(key.maker)
	l := lead{party: key.maker, truth: offshelf.True, hop: offshelf.Hop{
		Kind: "attributed", From: "this product", To: to, Grade: key.grade,
		Sources: s.snapshot.world.Sources(strings.Fields(key.sources)), Note: "by a mark on it or by its manufacturer field; see the reasons",
	}}
	if key.grade.Weak() {
		l.truth = offshelf.Maybe
		l.open = fmt.Sprintf("that such marks are those of %s rests on a source of grade %s: ask the supplier who makes it", to, key.grade)
	}
	return l
}

func (s *Screener) holders(b *offshelf.Brand) []lead {
	var out []lead
	for _, h := range b.Holders {
		t := h.On(s.day)
		if t == offshelf.False || h.Conflict != "" {
			continue
		}
		l := lead{party: h.Party, truth: t, hop: s.hop("held", b.Name, h.Party, h.Interval, h.Evidence)}
		switch {
		case h.Grade.Weak():
			l.truth, l.open = offshelf.Maybe, unsureHolder(h, l.hop.To, b.Name)
		case t == offshelf.Maybe:
			l.open = fmt.Sprintf("whether %s held the brand %s on this day is not known to the day", l.hop.To, b.Name)
		}
		out = append(out, l)
	}
	return out
}

func (s *Screener) makers(b *offshelf.Brand, key subject) []lead {
	var out []lead
	scoped := 0
	for _, m := range s.snapshot.makes[b.ID] {
		match := byte('y')
		if len(m.Models) > 0 {
			match = key.models[scoped]
			scoped++
		}
		t := m.On(s.day)
		if t == offshelf.False || m.Conflict != "" || match == 'n' ||
			len(m.Goods) > 0 && key.goods != "" && !s.snapshot.within(key.goods, m.Goods) {
			continue
		}
		l := lead{party: m.Maker, truth: offshelf.Maybe, hop: s.hop(makeKind(m.Make), b.Name, m.Maker, m.Interval, m.Evidence)}
		maker := l.hop.To
		l.open = unsureMake(m.Make, maker, b.Name)
		switch {
		case l.open != "":
		case t == offshelf.Maybe:
			l.open = fmt.Sprintf("whether %s made goods of %s on this day is not known to the day", maker, b.Name)
		case match == '?':
			l.open = someModels(maker, b.Name)
			l.needs = []string{offshelf.FieldModel}
		case len(m.Models) == 0 && !m.All:
			l.open = someGoods(maker, b.Name)
		default:
			l.truth = offshelf.True
		}
		out = append(out, l)
	}
	return out
}

func (s *Screener) hop(kind, from, party string, iv offshelf.Interval, e offshelf.Evidence) offshelf.Hop {
	h := offshelf.Hop{
		Kind: kind, From: from, To: s.snapshot.world.Name(party), Since: iv.From, Until: iv.Until,
		Grade: e.Grade, Sources: s.snapshot.world.Sources(e.Sources), Note: e.Note,
	}
	h.Mark(e)
	return h
}
