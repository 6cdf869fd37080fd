package main

import (
	"context"
	"io"
)

// interruptible reads until its context ends, even while the reader below
// waits for input, as a terminal or a pipe does.
type interruptible struct {
	ctx  context.Context
	r    io.Reader
	buf  []byte
	rest []byte // read and not yet taken
	err  error
	done chan read // nil where no read is under way
}

type read struct {
	n   int
	err error
}

// Read implements io.Reader.
func (i *interruptible) Read(p []byte) (int, error) {
	if len(i.rest) == 0 && i.err == nil {
		if i.done == nil {
			if i.buf == nil {
				i.buf = make([]byte, 256<<10)
			}
			i.done = make(chan read, 1)
			r, buf, done := i.r, i.buf, i.done
			go func() {
				n, err := r.Read(buf)
				done <- read{n, err}
			}()
		}
		select {
		case got := <-i.done:
			i.rest, i.err, i.done = i.buf[:got.n], got.err, nil
		case <-i.ctx.Done():
			return 0, i.ctx.Err()
		}
	}
	n := copy(p, i.rest)
	if i.rest = i.rest[n:]; n > 0 {
		return n, nil
	}
	return 0, i.err
}
