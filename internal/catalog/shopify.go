package catalog

import (
	"slices"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf"
)

// shopify makes products of the rows of a Shopify export: the first row of a
// handle has the texts, the rows under it are variants or images.
type shopify struct {
	handle, sku, option, price int // where out has them, or -1
	barcode                    int

	given bool // the user named the id column

	last    string // handle of the row before
	variant int    // of that handle
	parent  offshelf.Product
}

// isShopify recognises the headers of old and new exports.
func isShopify(header []string) bool {
	folded := foldAll(header)
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(folded, n) })
	}
	return has("handle", "urlhandle") && has("title") &&
		has("variantsku", "variantprice", "variantbarcode", "bodyhtml", "option1name", "vendor")
}

func foldAll(names []string) []string {
	folded := make([]string, len(names))
	for i, n := range names {
		folded[i] = foldName(n)
	}
	return folded
}

// shopify plans the reading of a Shopify export. Rows depend on the row before
// them, so they are decoded as they are read.
func (op *opening) shopify(cut *cutter, d *delimited, cols []column) error {
	folded := foldAll(d.header)
	find := func(names ...string) int {
		for _, n := range names {
			if i := slices.Index(folded, n); i >= 0 {
				return i
			}
		}
		return -1
	}
	handle, sku := find("handle", "urlhandle"), find("variantsku", "sku")
	vendor, tags := find("vendor"), find("tags")
	option, price := find("option1value"), find("variantprice", "price")
	barcode := find("variantbarcode", "barcode")
	p, err := makePlan(cols, op.opts.Map, op.unnamed(d.header, handle, sku)...)
	if err != nil {
		return err
	}
	kept, err := findKept(cols, op.opts.Keep)
	if err != nil {
		return err
	}
	p.noteSpare()
	s := &shopify{given: p.has(fieldID)}
	descriptions := 0
	for _, m := range p.cols {
		if m.field == fieldDescription {
			descriptions++
		}
	}
	if _, byUser := op.opts.Map["description"]; tags >= 0 && descriptions < maxDescriptions && !byUser {
		if !slices.ContainsFunc(p.cols, func(m mapped) bool { return m.index == tags }) {
			p.cols = append(p.cols, mapped{column: cols[tags], field: fieldDescription})
		}
	}
	slices.SortFunc(p.cols, func(a, b mapped) int { return a.index - b.index })
	d.read(p, append(indexes(kept), handle, sku, option, price, barcode)...)
	d.keep(kept)
	at := func(i int) int { return slices.Index(d.want, i) }
	s.handle, s.sku, s.option, s.price, s.barcode = at(handle), at(sku), at(option), at(price), at(barcode)
	d.strip = true
	d.finish = s.finish
	cut.decode = d.decode
	op.cat.planned("shopify", p)
	use := &op.cat.use.Columns
	if !s.given {
		for _, i := range []int{sku, handle} {
			if i >= 0 {
				*use = append(*use, offshelf.ColumnUse{Column: d.header[i], Field: "id"})
			}
		}
	}
	if vendor >= 0 && !p.has(fieldBrand) {
		*use = append(*use, offshelf.ColumnUse{Column: d.header[vendor], Field: "brand"})
	}
	slices.SortStableFunc(*use, func(a, b offshelf.ColumnUse) int {
		return slices.Index(d.header, a.Column) - slices.Index(d.header, b.Column)
	})
	op.cat.src = ordered{cut}
	return nil
}

// unnamed returns those of the columns that the user has not mapped.
func (op *opening) unnamed(header []string, cols ...int) []int {
	var free []int
	for _, i := range cols {
		if i < 0 {
			continue
		}
		named := false
		for _, column := range op.opts.Map {
			named = named || strings.EqualFold(strings.TrimSpace(column), header[i])
		}
		if !named {
			free = append(free, i)
		}
	}
	return free
}

func (s *shopify) finish(p *offshelf.Product, out []string, skip string) string {
	get := func(i int) string {
		if i < 0 {
			return ""
		}
		return trim(out[i])
	}
	handle, sku := get(s.handle), cleanCode(get(s.sku))
	same := handle != "" && handle == s.last
	if !same {
		s.last, s.variant = handle, 0
	}
	sells := sku != "" || get(s.barcode) != "" || get(s.option) != "" || get(s.price) != ""
	switch {
	case same && p.Title == "" && !sells:
		return "an image of " + clip(handle, 60) + ", no product"
	case same:
		inherit(p, &s.parent)
	case skip != "" && handle == "" && sku == "":
		return skip
	case p.Title == "" && p.Vendor == "" && p.Brand == "":
		return "a variant of " + clip(handle, 60) + " without its product row above it: sort the export by handle"
	}
	s.variant++
	if p.Brand == "" {
		p.Brand = p.Vendor
	}
	if !s.given {
		switch {
		case sku != "":
			p.ID = sku
		case s.variant > 1:
			p.ID = handle + "#" + strconv.Itoa(s.variant)
		default:
			p.ID = handle
		}
	}
	if !same {
		s.parent = *p
		// The batch that the texts are of must not live on through them.
		for f := range fieldCount {
			v := f.of(&s.parent)
			*v = strings.Clone(*v)
		}
		s.last = strings.Clone(handle)
	}
	return ""
}

// inherit gives a variant what only the first row of its handle says.
func inherit(p, parent *offshelf.Product) {
	for _, f := range []field{fieldTitle, fieldBrand, fieldVendor, fieldManufacturer, fieldCategory, fieldCategoryCode, fieldDescription,
		fieldOrigin, fieldFCCGranted, fieldApproval, fieldURL} {
		if v := f.of(p); *v == "" {
			*v = *f.of(parent)
		}
	}
}

// ordered decodes batches as they are read.
type ordered struct{ cut *cutter }

func (o ordered) next() (*Batch, error) {
	b, err := o.cut.next()
	if err != nil {
		return nil, err
	}
	return inOrder(b), nil
}

// inOrder decodes a batch whose rows depend on those before it.
func inOrder(b *Batch) *Batch {
	b.products, b.kept, b.problems = b.DecodeKept(nil, nil)
	b.decode = nil
	return b
}
