package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/offshelf/offshelf/internal/store/query"
)

// ErrTooLarge is that more bytes came than are allowed.
var ErrTooLarge = errors.New("too large")

// chunkSize is how much of a blob one row holds, before compression.
const chunkSize = 1 << 20

// chunksAtOnce is how many chunks one transaction writes.
const chunksAtOnce = 8

// ReceivedBlob is a blob whose bytes are in the database and which nobody
// knows of yet. Keep makes it last; the others are removed after a day.
type ReceivedBlob struct {
	ID     int64
	SHA256 string
	Size   int64
	chunks int64
}

// Receive writes the bytes of r, at most limit, into the database. Where r
// breaks off, or gives more, nothing is left.
func (s *Store) Receive(ctx context.Context, workspace int64, r io.Reader, limit int64) (b *ReceivedBlob, err error) {
	b = &ReceivedBlob{}
	if err := s.Update(ctx, SystemActor, func(tx *Tx) (err error) {
		b.ID, err = tx.CreateBlob(ctx, query.CreateBlobParams{WorkspaceID: workspace, KeptAt: tx.Now})
		return err
	}); err != nil {
		return nil, err
	}
	begun := *b
	defer func() {
		if err != nil { // b is nil then
			s.Drop(context.WithoutCancel(ctx), &begun)
		}
	}()
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	raw := make([]byte, chunkSize)
	var pending [][]byte
	flush := func() error {
		if len(pending) == 0 {
			return nil
		}
		err := s.Update(ctx, SystemActor, func(tx *Tx) error {
			for i, data := range pending {
				if err := tx.AddChunk(ctx, query.AddChunkParams{BlobID: b.ID, N: b.chunks + int64(i), Data: data}); err != nil {
					return err
				}
			}
			return nil
		})
		b.chunks += int64(len(pending))
		pending = pending[:0]
		return err
	}
	r = wholeReader{r}
	for {
		n, err := io.ReadFull(r, raw)
		if b.Size += int64(n); b.Size > limit {
			return nil, fmt.Errorf("%w: at most %d bytes are taken", ErrTooLarge, limit)
		}
		if n > 0 {
			sum.Write(raw[:n])
			if pending = append(pending, enc.EncodeAll(raw[:n], nil)); len(pending) == chunksAtOnce {
				if err := flush(); err != nil {
					return nil, err
				}
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the upload broke off after %d bytes: send it again (%w)", b.Size, err)
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	b.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return b, nil
}

// wholeReader tells a reader that breaks off, as the body of a request does,
// from one that ends: io.ReadFull has one error for both.
type wholeReader struct{ io.Reader }

// Read implements io.Reader.
func (r wholeReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == io.ErrUnexpectedEOF {
		err = errors.New("unexpected end")
	}
	return n, err
}

// Keep makes a received blob last. The event that it came with must seal it:
// Row("blobs", b.ID).
func (tx *Tx) Keep(ctx context.Context, b *ReceivedBlob) error {
	return tx.EndBlob(ctx, query.EndBlobParams{ID: b.ID, SHA256: b.SHA256, Size: b.Size, Chunks: b.chunks})
}

// Drop removes a received blob that is not to be kept. One that was kept all
// the same, as when the answer to a commit got lost, stays.
func (s *Store) Drop(ctx context.Context, b *ReceivedBlob) error {
	return s.Update(ctx, SystemActor, func(tx *Tx) error {
		row, err := tx.Blob(ctx, b.ID)
		if errors.Is(err, sql.ErrNoRows) || err == nil && row.SHA256 != "" {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.DeleteChunks(ctx, b.ID); err != nil {
			return err
		}
		return tx.DeleteBlob(ctx, b.ID)
	})
}

// DropAbandoned removes what was received before a time and never kept.
func (s *Store) DropAbandoned(ctx context.Context, before int64) error {
	ids, err := s.Query().AbandonedBlobs(ctx, before)
	for _, id := range ids {
		err = errors.Join(err, s.Drop(ctx, &ReceivedBlob{ID: id}))
	}
	return err
}

// OpenBlob reads a blob, one chunk in memory at a time. At its end the bytes
// are compared with the SHA-256 of the blob: an altered one ends in an error.
func (s *Store) OpenBlob(ctx context.Context, id int64) (io.ReadCloser, query.Blob, error) {
	b, err := Found(s.Query().Blob(ctx, id))
	if err != nil {
		return nil, b, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(2*chunkSize))
	if err != nil {
		return nil, b, err
	}
	return &blobReader{ctx: ctx, store: s, blob: b, dec: dec, sum: sha256.New()}, b, nil
}

type blobReader struct {
	ctx   context.Context
	store *Store
	blob  query.Blob
	dec   *zstd.Decoder
	sum   hash.Hash
	next  int64
	raw   []byte
	left  []byte
	err   error
}

// Read implements io.Reader.
func (r *blobReader) Read(p []byte) (int, error) {
	for len(r.left) == 0 {
		if r.err == nil {
			r.err = r.fill()
		}
		if r.err != nil {
			return 0, r.err
		}
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

func (r *blobReader) fill() error {
	if r.next == r.blob.Chunks {
		if hex.EncodeToString(r.sum.Sum(nil)) != r.blob.SHA256 {
			return fmt.Errorf("blob %d is not what was kept: its SHA-256 differs: run offshelf ledger verify", r.blob.ID)
		}
		return io.EOF
	}
	data, err := Found(r.store.Query().Chunk(r.ctx, query.ChunkParams{BlobID: r.blob.ID, N: r.next}))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: %w", errHungUp, err)
	}
	if err != nil {
		return fmt.Errorf("blob %d, chunk %d: %w", r.blob.ID, r.next, err)
	}
	if r.raw, err = r.dec.DecodeAll(data, r.raw[:0]); err != nil {
		return fmt.Errorf("blob %d, chunk %d is damaged: %w", r.blob.ID, r.next, err)
	}
	r.sum.Write(r.raw)
	r.left = r.raw
	r.next++
	return nil
}

// Close implements io.Closer.
func (r *blobReader) Close() error {
	r.dec.Close()
	return nil
}
