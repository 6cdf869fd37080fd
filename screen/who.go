package screen

import (
	"slices"
	"sort"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// Profile is what is known of one brand or party, as of the screener's day.
type Profile struct {
	Brand *offshelf.Brand `json:"brand,omitempty"`
	Party *offshelf.Party `json:"party,omitempty"`

	Brands   []offshelf.Brand   `json:"brands,omitempty"`   // that the party holds or held
	Holders  []offshelf.Stake   `json:"holders,omitempty"`  // stakes in the party, or in the brand's holders
	Holdings []offshelf.Stake   `json:"holdings,omitempty"` // stakes of the party
	Makes    []offshelf.Make    `json:"makes,omitempty"`    // who makes the brand's goods, or what the party makes
	Listings []offshelf.Listing `json:"listings,omitempty"`
	Concerns []offshelf.Concern `json:"concerns,omitempty"`
	Refuted  []offshelf.Refuted `json:"refuted,omitempty"`
	Findings []offshelf.Finding `json:"findings,omitempty"` // what reaches it, without a product
	Sources  []offshelf.Source  `json:"sources,omitempty"`
	Names    map[string]string  `json:"names,omitempty"` // printed names of the ids above

	Withdrawn []offshelf.Withdrawal `json:"withdrawn,omitempty"` // shipped facts about it that an overlay took out
}

// Who finds brands and parties by name, in any spelling that folds to the same
// letters and digits. Where none has the name, it returns the names that hold
// it, for the caller to suggest.
func (s *Screener) Who(query string) (found []Profile, similar []string) {
	brands, parties, similar := s.snapshot.named(query)
	for _, b := range brands {
		found = append(found, s.brandProfile(b))
	}
	for _, p := range parties {
		found = append(found, s.partyProfile(p))
	}
	if len(found) > 0 {
		return found, nil
	}
	return nil, similar
}

// named finds brands and parties by id, name, alias or the name printed on a
// list, and the names that come near, in order.
func (s *Snapshot) named(query string) (brands []*offshelf.Brand, parties []*offshelf.Party, similar []string) {
	key := name.Key(query)
	if key == "" {
		return nil, nil, nil
	}
	k := s.knowledge
	matches := func(names ...string) bool {
		hit := false
		for _, n := range names {
			switch f := name.Key(n); {
			case f == key:
				hit = true
			case strings.Contains(f, key) || len(f) > 3 && (strings.Contains(key, f) || name.Within(f, key)):
				similar = append(similar, n)
			}
		}
		return hit
	}
	for i := range k.Brands {
		b := &k.Brands[i]
		if matches(append([]string{b.ID, b.Name}, b.Aliases...)...) {
			brands = append(brands, b)
		}
	}
	printed := map[string][]string{}
	for _, l := range k.Listings {
		printed[l.Party] = append(printed[l.Party], l.Name)
	}
	for i := range k.Parties {
		p := &k.Parties[i]
		if matches(append(append([]string{p.ID, p.Name}, p.Aliases...), printed[p.ID]...)...) {
			parties = append(parties, p)
		}
	}
	sort.Strings(similar)
	return brands, parties, slices.Compact(similar)
}

func (s *Screener) brandProfile(b *offshelf.Brand) Profile {
	k := s.snapshot.knowledge
	p := Profile{Brand: b}
	parties := map[string]bool{}
	for _, h := range b.Holders {
		parties[h.Party] = true
	}
	for _, st := range k.Stakes {
		if parties[st.Held] {
			p.Holders = append(p.Holders, st)
		}
	}
	for _, m := range k.Makes {
		if m.Brand == b.ID {
			p.Makes = append(p.Makes, m)
		}
	}
	for _, r := range k.Refuted {
		if r.Not == b.ID {
			p.Refuted = append(p.Refuted, r)
		}
	}
	goods := b.Goods
	if len(goods) == 0 {
		goods = []string{""}
	}
	scope := strings.Repeat("?", scopedMakes(s.snapshot.makes[b.ID]))
	for _, g := range goods {
		p.add(s.subject(subject{brand: b.ID, goods: g, models: scope}))
	}
	s.finish(&p)
	return p
}

func scopedMakes(makes []brandMake) int {
	n := 0
	for _, m := range makes {
		if len(m.Models) > 0 {
			n++
		}
	}
	return n
}

func (s *Screener) partyProfile(party *offshelf.Party) Profile {
	k := s.snapshot.knowledge
	p := Profile{Party: party}
	for _, b := range k.Brands {
		if slices.ContainsFunc(b.Holders, func(h offshelf.Holder) bool { return h.Party == party.ID }) {
			p.Brands = append(p.Brands, b)
		}
	}
	for _, st := range k.Stakes {
		if st.Held == party.ID {
			p.Holders = append(p.Holders, st)
		}
		if st.Holder == party.ID {
			p.Holdings = append(p.Holdings, st)
		}
	}
	for _, m := range k.Makes {
		if m.Maker == party.ID {
			p.Makes = append(p.Makes, m)
		}
	}
	for _, l := range k.Listings {
		if l.Party == party.ID {
			p.Listings = append(p.Listings, l)
		}
	}
	for _, c := range k.Concerns {
		if c.Party == party.ID {
			p.Concerns = append(p.Concerns, c)
		}
	}
	for _, r := range k.Refuted {
		if r.Not == party.ID {
			p.Refuted = append(p.Refuted, r)
		}
	}
	p.add(s.subject(subject{maker: party.ID, grade: offshelf.GradeOfficial}))
	s.finish(&p)
	return p
}

// subject works out the findings on a subject, every regime in its widest
// scope.
func (s *Screener) subject(key subject) []offshelf.Finding {
	var out []offshelf.Finding
	for i := range s.rules {
		r := s.rules[i]
		if key.maker != "" && key.brand == "" {
			wide := *r.regime
			wide.Goods, wide.Reach.Maker = nil, true
			r.regime = &wide
		}
		for _, m := range s.apply(&r, key) {
			m.Probability = 1
			s.decide(&m.Finding, &m)
			out = append(out, m.Finding)
		}
	}
	return out
}

// add keeps, of findings through the same regime and listing, the surest.
func (p *Profile) add(findings []offshelf.Finding) {
	for _, f := range findings {
		i := slices.IndexFunc(p.Findings, func(o offshelf.Finding) bool { return o.Regime == f.Regime && o.Listing == f.Listing })
		switch {
		case i < 0:
			p.Findings = append(p.Findings, f)
		case p.Findings[i].Verdict == offshelf.Possible && f.Verdict == offshelf.Reached:
			p.Findings[i] = f
		}
	}
}

// finish collects the sources and printed names that the profile refers to.
func (s *Screener) finish(p *Profile) {
	p.Names = map[string]string{}
	cited := map[string]bool{}
	note := func(e offshelf.Evidence, ids ...string) {
		for _, id := range e.Sources {
			cited[id] = true
		}
		for _, id := range ids {
			if b := s.snapshot.brands[id]; b != nil && s.snapshot.parties[id] == nil {
				p.Names[id] = b.Name
				continue
			}
			p.Names[id] = s.snapshot.world.Name(id)
		}
	}
	if p.Brand != nil {
		note(p.Brand.Evidence)
		for _, h := range p.Brand.Holders {
			note(h.Evidence, h.Party)
		}
	}
	if p.Party != nil {
		note(p.Party.Evidence)
	}
	for _, w := range s.snapshot.knowledge.Withdrawn {
		if p.Brand != nil && slices.Contains(w.About, p.Brand.ID) || p.Party != nil && slices.Contains(w.About, p.Party.ID) {
			p.Withdrawn = append(p.Withdrawn, w)
		}
	}
	for _, list := range [][]offshelf.Stake{p.Holders, p.Holdings} {
		for _, st := range list {
			note(st.Evidence, st.Holder, st.Held)
		}
	}
	for _, m := range p.Makes {
		note(m.Evidence, m.Maker)
	}
	for _, l := range p.Listings {
		note(l.Evidence)
	}
	for _, c := range p.Concerns {
		note(c.Evidence)
	}
	for _, r := range p.Refuted {
		note(r.Evidence)
	}
	for _, src := range s.snapshot.knowledge.Sources {
		if cited[src.ID] {
			p.Sources = append(p.Sources, src)
		}
	}
}
