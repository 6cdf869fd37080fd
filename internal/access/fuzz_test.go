package access

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// FuzzPHC holds that a stored hash is taken in one spelling only and within
// the bounds of what may be spent on it.
func FuzzPHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePHC(s)
		if err != nil {
			return
		}
		if h.String() != s {
			t.Errorf("%q is written as %q", s, h)
		}
		if h.memory > maxMemory || h.memory < 8*uint32(h.threads) || h.time < 1 || h.time > maxTime || h.threads < 1 || h.threads > maxThreads ||
			len(h.saltBytes) < minSalt || len(h.saltBytes) > maxSalt || len(h.tagBytes) < minTag || len(h.tagBytes) > maxTag {
			t.Errorf("%q is %+v", s, h.params)
		}
	})
}

// FuzzAPIKey holds that a key is taken in one spelling only, and that a
// refusal does not repeat it.
func FuzzAPIKey(f *testing.F) {
	f.Add(APIKey{id: "0123456789AB", secret: strings.Repeat("x", 43)}.Secret())
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseAPIKey(s)
		if err == nil && (k.Secret() != s || !keyPattern.MatchString(s)) {
			t.Errorf("%q is taken as %q", s, k.Secret())
		}
		if err != nil && (k != APIKey{} || len(s) > 12 && strings.Contains(err.Error(), s)) {
			t.Errorf("%q: %v", s, err)
		}
	})
}

// FuzzToken holds that a token is taken in one spelling only.
func FuzzToken(f *testing.F) {
	f.Add(strings.Repeat("A", 43))
	f.Fuzz(func(t *testing.T, s string) {
		if got, err := ParseToken(s); err == nil && (got.Secret() != s || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "") {
			t.Errorf("%q is taken as %q", s, got.Secret())
		}
	})
}

// FuzzSealed holds that nothing opens but what was sealed, as it was sealed.
func FuzzSealed(f *testing.F) {
	s, err := newSealer([]byte(strings.Repeat("k", MinSealKey)), "test")
	if err != nil {
		f.Fatal(err)
	}
	now := time.Unix(1_780_000_000, 0)
	f.Add("text", 3, byte(1))
	f.Fuzz(func(t *testing.T, text string, at int, change byte) {
		if got, err := s.open(text, now); err == nil {
			t.Errorf("%q opens as %q", text, got)
		}
		if len(text) > 2000 {
			return
		}
		sealed := s.seal([]byte(text), now.Add(time.Second))
		if got, err := s.open(sealed, now); err != nil || string(got) != text {
			t.Errorf("%q opens as %q, %v", text, got, err)
		}
		if _, err := s.open(sealed, now.Add(time.Second)); err != errSealExpired {
			t.Errorf("after its time: %v", err)
		}
		b := []byte(sealed)
		b[uint(at)%uint(len(b))] ^= change
		if got, err := s.open(string(b), now); (err == nil) != (change == 0) {
			t.Errorf("%q changed to %q opens as %q, %v", sealed, b, got, err)
		}
	})
}

// FuzzForwarded holds that a header of an untrusted peer changes nothing, and
// that one of a trusted peer gives an address.
func FuzzForwarded(f *testing.F) {
	p, err := ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("203.0.113.5, 10.0.0.2", "https, http")
	f.Fuzz(func(t *testing.T, forwarded, proto string) {
		h := http.Header{"X-Forwarded-For": strings.Split(forwarded, "\n"), "X-Forwarded-Proto": strings.Split(proto, "\n")}
		if got := p.Client(&http.Request{RemoteAddr: "192.0.2.1:1", Header: h}); got != (Client{Addr: netip.MustParseAddr("192.0.2.1")}) {
			t.Errorf("%q of an untrusted peer: %+v", h, got)
		}
		got := p.Client(&http.Request{RemoteAddr: "10.0.0.1:1", Header: h}).Addr
		if !got.IsValid() || got.Is4In6() || got.Zone() != "" || got.IsUnspecified() {
			t.Errorf("%q: %v", h, got)
		}
	})
}

// FuzzPassword holds that the rules never fail on any text and say what is
// wrong without repeating it.
func FuzzPassword(f *testing.F) {
	f.Add("rosa", "vier warme Steine")
	f.Fuzz(func(t *testing.T, login, password string) {
		err := CheckPassword(login, password)
		if bad, ok := err.(*PasswordError); err != nil && (!ok || bad.Rule == "" || len(password) >= 20 && strings.Contains(bad.Message, password)) {
			t.Errorf("%q, %q: %v", login, password, err)
		}
	})
}

// FuzzLocalPath holds that no path leads to another host, read as browsers do.
func FuzzLocalPath(f *testing.F) {
	f.Add("/cases/7?tab=log")
	f.Fuzz(func(t *testing.T, next string) {
		got := LocalPath(next)
		if got != "/" && got != next || !strings.HasPrefix(got, "/") || len(got) > 1 && (got[1] == '/' || got[1] == '\\') || strings.ContainsAny(got, "\\\t\r\n") {
			t.Errorf("%q: %q", next, got)
		}
	})
}
