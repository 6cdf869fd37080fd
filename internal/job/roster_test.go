package job

import (
	"testing"

	"github.com/offshelf/offshelf/internal/store"
)

// One id may stand in every row of a catalog, once a shop: the work a row must
// not grow with their number.
func TestManyRowsWithOneIDAreNoWork(t *testing.T) {
	const rows = 20_000
	calls := 0
	s := newShelf(2, 1)
	s.hash = func(key string, nth int) int64 { calls++; return store.KeyHash(key, nth) }
	for i := range rows {
		s.add(store.RosterEntry{ID: store.ProductID(1, i+1), KeyHash: store.KeyHash("A", i), ContentHash: int64(i), Key: "A"})
	}
	for i := range rows {
		f, ok := s.place("A", int64(rows-1-i), store.ProductID(2, i+1))
		if !ok || f.opens || f.nth != rows-1-i {
			t.Fatalf("row %d: %+v, %t", i, f, ok)
		}
	}
	for i := range rows {
		if f, ok := s.place("A", -1, store.ProductID(2, rows+i+1)); !ok || !f.opens || f.nth != rows+i {
			t.Fatalf("row %d: %+v, %t", rows+i, f, ok)
		}
	}
	if calls > 10*rows {
		t.Errorf("%d hashes for %d rows", calls, 2*rows)
	}
}

// A number that nobody has any more is no end of the search, and is given again.
func TestNumbersWithGaps(t *testing.T) {
	s := newShelf(9, 8)
	s.add(store.RosterEntry{ID: 1, KeyHash: store.KeyHash("A", 7), ContentHash: 70, Key: "A"})
	if f, ok := s.place("A", 71, 100); !ok || f.nth != 0 || !f.opens {
		t.Errorf("a new row: %+v", f)
	}
	if f, ok := s.place("A", 70, 101); !ok || f.nth != 7 || f.opens || f.id != 1 {
		t.Errorf("the row that was there: %+v", f)
	}
}

// Two keys of one hash are two products, in any order, and over uploads.
func TestKeysOfOneHash(t *testing.T) {
	collide := func(key string, nth int) int64 {
		if nth == 0 {
			return 1
		}
		return store.KeyHash(key, nth)
	}
	var kept []store.RosterEntry
	for upload, order := range [][2]string{{"A", "B"}, {"B", "A"}, {"A", "B"}} {
		s := newShelf(int64(upload+2), int64(upload+1))
		s.hash = collide
		for _, e := range kept {
			s.add(e)
		}
		kept = nil
		on := map[int64]bool{}
		for row, key := range order {
			content := int64(key[0])
			f, ok := s.place(key, content, store.ProductID(int64(upload+2), row+1))
			if !ok || on[f.hash] {
				t.Fatalf("upload %d, %s: %+v", upload, key, f)
			}
			on[f.hash] = true
			kept = append(kept, store.RosterEntry{ID: f.id, KeyHash: f.hash, ContentHash: content, Key: key})
		}
		gone := 0
		s.missing(func(int64) { gone++ })
		if gone != 0 {
			t.Errorf("upload %d: %d products gone", upload, gone)
		}
	}
}

// A published upload is screened again: nothing of it changes, even where the
// file is read differently by now, and what went with it stays gone.
func TestShelfOfAPublishedUpload(t *testing.T) {
	s := newShelf(2, 2)
	s.add(store.RosterEntry{ID: 20, KeyHash: store.KeyHash("A", 0), ContentHash: 2, Key: "A"})
	s.add(store.RosterEntry{ID: 10, KeyHash: store.KeyHash("A", 0), ContentHash: 1, Key: "A", Ended: true})
	s.add(store.RosterEntry{ID: 11, KeyHash: store.KeyHash("B", 0), ContentHash: 1, Key: "B", Ended: true})
	if f, ok := s.place("A", 3, 99); !ok || f.opens || f.id != 20 {
		t.Errorf("A: %+v, %t", f, ok)
	}
	if f, ok := s.place("B", 3, 99); ok {
		t.Errorf("B is on the shelf as %+v", f)
	}
	s.missing(func(id int64) { t.Errorf("version %d goes", id) })
}
