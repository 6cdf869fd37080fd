package catalog

import (
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// sink takes the named values of one product, as JSON and XML have them.
type sink interface {
	wants(name []byte) bool
	add(name []byte, value string)
	// repaired is told that a value was no valid UTF-8.
	repaired(name []byte)
	// blank is told of a name without a value.
	blank(name []byte)
}

// sampler collects the values of the first products by name.
type sampler struct {
	cols  []column
	index map[string]int
	rows  int
	empty map[string]bool // names without a value, if that is asked for
}

// maxNames bounds the names that are remembered from the first products.
const maxNames = 4096

func newSampler() *sampler { return &sampler{index: map[string]int{}} }

func (s *sampler) wants(name []byte) bool { return len(name) <= maxName }

func (s *sampler) repaired([]byte) {}

func (s *sampler) blank(name []byte) {
	if s.empty != nil && s.wants(name) && len(s.empty) < maxNames {
		s.empty[string(name)] = true
	}
}

// find finds the names to keep. A name without any value will do.
func (s *sampler) find(names []string) ([]kept, error) {
	var others []string
	for n := range s.empty {
		if _, ok := s.index[n]; !ok {
			others = append(others, n)
		}
	}
	slices.Sort(others)
	return findKept(s.cols, names, others...)
}

func (s *sampler) add(name []byte, value string) {
	i, ok := s.index[string(name)]
	if !ok {
		if len(s.cols) == maxNames {
			return
		}
		i = len(s.cols)
		s.index[string(name)] = i
		s.cols = append(s.cols, column{name: string(name), index: i})
	}
	c := &s.cols[i]
	for len(c.values) < s.rows {
		c.values = append(c.values, "")
	}
	if len(c.values) == s.rows {
		c.values = append(c.values, value)
	}
}

// columns returns what was seen. Every column has a value, if an empty one,
// for every product.
func (s *sampler) columns() []column {
	for i := range s.cols {
		for len(s.cols[i].values) < s.rows {
			s.cols[i].values = append(s.cols[i].values, "")
		}
	}
	return s.cols
}

// keyed says which names are read as which fields. Where a product lacks the
// best name of a field the next best serves: crawls have many forms of product
// in one file.
type keyed struct {
	known map[string]rank
	fixed [fieldCount]bool // named by the user: nothing else will do
	strip bool

	keepNames []string // of the values that are handed on
}

type rank struct {
	field  field
	weight int
	ok     bool
	keep   uint8 // place in keepNames, from 1; 0 for the others
}

// lateWeight puts names that the first products do not have behind those they
// have.
const lateWeight = -500

func newKeyed(p *plan) *keyed {
	k := &keyed{known: map[string]rank{}}
	for _, m := range p.cols {
		k.known[m.name] = rank{field: m.field, weight: m.score, ok: true}
		k.fixed[m.field] = k.fixed[m.field] || m.given
	}
	for _, m := range p.spare {
		// A fourth description is one too many.
		k.known[m.name] = rank{field: m.field, weight: m.score, ok: m.field != fieldDescription}
	}
	return k
}

// gather is a sink that makes products. It is of one goroutine.
type gather struct {
	*keyed
	late  map[string]rank // of names that are not known, by name
	slots [fieldCount]slot
	odd   []string // names of repaired values
	size  int      // bytes of the values
	cells []cell   // of keepNames
}

type slot struct {
	name   string
	weight int
	values []string
}

func (k *keyed) gather() *gather {
	return &gather{keyed: k, late: map[string]rank{}, cells: make([]cell, len(k.keepNames))}
}

func (g *gather) rank(name []byte) rank {
	if r, ok := g.known[string(name)]; ok {
		return r
	}
	if r, ok := g.late[string(name)]; ok {
		return r
	}
	r := g.lateRank(string(name))
	if len(g.late) < maxNames {
		g.late[string(name)] = r
	}
	return r
}

// lateRank is the rank of a name that the first products do not have.
func (k *keyed) lateRank(name string) rank {
	if t, ok := tellOf(name); ok && !k.fixed[t.field] {
		return rank{field: t.field, weight: t.score + lateWeight, ok: true}
	}
	return rank{}
}

func (g *gather) wants(name []byte) bool {
	r := g.rank(name)
	return r.ok || r.keep > 0
}

func (g *gather) blank([]byte) {}

func (g *gather) repaired(name []byte) { g.odd = append(g.odd, string(name)) }

func (g *gather) add(name []byte, value string) {
	value = trim(value)
	r := g.rank(name)
	if value == "" || !r.ok && r.keep == 0 {
		return
	}
	g.size += len(value)
	if r.keep > 0 {
		g.cells[r.keep-1].add(value)
	}
	if !r.ok {
		return
	}
	s := &g.slots[r.field]
	switch {
	case len(s.values) == 0,
		r.weight > s.weight && (r.field != fieldDescription || s.weight < 0):
		s.values = append(s.values[:0], value)
		s.name, s.weight = string(name), r.weight
	case len(s.values) < 16 && slices.Contains(s.values, value):
		// title and g:title often say the same
	case s.name == string(name):
		s.values = append(s.values, value)
	case r.field == fieldDescription && r.weight >= 0:
		s.values = append(s.values, value)
		s.name = string(name)
	}
}

// reset makes ready for the next product.
func (g *gather) reset() {
	for f := range g.slots {
		g.slots[f].values = g.slots[f].values[:0]
	}
	for i := range g.cells {
		g.cells[i].reset()
	}
	g.odd, g.size = g.odd[:0], 0
}

// product fills p and reports whether anything in it identifies a product. It
// complains of values that cannot be read, which leave their field empty.
func (g *gather) product(p *offshelf.Product, complain func(column, text string)) bool {
	seen, path := 0, ""
	for f := range fieldCount {
		values := g.slots[f].values
		if len(values) == 0 {
			continue
		}
		sep := ", "
		switch f {
		case fieldCategory:
			sep = " > "
		case fieldDescription:
			sep = "\n"
		case fieldCategoryCode, fieldFCCGranted, fieldTitle, fieldID, fieldGTIN, fieldURL, fieldPrice:
			values = values[:1] // more of these are of other things
		}
		v := strings.Join(values, sep)
		switch {
		case f == fieldGTIN:
			v = cleanCode(v)
		case f == fieldDescription && g.strip:
			v = stripTags(v)
		case factFields>>f&1 != 0:
			if f == fieldCategoryCode {
				path = pathOf(v)
			}
			var complaint string
			if v, complaint = readFact(f, g.slots[f].name, v); complaint != "" {
				complain(g.slots[f].name, complaint)
			}
		}
		if v != "" {
			*f.of(p) = v
			seen |= 1 << f
		}
	}
	if p.Category == "" {
		p.Category = path
	}
	return seen&identifying != 0
}
