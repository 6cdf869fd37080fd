package access

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseProxies(t *testing.T) {
	p, err := ParseProxies([]string{"10.0.0.0/8", " 192.0.2.7 ", "fd00::/8", "::ffff:172.16.0.0/108", "198.51.100.9/24"})
	if err != nil {
		t.Fatal(err)
	}
	for a, want := range map[string]bool{
		"10.255.0.1": true, "11.0.0.1": false, "192.0.2.7": true, "192.0.2.8": false, "fd12::1": true, "fe80::1": false, "172.16.3.4": true,
		"172.32.0.1": false, "198.51.100.1": true, "::ffff:10.0.0.1": true, "fd12::1%eth0": true,
	} {
		if got := p.trusts(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s is trusted: %v", a, got)
		}
	}
	for in, want := range map[string]string{
		"": "no network", "proxy.example.com": "no network", "10.0.0.0/33": "no network", "10.0.0.0/8,": "no network", "fe80::1%eth0": "no network",
		"0.0.0.0/0": "every address", "::/0": "every address", "::ffff:0.0.0.0/96": "every address", strings.Repeat("1", 1<<20): "no network",
	} {
		if _, err := ParseProxies([]string{"10.0.0.1", in}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "proxy 2") || len(err.Error()) > 300 {
			t.Errorf("%.40q: %v", in, err)
		}
	}
}

func TestClient(t *testing.T) {
	p, err := ParseProxies([]string{"10.0.0.0/8", "fd00::/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, peer string
		tls        bool
		forwarded  []string
		proto      []string
		addr       string // none where empty
		wantTLS    bool
	}{
		{"direct", "203.0.113.5:4711", false, nil, nil, "203.0.113.5", false},
		{"direct over TLS", "203.0.113.5:4711", true, nil, nil, "203.0.113.5", true},
		{"an untrusted peer is not believed", "203.0.113.5:4711", false, []string{"192.0.2.1"}, []string{"https"}, "203.0.113.5", false},
		{"nor takes TLS away", "203.0.113.5:4711", true, []string{"192.0.2.1"}, []string{"http"}, "203.0.113.5", true},
		{"a proxy", "10.0.0.1:80", false, []string{"203.0.113.5"}, []string{"https"}, "203.0.113.5", true},
		{"a proxy that speaks TLS inward", "10.0.0.1:80", true, []string{"203.0.113.5"}, []string{"http"}, "203.0.113.5", false},
		{"what the client invented stays outside", "10.0.0.1:80", false, []string{"192.0.2.66, 10.9.9.9, 203.0.113.5"}, []string{"https"}, "203.0.113.5", true},
		{"two proxies", "10.0.0.1:80", false, []string{"203.0.113.5, 10.0.0.2"}, []string{"https, http"}, "203.0.113.5", true},
		{"two proxies, one scheme", "10.0.0.1:80", false, []string{"203.0.113.5, 10.0.0.2"}, []string{"https"}, "203.0.113.5", true},
		{"two header lines", "10.0.0.1:80", false, []string{"192.0.2.66", "203.0.113.5,10.0.0.2"}, nil, "203.0.113.5", false},
		{"an invented scheme", "10.0.0.1:80", false, []string{"192.0.2.66, 203.0.113.5"}, []string{"https, http"}, "203.0.113.5", false},
		{"more schemes than addresses", "10.0.0.1:80", false, []string{"203.0.113.5"}, []string{"https, https, http"}, "203.0.113.5", false},
		{"all are trusted", "10.0.0.1:80", false, []string{"10.0.0.3, 10.0.0.2"}, nil, "10.0.0.3", false},
		{"with a port", "10.0.0.1:80", false, []string{"203.0.113.5:9000"}, nil, "203.0.113.5", false},
		{"IPv6", "[fd00::1]:80", false, []string{"2001:db8::5"}, nil, "2001:db8::5", false},
		{"IPv6 in brackets", "[fd00::1]:80", false, []string{"[2001:db8::5]"}, nil, "2001:db8::5", false},
		{"IPv6 with a port", "[fd00::1]:80", false, []string{"[2001:db8::5]:443"}, nil, "2001:db8::5", false},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:80", false, []string{"::ffff:203.0.113.5"}, nil, "203.0.113.5", false},
		{"no address", "10.0.0.1:80", false, []string{"203.0.113.5, unknown"}, nil, "10.0.0.1", false},
		{"no address behind a proxy", "10.0.0.1:80", false, []string{"203.0.113.5, _hidden, 10.0.0.2"}, nil, "10.0.0.2", false},
		{"unspecified", "10.0.0.1:80", false, []string{"0.0.0.0"}, nil, "10.0.0.1", false},
		{"empty", "10.0.0.1:80", false, []string{""}, []string{""}, "10.0.0.1", false},
		{"unknown scheme keeps what is known", "10.0.0.1:80", true, []string{"203.0.113.5"}, []string{"gopher"}, "203.0.113.5", true},
		{"web socket", "10.0.0.1:80", false, []string{"203.0.113.5"}, []string{"WSS"}, "203.0.113.5", true},
		{"endless", "10.0.0.1:80", false, []string{"203.0.113.5" + strings.Repeat(", 10.0.0.2", 100_000)}, []string{strings.Repeat("https,", 100_000) + "http"}, "10.0.0.2", false},
		{"Unix socket", "@", false, []string{"203.0.113.5"}, []string{"https"}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.peer
			if c.tls {
				r.TLS = &tls.ConnectionState{}
			}
			r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"] = c.forwarded, c.proto
			var got Client
			p.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = ClientOf(r) })).ServeHTTP(httptest.NewRecorder(), r)
			want := Client{TLS: c.wantTLS}
			if c.addr != "" {
				want.Addr = netip.MustParseAddr(c.addr)
			}
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
			// Without the handler before, no header counts.
			peer, _ := netip.ParseAddrPort(c.peer)
			if got := ClientOf(r); got.Addr != peer.Addr().Unmap() || got.TLS != c.tls {
				t.Errorf("by the peer alone %+v", got)
			}
		})
	}
}

// TestClientCannotBeInvented holds that whatever a client writes before what
// the proxy appends, it comes out as itself.
func TestClientCannotBeInvented(t *testing.T) {
	p, err := ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		invented := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"10.0.0.9", "192.0.2.1", "", ",", "[::1]"})), 0, 5).Draw(t, "invented")
		r := &http.Request{RemoteAddr: "10.0.0.1:80", Header: http.Header{"X-Forwarded-For": invented}}
		if n := len(invented); n > 0 && rapid.Bool().Draw(t, "same line") {
			invented[n-1] += ", 203.0.113.5"
		} else {
			r.Header.Add("X-Forwarded-For", "203.0.113.5")
		}
		if got := p.Client(r); got.Addr != netip.MustParseAddr("203.0.113.5") {
			t.Fatalf("%q: %v", r.Header, got)
		}
	})
}
