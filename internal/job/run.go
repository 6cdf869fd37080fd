package job

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/notify"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/screen"
)

// leaseTime is how long a run belongs to a worker that does not say that it is
// still there; leaseBeat is how often it says so.
const (
	leaseTime = 15 * time.Second
	leaseBeat = 3 * time.Second
	// A lease cannot be held for longer than this: it is of a clock that was
	// wrong, and does not count.
	leaseMost = 10 * leaseTime
)

var (
	errElsewhere = errors.New("the run is at work elsewhere, or an earlier run of its catalog is")
	errLost      = errors.New("the run was taken over by another worker")
	errCancelled = errors.New("cancelled")
	errEnded     = errors.New("the run has ended")
)

// Worker screens uploads. It is safe for concurrent use.
type Worker struct {
	store   *store.Store
	state   func() *State
	tool    string
	log     *slog.Logger
	name    string
	workers int

	batchRows int

	sender *notify.Sender

	wake wake
}

// execute takes a run and works it off. A run that failed for a reason that
// lies in its upload or options is ended; other errors leave it queued, to be
// tried again.
func (w *Worker) execute(ctx context.Context, id int64) error {
	run, err := w.store.Query().Run(ctx, id)
	if err != nil || run.State != "queued" {
		return err
	}
	first, err := w.store.Query().FirstQueuedRun(ctx, run.CatalogID)
	if err != nil {
		return err
	}
	if first.ID != run.ID {
		return errElsewhere
	}
	a, err := w.take(ctx, &run)
	if errors.Is(err, errEnded) {
		return nil
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	beaten := make(chan struct{})
	go func() {
		defer close(beaten)
		a.beat(ctx, cancel)
	}()
	err = a.screen(ctx)
	cause := context.Cause(ctx)
	cancel(nil)
	<-beaten
	switch {
	case err == nil:
		return nil
	case errors.Is(cause, errCancelled):
		return elsewhere(a.end(context.WithoutCancel(ctx), "cancelled", ""))
	case errors.Is(cause, errLost), errors.Is(err, errLost):
		return errElsewhere
	}
	var bad *uploadError
	if errors.As(err, &bad) {
		return elsewhere(a.end(context.WithoutCancel(ctx), "failed", bad.Error()))
	}
	a.release(context.WithoutCancel(ctx))
	return err
}

// elsewhere is for a run that can be at work with another worker by now, or at
// its end.
func elsewhere(err error) error {
	if errors.Is(err, errLost) {
		return errElsewhere
	}
	return err
}

// uploadError is what is wrong with the upload or the catalog's options.
type uploadError struct{ err error }

func (e *uploadError) Error() string { return e.err.Error() }

func (e *uploadError) Unwrap() error { return e.err }

// attempt is one try at a run, under a lease.
type attempt struct {
	*Worker
	run   *query.Run
	epoch int64
	rows  atomic.Int64
	bytes atomic.Int64
	phase atomic.Value
}

// take gets the lease of a run. What was read of the run before does not count:
// while this waited for the lease another worker may have ended the run, or run
// before it may have come to be known.
func (w *Worker) take(ctx context.Context, run *query.Run) (*attempt, error) {
	a := &attempt{Worker: w, run: run}
	a.phase.Store("screening")
	owner := w.name + "/" + rand.Text()[:8]
	err := w.store.Update(ctx, store.SystemActor, func(tx *store.Tx) (err error) {
		if a.epoch, err = store.Found(tx.TakeLease(ctx, query.TakeLeaseParams{RunID: run.ID, Owner: owner, LeaseUntil: tx.Now + leaseTime.Microseconds(), StartedAt: tx.Now,
			Beyond: tx.Now + leaseMost.Microseconds()})); err != nil {
			return err
		}
		if _, err := tx.LockCatalog(ctx, run.CatalogID); err != nil {
			return err
		}
		now, err := tx.Run(ctx, run.ID)
		if err != nil {
			return err
		}
		if now.State != "queued" {
			return errEnded
		}
		first, err := tx.FirstQueuedRun(ctx, run.CatalogID)
		if err == nil && first.ID != run.ID {
			err = errElsewhere
		}
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, errElsewhere
	}
	return a, err
}

// hold writes the progress and keeps the lease, in the transaction that relies
// on it: a worker that was thought dead cannot write any more.
func (a *attempt) hold(ctx context.Context, tx *store.Tx) error {
	n, err := tx.HoldLease(ctx, query.HoldLeaseParams{RunID: a.run.ID, Epoch: a.epoch, LeaseUntil: tx.Now + leaseTime.Microseconds(), Phase: a.phase.Load().(string),
		RowsRead: a.rows.Load(), BytesRead: a.bytes.Load(), UpdatedAt: tx.Now})
	if err == nil && n == 0 {
		return errLost
	}
	return err
}

// beat keeps the lease until the context ends, and ends it where the lease is
// lost or the run is to be cancelled. While the run is published the transaction
// that does it has the lease, and a beat that waited for it finds the run ended:
// that must not call the commit off.
func (a *attempt) beat(ctx context.Context, cancel context.CancelCauseFunc) {
	t := time.NewTicker(leaseBeat)
	defer t.Stop()
	last := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if a.publishing() {
			return
		}
		p, err := a.store.Query().Progress(ctx, a.run.ID)
		if err == nil && p.Cancel != 0 {
			cancel(errCancelled)
			return
		}
		err = a.store.Update(ctx, store.SystemActor, func(tx *store.Tx) error { return a.hold(ctx, tx) })
		switch {
		case err == nil:
			last = time.Now()
		case a.publishing():
			return
		case errors.Is(err, errLost), time.Since(last) > leaseTime:
			cancel(errLost)
			return
		}
	}
}

func (a *attempt) publishing() bool { return a.phase.Load() == "publishing" }

func (a *attempt) release(ctx context.Context) {
	if err := a.store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		return tx.ReleaseLease(ctx, query.ReleaseLeaseParams{RunID: a.run.ID, Epoch: a.epoch, Phase: "waiting", UpdatedAt: tx.Now})
	}); err != nil {
		a.log.Warn("a lease could not be given back; it runs out by itself", "run", a.run.ID, "error", err)
	}
}

