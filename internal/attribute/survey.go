package attribute

import (
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// Standing is what is known of the brand that a product is sold under.
type Standing uint8

// The standings, worst known first.
const (
	NoBrand       Standing = iota // none is given, or a carrier's or shop's name
	UnknownBrand                  // one that neither knowledge nor lexicon has
	OrdinaryBrand                 // one of the lexicon
	KnownBrand                    // one of the knowledge
)

// Survey is what one product shows of the knowledge, for figures about a whole
// catalog.
type Survey struct {
	Attributions []offshelf.Attribution
	Standing     Standing
	Brand        string    // brand id where known; the field's value where unknown
	Met          []MetName // ambiguous names that title or brand fields hold
	Tells        []int     // tells found, by their index in the knowledge
	Goods        []int     // goods classes recognised, by their index
}

// MetName is an ambiguous name that a product holds.
type MetName struct {
	Brand   string // id
	Settled string // made, compatible, bundle, mention, phrase or dropped
}

// How a name was settled that came out with no relation.
const (
	SettledPhrase  = "phrase"  // part of a longer name that means something else
	SettledDropped = "dropped" // too little speaks for the brand
)

// Survey attributes the product and says what was met on the way.
func (w *Worker) Survey(p *offshelf.Product) Survey {
	c := w.open(p)
	var s Survey
	if w.wanted(p, w.m.first) {
		s.Attributions = c.decide()
	} else {
		c.readTitle()
	}
	if len(s.Attributions) > 0 {
		for _, t := range c.tells {
			s.Tells = append(s.Tells, int(t.tell))
		}
	}
	for i, g := range c.m.goods {
		if c.goods.has(int32(i)) || g.Accessory && c.title.accessory {
			s.Goods = append(s.Goods, i)
		}
	}
	c.met(&s)
	c.stand(&s)
	return s
}

// met finds the ambiguous names and how they were settled.
func (c *caseFile) met(s *Survey) {
	named := map[int32]bool{} // true: as a name, false: in a longer phrase
	for _, x := range c.title.names {
		if (x.kind == isBrand || x.kind == isNot) && c.m.brands[x.id].doubtful() {
			named[x.id] = named[x.id] || x.kind == isBrand
		}
	}
	for _, col := range [...]*column{c.brand, c.maker} {
		for _, list := range [...][]int32{col.brands, col.part, col.cued} {
			for _, id := range list {
				if c.m.brands[id].doubtful() {
					named[id] = true
				}
			}
		}
	}
	for id, asName := range named {
		m := MetName{Brand: c.m.brands[id].id, Settled: SettledDropped}
		if !asName {
			m.Settled = SettledPhrase
		}
		for _, a := range s.Attributions {
			if a.Brand == m.Brand && a.Maker == "" {
				m.Settled = string(a.Relation)
				break
			}
		}
		s.Met = append(s.Met, m)
	}
	slices.SortFunc(s.Met, func(a, b MetName) int { return strings.Compare(a.Brand, b.Brand) })
}

func (b *brand) doubtful() bool { return b.ambiguous || b.common }

// stand tells whose brand the product is sold under: what attribution says,
// then what the fields say, then an ordinary brand at the title's head.
func (c *caseFile) stand(s *Survey) {
	for _, a := range s.Attributions {
		if a.Relation == offshelf.RelationMade && a.Brand != "" {
			s.Standing, s.Brand = KnownBrand, a.Brand
			return
		}
	}
	for _, col := range [...]*column{c.brand, c.maker} {
		switch {
		case col.empty || col.nobody || col.channel:
			continue
		case len(col.brands) > 0:
			s.Standing, s.Brand = KnownBrand, c.m.brands[col.brands[0]].id
		case col.ordinary:
			s.Standing = OrdinaryBrand
		case len(col.part) > 0:
			s.Standing, s.Brand = KnownBrand, c.m.brands[col.part[0]].id
		default:
			s.Standing, s.Brand = UnknownBrand, col.value
		}
		return
	}
	if c.title.ordinary != "" {
		s.Standing = OrdinaryBrand
	}
}
