package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

// pairs runs a test from each engine to each.
func pairs(t *testing.T, f func(t *testing.T, key *ledger.Key, from *store.Store, to func() string)) {
	engines := []struct {
		name string
		new  func(testing.TB) string
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}}
	for _, a := range engines {
		for _, b := range engines {
			t.Run(a.name+" to "+b.name, func(t *testing.T) {
				key := storetest.Key(t)
				f(t, key, storetest.Open(t, store.Options{Database: a.new(t), Key: key}), func() string { return b.new(t) })
			})
		}
	}
}

// dump returns all rows of a table.
func dump(t *testing.T, s *store.Store, table string) (out [][]any) {
	t.Helper()
	rows := must[*sql.Rows](t)(s.Reader().Query("SELECT * FROM " + table + " ORDER BY 1, 2"))
	defer rows.Close()
	columns := must[[]string](t)(rows.Columns())
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		out = append(out, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBackupAndRestore(t *testing.T) {
	pairs(t, func(t *testing.T, key *ledger.Key, from *store.Store, to func() string) {
		f := fill(t, from)
		var file bytes.Buffer
		counts := must[store.BackupCounts](t)(from.Backup(t.Context(), &file))
		target := storetest.Open(t, store.Options{Database: to(), Key: key})
		restored := must[store.BackupCounts](t)(target.Restore(t.Context(), bytes.NewReader(file.Bytes())))
		if diff := cmp.Diff(counts, restored); diff != "" {
			t.Error(diff)
		}
		verify(t, target, store.VerifyOptions{})
		for _, table := range store.BackupTableNames() {
			if n := len(dump(t, from, table)); n == 0 || int64(n) != counts[table] {
				t.Errorf("%s: %d rows, counted %d", table, n, counts[table])
			}
			if table == "run_progress" {
				continue
			}
			if diff := cmp.Diff(dump(t, from, table), dump(t, target, table)); diff != "" {
				t.Errorf("%s: %s", table, diff)
			}
		}
		for _, table := range store.NotCarried() {
			if n := len(dump(t, target, table)); n > 0 {
				t.Errorf("%s has %d rows", table, n)
			}
		}
		// Leases are given up, and the work goes on with ids that follow: the
		// last member was removed, and its id is not given again.
		queued := must[[]query.QueuedRunsRow](t)(target.Query().QueuedRuns(t.Context()))
		if len(queued) != 1 || queued[0].LeaseUntil != 0 {
			t.Errorf("queued: %+v", queued)
		}
		update(t, target, func(tx *store.Tx) error {
			m := must[query.Member](t)(tx.CreateMember(t.Context(), query.CreateMemberParams{WorkspaceID: f.workspace, UserID: 1, Role: "reader"}))
			if m.ID != 4 {
				t.Errorf("member %d", m.ID)
			}
			tx.Log(store.Event{Workspace: f.workspace, Kind: "member.added", Rows: []store.Ref{store.Row("members", m.ID)}})
			return nil
		})
		newRun(t, target, f)
		verify(t, target, store.VerifyOptions{})
		if _, err := target.Restore(t.Context(), bytes.NewReader(file.Bytes())); err == nil || !strings.Contains(err.Error(), "is not empty") {
			t.Errorf("restored twice: %v", err)
		}
	})
}

// TestBackupWhileOthersWrite: what is restored is one state, whatever is
// written meanwhile.
func TestBackupWhileOthersWrite(t *testing.T) {
	pairs(t, func(t *testing.T, key *ledger.Key, from *store.Store, to func() string) {
		f := fill(t, from)
		settle(t, from, f)
		ctx, stop := context.WithCancel(t.Context())
		var writers sync.WaitGroup
		written := make(chan struct{}, 1<<16)
		for range 2 {
			writers.Go(func() {
				for ctx.Err() == nil {
					mine := *f
					mine.upload = newUpload(t, from, f, f.blob)
					mine.run = newRun(t, from, &mine)
					publish(t, from, &mine, nil, 20)
					written <- struct{}{}
				}
			})
		}
		<-written
		r, w := io.Pipe()
		var counts store.BackupCounts
		go func() {
			c, err := from.Backup(t.Context(), w)
			counts = c
			w.CloseWithError(err)
		}()
		// A slow reader: more is written while the backup goes on.
		var file bytes.Buffer
		if _, err := io.CopyN(&file, r, 4096); err != nil {
			t.Fatal(err)
		}
		for range 4 {
			<-written
		}
		if _, err := io.Copy(&file, r); err != nil {
			t.Fatal(err)
		}
		stop()
		writers.Wait()
		now := int64(len(dump(t, from, "runs")))
		target := storetest.Open(t, store.Options{Database: to(), Key: key})
		must[store.BackupCounts](t)(target.Restore(t.Context(), &file))
		v := verify(t, target, store.VerifyOptions{})
		if counts["runs"] >= now || v.Leaves != counts["leaves"] {
			t.Errorf("%d runs in the backup, %d now; %+v", counts["runs"], now, v)
		}
		verify(t, from, store.VerifyOptions{})
	})
}

// TestEmptyBackup: also an empty store can be moved.
func TestEmptyBackup(t *testing.T) {
	pairs(t, func(t *testing.T, key *ledger.Key, from *store.Store, to func() string) {
		var file bytes.Buffer
		must[store.BackupCounts](t)(from.Backup(t.Context(), &file))
		target := storetest.Open(t, store.Options{Database: to(), Key: key})
		must[store.BackupCounts](t)(target.Restore(t.Context(), &file))
		fill(t, target)
		verify(t, target, store.VerifyOptions{})
	})
}

// TestBackupNamesAllTables: a table of a new migration is carried, or left out
// on purpose.
func TestBackupNamesAllTables(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
		if s.Engine() == "postgres" {
			q = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
		}
		rows := must[*sql.Rows](t)(s.Reader().Query(q))
		defer rows.Close()
		known := slices.Concat(store.BackupTableNames(), store.NotCarried(), []string{"goose_db_version"})
		n := 0
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			if n++; !slices.Contains(known, name) {
				t.Errorf("%s is neither in backupTables nor in notCarried", name)
			}
		}
		if n != len(known) {
			t.Errorf("%d tables, %d are named", n, len(known))
		}
	})
}

