package notify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/notify"
)

// The receiver is one as its users write it: with the library of Standard
// Webhooks and the secret's text.
func TestSend(t *testing.T) {
	old := notify.Key{Secret: notify.NewSecret(), Until: time.Now().Add(time.Hour)}
	var got []string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		for _, k := range []notify.Key{key, old} {
			if err := verifier(t, k.Secret).Verify(body, r.Header); err != nil {
				t.Error(err)
			}
		}
		for i := range body {
			broken := bytes.Clone(body)
			broken[i] ^= 1
			if verifier(t, key.Secret).Verify(broken, r.Header) == nil {
				t.Errorf("changed at byte %d and not noticed", i)
			}
		}
		e, err := notify.ParseEvent(body)
		if err != nil {
			t.Error(err)
		}
		if r.Header.Get("Webhook-Id") != e.ID {
			t.Errorf("webhook-id %q of the event %q", r.Header.Get("Webhook-Id"), e.ID)
		}
		head := map[string]string{"Content-Type": "application/cloudevents+json; charset=utf-8", "User-Agent": "offshelf/1.2.3",
			"Cookie": "", "Referer": "", "Authorization": "", "Idempotency-Key": "", "Accept-Encoding": ""}
		for name, want := range head {
			if v := r.Header.Get(name); v != want {
				t.Errorf("%s: %q, want %q", name, v, want)
			}
		}
		if r.Method != http.MethodPost || r.URL.String() != "/in?t=1" || r.ContentLength != int64(len(body)) {
			t.Errorf("%s %s, %d bytes", r.Method, r.URL, r.ContentLength)
		}
		got = append(got, r.RemoteAddr)
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
		fmt.Fprint(w, "thank you")
	})
	o := local(t)
	o.UserAgent = "offshelf/1.2.3"
	sender := sender(t, o)
	for range 2 {
		r, err := sender.Send(t.Context(), s.URL+"/in?t=1", []notify.Key{key, old}, opened())
		if err != nil {
			t.Fatal(err)
		}
		want(t, r, notify.Delivered, 200, "the endpoint answers 200 OK: thank you")
	}
	if len(got) != 2 || got[0] != got[1] {
		t.Errorf("requests from %v: a connection is used again", got)
	}
}

func TestSendStatus(t *testing.T) {
	var inner atomic.Int64
	metadata := serve(t, func(http.ResponseWriter, *http.Request) { inner.Add(1) })
	var code int
	var after string
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", after)
		if code >= 300 && code <= 399 {
			w.Header().Set("Location", metadata.URL+"/latest/meta-data/")
		}
		w.WriteHeader(code)
	})
	sender := sender(t, local(t))
	for _, test := range []struct {
		code    int
		after   string
		outcome notify.Outcome
		wait    time.Duration
		note    string
	}{
		{200, "120", notify.Delivered, 0, "200 OK"},
		{201, "", notify.Delivered, 0, "201 Created"},
		{204, "", notify.Delivered, 0, "204 No Content"},
		{299, "", notify.Delivered, 0, "answers 299"},
		{301, "", notify.Retry, 0, "redirects are not followed; register the address that it names"},
		{302, "", notify.Retry, 0, "redirects"},
		{307, "", notify.Retry, 0, "redirects"},
		{308, "", notify.Retry, 0, "redirects"},
		{400, "120", notify.Retry, 0, "400 Bad Request"},
		{404, "", notify.Retry, 0, "404 Not Found"},
		{410, "120", notify.Dead, 0, "410 Gone: it wants no further messages"},
		{429, "120", notify.Retry, 2 * time.Minute, "429 Too Many Requests"},
		{429, "soon", notify.Retry, 0, "429"},
		{429, "31536000", notify.Retry, 24 * time.Hour, "429"},
		{500, "120", notify.Retry, 0, "500 Internal Server Error"},
		{503, "7", notify.Retry, 7 * time.Second, "503 Service Unavailable"},
		{503, "", notify.Retry, 0, "503"},
		{999, "", notify.Retry, 0, "answers 999"},
	} {
		code, after = test.code, test.after
		r := send(t, sender, s.URL)
		want(t, r, test.outcome, test.code, test.note)
		if r.After != test.wait || r.Disable != (test.code == 410) {
			t.Errorf("%d, Retry-After %q: %+v", test.code, test.after, r)
		}
	}
	code, after = 503, time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	if r := send(t, sender, s.URL); r.After < 59*time.Minute || r.After > time.Hour {
		t.Errorf("Retry-After %s: %s", after, r.After)
	}
	if n := inner.Load(); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

