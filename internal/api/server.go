// Package api serves offshelf over HTTP: screening, what is known of names and
// rules, and what a team works with, under /v1, described by OpenAPI 3.1.
package api

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/notify"
	"github.com/offshelf/offshelf/internal/store"
)

// Jobs tells the workers that there is something to do; job.Worker is one.
// Without it they find out by themselves, seconds later.
type Jobs interface {
	Wake(run int64)
	WakeDeliveries()
}

// Config is what a server is made of.
type Config struct {
	Store     *store.Store
	Knowledge func() *Knowledge // what to answer from now; nil while it is not loaded yet
	Editions  *edition.Store    // of the official lists; nil where none are kept
	Jobs      Jobs

	Log   *slog.Logger     // nil: nothing is logged
	Clock func() time.Time // nil: the system's
	Tool  string           // version of offshelf

	MaxUpload int64         // bytes of one upload; 0 is 2 GiB
	Timeout   time.Duration // of a request that is no upload or download; 0 is 30 s

	Proxies   access.Proxies
	Origins   []string       // further origins whose pages may act, see access.CrossSiteProtection
	PublicURL string         // of the service, for links; empty: as the request has it
	SignOn    *access.SignOn // nil: local users alone
	// SignOnRole is what who signs in through the provider for the first time
	// becomes in the first workspace; none: only who was invited may.
	SignOnRole access.Role
	// Hasher hashes passwords; nil makes one that hashes two at a time.
	Hasher *access.Hasher

	Guard notify.Guard // of the addresses of webhooks

	// Pages answers what is not of the API, such as the pages for people.
	Pages http.Handler
	// Traces, where it is set, receives a span of each request.
	Traces func(http.Handler) http.Handler
}

// Server is the API. It is an http.Handler.
type Server struct {
	Config
	mux     *http.ServeMux
	api     huma.API
	handler http.Handler
	metrics *metrics

	keys      keyCache
	screeners screenerCache
	policies  policyCache
	strangers strangers
	refused   *access.Rate // keys and passwords that were wrong, by address
}

// defaults of Config.
const (
	DefaultMaxUpload = 2 << 30
	defaultTimeout   = 30 * time.Second
	maxBody          = 1 << 20  // of what is neither an upload nor a screening
	maxOpenBody      = 64 << 10 // of what anybody may send
)

// New makes a server.
func New(c Config) (*Server, error) {
	if c.Store == nil || c.Knowledge == nil {
		return nil, errors.New("api: a store and the knowledge are needed")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.MaxUpload == 0 {
		c.MaxUpload = DefaultMaxUpload
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.Hasher == nil {
		c.Hasher = access.NewHasher(2)
	}
	s := &Server{Config: c, mux: http.NewServeMux(), refused: access.NewRate(20, 5*time.Second, 10_000)}
	s.metrics = newMetrics(s)
	huma.DefaultArrayNullable = false // an array without items is written as []
	huma.NewError = newError
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		e := newError(status, msg, errs...)
		if p, ok := e.(*Problem); ok && ctx != nil {
			return p.withID(ctx.Context())
		}
		return e
	}
	s.api = huma.NewAPI(describe(c.Tool), &adapter{s})
	s.routes()
	s.describeSecurity()

	cross, err := access.CrossSiteProtection(c.Origins, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		forbidden.problem("The browser says that another site sent this. Open the page of the service itself and try again; where a proxy changes the Host header, the operator allows the public origin.").write(w, r)
	}))
	if err != nil {
		return nil, err
	}
	h := http.Handler(http.HandlerFunc(s.route))
	guarded := cross(h)
	h = access.SecurityHeaders(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Reconciliation is for pages of other sites too; it takes no cookies.
		if r.URL.Path == "/v1/reconcile" || strings.HasPrefix(r.URL.Path, "/v1/reconcile/") {
			s.route(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	}))
	if c.Traces != nil {
		h = c.Traces(h)
	}
	s.handler = c.Proxies.Handler(s.observe(h))
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// OpenAPI is the description of the API.
func (s *Server) OpenAPI() *huma.OpenAPI { return s.api.OpenAPI() }

// route finds the operation. What the mux would answer itself becomes a problem.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	if _, pattern := s.mux.Handler(r); pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	allowed := &allowance{header: http.Header{}}
	s.mux.ServeHTTP(allowed, r)
	if methods := allowed.header.Get("Allow"); methods != "" {
		w.Header().Set("Allow", methods)
		methodNotAllowed.problem("Here "+methods+" are understood.").write(w, r)
		return
	}
	if s.Pages != nil {
		s.Pages.ServeHTTP(w, r)
		return
	}
	notFound.problem("There is nothing at "+clip(r.URL.Path)+"; the API is described at /openapi.yaml.").write(w, r)
}

// allowance learns which methods the mux would allow.
type allowance struct{ header http.Header }

// Header implements http.ResponseWriter.
func (a *allowance) Header() http.Header { return a.header }

// Write implements http.ResponseWriter.
func (a *allowance) Write(p []byte) (int, error) { return len(p), nil }

// WriteHeader implements http.ResponseWriter.
func (a *allowance) WriteHeader(int) {}

// clip bounds what is told of what a client sent.
func clip(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// formats are how bodies are read and written.
func formats() map[string]huma.Format {
	f := huma.Format{Marshal: writeJSON, Unmarshal: readJSON}
	return map[string]huma.Format{"application/json": f, "json": f}
}

func (s *Server) now() int64 { return s.Clock().UnixMicro() }

// readJSON refuses what two readers might read differently: names that stand
// twice, and text that is no UTF-8.
func readJSON(data []byte, v any) error {
	if err := plainJSON(data); err != nil {
		return err
	}
	err := json.Unmarshal(data, v)
	if err != nil {
		return jsonError(err)
	}
	return nil
}