// TestBadBackups: nothing is left of a file that is cut off, altered, of
// another key or of a newer schema.
func TestBadBackups(t *testing.T) {
	seed := seedOf(t)
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fill(t, s)
		var out bytes.Buffer
		must[store.BackupCounts](t)(s.Backup(t.Context(), &out))
		file := out.Bytes()
		database := storetest.SQLite(t)
		if s.Engine() == "postgres" {
			database = storetest.Postgres(t)
		}
		target := storetest.Open(t, store.Options{Database: database, Key: s.Key()})
		try := func(what string, data []byte, want string) {
			t.Helper()
			_, err := target.Restore(t.Context(), bytes.NewReader(data))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Fatalf("%s: %v", what, err)
			}
			if n := len(dump(t, target, "workspaces")) + len(dump(t, target, "leaves")); n > 0 || len(dump(t, target, "ledger_state")) != 1 {
				t.Fatalf("%s: %d rows are left", what, n)
			}
		}
		r := rand.New(rand.NewPCG(seed, 0))
		for range 10 {
			try("cut", file[:r.IntN(len(file)-20)+20], "cut off or altered")
			altered := slices.Clone(file)
			altered[20+r.IntN(len(file)-20)] ^= byte(1 + r.IntN(255))
			try("altered", altered, "cut off or altered")
		}
		try("without its end", file[:len(file)-1], "cut off or altered")
		try("longer", append(slices.Clone(file), 0), "cut off or altered")
		try("twice", append(slices.Clone(file), file...), "cut off or altered")
		try("no file", nil, "no backup of offshelf")
		try("text", []byte("id,brand\n1,Lorex\n"), "no backup of offshelf")
		try("form", []byte("offshelf backup 2\n"+strings.Repeat("x", 99)), "newer offshelf")
		h := []byte(`{"schema":999}`)
		newer := must[[]byte](t)(store.Pack(append(append([]byte{'H'}, byte(len(h))), h...)))
		try("schema", newer, "schema 999")
		var stranger bytes.Buffer
		o := storetest.Open(t, store.Options{Database: storetest.SQLite(t)})
		fill(t, o)
		must[store.BackupCounts](t)(o.Backup(t.Context(), &stranger))
		try("key", stranger.Bytes(), "--ledger-key")
		broken := errors.New("broken")
		if _, err := target.Restore(t.Context(), io.MultiReader(bytes.NewReader(file[:len(file)/2]), errReader{broken})); !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
		must[store.BackupCounts](t)(target.Restore(t.Context(), bytes.NewReader(file)))
		verify(t, target, store.VerifyOptions{})
	})
}

