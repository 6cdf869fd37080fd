package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"runtime"
	"strconv"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/offshelf/offshelf/internal/ledger"
)

// published is what the runs of an upload say of the rows that came with it.
type published struct {
	products, ended, attributions sum
	staged                        bool // a run is queued and none was published
	any                           bool // a run was published
}

// sum is a SetSum with the run that holds it.
type sum struct {
	value string
	leaf  int64
	run   string
}

func (s *sum) set(value, run string, leaf int64) {
	if value != "" {
		*s = sum{value, leaf, run}
	}
}

// uploads reads the sums. Where an upload was screened again, the newest run
// that has a sum counts.
func (v *verifier) uploads() (map[int64]*published, error) {
	out := map[int64]*published{}
	err := v.each("SELECT id, upload_id, state, products_sum, ended_sum, attributions_sum FROM runs ORDER BY id", func(c []any) error {
		upload, ok := c[1].(int64)
		if !ok {
			return nil // told, as the row is not as it was sealed
		}
		u := out[upload]
		if u == nil {
			u = &published{}
			out[upload] = u
		}
		switch c[2] {
		case "queued":
			u.staged = true
		case "published":
			run := fmt.Sprint(c[0])
			leaf := v.sealOf("runs", run)
			u.any = true
			u.products.set(as[string](c[3]), run, leaf)
			u.ended.set(as[string](c[4]), run, leaf)
			u.attributions.set(as[string](c[5]), run, leaf)
		}
		return nil
	})
	return out, err
}

// setRows are the rows of products or attributions that go to a core at once.
type setRows struct {
	columns []string
	values  []any
	n       int
}

const setRowsAtOnce = 512

// setSums are the sums of the rows of an upload.
type setSums struct{ rows, ended ledger.SetSum }

// checkSets compares products and attributions with the sums of the runs that
// wrote them.
func (v *verifier) checkSets() error {
	uploads, err := v.uploads()
	if err != nil {
		return err
	}
	products, err := v.sums("products", uploads, &v.Products)
	if err != nil {
		return err
	}
	attributions, err := v.sums("attributions", uploads, &v.Attributions)
	if err != nil {
		return err
	}
	none := &setSums{}
	for id, u := range uploads {
		if !u.any {
			continue
		}
		p, a := products[id], attributions[id]
		if p == nil {
			p = none
		}
		if a == nil {
			a = none
		}
		for _, c := range []struct {
			want  sum
			got   *ledger.SetSum
			table string
			what  string
		}{
			{u.products, &p.rows, "products", "the products that upload %d brought are not those that run %s sealed"},
			{u.ended, &p.ended, "products", "the products that upload %d took off the shelf are not those that run %s sealed"},
			{u.attributions, &a.rows, "attributions", "the attributions of the products of upload %d are not those that run %s sealed"},
		} {
			switch got := c.got.String(); {
			case c.want.value == "" && got == none.rows.String():
			case c.want.value == "":
				v.fail(-1, c.table, "", "upload %d has rows, and no published run of it seals them", id)
			case c.want.value != got:
				v.fail(c.want.leaf, c.table, "", c.what, id, c.want.run)
			}
		}
	}
	return nil
}

// sums adds all rows of a table up by upload. Reading is one stream; digests
// are made on all cores.
func (v *verifier) sums(table string, uploads map[int64]*published, checked *int64) (map[int64]*setSums, error) {
	work := make(chan *setRows, runtime.GOMAXPROCS(0))
	free := sync.Pool{}
	var wait sync.WaitGroup
	parts := make([]map[int64]*setSums, runtime.GOMAXPROCS(0))
	for i := range parts {
		parts[i] = map[int64]*setSums{}
		wait.Go(func() {
			a := adder{of: parts[i], table: table}
			for b := range work {
				a.add(b)
				free.Put(b)
			}
		})
	}
	err := v.feed(table, uploads, checked, work, &free)
	close(work)
	wait.Wait()
	out := parts[0]
	for _, p := range parts[1:] {
		for id, s := range p {
			if have := out[id]; have != nil {
				have.rows.Merge(&s.rows)
				have.ended.Merge(&s.ended)
			} else {
				out[id] = s
			}
		}
	}
	return out, err
}