func TestSendRefused(t *testing.T) {
	var calls atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			calls.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	at := ":" + port(t, s.URL) + "/"
	resolve := map[string][]string{
		"inner.example": {"127.0.0.1"}, "metadata.example": {"169.254.169.254"}, "private.example": {"10.1.2.3", "192.168.1.1"}, "carrier.example": {"100.64.0.1"},
	}
	o := local(t)
	o.Guard.Allow = nil
	o.Resolver = names(t, func(name string) []string { return resolve[name] })
	closed := sender(t, o)
	for endpoint, note := range map[string]string{
		"http://127.0.0.1" + at:                 "127.0.0.1 is an address of this machine",
		"http://localhost" + at:                 "--webhook-allow-network 127.0.0.1/32",
		"http://[::ffff:127.0.0.1]" + at:        "127.0.0.1 is an address of this machine",
		"http://inner.example" + at:             "inner.example" + at[:len(at)-1] + " is not called: 127.0.0.1 is an address of this machine, and webhooks go only to addresses of the internet: if this endpoint is yours, allow its network with --webhook-allow-network 127.0.0.1/32",
		"http://metadata.example/latest":        "169.254.169.254 is the metadata service of a cloud",
		"http://private.example/?token=hunter2": "10.1.2.3 is a private address",
		"http://carrier.example/":               "inside of a provider's network",
		"http://u:hunter2@93.184.216.34/":       "has a user name or password",
		"ftp://inner.example/":                  "write https://",
		"":                                      "has no URL",
	} {
		r := send(t, closed, endpoint)
		want(t, r, notify.Dead, 0, note)
		if r.Disable || strings.Contains(r.Note, "hunter2") {
			t.Errorf("%s: %+v", endpoint, r)
		}
	}
	o.Guard.AllowHTTP = false
	want(t, send(t, sender(t, o), "http://inner.example"+at), notify.Dead, 0, notify.FlagAllowHTTP)
	if n := calls.Load(); n != 0 {
		t.Errorf("%d connections came through", n)
	}
	// The same endpoint and name, allowed: what was refused above could be reached.
	o.Guard = local(t).Guard
	want(t, send(t, sender(t, o), "http://inner.example"+at), notify.Delivered, 200, "")
}

// A name that comes to an allowed address at first and to another one afterwards
// does not get through, though the URL was let through before.
func TestSendRebinding(t *testing.T) {
	var calls atomic.Int64
	l, err := net.Listen("tcp", "0.0.0.0:0") // 127.0.0.1 and 127.0.0.2 alike
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		w.Header().Set("Connection", "close")
	})}}
	s.Start()
	t.Cleanup(s.Close)
	var asked atomic.Int64
	o := local(t)
	o.Guard.Allow = networks(t, "127.0.0.2")
	o.Resolver = names(t, func(string) []string {
		if asked.Add(1)%2 == 1 {
			return []string{"127.0.0.2"}
		}
		return []string{"127.0.0.1"}
	})
	sender := sender(t, o)
	endpoint := fmt.Sprintf("http://rebind.example:%s/", port(t, "http://"+l.Addr().String()))
	if _, err := o.Guard.CheckURL(endpoint); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		want(t, send(t, sender, endpoint), notify.Delivered, 200, "")
		want(t, send(t, sender, endpoint), notify.Dead, 0, "127.0.0.1 is an address of this machine")
	}
	if n := calls.Load(); n != 3 {
		t.Errorf("called %d times, want 3", n)
	}
}

