package job_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// now works a run off at once.
func (h *shop) now(run query.Run) query.Run {
	h.tb.Helper()
	if err := h.w.Execute(context.Background(), run.ID); err != nil {
		h.tb.Fatal(err)
	}
	run, err := h.s.Query().Run(context.Background(), run.ID)
	if err != nil {
		h.tb.Fatal(err)
	}
	return run
}

func (h *shop) published(text string) query.Run {
	h.tb.Helper()
	run := h.now(h.submit(text))
	if run.State != "published" {
		h.tb.Fatalf("run %s: %s", run.State, run.Error)
	}
	return run
}

// again asks for another run on the upload of a run.
func (h *shop) again(run query.Run) query.Run {
	h.tb.Helper()
	ctx := context.Background()
	if err := h.s.Update(ctx, "user:1", func(tx *store.Tx) error {
		c, err := tx.Catalog(ctx, h.catalog.ID)
		if err != nil {
			return err
		}
		up, err := tx.Upload(ctx, run.UploadID)
		if err != nil {
			return err
		}
		run, err = job.Rescreen(ctx, tx, c, up, day)
		return err
	}); err != nil {
		h.tb.Fatal(err)
	}
	return run
}

func (h *shop) number(q string, args ...any) (n int64) {
	h.tb.Helper()
	if err := h.s.Reader().QueryRow(q, args...).Scan(&n); err != nil {
		h.tb.Fatal(err)
	}
	return n
}

// Rows without an id that have a title in common are products of their own.
func TestRowsWithoutAnIDKeepTheirFindings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := stillShop(t, s, `{"keep":["store"]}`)
		a, b := lorex, lorex
		a[0], b[0] = "", ""
		b[2] = "LOREX"
		h.published(table(a, hammer))
		one := h.number("SELECT count(*) FROM findings WHERE state = 'open'")
		h.published(table(a, b, hammer))
		if two := h.number("SELECT count(*) FROM findings WHERE state = 'open'"); one == 0 || two != 2*one {
			t.Errorf("%d findings on one product, %d on two", one, two)
		}
	})
}

// Rows of one id that only change places are what they were.
func TestRowsWithOneIDInAnotherOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := stillShop(t, s, `{"keep":["store"]}`)
		rows := [][4]string{lorex, {"L1", "Lorex 2K doorbell", "Lorex", "south"}, {"L1", "Claw hammer", "Estwing", "east"}, ezviz}
		h.published(table(rows...))
		h.published(table(rows[3], rows[2], rows[1], rows[0]))
		if n := h.number("SELECT count(*) FROM findings WHERE opened_run <> changed_run OR state <> 'open'"); n != 0 {
			t.Errorf("%d findings changed", n)
		}
		if n := h.number("SELECT count(*) FROM products"); n != 4 {
			t.Errorf("%d versions of four products", n)
		}
		// What stays keeps its number where others go, and what goes is gone.
		h.published(table(rows[1], rows[3]))
		h.published(table(rows[3], rows[1]))
		if n := h.number("SELECT count(*) FROM findings WHERE opened_run <> changed_run AND state = 'open'"); n != 0 {
			t.Errorf("%d findings on what stayed changed", n)
		}
		if n := h.number("SELECT count(*) FROM products WHERE to_upload = 0"); n != 2 {
			t.Errorf("%d products on the shelf", n)
		}
	})
}

// without is the embedded knowledge without a brand.
func without(tb testing.TB, brand string) func() *job.State {
	tb.Helper()
	k, _, err := knowledge.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	less := *k
	less.Brands = nil
	for _, b := range k.Brands {
		if b.ID != brand {
			less.Brands = append(less.Brands, b)
		}
	}
	facts, err := knowledge.Compile(&less)
	if err != nil {
		tb.Fatal(err)
	}
	k, sum, err := knowledge.Decode(facts)
	if err != nil {
		tb.Fatal(err)
	}
	snapshot, err := screen.Compile(k, sum)
	if err != nil {
		tb.Fatal(err)
	}
	return func() *job.State { return &job.State{Snapshot: snapshot, Facts: facts} }
}

