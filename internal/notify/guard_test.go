package notify_test

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf/internal/notify"
)

func networks(t testing.TB, list ...string) (out []netip.Prefix) {
	t.Helper()
	for _, s := range list {
		p, err := notify.ParseNetwork(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func TestCheckAddr(t *testing.T) {
	for a, want := range map[string]string{ // empty: let through
		"93.184.216.34": "", "8.8.8.8": "", "100.63.255.255": "", "100.128.0.0": "", "172.15.0.1": "", "172.32.0.1": "", "192.0.1.1": "",
		"2606:2800:220:1:248:1893:25c8:1946": "", "2001:4860:4860::8888": "", "2a00:1450::1": "",
		"::ffff:8.8.8.8": "", "64:ff9b::808:808": "", "2606::5efe:808:808": "",

		"0.0.0.0": "this machine", "0.1.2.3": "this machine", "127.0.0.1": "this machine", "127.255.255.254": "this machine",
		"10.0.0.1": "private", "172.16.0.1": "private", "172.31.255.255": "private", "192.168.1.1": "private",
		"100.64.0.1": "provider", "100.127.255.255": "provider", "100.100.100.200": "metadata",
		"169.254.169.254": "metadata", "169.254.170.2": "metadata", "169.254.1.1": "link-local",
		"168.63.129.16": "host service", "192.0.0.192": "metadata", "192.0.0.8": "protocol", "192.0.2.1": "examples", "192.88.99.1": "relay",
		"198.18.0.1": "measurements", "198.19.255.255": "measurements", "198.51.100.7": "examples", "203.0.113.7": "examples",
		"224.0.0.1": "multicast", "239.1.1.1": "multicast", "240.0.0.1": "reserved", "255.255.255.255": "reserved",
		"::": "this machine", "::1": "this machine", "::7f00:1": "reserved", "::10.0.0.1": "reserved",
		"::ffff:127.0.0.1": "this machine", "::ffff:169.254.169.254": "metadata", "::ffff:10.1.2.3": "private",
		"64:ff9b::7f00:1": "this machine", "64:ff9b::a9fe:a9fe": "metadata", "64:ff9b::10.0.0.1": "private", "64:ff9b:1::808:808": "translated",
		"2002:7f00:1::": "6to4", "2002:808:808::1": "6to4", "2001:0:4136:e378:8000:63bf:3fff:fdd2": "Teredo",
		"2001:2::1": "protocol", "2001:10::1": "protocol", "2001:db8::1": "examples", "3fff:fff::1": "examples", "5f00::1": "reserved",
		"fc00::1": "private", "fd12:3456::1": "private", "fd00:ec2::254": "metadata", "fd20:ce::254": "metadata",
		"fe80::1": "link-local", "fe80::1%lo": "link-local", "fec0::1": "reserved", "ff02::1": "multicast", "100::1": "reserved", "4000::1": "reserved",
		"2606::5efe:10.0.0.1": "tunnel to a private", "2606::200:5efe:7f00:1": "tunnel to an address of this machine",
	} {
		err := notify.Guard{}.CheckAddr(netip.MustParseAddr(a))
		var r *notify.RefusedError
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", a, err)
		case want != "" && (!errors.As(err, &r) || !strings.Contains(r.Reason, want) || !strings.Contains(r.Reason, notify.FlagAllowNetwork)):
			t.Errorf("%s: %v, want %s", a, err, want)
		}
	}
	if (notify.Guard{}).CheckAddr(netip.Addr{}) == nil {
		t.Error("no address is let through")
	}
}

func TestAllow(t *testing.T) {
	g := notify.Guard{Allow: networks(t, "10.20.0.0/16", "::ffff:192.168.7.0/120", "fd00:1::/32", "127.0.0.1", "fe80::1")}
	for a, want := range map[string]bool{
		"10.20.3.4": true, "::ffff:10.20.3.4": true, "64:ff9b::10.20.3.4": true, "10.21.0.1": false,
		"192.168.7.9": true, "192.168.8.9": false, "fd00:1::5": true, "fd00:2::5": false,
		"127.0.0.1": true, "127.0.0.2": false, "::1": false, "fe80::1%eth0": true, "169.254.169.254": false,
	} {
		if err := g.CheckAddr(netip.MustParseAddr(a)); (err == nil) != want {
			t.Errorf("%s: %v", a, err)
		}
	}
	for _, s := range []string{"", "10.20", "10.0.0.0/33", "10.20.3.4/16", "::ffff:10.0.0.0/90", "fe80::1%eth0", "example.com"} {
		if p, err := notify.ParseNetwork(s); err == nil || !strings.Contains(err.Error(), notify.FlagAllowNetwork) {
			t.Errorf("%q: %s, %v", s, p, err)
		}
	}
}

// Whatever form an IPv4 address is put in, it is judged as it is bare; and what
// the standard library calls private never gets through.
func TestCheckAddrForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address"))
		a := netip.AddrFrom4(b)
		bare := notify.Guard{}.CheckAddr(a) == nil
		if bare && (!a.IsGlobalUnicast() || a.IsPrivate()) {
			t.Fatalf("%s is let through", a)
		}
		mapped := [16]byte{10: 0xff, 11: 0xff}
		translated := [16]byte{1: 0x64, 2: 0xff, 3: 0x9b}
		for _, form := range [][16]byte{mapped, translated} {
			copy(form[12:], b[:])
			if got := (notify.Guard{}).CheckAddr(netip.AddrFrom16(form)) == nil; got != bare {
				t.Fatalf("%s: %v, but %s: %v", a, bare, netip.AddrFrom16(form), got)
			}
		}
		six := netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "six")))
		if (notify.Guard{}).CheckAddr(six) == nil && (!six.IsGlobalUnicast() || six.IsPrivate()) {
			t.Fatalf("%s is let through", six)
		}
	})
}