func TestSendNames(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	o := local(t)
	o.Resolver = names(t, func(name string) []string {
		if name == "both.example" {
			return []string{"127.0.0.2", "127.0.0.1"}
		}
		return nil
	})
	sender := sender(t, o)
	want(t, send(t, sender, "http://nowhere.example/"), notify.Retry, 0, "no address is known for nowhere.example: check the name of the endpoint and the DNS")
	// One of two addresses may be called: that one is.
	want(t, send(t, sender, "http://both.example:"+port(t, s.URL)+"/"), notify.Delivered, 200, "")

	// Where the one is down, a further try may help.
	down := serve(t, func(http.ResponseWriter, *http.Request) {})
	down.Close()
	want(t, send(t, sender, "http://both.example:"+port(t, down.URL)+"/"), notify.Retry, 0, "one is not called: 127.0.0.2 is an address of this machine")

	o.Resolver.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no DNS\nhere") }
	want(t, send(t, sender, "http://both.example/"), notify.Retry, 0, "could not be looked up: check the DNS of this machine: ")
}

// No proxy is taken from the environment: it would resolve names by itself, past
// the guard.
func TestSendEnvironment(t *testing.T) {
	var proxied atomic.Int64
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { proxied.Add(1) })
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "directly") })
	o := local(t)
	o.Resolver = names(t, func(string) []string { return []string{"127.0.0.1"} })
	want(t, send(t, sender(t, o), "http://hook.example:"+port(t, s.URL)+"/"), notify.Delivered, 200, "directly")
	if proxied.Load() != 0 {
		t.Error("it went through the proxy of the environment")
	}
}

func TestSendCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // or the server does not notice the end
		cancel()
		<-r.Context().Done()
	})
	r, err := sender(t, local(t)).Send(ctx, s.URL, []notify.Key{key}, opened())
	if !errors.Is(err, context.Canceled) || r != (notify.Result{}) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestSendWithoutKey(t *testing.T) {
	var calls atomic.Int64
	s := serve(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
	sender := sender(t, local(t))
	old := notify.Key{Secret: notify.NewSecret(), Until: time.Now().Add(-time.Second)}
	for _, keys := range [][]notify.Key{nil, {{}}, {old}} {
		r, err := sender.Send(t.Context(), s.URL, keys, opened())
		if err != nil {
			t.Fatal(err)
		}
		want(t, r, notify.Retry, 0, "no signing secret that is still valid")
	}
	e := opened()
	e.Type = "finding.closed"
	r, err := sender.Send(t.Context(), s.URL, []notify.Key{key}, e)
	if err != nil {
		t.Fatal(err)
	}
	want(t, r, notify.Dead, 0, `event: type: "finding.closed"`)
	if calls.Load() != 0 {
		t.Error("it was sent all the same")
	}
}

func TestSendParallel(t *testing.T) {
	var calls atomic.Int64
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := verifier(t, key.Secret).Verify(body, r.Header); err != nil {
			t.Error(err)
		}
		calls.Add(1)
	})
	sender := sender(t, local(t))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for i := range 25 {
				e := opened()
				e.ID = fmt.Sprintf("evt_%d", i)
				if r, err := sender.Send(t.Context(), s.URL, []notify.Key{key}, e); err != nil || r.Outcome != notify.Delivered {
					t.Errorf("%+v, %v", r, err)
				}
			}
		})
	}
	wait.Wait()
	if n := calls.Load(); n != 200 {
		t.Errorf("%d of 200 arrived", n)
	}
}

func TestNewSender(t *testing.T) {
	for _, test := range []struct {
		with func(*notify.Options)
		want string
	}{
		{func(o *notify.Options) { o.UserAgent = "a\r\nX: y" }, "user agent"},
		{func(o *notify.Options) { o.Proxy = address(t, "ftp://proxy.example/") }, `proxy: begins with "ftp:"`},
		{func(o *notify.Options) { o.Proxy = address(t, "http:///x") }, "proxy: names no host"},
	} {
		var o notify.Options
		test.with(&o)
		if s, err := notify.NewSender(o); err == nil || s != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}
