package screen

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/attribute"
	"github.com/offshelf/offshelf/internal/catalog"
	"github.com/offshelf/offshelf/internal/frequent"
	"github.com/offshelf/offshelf/internal/name"
)

// Coverage says how much of catalogs the knowledge speaks of: what it knows,
// what it misses, and which of its tells never fire.
type Coverage struct {
	Catalogs  []string           `json:"catalogs"`
	Read      int                `json:"read"` // = Surveyed + Skipped + Failed
	Surveyed  int                `json:"surveyed"`
	Skipped   int                `json:"skipped"`
	Failed    int                `json:"failed"`
	Brands    BrandCoverage      `json:"brands"`
	Unknown   UnknownBrands      `json:"unknown_brands"`
	Ambiguous []AmbiguousName    `json:"ambiguous_names"`
	Fired     []TellCount        `json:"tells_fired"`
	Silent    []TellCount        `json:"tells_never_fired"`
	Goods     []GoodsCount       `json:"goods"`
	NoGoods   int                `json:"goods_not_recognised"` // rows
	Problems  []offshelf.Problem `json:"problems,omitempty"`   // the first of them
}

// BrandCoverage counts the rows by what is known of their brand; the five add
// up to the surveyed rows.
type BrandCoverage struct {
	Listed   int `json:"listed"`   // a brand that a rule reaches on the day
	Other    int `json:"other"`    // another brand of the knowledge
	Ordinary int `json:"ordinary"` // an ordinary brand of the lexicon
	Unknown  int `json:"unknown"`  // a brand that neither has
	None     int `json:"none"`     // none given, or a carrier's or shop's name
}

// UnknownBrands are the commonest brands that neither knowledge nor lexicon
// has.
type UnknownBrands struct {
	Top []UnknownBrand `json:"top"`
	// Bound is how much a count may be too high, and how many rows a brand that
	// was not counted has at most; 0 where the counts are exact.
	Bound int `json:"bound"`
}

// UnknownBrand is one of them. It has at least Rows - Over rows.
type UnknownBrand struct {
	Name string `json:"name"`
	Rows int    `json:"rows"`
	Over int    `json:"over,omitzero"`
}

// AmbiguousName is a brand whose name proves nothing alone, and how its name
// was settled in each row that has it.
type AmbiguousName struct {
	Brand   string    `json:"brand"` // id
	Name    string    `json:"name"`
	Rows    int       `json:"rows"`
	Settled []Settled `json:"settled"`
}

// Settled counts the rows in which a name came out in one way: made,
// compatible, bundle, mention, phrase (part of a longer name that means
// something else) or dropped (too little speaks for the brand).
type Settled struct {
	How    string `json:"how"`
	Rows   int    `json:"rows"`
	Sample Sample `json:"sample"`
}

// Sample is a row, to look at.
type Sample struct {
	File  string `json:"file"`
	Row   int    `json:"row"`
	Title string `json:"title"`
}

// TellCount is a tell and the rows in which it was found.
type TellCount struct {
	Kind    offshelf.TellKind `json:"kind"`
	Pattern string            `json:"pattern"` // its beginning: one of MAC prefixes may be long
	Of      string            `json:"of"`      // brand or party id
	Rows    int               `json:"rows,omitzero"`
}

// GoodsCount is a goods class and the rows that speak of it; a row may speak of
// several.
type GoodsCount struct {
	Class string `json:"class"`
	Rows  int    `json:"rows"`
}

// CoverageOptions adjust Coverage.
type CoverageOptions struct {
	Top      int            // unknown brands to name; 0 means 20
	Counters int            // brands counted at a time; 0 means 2,000
	Watch    func(rows int) // if set, is told how many rows were read
}

const (
	defaultTop      = 20
	defaultCounters = 2_000
	longestText     = 120
)

// Coverage reads the sources and counts. Memory does not grow with them. A
// catalog that breaks off is counted as far as it was read, and the error is
// returned beside the figures.
func (s *Screener) Coverage(ctx context.Context, sources []Source, o CoverageOptions) (*Coverage, error) {
	n := newCount(s, o)
	var broken []error
	for _, src := range sources {
		c, err := catalog.Open(src.Name, src.Read, catalog.Options{Map: src.Map, Format: src.Form})
		if err != nil {
			return nil, err
		}
		n.out.Catalogs = append(n.out.Catalogs, src.Name)
		err = n.catalog(ctx, c)
		c.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			broken = append(broken, err)
		}
	}
	return n.sum(), errors.Join(broken...)
}

// count gathers the figures; all of it is bounded by the knowledge and the
// options.
type count struct {
	s       *Screener
	o       CoverageOptions
	w       *attribute.Worker
	out     Coverage
	unknown *frequent.Sketch
	listed  map[string]bool // by brand id, as far as asked
	met     map[string]*AmbiguousName
	tells   []int
	goods   []int
}

