package access

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// testProvider is an identity provider: discovery, keys, an authorization
// endpoint that signs one person in at once, a token endpoint that checks the
// client, the redirect URL, the code (once) and PKCE, and user info.
type testProvider struct {
	*httptest.Server
	t        *testing.T
	clientID string
	secret   string // empty: a public client
	redirect string
	rsa      *rsa.PrivateKey
	ec       *ecdsa.PrivateKey
	now      func() time.Time

	mu          sync.Mutex
	codes       map[string]url.Values // by code: the query of the authorization
	down        bool
	discoveries int
	exchanges   int
	keyID       string
	description map[string]any             // laid over the discovery document
	claim       map[string]any             // laid over the claims; nil deletes
	userInfo    map[string]any             // answer, none where nil
	sign        func(claims []byte) string // instead of RS256
	answer      url.Values                 // laid over the query of the redirect
	tokenAnswer func(w http.ResponseWriter) bool
}

func newTestProvider(t *testing.T) *testProvider {
	t.Helper()
	p := &testProvider{t: t, clientID: "offshelf", secret: "s3cret/with+signs", redirect: "http://localhost:8080/sign-in/return",
		codes: map[string]url.Values{}, now: time.Now, keyID: "one", description: map[string]any{}, claim: map[string]any{}, answer: url.Values{}}
	var err error
	if p.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if p.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.serveDescription)
	mux.HandleFunc("GET /keys", p.serveKeys)
	mux.HandleFunc("GET /authorize", p.serveAuthorize)
	mux.HandleFunc("POST /token", p.serveToken)
	mux.HandleFunc("GET /userinfo", p.serveUserInfo)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *testProvider) serveDescription(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.discoveries++
	if p.down {
		http.Error(w, "down for maintenance", http.StatusServiceUnavailable)
		return
	}
	d := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"none", "HS256", "RS256", "ES256"},
		"code_challenge_methods_supported":      []string{"S256"},
	}
	if p.userInfo != nil {
		d["userinfo_endpoint"] = p.URL + "/userinfo"
	}
	for k, v := range p.description {
		d[k] = v
	}
	writeJSON(w, http.StatusOK, d)
}

func (p *testProvider) serveKeys(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: &p.rsa.PublicKey, KeyID: p.keyID, Algorithm: "RS256", Use: "sig"},
		{Key: &p.ec.PublicKey, KeyID: "ec", Algorithm: "ES256", Use: "sig"},
	}})
}

func (p *testProvider) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != p.clientID || q.Get("redirect_uri") != p.redirect || q.Get("response_type") != "code" ||
		q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || len(q.Get("nonce")) != 43 ||
		!strings.HasPrefix(q.Get("scope"), "openid ") {
		http.Error(w, "this authorization is not as it should be: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code := rand.Text()
	p.codes[code] = q
	back := url.Values{"code": {code}, "state": {q.Get("state")}}
	for k, v := range p.answer {
		if back[k] = v; v == nil {
			delete(back, k)
		}
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (p *testProvider) serveToken(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.exchanges++
	if p.tokenAnswer != nil && p.tokenAnswer(w) {
		return
	}
	refuse := func(status int, code, about string) {
		writeJSON(w, status, map[string]string{"error": code, "error_description": about})
	}
	id, secret, basic := r.BasicAuth()
	if basic {
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
	} else {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if id != p.clientID || secret != p.secret {
		refuse(http.StatusUnauthorized, "invalid_client", "no such client")
		return
	}
	code := r.PostFormValue("code")
	auth, ok := p.codes[code]
	delete(p.codes, code)
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	switch {
	case r.PostFormValue("grant_type") != "authorization_code":
		refuse(http.StatusBadRequest, "unsupported_grant_type", "")
		return
	case !ok:
		refuse(http.StatusBadRequest, "invalid_grant", "unknown or used code")
		return
	case r.PostFormValue("redirect_uri") != p.redirect:
		refuse(http.StatusBadRequest, "invalid_grant", "other redirect URL")
		return
	case base64.RawURLEncoding.EncodeToString(sum[:]) != auth.Get("code_challenge"):
		refuse(http.StatusBadRequest, "invalid_grant", "PKCE fails")
		return
	}
	now := p.now()
	c := map[string]any{
		"iss": p.URL, "sub": "248289761001", "aud": p.clientID, "exp": now.Add(5 * time.Minute).Unix(), "iat": now.Unix(), "nonce": auth.Get("nonce"),
		"email": "rosa@example.com", "email_verified": true, "name": "Rosa Vega", "groups": []string{"compliance", "shelf"},
	}
	for k, v := range p.claim {
		if c[k] = v; v == nil {
			delete(c, k)
		}
	}
	body, err := json.Marshal(c)
	if err != nil {
		p.t.Error(err)
	}
	sign := p.sign
	if sign == nil {
		sign = func(b []byte) string { return signed(p.t, jose.RS256, p.rsa, p.keyID, b) }
	}
	writeJSON(w, http.StatusOK, map[string]any{"access_token": "at-" + code, "token_type": "Bearer", "expires_in": 300, "id_token": sign(body)})
}

func (p *testProvider) serveUserInfo(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer at-") {
		http.Error(w, "no access token", http.StatusUnauthorized)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	writeJSON(w, http.StatusOK, p.userInfo)
}

func signed(t *testing.T, alg jose.SignatureAlgorithm, key any, keyID string, body []byte) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	if keyID != "" {
		options = options.WithHeader("kid", keyID)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := s.Sign(body)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// config is the registration at p.
func (p *testProvider) config() SignOnConfig {
	return SignOnConfig{Issuer: p.URL, ClientID: p.clientID, ClientSecret: p.secret, RedirectURL: p.redirect, SealKey: []byte(strings.Repeat("k", MinSealKey))}
}

// visit is the browser: it follows the address and comes back with the query.
func (p *testProvider) visit(t *testing.T, address string) url.Values {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		t.Fatalf("the provider answers %s without a redirect", resp.Status)
	}
	return to.Query()
}
