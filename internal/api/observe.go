package api

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"time"

	"github.com/offshelf/offshelf/internal/access"
)

// observation is what is noted of a request. It is also its ResponseWriter, so
// that what was answered is known.
type observation struct {
	http.ResponseWriter
	control   *http.ResponseController // of the writer below
	id        string
	operation string // id of the operation, empty where there is none
	who       string // user:ID or key:ID
	status    int
	bytes     int64
}

type observationKey struct{}

// observed is the observation of a request, or nil.
func observed(r *http.Request) *observation {
	o, _ := r.Context().Value(observationKey{}).(*observation)
	return o
}

func requestID(ctx context.Context) string {
	if o, ok := ctx.Value(observationKey{}).(*observation); ok {
		return o.id
	}
	return ""
}

func (o *observation) wrote() bool { return o.status != 0 }

// WriteHeader implements http.ResponseWriter.
func (o *observation) WriteHeader(status int) {
	if o.status == 0 && status >= 200 {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (o *observation) Write(p []byte) (int, error) {
	if o.status == 0 {
		o.status = http.StatusOK
	}
	// A client must take what it asked for: an answer that nobody reads would
	// hold a connection of the database.
	n := 0
	for {
		part := p[n:min(len(p), n+64<<10)]
		o.control.SetWriteDeadline(time.Now().Add(answerIdle)) // not every connection has one
		m, err := o.ResponseWriter.Write(part)
		n += m
		o.bytes += int64(m)
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// answerIdle is how long a client may take none of an answer.
var answerIdle = time.Minute

// Unwrap is for http.ResponseController.
func (o *observation) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// Flush implements http.Flusher.
func (o *observation) Flush() { http.NewResponseController(o.ResponseWriter).Flush() }

// Hijack implements http.Hijacker.
func (o *observation) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(o.ResponseWriter).Hijack()
}

// newRequestID takes the id that a proxy gave, where it is a plain one.
func newRequestID(r *http.Request) string {
	if given := r.Header.Get("X-Request-Id"); given != "" && len(given) <= 64 {
		plain := true
		for i := range len(given) {
			c := given[i]
			plain = plain && (c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.')
		}
		if plain {
			return given
		}
	}
	var b [12]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// keyInPath is an API key, or what was meant to be one, in an address.
var keyInPath = regexp.MustCompile(`osk_[^/]*`)

// observe gives each request an id, counts it and writes it into the log. Of
// its address only the path is logged: a query may hold names, or the token of
// a one-time link.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		o := &observation{ResponseWriter: w, control: http.NewResponseController(w), id: newRequestID(r)}
		if r.ContentLength != 0 {
			// Also of a body that nobody reads: the server itself does, before it
			// answers. What reads long ones puts it off, see patient.
			o.control.SetReadDeadline(began.Add(s.Timeout))
		}
		w.Header().Set("X-Request-Id", o.id)
		r = r.WithContext(context.WithValue(r.Context(), observationKey{}, o))
		s.metrics.underWay.Inc()
		defer func() {
			s.metrics.underWay.Dec()
			took := time.Since(began)
			status := o.status
			if status == 0 {
				status = http.StatusOK
			}
			s.metrics.request(o.operation, r.Method, status, took)
			level := slog.LevelInfo
			if o.operation == "healthz" || o.operation == "readyz" || o.operation == "metrics" {
				level = slog.LevelDebug
			}
			if s.Log.Enabled(r.Context(), level) {
				s.Log.LogAttrs(r.Context(), level, "request", slog.String("request_id", o.id), slog.String("method", r.Method), slog.String("path", clip(keyInPath.ReplaceAllString(r.URL.Path, "osk_(hidden)"))),
					slog.String("operation", o.operation), slog.Int("status", status), slog.Int64("bytes", o.bytes), slog.Duration("took", took),
					slog.String("from", access.ClientOf(r).Addr.String()), slog.String("who", o.who))
			}
		}()
		next.ServeHTTP(o, r)
	})
}
