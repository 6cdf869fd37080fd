package fetch

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// watched closes a body that comes too slowly: a server that drips keeps a
// connection alive for ever otherwise.
type watched struct {
	r     io.Reader
	close func()
	stall time.Duration
	least int64 // bytes in each stall

	total atomic.Int64
	slow  atomic.Bool
	done  chan struct{}
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.total.Add(int64(n))
	return n, err
}

func (w *watched) start() {
	w.done = make(chan struct{})
	go func() {
		t := time.NewTicker(w.stall)
		defer t.Stop()
		var was int64
		for {
			select {
			case <-w.done:
				return
			case <-t.C:
				now := w.total.Load()
				if now-was < w.least {
					w.slow.Store(true)
					w.close()
					return
				}
				was = now
			}
		}
	}()
}

func (w *watched) stop() { close(w.done) }

// cause says that the server was too slow, where that is why reading failed.
func (w *watched) cause(err error) error {
	if w.slow.Load() {
		return fmt.Errorf("the server is too slow: under %d bytes in %s", w.least, w.stall)
	}
	return err
}