// end ends the run without a result, and removes what it has written.
func (a *attempt) end(ctx context.Context, state, text string) error {
	return a.store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		if err := a.hold(ctx, tx); err != nil {
			return err
		}
		return endWithout(ctx, tx, a.run, a.epoch, state, text)
	})
}

func endWithout(ctx context.Context, tx *store.Tx, run *query.Run, epoch int64, state, text string) error {
	c, err := tx.Catalog(ctx, run.CatalogID)
	if err != nil {
		return err
	}
	if c.CurrentUpload < run.UploadID {
		if err := tx.DropStaged(ctx, run.CatalogID, run.UploadID); err != nil {
			return err
		}
	}
	if err := tx.EndRun(ctx, query.EndRunParams{ID: run.ID, State: state, Error: text, PolicySHA256: run.PolicySHA256, FinishedAt: tx.Now}); err != nil {
		return err
	}
	if err := tx.ReleaseLease(ctx, query.ReleaseLeaseParams{RunID: run.ID, Epoch: epoch, Phase: "done", UpdatedAt: tx.Now}); err != nil {
		return err
	}
	tx.Log(store.Event{Workspace: run.WorkspaceID, Kind: "run." + state, Rows: []store.Ref{store.Row("runs", run.ID)},
		Data: map[string]any{"run": run.ID, "upload": run.UploadID, "error": text}})
	return nil
}

// screening is a run made ready.
type screening struct {
	screener *screen.Screener
	sources  []screen.Source
	run      screen.Run
	sum      string // of the policy
	blob     *counted
	close    func()
}

// prepare opens the upload and makes the screener of a run.
func prepare(ctx context.Context, s *store.Store, run *query.Run, snapshot *screen.Snapshot, tool string, workers int, read *atomic.Int64) (*screening, error) {
	policy, sum, err := policyOf(run, snapshot)
	if err != nil {
		return nil, &uploadError{err}
	}
	screener, err := screen.New(snapshot, policy, screen.AsOf(offshelf.Day(run.AsOf)), screen.Workers(workers))
	if err != nil {
		return nil, &uploadError{fmt.Errorf("the policy %s: %w", run.PolicyName, err)}
	}
	options, err := optionsOf(run)
	if err != nil {
		return nil, &uploadError{err}
	}
	up, err := s.Query().Upload(ctx, run.UploadID)
	if err != nil {
		return nil, err
	}
	blob, _, err := s.OpenBlob(ctx, up.BlobID)
	if err != nil {
		return nil, err
	}
	bytes := &counted{Reader: blob, n: read}
	return &screening{screener: screener, sum: sum, blob: bytes, close: func() { blob.Close() },
		sources: []screen.Source{{Name: up.Filename, Read: bytes, Map: options.Map, Form: options.Format, Keep: options.Keep}},
		run:     screen.Run{Tool: tool, PolicySum: sum}}, nil
}

