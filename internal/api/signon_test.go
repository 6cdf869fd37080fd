package api_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/api"
)

// provider is an identity provider that signs one person in at once, with the
// claims that it is given.
func provider(t *testing.T, claims map[string]any) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	codes := map[string]url.Values{}
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"issuer": s.URL, "authorization_endpoint": s.URL + "/auth", "token_endpoint": s.URL + "/token", "jwks_uri": s.URL + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"}})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, r *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("/auth", func(w http.ResponseWriter, r *http.Request) {
		code := fmt.Sprintf("code-%d", len(codes))
		codes[code] = r.URL.Query()
		http.Redirect(w, r, r.URL.Query().Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {r.URL.Query().Get("state")}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		asked, ok := codes[r.Form.Get("code")]
		sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
		if !ok || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) {
			w.WriteHeader(400)
			answer(w, map[string]string{"error": "invalid_grant"})
			return
		}
		delete(codes, r.Form.Get("code"))
		all := map[string]any{"iss": s.URL, "aud": "offshelf", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "nonce": asked.Get("nonce")}
		for k, v := range claims {
			all[k] = v
		}
		payload, _ := json.Marshal(all)
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k"))
		if err != nil {
			t.Error(err)
			return
		}
		signed, err := signer.Sign(payload)
		if err != nil {
			t.Error(err)
			return
		}
		token, _ := signed.CompactSerialize()
		answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": token})
	})
	return s.URL
}

// signOn goes the way of a browser, and returns the last answer.
func (x *service) signOn() *answer {
	x.tb.Helper()
	a := x.must(303, "GET", "/oidc/login?next=/cases", "", "")
	var cookies []string
	for _, c := range a.Cookies() {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	req, err := http.NewRequest("GET", a.Header.Get("Location"), nil)
	if err != nil {
		x.tb.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		x.tb.Fatal(err)
	}
	res.Body.Close()
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		x.tb.Fatal(err)
	}
	return x.do("GET", back.RequestURI(), "", "", "Cookie", strings.Join(cookies, "; "))
}

func withSignOn(t *testing.T, claims map[string]any, role access.Role) func(*api.Config) {
	issuer := provider(t, claims)
	on, err := access.NewSignOn(access.SignOnConfig{Issuer: issuer, ClientID: "offshelf", RedirectURL: "http://127.0.0.1:1/oidc/callback", SealKey: make([]byte, access.MinSealKey)})
	if err != nil {
		t.Fatal(err)
	}
	return func(c *api.Config) { c.SignOn, c.SignOnRole = on, role }
}

func TestSignOn(t *testing.T) {
	claims := map[string]any{"sub": "1234", "email": "Olga@example.com", "email_verified": true, "name": "Olga"}

	// Who was not invited does not come in.
	x := sqlite(t, withSignOn(t, claims, 0))
	admin := x.admin()
	if a := x.signOn(); a.StatusCode != 403 || !strings.Contains(a.text, "invite") {
		t.Errorf("not invited: %d %s", a.StatusCode, a.text)
	}
	// Who was invited by the mail address does, with the role of the invitation.
	x.must(201, "POST", "/v1/invitations", "", `{"login": "olga@example.com", "role": "approver"}`, "Cookie", admin)
	a := x.signOn()
	if a.StatusCode != 303 || a.Header.Get("Location") != "/cases" {
		t.Fatalf("invited: %d %s %s", a.StatusCode, a.Header.Get("Location"), a.text)
	}
	var me api.MeAnswer
	x.must(200, "GET", "/v1/me", "", "", "Cookie", cookieOf(a)).json(t, &me)
	if me.Role != "approver" || me.Name != "Olga" {
		t.Errorf("%+v", me)
	}
	// Again, as the same user; and there is no password to guess.
	x.must(200, "GET", "/v1/me", "", "", "Cookie", cookieOf(x.signOn())).json(t, &me)
	if me.ID != 2 {
		t.Errorf("%+v", me)
	}
	x.must(401, "POST", "/v1/session", "", `{"login": "olga@example.com", "password": "`+password+`"}`)
	// A disabled user does not come in this way either.
	x.must(204, "PUT", "/v1/users/2/disabled", "", `{"disabled": true}`, "Cookie", admin)
	if a := x.signOn(); a.StatusCode != 403 {
		t.Errorf("disabled: %d", a.StatusCode)
	}
	verify(t, x.store)

	// Where the operator lets everybody in, with the role that the operator says.
	x = sqlite(t, withSignOn(t, claims, access.Viewer))
	x.admin()
	x.must(200, "GET", "/v1/me", "", "", "Cookie", cookieOf(x.signOn())).json(t, &me)
	if me.Role != "viewer" {
		t.Errorf("%+v", me)
	}

	// An address that the provider does not vouch for opens no invitation.
	x = sqlite(t, withSignOn(t, map[string]any{"sub": "1", "email": "olga@example.com", "email_verified": false}, 0))
	admin = x.admin()
	x.must(201, "POST", "/v1/invitations", "", `{"login": "olga@example.com", "role": "admin"}`, "Cookie", admin)
	if a := x.signOn(); a.StatusCode != 403 {
		t.Errorf("not vouched for: %d", a.StatusCode)
	}
	// Nor does it take a local user over.
	x = sqlite(t, withSignOn(t, map[string]any{"sub": "1", "email": "ann@example.com", "email_verified": true}, access.Admin))
	admin = x.admin()
	x.join(admin, "ann@example.com", "viewer")
	if a := x.signOn(); a.StatusCode != 409 {
		t.Errorf("a local user: %d %s", a.StatusCode, a.text)
	}
	// A callback that nobody began.
	if a := x.do("GET", "/oidc/callback?code=x&state=y", "", ""); a.StatusCode != 400 {
		t.Errorf("not begun: %d %s", a.StatusCode, a.text)
	}
}
