package catalog

import (
	"io"

	"github.com/offshelf/offshelf"
)

const (
	batchSize = 256 << 10
	maxRow    = 1 << 20  // a longer record fails
	maxQuoted = 64 << 10 // a longer quoted field counts as never closed
	maxRecs   = 8192     // in a batch: rows of hardly any bytes become products of many
)

type cutState uint8

const (
	cutRecord cutState = iota // a record
	cutBlank                  // bytes that are no row
	cutMore                   // the record does not end in these bytes
	cutDone                   // no more rows, whatever follows
	cutFatal                  // broken for good
)

// boundary knows where records end.
type boundary interface {
	// cut looks at the record at the start of b and returns how many bytes it
	// takes. With eof, b is all that is left and cutMore is no answer.
	cut(b []byte, eof bool) (record, int, cutState)
	// drop passes over a record that is too long, from its first byte on, and
	// says how many bytes of b belong to it and whether it ends there.
	drop(b []byte, first bool) (int, bool)
	// fault says what cutFatal was about.
	fault() string
}

// cutter cuts a stream of bytes into batches at record boundaries. Nothing is
// decoded here: it runs on one goroutine while many decode.
type cutter struct {
	file  string
	r     io.Reader
	bound boundary
	eol   byte

	decode func(b *Batch, dst []offshelf.Product) ([]offshelf.Product, []offshelf.Problem)

	carry []byte
	row   int // number of the next record
	line  int // physical line of the next byte
	eof   bool
	err   error // what ended the stream; io.EOF if nothing was wrong
	done  bool
}

func newCutter(file string, r io.Reader, bound boundary, eol byte) *cutter {
	return &cutter{file: file, r: r, bound: bound, eol: eol, row: 1, line: 1}
}

// fill reads until buf holds size bytes or the stream ends.
func (c *cutter) fill(buf []byte, size int) []byte {
	if cap(buf) < size {
		grown := make([]byte, len(buf), size)
		copy(grown, buf)
		buf = grown
	}
	idle := 0
	for c.err == nil && len(buf) < size {
		n, err := c.r.Read(buf[len(buf):size])
		buf = buf[:len(buf)+n]
		if n > 0 {
			idle = 0
		} else if idle++; err == nil && idle > 100 {
			err = io.ErrNoProgress
		}
		if err != nil {
			c.err = err
			c.eof = err == io.EOF
		}
	}
	return buf
}

// next returns the next batch. It has at least one record.
func (c *cutter) next() (*Batch, error) {
	if c.done {
		return nil, c.end()
	}
	ch := chunks.Get().(*chunk)
	buf, recs := append(ch.buf[:0], c.carry...), ch.recs[:0]
	c.carry = c.carry[:0]

	b := &Batch{file: c.file, row: c.row, line: c.line, eol: c.eol, decode: c.decode, chunk: ch}
	p, size := 0, max(batchSize, len(buf))
	more := true
	for more {
		buf = c.fill(buf, size)
		for {
			if p == len(buf) {
				if c.err != nil {
					c.done = true
					more = false
				} else if len(recs) > 0 {
					more = false
				} else {
					c.line += countLines(buf, c.eol)
					buf, p, b.line = buf[:0], 0, c.line
				}
				break
			}
			rec, n, state := c.bound.cut(buf[p:], c.eof)
			tooLong := len(buf)-p > maxRow+1
			if state == cutRecord {
				tooLong = n > maxRow+1
			}
			if (state == cutRecord || state == cutMore) && tooLong {
				if len(recs) == 0 {
					c.line += countLines(buf[:p], c.eol)
					b.line = c.line
					c.long(buf[p:])
					recs = append(recs, record{kind: recLong})
					p = 0
					buf = buf[:0]
				}
				more = false
				break
			}
			switch state {
			case cutRecord:
				rec.start += int32(p)
				rec.end += int32(p)
				recs = append(recs, rec)
			case cutDone:
				c.done = true
			case cutFatal:
				b.fatal = c.bound.fault()
				recs = append(recs, record{start: int32(p), end: int32(p), kind: recFatal})
				c.done, n = true, 0
			}
			p += n
			if state == cutMore || c.done || len(recs) == maxRecs {
				more = false
				break
			}
		}
		if !more && len(recs) == 0 && !c.done {
			// The first record is longer than what was read so far.
			if c.err != nil {
				c.done = true // half a record before a read error is no row
				break
			}
			c.line += countLines(buf[:p], c.eol)
			b.line = c.line
			buf = buf[:copy(buf, buf[p:])]
			p, size = 0, min(2*max(len(buf), batchSize), maxRow+batchSize)
			more = true
		}
	}
	if !c.done {
		c.carry = append(c.carry, buf[p:]...)
	}
	ch.buf, ch.recs = buf, recs
	b.data, b.recs = buf[:p], recs
	c.line += countLines(b.data, c.eol)
	c.row += len(recs)
	if len(recs) == 0 {
		b.release()
		return nil, c.end()
	}
	return b, nil
}

// long passes over the record at the start of b in bounded memory and leaves
// what follows it in carry.
func (c *cutter) long(b []byte) {
	first := true
	for {
		n, ends := c.bound.drop(b, first)
		first = false
		c.line += countLines(b[:n], c.eol)
		if ends || c.err != nil {
			c.carry = append(c.carry[:0], b[n:]...)
			if !ends {
				c.carry = c.carry[:0]
			}
			return
		}
		b = c.fill(b[:0], batchSize)
	}
}

func (c *cutter) end() error {
	if c.err != nil && c.err != io.EOF {
		return c.err
	}
	return io.EOF
}
