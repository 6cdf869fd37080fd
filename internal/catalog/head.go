package catalog

import "io"

// headed is a stream whose first bytes were read ahead to recognise it. Past
// those, reads go straight through: bufio would copy all there is once more.
type headed struct {
	head []byte
	r    io.Reader
	err  error // met while reading ahead, io.EOF included
}

func readHead(r io.Reader) *headed {
	h := &headed{head: make([]byte, 0, headSize), r: r}
	for idle := 0; h.err == nil && len(h.head) < headSize; {
		n, err := r.Read(h.head[len(h.head):headSize])
		h.head = h.head[:len(h.head)+n]
		if h.err = err; n > 0 {
			idle = 0
		} else if idle++; err == nil && idle > 100 {
			h.err = io.ErrNoProgress
		}
	}
	return h
}

// broken returns the error that stopped the reading ahead, if it was one.
func (h *headed) broken() error {
	if h.err == io.EOF {
		return nil
	}
	return h.err
}

func (h *headed) discard(n int) { h.head = h.head[min(n, len(h.head)):] }

func (h *headed) Read(p []byte) (int, error) {
	if len(h.head) > 0 {
		n := copy(p, h.head)
		h.head = h.head[n:]
		return n, nil
	}
	if h.err != nil {
		return 0, h.err
	}
	return h.r.Read(p)
}