// feed reads a table and hands its rows on in batches. A row of an upload that
// no published run knows is told here, so that the sums stay as few as runs.
func (v *verifier) feed(table string, uploads map[int64]*published, checked *int64, work chan<- *setRows, free *sync.Pool) error {
	columns := productColumns
	if table == "attributions" {
		columns = attributionColumns
	}
	rows, err := v.tx.QueryContext(v.ctx, "SELECT "+joined(columns)+" FROM "+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	// known reports whether a published run of the upload seals the row.
	known := func(upload any, key any) bool {
		id, ok := upload.(int64)
		u := uploads[id]
		switch {
		case ok && u != nil && u.any:
			return true
		case ok && u != nil && u.staged:
			v.Staged++
		default:
			v.fail(-1, table, fmt.Sprint(key), "belongs to upload %v, of which no run was published", upload)
		}
		return false
	}
	into := make([]any, len(columns))
	var b *setRows
	var told int64
	for rows.Next() {
		if b == nil {
			if b, _ = free.Get().(*setRows); b == nil {
				b = &setRows{columns: columns, values: make([]any, setRowsAtOnce*len(columns))}
			}
			b.n = 0
		}
		c := b.values[b.n*len(columns):][:len(columns)]
		for i := range c {
			into[i] = &c[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if table == "products" {
			from, to := known(c[7], c[0]), c[8] != int64(0) && known(c[8], c[0])
			if !to {
				c[8] = nil
			}
			if !from {
				c[7] = nil
			}
			if !from && !to {
				continue
			}
		} else {
			product, ok := c[1].(int64)
			if upload := any(UploadOf(product)); !ok || !known(upload, c[0]) {
				if !ok {
					v.fail(-1, table, fmt.Sprint(c[0]), "its product is no number")
				}
				continue
			}
		}
		if told++; told%16384 == 0 {
			v.tell(table, told)
		}
		if b.n++; b.n == setRowsAtOnce {
			work <- b
			b = nil
		}
	}
	*checked = told
	if b != nil {
		work <- b
	}
	return rows.Err()
}

func joined(columns []string) string {
	var b bytes.Buffer
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c)
	}
	return b.String()
}

// adder adds the rows of batches up, on one core.
type adder struct {
	of    map[int64]*setSums
	table string
	row   ledger.Row
}

func (a *adder) sum(upload int64) *setSums {
	s := a.of[upload]
	if s == nil {
		s = &setSums{}
		a.of[upload] = s
	}
	return s
}

func (a *adder) add(b *setRows) {
	w := len(b.columns)
	for i := range b.n {
		c := b.values[i*w:][:w]
		if a.table == "attributions" {
			a.sum(UploadOf(c[1].(int64))).rows.Add(rowDigest(&a.row, a.table, b.columns, c))
			continue
		}
		if from, ok := c[7].(int64); ok {
			a.sum(from).rows.Add(rowDigest(&a.row, a.table, b.columns[:8], c[:8]))
		}
		if to, ok := c[8].(int64); ok {
			id, _ := c[0].(int64)
			a.sum(to).ended.Add(EndedDigest(id, to))
		}
	}
}

// keptBlob is a blob that is being compared with its chunks.
type keptBlob struct {
	sha256 string
	size   int64
	chunks int64
	got    int64 // chunks
	bytes  int64
	sum    hash.Hash
	bad    bool
}

// checkBlobs unpacks all chunks and compares them with the SHA-256 of their
// blobs. A chunk that was packed otherwise and holds the same bytes is none
// that was altered.
func (v *verifier) checkBlobs() error {
	blobs := map[int64]*keptBlob{}
	if err := v.each("SELECT id, sha256, size, chunks FROM blobs", func(c []any) error {
		blobs[as[int64](c[0])] = &keptBlob{sha256: as[string](c[1]), size: as[int64](c[2]), chunks: as[int64](c[3])}
		return nil
	}); err != nil {
		return err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(2*chunkSize))
	if err != nil {
		return err
	}
	defer dec.Close()
	fail := func(id int64, b *keptBlob, format string, args ...any) {
		b.bad = true
		key := strconv.FormatInt(id, 10)
		v.fail(v.sealOf("blobs", key), "blobs", key, format, args...)
	}
	var raw []byte
	if err := v.each("SELECT blob_id, n, data FROM blob_chunks ORDER BY blob_id, n", func(c []any) error {
		id, ok := c[0].(int64)
		b := blobs[id]
		if !ok || b == nil {
			v.fail(-1, "blob_chunks", fmt.Sprintf("%v/%v", c[0], c[1]), "a chunk of no blob")
			return nil
		}
		if b.sha256 == "" || b.bad {
			return nil
		}
		if c[1] != b.got || b.got >= b.chunks {
			fail(id, b, "has %d chunks, of which %v is none", b.chunks, c[1])
			return nil
		}
		data, ok := c[2].([]byte)
		if raw, err = dec.DecodeAll(data, raw[:0]); err != nil || !ok || len(raw) > chunkSize {
			fail(id, b, "its chunk %d is damaged", b.got)
			return nil
		}
		if b.sum == nil {
			b.sum = sha256.New()
		}
		b.sum.Write(raw)
		b.bytes += int64(len(raw))
		b.got++
		v.Bytes += int64(len(raw))
		if v.Chunks++; v.Chunks%16 == 0 {
			v.tell("chunks", v.Chunks)
		}
		return nil
	}); err != nil {
		return err
	}
	for id, b := range blobs {
		if b.sha256 == "" {
			continue
		}
		v.Blobs++
		if b.sum == nil {
			b.sum = sha256.New()
		}
		switch {
		case b.bad:
		case b.got != b.chunks:
			fail(id, b, "%d of its %d chunks are missing", b.chunks-b.got, b.chunks)
		case b.bytes != b.size || hex.EncodeToString(b.sum.Sum(nil)) != b.sha256:
			fail(id, b, "its bytes are not those that were kept: the SHA-256 differs")
		}
	}
	return nil
}
