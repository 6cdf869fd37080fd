package screen

import (
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/attribute"
)

// kindRule is a rule on classes of goods, with the entries that stand on its
// lists on the day.
type kindRule struct {
	rule
	entries []*offshelf.Listing
}

// addKinds keeps a rule that reaches goods by their class.
func (s *Screener) addKinds(r *rule) {
	k := kindRule{rule: *r}
	for i := range s.snapshot.knowledge.Listings {
		l := &s.snapshot.knowledge.Listings[i]
		if l.Party == "" && slices.Contains(r.regime.Lists, l.List) && l.On(s.day) != offshelf.False && l.Status != "inactive" {
			k.entries = append(k.entries, l)
		}
	}
	if len(k.entries) > 0 {
		s.kinds = append(s.kinds, k)
	}
}

// look attributes the product, and where a rule of the day asks for it, finds
// the class of goods that it is of.
func (s *Screener) look(w *attribute.Worker, p *offshelf.Product) ([]offshelf.Attribution, attribute.Kind) {
	if len(s.kinds) == 0 {
		return w.Attribute(p), attribute.Kind{}
	}
	return w.Look(p)
}

// kindFindings returns the findings on the class of goods that a product is of,
// before the policy.
func (s *Screener) kindFindings(h *hit) []met {
	if h.kind.Class == "" || h.kind.Probability < s.minimum || len(s.kinds) == 0 {
		return nil
	}
	p := &h.product
	key := s.facts.subject(p)
	key.kind, key.maybe = h.kind.Class, s.facts.maybe(p)
	found := s.cachedFindings(key, s.judgeKind)
	out := make([]met, len(found))
	for i, f := range found {
		f.Product, f.Probability, f.Reasons = *p, h.kind.Probability, []offshelf.Reason{h.kind.Reason}
		for j := range h.attributions {
			if a := &h.attributions[j]; a.Relation == offshelf.RelationMade && a.Brand != "" && a.Probability >= s.minimum {
				f.Brand, f.BrandID = s.snapshot.BrandName(a.Brand), a.Brand
				break
			}
		}
		out[i] = f
	}
	return out
}

// judgeKind applies the rules on classes of goods.
func (s *Screener) judgeKind(key subject) []met {
	var out []met
	for i := range s.kinds {
		r := &s.kinds[i]
		if len(r.regime.Goods) > 0 && !s.snapshot.within(key.kind, r.regime.Goods) {
			continue
		}
		for _, l := range r.entries {
			if !s.snapshot.within(key.kind, l.Goods) {
				continue
			}
			origin := originScope(l, key.origin)
			if origin.truth == offshelf.False {
				continue
			}
			f := s.finding(&r.rule, key, *l, []told{s.kindChain(r, key, l, origin)})
			if f.Verdict == offshelf.Possible && f.Spared != "" {
				continue // nothing is forbidden, wherever it was made
			}
			f.Goods = s.snapshot.goodsTitle(key.kind)
			out = append(out, met{f, l, r.regime})
		}
	}
	return out
}

// inCourt is what is open of an entry that is litigated.
const inCourt = "the entry is not applied while a court decides on it"

// kindChain is the way from the product over its class to an entry.
func (s *Screener) kindChain(r *kindRule, key subject, l *offshelf.Listing, origin answer) told {
	title := s.snapshot.goodsTitle(key.kind)
	end := offshelf.Hop{
		Kind: "listed", From: "The class “" + title + "”", To: l.Name, Since: l.From, Until: l.Until,
		Grade: l.Grade, Sources: s.snapshot.world.Sources(l.Sources), Note: l.Citation,
	}
	end.Mark(l.Evidence)
	c := told{Chain: offshelf.Chain{
		Hops: []offshelf.Hop{{
			Kind: "goods", From: "this product", To: title, Grade: offshelf.GradeTrade,
			Note: "by its category code, title or category; see the reasons",
		}, end},
		Since: l.From, Until: l.Until, Verdict: offshelf.Possible,
	}, needs: origin.needs}
	entry := yes
	switch {
	case l.Status == "pending-litigation":
		entry = unless(inCourt)
	case l.Grade.Weak():
		entry = unless("the entry rests on a source of grade " + l.Grade.String())
	case l.On(s.day) == offshelf.Maybe:
		entry = unless("the date of the entry is not known to the day")
	}
	if all := together([]answer{entry, origin}); all.truth < offshelf.True {
		c.Open = all.open
		return c
	}
	c.Verdict, c.Open = r.verdict()
	return c
}

// goodsTitle returns the printed name of a goods class; an unknown id stands
// for itself.
func (s *Snapshot) goodsTitle(id string) string {
	if g := s.goods[id]; g != nil {
		return g.Title
	}
	return id
}
