package attribute

import (
	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// weighTitle looks at each place where the title names the brand. A place that
// stands under no cue outweighs those that do.
func (c *caseFile) weighTitle(e *evidence) {
	m, r := c.m, c.title
	free, governed := 0, kind(0)
	best, again, behind, last := titleTail, false, false, int32(-2)
	sure := !r.accessory && c.betrayed(e.brand)
	for _, x := range r.names {
		if x.kind != isBrand || x.id != e.brand {
			continue
		}
		cue := r.governedBy(int(x.first))
		if cue == 0 && r.referred(int(x.last)) {
			cue = isReference
		}
		if cue == 0 && r.listed(x.first) {
			cue = isCompatible
		}
		if cue == isCompatible && sure {
			cue = 0 // "for import Hikvision camera DS-2CD2412F-IW"
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
		again = again || free > 1 && x.first > last+1
		last = x.last
		behind = behind || free == 1 && r.behindAccessory(int(x.first))
		best = min(best, r.position(int(x.first), int(x.last), c.brand, c.vendor))
	}
	if best == titleHead && c.brand.ordinary && len(c.brand.part) == 0 {
		best = titleEarly // what another maker's title begins with is what its goods fit
	}
	switch {
	case free > 0 && best == titleTail && m.brands[e.brand].ambiguous:
		e.named = true // an everyday word that far back says nothing
	case free > 0:
		e.add(m, best, "title names it %s", map[feature]string{titleHead: "at the head", titleEarly: "early", titleLate: "later on", titleTail: "in a later part"}[best])
		if again {
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
	if r.ordinary != "" && m.lexicon[name.Key(r.ordinary)] {
		e.add(m, headOther, "title begins with %s", quote(r.ordinary))
	}
	if (r.accessory || behind && !sure) && free+int(governed) > 0 {
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
