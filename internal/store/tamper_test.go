package store_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/klauspost/compress/zstd"

	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

// tampered are the tables that somebody who holds the database may want to
// alter.
var tampered = []string{"workspaces", "users", "members", "api_keys", "policies", "blobs", "snapshots", "catalogs", "uploads", "runs", "explanations", "findings", "cases", "decisions",
	"suppressions", "pulls", "attachments", "supplier_requests", "endpoints", "products", "attributions", "blob_chunks", "leaves", "tree_heads", "ledger_state"}

// seedOf is the seed of a random test: OFFSHELF_SEED repeats a run.
func seedOf(t *testing.T) uint64 {
	seed := rand.Uint64()
	if s := os.Getenv("OFFSHELF_SEED"); s != "" {
		seed = must[uint64](t)(strconv.ParseUint(s, 10, 64))
	}
	t.Logf("OFFSHELF_SEED=%d", seed)
	return seed
}

// TestTampering: 50 random alterations by SQL, each of a fresh copy, and each
// is found.
func TestTampering(t *testing.T) {
	seed := seedOf(t)
	eachDatabase(t, func(t *testing.T, database string) {
		key := storetest.Key(t)
		s := storetest.Open(t, store.Options{Database: database, Key: key})
		f := fill(t, s)
		settle(t, s, f)
		verify(t, s, store.VerifyOptions{})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		const rounds = 50
		found := 0
		for n := range rounds {
			r := rand.New(rand.NewPCG(seed, uint64(n)))
			copied := storetest.Copy(t, database)
			what := tamper(t, copied, r)
			c := storetest.Open(t, store.Options{Database: copied, Key: key, Inspect: true})
			v := must[*store.Verification](t)(c.Verify(t.Context(), store.VerifyOptions{}))
			c.Close()
			if v.OK() {
				t.Errorf("tampering %d, %s: not found", n, what)
				continue
			}
			found++
			t.Logf("%d, %s: %v", n, what, v.Failures[0])
		}
		t.Logf("%d of %d found", found, rounds)
	})
}

func eachDatabase(t *testing.T, f func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, storetest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, storetest.Postgres(t)) })
}

// settle cancels the run that is under way and drops what was never kept, as
// nothing seals those yet.
func settle(t *testing.T, s *store.Store, f *filled) {
	runs := must[[]query.QueuedRunsRow](t)(s.Query().QueuedRuns(t.Context()))
	for _, q := range runs {
		r := must[query.Run](t)(s.Query().Run(t.Context(), q.ID))
		update(t, s, func(tx *store.Tx) error {
			tx.Log(store.Event{Workspace: f.workspace, Kind: "run.cancelled", Data: map[string]int64{}, Rows: []store.Ref{store.Row("runs", r.ID)}})
			if err := tx.DropStaged(t.Context(), r.CatalogID, r.UploadID); err != nil {
				return err
			}
			return tx.EndRun(t.Context(), query.EndRunParams{ID: r.ID, State: "cancelled", FinishedAt: tx.Now})
		})
	}
	if err := s.DropAbandoned(t.Context(), s.Now()+1); err != nil {
		t.Fatal(err)
	}
}

// raw opens a database beside the store, without the checks that protect it.
func raw(t *testing.T, database string) (*sql.DB, string) {
	driver, row := "sqlite", "rowid"
	if store.IsPostgres(database) {
		driver, row = "pgx", "ctid::text"
	}
	db := must[*sql.DB](t)(sql.Open(driver, database))
	db.SetMaxOpenConns(1)
	if driver == "pgx" {
		if _, err := db.Exec("SET session_replication_role = replica"); err != nil { // no foreign keys
			t.Fatal(err)
		}
	}
	return db, row
}

// tamper alters something and says what.
func tamper(t *testing.T, database string, r *rand.Rand) string {
	db, row := raw(t, database)
	defer db.Close()
	for range 200 {
		switch n := r.IntN(10); {
		case n == 0:
			return truncate(t, db, r)
		default:
			if what := tamperRow(t, db, row, r, n); what != "" {
				return what
			}
		}
	}
	t.Fatal("nothing could be altered")
	return ""
}

