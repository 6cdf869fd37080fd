package job_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/notify"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(workerVariable); url != "" {
		workUntilKilled(url)
	}
	storetest.Main(m)
}

// day is the day that the tests ask for.
var day = offshelf.DayOf(time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC))

func embedded(tb testing.TB) func() *job.State {
	tb.Helper()
	k, sum, err := knowledge.Embedded()
	if err != nil {
		tb.Fatal(err)
	}
	facts, err := knowledge.Compile(k)
	if err != nil {
		tb.Fatal(err)
	}
	snapshot, err := screen.Compile(k, sum)
	if err != nil {
		tb.Fatal(err)
	}
	return func() *job.State { return &job.State{Snapshot: snapshot, Facts: facts} }
}

// shop is a workspace with one catalog and a worker.
type shop struct {
	tb      testing.TB
	s       *store.Store
	w       *job.Worker
	catalog query.Catalog
	state   func() *job.State
}

func newShop(tb testing.TB, s *store.Store, options string) *shop {
	tb.Helper()
	h := stillShop(tb, s, options)
	h.start()
	return h
}

// stillShop is a shop whose worker does nothing by itself.
func stillShop(tb testing.TB, s *store.Store, options string) *shop {
	tb.Helper()
	ctx := context.Background()
	h := &shop{tb: tb, s: s}
	if err := s.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		ws, err := tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: "shop", Settings: "{}", CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		h.catalog, err = tx.CreateCatalog(ctx, query.CreateCatalogParams{WorkspaceID: ws.ID, Name: "web", Policy: "default", Options: options, CreatedAt: tx.Now})
		tx.Log(store.Event{Workspace: ws.ID, Kind: "catalog.created", Data: map[string]string{"name": "web"},
			Rows: []store.Ref{store.Row("workspaces", ws.ID), store.Row("catalogs", h.catalog.ID)}})
		return err
	}); err != nil {
		tb.Fatal(err)
	}
	h.w = h.worker(embedded(tb))
	tb.Cleanup(h.verify)
	return h
}

// verify holds that the database is as its ledger says.
func (h *shop) verify() {
	h.tb.Helper()
	v, err := h.s.Verify(context.Background(), store.VerifyOptions{})
	if err != nil {
		h.tb.Fatal(err)
	}
	for _, f := range v.Failures {
		h.tb.Error(f)
	}
}

func (h *shop) worker(state func() *job.State) *job.Worker {
	h.tb.Helper()
	w, err := job.New(context.Background(), job.Config{Store: h.s, State: state, Tool: "test", Alone: true, Workers: 2})
	if err != nil {
		h.tb.Fatal(err)
	}
	return w
}

func (h *shop) start() {
	h.tb.Helper()
	ctx := context.Background()
	w := h.worker(embedded(h.tb))
	if err := w.Start(ctx); err != nil {
		h.tb.Fatal(err)
	}
	h.w = w
	h.tb.Cleanup(func() { w.Stop(ctx) })
}

// submit keeps an upload and asks for a run.
func (h *shop) submit(text string) query.Run {
	h.tb.Helper()
	ctx := context.Background()
	blob, err := h.s.Receive(ctx, h.catalog.WorkspaceID, strings.NewReader(text), 1<<30)
	if err != nil {
		h.tb.Fatal(err)
	}
	var run query.Run
	if err := h.s.Update(ctx, "user:1", func(tx *store.Tx) (err error) {
		_, run, err = job.Submit(ctx, tx, job.Upload{Catalog: h.catalog, Filename: "web.csv", Blob: blob, AsOf: day})
		return err
	}); err != nil {
		h.tb.Fatal(err)
	}
	return run
}

// done waits for the end of a run.
func (h *shop) done(run query.Run) query.Run {
	h.tb.Helper()
	ctx := context.Background()
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		run, err := h.s.Query().Run(ctx, run.ID)
		if err != nil {
			h.tb.Fatal(err)
		}
		if run.State != "queued" {
			return run
		}
		if time.Now().After(until) {
			h.tb.Fatalf("run %d is still queued after two minutes", run.ID)
		}
	}
}

