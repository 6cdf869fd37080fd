package attribute

import (
	"fmt"

	"github.com/offshelf/offshelf"
)

// feature is one kind of evidence.
type feature uint8

const (
	bias feature = iota
	brandExact
	brandExactAmbiguous
	brandPart
	brandPartAmbiguous
	brandFuzzy
	brandRelated
	brandOther
	brandUnknown
	brandUnknownAmbiguous
	brandChannel
	brandNobody
	makerExact
	makerOther
	makerUnknown
	vendorExact
	titleHead
	titleEarly
	titleLate
	titleTail
	titleRepeat
	titleFuzzy
	titleCompatible
	titleReference
	titleCompare
	titleBundle
	headOther
	headUnknown
	tellStrong
	tellMedium
	tellWeak
	tellOther
	tellRival
	fccID
	macPrefix
	appNamed
	markNamed
	goodsFit
	goodsMisfit
	goodsUnknown
	ambiguousFit
	ambiguousMisfit
	ambiguousUnknown
	ambiguousElsewhere
	accessory
	accessoryOwn
	descriptionMention
	descriptionBrand
	lineWord
	featureCount
)

// features gives each kind of evidence the name that weights are stored under,
// and the weight that it has before calibration: the log-odds that experience
// with catalogs suggests, and towards which calibration is pulled.
var featureNames = [featureCount]string{
	"bias", "brand.exact", "brand.exact.ambiguous", "brand.part", "brand.part.ambiguous", "brand.fuzzy", "brand.related", "brand.other",
	"brand.unknown", "brand.unknown.ambiguous", "brand.channel", "brand.nobody", "manufacturer.exact", "manufacturer.other",
	"manufacturer.unknown", "vendor.exact", "title.head", "title.early", "title.late", "title.tail", "title.repeat", "title.fuzzy",
	"title.compatible", "title.reference", "title.compare", "title.bundle", "title.head.other", "title.head.unknown",
	"tell.strong", "tell.medium", "tell.weak", "tell.other", "tell.rival", "fcc", "mac", "app", "mark", "goods.fit", "goods.misfit",
	"goods.unknown", "ambiguous.fit", "ambiguous.misfit", "ambiguous.unknown", "ambiguous.elsewhere", "accessory", "accessory.own",
	"description.mention", "description.brand", "line",
}

var priorWeights = [featureCount]float64{
	bias: -1.5, brandExact: 6, brandExactAmbiguous: 3.5, brandPart: 4.5, brandPartAmbiguous: 0.3, brandFuzzy: 3.5, brandRelated: 0.5, brandOther: -5,
	brandUnknown: -2.5, brandUnknownAmbiguous: -3.5, brandChannel: 0, brandNobody: 0, makerExact: 4.5, makerOther: -3,
	makerUnknown: -1, vendorExact: 2, titleHead: 4.2, titleEarly: 2.2, titleLate: 1.6, titleTail: 0.4, titleRepeat: 0.8, titleFuzzy: 2.2,
	titleCompatible: -5, titleReference: -4, titleCompare: -6, titleBundle: -4, headOther: -3, headUnknown: 0,
	tellStrong: 5, tellMedium: 2.6, tellWeak: 1, tellOther: -3, tellRival: -6.5, fccID: 6, macPrefix: 5, appNamed: 2.5, markNamed: 1.5,
	goodsFit: 1, goodsMisfit: -1.5, goodsUnknown: -0.3, ambiguousFit: 1, ambiguousMisfit: -7, ambiguousUnknown: -3, ambiguousElsewhere: -5,
	accessory: -3.5, accessoryOwn: -0.5, descriptionMention: 0.7, descriptionBrand: 3.5, lineWord: 0.8,
}

// PriorWeights are the weights before calibration, by feature name.
func PriorWeights() []offshelf.Weight {
	out := make([]offshelf.Weight, featureCount)
	for i := range out {
		out[i] = offshelf.Weight{Feature: featureNames[i], Weight: priorWeights[i]}
	}
	return out
}

func (m *Matcher) weigh(weights []offshelf.Weight) error {
	m.weights = priorWeights
	index := map[string]int{}
	for i, n := range featureNames {
		index[n] = i
	}
	for _, w := range weights {
		i, ok := index[w.Feature]
		if !ok {
			return fmt.Errorf("weights: unknown feature %q", w.Feature)
		}
		m.weights[i] = w.Weight
	}
	return nil
}

// evidence is the pieces that speak for or against one brand.
type evidence struct {
	brand  int32
	counts [featureCount]bool
	said   []offshelf.Reason
	sum    float64

	named    bool // the title or a brand column names it, not only the description
	relation offshelf.Relation
	facts    map[feature]offshelf.Evidence // of each kind of tell, the best fact
}

// fact notes what a tell of this kind rests on.
func (e *evidence) fact(f feature, fact offshelf.Evidence) {
	if have, ok := e.facts[f]; !ok || fact.Grade < have.Grade {
		if e.facts == nil {
			e.facts = map[feature]offshelf.Evidence{}
		}
		e.facts[f] = fact
	}
}

// doubt returns the weak fact about a mark that the answer hangs on: without
// such facts the brand would not be likelier than not.
func (e *evidence) doubt(m *Matcher) (doubt offshelf.Evidence, ok bool) {
	firm := e.sum
	for _, f := range [...]feature{tellStrong, tellMedium, tellWeak, fccID, macPrefix, appNamed, markNamed} {
		fact, found := e.facts[f]
		if !found || !fact.Grade.Weak() {
			continue
		}
		firm -= m.weights[f]
		if !ok || fact.Grade < doubt.Grade {
			doubt, ok = fact, true
		}
	}
	return doubt, ok && firm < 0
}

func (e *evidence) add(m *Matcher, f feature, format string, args ...any) {
	if e.counts[f] {
		return
	}
	e.counts[f] = true
	w := m.weights[f]
	e.sum += w
	if f != bias || w != 0 {
		e.said = append(e.said, offshelf.Reason{Text: fmt.Sprintf(format, args...), Weight: w})
	}
}