func tamperRow(t *testing.T, db *sql.DB, row string, r *rand.Rand, n int) string {
	table := tampered[r.IntN(len(tampered))]
	rows := must[*sql.Rows](t)(db.Query("SELECT " + row + " AS at_row, * FROM " + table + " ORDER BY 2, 3"))
	columns := must[[]string](t)(rows.Columns())
	var all [][]any
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, values)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatalf("%s is empty", table)
	}
	old := all[r.IntN(len(all))]
	where := fmt.Sprintf("rowid = %v", old[0])
	if row != "rowid" {
		where = fmt.Sprintf("ctid = '%v'", old[0])
	}
	columns = columns[1:]
	at := r.IntN(len(columns))
	values := slices.Clone(old[1:])
	statement, args := "", []any{}
	switch {
	case n <= 6:
		values[at] = altered(r, values[at])
		if table == "blob_chunks" && columns[at] == "data" && sameBytes(t, old[1+at], values[at]) {
			return ""
		}
		statement, args = fmt.Sprintf("UPDATE %s SET %s = $1 WHERE %s", table, columns[at], where), []any{values[at]}
	case n == 7:
		statement = fmt.Sprintf("DELETE FROM %s WHERE %s", table, where)
	default:
		values[0] = altered(r, values[0])
		if at > 0 && r.IntN(2) == 0 {
			values[at] = altered(r, values[at])
		}
		var holes []string
		for i := range values {
			holes = append(holes, fmt.Sprint("$", i+1))
		}
		statement, args = fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ", "), strings.Join(holes, ", ")), values
	}
	if _, err := db.Exec(statement, args...); err != nil {
		return "" // a constraint forbids it
	}
	if len(args) > 1 {
		return fmt.Sprintf("%s %v copied as %v", table, old[1], values[0])
	}
	return fmt.Sprintf("%s (%v)", strings.ReplaceAll(statement, "WHERE", fmt.Sprintf("of %v WHERE", old[1])), columns[at])
}

// altered changes one byte or bit.
func altered(r *rand.Rand, v any) any {
	switch v := v.(type) {
	case int64:
		return v ^ 1<<r.IntN(40)
	case string:
		runes := []rune(v)
		if len(runes) == 0 {
			return "x"
		}
		i := r.IntN(len(runes))
		for old := runes[i]; runes[i] == old; {
			runes[i] = rune(' ' + r.IntN(95))
		}
		return string(runes)
	case []byte:
		b := slices.Clone(v)
		if len(b) == 0 {
			return []byte{1}
		}
		b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
		return b
	}
	return "x"
}

// sameBytes reports whether two chunks unpack to the same bytes: a bit of a
// zstd frame that nothing reads alters no blob.
func sameBytes(t *testing.T, a, b any) bool {
	dec := must[*zstd.Decoder](t)(zstd.NewReader(nil))
	defer dec.Close()
	x, err1 := dec.DecodeAll(a.([]byte), nil)
	y, err2 := dec.DecodeAll(b.([]byte), nil)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

// truncate removes the newest transactions from the ledger, and half the time
// sets its state back as well, so that it goes on as if nothing had been.
func truncate(t *testing.T, db *sql.DB, r *rand.Rand) string {
	rows := must[*sql.Rows](t)(db.Query("SELECT size FROM tree_heads ORDER BY size"))
	var sizes []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, n)
	}
	rows.Close()
	size := sizes[r.IntN(len(sizes)-1)]
	for _, q := range []string{"DELETE FROM leaves WHERE n >= $1", "DELETE FROM tree_heads WHERE size > $1"} {
		if _, err := db.Exec(q, size); err != nil {
			t.Fatal(err)
		}
	}
	what := fmt.Sprintf("ledger cut to %d of %d leaves", size, sizes[len(sizes)-1])
	if r.IntN(2) == 0 {
		return what
	}
	var f ledger.Frontier
	rows = must[*sql.Rows](t)(db.Query("SELECT hash FROM leaves ORDER BY n"))
	for rows.Next() {
		var h []byte
		if err := rows.Scan(&h); err != nil {
			t.Fatal(err)
		}
		f.Append([32]byte(h))
	}
	rows.Close()
	if _, err := db.Exec("UPDATE ledger_state SET size = $1, frontier = $2", f.Size(), f.Marshal()); err != nil {
		t.Fatal(err)
	}
	return what + ", and its state with it"
}

