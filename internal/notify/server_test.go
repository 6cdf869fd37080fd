package notify_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/offshelf/offshelf/internal/notify"
)

// serve runs an endpoint over http on 127.0.0.1.
func serve(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// raw runs an endpoint that speaks as it likes. It reads the head of a request
// first if told so, and holds connections open until the test ends.
func raw(t testing.TB, read bool, say func(net.Conn)) (address string, conns *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conns = &atomic.Int64{}
	var wait sync.WaitGroup
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); close(done); wait.Wait() })
	wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Add(1)
			wait.Go(func() {
				defer c.Close()
				if read {
					req, err := http.ReadRequest(bufio.NewReader(c))
					if err != nil {
						return
					}
					io.Copy(io.Discard, io.LimitReader(req.Body, req.ContentLength))
				}
				said := make(chan struct{})
				go func() { say(c); close(said) }()
				select {
				case <-done:
				case <-said:
					select {
					case <-done:
					case <-time.After(10 * time.Second):
					}
				}
			})
		}
	})
	return l.Addr().String(), conns
}

// names is a DNS server on loopback. It answers questions for IPv4 addresses by
// what the function says; none is a name that does not exist.
func names(t testing.TB, answer func(name string) []string) *net.Resolver {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { c.Close(); <-done })
	go func() {
		defer close(done)
		b := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Header.Response, m.Header.Authoritative = true, true
			m.Additionals = nil
			if q.Type == dnsmessage.TypeA {
				found := answer(strings.TrimSuffix(q.Name.String(), "."))
				if found == nil {
					m.Header.RCode = dnsmessage.RCodeNameError
				}
				for _, a := range found {
					m.Answers = append(m.Answers, dnsmessage.Resource{
						Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
						Body:   &dnsmessage.AResource{A: netip.MustParseAddr(a).As4()},
					})
				}
			}
			if out, err := m.Pack(); err == nil {
				c.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", c.LocalAddr().String())
	}}
}

// local are options by which endpoints of this machine may be called.
func local(t testing.TB) notify.Options {
	return notify.Options{
		Guard:  notify.Guard{AllowHTTP: true, Allow: networks(t, "127.0.0.1")},
		Header: 20 * time.Second, TLS: 20 * time.Second, Connect: 20 * time.Second, Whole: 30 * time.Second,
	}
}

// short are bounds that tests may wait for, and yet long for a busy machine.
func short(o notify.Options) notify.Options {
	o.Connect, o.TLS, o.Header, o.Body, o.Whole = time.Second, time.Second, time.Second, time.Second, 6*time.Second
	return o
}

var key = notify.Key{Secret: notify.NewSecret()}

func sender(t testing.TB, o notify.Options) *notify.Sender {
	t.Helper()
	s, err := notify.NewSender(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// send tries once, and holds every result to what holds of all.
func send(t testing.TB, s *notify.Sender, endpoint string) notify.Result {
	t.Helper()
	r, err := s.Send(t.Context(), endpoint, []notify.Key{key}, opened())
	if err != nil {
		t.Fatalf("%s: %v", endpoint, err)
	}
	if r.Note == "" || len(r.Note) > 4500 || strings.ContainsAny(r.Note, "\x00\x1b\r\n") || r.Took <= 0 {
		t.Errorf("%s: note of %d bytes, took %s: %q", endpoint, len(r.Note), r.Took, r.Note)
	}
	if (r.Outcome == notify.Delivered) != (r.Status >= 200 && r.Status <= 299) {
		t.Errorf("%s: %s with %d", endpoint, r.Outcome, r.Status)
	}
	return r
}

func want(t testing.TB, r notify.Result, o notify.Outcome, status int, note string) {
	t.Helper()
	if r.Outcome != o || r.Status != status || !strings.Contains(r.Note, note) {
		t.Errorf("%+v; want %s, %d, %s", r, o, status, note)
	}
}

func pool(s *httptest.Server) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(s.Certificate())
	return p
}

func port(t testing.TB, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}
