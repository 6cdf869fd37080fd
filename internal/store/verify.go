package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store/query"
)

// VerifyOptions say what Verify compares with.
type VerifyOptions struct {
	// Checker is of the ledger's public key, best one that was kept elsewhere;
	// nil: that of the store's own key.
	Checker *ledger.Checker
	// Against are checkpoints that were kept elsewhere: only they show that the
	// whole database was set back to an older state.
	Against []string
	// Progress, which may be nil, is told what is being checked and how much of
	// it has been.
	Progress func(what string, done int64)
}

// Failure is something that is not as the ledger says.
type Failure struct {
	Leaf  int64  // the first leaf that it breaks; -1: none can be named
	Table string // where it was found
	Key   string // the row, or empty
	What  string // in words
}

// String says it in one line.
func (f Failure) String() string {
	s := f.Table
	if f.Key != "" {
		s += " " + f.Key
	}
	s += ": " + f.What
	if f.Leaf >= 0 {
		return fmt.Sprintf("leaf %d: %s", f.Leaf, s)
	}
	return s
}

// Verification is what Verify found. The counts are of what was checked.
type Verification struct {
	Head                   ledger.Head // of the leaves as they are
	Leaves, Heads          int64
	Rows                   int64 // of covered tables
	Products, Attributions int64
	// Staged are rows of uploads that are still being screened. Nothing seals
	// them yet, and they are not checked.
	Staged        int64
	Blobs, Chunks int64
	Bytes         int64 // of blobs, unpacked
	Against       int64 // checkpoints kept elsewhere
	Failed        int64
	// Failures are the first of those that failed, by leaf; those without one
	// are last.
	Failures []Failure
}

// OK reports whether all is as the ledger says.
func (v *Verification) OK() bool { return v.Failed == 0 }

// maxFailures is how many failures are told.
const maxFailures = 1000

func (v *Verification) fail(leaf int64, table, key, format string, args ...any) {
	v.Failed++
	v.Failures = append(v.Failures, Failure{leaf, table, key, fmt.Sprintf(format, args...)})
	if len(v.Failures) >= 2*maxFailures {
		v.sort()
	}
}

// sort keeps the first failures.
func (v *Verification) sort() {
	slices.SortStableFunc(v.Failures, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(uint64(a.Leaf), uint64(b.Leaf)), // -1 is the largest
			cmp.Compare(a.Table, b.Table), cmp.Compare(len(a.Key), len(b.Key)), cmp.Compare(a.Key, b.Key))
	})
	v.Failures = v.Failures[:min(len(v.Failures), maxFailures)]
}

// sealed is what the leaves say of a row.
type sealed struct {
	digest  ledger.Digest
	leaf    int64 // the last that sealed it
	removed bool
	seen    bool
}

// verifier is one pass over one state of the database.
type verifier struct {
	*Verification
	ctx     context.Context
	tx      *sql.Tx
	checker *ledger.Checker
	tell    func(string, int64)
	seals   map[string]map[string]*sealed
	heads   map[int64]tlog.Hash // by size
	badHead map[int64]bool      // heads that could not be opened
	want    map[int64]tlog.Hash // sizes whose roots checkpoints ask for
}

// Verify reads the whole database, as of one instant, and compares it with the
// ledger. What does not agree is in the result; an error is that it could not
// be read.
func (s *Store) Verify(ctx context.Context, o VerifyOptions) (*Verification, error) {
	checker := o.Checker
	if checker == nil {
		if s.key == nil {
			return nil, errors.New("no key is given to check the ledger with")
		}
		checker = s.key.Checker()
	}
	out := &Verification{}
	err := s.View(ctx, func(_ *query.Queries, t *sql.Tx) error {
		v := &verifier{Verification: out, ctx: ctx, tx: t, checker: checker, tell: o.Progress, seals: map[string]map[string]*sealed{},
			heads: map[int64]tlog.Hash{}, badHead: map[int64]bool{}, want: map[int64]tlog.Hash{}}
		if v.tell == nil {
			v.tell = func(string, int64) {}
		}
		for table := range covered {
			v.seals[table] = map[string]*sealed{}
		}
		for _, step := range []func() error{
			v.readHeads,
			func() error { return v.checkLeaves(o.Against) },
			v.checkCovered,
			v.checkSets,
			v.checkBlobs,
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the database cannot be read to its end: %w", err)
	}
	out.sort()
	return out, nil
}

// each runs a query and hands over each row's values, which stand until f
// returns. The kinds are what the database gave: a tampered SQLite file has
// texts where numbers belong.
func (v *verifier) each(q string, f func(values []any) error) error {
	rows, err := v.tx.QueryContext(v.ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := f(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// as converts without guessing.
func as[T any](v any) T {
	t, _ := v.(T)
	return t
}

// sealOf is the leaf that sealed a row last, or -1.
func (v *verifier) sealOf(table, key string) int64 {
	if s := v.seals[table][key]; s != nil {
		return s.leaf
	}
	return -1
}

// checkCovered compares each row of the covered tables with its seal.
func (v *verifier) checkCovered() error {
	for _, table := range coveredTables() {
		rows, err := v.tx.QueryContext(v.ctx, "SELECT * FROM "+table)
		if err != nil {
			return err
		}
		columns, err := rows.Columns()
		if err != nil {
			rows.Close()
			return err
		}
		sum := slices.Index(columns, "sha256")
		seals := v.seals[table]
		if err := eachRow(rows, table, func(key string, values []any, d ledger.Digest) error {
			s := seals[key]
			if s == nil && table == "blobs" && values[sum] == "" {
				return nil // it is being received
			}
			if v.Rows++; v.Rows%4096 == 0 {
				v.tell("rows", v.Rows)
			}
			switch {
			case s == nil:
				v.fail(-1, table, key, "no leaf knows this row")
			case s.seen:
				v.fail(s.leaf, table, key, "two rows have this key")
			case s.removed:
				v.fail(s.leaf, table, key, "the row is there, though the leaf says that it was removed")
			case s.digest != d:
				v.fail(s.leaf, table, key, "the row is not as the leaf sealed it")
			}
			if s != nil {
				s.seen = true
			}
			return nil
		}); err != nil {
			return err
		}
		for key, s := range seals {
			if !s.seen && !s.removed {
				v.fail(s.leaf, table, key, "the row that the leaf sealed is missing")
			}
		}
	}
	return nil
}

func coveredTables() []string {
	var out []string
	for table := range covered {
		out = append(out, table)
	}
	slices.Sort(out)
	return out
}
