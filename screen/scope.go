package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// inScope tells whether a regime is about goods of the subject's class.
func (s *Screener) inScope(r *offshelf.Regime, key subject) (offshelf.Truth, string) {
	return s.goodsScope("the rule", r.Goods, key)
}

// listingScope tells whether a listing that covers some goods or some
// countries only covers the subject.
func (s *Screener) listingScope(l *offshelf.Listing, key subject) (offshelf.Truth, string) {
	truth, open := s.goodsScope("the order", l.Goods, key)
	if truth == offshelf.False || len(l.Origin) == 0 {
		return truth, open
	}
	switch {
	case key.origin == "":
		return offshelf.Maybe, fmt.Sprintf("the order covers goods made in %s only: give the country of origin", strings.Join(l.Origin, ", "))
	case !slices.Contains(l.Origin, key.origin):
		return offshelf.False, ""
	}
	return truth, open
}

func (s *Screener) goodsScope(what string, goods []string, key subject) (offshelf.Truth, string) {
	if len(goods) == 0 {
		return offshelf.True, ""
	}
	if key.goods == "" {
		if b := s.snapshot.brands[key.brand]; b != nil && len(b.Goods) > 0 &&
			!slices.ContainsFunc(b.Goods, func(g string) bool { return !slices.Contains(goods, g) }) {
			return offshelf.True, "" // all that the brand is known for is in scope
		}
		return offshelf.Maybe, fmt.Sprintf("%s is about some goods only (%s), and what this product is was not recognised: give its category", what, s.titles(goods))
	}
	if slices.Contains(goods, key.goods) {
		return offshelf.True, ""
	}
	if g := s.snapshot.goods[key.goods]; g != nil && g.Accessory {
		return offshelf.Maybe, "whether this accessory is itself equipment that the rule covers"
	}
	return offshelf.False, ""
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
