// Package ledger is an append-only Merkle log of events, in the form of the Go
// checksum database (RFC 6962 hashes, golang.org/x/mod/sumdb/tlog, signed
// notes). It knows nothing of where leaves are kept: a Frontier grows with each
// leaf and gives the tree head; a Verifier is handed all leaves again, later.
package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// Leaf is one event. Its hash is over all fields, each with its length in
// front, so that no two different leaves have the same bytes.
type Leaf struct {
	N         int64  // position, from 0
	Batch     int64  // size of the tree before the transaction that wrote it
	Workspace int64  // 0: of the whole installation
	At        int64  // microseconds since 1970, UTC
	Actor     string // user:ID, key:ID or system
	Kind      string // upload.received, decision.proposed, …
	Case      int64  // 0: none
	Data      string // JSON
	Seals     string // JSON, see Seal
}

// leafForm opens the bytes of a leaf; another form gets another one.
const leafForm = "offshelf leaf 1\n"

// Bytes returns what is hashed.
func (l *Leaf) Bytes() []byte {
	b := append(make([]byte, 0, 128+len(l.Data)+len(l.Seals)), leafForm...)
	for _, n := range [...]int64{l.N, l.Batch, l.Workspace, l.At, l.Case} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	for _, s := range [...]string{l.Actor, l.Kind, l.Data, l.Seals} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

// Hash is the RFC 6962 hash of the leaf.
func (l *Leaf) Hash() tlog.Hash { return tlog.RecordHash(l.Bytes()) }

// Frontier holds the hashes of the perfect subtrees on the right edge of a
// tree, the largest first: all that is needed to append. Its cost is one hash
// a leaf on average, and 32 bytes for each bit of the size that is set.
type Frontier struct {
	size   int64
	hashes []tlog.Hash
}

// Size is the number of leaves.
func (f *Frontier) Size() int64 { return f.size }

// Append adds a leaf's hash.
func (f *Frontier) Append(h tlog.Hash) {
	for n := f.size; n&1 == 1; n >>= 1 {
		last := len(f.hashes) - 1
		h = tlog.NodeHash(f.hashes[last], h)
		f.hashes = f.hashes[:last]
	}
	f.hashes = append(f.hashes, h)
	f.size++
}

// Root is the hash of the whole tree, as RFC 6962 has it.
func (f *Frontier) Root() tlog.Hash {
	if f.size == 0 {
		h, _ := tlog.TreeHash(0, nil)
		return h
	}
	h := f.hashes[len(f.hashes)-1]
	for i := len(f.hashes) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.hashes[i], h)
	}
	return h
}

// Marshal returns the hashes one after the other.
func (f *Frontier) Marshal() []byte {
	b := make([]byte, 0, len(f.hashes)*tlog.HashSize)
	for _, h := range f.hashes {
		b = append(b, h[:]...)
	}
	return b
}

// Resume returns the frontier of a tree of this size from what Marshal gave.
func Resume(size int64, data []byte) (*Frontier, error) {
	if size < 0 {
		return nil, errors.New("the size of the ledger is negative")
	}
	want := 0
	for n := size; n > 0; n &= n - 1 {
		want++
	}
	if len(data) != want*tlog.HashSize {
		return nil, fmt.Errorf("the state of the ledger is damaged: %d bytes for %d leaves, where %d belong: run offshelf ledger verify", len(data), size, want*tlog.HashSize)
	}
	f := &Frontier{size: size}
	for ; len(data) > 0; data = data[tlog.HashSize:] {
		f.hashes = append(f.hashes, tlog.Hash(data[:tlog.HashSize]))
	}
	return f, nil
}

// Row is one database row as it is sealed: the table, then each column with
// its name and value.
type Row struct{ sum []byte }

// RowOf starts a row of a table.
func RowOf(table string) *Row { return new(Row).Start(table) }

// Start begins another row in the memory of the last.
func (r *Row) Start(table string) *Row {
	if r.sum == nil {
		r.sum = make([]byte, 0, 512)
	}
	r.sum = append(r.sum[:0], "offshelf row 1\n"...)
	r.lengthed(table)
	return r
}

// Int adds a column with a whole number.
func (r *Row) Int(column string, v int64) {
	var digits [20]byte
	r.column(column, 'i', strconv.AppendInt(digits[:0], v, 10))
}

// Text adds a column with a text.
func (r *Row) Text(column, v string) {
	r.head(column, 's', len(v))
	r.sum = append(r.sum, v...)
}

// Blob adds a column with bytes.
func (r *Row) Blob(column string, v []byte) { r.column(column, 'b', v) }

// Null adds a column without a value.
func (r *Row) Null(column string) { r.column(column, 'n', nil) }

// Other adds a column with a value of a kind that no column has, which only
// tampering can bring about.
func (r *Row) Other(column string, v any) { r.column(column, '?', fmt.Append(nil, v)) }

func (r *Row) column(name string, kind byte, v []byte) {
	r.head(name, kind, len(v))
	r.sum = append(r.sum, v...)
}

func (r *Row) head(name string, kind byte, n int) {
	r.lengthed(name)
	r.sum = append(r.sum, kind)
	r.sum = binary.AppendUvarint(r.sum, uint64(n))
}

func (r *Row) lengthed(s string) {
	r.sum = append(binary.AppendUvarint(r.sum, uint64(len(s))), s...)
}
