package attribute

import "github.com/offshelf/offshelf"

// classify finds the goods classes that the category code says, and where it
// says none, those that the category and the title speak of. Beside a code,
// words can only narrow: "router" what is coded as networking.
func (c *caseFile) classify() {
	c.shelve()
	c.code = c.w.coded(c.p.CategoryCode)
	if c.code == noClass {
		c.goods = c.category.or(c.title.goods)
		return
	}
	words := c.category.or(c.title.goods)
	c.goods = c.m.upward[c.code]
	for i := range c.m.goods {
		if words.has(int32(i)) && c.m.upward[i].has(c.code) {
			c.goods = c.goods.or(c.m.upward[i])
		}
	}
	c.category = c.m.upward[c.code]
}

// shelve finds the goods classes that the category speaks of.
func (c *caseFile) shelve() {
	if c.p.Category != "" {
		c.w.scan.all(c.m.context, c.p.Category)
		for _, x := range c.w.scan.outermost() {
			if x.kind == isGoods && !c.m.goods[x.id].Accessory {
				c.category = c.category.or(c.m.upward[x.id])
			}
		}
	}
}

// className names the goods class of the product: the brand's own class where
// the product's words fit it.
func (c *caseFile) className(brand int32) string {
	if c.code != noClass {
		return c.m.goods[c.narrowest(c.code)].ID
	}
	if c.title.accessory {
		return accessoryClass(c.m.goods)
	}
	set := c.goods
	if brand >= 0 {
		if own := set.and(c.m.brands[brand].goods); !own.empty() {
			set = own
		}
	}
	for _, some := range [...]classes{set.and(c.category), set.and(c.title.goods), set} {
		if i := some.first(); i >= 0 {
			return c.m.goods[c.narrowest(i)].ID
		}
	}
	return ""
}

// narrowest returns the class within this one that the product's words name,
// or the class itself.
func (c *caseFile) narrowest(class int32) int32 {
	for i := range c.m.goods {
		if j := int32(i); j != class && c.goods.has(j) && c.m.upward[j].has(class) && !c.m.upward[class].has(j) {
			return c.narrowest(j)
		}
	}
	return class
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
	if b.goods.empty() || e.counts[accessory] {
		return // an accessory is of the class of what it is made for
	}
	fit, misfit, unknown := goodsFit, goodsMisfit, goodsUnknown
	if b.ambiguous {
		fit, misfit, unknown = ambiguousFit, ambiguousMisfit, ambiguousUnknown
	}
	switch {
	case !c.goods.and(b.goods).empty():
		e.add(c.m, fit, "goods fit: %s", c.className(e.brand))
	case !c.goods.empty():
		e.add(c.m, misfit, "goods do not fit: %s", c.className(e.brand))
	case b.ambiguous && c.p.Category != "":
		e.add(c.m, ambiguousElsewhere, "goods of a category that the brand is not known for: %s", quote(c.p.Category))
	default:
		e.add(c.m, unknown, "goods not recognised")
	}
}
