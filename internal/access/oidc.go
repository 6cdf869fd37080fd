package access

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-json-experiment/json"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// ErrStartAgain says that a sign-in cannot be completed as it is, but a new
// one may go well: its cookie is missing or old, or it was completed before.
var ErrStartAgain = errors.New("start the sign-in again")

// ErrDenied says that the identity provider refused the sign-in.
var ErrDenied = errors.New("the identity provider refused the sign-in")

// SignOnConfig is how the service is registered at an identity provider that
// speaks OpenID Connect.
type SignOnConfig struct {
	Issuer       string   // URL, exactly as the provider writes it in its tokens
	ClientID     string   // of the service
	ClientSecret string   // empty for a public client
	RedirectURL  string   // of the service, where the provider sends the browser back to
	Scopes       []string // asked for beside openid; profile and email where nil
	GroupsClaim  string   // claim that holds the groups; groups where empty
	SealKey      []byte   // random, at least MinSealKey bytes; the same in each process of the service

	Transport http.RoundTripper // http.DefaultTransport where nil
	Now       func() time.Time  // time.Now where nil
}

// Identity is who the identity provider says somebody is. Issuer and Subject
// together name the person for good; a mail address can pass to another, and
// is to be trusted only where EmailVerified.
type Identity struct {
	Issuer, Subject string
	Email           string
	EmailVerified   bool
	Name            string
	Groups          []string
}

// SignOn signs people in through an identity provider: the authorization code
// flow of OpenID Connect with PKCE (RFC 7636), state and nonce. It is safe for
// use by many goroutines. The provider is asked what it offers when it is
// first needed, so that the service starts while the provider is down.
type SignOn struct {
	config SignOnConfig
	seal   sealer
	client *http.Client
	now    func() time.Time

	asking singleflight.Group
	mu     sync.Mutex
	known  *provider
	spent  *recent[string, time.Time] // states that were completed
}

// provider is what an identity provider says of itself.
type provider struct {
	*oidc.Provider
	oauth       oauth2.Config
	verifier    *oidc.IDTokenVerifier
	namesItself bool // in its answers, as RFC 9207 has it
}

// stateLife is how long a sign-in may take: the person may have to fetch a
// second factor first.
const stateLife = 15 * time.Minute

const maxSpent = 10_000

// state is what a sign-in has to remember while the browser is away.
type state struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Next     string `json:"p"`
}

// NewSignOn checks the configuration, and asks nobody.
func NewSignOn(c SignOnConfig) (*SignOn, error) {
	issuer, err := providerURL("issuer", c.Issuer)
	if err != nil {
		return nil, err
	}
	if issuer.RawQuery != "" || issuer.Fragment != "" {
		return nil, fmt.Errorf("sign-on: issuer %q: an issuer has no query and no fragment", clip(c.Issuer))
	}
	if _, err := providerURL("redirect URL", c.RedirectURL); err != nil {
		return nil, err
	}
	if c.ClientID == "" {
		return nil, errors.New("sign-on: the client ID is missing; the identity provider shows it where the service is registered")
	}
	s, err := newSealer(c.SealKey, strings.Join([]string{"sign-on", c.Issuer, c.ClientID, c.RedirectURL}, "\x00"))
	if err != nil {
		return nil, fmt.Errorf("sign-on: %w", err)
	}
	if c.Scopes == nil {
		c.Scopes = []string{"profile", "email"}
	}
	c.Scopes = append([]string{oidc.ScopeOpenID}, slices.DeleteFunc(slices.Clone(c.Scopes), func(s string) bool { return s == oidc.ScopeOpenID })...)
	if c.GroupsClaim == "" {
		c.GroupsClaim = "groups"
	}
	now := c.Now
	if now == nil {
		now = time.Now
	}
	return &SignOn{config: c, seal: s, client: providerClient(c.Transport, issuer.Scheme == "https"), now: now, spent: newRecent[string, time.Time](maxSpent)}, nil
}

// Ask asks the provider what it offers, once it answered from memory. It is
// for a check at the start of the service; Begin and Complete ask by
// themselves.
func (s *SignOn) Ask(ctx context.Context) error {
	_, err := s.provider(ctx)
	return err
}