func (h *shop) upload(text string) query.Run {
	h.tb.Helper()
	run := h.submit(text)
	h.w.Wake(run.ID)
	run = h.done(run)
	if run.State != "published" {
		h.tb.Fatalf("run %s: %s", run.State, run.Error)
	}
	return run
}

// shelf is what the catalog has on the shelf: key and title.
func (h *shop) shelf() map[string]string {
	h.tb.Helper()
	out := map[string]string{}
	c, err := h.s.Query().Catalog(context.Background(), h.catalog.ID)
	if err != nil {
		h.tb.Fatal(err)
	}
	h.rows("SELECT key, doc FROM products WHERE catalog_id = $1 AND from_upload <= $2 AND (to_upload = 0 OR to_upload > $2)", func(v []any) {
		out[v[0].(string)] += v[1].(string)
	}, h.catalog.ID, c.CurrentUpload)
	return out
}

// findings are those of the catalog: product key, regime and state.
func (h *shop) findings() []string {
	h.tb.Helper()
	var out []string
	h.rows(`SELECT p.key, f.regime, f.state, f.ended_why FROM findings f JOIN products p ON p.id = f.product_id ORDER BY p.key, f.regime, f.listing`, func(v []any) {
		out = append(out, strings.TrimSpace(fmt.Sprint(v...)))
	})
	return out
}

func (h *shop) rows(q string, each func([]any), args ...any) {
	h.tb.Helper()
	rows, err := h.s.Reader().Query(q, args...)
	if err != nil {
		h.tb.Fatal(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	for rows.Next() {
		v, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range v {
			into[i] = &v[i]
		}
		if err := rows.Scan(into...); err != nil {
			h.tb.Fatal(err)
		}
		each(v)
	}
	if err := rows.Err(); err != nil {
		h.tb.Fatal(err)
	}
}

// table writes a catalog of sku, title, brand and store.
func table(rows ...[4]string) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"sku", "title", "brand", "store"})
	for _, r := range rows {
		w.Write(r[:])
	}
	w.Flush()
	return b.String()
}

var (
	lorex  = [4]string{"L1", "Lorex 4K security camera", "Lorex", "north"}
	ezviz  = [4]string{"E1", "Ezviz C6N indoor camera", "EZVIZ", "south"}
	hammer = [4]string{"H1", "Claw hammer 16 oz", "Estwing", "north"}
)

func TestUploadsMakeAHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, `{"keep":["store"]}`)
		first := h.upload(table(lorex, ezviz, hammer))
		shelf := h.shelf()
		if len(shelf) != 3 || !strings.Contains(shelf["H1"], "Claw hammer") {
			t.Fatalf("on the shelf: %v", shelf)
		}
		open := h.findings()
		if len(open) == 0 {
			t.Fatal("no findings on Lorex and Ezviz")
		}
		for _, f := range open {
			if strings.HasPrefix(f, "H1") || !strings.Contains(f, "open") {
				t.Errorf("finding %s", f)
			}
		}
		renamed := ezviz
		renamed[1] = "Ezviz C6N indoor camera, white"
		h.upload(table(renamed, hammer))
		if shelf = h.shelf(); len(shelf) != 2 || !strings.Contains(shelf["E1"], "white") {
			t.Fatalf("on the shelf: %v", shelf)
		}
		ended := 0
		for _, f := range h.findings() {
			switch {
			case strings.HasPrefix(f, "L1") && strings.Contains(f, "ended") && strings.Contains(f, "product gone"):
				ended++
			case strings.HasPrefix(f, "E1") && strings.Contains(f, "open"):
			default:
				t.Errorf("finding %s", f)
			}
		}
		if ended == 0 {
			t.Error("no finding ended")
		}
		// The same bytes again change nothing, and back comes what came back.
		before := h.findings()
		h.upload(table(renamed, hammer))
		if after := h.findings(); fmt.Sprint(before) != fmt.Sprint(after) {
			t.Errorf("the same upload again changed the findings:\n%v\n%v", before, after)
		}
		h.upload(table(lorex, ezviz, hammer))
		if back := h.findings(); fmt.Sprint(back) != fmt.Sprint(open) {
			t.Errorf("findings after the products came back:\n%v\nat first:\n%v", back, open)
		}
		var versions int
		h.rows("SELECT count(*) FROM products WHERE key = 'H1'", func(v []any) { versions = int(v[0].(int64)) })
		if versions != 1 {
			t.Errorf("%d versions of a product that never changed", versions)
		}
		same, err := job.Rerun(context.Background(), s, first.ID, 1, io.Discard)
		if err != nil || !same.Same() {
			t.Errorf("rerun of the first run: %+v, %v", same, err)
		}
	})
}

