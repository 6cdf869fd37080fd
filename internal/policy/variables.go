package policy

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/offshelf/offshelf"
)

// The types of the variables, as error messages name them.
var (
	findingType = types.NewObjectType("finding")
	productType = types.NewObjectType("product")
	listingType = types.NewObjectType("listing")
	regimeType  = types.NewObjectType("regime")
	chainType   = types.NewObjectType("chain")
	hopType     = types.NewObjectType("hop")
	shareType   = types.NewObjectType("share")
)

// declared are the variables of the expressions.
var declared = []struct {
	name string
	kind *types.Type
}{
	{"finding", findingType},
	{"product", productType},
	{"listing", listingType},
	{"regime", regimeType},
	{"chain", chainType},
	{"chains", types.NewListType(chainType)},
	{"grade", gradeType},
	{"day", dateType},
}

// objects are the types with fields, by name.
var objects = map[string]*object{
	"finding": describe(findingType,
		text("verdict", func(f *offshelf.Finding) string { return string(f.Verdict) }),
		text("basis", func(f *offshelf.Finding) string { return string(f.Basis) }),
		text("state", func(f *offshelf.Finding) string { return f.State }),
		words("forbids", func(f *offshelf.Finding) []string { return f.Forbids }),
		dated("since", func(f *offshelf.Finding) date { return date{f.Since} }),
		dated("until", func(f *offshelf.Finding) date { return date{f.Until} }),
		member[offshelf.Finding]{"days", types.IntType, daysOf, func(f *offshelf.Finding) bool { return date{f.Since}.single() }},
		member[offshelf.Finding]{"probability", types.DoubleType,
			func(f *offshelf.Finding) ref.Val { return types.Double(f.Probability) },
			func(*offshelf.Finding) bool { return true }},
		text("relation", func(*offshelf.Finding) string { return string(offshelf.RelationMade) }),
		text("brand", func(f *offshelf.Finding) string { return f.Brand }),
		text("brand_id", func(f *offshelf.Finding) string { return f.BrandID }),
		text("maker", func(f *offshelf.Finding) string { return f.Maker }),
		text("listed", func(f *offshelf.Finding) string { return f.Listed }),
		text("goods", func(f *offshelf.Finding) string { return f.Goods }),
		text("spared", func(f *offshelf.Finding) string { return f.Spared }),
		words("needs", func(f *offshelf.Finding) []string { return f.Needs }),
	),
	"product": describe(productType,
		text("file", func(p *offshelf.Product) string { return p.File }),
		number("row", func(p *offshelf.Product) int { return p.Row }),
		text("id", func(p *offshelf.Product) string { return p.ID }),
		text("title", func(p *offshelf.Product) string { return p.Title }),
		text("brand", func(p *offshelf.Product) string { return p.Brand }),
		text("manufacturer", func(p *offshelf.Product) string { return p.Manufacturer }),
		text("vendor", func(p *offshelf.Product) string { return p.Vendor }),
		text("model", func(p *offshelf.Product) string { return p.Model }),
		text("mpn", func(p *offshelf.Product) string { return p.MPN }),
		text("gtin", func(p *offshelf.Product) string { return p.GTIN }),
		text("fcc_id", func(p *offshelf.Product) string { return p.FCCID }),
		text("mac", func(p *offshelf.Product) string { return p.MAC }),
		text("category", func(p *offshelf.Product) string { return p.Category }),
		text("category_code", func(p *offshelf.Product) string { return p.CategoryCode }),
		text("origin", func(p *offshelf.Product) string { return p.Origin }),
		text("fcc_granted", func(p *offshelf.Product) string { return p.FCCGranted }),
		text("approval", func(p *offshelf.Product) string { return p.Approval }),
		text("description", func(p *offshelf.Product) string { return p.Description }),
		text("price", func(p *offshelf.Product) string { return p.Price }),
		text("url", func(p *offshelf.Product) string { return p.URL }),
	),
	"listing": describe(listingType,
		text("id", func(l *offshelf.Listing) string { return l.ID }),
		text("list", func(l *offshelf.Listing) string { return l.List }),
		text("name", func(l *offshelf.Listing) string { return l.Name }),
		text("citation", func(l *offshelf.Listing) string { return l.Citation }),
		dated("from", func(l *offshelf.Listing) date { return date{l.From} }),
		dated("until", func(l *offshelf.Listing) date { return date{l.Until} }),
		text("status", statusOf),
		words("goods", func(l *offshelf.Listing) []string { return l.Goods }),
		words("origin", func(l *offshelf.Listing) []string { return l.Origin }),
		words("origin_not", func(l *offshelf.Listing) []string { return l.OriginNot }),
	),
	"regime": describe(regimeType,
		text("id", func(r *offshelf.Regime) string { return r.ID }),
		text("title", func(r *offshelf.Regime) string { return r.Title }),
		text("authority", func(r *offshelf.Regime) string { return r.Authority }),
		words("lists", func(r *offshelf.Regime) []string { return r.Lists }),
		truth("house", func(r *offshelf.Regime) bool { return r.House }),
	),
	"chain": describe(chainType,
		member[offshelf.Chain]{"hops", types.NewListType(hopType),
			func(c *offshelf.Chain) ref.Val { return list(hopType, c.Hops) },
			func(c *offshelf.Chain) bool { return len(c.Hops) > 0 }},
		number("length", func(c *offshelf.Chain) int { return len(c.Hops) }),
		text("verdict", func(c *offshelf.Chain) string { return string(c.Verdict) }),
		text("open", func(c *offshelf.Chain) string { return c.Open }),
		dated("since", func(c *offshelf.Chain) date { return date{c.Since} }),
		dated("until", func(c *offshelf.Chain) date { return date{c.Until} }),
	),
	"hop": describe(hopType,
		text("kind", func(h *offshelf.Hop) string { return h.Kind }),
		text("from", func(h *offshelf.Hop) string { return h.From }),
		text("to", func(h *offshelf.Hop) string { return h.To }),
		member[offshelf.Hop]{"share", shareType, shareOf, func(h *offshelf.Hop) bool { return h.Share != "" && h.Share != "unknown" }},
		member[offshelf.Hop]{"grade", gradeType,
			func(h *offshelf.Hop) ref.Val { return gradeOf(h.Grade) },
			func(h *offshelf.Hop) bool { return h.Grade != offshelf.GradeUnset }},
		dated("since", func(h *offshelf.Hop) date { return date{h.Since} }),
		dated("until", func(h *offshelf.Hop) date { return date{h.Until} }),
	),
	"share": describe(shareType,
		bound("min", func(s *offshelf.Share) int32 { return s.Min }),
		bound("max", func(s *offshelf.Share) int32 { return s.Max }),
		truth("known", func(s *offshelf.Share) bool { return s.Known }),
	),
	dateName:  describe[offshelf.Date](dateType),
	gradeName: describe[offshelf.Grade](gradeType),
}

