package store_test

import (
	"context"
	"testing"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestUpdateSealsWhatItWrote(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		var w query.Workspace
		err := s.Update(ctx, store.SystemActor, func(tx *store.Tx) (err error) {
			w, err = tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: "Größe \"1\"\n", Settings: "{}", CreatedAt: tx.Now})
			tx.Log(store.Event{Workspace: w.ID, Kind: "workspace.created", Data: map[string]string{"name": w.Name}, Rows: []store.Ref{store.Row("workspaces", w.ID)}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		h, err := s.Query().LatestHead(ctx)
		if err != nil || h.Size != 1 {
			t.Fatalf("head %+v, %v", h, err)
		}
	})
}
