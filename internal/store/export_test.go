package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/offshelf/offshelf/internal/store/query"
)

// BackupTableNames are the tables that a backup carries.
func BackupTableNames() (names []string) {
	for _, t := range backupTables {
		names = append(names, t.name)
	}
	return names
}

// NotCarried are those that it leaves out.
func NotCarried() []string { return notCarried }

// Schema is what ReadBackup takes the columns of tables from.
type Schema struct {
	names map[string][]string
	kinds map[string][]byte
	Rows  int
}

// SchemaOf reads the columns of all tables.
func SchemaOf(ctx context.Context, s *Store) (*Schema, error) {
	out := &Schema{names: map[string][]string{}, kinds: map[string][]byte{}}
	return out, s.View(ctx, func(_ *query.Queries, t *sql.Tx) (err error) {
		for _, table := range backupTables {
			if out.names[table.name], out.kinds[table.name], err = columnsOf(ctx, t, table.name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Schema) columns(table string) ([]string, []byte, error) {
	return s.names[table], s.kinds[table], nil
}

func (s *Schema) rows(table string, columns []string, rows [][]any) error {
	s.Rows += len(rows)
	return nil
}

// ReadBackup takes a backup apart without a database.
func ReadBackup(data []byte, s *Schema) error {
	b := newBackupReader(bytes.NewReader(data))
	defer b.close()
	if _, err := b.header(); err != nil {
		return err
	}
	_, err := b.tables(s)
	return err
}

// ReadBody takes a stream of records apart, as it is once unpacked.
func ReadBody(data []byte, s *Schema) error {
	var packed bytes.Buffer
	if err := pack(&packed, data); err != nil {
		return err
	}
	return ReadBackup(packed.Bytes(), s)
}

// Unpack returns the records of a backup.
func Unpack(data []byte) ([]byte, error) {
	b := newBackupReader(bytes.NewReader(data))
	defer b.close()
	if _, err := b.header(); err != nil {
		return nil, err
	}
	return io.ReadAll(b.body)
}

// pack writes records as a backup that is whole in all but what they say.
func pack(w io.Writer, records []byte) error {
	sum := sha256.New()
	both := io.MultiWriter(w, sum)
	io.WriteString(both, backupForm)
	enc, err := zstd.NewWriter(both, zstd.WithWindowSize(backupWindow), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	if _, err := enc.Write(records); err != nil {
		return err
	}
	if err := enc.Close(); err != nil {
		return err
	}
	_, err = w.Write(sum.Sum(nil))
	return err
}

// Pack returns records as a backup.
func Pack(records []byte) ([]byte, error) {
	var b bytes.Buffer
	err := pack(&b, records)
	return b.Bytes(), err
}
