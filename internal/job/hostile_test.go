package job_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

// One id in all rows takes no time that grows with their square: with it this
// test would take many minutes.
func TestOneIDInAllRows(t *testing.T) {
	const rows = 100_000
	s := storetest.Open(t, store.Options{Database: storetest.SQLite(t)})
	h := newShop(t, s, "{}")
	text := "id,title,brand\n" + strings.Repeat("same,Kettle,Acme\n", rows)
	for range 2 { // also against what is there
		h.upload(text)
		var n int
		if err := s.Reader().QueryRow("SELECT count(*) FROM products WHERE to_upload = 0").Scan(&n); err != nil || n != rows {
			t.Errorf("%d products, %v; want %d", n, err, rows)
		}
	}
	h.upload("id,title,brand\nsame,Kettle,Acme\n")
	var n int
	if err := s.Reader().QueryRow("SELECT count(*) FROM products WHERE to_upload = 0").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d products, %v; want 1", n, err)
	}
}

// A database that goes away while the upload is read from it is no fault of the
// upload: the run goes on when it is back.
func TestDatabaseGoesWhileTheUploadIsRead(t *testing.T) {
	ctx := context.Background()
	database := storetest.Postgres(t)
	h := newShop(t, storetest.Open(t, store.Options{Database: database}), "{}")
	h.upload("id,title,brand\n0,Kettle,Acme\n") // the state of the knowledge is kept from now on
	if err := h.w.Stop(ctx); err != nil {       // it must not be faster than this test
		t.Fatal(err)
	}
	run := h.submit("id,title,brand\n1,Lorex camera,Lorex\n")
	connect := func() *pgx.Conn {
		c, err := pgx.Connect(ctx, database)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close(ctx) })
		return c
	}
	tx, err := connect().Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "LOCK TABLE blob_chunks IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	h.start()
	h.w.Wake(run.ID)
	look := connect() // a transaction sees one state of the activity
	for ended, until := 0, time.Now().Add(time.Minute); ended == 0; time.Sleep(10 * time.Millisecond) {
		if err := look.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%SELECT data FROM blob_chunks%'`).Scan(&ended); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(until) {
			t.Fatal("nobody reads the upload")
		}
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if run = h.done(run); run.State != "published" {
		t.Errorf("run %s: %s", run.State, run.Error)
	}
}
