package ledger_test

import (
	"fmt"
	"iter"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/offshelf/offshelf/internal/ledger"
)

func TestInclusion(t *testing.T) {
	var hashes []tlog.Hash
	var f ledger.Frontier
	all := func(list []tlog.Hash) iter.Seq2[tlog.Hash, error] {
		return func(yield func(tlog.Hash, error) bool) {
			for _, h := range list {
				if !yield(h, nil) {
					return
				}
			}
		}
	}
	for size := int64(1); size <= 70; size++ {
		h := tlog.RecordHash(fmt.Append(nil, size))
		hashes = append(hashes, h)
		f.Append(h)
		for n := range size {
			proof, err := ledger.Inclusion(n, size, all(hashes))
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(proof, size, f.Root(), n, hashes[n]); err != nil {
				t.Fatalf("leaf %d of %d: %v", n, size, err)
			}
			if len(proof) > 0 && tlog.CheckRecord(proof, size, f.Root(), n, tlog.RecordHash([]byte("other"))) == nil {
				t.Fatalf("leaf %d of %d: another leaf passes", n, size)
			}
		}
	}
	if _, err := ledger.Inclusion(3, 3, all(hashes)); err == nil {
		t.Error("a leaf behind the tree")
	}
	if _, err := ledger.Inclusion(3, 100, all(hashes)); err == nil {
		t.Error("a tree with fewer leaves")
	}
}
