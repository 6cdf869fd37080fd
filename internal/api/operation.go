package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/offshelf/offshelf/internal/access"
)

// rules say who may call an operation, and how.
type rules struct {
	need    access.Permission // 0: see open
	open    bool              // anybody may call it
	signed  bool              // anybody who is signed in, whatever their role
	changes bool              // it takes an Idempotency-Key
	secret  bool              // its answer is shown once, and not kept for the Idempotency-Key
	streams bool              // the body or the answer may be long: no timeout, and the body is not read before
}

const rulesKey = "rules"

// adapter has huma's operations served by the server's mux, behind the guard.
type adapter struct{ s *Server }

// Handle implements huma.Adapter.
func (a *adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	ru, ok := op.Metadata[rulesKey].(rules)
	if !ok {
		ru = rules{open: true} // the description of the API
	}
	a.s.handle(op, ru, func(w http.ResponseWriter, r *http.Request) error {
		handler(humago.NewContext(op, r, w))
		return nil
	})
}

// ServeHTTP implements huma.Adapter.
func (a *adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.s.ServeHTTP(w, r) }

func (s *Server) handle(op *huma.Operation, ru rules, h func(http.ResponseWriter, *http.Request) error) {
	s.mux.Handle(strings.ToUpper(op.Method)+" "+op.Path, s.guard(op, ru, h))
}

// operation describes one. The id is also the name in generated clients.
func operation(method, path, id, tag, summary string, ru rules, errs ...kind) huma.Operation {
	op := huma.Operation{Method: method, Path: path, OperationID: id, Tags: []string{tag}, Summary: summary, Metadata: map[string]any{rulesKey: ru}, MaxBodyBytes: maxBody}
	add := func(k kind) {
		if !slices.Contains(op.Errors, k.status) {
			op.Errors = append(op.Errors, k.status)
		}
	}
	if ru.open {
		op.MaxBodyBytes = maxOpenBody
	} else {
		add(unauthenticated)
	}
	if ru.need != 0 {
		add(forbidden)
		op.Description = "Needs the permission " + ru.need.String() + "."
	}
	if strings.Contains(path, "{") {
		add(notFound)
	}
	if ru.changes {
		add(conflict)
	}
	for _, k := range errs {
		add(k)
	}
	add(tooMany)
	add(unavailable)
	slices.Sort(op.Errors)
	return op
}

// register adds an operation whose bodies huma reads, checks and writes.
func register[I, O any](s *Server, op huma.Operation, h func(context.Context, *I) (*O, error)) {
	ru := op.Metadata[rulesKey].(rules)
	if ru.changes {
		op.Parameters = append(op.Parameters, idempotencyParameter)
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, s.told(ctx, err)
		}
		return out, nil
	})
}

// raw adds an operation that reads its body or writes its answer itself. An
// error that it returns before it wrote anything becomes a problem.
func (s *Server) raw(op huma.Operation, h func(w http.ResponseWriter, r *http.Request) error) {
	ru := op.Metadata[rulesKey].(rules)
	if ru.changes {
		op.Parameters = append(op.Parameters, idempotencyParameter)
	}
	registry := s.api.OpenAPI().Components.Schemas
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	problem := registry.Schema(problemType, true, "")
	for _, code := range append(slices.Clone(op.Errors), http.StatusInternalServerError) {
		op.Responses[statusText(code)] = &huma.Response{Description: http.StatusText(code), Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}}}
	}
	s.api.OpenAPI().AddOperation(&op)
	s.handle(&op, ru, h)
}

// told logs what is not for the client to know, and makes the rest a problem.
func (s *Server) told(ctx context.Context, err error) error {
	p, hidden := problemOf(err)
	if hidden {
		s.Log.ErrorContext(ctx, "request failed", "request_id", requestID(ctx), "error", err)
	}
	if p.retryAfter > 0 || p.Status == http.StatusUnauthorized {
		// huma writes it, so its headers have to be told apart.
		return huma.ErrorWithHeaders(p.withID(ctx), p.headers())
	}
	return p.withID(ctx)
}

// unwrapRequest is the request of an operation.
func unwrapRequest(ctx huma.Context) *http.Request {
	r, _ := humago.Unwrap(ctx)
	return r
}

// principal is who calls; the guard has checked that somebody does.
func principal(ctx context.Context) access.Principal {
	p, _ := access.FromContext(ctx)
	return p
}
