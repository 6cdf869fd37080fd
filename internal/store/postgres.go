package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// postgresEngine is a pool, seen through database/sql too.
type postgresEngine struct{ pool *pgxpool.Pool }

// leastPostgres is the oldest version that is tested.
const leastPostgres = 150000

// sessionLimits end the transaction of a process that froze, or whose machine is
// gone, so that its locks keep nobody waiting for hours.
const sessionLimits = "SET idle_in_transaction_session_timeout = '2min'; SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"

func (s *Store) openPostgres(ctx context.Context, o Options) error {
	c, err := pgxpool.ParseConfig(o.Database)
	if err != nil {
		return fmt.Errorf("--db: %w", err)
	}
	c.MaxConns = int32(o.Connections)
	if c.MaxConns == 0 {
		c.MaxConns = 20
	}
	if c.ConnConfig.RuntimeParams["application_name"] == "" {
		c.ConnConfig.RuntimeParams["application_name"] = "offshelf"
	}
	if c.ConnConfig.ConnectTimeout == 0 {
		c.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	c.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, sessionLimits)
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return fmt.Errorf("--db: %w", err)
	}
	var version int
	if err := pool.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		pool.Close()
		return fmt.Errorf("the PostgreSQL at %s:%d cannot be used: %w", c.ConnConfig.Host, c.ConnConfig.Port, err)
	}
	if version < leastPostgres {
		pool.Close()
		return fmt.Errorf("the PostgreSQL at %s:%d is version %d: 15 or newer is needed", c.ConnConfig.Host, c.ConnConfig.Port, version/10000)
	}
	db := stdlib.OpenDBFromPool(pool)
	db.SetMaxIdleConns(0) // the pool below keeps them
	s.engine, s.write, s.read = &postgresEngine{pool}, db, db
	return nil
}

// Pool is the PostgreSQL pool, or nil where the engine is SQLite.
func (s *Store) Pool() *pgxpool.Pool {
	if e, ok := s.engine.(*postgresEngine); ok {
		return e.pool
	}
	return nil
}

func (*postgresEngine) name() string { return "postgres" }

func (e *postgresEngine) close() error {
	e.pool.Close()
	return nil
}

func (*postgresEngine) migrations() (goose.Dialect, fs.FS) {
	return goose.DialectPostgres, migrationFiles
}

// sessionLocker lets one of several processes that start together migrate.
func (*postgresEngine) sessionLocker() goose.ProviderOption {
	l, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil
	}
	return goose.WithSessionLocker(l)
}

func (*postgresEngine) lockLedger(ctx context.Context, tx *sql.Tx) (size int64, frontier []byte, err error) {
	err = tx.QueryRowContext(ctx, "SELECT size, frontier FROM ledger_state WHERE id = 1 FOR UPDATE").Scan(&size, &frontier)
	return size, frontier, err
}

func (*postgresEngine) lockAll(ctx context.Context, tx *sql.Tx) error {
	var names []string
	for _, t := range backupTables {
		names = append(names, t.name)
	}
	_, err := tx.ExecContext(ctx, "LOCK TABLE "+joined(names)+" IN EXCLUSIVE MODE")
	return err
}

// identities are the tables that give ids themselves.
func (*postgresEngine) identities(ctx context.Context, tx *sql.Tx) (tables []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT table_name::text FROM information_schema.columns
		WHERE table_schema = current_schema() AND column_name = 'id' AND is_identity = 'YES' AND table_name IN (`+backupNames()+`) ORDER BY table_name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, rows.Err()
}

func (e *postgresEngine) sequences(ctx context.Context, tx *sql.Tx) (map[string]int64, error) {
	tables, err := e.identities(ctx, tx)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, table := range tables {
		var name string
		if err := tx.QueryRowContext(ctx, "SELECT pg_get_serial_sequence($1, 'id')", table).Scan(&name); err != nil {
			return nil, err
		}
		var last int64
		if err := tx.QueryRowContext(ctx, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "+name).Scan(&last); err != nil {
			return nil, err
		}
		if last > 0 {
			out[table] = last
		}
	}
	return out, nil
}

// setSequences: an id that is given by hand moves no sequence.
func (e *postgresEngine) setSequences(ctx context.Context, tx *sql.Tx, last map[string]int64) error {
	tables, err := e.identities(ctx, tx)
	if err != nil {
		return err
	}
	for _, table := range tables {
		var id int64
		if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM "+table).Scan(&id); err != nil {
			return err
		}
		if id = max(id, last[table]); id <= 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, "SELECT setval(pg_get_serial_sequence($1, 'id'), $2)", table, id); err != nil {
			return err
		}
	}
	return nil
}

// again: serialization failures and deadlocks.
func (*postgresEngine) again(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

func (*postgresEngine) bulk(ctx context.Context, tx *Tx, table string, columns []string, rows [][]any) error {
	return tx.conn.Raw(func(c any) error {
		_, err := c.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
		return err
	})
}
