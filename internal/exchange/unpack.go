package exchange

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/klauspost/compress/gzip"
)

// Bounds of compressed files.
const (
	maxRatio  = 200      // bytes out of one byte in
	freeBytes = 64 << 20 // that may come out whatever went in
	maxZip    = 1 << 30  // bytes of an archive that is no file on disk
)

// unpack takes gzip and zip off a file; what is in them is not unpacked again.
func unpack(r io.Reader) (io.ReadCloser, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	magic, err := b.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		in := &counted{r: b}
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("the gzip file cannot be read: %w", err)
		}
		return &guarded{r: z, in: in, close: z.Close}, nil
	case bytes.HasPrefix(magic, []byte("PK\x03\x04")), bytes.HasPrefix(magic, []byte("PK\x05\x06")):
		return unzip(r, b)
	}
	return io.NopCloser(b), nil
}

func unzip(r io.Reader, b *bufio.Reader) (io.ReadCloser, error) {
	var at io.ReaderAt
	var size int64
	if f, ok := r.(interface {
		io.ReaderAt
		Stat() (fs.FileInfo, error)
	}); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			at, size = f, info.Size()
		}
	}
	if at == nil {
		data, err := io.ReadAll(io.LimitReader(b, maxZip+1))
		if err != nil {
			return nil, fmt.Errorf("the zip archive cannot be read: %w", err)
		}
		if len(data) > maxZip {
			return nil, fmt.Errorf("the zip archive has more than %d bytes: name the file itself instead of a pipe, or use gzip", maxZip)
		}
		at, size = bytes.NewReader(data), int64(len(data))
	}
	z, err := zip.NewReader(at, size)
	if err != nil {
		return nil, fmt.Errorf("the zip archive cannot be read: %w", err)
	}
	var member *zip.File
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		if member != nil {
			return nil, errors.New("the zip archive holds more than one file: unpack it and name the one to read")
		}
		member = f
	}
	if member == nil {
		return nil, errors.New("the zip archive holds no file")
	}
	m, err := member.Open()
	if err != nil {
		return nil, fmt.Errorf("the file in the zip archive cannot be read: %w", err)
	}
	return &guarded{r: m, in: &counted{n: int64(min(member.CompressedSize64, uint64(size)))}, close: m.Close}, nil
}

// counted counts the bytes that went in. It reads single bytes too, so that
// gzip takes no more than it needs.
type counted struct {
	r *bufio.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counted) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// guarded ends a stream that unpacks to far more than goes in.
type guarded struct {
	r     io.Reader
	in    *counted
	out   int64
	close func() error
}

func (g *guarded) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.out += int64(n)
	if g.out > freeBytes && g.out/maxRatio > g.in.n {
		return 0, fmt.Errorf("it unpacks to more than %d times its size: this is no ownership data", maxRatio)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the compressed file is cut off")
	}
	return n, err
}

func (g *guarded) Close() error { return g.close() }
