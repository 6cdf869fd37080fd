package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// load sends the requests, one after another a connection, for a time: as fast
// as they are answered, or so many a second where rate is not 0. What is no 200
// is an error. A request that had to wait for the one before took as long as
// since it was due.
func (s *server) load(connections int, requests [][]byte, rate int, length time.Duration) (*outcome, error) {
	type share struct {
		took   []time.Duration
		errors int
		err    error
	}
	shares := make([]share, connections)
	var next atomic.Int64
	var all sync.WaitGroup
	own := ownCPU()
	began := time.Now()
	until := began.Add(length)
	for i := range shares {
		all.Go(func() {
			x := &shares[i]
			x.took = make([]time.Duration, 0, 1<<16)
			conn, err := net.Dial("tcp", s.address)
			if err != nil {
				x.err = err
				return
			}
			defer conn.Close()
			in := bufio.NewReaderSize(conn, 16<<10)
			due, step := began, time.Duration(0)
			if rate > 0 {
				step = time.Duration(connections) * time.Second / time.Duration(rate)
				due = began.Add(step * time.Duration(i) / time.Duration(connections))
			}
			for now := time.Now(); now.Before(until); {
				if step > 0 {
					if wait := due.Sub(now); wait > 0 {
						time.Sleep(wait)
						now = time.Now()
					} else {
						now = due
					}
					due = due.Add(step)
				}
				if _, err := conn.Write(requests[int(next.Add(1)-1)%len(requests)]); err != nil {
					x.err = err
					return
				}
				status, err := drop(in)
				if err != nil {
					x.err = err
					return
				}
				if status != 200 {
					x.errors++
				}
				then := time.Now()
				x.took = append(x.took, then.Sub(now))
				now = then
			}
		})
	}
	all.Wait()
	r := &outcome{passed: time.Since(began), own: ownCPU() - own}
	for _, x := range shares {
		if x.err != nil {
			return nil, x.err
		}
		r.took = append(r.took, x.took...)
		r.errors += x.errors
	}
	slices.Sort(r.took)
	return r, nil
}

func ownCPU() time.Duration {
	var use syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &use)
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

var lengthIs = []byte("Content-Length: ")

// drop reads an answer and keeps its status alone.
func drop(in *bufio.Reader) (status int, err error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("answer begins with %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length := -1
	for {
		if line, err = in.ReadSlice('\n'); err != nil {
			return status, err
		}
		if len(line) <= 2 {
			break
		}
		if bytes.HasPrefix(line, lengthIs) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(lengthIs):]))); err != nil {
				return status, err
			}
		}
	}
	if length >= 0 {
		_, err = in.Discard(length)
		return status, err
	}
	for { // in chunks
		if line, err = in.ReadSlice('\n'); err != nil {
			return status, err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return status, err
		}
		if _, err := in.Discard(int(n) + 2); err != nil {
			return status, err
		}
		if n == 0 {
			return status, nil
		}
	}
}
