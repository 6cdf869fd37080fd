package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteEngine is one file, one writer and any number of readers.
type sqliteEngine struct{}

func (s *Store) openSQLite(ctx context.Context, o Options) error {
	open := func(pragmas ...string) (*sql.DB, error) {
		v := url.Values{"_pragma": append([]string{"busy_timeout(10000)", "foreign_keys(1)", "temp_store(2)"}, pragmas...), "_txlock": {"immediate"}}
		return sql.Open("sqlite", "file:"+(&url.URL{Path: o.Database}).EscapedPath()+"?"+v.Encode())
	}
	if o.Inspect {
		if _, err := os.Stat(o.Database); err != nil {
			return fmt.Errorf("%s: there is no database: name the one that you mean with --db or --data", o.Database)
		}
		read, err := open("query_only(1)", "cache_size(-65536)", "mmap_size(1073741824)")
		if err != nil {
			return err
		}
		s.engine, s.write, s.read = sqliteEngine{}, read, read
		return nil
	}
	// synchronous(full): what was acknowledged outlives a power cut too.
	write, err := open("journal_mode(wal)", "synchronous(full)", "cache_size(-131072)", "wal_autocheckpoint(4000)", "journal_size_limit(134217728)")
	if err != nil {
		return err
	}
	write.SetMaxOpenConns(1)
	write.SetMaxIdleConns(1)
	write.SetConnMaxLifetime(0)
	if err := write.PingContext(ctx); err != nil {
		write.Close()
		return fmt.Errorf("%s: the database cannot be opened: %w", o.Database, err)
	}
	read, err := open("query_only(1)", "cache_size(-16384)", "mmap_size(1073741824)")
	if err != nil {
		write.Close()
		return err
	}
	read.SetMaxOpenConns(8)
	read.SetMaxIdleConns(8)
	s.engine, s.write, s.read = sqliteEngine{}, write, read
	return nil
}

func (sqliteEngine) name() string { return "sqlite" }

func (sqliteEngine) close() error { return nil }

func (sqliteEngine) migrations() (goose.Dialect, fs.FS) {
	return goose.DialectSQLite3, sqliteMigrations{migrationFiles}
}

func (sqliteEngine) sessionLocker() goose.ProviderOption { return nil }

// lockLedger needs no lock: a transaction that writes is alone.
func (sqliteEngine) lockLedger(ctx context.Context, tx *sql.Tx) (size int64, frontier []byte, err error) {
	err = tx.QueryRowContext(ctx, "SELECT size, frontier FROM ledger_state WHERE id = 1").Scan(&size, &frontier)
	return size, frontier, err
}

// lockAll has nothing to do: a transaction that writes is alone.
func (sqliteEngine) lockAll(context.Context, *sql.Tx) error { return nil }

func (sqliteEngine) sequences(ctx context.Context, tx *sql.Tx) (map[string]int64, error) {
	return readSequences(tx.QueryContext(ctx, "SELECT name, seq FROM sqlite_sequence WHERE name IN ("+backupNames()+") ORDER BY name"))
}

// setSequences: SQLite itself counts the rows that were inserted.
func (sqliteEngine) setSequences(ctx context.Context, tx *sql.Tx, last map[string]int64) error {
	for table, id := range last {
		if _, err := tx.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) SELECT $1, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $1)", table); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE sqlite_sequence SET seq = max(seq, $2) WHERE name = $1", table, id); err != nil {
			return err
		}
	}
	return nil
}

func (sqliteEngine) again(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
}

// bulkRows is how many rows one JSON text carries.
const bulkRows = 2000

// bulk hands the rows over as JSON, which SQLite takes apart itself: several
// times as fast as a statement a row, as each step into the engine is dear.
func (sqliteEngine) bulk(ctx context.Context, tx *Tx, table string, columns []string, rows [][]any) error {
	var q strings.Builder
	fmt.Fprintf(&q, "INSERT INTO %s (%s) SELECT ", table, strings.Join(columns, ", "))
	for i := range columns {
		if i > 0 {
			q.WriteString(", ")
		}
		if len(rows) > 0 {
			if _, blob := rows[0][i].([]byte); blob {
				fmt.Fprintf(&q, "unhex(value->>%d)", i)
				continue
			}
		}
		fmt.Fprintf(&q, "value->>%d", i)
	}
	q.WriteString(" FROM json_each($1)")
	st, err := tx.sql.PrepareContext(ctx, q.String())
	if err != nil {
		return err
	}
	defer st.Close()
	var text []byte
	for len(rows) > 0 {
		n := min(len(rows), bulkRows)
		text = append(text[:0], '[')
		for i, row := range rows[:n] {
			if i > 0 {
				text = append(text, ',')
			}
			text = append(text, '[')
			for j, v := range row {
				if j > 0 {
					text = append(text, ',')
				}
				switch v := v.(type) {
				case int64:
					text = strconv.AppendInt(text, v, 10)
				case string:
					text = appendJSONText(text, v)
				case []byte:
					text = append(text, '"')
					text = hex.AppendEncode(text, v)
					text = append(text, '"')
				default:
					return fmt.Errorf("%s.%s: a %T cannot be stored", table, columns[j], v)
				}
			}
			text = append(text, ']')
		}
		text = append(text, ']')
		if _, err := st.ExecContext(ctx, string(text)); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
