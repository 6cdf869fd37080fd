package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
)

// Digest is the SHA-256 of a row.
type Digest [sha256.Size]byte

// String is the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// Digest ends the row.
func (r *Row) Digest() Digest { return sha256.Sum256(r.sum) }

// Seal is one row as an event left it: D is its digest, or empty where the
// event removed it.
type Seal struct {
	Table string `json:"t"`
	Key   string `json:"k"` // value of the key column
	D     string `json:"d"`
}

// SetSum seals a set of rows whatever their order: the sum of their digests as
// 2,048-bit numbers (AdHash with SHA-256 expanded, Bellare and Micciancio,
// EUROCRYPT 1997; a sum of 256 bits would fall to Wagner's generalised
// birthday attack). It costs eight hashes a row.
type SetSum struct {
	words [32]uint64 // little endian
	n     int64
}

// Add adds a row.
func (s *SetSum) Add(d Digest) {
	var block [sha256.Size + 1]byte
	copy(block[:], d[:])
	var carry uint64
	for i := range 8 {
		block[sha256.Size] = byte(i)
		h := sha256.Sum256(block[:])
		for j := range 4 {
			w := i*4 + j
			s.words[w], carry = bits.Add64(s.words[w], binary.LittleEndian.Uint64(h[j*8:]), carry)
		}
	}
	s.n++
}

// Merge adds all rows of another set.
func (s *SetSum) Merge(o *SetSum) {
	var carry uint64
	for i := range s.words {
		s.words[i], carry = bits.Add64(s.words[i], o.words[i], carry)
	}
	s.n += o.n
}

// String is the number of rows and the SHA-256 of the sum: what is compared.
func (s *SetSum) String() string {
	h := sha256.New()
	var b [8]byte
	for _, w := range s.words {
		binary.LittleEndian.PutUint64(b[:], w)
		h.Write(b[:])
	}
	return fmt.Sprintf("%d:%x", s.n, h.Sum(nil))
}