// An attempt that was cut short, and one after it that knows other facts: only
// the second one's rows count.
func TestAnAttemptStartsFromWhatWasPublished(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			cut := &cutter{}
			s := storetest.Open(t, store.Options{Database: engine.database(t), Clock: cut.clock})
			h := stillShop(t, s, `{"keep":["store"]}`)
			h.published(table(lorex, hammer))
			run := h.submit(table(ezviz, [4]string{"L1", "Lorex camera", "Lorex", "north"}, [4]string{"H2", "Hammer", "Estwing", "north"}))
			h.w.SetBatchRows(1)
			ctx, cancel := context.WithCancel(context.Background())
			// take, afresh, the batches, and there it ends: before publish
			cut.after(5, cancel)
			if err := h.w.Execute(ctx, run.ID); err == nil {
				t.Fatal("the attempt was not cut short")
			}
			if h.number("SELECT count(*) FROM products WHERE from_upload = $1", run.UploadID) == 0 {
				t.Fatal("nothing was written before the end")
			}
			// As if it had been read differently: H1 was taken off.
			h1 := h.number("SELECT id FROM products WHERE key = 'H1' AND from_upload < $1", run.UploadID)
			if err := s.Update(context.Background(), store.SystemActor, func(tx *store.Tx) error {
				return tx.EndProducts(context.Background(), run.UploadID, []int64{h1})
			}); err != nil {
				t.Fatal(err)
			}
			h.w = h.worker(without(t, "ezviz"))
			if run = h.now(run); run.State != "published" {
				t.Fatalf("run %s: %s", run.State, run.Error)
			}
			if shelf := h.shelf(); len(shelf) != 3 || shelf["H2"] == "" {
				t.Errorf("on the shelf: %v", shelf)
			}
			if n := h.number("SELECT count(*) FROM attributions WHERE brand = 'ezviz'"); n != 0 {
				t.Error("an attribution of the attempt before is left")
			}
		})
	}
}

// An upload that changed products is screened again with other facts.
func TestScreenedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := stillShop(t, s, `{"keep":["store"]}`)
		other := lorex
		other[1] = "Lorex 2K doorbell"
		h.published(table(lorex, ezviz, hammer))
		run := h.published(table(other, hammer))
		sums := run.ProductsSum + run.EndedSum + run.AttributionsSum
		for range 2 {
			next := h.now(h.again(run))
			if next.State != "published" {
				t.Fatalf("run %s: %s", next.State, next.Error)
			}
		}
		if run, _ = s.Query().Run(context.Background(), run.ID); run.ProductsSum+run.EndedSum+run.AttributionsSum != sums {
			t.Error("the run that was published first is not what it was")
		}
		if shelf := h.shelf(); len(shelf) != 2 || !strings.Contains(shelf["L1"], "doorbell") {
			t.Errorf("on the shelf: %v", shelf)
		}
		// An upload that is not the newest any more can be screened no more.
		h.published(table(hammer))
		if next := h.now(h.again(run)); next.State != "failed" || !strings.Contains(next.Error, "newest") {
			t.Errorf("run %s: %q", next.State, next.Error)
		}
	})
}

// A worker that read a run while another published it does not begin again.
func TestARunThatEndedIsNotTaken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := stillShop(t, s, "{}")
		queued := h.submit(table(lorex))
		h.now(queued)
		if epoch, err := h.w.Take(context.Background(), queued); err == nil {
			t.Errorf("taken the %dth time", epoch)
		}
		p, err := s.Query().Progress(context.Background(), queued.ID)
		if err != nil || p.Phase != "done" || p.LeaseUntil != 0 {
			t.Errorf("progress %+v, %v", p, err)
		}
		// Nor does the heart beat of the one that ended it bring it back.
		if err := s.Update(context.Background(), store.SystemActor, func(tx *store.Tx) error {
			n, err := tx.HoldLease(context.Background(), query.HoldLeaseParams{RunID: queued.ID, Epoch: p.Epoch, LeaseUntil: tx.Now + 1e6, Phase: "publishing"})
			if err == nil && n != 0 {
				t.Error("a lease on a run that has ended was held")
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		if err := s.Update(context.Background(), "user:1", func(tx *store.Tx) error { return job.Cancel(context.Background(), tx, queued) }); err == nil {
			t.Error("a run that was published meanwhile was cancelled")
		}
	})
}

