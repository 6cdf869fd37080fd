package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/fetch"
)

// client is one whose waits are noted and not waited.
func client(t *testing.T, waits *[]time.Duration) *fetch.Client {
	t.Helper()
	return &fetch.Client{
		Timeout: 5 * time.Second, Header: 2 * time.Second, Stall: 200 * time.Millisecond, MinBytes: 64, MaxBytes: 1 << 20,
		Sleep: func(ctx context.Context, d time.Duration) error {
			if waits != nil {
				*waits = append(*waits, d)
			}
			return ctx.Err()
		},
	}
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func fails(t *testing.T, f *fetch.File, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("%d bytes, want an error with %q", len(f.Data), want)
	}
	if !strings.Contains(err.Error(), want) {
		t.Fatalf("%v\nwant %q in it", err, want)
	}
	if f != nil {
		t.Fatal("an error and a file")
	}
}

func TestGet(t *testing.T) {
	var seen http.Header
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header
		if r.Header.Get("If-None-Match") == `"1"` && r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Last-Modified", "Fri, 02 Jan 2026 10:00:00 GMT")
		w.Header().Set("Content-Type", "text/csv")
		io.WriteString(w, "a,b\n1,2\n")
	})
	c := client(t, nil)
	c.UserAgent = "offshelf/test"
	f, err := c.Get(t.Context(), s.URL+"/list.csv", fetch.Marks{})
	if err != nil || string(f.Data) != "a,b\n1,2\n" || f.ETag != `"1"` || f.LastModified == "" || f.Type != "text/csv" || f.Unchanged {
		t.Fatalf("%+v, %v", f, err)
	}
	if seen.Get("User-Agent") != "offshelf/test" || seen.Get("If-None-Match") != "" {
		t.Fatal(seen)
	}
	again, err := c.Get(t.Context(), s.URL+"/list.csv", f.Marks)
	if err != nil || !again.Unchanged || len(again.Data) != 0 || again.Marks != f.Marks {
		t.Fatalf("%+v, %v", again, err)
	}
}

// TestNothingKept is a server that says that nothing changed to one who has
// nothing.
func TestNothingKept(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotModified) })
	f, err := client(t, nil).Get(t.Context(), s.URL, fetch.Marks{})
	fails(t, f, err, "nothing has changed, and nothing is kept")
}

func TestRetries(t *testing.T) {
	for _, broken := range []struct {
		name string
		do   func(w http.ResponseWriter)
	}{
		{"500", func(w http.ResponseWriter) { http.Error(w, "no", http.StatusInternalServerError) }},
		{"429", func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "7")
			http.Error(w, "no", http.StatusTooManyRequests)
		}},
		{"dropped", func(w http.ResponseWriter) { drop(w) }},
		{"half", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, "half of it")
			w.(http.Flusher).Flush()
			drop(w)
		}},
		{"half of gzip", func(w http.ResponseWriter) {
			data := packed("all of it, all of it, all of it")
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(data[:len(data)-9])
		}},
	} {
		t.Run(broken.name, func(t *testing.T) {
			var n atomic.Int32
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1) < 3 {
					broken.do(w)
					return
				}
				io.WriteString(w, "good")
			})
			var waits []time.Duration
			var told []string
			c := client(t, &waits)
			c.Tell = func(m string) { told = append(told, m) }
			f, err := c.Get(t.Context(), s.URL, fetch.Marks{})
			if err != nil || string(f.Data) != "good" || n.Load() != 3 {
				t.Fatalf("%+v, %v after %d tries", f, err, n.Load())
			}
			if len(waits) != 2 || len(told) != 2 || !strings.Contains(told[0], "trying again") {
				t.Fatal(waits, told)
			}
			if broken.name == "429" {
				if waits[0] != 7*time.Second {
					t.Fatal(waits)
				}
			} else if waits[0] < time.Second/2 || waits[0] > time.Second || waits[1] < time.Second || waits[1] > 2*time.Second {
				t.Fatal(waits)
			}
			n.Store(-10)
			f, err = c.Get(t.Context(), s.URL, fetch.Marks{})
			fails(t, f, err, "tried 4 times")
		})
	}
}

