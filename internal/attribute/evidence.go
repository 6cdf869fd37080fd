package attribute

import (
	"math/bits"
	"strconv"
	"strings"

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

// findTells looks for every tell on the product.
func (c *caseFile) findTells() {
	seen := map[int32]bool{}
	add := func(t foundTell) {
		if g := c.m.tells[t.tell].Goods; len(g) > 0 && c.goods != 0 && !c.inClasses(g) {
			return
		}
		if !seen[t.tell] {
			seen[t.tell] = true
			c.tells = append(c.tells, t)
		}
	}
	for _, f := range [...]struct{ name, text string }{{"model", c.p.Model}, {"mpn", c.p.MPN}} {
		for _, word := range modelTokens(nil, f.text) {
			for _, t := range c.m.models.match(word) {
				add(foundTell{t, word, f.name + " field", 0})
			}
		}
	}
	for _, word := range modelTokens(nil, c.p.Title) {
		for _, t := range c.m.models.match(word) {
			at := c.title.tokenAt(strings.Index(c.p.Title, word))
			cue := c.title.governedBy(at)
			if cue == 0 && c.title.accessory && c.title.cue >= 0 && c.title.cue < at {
				cue = isCompatible
			}
			add(foundTell{t, word, "model number in title", cue})
		}
	}
	for _, x := range c.title.names {
		if x.kind == isApp {
			add(foundTell{x.id, c.m.tells[x.id].Pattern, "title names", c.title.governedBy(int(x.first))})
		}
	}
	c.identifiers(add)
	if c.description == "" {
		return
	}
	c.w.scan.all(c.m.names, c.description)
	for _, x := range c.w.scan.brandMatches() {
		switch x.kind {
		case isApp:
			add(foundTell{x.id, c.m.tells[x.id].Pattern, "description names", 0})
		case isBrand:
			if c.mentions == nil {
				c.mentions = map[int32]mention{}
			}
			c.mentions[x.id] = max(c.mentions[x.id], c.mentionAt(int(x.first)))
		case isFCC:
			end := int(c.w.scan.tokens[x.last].end)
			if id := fccAfter(c.description[end:]); id != "" {
				if t, ok := c.m.grant(id); ok {
					add(foundTell{t, id, "FCC ID in description", 0})
				}
			}
		}
	}
}

// mention is how a description names a brand.
type mention uint8

const (
	mentioned mention = iota + 1
	labelled          // behind the label "brand"
)

// mentionAt tells whether a label such as "Brand:" stands before token i of
// the description.
func (c *caseFile) mentionAt(i int) mention {
	tokens := c.w.scan.tokens
	for j := i - 1; j >= 0 && j >= i-2; j-- {
		switch tokens[j].word(c.description) {
		case "brand", "marke", "marque", "marca", "merk", "manufacturer", "hersteller", "fabricante", "fabricant":
			return labelled
		case "name":
			continue
		}
		break
	}
	return mentioned
}

// identifiers reads the FCC ID and MAC fields.
func (c *caseFile) identifiers(add func(foundTell)) {
	if c.p.FCCID != "" {
		if t, ok := c.m.grant(c.p.FCCID); ok {
			add(foundTell{t, c.p.FCCID, "FCC ID", 0})
		}
	}
	if c.p.MAC != "" {
		hex := strings.Map(func(r rune) rune {
			switch {
			case r >= '0' && r <= '9', r >= 'A' && r <= 'F':
				return r
			case r >= 'a' && r <= 'f':
				return r - 32
			}
			return -1
		}, c.p.MAC)
		for _, n := range [...]int{9, 7, 6} {
			if len(hex) >= n {
				if t, ok := c.m.prefix[hex[:n]]; ok {
					add(foundTell{t, c.p.MAC, "MAC address", 0})
					return
				}
			}
		}
	}
}

// grant finds the tell of an FCC ID's grantee code: three characters, or five
// where the first is a digit (47 CFR 2.926).
func (m *Matcher) grant(id string) (int32, bool) {
	id = strings.ToUpper(strings.TrimSpace(id))
	id = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(id, "FCC ID:"), "FCC ID"))
	n := 3
	if id != "" && id[0] >= '0' && id[0] <= '9' {
		n = 5
	}
	if len(id) <= n {
		return 0, false
	}
	t, ok := m.grantee[id[:n]]
	return t, ok
}

// fccAfter reads the identifier that stands behind the words "FCC ID".
func fccAfter(s string) string {
	s = strings.TrimLeft(s, " :.#\t")
	i := 0
	for i < len(s) && i < 20 && (lower[s[i]] != 0 || s[i] == '-') {
		i++
	}
	return s[:i]
}

func (c *caseFile) inClasses(ids []string) bool {
	for i := range c.m.goods {
		if c.goods>>i&1 != 0 {
			for _, id := range ids {
				if c.m.goods[i].ID == id {
					return true
				}
			}
		}
	}
	return false
}

// match lists the tells whose pattern fits the whole beginning of a model
// number.
func (m *models) match(word string) []int32 {
	var out []int32
	if len(word) < 3 {
		return nil
	}
	for _, i := range m.byStart[startOf(word)] {
		if t := &m.tells[i]; t.compile().MatchString(word) {
			out = append(out, t.tell)
		}
	}
	return out
}

