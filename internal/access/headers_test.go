package access

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSecurityHeaders(t *testing.T) {
	h := SecurityHeaders(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/embed" {
			w.Header().Set("Content-Security-Policy", "sandbox")
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	want := http.Header{
		"Content-Security-Policy":      {"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; frame-src 'none'; object-src 'none'; img-src 'self' data:"},
		"X-Content-Type-Options":       {"nosniff"},
		"X-Frame-Options":              {"DENY"},
		"Referrer-Policy":              {"same-origin"},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Permissions-Policy":           {"camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
	}
	get := func(h http.Handler, r *http.Request) http.Header {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusTeapot {
			t.Errorf("status %d", w.Code)
		}
		return w.Result().Header
	}
	plain := httptest.NewRequest("GET", "/", nil)
	if diff := cmp.Diff(want, get(h, plain)); diff != "" {
		t.Error(diff)
	}
	plain.Header.Set("X-Forwarded-Proto", "https")
	if diff := cmp.Diff(want, get(h, plain)); diff != "" {
		t.Error("a header of anybody makes HSTS:", diff)
	}
	trusted, err := ParseProxies([]string{"192.0.2.1"}) // the peer of httptest
	if err != nil {
		t.Fatal(err)
	}
	want.Set("Strict-Transport-Security", "max-age=31536000")
	if diff := cmp.Diff(want, get(trusted.Handler(h), plain)); diff != "" {
		t.Error(diff)
	}
	secure := httptest.NewRequest("GET", "https://shelf.example.com/embed", nil)
	want.Set("Content-Security-Policy", "sandbox")
	if diff := cmp.Diff(want, get(h, secure)); diff != "" {
		t.Error(diff)
	}
}

func TestCrossSiteProtection(t *testing.T) {
	protect, err := CrossSiteProtection([]string{"https://public.example.com"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(protect(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "done") })))
	defer s.Close()
	for _, c := range []struct {
		name, method, site, origin string
		status                     int
	}{
		{"own form", "POST", "same-origin", s.URL, 200},
		{"own form of an older browser", "POST", "", s.URL, 200},
		{"a program", "POST", "", "", 200},
		{"typed into the address bar", "POST", "none", "", 200},
		{"another site", "POST", "cross-site", "https://evil.example", 403},
		{"another site of an older browser", "POST", "", "https://evil.example", 403},
		{"a sibling host", "POST", "same-site", "http://other.127.0.0.1", 403},
		{"origin hidden", "POST", "", "null", 403},
		{"delete", "DELETE", "cross-site", "https://evil.example", 403},
		{"link from another site", "GET", "cross-site", "", 200},
		{"public name before a proxy", "POST", "", "https://public.example.com", 200},
		{"nearly the public name", "POST", "", "https://public.example.com.evil.example", 403},
		{"public name without TLS", "POST", "", "http://public.example.com", 403},
	} {
		r, err := http.NewRequest(c.method, s.URL, strings.NewReader("a=b"))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range map[string]string{"Sec-Fetch-Site": c.site, "Origin": c.origin} {
			if v != "" {
				r.Header.Set(k, v)
			}
		}
		resp, err := s.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%s: %s", c.name, resp.Status)
		}
		if c.status == 403 && (!strings.Contains(string(body), "try again") || !strings.Contains(string(body), c.origin) || strings.Contains(string(body), "done")) {
			t.Errorf("%s: %s", c.name, body)
		}
	}
	for _, bad := range []string{"public.example.com", "https://public.example.com/", "https://*.example.com/x", ""} {
		if _, err := CrossSiteProtection([]string{"https://a.example", bad}, nil); err == nil || !strings.Contains(err.Error(), "allowed origin 2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	own, err := CrossSiteProtection(nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	if err != nil {
		t.Fatal(err)
	}
	r, w := httptest.NewRequest("POST", "/", nil), httptest.NewRecorder()
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if own(http.NotFoundHandler()).ServeHTTP(w, r); w.Code != http.StatusTeapot {
		t.Errorf("deny is not asked: %d", w.Code)
	}
}

func TestCookies(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/in":
			http.SetCookie(w, NewCookie(r, SessionCookie, "secret", time.Hour))
		case "/out":
			http.SetCookie(w, DropCookie(r, SessionCookie))
		}
		io.WriteString(w, "<"+ReadCookie(r, SessionCookie)+">")
	})
	for name, s := range map[string]*httptest.Server{"offshelf-session": httptest.NewServer(handler), "__Host-offshelf-session": httptest.NewTLSServer(handler)} {
		defer s.Close()
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		browser := s.Client()
		browser.Jar = jar
		get := func(path string) (string, *http.Cookie) {
			resp, err := browser.Get(s.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			if set := resp.Cookies(); len(set) == 1 {
				return string(body), set[0]
			}
			return string(body), nil
		}
		_, set := get("/in")
		if set == nil || set.Name != name || set.Path != "/" || set.Domain != "" || !set.HttpOnly || set.SameSite != http.SameSiteLaxMode || set.MaxAge != 3600 || set.Secure != strings.HasPrefix(s.URL, "https") {
			t.Fatalf("%s: %+v", name, set)
		}
		if body, _ := get("/"); body != "<secret>" {
			t.Errorf("%s: %s", name, body)
		}
		get("/out")
		if body, _ := get("/"); body != "<>" {
			t.Errorf("%s after the end: %s", name, body)
		}
		// Another host of the domain plants a cookie without the prefix.
		u, _ := url.Parse(s.URL)
		jar.SetCookies(u, []*http.Cookie{{Name: "offshelf-session", Value: "planted", Path: "/"}})
		if body, _ := get("/"); strings.Contains(body, "planted") != (u.Scheme == "http") {
			t.Errorf("%s: %s", name, body)
		}
	}
	// The cookie of a short life is not one for the browser's session.
	if c := NewCookie(&http.Request{TLS: &tls.ConnectionState{}}, SignInCookie, "x", time.Millisecond); c.MaxAge != 1 || !c.Secure || c.Valid() != nil {
		t.Errorf("%+v", c)
	}
}
