package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/offshelf/offshelf/internal/access"
)

var problemType = reflect.TypeFor[Problem]()

func statusText(code int) string { return strconv.Itoa(code) }

// headers are those that go with the problem.
func (p *Problem) headers() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((p.retryAfter+time.Second-1)/time.Second)))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="offshelf"`)
	}
	return h
}

// withID is the problem as this request has it.
func (p *Problem) withID(ctx context.Context) *Problem {
	out := *p
	out.RequestID = requestID(ctx)
	return &out
}

// guard stands before each operation: who calls, may they, and was it done
// already.
func (s *Server) guard(op *huma.Operation, ru rules, h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fail := func(err error) {
			p, hidden := problemOf(err)
			if hidden {
				s.Log.ErrorContext(r.Context(), "request failed", "request_id", requestID(r.Context()), "error", err)
			}
			p.write(w, r)
		}
		o := observed(r)
		if o != nil {
			o.operation = op.OperationID
		}
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				s.Log.ErrorContext(r.Context(), "panic", "request_id", requestID(r.Context()), "error", fmt.Sprint(v), "stack", string(debug.Stack()))
				if o == nil || !o.wrote() {
					internalFault.problem("The service failed; its log says why under this request_id.").write(w, r)
				}
			}
		}()
		ctx := r.Context()
		if !ru.streams {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, s.Timeout)
			defer cancel()
			if r.ContentLength != 0 {
				// A body that drips must not hold a connection for good.
				http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.Timeout))
			}
		}
		r = r.WithContext(ctx)
		if !ru.streams {
			if err := plainAddress(r); err != nil {
				fail(err)
				return
			}
		}
		if !ru.open {
			p, err := s.Authenticate(r)
			if err != nil {
				fail(err)
				return
			}
			if o != nil {
				o.who = actor(p)
			}
			if ru.need != 0 && !p.May(ru.need) {
				fail(forbidden.problem(refusal(p, ru.need)))
				return
			}
			ctx = access.NewContext(ctx, p)
		}
		r = r.WithContext(ctx)
		w.Header().Set("Cache-Control", "no-store")
		if ru.changes && r.Header.Get(idempotencyHeader) != "" {
			s.once(w, r, ru, fail, h)
			return
		}
		if err := h(w, r); err != nil {
			if o != nil && o.wrote() {
				// It is too late for a problem: the client must see that the
				// answer is cut.
				s.Log.WarnContext(ctx, "the answer broke off", "request_id", requestID(ctx), "error", err)
				panic(http.ErrAbortHandler)
			}
			fail(err)
		}
	})
}

// refusal says why somebody may not.
func refusal(p access.Principal, need access.Permission) string {
	switch {
	case p.Kind == access.Key && p.Role.Permissions().Has(need):
		return fmt.Sprintf("This API key has no scope %s (it has: %s). An admin makes a key that has it; approving is for people alone.", need, p.Scopes)
	case p.Kind == access.Key:
		return fmt.Sprintf("The owner of this API key is %s, who may not %s.", p.Role, need)
	}
	return fmt.Sprintf("You are %s here, who may not %s. An admin of the workspace can change that.", p.Role, need)
}

// actor is how the ledger and the log name who acts.
func actor(p access.Principal) string { return string(p.Kind) + ":" + strconv.FormatInt(p.ID, 10) }
