package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/offshelf/offshelf/internal/store/query"
)

// A backup is the line backupForm, a zstd stream, and the SHA-256 of both. The
// stream holds records, each a letter and what follows it:
//
//	H  backupHeader as JSON
//	T  a table: its name, the number of its columns, their names and kinds
//	R  a row of that table: each value by the kind of its column
//	Z  backupTrailer as JSON; the last
//
// Numbers are varints; texts, bytes and JSON have their length in front.
const backupForm = "offshelf backup 1\n"

const (
	headerRecord  = 'H'
	tableRecord   = 'T'
	rowRecord     = 'R'
	trailerRecord = 'Z'
)

// Kinds of columns.
const (
	intKind   = 'i'
	textKind  = 's'
	bytesKind = 'b'
)

// backupHeader opens a backup.
type backupHeader struct {
	Schema int64  `json:"schema"` // version of the migrations
	Engine string `json:"engine"` // that it was made on
	At     int64  `json:"at"`     // microseconds since 1970
}

// backupTrailer closes a backup.
type backupTrailer struct {
	Rows map[string]int64 `json:"rows"` // by table
	// Sequences are the last ids that were given, by table, so that the id of
	// a row that was removed is not given again.
	Sequences map[string]int64 `json:"sequences"`
}

// backupTables are the tables that a backup carries, each after those that it
// refers to, with the columns of the key.
var backupTables = []struct{ name, key string }{
	{"workspaces", "id"}, {"users", "id"}, {"members", "id"}, {"logins", "user_id"}, {"invitations", "hash"}, {"api_keys", "id"}, {"policies", "id"},
	{"blobs", "id"}, {"blob_chunks", "blob_id, n"}, {"snapshots", "id"}, {"catalogs", "id"}, {"uploads", "id"}, {"runs", "id"}, {"run_progress", "run_id"},
	{"products", "id"}, {"attributions", "id"}, {"explanations", "sha256"}, {"findings", "id"}, {"cases", "id"}, {"decisions", "id"}, {"suppressions", "id"},
	{"pulls", "id"}, {"attachments", "id"}, {"supplier_requests", "id"}, {"endpoints", "id"}, {"deliveries", "id"},
	{"leaves", "n"}, {"tree_heads", "size"}, {"ledger_state", "id"},
}

// backupNames spells the tables out for an IN list.
func backupNames() string {
	var names []string
	for _, t := range backupTables {
		names = append(names, "'"+t.name+"'")
	}
	return joined(names)
}

// notCarried are the tables that a backup leaves out: sessions and answers kept
// for a repeated request end with the installation that they were made on.
// Tables of the job queue are left out too; queued runs are taken up without.
var notCarried = []string{"sessions", "idempotency"}

// maxValue is the longest text that a backup holds, in bytes.
const maxValue = 256 << 20

// BackupCounts are the rows of a backup, by table.
type BackupCounts map[string]int64

// Total is the number of all rows.
func (c BackupCounts) Total() (n int64) {
	for _, k := range c {
		n += k
	}
	return n
}

// Backup writes all that the database holds, as of one instant, while others go
// on writing. The key of the ledger is not in it. Restore reads it on either
// engine.
func (s *Store) Backup(ctx context.Context, w io.Writer) (BackupCounts, error) {
	sum := sha256.New()
	both := io.MultiWriter(w, sum)
	if _, err := io.WriteString(both, backupForm); err != nil {
		return nil, err
	}
	enc, err := zstd.NewWriter(both, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithWindowSize(backupWindow))
	if err != nil {
		return nil, err
	}
	b := &backupWriter{w: bufio.NewWriterSize(enc, 1<<20)}
	trailer := backupTrailer{Rows: map[string]int64{}}
	err = s.View(ctx, func(_ *query.Queries, t *sql.Tx) error {
		if err := b.json(headerRecord, backupHeader{s.schema, s.Engine(), s.Now()}); err != nil {
			return err
		}
		for _, table := range backupTables {
			n, err := b.table(ctx, t, table.name, table.key)
			if err != nil {
				return fmt.Errorf("%s: %w", table.name, err)
			}
			trailer.Rows[table.name] = n
		}
		// Sequences stand outside of transactions: read last, none is before
		// the rows.
		var err error
		trailer.Sequences, err = s.engine.sequences(ctx, t)
		return err
	})
	if err == nil {
		err = b.json(trailerRecord, trailer)
	}
	if err == nil {
		err = b.w.Flush()
	}
	if e := enc.Close(); err == nil {
		err = e
	}
	if err == nil {
		_, err = w.Write(sum.Sum(nil))
	}
	if err != nil {
		return nil, fmt.Errorf("the backup is not complete: %w", err)
	}
	return trailer.Rows, nil
}

