package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf"
)

// Bounds of what a digest keeps a group. Groups, ways and rules are as many
// as the knowledge has; the bounds hold for a stream that somebody edited.
const (
	maxWays  = 24
	maxRules = 60
	maxOpen  = 8
)

// digest folds a stream into what fits a page: brands, each with the ways to
// a listing, the rules that reach it, and the first of its products. Its size
// depends on the knowledge, not on the catalog.
type digest struct {
	keep    int // products a group and action
	config  *offshelf.Config
	summary *offshelf.Summary
	asOf    offshelf.Day
	groups  map[string]*group
	serial  int    // counts products
	product string // key of the product whose findings are coming in
	pending []pendingItem
	nothing shelf // products without a finding, where the stream has them
}

// group is one brand, one maker whose goods have no brand, or one class of
// goods where that is what is reached.
type group struct {
	key, name string
	maker     bool
	goods     bool                     // a class of goods, whatever their brand
	shelves   [offshelf.Pull + 1]shelf // by the strongest action for the product
	ways      []*way
	moreWays  bool
	rules     []*rule
	ruleByKey map[string]*rule
	moreRules bool
}

// shelf is the products of a group that one action is due for.
type shelf struct {
	kept  []item
	total int
}

// item is a product as it is shown.
type item struct {
	id, title, model, gtin string
	file                   string
	row                    int
	probability            float64
	reasons                []string
}

// way is the hops from a brand to a listed party. Rules share it.
type way struct {
	key     string
	from    string
	hops    []offshelf.Hop
	reached bool // some chain along it carries a verdict
}

// rule is what one regime says of a group through one listing.
type rule struct {
	offshelf.Finding // without product, chains and reasons
	ways             []int
	ends             []offshelf.Hop
	open, needs      []string
	products         int
	lastSerial       int
}

// pendingItem waits until all findings of its product are seen, since only
// then its strongest action is known.
type pendingItem struct {
	group  *group
	action offshelf.Action
	item   item
}

func newDigest(keep int) *digest {
	return &digest{keep: keep, asOf: offshelf.MaxDay, groups: map[string]*group{}}
}

func (d *digest) handle(m *offshelf.Message) error {
	if err := checkOne(m); err != nil {
		return err
	}
	switch {
	case m.Config != nil:
		c := *m.Config
		c.Catalogs = slices.Clone(c.Catalogs)
		for i := range c.Catalogs {
			c.Catalogs[i].Columns = slices.Clone(c.Catalogs[i].Columns)
			c.Catalogs[i].Notes = slices.Clone(c.Catalogs[i].Notes)
		}
		d.config = &c
		if day, err := offshelf.ParseDay(c.AsOf); err == nil {
			d.asOf = day
		}
	case m.Product != nil:
		if d.config != nil && d.config.All && m.Product.Findings == 0 {
			d.without(&m.Product.Product)
		}
	case m.Finding != nil:
		d.add(m.Finding)
	case m.Summary != nil:
		s := *m.Summary
		s.Problems = slices.Clone(s.Problems)
		d.summary = &s
	}
	return nil
}

func (d *digest) add(f *offshelf.Finding) {
	p := &f.Product
	key := joined(p.File, strconv.Itoa(p.Row), p.ID, p.Title)
	if key != d.product {
		d.settle()
		d.product = key
		d.serial++
	}
	g := d.group(f)
	i := slices.IndexFunc(d.pending, func(x pendingItem) bool { return x.group == g })
	if i < 0 {
		i = len(d.pending)
		d.pending = append(d.pending, pendingItem{group: g})
	}
	if w := &d.pending[i]; f.Action > w.action || w.item.reasons == nil {
		w.action = max(w.action, f.Action)
		w.item = d.item(f)
	}
	g.rule(f, d.serial)
}

// without notes a product that no finding was made on.
func (d *digest) without(p *offshelf.Product) {
	if d.nothing.total++; len(d.nothing.kept) < d.keep {
		d.nothing.kept = append(d.nothing.kept, d.item(&offshelf.Finding{Product: *p}))
	}
}