func TestRowsWithOneID(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := newShop(t, s, "{}")
		other := lorex
		other[1], other[3] = "Lorex 2K doorbell", "south"
		for range 2 {
			h.upload(table(lorex, other, lorex, hammer))
			var keys []string
			h.rows("SELECT key, title FROM (SELECT key, doc AS title FROM products WHERE to_upload = 0) p ORDER BY 1, 2", func(v []any) { keys = append(keys, v[0].(string)) })
			if fmt.Sprint(keys) != "[H1 L1 L1 L1]" {
				t.Fatalf("products %v", keys)
			}
		}
	})
}

func TestFailedAndCancelledRunsLeaveNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h := newShop(t, s, `{"keep":["store"]}`)
		h.upload(table(lorex, hammer))
		run := h.submit("sku,title\nX,No store column\n")
		h.w.Wake(run.ID)
		if run = h.done(run); run.State != "failed" || !strings.Contains(run.Error, "store") {
			t.Fatalf("run %s: %q", run.State, run.Error)
		}
		h.w.Stop(ctx)
		run = h.submit(table(ezviz))
		if err := s.Update(ctx, "user:1", func(tx *store.Tx) error { return job.Cancel(ctx, tx, run) }); err != nil {
			t.Fatal(err)
		}
		h.start()
		if run = h.done(run); run.State != "cancelled" {
			t.Fatalf("run %s: %q", run.State, run.Error)
		}
		if shelf := h.shelf(); len(shelf) != 2 {
			t.Errorf("on the shelf: %v", shelf)
		}
		h.upload(table(ezviz, hammer))
		if shelf := h.shelf(); len(shelf) != 2 || shelf["E1"] == "" {
			t.Errorf("on the shelf: %v", shelf)
		}
	})
}

func TestReplacedEditionsAreTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		h := newShop(t, s, "{}")
		if err := s.Update(ctx, "user:1", func(tx *store.Tx) error {
			e, err := tx.CreateEndpoint(ctx, query.CreateEndpointParams{WorkspaceID: h.catalog.WorkspaceID, URL: "https://hooks.example/x", Secret: notify.NewSecret().Reveal(), Types: `["edition.replaced"]`, CreatedAt: tx.Now})
			tx.Log(store.Event{Workspace: h.catalog.WorkspaceID, Kind: "endpoint.created", Data: map[string]string{}, Rows: []store.Ref{store.Row("endpoints", e.ID)}})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		h.w.Stop(ctx) // so that nothing is sent
		state := embedded(t)()
		k, _, err := knowledge.Embedded()
		if err != nil {
			t.Fatal(err)
		}
		for i, editions := range []string{"", "us-csl 2026-11-23", "us-csl 2026-11-23", "us-csl 2026-11-24"} {
			snapshot, err := screen.Compile(k, fmt.Sprintf("%064x", i))
			if err != nil {
				t.Fatal(err)
			}
			w, err := job.New(ctx, job.Config{Store: s, Tool: "test", State: func() *job.State { return &job.State{Snapshot: snapshot, Facts: state.Facts, Editions: editions} }})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := w.Keep(ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		var told []string
		h.rows("SELECT type, body FROM deliveries ORDER BY id", func(v []any) { told = append(told, v[1].(string)) })
		if len(told) != 2 || !strings.Contains(told[0], "us-csl 2026-11-23") || !strings.Contains(told[1], "us-csl 2026-11-24") {
			t.Errorf("told: %v", told)
		}
	})
}