// counted counts the bytes of an upload that were read, and remembers where the
// store could not give them.
type counted struct {
	io.Reader
	n   *atomic.Int64
	err error
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// screen reads the upload through the screener, writes new versions of products
// on the way, and publishes what came of it in one transaction.
func (a *attempt) screen(ctx context.Context) error {
	st := a.state()
	if err := a.keepState(ctx, st); err != nil {
		return fmt.Errorf("the state of the knowledge: %w", err)
	}
	if err := a.afresh(ctx); err != nil {
		return err
	}
	sc, err := prepare(ctx, a.store, a.run, st.Snapshot, a.tool, a.workers, &a.bytes)
	if err != nil {
		return err
	}
	defer sc.close()
	c, err := a.collector(ctx, sc, st.Snapshot)
	if err != nil {
		return err
	}
	batches := make(chan *batch, 2)
	writing, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wrote sync.WaitGroup
	wrote.Go(func() {
		for b := range batches {
			if writing.Err() != nil {
				continue
			}
			if err := a.write(writing, b); err != nil {
				stop(err)
			}
		}
	})
	c.send = func(b *batch) error {
		select {
		case <-writing.Done():
			return context.Cause(writing)
		case batches <- b:
			return nil
		}
	}
	run := sc.run
	run.Emit, run.Seen = emitTo(c.stream), c.seen
	run.Watch = func(rows int) { a.rows.Store(int64(rows)) }
	summary, err := sc.screener.Catalogs(writing, sc.sources, run)
	if err == nil {
		c.shelf.missing(c.end)
		err = c.flush()
	}
	close(batches)
	wrote.Wait()
	if cause := context.Cause(writing); cause != nil {
		return cause
	}
	if sc.blob.err != nil { // no fault of the upload: to be tried again
		return fmt.Errorf("upload %d cannot be read from the store: %w", a.run.UploadID, sc.blob.err)
	}
	if err != nil {
		return &uploadError{err}
	}
	text, err := json.Marshal(summary, json.Deterministic(true))
	if err != nil {
		return err
	}
	a.rows.Store(int64(summary.Read))
	a.phase.Store("publishing")
	return a.store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		return a.publish(ctx, tx, c, sc.sum, st.Snapshot.Sum(), string(text))
	})
}

// afresh removes what an attempt before this one wrote. It may have known other
// facts, or been another version of offshelf that read the file differently.
func (a *attempt) afresh(ctx context.Context) error {
	return a.store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		if err := a.hold(ctx, tx); err != nil {
			return err
		}
		c, err := tx.Catalog(ctx, a.run.CatalogID)
		if err != nil || c.CurrentUpload >= a.run.UploadID {
			return err
		}
		return tx.DropStaged(ctx, a.run.CatalogID, a.run.UploadID)
	})
}

// collector loads what the catalog has on the shelf and what was found.
func (a *attempt) collector(ctx context.Context, sc *screening, snapshot *screen.Snapshot) (*collector, error) {
	cat, err := a.store.Query().Catalog(ctx, a.run.CatalogID)
	if err != nil {
		return nil, err
	}
	if cat.CurrentUpload > a.run.UploadID {
		return nil, &uploadError{fmt.Errorf("upload %d is not the newest any more", a.run.UploadID)}
	}
	c := &collector{run: a.run, batchRows: a.batchRows, keep: sc.sources[0].Keep, batch: &batch{}, stream: sha256.New(), known: map[string]*known{}, docs: map[string]string{}, titles: map[string]string{},
		shelf:   newShelf(a.run.UploadID, cat.CurrentUpload),
		explain: explainer{snapshot: snapshot, made: map[sameWay]*explanation{}}}
	if err := a.store.Roster(ctx, a.run.CatalogID, a.run.UploadID, c.shelf.add); err != nil {
		return nil, err
	}
	err = a.store.EachFinding(ctx, a.run.CatalogID, func(f *query.Finding) {
		c.known[f.Fingerprint] = &known{id: f.ID, open: f.State == "open", state: stateOf(f), caseID: f.CaseID}
	})
	return c, err
}

// write is one batch in one transaction.
func (a *attempt) write(ctx context.Context, b *batch) error {
	return a.store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		a.rows.Store(max(a.rows.Load(), int64(b.rows)))
		if err := a.hold(ctx, tx); err != nil {
			return err
		}
		if err := tx.AddProducts(ctx, b.products); err != nil {
			return err
		}
		if err := tx.AddAttributions(ctx, b.attributions); err != nil {
			return err
		}
		return tx.EndProducts(ctx, a.run.UploadID, b.ended)
	})
}