func (s *SignOn) provider(ctx context.Context) (*provider, error) {
	s.mu.Lock()
	known := s.known
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	// One request serves all who wait, and outlives the one who began it.
	ch := s.asking.DoChan("", func() (any, error) {
		p, err := s.discover(context.WithoutCancel(ctx))
		if err == nil {
			s.mu.Lock()
			s.known = p
			s.mu.Unlock()
		}
		return p, err
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("identity provider %s: %w", s.config.Issuer, context.Cause(ctx))
	case r := <-ch:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*provider), nil
	}
}

func (s *SignOn) discover(ctx context.Context) (*provider, error) {
	fail := func(what string, a ...any) (*provider, error) {
		return nil, fmt.Errorf("identity provider %s: "+what, append([]any{s.config.Issuer}, a...)...)
	}
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, s.client), s.config.Issuer)
	if mismatch, ok := errors.AsType[*oidc.IssuerMismatchError](err); ok {
		return fail("it calls itself %q; write the issuer exactly so, with or without the slash at its end", clip(mismatch.Discovered))
	}
	if err != nil {
		return fail("its description cannot be read at %s/.well-known/openid-configuration (%s); see that the issuer is right and that this machine reaches it", strings.TrimSuffix(s.config.Issuer, "/"), clipError(err))
	}
	var also struct {
		JWKS    string   `json:"jwks_uri"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
		Names   bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := p.Claims(&also); err != nil {
		return fail("its description has a field of a wrong type (%s)", clipError(err))
	}
	end := p.Endpoint()
	for _, e := range []struct{ name, url string }{
		{"authorization_endpoint", end.AuthURL}, {"token_endpoint", end.TokenURL}, {"jwks_uri", also.JWKS},
	} {
		u, err := url.Parse(e.url)
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || strings.HasPrefix(s.config.Issuer, "https:")) {
			return fail("its description has %q as %s, which is no secure address", clip(e.url), e.name)
		}
	}
	// Said, not tried out: a failed try can use up the code.
	switch {
	case s.config.ClientSecret == "":
		end.AuthStyle = oauth2.AuthStyleInParams
	case len(also.Methods) == 0 || slices.Contains(also.Methods, "client_secret_basic"): // which is the default
		end.AuthStyle = oauth2.AuthStyleInHeader
	case slices.Contains(also.Methods, "client_secret_post"):
		end.AuthStyle = oauth2.AuthStyleInParams
	default:
		return fail("it takes no client secret (only %s); offshelf knows client_secret_basic, client_secret_post and public clients", clip(strings.Join(also.Methods, ", ")))
	}
	return &provider{
		Provider: p,
		oauth: oauth2.Config{ClientID: s.config.ClientID, ClientSecret: s.config.ClientSecret, RedirectURL: s.config.RedirectURL,
			Scopes: s.config.Scopes, Endpoint: end},
		// The library leaves "none" and the symmetric algorithms out.
		verifier:    p.Verifier(&oidc.Config{ClientID: s.config.ClientID, Now: s.now}),
		namesItself: also.Names,
	}, nil
}

// Begin starts a sign-in. The browser is to be sent to the address, and to
// keep the sealed text in a cookie (SignInCookie) for SignInLife. Next is the
// page to show afterwards; what is no path of the service becomes "/".
func (s *SignOn) Begin(ctx context.Context, next string) (address, sealed string, err error) {
	p, err := s.provider(ctx)
	if err != nil {
		return "", "", err
	}
	st := state{State: NewToken().Secret(), Nonce: NewToken().Secret(), Verifier: oauth2.GenerateVerifier(), Next: LocalPath(next)}
	text, err := json.Marshal(st)
	if err != nil {
		return "", "", err
	}
	return p.oauth.AuthCodeURL(st.State, oidc.Nonce(st.Nonce), oauth2.S256ChallengeOption(st.Verifier)), s.seal.seal(text, s.now().Add(stateLife)), nil
}

// Complete ends a sign-in with the query of the redirect and the sealed text
// of the cookie, each of which serves once. Next is the page to show. Errors
// that a new sign-in may mend are ErrStartAgain, a refusal by the provider is
// ErrDenied; others are for the operator.
func (s *SignOn) Complete(ctx context.Context, query url.Values, sealed string) (id Identity, next string, err error) {
	st, err := s.claim(query, sealed)
	if err != nil {
		return Identity{}, "", err
	}
	p, err := s.provider(ctx)
	if err != nil {
		return Identity{}, "", err
	}
	// A second provider must not pass its answers off as this one's.
	if iss, ok := one(query, "iss"); ok && iss != s.config.Issuer || !ok && p.namesItself {
		return Identity{}, "", fmt.Errorf("identity provider %s: the answer names %q as its issuer; it is not of this provider", s.config.Issuer, clip(iss))
	}
	if code, ok := one(query, "error"); ok {
		about, _ := one(query, "error_description")
		return Identity{}, "", fmt.Errorf("%w: it says %q (%q)", ErrDenied, clip(code), clip(about))
	}
	code, ok := one(query, "code")
	if !ok {
		return Identity{}, "", fmt.Errorf("the identity provider sent the browser back without a code; %w", ErrStartAgain)
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, s.client), completeTimeout)
	defer cancel()
	token, err := p.oauth.Exchange(ctx, code, oauth2.VerifierOption(st.Verifier))
	if err != nil {
		return Identity{}, "", s.exchangeError(err)
	}
	id, err = s.identity(ctx, p, token, st.Nonce)
	if err != nil {
		return Identity{}, "", fmt.Errorf("identity provider %s: %w", s.config.Issuer, err)
	}
	return id, st.Next, nil
}

// claim opens the state and uses it up.
func (s *SignOn) claim(query url.Values, sealed string) (state, error) {
	var st state
	now := s.now()
	if sealed == "" {
		return st, fmt.Errorf("the cookie of this sign-in is missing; allow cookies of this site and %w", ErrStartAgain)
	}
	text, err := s.seal.open(sealed, now)
	if err != nil {
		return st, fmt.Errorf("the cookie of this sign-in cannot be used: %w; %w", err, ErrStartAgain)
	}
	if err := json.Unmarshal(text, &st); err != nil || st.State == "" || st.Nonce == "" || st.Verifier == "" {
		return state{}, fmt.Errorf("the cookie of this sign-in is of another version; %w", ErrStartAgain)
	}
	got, _ := one(query, "state")
	if subtle.ConstantTimeCompare([]byte(got), []byte(st.State)) != 1 {
		return state{}, fmt.Errorf("the answer of the identity provider belongs to another sign-in (another tab?); %w", ErrStartAgain)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if until, ok := s.spent.get(st.State); ok && now.Before(until) {
		return state{}, fmt.Errorf("this sign-in was completed before; %w", ErrStartAgain)
	}
	s.spent.set(st.State, now.Add(stateLife))
	return st, nil
}

func (s *SignOn) exchangeError(err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return fmt.Errorf("identity provider %s: it does not exchange the code (%s); see that this machine reaches it", s.config.Issuer, clipError(err))
	}
	code, about := clip(refused.ErrorCode), clip(refused.ErrorDescription)
	switch refused.ErrorCode {
	case "invalid_client", "unauthorized_client":
		return fmt.Errorf("identity provider %s: it does not take the client ID or secret (%q, %q); compare both with its registration of the service", s.config.Issuer, code, about)
	case "invalid_grant":
		return fmt.Errorf("the identity provider does not take the code (%q): it is old or was used, or the redirect URL %s is not the registered one; %w", about, s.config.RedirectURL, ErrStartAgain)
	case "":
		return fmt.Errorf("identity provider %s: it answers %s instead of a token", s.config.Issuer, refused.Response.Status)
	}
	return fmt.Errorf("identity provider %s: it refuses the code with %q (%q)", s.config.Issuer, code, about)
}

// one is the value of a parameter that was given once.
func one(query url.Values, name string) (string, bool) {
	if v := query[name]; len(v) == 1 {
		return v[0], true
	}
	return "", false
}

// SignInLife is how long the cookie of a sign-in is of use.
const SignInLife = stateLife

// LocalPath is next where it is a path of this service, and "/" otherwise, so
// that no link sends a person who signed in elsewhere.
func LocalPath(next string) string {
	const most = 1024
	u, err := url.Parse(next)
	if err != nil || len(next) > most || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") {
		return "/"
	}
	// Browsers read a backslash as a slash, and pass over control characters.
	if strings.HasPrefix(next, "//") || strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f }) {
		return "/"
	}
	return next
}
