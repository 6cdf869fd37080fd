package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
)

// Problem is what went wrong, as RFC 9457 has it: application/problem+json.
type Problem struct {
	Type      string              `json:"type" doc:"Which kind of problem it is; the kinds are explained there." example:"https://github.com/offshelf/offshelf/blob/main/docs/api.md#not-found"`
	Title     string              `json:"title" doc:"The kind of problem, in words."`
	Status    int                 `json:"status" doc:"The HTTP status."`
	Detail    string              `json:"detail" doc:"What is wrong here, and what to do."`
	RequestID string              `json:"request_id,omitempty" doc:"What the log of the service calls this request."`
	Errors    []*huma.ErrorDetail `json:"errors,omitempty" doc:"Each thing that is wrong, and where."`

	retryAfter time.Duration
}

// problemsAt is where the kinds of problems are explained, each under its name.
const problemsAt = "https://github.com/offshelf/offshelf/blob/main/docs/api.md#"

// kind is a kind of problem.
type kind struct {
	name   string
	status int
	title  string
}

// The kinds of problems. docs/api.md explains each; a test holds it to that.
var (
	badRequest       = kind{"bad-request", http.StatusBadRequest, "The request cannot be read"}
	brokeOff         = kind{"broke-off", http.StatusBadRequest, "The body broke off"}
	unauthenticated  = kind{"unauthenticated", http.StatusUnauthorized, "Nobody is signed in"}
	forbidden        = kind{"forbidden", http.StatusForbidden, "This is not allowed"}
	notFound         = kind{"not-found", http.StatusNotFound, "There is no such thing"}
	methodNotAllowed = kind{"method-not-allowed", http.StatusMethodNotAllowed, "The method does not fit"}
	notAcceptable    = kind{"not-acceptable", http.StatusNotAcceptable, "No such format"}
	timedOut         = kind{"timed-out", http.StatusRequestTimeout, "The body came too slowly"}
	conflict         = kind{"conflict", http.StatusConflict, "It does not fit with what is there"}
	atWork           = kind{"at-work", http.StatusConflict, "The first request is still at work"}
	changed          = kind{"changed", http.StatusPreconditionFailed, "Someone else changed it"}
	tooLarge         = kind{"too-large", http.StatusRequestEntityTooLarge, "The body is too large"}
	mediaType        = kind{"media-type", http.StatusUnsupportedMediaType, "The content type does not fit"}
	invalid          = kind{"invalid", http.StatusUnprocessableEntity, "The values do not fit"}
	keyReused        = kind{"key-reused", http.StatusUnprocessableEntity, "The idempotency key was used for another request"}
	versionNeeded    = kind{"version-needed", http.StatusPreconditionRequired, "Say which version was seen"}
	tooMany          = kind{"too-many", http.StatusTooManyRequests, "Too many requests"}
	internalFault    = kind{"internal", http.StatusInternalServerError, "The service failed"}
	unavailable      = kind{"unavailable", http.StatusServiceUnavailable, "The service cannot answer now"}
	storageFull      = kind{"full", http.StatusInsufficientStorage, "The disk is full"}
)

var kinds = []kind{badRequest, brokeOff, unauthenticated, forbidden, notFound, methodNotAllowed, notAcceptable, timedOut, conflict, atWork, changed, tooLarge, mediaType,
	invalid, keyReused, versionNeeded, tooMany, internalFault, unavailable, storageFull}

// problem makes one.
func (k kind) problem(detail string, errs ...*huma.ErrorDetail) *Problem {
	return &Problem{Type: problemsAt + k.name, Title: k.title, Status: k.status, Detail: detail, Errors: errs}
}

// Error implements error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// wait says after which time to try again.
func (p *Problem) wait(d time.Duration) *Problem {
	p.retryAfter = max(d, time.Second)
	return p
}

// write answers with the problem.
func (p *Problem) write(w http.ResponseWriter, r *http.Request) {
	out := *p
	out.RequestID = w.Header().Get("X-Request-Id")
	h := w.Header()
	if out.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((out.retryAfter+time.Second-1)/time.Second)))
	}
	if out.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="offshelf"`)
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Length")
	h.Del("ETag")
	w.WriteHeader(out.Status)
	if r.Method != http.MethodHead {
		json.NewEncoder(w).Encode(&out)
	}
}

// problemOf says what an error means to who asked. What is not theirs to know
// is logged by the caller: the second result tells.
func problemOf(err error) (p *Problem, hidden bool) {
	var broken *http.MaxBytesError
	var weak *access.PasswordError
	var unfit *casework.Invalid
	var untimely *casework.Untimely
	var other *casework.Forbidden
	switch {
	case errors.As(err, &p):
		return p, false
	case errors.Is(err, store.ErrNotFound):
		return notFound.problem("There is nothing with this number in this workspace."), false
	case errors.Is(err, store.ErrConflict):
		return changed.problem("Someone else changed it in between: read it again, and send its new ETag as If-Match."), false
	case errors.As(err, &broken):
		return tooLarge.problem("At most " + strconv.FormatInt(broken.Limit, 10) + " bytes are taken."), false
	case errors.Is(err, store.ErrTooLarge):
		return tooLarge.problem(sentence(err)), false
	case errors.As(err, &unfit):
		return invalid.problem(sentence(unfit), &huma.ErrorDetail{Message: unfit.Text, Location: "body." + unfit.Field}), false
	case errors.As(err, &untimely):
		return conflict.problem(sentence(untimely)), false
	case errors.As(err, &other):
		return forbidden.problem(sentence(other)), false
	case errors.As(err, &weak):
		return invalid.problem(sentence(weak), &huma.ErrorDetail{Message: weak.Message, Location: "body.password"}), false
	case errors.Is(err, access.ErrBusy):
		return unavailable.problem("Many people sign in right now: try again in a few seconds.").wait(5 * time.Second), false
	case store.Full(err):
		return storageFull.problem("The disk or the database of the service is full: nothing was changed. The operator has to make room."), true
	case store.Gone(err), errors.Is(err, io.ErrUnexpectedEOF): // the last: a database that ends a connection; of a body see bodyError
		return unavailable.problem("The database does not answer: nothing was acknowledged. Try again.").wait(5 * time.Second), true
	case errors.Is(err, context.DeadlineExceeded):
		return unavailable.problem("It took too long, and was given up. Try again, or ask for less.").wait(5 * time.Second), true
	case errors.Is(err, context.Canceled):
		return unavailable.problem("The request was given up.").wait(time.Second), false
	}
	return internalFault.problem("The service failed; its log says why under this request_id."), true
}

// sentence makes an error's text one.
func sentence(err error) string {
	s := err.Error()
	if s == "" {
		return s
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

// newError has huma make its problems in the same form.
func newError(status int, msg string, errs ...error) huma.StatusError {
	k := kind{"internal", status, http.StatusText(status)}
	for _, known := range kinds {
		if known.status == status {
			k = known
			break
		}
	}
	details := make([]*huma.ErrorDetail, 0, len(errs))
	for _, e := range errs {
		if d, ok := e.(huma.ErrorDetailer); ok {
			detail := *d.ErrorDetail()
			detail.Value = nil // it may be a password
			details = append(details, &detail)
		} else if e != nil {
			details = append(details, &huma.ErrorDetail{Message: e.Error()})
		}
	}
	if msg == "validation failed" {
		msg = "Some values do not fit: see errors."
	}
	return k.problem(sentence(errors.New(msg)), details...)
}