func TestCheckURL(t *testing.T) {
	long := strings.Repeat("a", 64)
	for in, want := range map[string]string{ // a want that begins with https is what comes out
		"https://hooks.example.com/offshelf?t=1":            "https://hooks.example.com/offshelf?t=1",
		"HTTPS://Hooks.Example.COM:8443/A%2fb":              "https://hooks.example.com:8443/A%2fb",
		"https://example.com":                               "https://example.com",
		"https://example.com.:443/":                         "https://example.com.:443/",
		"https://bücher.example/é":                          "https://xn--bcher-kva.example/%C3%A9",
		"https://my_service.example/":                       "https://my_service.example/",
		"https://93.184.216.34/":                            "https://93.184.216.34/",
		"https://[2606:2800:220:1::1]:8443/x":               "https://[2606:2800:220:1::1]:8443/x",
		"":                                                  "has no URL",
		"hooks.example.com/x":                               "does not begin with https://",
		"//hooks.example.com/x":                             "does not begin with https://",
		"example.com:8080/x":                                `begins with "example.com:"`,
		"http://example.com/":                               notify.FlagAllowHTTP,
		"ftp://example.com/":                                `begins with "ftp:": write https://`,
		"file:///etc/passwd":                                `begins with "file:"`,
		"https:example.com":                                 "names no host",
		"https:///x":                                        "names no host",
		"https://:443/x":                                    "no name of a host",
		"https://user:hunter2@example.com/":                 "has a user name or password",
		"https://@example.com/":                             "has a user name or password",
		"https://example.com/#":                             "has a #",
		"https://example.com/#top":                          "has a #",
		"https://example.com:/":                             "no port after it",
		"https://example.com:0/":                            `has the port "0"`,
		"https://example.com:0443/":                         `has the port "0443"`,
		"https://example.com:65536/":                        `has the port "65536"`,
		"https://example.com:99999999999999999999":          "has the port",
		"https://example.com:hunter2/":                      "after the host comes no port",
		"https://example.com:25/":                           "has the port 25, which belongs to a service other than the web",
		"https://example.com:6667/":                         "has the port 6667",
		" https://example.com/":                             "has a ' ' at byte 1",
		"https://example.com/a b":                           "has a ' ' at byte 22",
		"https://example.com/\r\nX: y":                      `has a '\r' at byte 21`,
		"https://example.com\\@evil.example/":               `has a '\\' at byte 20`,
		"https://exa%6dple.com/":                            "cannot be read",
		"https://example.com/%zz":                           "a % without two hexadecimal digits",
		"https://-a.example/":                               "no name of a host",
		"https://a..example/":                               "no name of a host",
		"https://" + long + ".example/":                     "no name of a host",
		"https://" + strings.Repeat("a.", 127) + "example/": "has a host of",
		"https://example.com/" + strings.Repeat("a", 2048):  "has 2068 bytes: at most 2048",
		"https://a*b.example/":                              "no name of a host",
		"https://127.0.0.1/":                                "an address of this machine",
		"https://10.0.0.1:8443/":                            "allow its network with --webhook-allow-network 10.0.0.1/32",
		"https://169.254.169.254/latest":                    "the metadata service of a cloud",
		"https://[::1]/":                                    "an address of this machine",
		"https://[::ffff:169.254.169.254]/":                 "the metadata service of a cloud",
		"https://[64:ff9b::a00:1]/":                         "a private address",
		"https://[fe80::1%25eth0]/":                         "an address with a zone",
		"https://[1:2]/":                                    "cannot be read",
		"https://localhost/":                                "localhost is this machine itself",
		"https://LOCALHOST.:8443/":                          "is this machine itself",
		"https://a.b.localhost/":                            "is this machine itself",
		"https://2130706433/":                               "looks like an address and is none",
		"https://127.1/":                                    "looks like an address and is none",
		"https://0x7f000001/":                               "looks like an address and is none",
		"https://0x7f.1/":                                   "looks like an address and is none",
		"https://0177.0.0.1/":                               "looks like an address and is none",
		"https://127.0.0.1./":                               "looks like an address and is none",
		"https://１２７.０.０.１/":                                "an address of this machine",
		"https://127。0。0。1/":                                "an address of this machine",
		"https://ⓛocalhost/":                                "is this machine itself",
		"https://\u202eexample.com/":                        "no name of a host",
	} {
		u, err := notify.Guard{}.CheckURL(in)
		var r *notify.RefusedError
		switch {
		case strings.HasPrefix(want, "https://"):
			if err != nil || u.String() != want {
				t.Errorf("%s: %v, %v", in, u, err)
			}
		case !errors.As(err, &r) || !strings.Contains(r.Reason, want):
			t.Errorf("%q: %v, %v, want %s", in, u, err, want)
		case strings.Contains(r.Reason, "hunter2"):
			t.Errorf("%q: the error repeats the password: %s", in, r.Reason)
		}
	}
	open := notify.Guard{AllowHTTP: true, Allow: networks(t, "127.0.0.1")}
	for _, in := range []string{"http://127.0.0.1:8080/x", "http://localhost:8080/x", "http://example.com/"} {
		if u, err := open.CheckURL(in); err != nil || u.String() != in {
			t.Errorf("%s: %v, %v", in, u, err)
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	for _, s := range []string{
		"", "https://example.com/", "http://127.0.0.1:8080/#x", "https://[::1]:443/", "https://[fe80::1%25eth0]/", "https://bücher.example/é",
		"https://１２７.０.０.１/", "https://0x7f.1/", "https://user:p@example.com/", "https://localhost./", "https://example.com:65536", "https://a%zz/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := notify.Guard{}.CheckURL(raw)
		if err != nil {
			var r *notify.RefusedError
			if !errors.As(err, &r) || r.Reason == "" || len(r.Reason) > 2048 || strings.ContainsAny(r.Reason, "\x00\x1b\r\n") {
				t.Fatalf("%q: %q", raw, err)
			}
			return
		}
		host := u.Hostname()
		if u.Scheme != "https" || host == "" || u.User != nil || u.Fragment != "" || strings.ContainsAny(host, "%@/\\ ") || strings.ToLower(host) != host {
			t.Fatalf("%q: let through as %q", raw, u)
		}
		if a, err := netip.ParseAddr(host); err == nil && (notify.Guard{}).CheckAddr(a) != nil {
			t.Fatalf("%q: let through to %s", raw, a)
		}
		// What is kept is let through again, as itself, and read by others alike.
		kept := u.String()
		if len(kept) <= 2048 {
			again, err := notify.Guard{}.CheckURL(kept)
			if err != nil || again.String() != kept {
				t.Fatalf("%q: kept as %q, then %v, %v", raw, kept, again, err)
			}
		}
		if read, err := url.Parse(kept); err != nil || read.Host != u.Host {
			t.Fatalf("%q: kept as %q, read as %v, %v", raw, kept, read, err)
		}
	})
}