// settle puts the product whose findings are complete on its shelves.
func (d *digest) settle() {
	for _, p := range d.pending {
		s := &p.group.shelves[p.action]
		if s.total++; len(s.kept) < d.keep {
			s.kept = append(s.kept, p.item)
		}
	}
	d.pending = d.pending[:0]
}

func (d *digest) group(f *offshelf.Finding) *group {
	key, name, maker, goods := "brand:"+clean(f.BrandID), clean(f.Brand), false, false
	switch {
	case f.BrandID != "" && name == "":
		name = clean(f.BrandID)
	case f.BrandID == "" && name != "":
		key = "name:" + name
	case f.BrandID == "" && f.Goods != "":
		key, name, goods = "goods:"+clean(f.Goods), clean(f.Goods), true
	case f.BrandID == "" && f.Maker != "":
		key, name, maker = "maker:"+clean(f.Maker), clean(f.Maker), true
	case f.BrandID == "":
		key, name, maker = "listed:"+clean(f.Listed), clean(f.Listed), true
	}
	g := d.groups[key]
	if g == nil {
		g = &group{key: strings.Clone(key), name: strings.Clone(name), maker: maker, goods: goods, ruleByKey: map[string]*rule{}}
		d.groups[g.key] = g
	}
	return g
}

func (d *digest) item(f *offshelf.Finding) item {
	p := &f.Product
	it := item{
		id: short(p.ID, 80), title: short(p.Title, 300), model: short(p.Model, 80), gtin: short(p.GTIN, 40),
		file: short(p.File, 120), row: p.Row, probability: f.Probability, reasons: []string{},
	}
	for _, r := range f.Reasons[:min(len(f.Reasons), 6)] {
		it.reasons = append(it.reasons, short(r.Text, 200))
	}
	return it
}

// short returns clean text of at most n columns that pins no larger buffer.
func short(s string, n int) string { return strings.Clone(fit(clean(s), n)) }

// joined makes a key of cleaned parts, which hold no NUL: a stream read back
// has U+FFFD for broken UTF-8 and must fall into the same groups.
func joined(parts ...string) string {
	for i, p := range parts {
		parts[i] = clean(p)
	}
	return strings.Join(parts, "\x00")
}

func (g *group) rule(f *offshelf.Finding, serial int) {
	key := joined(f.Regime, f.RegimeTitle, f.Listing, f.Listed, string(f.Verdict), string(f.Basis), f.State, f.Action.String(),
		strings.Join(f.Forbids, ","), f.Spared, f.Why, f.Since.String(), f.Until.String())
	r := g.ruleByKey[key]
	if r == nil {
		if len(g.rules) == maxRules {
			g.moreRules = true
			return
		}
		r = &rule{Finding: *f}
		r.Product, r.Chains, r.Reasons = offshelf.Product{}, nil, nil
		r.Forbids, r.Needs = slices.Clone(f.Forbids), nil
		for _, s := range []*string{&r.Spared, &r.Goods, &r.Regime, &r.RegimeTitle, &r.Listing, &r.Listed, &r.State, &r.Why, (*string)(&r.Verdict), (*string)(&r.Basis)} {
			*s = strings.Clone(clean(*s)) // rules are ordered by them
		}
		g.ruleByKey[strings.Clone(key)] = r
		g.rules = append(g.rules, r)
	}
	if r.lastSerial != serial {
		r.lastSerial = serial
		r.products++
	}
	for _, n := range f.Needs {
		if len(r.needs) < maxOpen {
			r.needs = addOnce(r.needs, strings.Clone(clean(n)))
		}
	}
	for _, c := range f.Chains {
		g.chain(r, c, f.Brand)
	}
}

