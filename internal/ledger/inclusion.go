package ledger

import (
	"fmt"
	"iter"

	"golang.org/x/mod/sumdb/tlog"
)

// Inclusion proves that leaf n is in the tree of the first size leaves, whose
// hashes it is handed once, in order (RFC 6962, section 2.1.1); tlog.CheckRecord
// checks it. Its cost is a hash a leaf.
func Inclusion(n, size int64, hashes iter.Seq2[tlog.Hash, error]) (tlog.RecordProof, error) {
	if n < 0 || n >= size {
		return nil, fmt.Errorf("leaf %d is not in a tree of %d", n, size)
	}
	// The subtrees beside the way from the root down to the leaf.
	type beside struct {
		lo, hi int64
		tree   Frontier
	}
	var way []*beside
	for lo, hi := int64(0), size; hi-lo > 1; {
		k := int64(1)
		for k*2 < hi-lo {
			k *= 2
		}
		if n < lo+k {
			way = append(way, &beside{lo: lo + k, hi: hi})
			hi = lo + k
		} else {
			way = append(way, &beside{lo: lo, hi: lo + k})
			lo += k
		}
	}
	at := int64(0)
	for h, err := range hashes {
		if err != nil {
			return nil, err
		}
		for _, b := range way {
			if b.lo <= at && at < b.hi {
				b.tree.Append(h)
				break
			}
		}
		if at++; at == size {
			break
		}
	}
	if at != size {
		return nil, fmt.Errorf("the ledger has %d leaves of %d: run offshelf ledger verify", at, size)
	}
	proof := make(tlog.RecordProof, 0, len(way))
	for i := len(way) - 1; i >= 0; i-- { // from the leaf up
		proof = append(proof, way[i].tree.Root())
	}
	return proof, nil
}
