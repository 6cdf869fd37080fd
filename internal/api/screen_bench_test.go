//go:build unix

package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/offshelf/offshelf"
)

// TestScreenRate measures POST /v1/screen with 16 connections, the load beside
// the service in one process:
//
//	OFFSHELF_RATE=5s go test ./internal/api -run ScreenRate -v
func TestScreenRate(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("OFFSHELF_RATE"))
	if err != nil {
		t.Skip("takes a while: set OFFSHELF_RATE=5s")
	}
	x := sqlite(t)
	key := x.analyst()
	x.clock.turn(0)
	for _, n := range []int{1, 1000} {
		products := catalogLike(t, n)
		var body []byte
		if n == 1 {
			body, err = json.Marshal(map[string]any{"product": products[0]})
		} else {
			body, err = json.Marshal(map[string]any{"products": products})
		}
		if err != nil {
			t.Fatal(err)
		}
		answer := x.must(200, "POST", "/v1/screen", key, string(body))
		request := fmt.Appendf(nil, "POST /v1/screen HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", key, len(body), body)
		load := func(d time.Duration) []time.Duration {
			var wg sync.WaitGroup
			took := make([][]time.Duration, 16)
			until := time.Now().Add(d)
			for c := range took {
				wg.Go(func() {
					conn, err := net.Dial("tcp", strings.TrimPrefix(x.url, "http://"))
					if err != nil {
						t.Error(err)
						return
					}
					defer conn.Close()
					in := bufio.NewReaderSize(conn, 64<<10)
					for time.Now().Before(until) {
						began := time.Now()
						if _, err := conn.Write(request); err != nil {
							t.Error(err)
							return
						}
						if err := readAnswer(in); err != nil {
							t.Error(err)
							return
						}
						took[c] = append(took[c], time.Since(began))
					}
				})
			}
			wg.Wait()
			return slices.Concat(took...)
		}
		load(length / 5)
		began, used := time.Now(), cpu(t)
		all := load(length)
		passed, cost := time.Since(began).Seconds(), (cpu(t)-used)/time.Duration(len(all))
		slices.Sort(all)
		t.Logf("%4d products a request (%d bytes in, %d out): %.0f requests/s, %.0f products/s, p50 %v, p99 %v; %v of CPU a request, load and service: %.0f requests/s where two cores are free", n, len(body), len(answer.text), float64(len(all))/passed, float64(len(all)*n)/passed,
			all[len(all)/2].Round(10*time.Microsecond), all[len(all)*99/100].Round(10*time.Microsecond), cost.Round(time.Microsecond), 2/cost.Seconds())
	}
}

// cpu is the processor time that this process has used, which other processes
// of the machine do not lengthen by much.
func cpu(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// readAnswer reads one answer and drops it, cheaply, so that the load takes
// little from the service.
func readAnswer(in *bufio.Reader) error {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
		return fmt.Errorf("%s", line)
	}
	length, chunked := 0, false
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(v)); err != nil {
				return err
			}
		}
		chunked = chunked || bytes.HasPrefix(line, []byte("Transfer-Encoding: chunked"))
	}
	if !chunked {
		_, err := in.Discard(length)
		return err
	}
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return err
		}
		if _, err := in.Discard(int(n) + 2); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}

// catalogLike is products of which few have a finding, as in a catalog.
func catalogLike(tb testing.TB, n int) []offshelf.Product {
	words := []string{"cordless drill 18 V", "garden hose 20 m", "LED bulb E27 806 lm", "paint roller set", "wall mount for Lorex camera", "kettle 1.7 l", "running shoes", "phone case", "bicycle pump", "office chair"}
	brands := []string{"Bosch", "Gardena", "Philips", "Wagner", "Hama", "Krups", "Asics", "Spigen", "SKS", "Topstar"}
	out := make([]offshelf.Product, n)
	for i := range out {
		out[i] = offshelf.Product{ID: fmt.Sprintf("sku-%06d", i), Title: fmt.Sprintf("%s %s model %d", brands[i%10], words[i*7%10], i), Brand: brands[i%10], GTIN: fmt.Sprintf("40%011d", i), Category: "Home > Garden", Price: "19.99"}
	}
	for i := 0; i < n; i += 50 {
		out[i].Title, out[i].Brand = "Lorex 4K NVR security system", "Lorex"
	}
	return out
}
