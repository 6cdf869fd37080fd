package attribute

import (
	"math"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
)

// Worker attributes products. It keeps caches and scratch and so serves one
// goroutine; take one from Matcher.NewWorker for each.
type Worker struct {
	m       *Matcher
	scan    scanner
	columns map[string]*column
	codes   map[string]int32 // classes of category codes
	shelves map[string]int32 // classes that categories name by themselves
}

// NewWorker returns a worker with empty caches.
func (m *Matcher) NewWorker() *Worker {
	return &Worker{m: m, columns: map[string]*column{}, codes: map[string]int32{}, shelves: map[string]int32{}}
}

// How much of a description and of a title is read.
const (
	maxText  = 32 << 10
	maxTitle = 4 << 10
)

// Attribute returns the brands and makers that the product has something to do
// with, the likeliest first: at most one with relation made, unless a tell
// betrays a maker besides. It returns nil for nearly every product, after one
// pass over its text.
func (w *Worker) Attribute(p *offshelf.Product) []offshelf.Attribution {
	if !w.wanted(p, w.m.first) {
		return nil
	}
	return w.open(p).decide()
}

// wanted reports whether anything on the product may point to a brand, or its
// title holds another phrase of the trie.
func (w *Worker) wanted(p *offshelf.Product, title *trie) bool {
	return w.column(p.Brand).speaks() || w.column(p.Manufacturer).speaks() || w.column(p.Manufacturer).party || w.column(p.Vendor).speaks() || p.FCCID != "" || p.MAC != "" ||
		w.scan.find(title, w.m.models, p.Title) || w.scan.find(w.m.first, w.m.models, p.Model) ||
		w.scan.find(w.m.first, w.m.models, p.MPN) || w.scan.find(w.m.first, nil, readOf(p.Description))
}

func (w *Worker) open(p *offshelf.Product) *caseFile {
	return &caseFile{w: w, m: w.m, p: p, brand: w.column(p.Brand), maker: w.column(p.Manufacturer), vendor: w.column(p.Vendor), description: readOf(p.Description), code: noClass}
}

// readOf is the part of a description that is read.
func readOf(description string) string { return description[:min(len(description), maxText)] }

func (c *column) speaks() bool {
	return len(c.brands) > 0 || len(c.part) > 0 || len(c.fuzzy) > 0 || len(c.holders) > 0 || len(c.cued) > 0
}

// caseFile gathers the evidence on one product.
type caseFile struct {
	w                    *Worker
	m                    *Matcher
	p                    *offshelf.Product
	brand, maker, vendor *column
	description          string
	title                *reading
	goods                classes // of category and title, or of the category code
	category             classes
	code                 int32 // class of the category code
	tells                []foundTell
	mentions             map[int32]mention // brands that the description names
	titled               map[int32]bool    // brands that the title names
	found                []*evidence
}

// foundTell is a tell met on the product.
type foundTell struct {
	tell  int32
	text  string
	where string
	cue   kind // the cue that its words stand under
}

// Vector is the evidence on one candidate brand, for calibration.
type Vector struct {
	Brand    string   // printed name
	Features []string // what was found
}

// Vectors returns the evidence on each candidate brand of a product.
func (w *Worker) Vectors(p *offshelf.Product) []Vector {
	c := w.open(p)
	c.decide()
	var out []Vector
	for _, e := range c.found {
		v := Vector{Brand: w.m.brands[e.brand].name}
		for f, yes := range e.counts {
			if yes {
				v.Features = append(v.Features, featureNames[f])
			}
		}
		out = append(out, v)
	}
	return out
}

// swap exchanges title and brand where a feed has them the wrong way round:
// the title is a brand's name and nothing else, the brand is a sentence.
func (c *caseFile) swap() {
	if c.brand.known || len(c.m.exact[name.Key(c.p.Title)]) == 0 || strings.Count(strings.TrimSpace(c.p.Brand), " ") < 2 {
		return
	}
	p := *c.p
	p.Title, p.Brand = p.Brand, p.Title
	c.p, c.brand = &p, c.w.column(p.Brand)
}

// readTitle reads the title, as far as it is read, and the goods.
func (c *caseFile) readTitle() {
	if len(c.p.Title) > maxTitle {
		p := *c.p
		p.Title = p.Title[:maxTitle]
		c.p = &p
	}
	c.title = c.w.read(c.p.Title)
	c.classify()
}

