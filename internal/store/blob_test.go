package store_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

// What breaks off, is too large or is given up is told, and nothing of it is
// left.
func TestWhatIsNotReceivedLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		_, err := s.Receive(ctx, 1, strings.NewReader("too much"), 3)
		if !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("too large: %v", err)
		}
		_, err = s.Receive(ctx, 1, io.MultiReader(strings.NewReader("half of "), iotest.ErrReader(io.ErrUnexpectedEOF)), 100)
		if err == nil || !strings.Contains(err.Error(), "broke off after 8 bytes") {
			t.Errorf("broken off: %v", err)
		}
		given, up := context.WithCancel(ctx)
		_, err = s.Receive(given, 1, io.MultiReader(strings.NewReader("half of "), readerFunc(func([]byte) (int, error) { up(); return 0, io.EOF })), 100)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
		for _, table := range []string{"blobs", "blob_chunks"} {
			var n int
			if err := s.Reader().QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil || n != 0 {
				t.Errorf("%d rows in %s, %v", n, table, err)
			}
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
