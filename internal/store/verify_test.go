package store_test

import (
	"testing"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

func TestVerify(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		verify(t, s, store.VerifyOptions{})
		fill(t, s)
		v := verify(t, s, store.VerifyOptions{})
		if v.Leaves < 30 || v.Heads < 20 || v.Rows < 59 || v.Products != 60+61+62 || v.Attributions != 30+31+31 || v.Staged != 8 || v.Blobs != 3 || v.Chunks != 3 || v.Bytes != 3000+chunks2 {
			t.Errorf("%+v", v)
		}
	})
}
