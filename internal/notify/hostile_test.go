package notify_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/notify"
)

func address(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// What endpoints do that speak as they like. No try lasts longer than its bounds.
func TestSendHostile(t *testing.T) {
	drip := func(c net.Conn, text string) {
		for {
			if _, err := io.WriteString(c, text); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	for _, test := range []struct {
		name    string
		say     func(net.Conn)
		outcome notify.Outcome
		status  int
		note    string
	}{
		{"nothing", func(net.Conn) {}, notify.Retry, 0, "127.0.0.1 has not answered in time: have the endpoint answer first"},
		{"closed at once", func(c net.Conn) { c.Close() }, notify.Retry, 0, "gave no answer that can be read"},
		{"half a header", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nX-Half: ") }, notify.Retry, 0, "has not answered in time"},
		{"a header that drips", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			drip(c, "X: y\r\n")
		}, notify.Retry, 0, "has not answered in time"},
		{"interim answers for ever", func(c net.Conn) { drip(c, "HTTP/1.1 100 Continue\r\n\r\n") }, notify.Retry, 0, "has not answered"},
		{"early hints for ever", func(c net.Conn) { drip(c, "HTTP/1.1 103 Early Hints\r\n\r\n") }, notify.Retry, 0, "has not answered"},
		{"a huge header", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("y", 1<<20)+"\r\n\r\n")
		}, notify.Retry, 0, "gave no answer that can be read"},
		{"no HTTP", func(c net.Conn) { io.WriteString(c, "\x1b[2J220 mail.example ESMTP\r\n") }, notify.Retry, 0, "gave no answer that can be read"},
		{"other protocol", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		}, notify.Retry, 101, "101 Switching Protocols"},
		{"status of no number", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 2x0 OK\r\n\r\n") }, notify.Retry, 0, "gave no answer"},
		{"two lengths", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")
		}, notify.Retry, 0, "gave no answer"},
		{"a body that drips", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
			drip(c, "so ")
		}, notify.Delivered, 200, "200 OK: so so"},
		{"a failure that drips", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n")
			drip(c, "3\r\nno \r\n")
		}, notify.Retry, 500, "500 Internal Server Error: no no"},
		{"a body that breaks off", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
			c.Close()
		}, notify.Delivered, 200, "200 OK: abc"},
		{"broken chunks", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 502 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzzzz\r\n")
		}, notify.Retry, 502, "502 Bad Gateway: abc"},
		{"text that steers", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 400 No\r\nContent-Length: 24\r\n\r\n\x1b[31m\r\nfake line\x00\xff\xe2\x80\xaexyz")
		}, notify.Retry, 400, "400 Bad Request: [31m fake linexyz"},
		{"a packed body", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 400 No\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")
		}, notify.Retry, 400, "400 Bad Request"},
		{"a redirect to no address", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 302 No\r\nLocation: http://%zz\r\nContent-Length: 0\r\n\r\n")
		}, notify.Retry, 302, "redirects are not followed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			at, _ := raw(t, true, test.say)
			start := time.Now()
			r := send(t, sender(t, short(local(t))), "http://"+at+"/")
			// raw hangs up after 10 seconds; bodies have a bound of their own.
			if d := time.Since(start); d > 8*time.Second || d > 5*time.Second && r.Status != 0 {
				t.Errorf("took %s", d)
			}
			want(t, r, test.outcome, test.status, test.note)
			if strings.Contains(r.Note, "abc") && test.name == "a packed body" {
				t.Errorf("packed bytes in the note: %s", r.Note)
			}
		})
	}
}

// An endless body: little is read, and the connection is given up.
func TestSendHugeBody(t *testing.T) {
	for _, two := range []bool{false, true} {
		t.Run(fmt.Sprintf("HTTP2=%v", two), func(t *testing.T) {
			var wrote atomic.Int64
			ended := make(chan struct{})
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer close(ended)
				if two != (r.ProtoMajor == 2) {
					t.Errorf("spoken: %s", r.Proto)
				}
				block := []byte(strings.Repeat("huge ", 4<<10))
				for wrote.Load() < 256<<20 {
					n, err := w.Write(block)
					wrote.Add(int64(n))
					if err != nil {
						return
					}
				}
			}))
			s.EnableHTTP2 = two
			s.StartTLS()
			t.Cleanup(s.Close)
			o := local(t)
			o.RootCAs = pool(s)
			o.Body, o.Whole = 20*time.Second, 20*time.Second // only the bound of bytes ends it
			r := send(t, sender(t, o), s.URL)
			want(t, r, notify.Delivered, 200, "huge huge")
			if len(r.Note) < 4000 {
				t.Errorf("only %d bytes in the note", len(r.Note))
			}
			select {
			case <-ended:
			case <-time.After(20 * time.Second):
				t.Fatal("the endpoint still writes")
			}
			// What fills the buffers of the system and of TLS, not the whole.
			if n := wrote.Load(); n > 64<<20 {
				t.Errorf("the endpoint could write %d MiB", n>>20)
			}
		})
	}
}