// TestVerifyAgainst: a whole database that is set back to an older state agrees
// with itself. Only a checkpoint that was kept elsewhere shows it.
func TestVerifyAgainst(t *testing.T) {
	eachDatabase(t, func(t *testing.T, database string) {
		key := storetest.Key(t)
		s := storetest.Open(t, store.Options{Database: database, Key: key})
		f := fill(t, s)
		before := must[query.TreeHead](t)(s.Query().LatestHead(t.Context()))
		s.Close()
		older := storetest.Copy(t, database)
		s = storetest.Open(t, store.Options{Database: database, Key: key})
		newRun(t, s, f)
		after := must[query.TreeHead](t)(s.Query().LatestHead(t.Context()))
		if v := verify(t, s, store.VerifyOptions{Against: []string{before.Note, after.Note}}); v.Against != 2 {
			t.Errorf("%d checkpoints", v.Against)
		}
		back := storetest.Open(t, store.Options{Database: older, Key: key})
		verify(t, back, store.VerifyOptions{})
		verify(t, back, store.VerifyOptions{Against: []string{before.Note}})
		v := must[*store.Verification](t)(back.Verify(t.Context(), store.VerifyOptions{Against: []string{after.Note}}))
		if v.OK() || v.Failures[0].Leaf != before.Size {
			t.Errorf("%+v", v)
		}
		// And one that went another way from there.
		for range after.Size - before.Size + 1 {
			newRun(t, back, f)
		}
		verify(t, back, store.VerifyOptions{})
		v = must[*store.Verification](t)(back.Verify(t.Context(), store.VerifyOptions{Against: []string{before.Note, after.Note, "no checkpoint"}}))
		if v.Failed != 2 || !strings.Contains(v.Failures[0].What, "are not those that it was signed over") || !strings.Contains(v.Failures[1].What, "not signed by") {
			t.Errorf("%v", v.Failures)
		}
		other := storetest.Key(t).Checker()
		if v = must[*store.Verification](t)(back.Verify(t.Context(), store.VerifyOptions{Checker: other})); v.OK() {
			t.Error("another key's ledger is taken")
		}
	})
}

// TestTamperedKinds: SQLite takes a text where a number belongs. That is found
// like any other alteration, and does not end the check.
func TestTamperedKinds(t *testing.T) {
	database := storetest.SQLite(t)
	key := storetest.Key(t)
	s := storetest.Open(t, store.Options{Database: database, Key: key})
	settle(t, s, fill(t, s))
	s.Close()
	for _, q := range []string{
		"UPDATE runs SET upload_id = 'x' WHERE id = 2", "UPDATE runs SET products_sum = x'00' WHERE id = 2", "UPDATE runs SET state = 5 WHERE id = 2",
		"UPDATE leaves SET data = CAST(data AS BLOB) WHERE n = 7", "UPDATE leaves SET batch = 'x' WHERE n = 7", "UPDATE leaves SET seals = 'null' WHERE n = 7",
		"UPDATE leaves SET seals = '[{\"t\":\"sessions\",\"k\":\"1\",\"d\":\"00\"}]' WHERE n = 7", "UPDATE leaves SET hash = 'x' WHERE n = 7", "UPDATE leaves SET n = -3 WHERE n = 7",
		"UPDATE leaves SET n = 9223372036854775807 WHERE n = 7",
		"UPDATE tree_heads SET note = CAST(note AS BLOB) WHERE size = 1", "UPDATE tree_heads SET size = -size", "UPDATE tree_heads SET size = size + 100",
		"UPDATE ledger_state SET frontier = 'x'", "UPDATE ledger_state SET size = 'x'", "UPDATE ledger_state SET size = -1", "DELETE FROM ledger_state",
		"UPDATE products SET to_upload = 'x' WHERE to_upload = 0", "UPDATE products SET from_upload = 1.5", "UPDATE products SET to_upload = 999 WHERE to_upload = 0",
		"UPDATE attributions SET product_id = 'x'", "UPDATE attributions SET product_id = -1", "DELETE FROM attributions", "DELETE FROM products",
		"UPDATE blob_chunks SET data = 'x'", "UPDATE blob_chunks SET n = 'x'", "UPDATE blob_chunks SET blob_id = 'x'", "UPDATE blob_chunks SET n = n + 1",
		"UPDATE blobs SET sha256 = ''", "UPDATE blobs SET size = 'x'", "UPDATE blobs SET chunks = 1.5", "UPDATE blobs SET chunks = 0",
		"DELETE FROM leaves", "DELETE FROM tree_heads", "DELETE FROM leaves; DELETE FROM tree_heads; UPDATE ledger_state SET size = 0, frontier = ''",
		"UPDATE explanations SET doc = NULL", "UPDATE findings SET since = x'ff'", "ALTER TABLE cases ADD COLUMN more TEXT",
	} {
		copied := storetest.Copy(t, database)
		db, _ := raw(t, copied)
		_, err := db.Exec(q)
		db.Close()
		if err != nil {
			if strings.Contains(err.Error(), "constraint failed") {
				continue
			}
			t.Fatalf("%s: %v", q, err)
		}
		c := storetest.Open(t, store.Options{Database: copied, Key: key, Inspect: true})
		v, err := c.Verify(t.Context(), store.VerifyOptions{})
		if err != nil || v.OK() {
			t.Errorf("%s: %v", q, err)
		} else {
			t.Logf("%s: %v", q, v.Failures[0])
		}
		c.Close()
	}
}
