package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
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

// bulk runs one prepared statement a row. Rows handed over as one JSON text,
// which SQLite takes apart itself, cost four times as much here: each column is
// a search through the text of its row. The context is asked now and then, as
// the driver starts a goroutine for each statement that could be cancelled.
func (sqliteEngine) bulk(ctx context.Context, tx *Tx, table string, columns []string, rows [][]any) error {
	marks := strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",")
	st, err := tx.sql.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ", "), marks))
	if err != nil {
		return err
	}
	defer st.Close()
	steady := context.WithoutCancel(ctx)
	for i, row := range rows {
		if i%1000 == 999 && ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := st.ExecContext(steady, row...); err != nil {
			return err
		}
	}
	return nil
}
