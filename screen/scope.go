package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// answer is whether something holds, and where that is not known, what would
// settle it: in words, and as the product fields that lack.
type answer struct {
	truth offshelf.Truth
	open  string
	needs []string
}

var (
	yes = answer{truth: offshelf.True}
	no  = answer{}
)

func unless(open string, needs ...string) answer {
	return answer{offshelf.Maybe, open, needs}
}

// inScope tells whether a regime is about goods of the subject's class.
func (s *Screener) inScope(r *offshelf.Regime, key subject) answer {
	return s.goodsScope("the rule", r.Goods, key)
}

// listingScope tells whether a listing that covers some goods or some
// countries only covers the subject. What it asks first stands first.
func (s *Screener) listingScope(l *offshelf.Listing, key subject) []answer {
	goods := s.goodsScope("the order", l.Goods, key)
	origin := originScope(l, key.origin)
	if goods.truth == offshelf.False || origin.truth == offshelf.False {
		return []answer{no}
	}
	return []answer{origin, goods}
}

func originScope(l *offshelf.Listing, origin string) answer {
	switch {
	case len(l.Origin) > 0 && origin == "":
		return unless(fmt.Sprintf("the order covers goods made in %s only: give the country of origin", strings.Join(l.Origin, ", ")), offshelf.FieldOrigin)
	case len(l.Origin) > 0 && !slices.Contains(l.Origin, origin), slices.Contains(l.OriginNot, origin):
		return no
	case len(l.OriginNot) > 0 && origin == "":
		return unless(fmt.Sprintf("the entry covers goods made outside %s only: give the country of origin (origin)", l.OriginNot[0]), offshelf.FieldOrigin)
	}
	return yes
}

func (s *Screener) goodsScope(what string, goods []string, key subject) answer {
	if len(goods) == 0 {
		return yes
	}
	if key.goods == "" {
		if b := s.snapshot.brands[key.brand]; b != nil && len(b.Goods) > 0 &&
			!slices.ContainsFunc(b.Goods, func(g string) bool { return !s.snapshot.within(g, goods) }) {
			return yes // all that the brand is known for is in scope
		}
		return unless(fmt.Sprintf("%s is about some goods only (%s), and what this product is was not recognised: give its category", what, s.titles(goods)), offshelf.FieldCategory)
	}
	if s.snapshot.within(key.goods, goods) {
		return yes
	}
	if g := s.snapshot.goods[key.goods]; g != nil && g.Accessory {
		return unless("whether this accessory is itself equipment that the rule covers")
	}
	return no
}

// within tells whether a goods class is one of these, or lies within one.
func (s *Snapshot) within(class string, goods []string) bool {
	for steps := 0; class != "" && steps < offshelf.MaxGoods; steps++ {
		if slices.Contains(goods, class) {
			return true
		}
		g := s.goods[class]
		if g == nil {
			return false
		}
		class = g.Within
	}
	return false
}

func (s *Screener) titles(ids []string) string {
	var out []string
	for _, id := range ids {
		if g := s.snapshot.goods[id]; g != nil {
			out = append(out, strings.ToLower(g.Title))
		}
	}
	return strings.Join(out, "; ")
}