// backupWindow is how far back zstd looks, and so what a reader must hold.
const backupWindow = 4 << 20

type backupWriter struct {
	w       *bufio.Writer
	scratch []byte
}

func (b *backupWriter) json(record byte, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b.w.WriteByte(record)
	return b.text(string(data))
}

func (b *backupWriter) text(s string) error {
	b.w.Write(binary.AppendUvarint(b.scratch[:0], uint64(len(s))))
	_, err := b.w.WriteString(s)
	return err
}

// table writes a table in the order of its key.
func (b *backupWriter) table(ctx context.Context, t *sql.Tx, table, key string) (n int64, err error) {
	columns, kinds, err := columnsOf(ctx, t, table)
	if err != nil {
		return 0, err
	}
	b.w.WriteByte(tableRecord)
	b.text(table)
	b.w.Write(binary.AppendUvarint(b.scratch[:0], uint64(len(columns))))
	for i, c := range columns {
		b.text(c)
		b.w.WriteByte(kinds[i])
	}
	rows, err := t.QueryContext(ctx, "SELECT "+joined(columns)+" FROM "+table+" ORDER BY "+key)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return n, err
		}
		n++
		if err := b.w.WriteByte(rowRecord); err != nil {
			return n, err
		}
		for i, v := range values {
			if err := b.value(kinds[i], v); err != nil {
				return n, fmt.Errorf("row %v, column %s: %w", values[0], columns[i], err)
			}
		}
	}
	return n, rows.Err()
}

func (b *backupWriter) value(kind byte, v any) error {
	switch v := v.(type) {
	case int64:
		if kind == intKind {
			_, err := b.w.Write(binary.AppendVarint(b.scratch[:0], v))
			return err
		}
	case string:
		if len(v) > maxValue {
			return fmt.Errorf("holds %d bytes, and a backup at most %d", len(v), maxValue)
		}
		if kind == textKind || kind == bytesKind && v == "" { // '' is how the schema spells no bytes
			return b.text(v)
		}
	case []byte:
		if len(v) > maxValue {
			return fmt.Errorf("holds %d bytes, and a backup at most %d", len(v), maxValue)
		}
		if kind == bytesKind {
			b.w.Write(binary.AppendUvarint(b.scratch[:0], uint64(len(v))))
			_, err := b.w.Write(v)
			return err
		}
	}
	return fmt.Errorf("holds a value of another kind (%T) than the column has: run offshelf ledger verify", v)
}

// columnsOf reads the columns of a table and their kinds, which both engines
// tell alike.
func columnsOf(ctx context.Context, t *sql.Tx, table string) (columns []string, kinds []byte, err error) {
	rows, err := t.QueryContext(ctx, "SELECT * FROM "+table+" LIMIT 0")
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, nil, err
	}
	for _, c := range types {
		kind := byte(0)
		switch name := c.DatabaseTypeName(); {
		case strings.Contains(name, "INT"):
			kind = intKind
		case name == "TEXT":
			kind = textKind
		case name == "BLOB", name == "BYTEA":
			kind = bytesKind
		default:
			return nil, nil, fmt.Errorf("the column %s is of a kind that a backup does not know: %s", c.Name(), name)
		}
		columns, kinds = append(columns, c.Name()), append(kinds, kind)
	}
	return columns, kinds, rows.Err()
}

// readSequences reads pairs of a table and the last id that was given there.
func readSequences(rows *sql.Rows, err error) (map[string]int64, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var table string
		var last int64
		if err := rows.Scan(&table, &last); err != nil {
			return nil, err
		}
		out[table] = last
	}
	return out, rows.Err()
}

// tally counts and hashes what is read, but for the last bytes of the stream:
// those are the SHA-256 of all before.
type tally struct {
	r    *bufio.Reader
	sum  hash.Hash
	n    int64
	last [sha256.Size]byte // filled at the end
	err  error
}

// Read implements io.Reader.
func (t *tally) Read(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	p = p[:min(len(p), t.r.Size()-sha256.Size)]
	ahead, err := t.r.Peek(len(p) + sha256.Size)
	if n := len(ahead) - sha256.Size; n > 0 {
		n = copy(p, ahead[:n])
		t.sum.Write(p[:n])
		t.n += int64(n)
		t.r.Discard(n)
		return n, nil
	}
	switch {
	case err == io.EOF && len(ahead) == sha256.Size:
		copy(t.last[:], ahead)
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	t.err = err
	return 0, err
}

// whole reports whether the stream has ended, and is what was written.
func (t *tally) whole() bool { return t.err == io.EOF && string(t.sum.Sum(nil)) == string(t.last[:]) }

func quoteKey(v any) string {
	if b, ok := v.([]byte); ok {
		return fmt.Sprintf("%x", b)
	}
	if n, ok := v.(int64); ok {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%.80q", v)
}