func TestSendTLS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.TLS.ServerName) }))
	t.Cleanup(s.Close)
	o := local(t)
	o.Resolver = names(t, func(string) []string { return []string{"127.0.0.1"} })
	want(t, send(t, sender(t, o), s.URL), notify.Retry, 0, "the certificate of 127.0.0.1 is not good: have the endpoint serve one that is valid for this name: x509: certificate signed by unknown authority")
	o.RootCAs = pool(s)
	known := sender(t, o)
	at := ":" + port(t, s.URL) + "/"
	want(t, send(t, known, "https://example.com"+at), notify.Delivered, 200, "example.com") // a name of httptest's certificate
	want(t, send(t, known, "https://other.test"+at), notify.Retry, 0, "the certificate of other.test is not good")
	want(t, send(t, known, s.URL), notify.Delivered, 200, "")

	plain := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("called without TLS") })
	want(t, send(t, known, strings.Replace(plain.URL, "http:", "https:", 1)), notify.Retry, 0, "does not speak TLS at this port")

	old := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("called by TLS 1.1") }))
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.StartTLS()
	t.Cleanup(old.Close)
	o.RootCAs = pool(old)
	want(t, send(t, sender(t, o), old.URL), notify.Retry, 0, "gave no answer that can be read")

	stuck, conns := raw(t, false, func(net.Conn) {})
	start := time.Now()
	want(t, send(t, sender(t, short(o)), "https://"+stuck+"/"), notify.Retry, 0, "TLS handshake timeout")
	if d := time.Since(start); d > 8*time.Second || conns.Load() != 1 {
		t.Errorf("a handshake without an answer took %s, in %d connections", d, conns.Load())
	}
}

func TestSendConnectionRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	want(t, send(t, sender(t, local(t)), "http://"+l.Addr().String()+"/"), notify.Retry, 0, "127.0.0.1 refuses the connection: check that the endpoint runs, and its port")
}

// A kept connection that the endpoint has closed meanwhile is no failure of a try.
func TestSendStaleConnection(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	sender := sender(t, local(t))
	for range 20 {
		want(t, send(t, sender, s.URL), notify.Delivered, 200, "")
		s.CloseClientConnections()
	}
}

// Whatever endpoints do, nothing of it stays behind.
func TestSendLeavesNothing(t *testing.T) {
	at, _ := raw(t, true, func(c net.Conn) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nso")
	})
	switching, _ := raw(t, true, func(c net.Conn) {
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
	})
	silent, _ := raw(t, true, func(net.Conn) {})
	o := local(t)
	o.Header, o.Body, o.Whole = 50*time.Millisecond, 50*time.Millisecond, 100*time.Millisecond
	sender := sender(t, o)
	ours := func() int {
		b := make([]byte, 1<<20)
		return strings.Count(string(b[:runtime.Stack(b, true)]), "net/http.(*persistConn)")
	}
	before := ours()
	for range 5 {
		for _, a := range []string{at, switching, silent} {
			send(t, sender, "http://"+a+"/")
		}
	}
	for end := time.Now().Add(20 * time.Second); ours() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d frames of connections stay behind, %d before", ours(), before)
		}
	}
}

// With a proxy it is the proxy that resolves names, but addresses that are written
// out are refused all the same.
func TestSendProxy(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "inside") }))
	t.Cleanup(s.Close)
	var asked atomic.Value
	refuse := false
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Method + " " + r.Host)
		if refuse {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		out, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		in, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(in, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { io.Copy(out, rw); out.Close() }()
		io.Copy(in, out)
		in.Close()
	})
	o := local(t)
	o.Guard = notify.Guard{} // the proxy is on loopback and was chosen by the operator
	o.RootCAs = pool(s)
	o.Proxy = address(t, proxy.URL)
	through := sender(t, o)
	want(t, send(t, through, "https://example.com/x"), notify.Delivered, 200, "inside")
	if asked.Load() != "CONNECT example.com:443" {
		t.Errorf("the proxy was asked to %v", asked.Load())
	}
	want(t, send(t, through, "https://127.0.0.1/"), notify.Dead, 0, "an address of this machine")
	refuse = true
	through.Close()
	want(t, send(t, through, "https://example.org/x"), notify.Retry, 0, "example.org, or the proxy, gave no answer that can be read: Forbidden")
	o.Proxy = address(t, "http://127.0.0.1:1")
	want(t, send(t, sender(t, o), "https://example.com/x"), notify.Retry, 0, "the proxy could not be reached")
}
