package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store/query"
)

// covered are the tables whose rows leaves seal one by one, with the column
// that names a row. Products and attributions are sealed as sets, in the run
// that wrote them; chunks by the SHA-256 of their blob. The other tables hold
// what may be lost (sessions, leases, deliveries under way) and no evidence.
var covered = map[string]string{
	"workspaces": "id", "users": "id", "members": "id", "api_keys": "id", "policies": "id",
	"blobs": "id", "snapshots": "id", "catalogs": "id", "uploads": "id", "runs": "id",
	"explanations": "sha256", "findings": "id", "cases": "id", "decisions": "id",
	"suppressions": "id", "pulls": "id", "attachments": "id", "supplier_requests": "id", "endpoints": "id",
}

// sealRows is how many rows are read back at once.
const sealRows = 500

// seal appends the events to the ledger, as the last thing before the commit.
func (tx *Tx) seal(ctx context.Context) error {
	if len(tx.events) == 0 {
		return nil
	}
	digests, err := tx.digests(ctx)
	if err != nil {
		return err
	}
	size, state, err := tx.store.engine.lockLedger(ctx, tx.sql)
	if err != nil {
		return err
	}
	frontier, err := ledger.Resume(size, state)
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(tx.events))
	for i := range tx.events {
		e := &tx.events[i]
		data, err := json.Marshal(e.Data)
		if err != nil {
			return fmt.Errorf("the event %s: %w", e.Kind, err)
		}
		seals := make([]ledger.Seal, len(e.Rows))
		for j, r := range e.Rows {
			seals[j] = ledger.Seal{Table: r.Table, Key: r.Key, D: digests[r]}
		}
		sealed, err := json.Marshal(seals)
		if err != nil {
			return err
		}
		l := ledger.Leaf{N: frontier.Size(), Batch: size, Workspace: e.Workspace, At: tx.Now, Actor: tx.Actor, Kind: e.Kind, Case: e.Case,
			Data: storable(string(data)), Seals: string(sealed)}
		h := l.Hash()
		frontier.Append(h)
		rows = append(rows, []any{l.N, l.Batch, l.Workspace, l.At, l.Actor, l.Kind, l.Case, l.Data, l.Seals, h[:]})
	}
	if err := tx.Bulk(ctx, "leaves", leafColumns, rows); err != nil {
		return err
	}
	note, err := tx.store.key.Sign(ledger.Head{Size: frontier.Size(), Root: frontier.Root()})
	if err != nil {
		return err
	}
	if err := tx.AddHead(ctx, query.AddHeadParams{Size: frontier.Size(), Note: note}); err != nil {
		return err
	}
	return tx.SetLedgerState(ctx, query.SetLedgerStateParams{Size: frontier.Size(), Frontier: frontier.Marshal()})
}

var leafColumns = []string{"n", "batch", "workspace_id", "at", "actor", "kind", "case_id", "data", "seals", "hash"}

// storable replaces what a text column of PostgreSQL cannot hold.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// digests reads back each row that the events name.
func (tx *Tx) digests(ctx context.Context) (map[Ref]string, error) {
	keys := map[string][]string{}
	out := map[Ref]string{}
	for i := range tx.events {
		for _, r := range tx.events[i].Rows {
			if _, ok := out[r]; ok {
				continue
			}
			if covered[r.Table] == "" {
				return nil, fmt.Errorf("the event %s seals a row of %s, which is no covered table", tx.events[i].Kind, r.Table)
			}
			out[r] = ""
			keys[r.Table] = append(keys[r.Table], r.Key)
		}
	}
	for table, all := range keys {
		for part := range slices.Chunk(all, sealRows) {
			literals, err := keyLiterals(table, part)
			if err != nil {
				return nil, err
			}
			rows, err := tx.sql.QueryContext(ctx, fmt.Sprintf("SELECT * FROM %s WHERE %s IN (%s)", table, covered[table], literals))
			if err != nil {
				return nil, err
			}
			if err := eachRow(rows, table, func(key string, _ []any, d ledger.Digest) error {
				out[Ref{table, key}] = d.String()
				return nil
			}); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// keyLiterals spells keys out for an IN list; they are numbers or hexadecimal,
// which is checked, so no text of anybody gets into the statement.
func keyLiterals(table string, keys []string) (string, error) {
	var b strings.Builder
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		if covered[table] == "id" {
			if _, err := strconv.ParseInt(k, 10, 64); err != nil {
				return "", fmt.Errorf("%s: %q is no key", table, k)
			}
			b.WriteString(k)
			continue
		}
		if strings.Trim(k, "0123456789abcdef") != "" {
			return "", fmt.Errorf("%s: %q is no key", table, k)
		}
		b.WriteString("'" + k + "'")
	}
	return b.String(), nil
}

// eachRow digests rows of a table, and closes them. The values are of the
// columns in their order, and stand until f returns.
func eachRow(rows *sql.Rows, table string, f func(key string, values []any, d ledger.Digest) error) error {
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	at := slices.Index(columns, covered[table])
	if at < 0 {
		return errors.New(table + ": has no key column")
	}
	values := make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	var row ledger.Row
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := f(fmt.Sprint(values[at]), values, rowDigest(&row, table, columns, values)); err != nil {
			return err
		}
	}
	return rows.Err()
}

// rowDigest is the same on both engines, so that a ledger survives a move from
// one to the other.
func rowDigest(r *ledger.Row, table string, columns []string, values []any) ledger.Digest {
	r.Start(table)
	for i, c := range columns {
		switch v := values[i].(type) {
		case int64:
			r.Int(c, v)
		case string:
			r.Text(c, v)
		case []byte:
			r.Blob(c, v)
		case nil:
			r.Null(c)
		default:
			r.Other(c, v)
		}
	}
	return r.Digest()
}
