package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/offshelf/offshelf/internal/store/query"
)

// Tx is a transaction. What it writes to covered tables must be named in the
// events that it logs; they become leaves of the ledger in the same
// transaction.
type Tx struct {
	*query.Queries
	Now   int64  // microseconds since 1970: one instant for all that the transaction writes
	Actor string // user:ID, key:ID or system

	store  *Store
	sql    *sql.Tx
	conn   *sql.Conn
	events []Event
	after  []func()
}

// SystemActor is who acts where no person does.
const SystemActor = "system"

// Event is something that happened, for the ledger.
type Event struct {
	Workspace int64
	Kind      string
	Case      int64 // 0: none
	Data      any   // marshals to a JSON object
	Rows      []Ref // the rows of covered tables that it wrote, each as it is at the end of the transaction
}

// Ref names a row of a covered table by its key.
type Ref struct {
	Table string
	Key   string
}

// Row names a row by a numeric key.
func Row(table string, id int64) Ref { return Ref{table, strconv.FormatInt(id, 10)} }

// Log adds an event.
func (tx *Tx) Log(e Event) { tx.events = append(tx.events, e) }

// SQL is the transaction for parts that keep tables of their own.
func (tx *Tx) SQL() *sql.Tx { return tx.sql }

// Store is the store that the transaction is of.
func (tx *Tx) Store() *Store { return tx.store }

// After has f called when the transaction has been committed and its connection
// is free again.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

// Bulk inserts many rows; a value is an int64, a string or bytes.
func (tx *Tx) Bulk(ctx context.Context, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if err := tx.store.engine.bulk(ctx, tx, table, columns, rows); err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	return nil
}

// attempts bounds how often a transaction is tried that others got in the way of.
const attempts = 8

// Update runs f in a transaction that writes, and seals what it logged. Where
// another transaction got in the way f is called again, so it must not change
// anything but through tx.
func (s *Store) Update(ctx context.Context, actor string, f func(tx *Tx) error) error {
	var err error
	for n := range attempts {
		if n > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Duration(1+rand.IntN(20<<min(n, 5))) * time.Millisecond):
			}
		}
		var after []func()
		if after, err = s.update(ctx, actor, f); err == nil {
			for _, f := range after {
				f()
			}
			return nil
		}
		if !s.engine.again(err) {
			return err
		}
	}
	return err
}

func (s *Store) update(ctx context.Context, actor string, f func(tx *Tx) error) (after []func(), err error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	t, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer t.Rollback()
	tx := &Tx{Queries: query.New(t), Now: s.Now(), Actor: actor, store: s, sql: t, conn: conn}
	if err := f(tx); err != nil {
		return nil, err
	}
	if err := tx.seal(ctx); err != nil {
		return nil, err
	}
	return tx.after, t.Commit()
}

// View runs f over one consistent state of the database, without writing.
func (s *Store) View(ctx context.Context, f func(q *query.Queries, t *sql.Tx) error) error {
	t, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: s.snapshotIsolation()})
	if err != nil {
		return err
	}
	defer t.Rollback()
	return f(query.New(t), t)
}

func (s *Store) snapshotIsolation() sql.IsolationLevel {
	if s.Pool() != nil {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

// ErrConflict is that someone else changed it in between.
var ErrConflict = errors.New("someone else changed it in between: read it again")