// candidates lists the brands that anything on the product points to.
func (c *caseFile) candidates() {
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
		for _, list := range [...][]int32{col.brands, col.part, col.fuzzy} {
			for _, id := range list {
				add(id, true)
			}
		}
	}
	for _, x := range c.title.names {
		// An everyday word in a title is no brand, unless more than the title says so.
		if x.kind == isBrand && !(c.m.brands[x.id].common && x.first == x.last) {
			add(x.id, true)
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
	case contains(b.brands, e.brand):
		f := brandExact
		if m.brands[e.brand].ambiguous {
			f = brandExactAmbiguous
		}
		e.add(m, f, "brand field %s", quote(b.value))
	case contains(b.part, e.brand):
		e.add(m, brandPart, "brand field %s holds the name", quote(b.value))
	case contains(b.fuzzy, e.brand):
		e.add(m, brandFuzzy, "brand field %s is one slip away", quote(b.value))
	case b.nobody:
		e.add(m, brandNobody, "brand field %s names no brand", quote(b.value))
	case b.channel:
		e.add(m, brandChannel, "brand field %s names a seller", quote(b.value))
	case c.relatedColumn(b, e.brand), contains(b.near, e.brand):
		e.add(m, brandRelated, "brand field %s names a related or similar brand", quote(b.value))
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

// weighTitle looks at each place where the title names the brand. A place that
// stands under no cue outweighs those that do.
func (c *caseFile) weighTitle(e *evidence) {
	m, r := c.m, c.title
	free, governed := 0, kind(0)
	best := titleTail
	for _, x := range r.names {
		if x.kind != isBrand || x.id != e.brand {
			continue
		}
		cue := r.governedBy(int(x.first))
		if cue == 0 && r.referred(int(x.last)) {
			cue = isReference
		}
		if governed != 0 {
			continue // what it was first said to be stands: keyword lists follow
		}
		if cue != 0 && free == 0 {
			governed = cue
		}
		if cue != 0 {
			continue
		}
		free++
		best = min(best, r.position(int(x.first), c.brand, c.vendor))
	}
	switch {
	case free > 0:
		e.add(m, best, "title names it %s", map[feature]string{titleHead: "at the head", titleEarly: "early", titleLate: "later on", titleTail: "in a later part"}[best])
		if free > 1 {
			e.add(m, titleRepeat, "title names it again")
		}
	case governed != 0:
		c.govern(e, governed)
	}
	if governed != 0 && e.relation == "" {
		e.relation = relationOf(governed)
	}
	if h := r.brandHead; h >= 0 && h != e.brand && !m.related(h, e.brand) {
		e.add(m, headOther, "title begins with %s", quote(m.brands[h].name))
	}
	if r.accessory && free+int(governed) > 0 {
		if contains(c.brand.brands, e.brand) || contains(c.brand.part, e.brand) {
			e.add(m, accessoryOwn, "goods made for another product, under its own brand")
		} else {
			e.add(m, accessory, "goods made for another product")
		}
	}
	if len(r.tokens) > 0 && free == 0 && governed == 0 && c.brand.empty {
		first := r.tokens[0].word(r.text)
		if !m.lexicon[first] && contains(m.slip(first), e.brand) {
			e.add(m, titleFuzzy, "title begins with %s, one slip away", quote(first))
		}
	}
}

func (c *caseFile) govern(e *evidence, cue kind) {
	e.relation = relationOf(cue)
	switch cue {
	case isCompatible:
		e.add(c.m, titleCompatible, "title says it is for the brand")
	case isReference:
		e.add(c.m, titleReference, "title says it fits or imitates the brand")
	case isCompare:
		e.add(c.m, titleCompare, "title compares it with the brand")
	case isBundle:
		e.add(c.m, titleBundle, "title says the brand comes with it")
	}
}

func relationOf(cue kind) offshelf.Relation {
	switch cue {
	case isCompatible, isReference:
		return offshelf.RelationCompatible
	case isBundle:
		return offshelf.RelationBundle
	}
	return offshelf.RelationMention
}

func (c *caseFile) tellFeature(t foundTell) feature {
	tell := &c.m.tells[t.tell]
	switch tell.Kind {
	case offshelf.TellFCC:
		return fccID
	case offshelf.TellMAC:
		return macPrefix
	case offshelf.TellApp:
		if tell.Strength == offshelf.Weak {
			return markNamed
		}
		return appNamed
	case offshelf.TellMark:
		return markNamed
	}
	switch tell.Strength {
	case offshelf.Strong:
		return tellStrong
	case offshelf.Medium:
		return tellMedium
	}
	return tellWeak
}

// freelyNamed reports whether the title names the brand under no cue.
func (c *caseFile) freelyNamed(e *evidence) bool {
	return e.counts[titleHead] || e.counts[titleEarly] || e.counts[titleLate] || e.counts[titleTail]
}

// weighTells counts the tells of the brand and of its holders, and those that
// betray a brand that has nothing to do with it.
func (c *caseFile) weighTells(e *evidence) {
	for _, t := range c.tells {
		tell := &c.m.tells[t.tell]
		own := tell.Brand != "" && c.m.brandID[tell.Brand] == e.brand
		if !own && tell.Party != "" && tell.Brand == "" {
			own = holds(c.m, tell.Party, c.m.brands[e.brand].id)
		}
		switch f := c.tellFeature(t); {
		case own && t.cue == 0:
			e.add(c.m, f, "%s %s", t.where, quote(t.text))
		case own && !c.freelyNamed(e):
			c.govern(e, t.cue)
		case !own && f == tellStrong && t.cue == 0 && tell.Brand != "" && !c.m.related(c.m.brandID[tell.Brand], e.brand):
			e.add(c.m, tellOther, "%s %s is another brand's", t.where, quote(t.text))
		}
	}
	c.w.scan.all(c.m.context, c.p.Title)
	for _, x := range c.w.scan.matches {
		if x.kind == isLine && x.id == e.brand {
			e.add(c.m, lineWord, "title has a word of its product lines")
		}
	}
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
	default:
		e.add(c.m, unknown, "goods not recognised")
	}
}

// quote prints a short, one-line quotation of catalog text.
func quote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:57], "") + "…"
	}
	return strconv.Quote(s)
}
