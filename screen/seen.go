package screen

import (
	"sync"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/catalog"
)

// SeenBatch is a run of products as they were read, in the order of their rows,
// and what came of each: what Run.Seen is told. Index i of the parallel slices
// is about Products[i].
//
// All of it is valid during the call only, as the memory is used again. The
// strings of products, kept cells and problems share memory with a quarter of a
// megabyte of the catalog: who keeps one clones it (strings.Clone). Findings and
// attributions share their chains, reasons and sources with the screener and
// must not be changed.
type SeenBatch struct {
	Source   int // index of the catalog among the sources
	Products []offshelf.Product

	// Kept are the cells of the columns that Source.Keep names, in its order;
	// nil where it names none. A cell is at most 4 KiB long.
	Kept [][]string

	Findings     [][]offshelf.Finding     // nil for nearly every product
	Attributions [][]offshelf.Attribution // of the products that the stream tells; nil for the others

	// Problems are the rows that are no products, and the warnings; the summary
	// tells the first hundred of a run only.
	Problems []offshelf.Problem
}

// maxSeen bounds the products of a SeenBatch, and with them the findings that
// are held at once.
const maxSeen = 2000

// sight is the memory of what Run.Seen is told of one batch of the catalog.
type sight struct {
	SeenBatch
	cells []string
}

var sights = sync.Pool{New: func() any { return new(sight) }}

// decode reads the products of a batch, with width kept cells each.
func (v *sight) decode(b *catalog.Batch, width int) ([]offshelf.Product, []offshelf.Problem) {
	var problems []offshelf.Problem
	v.Products, v.cells, problems = b.DecodeKept(v.Products[:0], v.cells[:0])
	n := len(v.Products)
	v.Findings, v.Attributions = sized(v.Findings, n), sized(v.Attributions, n)
	if width > 0 {
		v.Kept = sized(v.Kept, n)
		for i := range v.Kept {
			v.Kept[i] = v.cells[i*width : (i+1)*width : (i+1)*width]
		}
	}
	return v.Products, problems
}

// sized returns a slice of n elements in the memory of s, if that is enough.
// Elements that were used before are empty; see release.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/8)
	}
	return s[:n]
}

// release gives the memory back, without what it refers to.
func (v *sight) release() {
	clear(v.Products)
	clear(v.cells)
	clear(v.Kept)
	clear(v.Findings)
	clear(v.Attributions)
	v.Kept, v.Problems = v.Kept[:0], nil
	sights.Put(v)
}

// piece returns the products from one index to another. What is wrong with rows
// is told once, with the first of them.
func (v *sight) piece(from, to int) *SeenBatch {
	b := &SeenBatch{Source: v.Source, Products: v.Products[from:to:to], Findings: v.Findings[from:to:to], Attributions: v.Attributions[from:to:to]}
	if len(v.Kept) > 0 {
		b.Kept = v.Kept[from:to:to]
	}
	if from == 0 {
		b.Problems = v.Problems
	}
	return b
}

// seen tells Run.Seen of products and lets go of their findings.
func (t *tally) seen(v *sight, from, to int) error {
	b := v.piece(from, to)
	err := t.run.Seen(b)
	clear(v.Findings[from:to])
	return err
}
