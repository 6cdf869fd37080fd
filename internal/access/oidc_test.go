package access

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

func signOn(t *testing.T, p *testProvider, change func(*SignOnConfig)) *SignOn {
	t.Helper()
	c := p.config()
	if change != nil {
		change(&c)
	}
	s, err := NewSignOn(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run is one sign-in from the link to the identity.
func run(t *testing.T, p *testProvider, s *SignOn) (Identity, string, error) {
	t.Helper()
	address, sealed, err := s.Begin(t.Context(), "/cases/7?tab=log")
	if err != nil {
		return Identity{}, "", err
	}
	return s.Complete(t.Context(), p.visit(t, address), sealed)
}

var rosa = Identity{Subject: "248289761001", Email: "rosa@example.com", EmailVerified: true, Name: "Rosa Vega", Groups: []string{"compliance", "shelf"}}

func TestSignOn(t *testing.T) {
	for _, c := range []struct {
		name    string
		arrange func(*testProvider)
		change  func(*SignOnConfig)
		want    func(*Identity)
	}{
		{name: "basic"},
		{name: "secret in the body", arrange: func(p *testProvider) {
			p.description["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
		}},
		{name: "public client", arrange: func(p *testProvider) { p.secret = "" }},
		{name: "ES256", arrange: func(p *testProvider) {
			p.sign = func(b []byte) string { return signed(p.t, jose.ES256, p.ec, "ec", b) }
		}},
		{name: "two audiences and azp", arrange: func(p *testProvider) {
			p.claim["aud"], p.claim["azp"] = []string{"other", p.clientID}, p.clientID
		}},
		{name: "names itself", arrange: func(p *testProvider) {
			p.description["authorization_response_iss_parameter_supported"] = true
			p.answer.Set("iss", p.URL)
		}},
		{name: "verified as text", arrange: func(p *testProvider) { p.claim["email_verified"] = "true" }},
		{name: "not verified", arrange: func(p *testProvider) { p.claim["email_verified"] = nil }, want: func(i *Identity) { i.EmailVerified = false }},
		{name: "one group", arrange: func(p *testProvider) { p.claim["groups"] = "shelf" }, want: func(i *Identity) { i.Groups = []string{"shelf"} }},
		{name: "no groups", arrange: func(p *testProvider) { p.claim["groups"] = nil }, want: func(i *Identity) { i.Groups = nil }},
		{name: "other claim of groups", arrange: func(p *testProvider) { p.claim["roles"] = []string{"r"} },
			change: func(c *SignOnConfig) { c.GroupsClaim = "roles" }, want: func(i *Identity) { i.Groups = []string{"r"} }},
		{name: "name of the user name", arrange: func(p *testProvider) {
			p.claim["name"], p.claim["preferred_username"] = nil, "rosa"
		}, want: func(i *Identity) { i.Name = "rosa" }},
		{name: "mail from user info, which overwrites nothing", arrange: func(p *testProvider) {
			p.claim["email"], p.claim["email_verified"] = nil, nil
			p.userInfo = map[string]any{"sub": rosa.Subject, "email": "rosa@example.com", "email_verified": true, "name": "Somebody Else"}
		}},
		{name: "claims of another case are others", arrange: func(p *testProvider) {
			p.claim["Email"], p.claim["EMAIL_VERIFIED"] = "root@example.com", false
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newTestProvider(t)
			if c.arrange != nil {
				c.arrange(p)
			}
			got, next, err := run(t, p, signOn(t, p, c.change))
			if err != nil {
				t.Fatal(err)
			}
			want := rosa
			want.Issuer = p.URL
			if c.want != nil {
				c.want(&want)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if next != "/cases/7?tab=log" {
				t.Errorf("next %q", next)
			}
			if p.exchanges != 1 {
				t.Errorf("%d exchanges: a failed one can use up the code", p.exchanges)
			}
		})
	}
}

// TestSignOnRefuses goes through what a provider, or somebody between, may
// answer that must not sign anybody in.
func TestSignOnRefuses(t *testing.T) {
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	for _, c := range []struct {
		name    string
		arrange func(*testProvider)
		change  func(*SignOnConfig)
		want    string // in the error
		is      error
	}{
		{name: "other nonce", arrange: func(p *testProvider) { p.claim["nonce"] = NewToken().Secret() }, want: "nonce of another sign-in", is: ErrStartAgain},
		{name: "no nonce", arrange: func(p *testProvider) { p.claim["nonce"] = nil }, want: "nonce", is: ErrStartAgain},
		{name: "other audience", arrange: func(p *testProvider) { p.claim["aud"] = "another-service" }, want: "audience"},
		{name: "two audiences without azp", arrange: func(p *testProvider) { p.claim["aud"] = []string{p.clientID, "x"} }, want: "azp"},
		{name: "azp of another", arrange: func(p *testProvider) { p.claim["azp"] = "another-service" }, want: `made for "another-service"`},
		{name: "expired", arrange: func(p *testProvider) { p.claim["exp"] = time.Now().Add(-time.Minute).Unix() }, want: "clocks"},
		{name: "no expiry", arrange: func(p *testProvider) { p.claim["exp"] = nil }, want: "expired"},
		{name: "not yet", arrange: func(p *testProvider) { p.claim["nbf"] = time.Now().Add(time.Hour).Unix() }, want: "nbf"},
		{name: "other issuer in the token", arrange: func(p *testProvider) { p.claim["iss"] = "https://evil.example" }, want: "different provider"},
		{name: "no subject", arrange: func(p *testProvider) { p.claim["sub"] = "" }, want: "subject of 0"},
		{name: "long subject", arrange: func(p *testProvider) { p.claim["sub"] = strings.Repeat("s", 256) }, want: "subject of 256"},
		{name: "alg none", arrange: func(p *testProvider) {
			p.sign = func(b []byte) string { return none + "." + base64.RawURLEncoding.EncodeToString(b) + "." }
		}, want: "refused"},
		{name: "alg none with the signature of another token", arrange: func(p *testProvider) {
			p.sign = func(b []byte) string {
				real := signed(p.t, jose.RS256, p.rsa, p.keyID, b)
				return none + real[strings.IndexByte(real, '.'):]
			}
		}, want: "refused"},
		{name: "HMAC with the client secret", arrange: func(p *testProvider) {
			p.sign = func(b []byte) string {
				return signed(p.t, jose.HS256, []byte(strings.Repeat(p.secret, 4)), "", b)
			}
		}, want: "refused"},
		{name: "HMAC with the public key", arrange: func(p *testProvider) {
			p.sign = func(b []byte) string { return signed(p.t, jose.HS256, p.rsa.N.Bytes(), p.keyID, b) }
		}, want: "refused"},
		{name: "key of another", arrange: func(p *testProvider) {
			other := newTestProvider(p.t)
			p.sign = func(b []byte) string { return signed(p.t, jose.RS256, other.rsa, p.keyID, b) }
		}, want: "signature"},
		{name: "algorithm that was not announced", arrange: func(p *testProvider) {
			p.description["id_token_signing_alg_values_supported"] = []string{"ES256"}
		}, want: "refused"},
		{name: "changed body", arrange: func(p *testProvider) {
			p.sign = func(b []byte) string {
				part := strings.Split(signed(p.t, jose.RS256, p.rsa, p.keyID, b), ".")
				part[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(b), "rosa@", "root@", 1)))
				return strings.Join(part, ".")
			}
		}, want: "signature"},
		{name: "no ID token", arrange: func(p *testProvider) {
			p.tokenAnswer = func(w http.ResponseWriter) bool {
				writeJSON(w, 200, map[string]string{"access_token": "x", "token_type": "Bearer"})
				return true
			}
		}, want: "scope openid"},
		{name: "at_hash of another", arrange: func(p *testProvider) { p.claim["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" }, want: "at_hash"},
		{name: "wrong secret", change: func(c *SignOnConfig) { c.ClientSecret = "wrong" }, want: "compare both"},
		{name: "server error", arrange: func(p *testProvider) {
			p.tokenAnswer = func(w http.ResponseWriter) bool {
				http.Error(w, strings.Repeat("<html>", 1000), http.StatusBadGateway)
				return true
			}
		}, want: "502 Bad Gateway instead of a token"},
		{name: "answer without end", arrange: func(p *testProvider) {
			p.tokenAnswer = func(w http.ResponseWriter) bool {
				w.Header().Set("Content-Type", "application/json")
				for range 3 << 10 {
					w.Write([]byte(strings.Repeat(" ", 1<<10)))
				}
				return true
			}
		}, want: "does not exchange the code"},
		{name: "denied", arrange: func(p *testProvider) {
			p.answer["code"] = nil
			p.answer.Set("error", "access_denied")
			p.answer.Set("error_description", "not in the group <b>"+strings.Repeat("x", 5000))
		}, want: `"access_denied"`, is: ErrDenied},
		{name: "no code", arrange: func(p *testProvider) { p.answer["code"] = nil }, want: "without a code", is: ErrStartAgain},
		{name: "two codes", arrange: func(p *testProvider) { p.answer["code"] = []string{"a", "b"} }, want: "without a code", is: ErrStartAgain},
		{name: "invented code", arrange: func(p *testProvider) { p.answer.Set("code", "invented") }, want: "old or was used", is: ErrStartAgain},
		{name: "other state", arrange: func(p *testProvider) { p.answer.Set("state", NewToken().Secret()) }, want: "another sign-in", is: ErrStartAgain},
		{name: "no state", arrange: func(p *testProvider) { p.answer["state"] = nil }, want: "another sign-in", is: ErrStartAgain},
		{name: "answer of another provider", arrange: func(p *testProvider) { p.answer.Set("iss", "https://evil.example") }, want: "not of this provider"},
		{name: "names itself, but not here", arrange: func(p *testProvider) {
			p.description["authorization_response_iss_parameter_supported"] = true
		}, want: "not of this provider"},
		{name: "user info of another", arrange: func(p *testProvider) {
			p.claim["email"] = nil
			p.userInfo = map[string]any{"sub": "other", "email": "root@example.com"}
		}, want: "another person"},
		{name: "groups of a wrong type", arrange: func(p *testProvider) { p.claim["groups"] = map[string]any{"a": 1} }, want: `"groups" is an object and no list`},
		{name: "too many groups", arrange: func(p *testProvider) { p.claim["groups"] = strings.Split(strings.Repeat("g ", 1001), " ")[:1001] }, want: "1001 entries"},
		{name: "mail of a wrong type", arrange: func(p *testProvider) { p.claim["email"] = 7 }, want: `"email" is a number`},
		{name: "verified of a wrong type", arrange: func(p *testProvider) { p.claim["email_verified"] = 1 }, want: "neither true nor false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newTestProvider(t)
			if c.arrange != nil {
				c.arrange(p)
			}
			id, next, err := run(t, p, signOn(t, p, c.change))
			if err == nil {
				t.Fatalf("signed in: %+v", id)
			}
			if !cmp.Equal(id, Identity{}) || next != "" {
				t.Errorf("refused with %+v, %q", id, next)
			}
			if !strings.Contains(err.Error(), c.want) || len(err.Error()) > 700 {
				t.Errorf("error %q, want in it %q", err, c.want)
			}
			if c.is != nil && !errors.Is(err, c.is) || c.is == nil && errors.Is(err, ErrStartAgain) {
				t.Errorf("error %q is not %v", err, c.is)
			}
			if strings.Contains(err.Error(), p.secret) {
				t.Errorf("error %q tells the secret", err)
			}
		})
	}
}

func TestSignOnServesOnce(t *testing.T) {
	p := newTestProvider(t)
	s := signOn(t, p, nil)
	address, sealed, err := s.Begin(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	q := p.visit(t, address)
	// Many tabs at once: one wins.
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, _, errs[i] = s.Complete(t.Context(), q, sealed) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, ErrStartAgain) || !strings.Contains(err.Error(), "completed before") {
			t.Error(err)
		}
	}
	if won != 1 || p.exchanges != 1 {
		t.Errorf("%d won by %d exchanges", won, p.exchanges)
	}
	// A fresh code does not revive the cookie.
	q.Set("code", p.visit(t, address).Get("code"))
	if _, _, err := s.Complete(t.Context(), q, sealed); !errors.Is(err, ErrStartAgain) {
		t.Errorf("replayed state: %v", err)
	}
	// Nor in a process that knows nothing of it, with the code.
	q.Set("code", "used")
	if _, _, err := signOn(t, p, nil).Complete(t.Context(), q, sealed); !errors.Is(err, ErrStartAgain) {
		t.Errorf("replayed elsewhere: %v", err)
	}
}

// TestSignOnVerifier takes the code of one sign-in to another, as somebody who
// stole it would.
func TestSignOnVerifier(t *testing.T) {
	p := newTestProvider(t)
	s := signOn(t, p, nil)
	victim, _, err := s.Begin(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	stolen := p.visit(t, victim).Get("code")
	own, sealed, err := s.Begin(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	q := p.visit(t, own)
	q.Set("code", stolen)
	if _, _, err := s.Complete(t.Context(), q, sealed); err == nil || !strings.Contains(err.Error(), "PKCE fails") {
		t.Errorf("stolen code: %v", err)
	}
}

func TestSignOnCookie(t *testing.T) {
	p := newTestProvider(t)
	at := time.Now()
	s := signOn(t, p, func(c *SignOnConfig) { c.Now = func() time.Time { return at } })
	address, sealed, err := s.Begin(t.Context(), "/")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"state", "nonce"} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(sealed, u.Query().Get(secret)) {
			t.Errorf("the cookie tells the %s", secret)
		}
	}
	q := p.visit(t, address)
	for name, cookie := range map[string]string{
		"none": "", "changed": "A" + sealed[1:], "cut": sealed[:len(sealed)-4], "junk": "junk", "long": strings.Repeat("A", 1<<20), "break": sealed[:8] + "\n" + sealed[8:],
	} {
		if cookie == sealed {
			continue
		}
		if _, _, err := s.Complete(t.Context(), q, cookie); !errors.Is(err, ErrStartAgain) {
			t.Errorf("cookie %s: %v", name, err)
		}
	}
	other := signOn(t, p, func(c *SignOnConfig) { c.SealKey = []byte(strings.Repeat("o", 32)) })
	if _, _, err := other.Complete(t.Context(), q, sealed); !errors.Is(err, ErrStartAgain) {
		t.Errorf("sealed with another key: %v", err)
	}
	other = signOn(t, p, func(c *SignOnConfig) { c.ClientID = "another" })
	if _, _, err := other.Complete(t.Context(), q, sealed); !errors.Is(err, ErrStartAgain) {
		t.Errorf("sealed for another client: %v", err)
	}
	at = at.Add(SignInLife)
	if _, _, err := s.Complete(t.Context(), q, sealed); !errors.Is(err, ErrStartAgain) || !strings.Contains(err.Error(), "expired") {
		t.Errorf("after %v: %v", SignInLife, err)
	}
}

func TestSignOnProviderDown(t *testing.T) {
	p := newTestProvider(t)
	p.down = true
	s := signOn(t, p, nil)
	if _, _, err := s.Begin(t.Context(), "/"); err == nil || !strings.Contains(err.Error(), "openid-configuration") || !strings.Contains(err.Error(), "503") {
		t.Errorf("down: %v", err)
	}
	p.mu.Lock()
	p.down, p.discoveries = false, 0
	p.mu.Unlock()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := s.Ask(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if _, _, err := run(t, p, s); err != nil {
		t.Error(err)
	}
	if p.discoveries > 2 { // two flights where one ended before the next began to wait
		t.Errorf("%d discoveries", p.discoveries)
	}
	// The keys of the provider change while the service runs.
	p.mu.Lock()
	p.keyID = "two"
	p.mu.Unlock()
	if _, _, err := run(t, p, s); err != nil {
		t.Errorf("after the keys changed: %v", err)
	}
}

func TestSignOnProviderSilent(t *testing.T) {
	held := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-held }))
	defer silent.Close()
	defer close(held)
	p := newTestProvider(t)
	s := signOn(t, p, func(c *SignOnConfig) { c.Issuer = silent.URL })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := s.Ask(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

func TestSignOnDescription(t *testing.T) {
	for _, c := range []struct {
		name, field string
		value       any
		want        string
	}{
		{"slash", "issuer", "http://x/", "calls itself"},
		{"no key set", "jwks_uri", "", "jwks_uri"},
		{"scheme", "authorization_endpoint", "javascript:alert(1)", "authorization_endpoint"},
		{"file", "token_endpoint", "file:///etc/passwd", "token_endpoint"},
		{"methods", "token_endpoint_auth_methods_supported", []string{"private_key_jwt"}, "private_key_jwt"},
		{"type", "token_endpoint_auth_methods_supported", "client_secret_basic", "wrong type"},
		{"size", "junk", strings.Repeat("j", 2<<20), "longer than 1048576 bytes"},
	} {
		p := newTestProvider(t)
		p.description[c.field] = c.value
		if err := signOn(t, p, nil).Ask(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), p.URL) || len(err.Error()) > 700 {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestSignOnStaysSecure holds that nothing of a provider with a secure address
// goes over an insecure one, by its description or by a redirect.
func TestSignOnStaysSecure(t *testing.T) {
	p := newTestProvider(t)
	var mux http.ServeMux
	s := httptest.NewTLSServer(&mux)
	defer s.Close()
	mux.HandleFunc("/plain/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, 200, map[string]any{"issuer": s.URL + "/plain", "authorization_endpoint": s.URL, "token_endpoint": p.URL + "/token", "jwks_uri": s.URL})
	})
	mux.HandleFunc("/away/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, p.URL+"/.well-known/openid-configuration", http.StatusFound)
	})
	mux.HandleFunc("/round/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) })
	for path, want := range map[string]string{"/plain": "token_endpoint", "/away": "is not secure", "/round": "more than 3"} {
		on := signOn(t, p, func(c *SignOnConfig) { c.Issuer, c.Transport = s.URL+path, s.Client().Transport })
		if err := on.Ask(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if p.discoveries > 0 {
		t.Error("the insecure address was asked")
	}
}

func TestNewSignOnRefuses(t *testing.T) {
	good := SignOnConfig{Issuer: "https://id.example.com/realms/shop", ClientID: "offshelf", RedirectURL: "https://shelf.example.com/sign-in/return", SealKey: make([]byte, 32)}
	if _, err := NewSignOn(good); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change func(*SignOnConfig)
		want   string
	}{
		{func(c *SignOnConfig) { c.Issuer = "" }, "issuer"},
		{func(c *SignOnConfig) { c.Issuer = "id.example.com" }, "https://"},
		{func(c *SignOnConfig) { c.Issuer = "http://id.example.com" }, "not secure"},
		{func(c *SignOnConfig) { c.Issuer = "http://127.0.0.1.evil.example" }, "not secure"},
		{func(c *SignOnConfig) { c.Issuer = "https://u:p@id.example.com" }, "no address"},
		{func(c *SignOnConfig) { c.Issuer += "?a=b" }, "query"},
		{func(c *SignOnConfig) { c.RedirectURL = "http://shelf.example.com/" }, "redirect URL"},
		{func(c *SignOnConfig) { c.ClientID = "" }, "client ID"},
		{func(c *SignOnConfig) { c.SealKey = make([]byte, 16) }, "16 bytes"},
	} {
		bad := good
		c.change(&bad)
		if _, err := NewSignOn(bad); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", bad, err, c.want)
		}
	}
}

func TestSignOnScopes(t *testing.T) {
	p := newTestProvider(t)
	for _, c := range []struct{ asked, want []string }{
		{nil, []string{"openid", "profile", "email"}},
		{[]string{}, []string{"openid"}},
		{[]string{"groups", "openid"}, []string{"openid", "groups"}},
	} {
		s := signOn(t, p, func(config *SignOnConfig) { config.Scopes = c.asked })
		address, _, err := s.Begin(t.Context(), "/")
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Fields(u.Query().Get("scope")); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q", c.asked, got)
		}
	}
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "/cases/7?tab=log#note": "/cases/7?tab=log#note", "": "/", "cases": "/", "//evil.example": "/", "///evil.example": "/",
		`/\evil.example`: "/", "https://evil.example/": "/", "javascript:alert(1)": "/", "/\t/evil.example": "/", "/a\nb": "/", "/%zz": "/",
		"/" + strings.Repeat("a", 2000): "/", "/a//b": "/a//b",
	} {
		if got := LocalPath(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