// chain notes a way of a rule, and what the listed party at its end is
// listed as.
func (g *group) chain(r *rule, c offshelf.Chain, brand string) {
	hops, end, ok := inner(c, brand)
	from := clean(end.From)
	if len(hops) > 0 {
		if hops[0].Kind == "attributed" { // its From may be a title: one way a product
			hops = slices.Clone(hops)
			hops[0].From = "the product"
		}
		from = clean(hops[0].From)
	}
	if i := g.way(from, hops); i >= 0 {
		g.ways[i].reached = g.ways[i].reached || c.Verdict == offshelf.Reached
		if !slices.Contains(r.ways, i) {
			r.ways = append(r.ways, i)
		}
	}
	same := func(h offshelf.Hop) bool { return hopKey(h) == hopKey(end) }
	if ok && len(r.ends) < maxWays && !slices.ContainsFunc(r.ends, same) {
		end.Sources = slices.Clone(end.Sources)
		r.ends = append(r.ends, end)
	}
	if open := clean(c.Open); open != "" && len(r.open) < maxOpen {
		r.open = addOnce(r.open, open)
	}
}

// way returns the index of the way in the group, or -1 for a direct listing
// or a way beyond the bound.
func (g *group) way(from string, hops []offshelf.Hop) int {
	if len(hops) == 0 {
		return -1
	}
	var b strings.Builder
	for _, h := range hops {
		b.WriteString(hopKey(h))
	}
	key := b.String()
	if i := slices.IndexFunc(g.ways, func(w *way) bool { return w.key == key }); i >= 0 {
		return i
	}
	if len(g.ways) == maxWays {
		g.moreWays = true
		return -1
	}
	w := &way{key: key, from: from, hops: slices.Clone(hops)}
	for i := range w.hops {
		w.hops[i].Sources = slices.Clone(w.hops[i].Sources)
	}
	g.ways = append(g.ways, w)
	return len(g.ways) - 1
}

func hopKey(h offshelf.Hop) string {
	parts := []string{h.Kind, h.From, h.To, h.Interval().String(), h.Share, h.Grade.String(), h.Note}
	for _, s := range h.Sources {
		parts = append(parts, s.ID, s.Title, s.URL)
	}
	return joined(parts...) + "\x00"
}

// orderWays puts the ways that carry a verdict before those that only raise
// a question, and renumbers them in the rules.
func (g *group) orderWays() {
	order := make([]int, 0, len(g.ways))
	for _, first := range []bool{true, false} {
		for i, w := range g.ways {
			if w.reached == first {
				order = append(order, i)
			}
		}
	}
	ways := make([]*way, len(order))
	place := make([]int, len(order))
	for to, from := range order {
		ways[to], place[from] = g.ways[from], to
	}
	g.ways = ways
	for _, r := range g.rules {
		for i, w := range r.ways {
			r.ways[i] = place[w]
		}
		slices.Sort(r.ways)
	}
}

// strongest is the strongest action for any product of the group.
func (g *group) strongest() offshelf.Action {
	for a := offshelf.Pull; a > offshelf.NoAction; a-- {
		if g.shelves[a].total > 0 {
			return a
		}
	}
	return offshelf.NoAction
}

func (g *group) products() int {
	n := 0
	for _, s := range g.shelves {
		n += s.total
	}
	return n
}

// close settles the last product and returns the groups: the strongest
// action first, then the number of products it is due for, then the name.
// Rules stand in the order of their action, law before policy.
func (d *digest) close() []*group {
	d.settle()
	groups := make([]*group, 0, len(d.groups))
	for _, g := range d.groups {
		groups = append(groups, g)
		g.orderWays()
		slices.SortStableFunc(g.rules, func(a, b *rule) int {
			return cmp.Or(
				cmp.Compare(b.Action, a.Action),
				cmp.Compare(a.Basis, b.Basis),
				cmp.Compare(b.Verdict, a.Verdict),
				cmp.Compare(a.Regime, b.Regime),
				cmp.Compare(a.Listing, b.Listing),
				cmp.Compare(b.products, a.products),
			)
		})
	}
	slices.SortFunc(groups, func(a, b *group) int {
		x, y := a.strongest(), b.strongest()
		return cmp.Or(
			cmp.Compare(y, x),
			cmp.Compare(b.shelves[y].total, a.shelves[x].total),
			cmp.Compare(b.products(), a.products()),
			cmp.Compare(a.name, b.name),
			cmp.Compare(a.key, b.key),
		)
	})
	return groups
}