// TestRestoreOddText: SQLite holds texts that PostgreSQL cannot. They are moved
// as they are, or refused; never altered, as they are sealed.
func TestRestoreOddText(t *testing.T) {
	from := storetest.Open(t, store.Options{Database: storetest.SQLite(t)})
	update(t, from, func(tx *store.Tx) error {
		w := must[query.Workspace](t)(tx.CreateWorkspace(t.Context(), query.CreateWorkspaceParams{Name: "a\x00b\xff\xfec", Settings: "{}", CreatedAt: tx.Now}))
		tx.Log(store.Event{Workspace: w.ID, Kind: "workspace.created", Rows: []store.Ref{store.Row("workspaces", w.ID)}})
		return nil
	})
	var file bytes.Buffer
	must[store.BackupCounts](t)(from.Backup(t.Context(), &file))
	to := storetest.Open(t, store.Options{Database: storetest.SQLite(t), Key: from.Key()})
	must[store.BackupCounts](t)(to.Restore(t.Context(), bytes.NewReader(file.Bytes())))
	verify(t, to, store.VerifyOptions{})
	to = storetest.Open(t, store.Options{Database: storetest.Postgres(t), Key: from.Key()})
	if _, err := to.Restore(t.Context(), &file); err == nil || !strings.Contains(err.Error(), "workspaces 1, column name: the text is not UTF-8") {
		t.Error(err)
	}
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

// TestZipBomb: a file of some kilobytes that unpacks to gigabytes is refused
// early.
func TestZipBomb(t *testing.T) {
	s := storetest.Open(t, store.Options{Database: storetest.SQLite(t)})
	schema := must[*store.Schema](t)(store.SchemaOf(t.Context(), s))
	h := []byte(`{"schema":1}`)
	records := append(append([]byte{'H', byte(len(h))}, h...), 'T', 8)
	records = append(records, "policies"...)
	records = append(records, 1, 4)
	records = append(records, "body"...)
	records = append(records, 's')
	value := make([]byte, 200<<20)
	for range 3 {
		records = binary.AppendUvarint(append(records, 'R'), uint64(len(value)))
		records = append(records, value...)
	}
	if err := store.ReadBody(records, schema); err == nil || !strings.Contains(err.Error(), "times its size") {
		t.Error(err)
	}
}

// FuzzRestore takes records apart that anybody may have written.
func FuzzRestore(f *testing.F) {
	s := storetest.Open(f, store.Options{Database: storetest.SQLite(f)})
	schema := must[*store.Schema](f)(store.SchemaOf(f.Context(), s))
	fill(f, s)
	var whole bytes.Buffer
	must[store.BackupCounts](f)(s.Backup(f.Context(), &whole))
	records := must[[]byte](f)(store.Unpack(whole.Bytes()))
	f.Add(records[:min(len(records), 4000)])
	f.Fuzz(func(t *testing.T, records []byte) {
		if err := store.ReadBody(append([]byte("H\x0c{\"schema\":1}"), records...), schema); err != nil && !errors.Is(err, store.ErrBadBackup) && !strings.Contains(err.Error(), "backup") {
			t.Fatal(err)
		}
		if err := store.ReadBackup(records, schema); err == nil && !strings.HasPrefix(string(records), "offshelf backup 1\n") {
			t.Fatal("taken")
		}
	})
}
