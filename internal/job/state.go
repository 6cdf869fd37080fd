// Package job does the work that lasts: it screens uploads, keeps what came of
// it, and delivers notices. The tables of the store say what is to be done;
// River wakes the workers, retries and keeps the clock, on both engines.
package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/notify"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// State is one state of the knowledge, with the bytes that it can be made from
// again.
type State struct {
	Snapshot *screen.Snapshot
	Facts    []byte                        // as knowledge.Compile returns them
	Lists    func() (io.ReadCloser, error) // the compiled lists; nil where there are none
	Editions string                        // the editions of lists in force, in words
}

// maxLists bounds the compiled lists that are kept with a state.
const maxLists = 1 << 30

// Keep keeps the state of the knowledge as it is now, once; where its lists are
// other editions than before, that is an event, which endpoints are told.
func (w *Worker) Keep(ctx context.Context) error { return w.keepState(ctx, w.state()) }

func (w *Worker) keepState(ctx context.Context, st *State) error {
	sum := st.Snapshot.Sum()
	_, err := w.store.Query().Snapshot(ctx, sum)
	if _, err = store.Found(struct{}{}, err); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	facts, err := w.store.Receive(ctx, 0, strings.NewReader(string(st.Facts)), maxLists)
	if err != nil {
		return err
	}
	received := []*store.ReceivedBlob{facts}
	if st.Lists != nil {
		r, err := st.Lists()
		if err != nil {
			return err
		}
		lists, err := w.store.Receive(ctx, 0, r, maxLists)
		r.Close()
		if err != nil {
			return err
		}
		received = append(received, lists)
	}
	known := false
	err = w.store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		known = false
		if _, err := tx.Snapshot(ctx, sum); err == nil {
			known = true // another process was quicker
			return nil
		}
		p := query.CreateSnapshotParams{SHA256: sum, Version: st.Snapshot.Version(), FactsBlob: facts.ID, Editions: st.Editions, KeptAt: tx.Now}
		e := store.Event{Kind: "snapshot.kept", Data: map[string]any{"snapshot": sum, "version": st.Snapshot.Version(), "editions": st.Editions, "facts_sha256": facts.SHA256}}
		for i, b := range received {
			if err := tx.Keep(ctx, b); err != nil {
				return err
			}
			if i == 1 {
				p.ListsBlob = b.ID
			}
			e.Rows = append(e.Rows, store.Row("blobs", b.ID))
		}
		row, err := tx.CreateSnapshot(ctx, p)
		if err != nil {
			return err
		}
		e.Rows = append(e.Rows, store.Row("snapshots", row.ID))
		tx.Log(e)
		return w.replaced(ctx, tx, &row)
	})
	if err != nil || known {
		for _, b := range received {
			err = errors.Join(err, w.store.Drop(context.WithoutCancel(ctx), b))
		}
	}
	return err
}

// replaced tells all workspaces that the official lists are other editions than
// in the state before.
func (w *Worker) replaced(ctx context.Context, tx *store.Tx, now *query.Snapshot) error {
	all, err := tx.Snapshots(ctx)
	if err != nil {
		return err
	}
	var before *query.Snapshot
	for i := range all {
		if all[i].ID < now.ID {
			before = &all[i]
		}
	}
	if before == nil || before.Editions == now.Editions {
		return nil
	}
	data := map[string]any{"before": before.Editions, "now": now.Editions, "snapshot": now.SHA256}
	tx.Log(store.Event{Kind: string(notify.EditionReplaced), Data: data})
	workspaces, err := tx.Workspaces(ctx)
	if err != nil {
		return err
	}
	for _, ws := range workspaces {
		if err := Notify(ctx, tx, ws.ID, notify.EditionReplaced, fmt.Sprintf("snapshot-%d", now.ID), "editions", data); err != nil {
			return err
		}
	}
	tx.After(w.WakeDeliveries)
	return nil
}

// OpenState makes the state of the knowledge with this SHA-256 again from what
// was kept. The caller calls done when no screener of it runs any more.
func OpenState(ctx context.Context, s *store.Store, sum string) (snapshot *screen.Snapshot, done func(), err error) {
	row, err := store.Found(s.Query().Snapshot(ctx, sum))
	if err != nil {
		return nil, nil, fmt.Errorf("the state of the knowledge %s: %w", sum, err)
	}
	r, _, err := s.OpenBlob(ctx, row.FactsBlob)
	if err != nil {
		return nil, nil, err
	}
	data, err := io.ReadAll(r)
	r.Close()
	if err != nil {
		return nil, nil, err
	}
	k, _, err := knowledge.Decode(data)
	if err != nil {
		return nil, nil, err
	}
	if snapshot, err = screen.Compile(k, sum); err != nil {
		return nil, nil, err
	}
	if row.ListsBlob == 0 {
		return snapshot, func() {}, nil
	}
	lists, done, err := openLists(ctx, s, row.ListsBlob)
	if err != nil {
		return nil, nil, err
	}
	snapshot.Use(lists)
	return snapshot, done, nil
}

// openLists writes kept lists into a file, as they are mapped.
func openLists(ctx context.Context, s *store.Store, blob int64) (*screen.Lists, func(), error) {
	r, _, err := s.OpenBlob(ctx, blob)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	f, err := os.CreateTemp("", "offshelf-lists-*")
	if err != nil {
		return nil, nil, err
	}
	defer os.Remove(f.Name()) // the mapping keeps the bytes
	_, err = io.Copy(f, r)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, nil, err
	}
	lists, err := screen.OpenLists(f.Name())
	if err != nil {
		return nil, nil, err
	}
	return lists, func() { lists.Close() }, nil
}

// policyOf is the policy of a run: a shipped one by its name, else the text
// that was in force when the run was asked for.
func policyOf(run *query.Run, snapshot *screen.Snapshot) (offshelf.Policy, string, error) {
	if run.Policy != "" {
		p, err := knowledge.ParsePolicy(run.PolicyName, []byte(run.Policy))
		return p, run.PolicySHA256, err
	}
	p, ok := snapshot.Policy(run.PolicyName)
	if !ok {
		return p, "", fmt.Errorf("there is no policy %q any more: choose another for the catalog", run.PolicyName)
	}
	data, err := json.Marshal(p, json.Deterministic(true))
	h := sha256.Sum256(data)
	return p, hex.EncodeToString(h[:]), err
}
