package storetest

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
)

// Key returns a new ledger key.
func Key(tb testing.TB) *ledger.Key {
	tb.Helper()
	text, err := ledger.NewKey()
	if err != nil {
		tb.Fatal(err)
	}
	k, err := ledger.ParseKey(text)
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// Each runs a test on both engines, each time with an empty store.
func Each(t *testing.T, f func(t *testing.T, s *store.Store)) {
	t.Run("sqlite", func(t *testing.T) { f(t, Open(t, store.Options{Database: SQLite(t)})) })
	t.Run("postgres", func(t *testing.T) { f(t, Open(t, store.Options{Database: Postgres(t)})) })
}

// SQLite returns the path of a database that is not there yet.
func SQLite(tb testing.TB) string { return filepath.Join(tb.TempDir(), "offshelf.db") }

// Open opens a store, with a new key where none is given, until the test ends.
func Open(tb testing.TB, o store.Options) *store.Store {
	tb.Helper()
	if o.Key == nil {
		o.Key = Key(tb)
	}
	s, err := store.Open(context.Background(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}
