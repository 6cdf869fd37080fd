// Package store keeps what a team works with over months: catalogs and their
// uploads, products through time, findings, cases, decisions, and the ledger
// that proves that nothing of it was changed afterwards. SQLite serves one
// machine, PostgreSQL any number of processes; one set of queries and one
// conformance suite serve both.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store/query"
)

// ErrNotFound is that there is no such thing, or not for those who ask.
var ErrNotFound = errors.New("not found")

// Store is an open database. It is safe for concurrent use.
type Store struct {
	engine engine
	write  *sql.DB // SQLite: one connection
	read   *sql.DB
	key    *ledger.Key
	log    *slog.Logger
	clock  func() time.Time
	schema int64
}

// Options say what to open.
type Options struct {
	// Database is a postgres:// URL, or the path of an SQLite file.
	Database string
	Key      *ledger.Key // signs tree heads
	Log      *slog.Logger
	Clock    func() time.Time // nil: the system's
	// Connections is how many PostgreSQL connections are held at most; 0 means 20.
	Connections int
	// Inspect opens only to look: nothing is written or made, a schema that is
	// not this version's is refused, and the key, which may be nil, is not
	// compared, so that a damaged database can be opened too.
	Inspect bool
}

// engine is what the two databases do differently.
type engine interface {
	name() string
	// migrations returns the schema in the engine's spelling.
	migrations() (goose.Dialect, fs.FS)
	// lockLedger reads the state of the ledger and keeps others from appending
	// until the transaction ends.
	lockLedger(ctx context.Context, tx *sql.Tx) (size int64, frontier []byte, err error)
	// bulk inserts many rows.
	bulk(ctx context.Context, tx *Tx, table string, columns []string, rows [][]any) error
	// sequences are the last ids that were given, by table.
	sequences(ctx context.Context, tx *sql.Tx) (map[string]int64, error)
	// setSequences has the next ids follow these, and those that are there.
	setSequences(ctx context.Context, tx *sql.Tx, last map[string]int64) error
	// lockAll keeps others from writing until the transaction ends.
	lockAll(ctx context.Context, tx *sql.Tx) error
	// again reports whether a transaction that failed so may be tried again.
	again(err error) bool
	close() error
}

// Open connects, brings the schema up to date and returns the store. It fails
// where the ledger was signed with another key.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{key: o.Key, log: o.Log, clock: o.Clock}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	var err error
	if IsPostgres(o.Database) {
		err = s.openPostgres(ctx, o)
	} else {
		err = s.openSQLite(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx, o.Inspect); err != nil {
		s.Close()
		if !IsPostgres(o.Database) { // a URL may hold a password
			err = fmt.Errorf("%s: %w", o.Database, err)
		}
		return nil, err
	}
	if o.Inspect {
		return s, nil
	}
	if err := s.checkKey(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// IsPostgres reports whether the name of a database is a PostgreSQL URL.
func IsPostgres(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

func (s *Store) migrate(ctx context.Context, inspect bool) error {
	dialect, files := s.engine.migrations()
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		return err
	}
	var options []goose.ProviderOption
	if l := s.engine.(interface{ sessionLocker() goose.ProviderOption }); l.sessionLocker() != nil {
		options = append(options, l.sessionLocker())
	}
	p, err := goose.NewProvider(dialect, s.write, sub, options...)
	if err != nil {
		return fmt.Errorf("the schema: %w", err)
	}
	sources := p.ListSources()
	s.schema = sources[len(sources)-1].Version
	if inspect {
		return s.checkSchema(ctx)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("the schema cannot be brought up to date: %w", err)
	}
	version, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	if newest := sources[len(sources)-1].Version; version > newest {
		return fmt.Errorf("the database is of a newer offshelf (schema %d, this one knows %d): use that version", version, newest)
	}
	return nil
}

// checkSchema refuses a database whose schema is not the one of this version.
func (s *Store) checkSchema(ctx context.Context) error {
	var version int64
	err := s.read.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&version)
	switch {
	case err != nil:
		return fmt.Errorf("it is no database of offshelf, or cannot be read: %w", err)
	case version > s.schema:
		return fmt.Errorf("the database is of a newer offshelf (schema %d, this one knows %d): use that version", version, s.schema)
	case version < s.schema:
		return fmt.Errorf("the database is of an older offshelf (schema %d, this one has %d): offshelf ledger key brings it up to date", version, s.schema)
	}
	return nil
}

// checkKey refuses to go on signing with a key that did not sign so far.
func (s *Store) checkKey(ctx context.Context) error {
	head, err := s.Query().LatestHead(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := s.key.Checker().Open(head.Note); err != nil {
		return fmt.Errorf("the ledger of this database was signed with another key: give the key file that belongs to it (%w)", err)
	}
	return nil
}

// Close ends all connections.
func (s *Store) Close() error {
	err := s.write.Close()
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	return errors.Join(err, s.engine.close())
}

// Engine is sqlite or postgres.
func (s *Store) Engine() string { return s.engine.name() }

// Key is what the ledger is signed with.
func (s *Store) Key() *ledger.Key { return s.key }

// Query reads, each query for itself. A row that is not there is
// sql.ErrNoRows; see Found.
func (s *Store) Query() *query.Queries { return query.New(s.read) }

// Writer is the pool that may write, for parts that keep their own tables.
func (s *Store) Writer() *sql.DB { return s.write }

// Reader is the pool for reading.
func (s *Store) Reader() *sql.DB { return s.read }

// Now is the store's clock, in microseconds since 1970.
func (s *Store) Now() int64 { return s.clock().UnixMicro() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.read.QueryRowContext(ctx, "SELECT 1").Scan(&one)
}

// Found turns "no rows" into ErrNotFound.
func Found[T any](v T, err error) (T, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return v, ErrNotFound
	}
	return v, err
}
