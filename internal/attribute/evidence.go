package attribute

import (
	"strconv"
	"strings"

	"github.com/offshelf/offshelf"
)

// candidates lists the brands that anything on the product points to.
func (c *caseFile) candidates() {
	c.titled = map[int32]bool{}
	add := func(id int32, named bool) {
		for _, e := range c.found {
			if e.brand == id {
				e.named = e.named || named
				return
			}
		}
		c.found = append(c.found, &evidence{brand: id, named: named})
	}
	for _, col := range [...]*column{c.brand, c.maker, c.vendor} {
		for _, list := range [...][]int32{col.brands, col.part, col.fuzzy, col.cued} {
			for _, id := range list {
				if col == c.vendor && !contains(col.brands, id) && c.goods.and(c.m.brands[id].goods).empty() {
					continue // a seller's name holds any word
				}
				add(id, true)
			}
		}
	}
	for _, x := range c.title.names {
		// An everyday word in a title is no brand, unless more than the title says so.
		if x.kind == isBrand && !(c.m.brands[x.id].common && x.first == x.last) {
			add(x.id, true)
		}
		if x.kind == isBrand {
			c.titled[x.id] = true
		}
	}
	for _, t := range c.tells {
		tell := &c.m.tells[t.tell]
		if tell.Brand != "" && tell.Strength != offshelf.Weak {
			add(c.m.brandID[tell.Brand], t.cue != 0)
		}
	}
	for id := range c.m.brands {
		// A description that only mentions a brand proves nothing; one that says "Brand: X" does.
		if c.mentions[int32(id)] == labelled {
			add(int32(id), true)
		}
	}
}

// weigh adds up what speaks for and against one brand.
func (c *caseFile) weigh(e *evidence) {
	e.add(c.m, bias, "before any evidence")
	c.weighColumns(e)
	c.weighTitle(e)
	c.weighTells(e)
	c.weighGoods(e)
	switch c.mentions[e.brand] {
	case labelled:
		e.add(c.m, descriptionBrand, "description gives it as the brand")
	case mentioned:
		e.add(c.m, descriptionMention, "description names it")
	}
}

func (c *caseFile) weighColumns(e *evidence) {
	m, b := c.m, c.brand
	switch {
	case b.empty:
	case contains(b.cued, e.brand):
		e.relation = offshelf.RelationCompatible
		e.add(m, brandOther, "brand field %s says that it is for the brand", quote(b.value))
	case contains(b.brands, e.brand):
		f := brandExact
		if !contains(b.exactly, e.brand) {
			f = brandExactAmbiguous
		}
		e.add(m, f, "brand field %s", quote(b.value))
	case contains(b.part, e.brand):
		f := brandPart
		if !contains(b.exactly, e.brand) {
			f = brandPartAmbiguous
		}
		e.add(m, f, "brand field %s holds the name", quote(b.value))
	case contains(b.fuzzy, e.brand):
		e.add(m, brandFuzzy, "brand field %s is one slip away", quote(b.value))
	case b.nobody:
		e.add(m, brandNobody, "brand field %s names no brand", quote(b.value))
	case b.channel:
		e.add(m, brandChannel, "brand field %s names a seller", quote(b.value))
	case c.relatedColumn(b, e.brand), contains(b.near, e.brand):
		e.add(m, brandRelated, "brand field %s names a related or similar brand", quote(b.value))
	case b.known && !c.columnTitled() && c.betrayed(e.brand):
		e.add(m, brandUnknown, "brand field %s names another brand, which the title does not", quote(b.value))
	case b.known:
		e.add(m, brandOther, "brand field %s names another brand", quote(b.value))
	case m.brands[e.brand].ambiguous:
		e.add(m, brandUnknownAmbiguous, "brand field %s names something else", quote(b.value))
	default:
		e.add(m, brandUnknown, "brand field %s names something else", quote(b.value))
	}
	if k := c.maker; !k.empty && !k.nobody {
		switch {
		case contains(k.brands, e.brand), contains(k.part, e.brand), contains(k.holders, e.brand):
			e.add(m, makerExact, "manufacturer field %s", quote(k.value))
		case k.channel, c.relatedColumn(k, e.brand):
		case k.known:
			e.add(m, makerOther, "manufacturer field %s names another", quote(k.value))
		default:
			e.add(m, makerUnknown, "manufacturer field %s names something else", quote(k.value))
		}
	}
	if v := c.vendor; contains(v.brands, e.brand) || contains(v.part, e.brand) {
		e.add(m, vendorExact, "vendor field %s", quote(v.value))
	}
}

func (c *caseFile) relatedColumn(col *column, brand int32) bool {
	if contains(col.holders, brand) {
		return true
	}
	for _, list := range [...][]int32{col.brands, col.part} {
		for _, id := range list {
			if c.m.related(id, brand) {
				return true
			}
		}
	}
	return false
}

// quote prints a short, one-line quotation of catalog text.
func quote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:57], "") + "…"
	}
	return strconv.Quote(s)
}
