package attribute

import (
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// findTells looks for every tell on the product.
func (c *caseFile) findTells() {
	seen := map[int32]bool{}
	add := func(t foundTell) {
		if g := c.m.tells[t.tell].Goods; len(g) > 0 && !c.goods.empty() && !c.inClasses(g) {
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
			switch {
			case cue != 0:
			case c.title.referred(at):
				cue = isReference
			case c.title.accessory && c.title.cue >= 0 && c.title.cue < at, c.title.accessory && c.title.behindAccessory(at):
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
	for _, x := range c.w.scan.outermost() {
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
		if c.goods.has(int32(i)) {
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
	for _, list := range [...][]int32{m.byStart[startOf(word)], m.wide} {
		for _, i := range list {
			if t := &m.tells[i]; t.compile().MatchString(word) {
				out = append(out, t.tell)
			}
		}
	}
	slices.Sort(out)
	return out
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
			if f = c.unnamed(e, f, tell); f == tellWeak && (e.counts[headOther] || e.counts[brandOther]) {
				continue // refills print the number of what they replace
			}
			if f != bias {
				e.add(c.m, f, "%s %s", t.where, quote(t.text))
				e.fact(f, tell.Evidence)
			}
		case own && !c.freelyNamed(e) && !c.brand.names(e.brand):
			c.govern(e, t.cue)
		case !own && f == tellStrong && t.cue == 0 && tell.Brand != "" && !c.m.related(c.m.brandID[tell.Brand], e.brand):
			f := tellOther
			if !c.titled[e.brand] {
				f = tellRival
			}
			e.add(c.m, f, "%s %s is another brand's", t.where, quote(t.text))
		}
	}
	c.w.scan.all(c.m.context, c.p.Title)
	for _, x := range c.w.scan.matches {
		if x.kind == isLine && x.id == e.brand && !e.counts[accessory] {
			e.add(c.m, lineWord, "title has a word of its product lines")
		}
	}
}

// columnTitled reports whether the title says what the brand field says.
func (c *caseFile) columnTitled() bool {
	return c.brand.key != "" && strings.Contains(name.Key(c.p.Title), c.brand.key)
}

// unnamed weakens the model number of a brand that nothing on the product
// names while the brand field names something else: a look-alike number or a
// private label. Of the latter, the maker is the answer and not the brand.
func (c *caseFile) unnamed(e *evidence, f feature, tell *offshelf.Tell) feature {
	b := c.brand
	if tell.Kind != offshelf.TellModel || c.titled[e.brand] || c.mentions[e.brand] != 0 || b.empty || b.nobody || b.channel || b.names(e.brand) ||
		c.relatedColumn(b, e.brand) || c.maker.names(e.brand) || contains(c.maker.holders, e.brand) || c.vendor.names(e.brand) {
		return f
	}
	switch {
	case tell.Party != "" && !(b.known && c.betrayed(e.brand) && !c.columnTitled()):
		return bias
	case b.known && f == tellStrong && !c.columnTitled():
		return f
	case f == tellStrong:
		return tellMedium
	case f == tellMedium:
		return tellWeak
	}
	return f
}

// betrayed reports whether the title holds, under no cue, a model number that
// only this brand uses.
func (c *caseFile) betrayed(brand int32) bool {
	for _, t := range c.tells {
		tell := &c.m.tells[t.tell]
		if t.cue == 0 && tell.Kind == offshelf.TellModel && tell.Strength == offshelf.Strong && tell.Brand != "" && c.m.brandID[tell.Brand] == brand {
			return true
		}
	}
	return false
}
