package catalog

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/offshelf/offshelf"
)

const (
	maxKeep = 64      // columns
	maxKept = 4 << 10 // bytes of a kept cell; the rest is cut off

	textCut = "what is kept of this cell is cut after 4 KiB; shorten it"
)

// kept is a column whose cells are handed on.
type kept struct {
	name  string // as the catalog has it
	index int    // among the columns that it was looked for in
}

// findKept finds the columns to keep, in the order of names. Others are names
// that the catalog has and that no value was seen of.
func findKept(cols []column, names []string, others ...string) ([]kept, error) {
	if len(names) == 0 {
		return nil, nil
	}
	if len(names) > maxKeep {
		return nil, fmt.Errorf("%d columns are to be kept; at most %d can be", len(names), maxKeep)
	}
	all := cols[:len(cols):len(cols)]
	for _, n := range others {
		all = append(all, column{name: n, index: len(all)})
	}
	first := map[string]int{}
	for i := range all {
		if _, ok := first[all[i].name]; !ok {
			first[all[i].name] = i
		}
	}
	by := map[int]string{}
	out := make([]kept, 0, len(names))
	for _, name := range names {
		if strings.TrimSpace(name) == "" {
			return nil, fmt.Errorf("a column to be kept has no name; the columns are %s", listColumns(all))
		}
		i, ok := findColumn(all, first, name)
		if !ok {
			return nil, fmt.Errorf("column %q is to be kept, but there is none, or several that differ in case only; the columns are %s", clip(name, maxName), listColumns(all))
		}
		if other, ok := by[i]; ok {
			return nil, fmt.Errorf("column %q is to be kept twice, as %q and as %q; name it once", clip(all[i].name, maxName), clip(other, maxName), clip(name, maxName))
		}
		by[i] = name
		out = append(out, kept{all[i].name, all[i].index})
	}
	return out, nil
}

// cutKept bounds a kept cell and reports whether it had to be cut.
func cutKept(v string) (string, bool) {
	if len(v) <= maxKept {
		return v, false
	}
	n := maxKept
	for n > maxKept-utf8.UTFMax && !utf8.RuneStart(v[n]) {
		n--
	}
	return v[:n], true
}

// keep sets the columns of a table to hand on. It comes after read, which must
// have been told of them.
func (d *delimited) keep(cols []kept) {
	at := map[int]int{}
	for i, want := range d.want {
		at[want] = i
	}
	for _, k := range cols {
		d.kept = append(d.kept, at[k.index])
	}
}

// appendKept appends the kept cells of a row.
func (d *delimited) appendKept(dst []string, out []string, complain func(column, text string)) []string {
	for _, at := range d.kept {
		v, cut := cutKept(trim(out[at]))
		if cut {
			complain(d.header[d.want[at]], textCut)
		}
		dst = append(dst, v)
	}
	return dst
}

// indexes returns where the columns are.
func indexes(cols []kept) []int {
	var out []int
	for _, k := range cols {
		out = append(out, k.index)
	}
	return out
}

// cell is a kept cell as the values of its key come in.
type cell struct {
	value string
	more  []byte // value and those that follow it, once there are any
}

func (c *cell) reset() { c.value, c.more = "", c.more[:0] }

func (c *cell) add(v string) {
	switch {
	case v == "" || len(c.more) > maxKept:
		return
	case c.value == "":
		c.value = v
		return
	case len(c.more) == 0:
		c.more = append(c.more, c.value[:min(len(c.value), maxKept+1)]...)
	}
	c.more = append(append(c.more, ", "...), v[:min(len(v), maxKept+1)]...)
}

func (c *cell) text() string {
	if len(c.more) > 0 {
		return string(c.more)
	}
	return c.value
}

// keep sets the keys of objects or feed items to hand on.
func (k *keyed) keep(cols []kept) {
	for i, c := range cols {
		r, known := k.known[c.name]
		if !known {
			// It keeps the rank that it would have as a name met late.
			r = k.lateRank(c.name)
		}
		r.keep = uint8(i + 1)
		k.known[c.name] = r
		k.keepNames = append(k.keepNames, c.name)
	}
}

// appendKept appends the kept cells of a product.
func (g *gather) appendKept(dst []string, complain func(column, text string)) []string {
	for i := range g.cells {
		v, cut := cutKept(g.cells[i].text())
		if cut {
			complain(g.keepNames[i], textCut)
		}
		dst = append(dst, v)
	}
	return dst
}

// DecodeKept is Decode that also appends the cells of the kept columns to
// cells: for every product as many as Options.Keep names columns, in that
// order, without blanks around them. A cell is at most 4 KiB long; what is cut
// off a longer one is told as a warning. Values of a key that an object or feed
// item has several times stand one after the other with a comma between them.
// The cells share memory with the batch as the products do.
func (b *Batch) DecodeKept(dst []offshelf.Product, cells []string) ([]offshelf.Product, []string, []offshelf.Problem) {
	if b.decode == nil {
		return append(dst, b.products...), append(cells, b.kept...), b.problems
	}
	b.kept = cells
	dst, problems := b.Decode(dst)
	cells, b.kept = b.kept, nil
	return dst, cells, problems
}
