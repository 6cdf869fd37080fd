package attribute

import (
	"math"

	"github.com/offshelf/offshelf"
)

// Kind is the goods class that a product is of by itself, whatever its brand.
type Kind struct {
	Class       string  // id, "" where nothing decisive was found
	Probability float64 // that it is of the class
	Reason      offshelf.Reason
}

// How sure each way of finding a kind is, from what was read by eye on the
// shelves of real shops (TestKindsOfRealCatalogs); a code is the shop's own
// statement. A shelf alone is weak: shops put switches under routers.
const (
	kindByCode  = 0.98
	kindByTitle = 0.95
	kindByShelf = 0.95 // and a word of the class in the title
	kindBare    = 0.6  // and a title that names no goods at all; too few were met for a figure
)

// Look returns what Attribute returns, and the kind of the product where a
// category code or a decisive word says it. It costs what Attribute costs for
// the products that have no such word.
func (w *Worker) Look(p *offshelf.Product) ([]offshelf.Attribution, Kind) {
	hinted := w.kindHinted(p)
	if !hinted && !w.wanted(p, w.m.titles) {
		return nil, Kind{}
	}
	c := w.open(p)
	var out []offshelf.Attribution
	if w.wanted(p, w.m.first) {
		out = c.decide()
	} else {
		c.readTitle() // no brand: only the goods matter
	}
	return out, c.kind()
}

// kindHinted reports whether the product's place in the shop may say its kind.
func (w *Worker) kindHinted(p *offshelf.Product) bool {
	return w.m.deciding(w.coded(p.CategoryCode)) || w.shelved(p.Category) != noClass
}

// deciding reports whether products of the class are found without a brand.
func (m *Matcher) deciding(class int32) bool {
	return class != noClass && len(m.goods[class].Decisive) > 0
}

// kind finds the goods class that code, title or category decide. Goods made
// for another product are of no kind.
func (c *caseFile) kind() Kind {
	found := func(class int32, p float64, text string) Kind {
		return Kind{Class: c.m.goods[class].ID, Probability: p, Reason: offshelf.Reason{Text: text, Weight: math.Round(math.Log(p/(1-p))*100) / 100}}
	}
	if c.title.accessory {
		return Kind{}
	}
	if c.m.deciding(c.code) && !c.title.vetoed.has(c.code) {
		return found(c.code, kindByCode, "category code "+quote(c.p.CategoryCode))
	}
	for _, x := range c.title.kinds {
		// A code of another class speaks against it; a broader one does not.
		if (c.code == noClass || c.m.upward[x.id].has(c.code)) && c.isKind(x) {
			return found(x.id, kindByTitle, "title names it: "+quote(c.title.text[c.title.tokens[x.first].start:c.title.tokens[x.last].end]))
		}
	}
	if s := c.w.shelved(c.p.Category); s != noClass && c.code == noClass && !c.title.vetoed.has(s) {
		switch {
		case c.title.goods.has(s) && c.fits(s):
			return found(s, kindByShelf, "category "+quote(c.p.Category))
		case c.title.goods.empty() && c.title.cue < 0:
			return found(s, kindBare, "category "+quote(c.p.Category)+"; the title does not say what it is")
		}
	}
	return Kind{}
}

// isKind reports whether a decisive phrase of the title is what the title is
// about, and not what the product is for, comes with, or is a part of.
func (c *caseFile) isKind(x match) bool {
	r := c.title
	cue := r.governedBy(int(x.first))
	if cue == isBundle && c.opens(x) {
		cue = 0 // "Phantom 2 Vision Plus Quadcopter": nothing else is sold
	}
	if r.vetoed.has(x.id) || cue != 0 || r.behindAccessory(int(x.first)) || r.referred(int(x.last)) {
		return false
	}
	// "drone motor", "router antenna": the noun behind it is what is sold.
	for j := int(x.last) + 1; j < len(r.words) && !r.breaks(j); j++ {
		w := r.words[j]
		if w.noun == 2 {
			return false
		}
		if w.noun == 1 {
			return c.akin(w.of, x.id)
		}
		if !w.model && !w.brand && !w.lead {
			return true
		}
	}
	return true
}

// opens reports whether all goods that the title names before the phrase are of
// its class.
func (c *caseFile) opens(x match) bool {
	for _, w := range c.title.words[:x.first] {
		if w.noun == 2 || w.noun == 1 && !c.akin(w.of, x.id) {
			return false
		}
	}
	return true
}

// kin reports whether one of two classes is the other or lies within it.
func (m *Matcher) kin(a, b int32) bool { return m.upward[a].has(b) || m.upward[b].has(a) }

// akin reports whether one of the classes is this one, holds it or lies in it.
func (c *caseFile) akin(of classes, class int32) bool {
	for i := range c.m.goods {
		if of.has(int32(i)) && c.m.kin(int32(i), class) {
			return true
		}
	}
	return false
}

// fits reports whether the title names nothing beside goods of the class.
func (c *caseFile) fits(class int32) bool {
	for i := range c.m.goods {
		if c.title.goods.has(int32(i)) && !c.m.kin(int32(i), class) {
			return false
		}
	}
	return true
}