func newCount(s *Screener, o CoverageOptions) *count {
	o.Top, o.Counters = cmp.Or(o.Top, defaultTop), cmp.Or(o.Counters, defaultCounters)
	k := s.snapshot.knowledge
	return &count{
		s: s, o: o, w: s.snapshot.matcher.NewWorker(), unknown: frequent.New(max(o.Counters, o.Top)),
		listed: map[string]bool{}, met: map[string]*AmbiguousName{}, tells: make([]int, len(k.Tells)), goods: make([]int, len(k.Goods)),
	}
}

func (n *count) catalog(ctx context.Context, c *catalog.Catalog) error {
	var products []offshelf.Product
	for ctx.Err() == nil {
		b, err := c.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			n.out.Read++
			n.out.Failed++
			return err
		}
		var problems []offshelf.Problem
		products, problems = b.Decode(products[:0])
		n.out.Read += b.Rows()
		n.out.Surveyed += len(products)
		for _, p := range problems {
			switch p.Kind {
			case "failed":
				n.out.Failed++
			case "skipped":
				n.out.Skipped++
			}
			if len(n.out.Problems) < maxProblems {
				n.out.Problems = append(n.out.Problems, p)
			}
		}
		for i := range products {
			n.row(&products[i])
		}
		if n.o.Watch != nil {
			n.o.Watch(n.out.Read)
		}
	}
	return nil
}

func (n *count) row(p *offshelf.Product) {
	v := n.w.Survey(p)
	switch v.Standing {
	case attribute.NoBrand:
		n.out.Brands.None++
	case attribute.OrdinaryBrand:
		n.out.Brands.Ordinary++
	case attribute.UnknownBrand:
		n.out.Brands.Unknown++
		label := shortened(v.Brand)
		n.unknown.Add(name.Key(label), label)
	case attribute.KnownBrand:
		if n.reached(v.Brand) {
			n.out.Brands.Listed++
		} else {
			n.out.Brands.Other++
		}
	}
	for _, m := range v.Met {
		n.settle(p, m)
	}
	for _, i := range v.Tells {
		n.tells[i]++
	}
	for _, i := range v.Goods {
		n.goods[i]++
	}
	if len(v.Goods) == 0 {
		n.out.NoGoods++
	}
}

// reached reports whether a rule reaches the brand on the screener's day.
func (n *count) reached(brand string) bool {
	yes, asked := n.listed[brand]
	if !asked {
		p, _ := n.s.BrandProfile(brand)
		yes = len(p.Findings) > 0
		n.listed[brand] = yes
	}
	return yes
}

func (n *count) settle(p *offshelf.Product, m attribute.MetName) {
	a := n.met[m.Brand]
	if a == nil {
		a = &AmbiguousName{Brand: m.Brand, Name: n.s.snapshot.BrandName(m.Brand)}
		n.met[m.Brand] = a
	}
	a.Rows++
	i := slices.IndexFunc(a.Settled, func(x Settled) bool { return x.How == m.Settled })
	if i < 0 {
		i = len(a.Settled)
		a.Settled = append(a.Settled, Settled{How: m.Settled, Sample: Sample{strings.Clone(p.File), p.Row, shortened(p.Title)}})
	}
	a.Settled[i].Rows++
}

// shortened copies the beginning of a text.
func shortened(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > longestText {
		return strings.ToValidUTF8(s[:longestText], "") + "…"
	}
	return strings.Clone(s)
}

func (n *count) sum() *Coverage {
	out, k := &n.out, n.s.snapshot.knowledge
	out.Unknown = UnknownBrands{Top: []UnknownBrand{}, Bound: n.unknown.Bound()}
	for _, c := range n.unknown.Top(n.o.Top) {
		out.Unknown.Top = append(out.Unknown.Top, UnknownBrand{c.Label, c.Rows, c.Over})
	}
	out.Ambiguous = []AmbiguousName{}
	for _, a := range n.met {
		slices.SortFunc(a.Settled, func(x, y Settled) int { return cmp.Or(y.Rows-x.Rows, strings.Compare(x.How, y.How)) })
		out.Ambiguous = append(out.Ambiguous, *a)
	}
	slices.SortFunc(out.Ambiguous, func(a, b AmbiguousName) int { return cmp.Or(b.Rows-a.Rows, strings.Compare(a.Brand, b.Brand)) })
	out.Fired, out.Silent = []TellCount{}, []TellCount{}
	for i, t := range k.Tells {
		c := TellCount{t.Kind, shortened(t.Pattern), cmp.Or(t.Brand, t.Party), n.tells[i]}
		if c.Rows > 0 {
			out.Fired = append(out.Fired, c)
		} else {
			out.Silent = append(out.Silent, c)
		}
	}
	slices.SortStableFunc(out.Fired, func(a, b TellCount) int { return b.Rows - a.Rows })
	out.Goods = []GoodsCount{}
	for i, g := range k.Goods {
		if n.goods[i] > 0 {
			out.Goods = append(out.Goods, GoodsCount{g.ID, n.goods[i]})
		}
	}
	slices.SortStableFunc(out.Goods, func(a, b GoodsCount) int { return b.Rows - a.Rows })
	return out
}