func drop(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

func packed(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.Bytes()
}

func TestAnswersThatAreFinal(t *testing.T) {
	var n atomic.Int32
	for want, h := range map[string]http.HandlerFunc{
		"the server answers 404 Not Found": func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
		"redirected over 5 times": func(w http.ResponseWriter, r *http.Request) {
			i, _ := strconv.Atoi(r.URL.Query().Get("n"))
			http.Redirect(w, r, fmt.Sprint("/?n=", i+1), http.StatusFound)
		},
		"redirected to file:///etc/passwd, which is no address": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		},
		"redirected to an address inside of a network": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		},
		"the server answers 302 and names no address": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusFound) },
		"over 1 MiB unpacked": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			zeros := make([]byte, 1<<20)
			for range 64 {
				z.Write(zeros)
			}
			z.Close()
		},
		"a file of 4 MiB": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(4<<20))
			w.WriteHeader(http.StatusOK)
		},
		"packed as br, which was not asked for": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			io.WriteString(w, "x")
		},
	} {
		t.Run(want, func(t *testing.T) {
			n.Store(0)
			s := serve(t, func(w http.ResponseWriter, r *http.Request) { n.Add(1); h(w, r) })
			f, err := client(t, nil).Get(t.Context(), s.URL, fetch.Marks{})
			fails(t, f, err, want)
			if strings.Contains(err.Error(), "tried") {
				t.Error("tried again in vain: ", err)
			}
		})
	}
}

// TestInnerName is a redirect to a name that comes to an inner address.
func TestInnerName(t *testing.T) {
	inside := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "secret") })
	_, port, _ := strings.Cut(strings.TrimPrefix(inside.URL, "http://"), ":")
	for _, host := range []string{"localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+host+":"+port+"/", http.StatusFound)
		})
		f, err := client(t, nil).Get(t.Context(), s.URL, fetch.Marks{})
		fails(t, f, err, "inside of a network")
	}
}

func TestSlow(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for {
			select {
			case <-release:
				return
			case <-r.Context().Done():
				return
			case <-time.After(20 * time.Millisecond):
				if _, err := io.WriteString(w, "."); err != nil {
					return
				}
				w.(http.Flusher).Flush()
			}
		}
	})
	c := client(t, nil)
	c.Attempts = 2
	began := time.Now()
	f, err := c.Get(t.Context(), s.URL, fetch.Marks{})
	fails(t, f, err, "the server is too slow")
	if d := time.Since(began); d > 4*time.Second {
		t.Errorf("given up after %s", d)
	}
}

func TestServerThatNeverAnswers(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c := client(t, nil)
	c.Attempts, c.Timeout = 2, 300*time.Millisecond
	f, err := c.Get(t.Context(), s.URL, fetch.Marks{})
	fails(t, f, err, "not done within 300ms")
}

func TestInterrupted(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := client(t, nil).Get(ctx, s.URL, fetch.Marks{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// TestTLS holds that certificates are checked, and that a secure address does
// not lead to an insecure one.
func TestTLS(t *testing.T) {
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "plain") })
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(w, r, plain.URL, http.StatusMovedPermanently)
			return
		}
		io.WriteString(w, "secure")
	}))
	t.Cleanup(s.Close)
	s.Config.ErrorLog = nil
	f, err := client(t, nil).Get(t.Context(), s.URL, fetch.Marks{})
	fails(t, f, err, "certificate")
	if strings.Contains(err.Error(), "tried") {
		t.Error(err)
	}
	c := client(t, nil)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c.TLS = &tls.Config{RootCAs: roots}
	if f, err = c.Get(t.Context(), s.URL, fetch.Marks{}); err != nil || string(f.Data) != "secure" {
		t.Fatal(f, err)
	}
	f, err = c.Get(t.Context(), s.URL+"/down", fetch.Marks{})
	fails(t, f, err, "from a secure to an insecure address")
}

func TestAddressesThatAreNone(t *testing.T) {
	for _, a := range []string{"", "list.csv", "ftp://example.org/x", "https://", "://", "http:///x", "https://exa mple.org"} {
		if _, err := client(t, nil).Get(t.Context(), a, fetch.Marks{}); err == nil || !strings.Contains(err.Error(), "no address of the web") {
			t.Errorf("%q: %v", a, err)
		}
	}
}
