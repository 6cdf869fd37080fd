package catalog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	headSize = batchSize // what is looked at to recognise a file

	// A compressed file may grow to bombFloor at any ratio; past that, a ratio
	// over bombRatio is no catalog.
	bombFloor  = 1 << 30
	bombRatio  = 1000
	zstdMemory = 128 << 20
)

// unpacked is the input without its compression.
type unpacked struct {
	r     io.Reader
	note  string
	close func()
}

// unpack recognises gzip and zstd by their magic numbers.
func unpack(r io.Reader) (*unpacked, error) {
	packed := &counted{r: r}
	br := bufio.NewReaderSize(packed, 64<<10)
	magic, err := br.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		zr, err := gzip.NewReader(br)
		if err != nil {
			return nil, fmt.Errorf("broken gzip: %w", err)
		}
		return &unpacked{
			r:     &guarded{r: zr, packed: packed, what: "gzip"},
			note:  "compressed with gzip",
			close: func() { zr.Close() },
		}, nil
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		zr, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(zstdMemory))
		if err != nil {
			return nil, fmt.Errorf("broken zstd: %w", err)
		}
		return &unpacked{
			r:     &guarded{r: zr, packed: packed, what: "zstd"},
			note:  "compressed with zstd",
			close: zr.Close,
		}, nil
	}
	return &unpacked{r: br, close: func() {}}, nil
}

type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// guarded stops a decompression bomb and names the layer that an error is of.
type guarded struct {
	r      io.Reader
	packed *counted
	n      int64
	what   string
}

func (g *guarded) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.n += int64(n)
	if g.n > bombFloor && g.n/bombRatio > g.packed.n {
		return n, fmt.Errorf("%d bytes of %s unpack to over %d: a decompression bomb, not read further", g.packed.n, g.what, g.n)
	}
	switch {
	case err == nil || err == io.EOF:
		return n, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, fmt.Errorf("broken %s: the file is cut short", g.what)
	}
	return n, fmt.Errorf("broken %s: %w", g.what, err)
}
