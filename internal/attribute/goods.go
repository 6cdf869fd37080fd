package attribute

import (
	"math/bits"

	"github.com/offshelf/offshelf"
)

// classify finds the goods classes that the category and the title speak of.
func (c *caseFile) classify() {
	if c.p.Category != "" {
		c.w.scan.all(c.m.context, c.p.Category)
		for _, x := range c.w.scan.outermost() {
			if x.kind == isGoods && !c.m.goods[x.id].Accessory {
				c.category |= 1 << x.id
			}
		}
	}
	c.goods = c.category | c.title.goods
}

// className names the goods class of the product: the brand's own class where
// the product's words fit it.
func (c *caseFile) className(brand int32) string {
	if c.title.accessory {
		return accessoryClass(c.m.goods)
	}
	set := c.goods
	if brand >= 0 && set&c.m.brands[brand].goods != 0 {
		set &= c.m.brands[brand].goods
	}
	for _, narrow := range []uint64{set & c.category, set & c.title.goods, set} {
		if narrow != 0 {
			return c.m.goods[bits.TrailingZeros64(narrow)].ID
		}
	}
	return ""
}

func accessoryClass(goods []offshelf.GoodsClass) string {
	for _, g := range goods {
		if g.Accessory {
			return g.ID
		}
	}
	return ""
}

func (c *caseFile) weighGoods(e *evidence) {
	b := &c.m.brands[e.brand]
	if b.goods == 0 || e.counts[accessory] {
		return // an accessory is of the class of what it is made for
	}
	fit, misfit, unknown := goodsFit, goodsMisfit, goodsUnknown
	if b.ambiguous {
		fit, misfit, unknown = ambiguousFit, ambiguousMisfit, ambiguousUnknown
	}
	switch {
	case c.goods&b.goods != 0:
		e.add(c.m, fit, "goods fit: %s", c.className(e.brand))
	case c.goods != 0:
		e.add(c.m, misfit, "goods do not fit: %s", c.className(e.brand))
	case b.ambiguous && c.p.Category != "":
		e.add(c.m, ambiguousElsewhere, "goods of a category that the brand is not known for: %s", quote(c.p.Category))
	default:
		e.add(c.m, unknown, "goods not recognised")
	}
}