func (c *caseFile) decide() []offshelf.Attribution {
	c.swap()
	c.readTitle()
	c.findTells()
	c.candidates()
	if len(c.found) == 0 && len(c.tells) == 0 && !c.maker.party {
		return nil
	}
	for _, e := range c.found {
		c.weigh(e)
	}
	slices.SortStableFunc(c.found, func(a, b *evidence) int {
		switch {
		case a.sum > b.sum:
			return -1
		case a.sum < b.sum:
			return 1
		}
		return int(a.brand - b.brand)
	})
	var out []offshelf.Attribution
	for i, e := range c.found {
		if a, ok := c.attribution(e, i == 0); ok {
			out = append(out, a)
		}
	}
	return c.addMakers(out)
}

// attribution turns the evidence on a brand into an answer. Only the likeliest
// brand can have made the product; the others are named beside it.
func (c *caseFile) attribution(e *evidence, first bool) (offshelf.Attribution, bool) {
	p := logistic(e.sum)
	a := offshelf.Attribution{Brand: c.m.brands[e.brand].id, Relation: offshelf.RelationMade, Probability: round(p), Goods: c.className(e.brand), Reasons: e.said}
	if first && p >= 0.5 {
		if fact, ok := e.doubt(c.m); ok {
			a.Grade, a.Sources = fact.Grade, fact.Sources
		}
		return a, true
	}
	if !e.named {
		return a, false
	}
	if e.relation == "" {
		e.relation = offshelf.RelationMention
		if c.title.accessory && c.titled[e.brand] {
			e.relation = offshelf.RelationCompatible
		}
		if !first && c.m.related(e.brand, c.found[0].brand) && c.found[0].sum > 0 {
			return a, false // "Lenovo ThinkPad case" names no other brand
		}
	}
	a.Relation = e.relation
	a.Probability = round(1 - p)
	if p >= 0.5 {
		// Another brand is likelier still, so this one is only named.
		if c.m.related(e.brand, c.found[0].brand) {
			return a, false
		}
		a.Probability = round(logistic(c.found[0].sum))
	}
	return a, true
}

// addMakers adds the makers that tells betray, to the brand's answer where
// there is one.
func (c *caseFile) addMakers(out []offshelf.Attribution) []offshelf.Attribution {
	type betrayed struct {
		party  string
		sum    float64
		reason []offshelf.Reason
		fact   offshelf.Evidence
	}
	var makers []*betrayed
	add := func(party, text string, weight float64, fact offshelf.Evidence) {
		for _, b := range makers {
			if b.party == party {
				b.sum += weight
				if fact.Grade < b.fact.Grade {
					b.fact = fact
				}
				b.reason = append(b.reason, offshelf.Reason{Text: text, Weight: weight})
				return
			}
		}
		w := c.m.weights[bias]
		makers = append(makers, &betrayed{party, w + weight, []offshelf.Reason{{Text: "before any evidence", Weight: w}, {Text: text, Weight: weight}}, fact})
	}
	for _, t := range c.tells {
		// A weak tell, or a mark that others print too, betrays no maker alone.
		if tell := &c.m.tells[t.tell]; tell.Party != "" && t.cue == 0 && tell.Strength != offshelf.Weak && tell.Kind != offshelf.TellMark {
			add(tell.Party, t.where+" "+quote(t.text), c.m.weights[c.tellFeature(t)], tell.Evidence)
		}
	}
	if id, ok := c.m.parties[c.maker.key]; ok && c.maker.key != "" {
		// The catalog itself says so, as it says what the brand is.
		add(id, "manufacturer field "+quote(c.maker.value), c.m.weights[makerExact], offshelf.Evidence{Grade: offshelf.GradeTrade})
	}
	slices.SortStableFunc(makers, func(a, b *betrayed) int {
		switch {
		case a.sum > b.sum:
			return -1
		case a.sum < b.sum:
			return 1
		}
		return strings.Compare(a.party, b.party)
	})
	for _, b := range makers {
		p := logistic(b.sum)
		if p < 0.5 {
			continue
		}
		a := offshelf.Attribution{Maker: b.party, Relation: offshelf.RelationMade, Probability: round(p), Goods: c.className(-1), Reasons: b.reason,
			Grade: b.fact.Grade, Sources: b.fact.Sources}
		if len(out) > 0 && out[0].Relation == offshelf.RelationMade && out[0].Maker == "" {
			a.Brand = out[0].Brand
			if p := c.m.brands[c.m.brandID[a.Brand]].parties; len(p) == 1 && p[0] == b.party {
				continue // the mark of its only holder says nothing new
			}
		}
		out = append(out, a)
	}
	return out
}

func holds(m *Matcher, party, brandID string) bool {
	return slices.Contains(m.brands[m.brandID[brandID]].parties, party)
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// round keeps four digits, so that equal evidence prints equal everywhere, and
// never says that anything is certain.
func round(p float64) float64 { return min(math.Round(p*1e4)/1e4, 0.9999) }
