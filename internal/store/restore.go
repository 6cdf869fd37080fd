package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/offshelf/offshelf/internal/ledger"
)

// ErrBadBackup is that a file is no backup, or not as it was written.
var ErrBadBackup = errors.New("the backup is cut off or altered: nothing is restored, take another copy")

// Bounds of what a backup may hold, so that no file costs more than it weighs.
const (
	maxJSON = 1 << 20
	maxName = 63
	// A file may unpack to inflationFree bytes, and beyond to maxInflation
	// times what it weighs: each row has ids and hashes, which pack badly.
	inflationFree = 256 << 20
	maxInflation  = 400
	// rows go to the database this many, or this many bytes, at a time
	restoreRows  = 2000
	restoreBytes = 4 << 20
)

// Restore reads a backup into this database, which must be empty: all of it, or
// nothing. The store's key must be the one that the ledger was signed with.
// Leases of runs are given up, so that those that were queued are taken up
// again.
func (s *Store) Restore(ctx context.Context, r io.Reader) (BackupCounts, error) {
	b := newBackupReader(r)
	defer b.close()
	header, err := b.header()
	if err != nil {
		return nil, err
	}
	if header.Schema > s.schema {
		return nil, fmt.Errorf("the backup is of a newer offshelf (schema %d, this one knows %d): use that version", header.Schema, s.schema)
	}
	var counts BackupCounts
	// Not Update: the file can be read once only.
	_, err = s.update(ctx, SystemActor, func(tx *Tx) error {
		if err := s.engine.lockAll(ctx, tx.sql); err != nil {
			return err
		}
		if err := tx.mustBeEmpty(ctx); err != nil {
			return err
		}
		if _, err := tx.sql.ExecContext(ctx, "DELETE FROM ledger_state"); err != nil {
			return err
		}
		trailer, err := b.tables(restorer{ctx, tx})
		if err != nil {
			return err
		}
		counts = trailer.Rows
		if _, err := tx.sql.ExecContext(ctx, "UPDATE run_progress SET owner = '', lease_until = 0, phase = CASE WHEN phase = 'done' THEN phase ELSE 'waiting' END"); err != nil {
			return err
		}
		if err := tx.mustGoOn(ctx); err != nil {
			return err
		}
		// Last, as PostgreSQL does not set them back with the transaction.
		return s.engine.setSequences(ctx, tx.sql, trailer.Sequences)
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// mustBeEmpty refuses a database that holds something.
func (tx *Tx) mustBeEmpty(ctx context.Context) error {
	for _, t := range backupTables {
		q := "SELECT count(*) FROM (SELECT 1 FROM " + t.name + " LIMIT 1) AS one"
		if t.name == "ledger_state" {
			q = "SELECT count(*) FROM ledger_state WHERE size <> 0"
		}
		var n int
		if err := tx.sql.QueryRowContext(ctx, q).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("the database is not empty (%s has rows): restore into a new one", t.name)
		}
	}
	return nil
}

// mustGoOn holds that the ledger can be appended to with the store's key.
func (tx *Tx) mustGoOn(ctx context.Context) error {
	state, err := tx.LedgerState(ctx)
	if err != nil {
		return fmt.Errorf("%w (no state of the ledger)", ErrBadBackup)
	}
	if _, err := ledger.Resume(state.Size, state.Frontier); err != nil {
		return err
	}
	head, err := tx.LatestHead(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.store.key.Checker().Open(head.Note); err != nil {
		return fmt.Errorf("nothing is restored: the ledger in the backup was signed with another key; put the key file that belongs to it in place, or name it with --ledger-key (%w)", err)
	}
	return nil
}

// restorer writes the rows of a backup.
type restorer struct {
	ctx context.Context
	tx  *Tx
}

func (w restorer) columns(table string) ([]string, []byte, error) {
	return columnsOf(w.ctx, w.tx.sql, table)
}

func (w restorer) rows(table string, columns []string, rows [][]any) error {
	if w.tx.store.Pool() != nil {
		for _, row := range rows {
			for i, v := range row {
				if v, ok := v.(string); ok && storable(v) != v {
					return fmt.Errorf("%s %s, column %s: the text is not UTF-8, or holds a NUL, which PostgreSQL cannot hold: restore into SQLite", table, quoteKey(row[0]), columns[i])
				}
			}
		}
	}
	return w.tx.Bulk(w.ctx, table, columns, rows)
}

// rowSink takes the rows of a backup.
type rowSink interface {
	// columns are those that a table has, with their kinds.
	columns(table string) ([]string, []byte, error)
	rows(table string, columns []string, rows [][]any) error
}

// backupReader takes a backup apart. Nothing in it is trusted.
type backupReader struct {
	tally *tally
	zstd  *zstd.Decoder
	body  *bufio.Reader
	n     int64 // bytes of the body
}

func newBackupReader(r io.Reader) *backupReader {
	return &backupReader{tally: &tally{r: bufio.NewReaderSize(r, 1<<18), sum: sha256.New()}}
}

func (b *backupReader) close() {
	if b.zstd != nil {
		b.zstd.Close()
	}
}

// Read implements io.Reader: the body, as long as the file is not one that
// unpacks without end.
func (b *backupReader) Read(p []byte) (int, error) {
	n, err := b.zstd.Read(p)
	if b.n += int64(n); b.n > inflationFree && b.n/maxInflation > b.tally.n {
		return 0, fmt.Errorf("it unpacks to over %d times its size, which no backup does", maxInflation)
	}
	return n, err
}

// bad says what is wrong with the file.
func bad(format string, args ...any) error {
	return fmt.Errorf("%w (%w)", ErrBadBackup, fmt.Errorf(format, args...))
}

// damaged wraps an error of reading; those of the context stay.
func damaged(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return bad("%w", err)
}

func (b *backupReader) header() (h backupHeader, err error) {
	form := make([]byte, len(backupForm))
	if _, err := io.ReadFull(b.tally, form); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return h, err
	}
	if prefix := "offshelf backup "; string(form) != backupForm {
		if strings.HasPrefix(string(form), prefix) {
			return h, errors.New("the backup has a form that this version does not know: use a newer offshelf")
		}
		return h, errors.New("this is no backup of offshelf: name the file that offshelf backup wrote")
	}
	if b.zstd, err = zstd.NewReader(b.tally, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(2*backupWindow), zstd.WithDecoderMaxMemory(2*backupWindow)); err != nil {
		return h, damaged(err)
	}
	b.body = bufio.NewReaderSize(b, 1<<18)
	record, err := b.body.ReadByte()
	if err != nil {
		return h, damaged(err)
	}
	if record != headerRecord {
		return h, bad("it does not begin with a header")
	}
	if err := b.json(&h); err != nil {
		return h, err
	}
	if h.Schema < 1 {
		return h, bad("it names no schema")
	}
	return h, nil
}

func (b *backupReader) json(v any) error {
	data, err := b.bytes(maxJSON)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return bad("%w", err)
	}
	return nil
}

// bytes reads a length and as much. Memory grows with what is there, not with
// what is claimed.
func (b *backupReader) bytes(most uint64) ([]byte, error) {
	n, err := binary.ReadUvarint(b.body)
	if err != nil {
		return nil, damaged(err)
	}
	if n > most {
		return nil, bad("a value of %d bytes, where %d are the most", n, most)
	}
	if n <= 1<<16 {
		data := make([]byte, n)
		if _, err := io.ReadFull(b.body, data); err != nil {
			return nil, damaged(err)
		}
		return data, nil
	}
	var data bytes.Buffer
	if _, err := io.CopyN(&data, b.body, int64(n)); err != nil {
		return nil, damaged(err)
	}
	return data.Bytes(), nil
}

// tables reads all after the header, and holds that it is whole.
func (b *backupReader) tables(sink rowSink) (*backupTrailer, error) {
	t := tableReader{backupReader: b, sink: sink, counts: map[string]int64{}, at: -1}
	for {
		record, err := b.body.ReadByte()
		if err != nil {
			return nil, damaged(err)
		}
		switch record {
		case tableRecord:
			err = t.begin()
		case rowRecord:
			err = t.row()
		case trailerRecord:
			return t.end()
		default:
			err = bad("a record of an unknown kind")
		}
		if err != nil {
			return nil, err
		}
	}
}

// tableReader reads the tables in the order of backupTables.
type tableReader struct {
	*backupReader
	sink    rowSink
	counts  map[string]int64
	at      int // in backupTables
	columns []string
	kinds   []byte
	pending [][]any
	bytes   int // of pending
}

func (t *tableReader) begin() error {
	if err := t.flush(); err != nil {
		return err
	}
	name, err := t.backupReader.bytes(maxName)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(backupTables, func(b struct{ name, key string }) bool { return b.name == string(name) })
	if at <= t.at {
		return bad("the table %.63q is unknown, or stands where it does not belong", name)
	}
	t.at = at
	t.counts[backupTables[at].name] = 0
	have, kinds, err := t.sink.columns(backupTables[at].name)
	if err != nil {
		return err
	}
	n, err := binary.ReadUvarint(t.body)
	if err != nil {
		return damaged(err)
	}
	if n == 0 || n > uint64(len(have)) {
		return bad("%s has %d columns", name, n)
	}
	t.columns, t.kinds = nil, nil
	for range n {
		column, err := t.backupReader.bytes(maxName)
		if err != nil {
			return err
		}
		kind, err := t.body.ReadByte()
		if err != nil {
			return damaged(err)
		}
		i := slices.Index(have, string(column))
		if i < 0 || kinds[i] != kind || slices.Contains(t.columns, have[i]) {
			return bad("%s has no column %.63q of this kind, or has it twice", name, column)
		}
		t.columns, t.kinds = append(t.columns, have[i]), append(t.kinds, kind)
	}
	return nil
}

func (t *tableReader) row() error {
	if t.at < 0 {
		return bad("a row of no table")
	}
	row := make([]any, len(t.kinds))
	for i, kind := range t.kinds {
		if kind == intKind {
			v, err := binary.ReadVarint(t.body)
			if err != nil {
				return damaged(err)
			}
			row[i] = v
			continue
		}
		data, err := t.backupReader.bytes(maxValue)
		if err != nil {
			return err
		}
		t.bytes += len(data)
		if row[i] = any(data); kind == textKind {
			row[i] = string(data)
		}
	}
	t.counts[backupTables[t.at].name]++
	if t.pending = append(t.pending, row); len(t.pending) == restoreRows || t.bytes > restoreBytes {
		return t.flush()
	}
	return nil
}

func (t *tableReader) flush() error {
	if len(t.pending) == 0 {
		return nil
	}
	err := t.sink.rows(backupTables[t.at].name, t.columns, t.pending)
	t.pending, t.bytes = t.pending[:0], 0
	return err
}

// end holds that the file is whole, to its last byte.
func (t *tableReader) end() (*backupTrailer, error) {
	if err := t.flush(); err != nil {
		return nil, err
	}
	var z backupTrailer
	if err := t.json(&z); err != nil {
		return nil, err
	}
	if _, err := t.body.ReadByte(); err != io.EOF {
		return nil, bad("there is more after its end")
	}
	if _, err := io.Copy(io.Discard, t.tally); err != nil || !t.tally.whole() {
		return nil, bad("its SHA-256 differs")
	}
	if len(z.Rows) != len(t.counts) {
		return nil, bad("%d tables, and %d were written", len(t.counts), len(z.Rows))
	}
	for table, n := range t.counts {
		if z.Rows[table] != n {
			return nil, bad("%d rows of %s, and %d were written", n, table, z.Rows[table])
		}
	}
	for table, last := range z.Sequences {
		if last < 0 || !slices.ContainsFunc(backupTables, func(b struct{ name, key string }) bool { return b.name == table }) {
			return nil, bad("a last id of %.63q", table)
		}
	}
	return &z, nil
}