// Uploads of one catalog are numbered in the order of their commits.
func TestUploadsInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := stillShop(t, s, "{}")
		ctx := context.Background()
		blob, err := s.Receive(ctx, h.catalog.WorkspaceID, strings.NewReader(table(lorex)), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		second := make(chan query.Run, 1)
		var first query.Run
		if err := s.Update(ctx, "user:1", func(tx *store.Tx) (err error) {
			if _, first, err = job.Submit(ctx, tx, job.Upload{Catalog: h.catalog, Filename: "a.csv", Blob: blob, AsOf: day}); err != nil {
				return err
			}
			go func() { second <- h.submit(table(ezviz)) }()
			select {
			case r := <-second:
				t.Errorf("run %d was there before run %d", r.ID, first.ID)
				second <- r
			case <-time.After(300 * time.Millisecond):
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		r := <-second
		if r.ID < first.ID {
			t.Errorf("run %d was there before run %d", first.ID, r.ID)
		}
		if err := h.w.Execute(ctx, r.ID); !job.Elsewhere(err) {
			t.Errorf("the second run begins before the first has ended: %v", err)
		}
	})
}

// A lease of a clock that was a year ahead keeps nobody waiting.
func TestALeaseOfAWrongClock(t *testing.T) {
	for _, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			var ahead time.Duration
			s := storetest.Open(t, store.Options{Database: engine.database(t), Clock: func() time.Time { return time.Now().Add(ahead) }})
			h := stillShop(t, s, "{}")
			run := h.submit(table(lorex))
			ahead = 365 * 24 * time.Hour
			if _, err := h.w.Take(context.Background(), run); err != nil { // and is never heard of again
				t.Fatal(err)
			}
			ahead = 0
			if run = h.now(run); run.State != "published" {
				t.Errorf("run %s: %s", run.State, run.Error)
			}
		})
	}
}

// A finding that the policy only notes any more leaves its case closed, and
// opens it when it is more again.
func TestANoteOpensNoCase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := stillShop(t, s, "{}")
		run := h.published(table(lorex))
		state := func() string {
			var out []string
			h.rows("SELECT state, findings FROM cases", func(v []any) { out = append(out, fmt.Sprint(v...)) })
			return strings.Join(out, " ")
		}
		open := state()
		if !strings.HasPrefix(open, "open") {
			t.Fatalf("cases: %q", open)
		}
		h.policy("notes", "title: Notes\nrules: []\notherwise: note\n")
		if run := h.now(h.again(run)); run.State != "published" {
			t.Fatalf("run %s: %s", run.State, run.Error)
		}
		if got := state(); got != "closed0" && got != "closed 0" {
			t.Errorf("a case of notes: %q", got)
		}
		if n := h.number("SELECT count(*) FROM findings WHERE state = 'open' AND action = $1", int64(offshelf.Note)); n == 0 {
			t.Error("no notes")
		}
		h.use("default")
		h.now(h.again(run))
		if got := state(); got != open {
			t.Errorf("cases: %q, at first %q", got, open)
		}
	})
}

// policy keeps a policy of the shop's own and uses it for the catalog.
func (h *shop) policy(name, body string) {
	h.tb.Helper()
	ctx := context.Background()
	if err := h.s.Update(ctx, "user:1", func(tx *store.Tx) error {
		p, err := tx.CreatePolicy(ctx, query.CreatePolicyParams{WorkspaceID: h.catalog.WorkspaceID, Name: name, SHA256: "00", Body: body, CreatedAt: tx.Now})
		tx.Log(store.Event{Workspace: p.WorkspaceID, Kind: "policy.kept", Data: map[string]string{}, Rows: []store.Ref{store.Row("policies", p.ID)}})
		return err
	}); err != nil {
		h.tb.Fatal(err)
	}
	h.use(name)
}

// use has the catalog screened by a policy.
func (h *shop) use(policy string) {
	h.tb.Helper()
	ctx := context.Background()
	if err := h.s.Update(ctx, "user:1", func(tx *store.Tx) error {
		tx.Log(store.Event{Workspace: h.catalog.WorkspaceID, Kind: "catalog.changed", Data: map[string]string{}, Rows: []store.Ref{store.Row("catalogs", h.catalog.ID)}})
		return tx.SetCatalogOptions(ctx, query.SetCatalogOptionsParams{ID: h.catalog.ID, Policy: policy, Options: h.catalog.Options})
	}); err != nil {
		h.tb.Fatal(err)
	}
	h.catalog.Policy = policy
}

// engines are the two, for tests that open a store with options of their own.
var engines = []struct {
	name     string
	database func(testing.TB) string
}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}}

// cutter is a clock that calls something off after so many transactions.
type cutter struct {
	mu   sync.Mutex
	left int
	off  func()
}

func (c *cutter) after(n int, off func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.off = n, off
}

func (c *cutter) clock() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.off != nil {
		if c.left--; c.left <= 0 {
			c.off()
			c.off = nil
		}
	}
	return time.Now()
}
