package catalog

import (
	"bytes"
	"strings"
	"sync"

	"github.com/offshelf/offshelf"
)

// kind says what a reader found out about a record while it cut.
type kind uint8

const (
	recPlain  kind = iota // no quoted field
	recQuoted             // at least one quoted field
	recLone               // a quote opens a field and never closes
	recLong               // longer than maxRow; its bytes are gone
	recFatal              // what is wrong ends the file; Batch.fatal says what
)

// record is one data row: its bytes in the batch.
type record struct {
	start, end int32
	kind       kind
}

// Batch is a run of rows, cut but not decoded.
type Batch struct {
	file string
	row  int // number of the first record
	line int // physical line of data[0]
	eol  byte

	data  []byte
	recs  []record
	fatal string
	chunk *chunk

	decode func(b *Batch, dst []offshelf.Product) ([]offshelf.Product, []offshelf.Problem)

	// Of readers that decode while they read.
	products []offshelf.Product
	problems []offshelf.Problem

	kept []string // cells of the kept columns, a product after the other

	rows int
}

// Rows returns the data rows in the batch: those that became products, failed
// or were skipped. It is valid after Decode.
func (b *Batch) Rows() int { return b.rows }

// Decode appends the products of the batch to dst. Every data row becomes one
// product or one problem of kind "failed" or "skipped"; warnings are extra.
// The strings of the products share memory with the whole batch: who keeps a
// product for long should clone it. Decode may be called once, by any goroutine.
func (b *Batch) Decode(dst []offshelf.Product) ([]offshelf.Product, []offshelf.Problem) {
	if b.decode == nil {
		return append(dst, b.products...), b.problems
	}
	b.rows = len(b.recs)
	dst, problems := b.decode(b, dst)
	b.release()
	return dst, problems
}

// lineAt returns the physical line of the byte at off.
func (b *Batch) lineAt(data string, off int32) int {
	return b.line + strings.Count(data[:off], string(rune(b.eol)))
}

// chunk is the memory of a batch that is used again once it is decoded.
type chunk struct {
	buf  []byte
	recs []record
}

var chunks = sync.Pool{New: func() any {
	return &chunk{buf: make([]byte, 0, batchSize+4096), recs: make([]record, 0, 1024)}
}}

func (b *Batch) release() {
	if b.chunk == nil {
		return
	}
	// A chunk that one long row has blown up goes to the collector.
	if cap(b.chunk.buf) <= 2*batchSize {
		b.chunk.buf, b.chunk.recs = b.chunk.buf[:0], b.chunk.recs[:0]
		chunks.Put(b.chunk)
	}
	b.chunk, b.data, b.recs = nil, nil, nil
}

// dropFirst takes the first record, the header, out of the batch.
func (b *Batch) dropFirst() { b.recs = b.recs[1:] }

// countLines counts line ends.
func countLines(data []byte, eol byte) int { return bytes.Count(data, []byte{eol}) }