// kindOf is the type of a struct of the domain, or nil.
func kindOf(v any) *types.Type {
	switch v.(type) {
	case *offshelf.Finding:
		return findingType
	case *offshelf.Product:
		return productType
	case *offshelf.Listing:
		return listingType
	case *offshelf.Regime:
		return regimeType
	case *offshelf.Chain:
		return chainType
	case *offshelf.Hop:
		return hopType
	case *offshelf.Share:
		return shareType
	}
	return nil
}

func daysOf(f *offshelf.Finding) ref.Val {
	if !(date{f.Since}).single() {
		return types.NewErr("since when it holds is not known to the day: ask has(finding.days) first")
	}
	return types.Int(f.Days)
}

func statusOf(l *offshelf.Listing) string {
	if l.Status == "" {
		return "active"
	}
	return l.Status
}

func shareOf(h *offshelf.Hop) ref.Val {
	s, err := offshelf.ParseShare(h.Share)
	if err != nil {
		return types.WrapErr(err)
	}
	return instance{shareType, &s}
}

// bound is a side of a share in basis points, which of an unknown share is not
// known either.
func bound(name string, get func(*offshelf.Share) int32) member[offshelf.Share] {
	return member[offshelf.Share]{name, types.IntType,
		func(s *offshelf.Share) ref.Val {
			if !s.Known {
				return types.NewErr("the share is not known: ask share.known first")
			}
			return types.Int(get(s))
		},
		func(s *offshelf.Share) bool { return s.Known }}
}

// variables are those of one finding.
type variables struct {
	in     *Input
	surest *offshelf.Chain
}

// ResolveName implements interpreter.Activation.
func (v *variables) ResolveName(name string) (any, bool) {
	switch name {
	case "finding":
		return v.in.Finding, true
	case "product":
		return &v.in.Finding.Product, true
	case "listing":
		return v.in.Listing, true
	case "regime":
		return v.in.Regime, true
	case "chain":
		return v.chain(), true
	case "chains":
		return list(chainType, v.in.Finding.Chains), true
	case "grade":
		return weakest(v.chain()), true
	case "day":
		return date{v.in.Day.Date()}, true
	}
	return nil, false
}

// Parent implements interpreter.Activation.
func (v *variables) Parent() interpreter.Activation { return nil }

// chain is the surest one: reached before possible, then the one whose weakest
// hop is best founded, then the shortest.
func (v *variables) chain() *offshelf.Chain {
	if v.surest != nil {
		return v.surest
	}
	chains := v.in.Finding.Chains
	if len(chains) == 0 {
		v.surest = &offshelf.Chain{}
		return v.surest
	}
	best := &chains[0]
	for i := range chains[1:] {
		if c := &chains[i+1]; surer(c, best) {
			best = c
		}
	}
	v.surest = best
	return best
}

func surer(a, b *offshelf.Chain) bool {
	if a.Verdict != b.Verdict {
		return a.Verdict == offshelf.Reached
	}
	if x, y := weakest(a), weakest(b); x != y {
		return x < y // the number of a stronger grade is smaller
	}
	return len(a.Hops) < len(b.Hops)
}

// weakest is the grade of the worst founded hop of a chain.
func weakest(c *offshelf.Chain) grade {
	if len(c.Hops) == 0 {
		return grade(offshelf.GradeClaim)
	}
	w := grade(offshelf.GradeOfficial)
	for i := range c.Hops {
		w = max(w, gradeOf(c.Hops[i].Grade))
	}
	return w
}
