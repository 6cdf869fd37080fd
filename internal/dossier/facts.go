package dossier

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/knowledge"
)

// Facts gives the facts of a kept snapshot.
type Facts func(ctx context.Context, snapshot *query.Snapshot) (*offshelf.Knowledge, error)

// factsKept is how many states of the knowledge KeptFacts remembers.
const factsKept = 4

// maxFacts bounds what one blob of a snapshot may take in memory.
const maxFacts = 1 << 30

// KeptFacts reads facts from the blob of the snapshot: the compiled form of the
// knowledge that the run screened with.
func KeptFacts(s *store.Store) Facts {
	type kept struct {
		sum string
		k   *offshelf.Knowledge
	}
	var (
		mu   sync.Mutex
		last []kept
	)
	return func(ctx context.Context, snapshot *query.Snapshot) (*offshelf.Knowledge, error) {
		mu.Lock()
		defer mu.Unlock()
		for _, l := range last {
			if l.sum == snapshot.SHA256 {
				return l.k, nil
			}
		}
		data, err := blob(ctx, s, snapshot.FactsBlob)
		if err != nil {
			return nil, fmt.Errorf("the facts of snapshot %s: %w", snapshot.SHA256, err)
		}
		k, _, err := knowledge.Decode(data)
		if err != nil {
			return nil, fmt.Errorf("the facts of snapshot %s: %w", snapshot.SHA256, err)
		}
		if last = append(last, kept{snapshot.SHA256, k}); len(last) > factsKept {
			last = last[1:]
		}
		return k, nil
	}
}

func blob(ctx context.Context, s *store.Store, id int64) ([]byte, error) {
	r, b, err := s.OpenBlob(ctx, id)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if b.Size > maxFacts {
		return nil, fmt.Errorf("blob %d has %d bytes: at most %d are read", id, b.Size, int64(maxFacts))
	}
	return io.ReadAll(r)
}
