package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

const idempotencyHeader = "Idempotency-Key"

var idempotencyParameter = &huma.Param{Name: idempotencyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: new(maxIdempotencyKey)},
	Description: "A text of your own, such as a UUID. The same request with the same key is done once, and answered alike for 24 hours; so it can be sent again when no answer came."}

// maxIdempotencyKey bounds a key, in characters.
const maxIdempotencyKey = 200

// IdempotencyLife is for how long an answer is kept.
const IdempotencyLife = 24 * time.Hour

// workLife is how long a request can be at work at most; after that its
// process is gone.
const workLife = 15 * time.Minute

// kept is the header of an answer that is kept.
type kept struct {
	ContentType string `json:"content_type,omitempty"`
	ETag        string `json:"etag,omitempty"`
	Location    string `json:"location,omitempty"`
	Body        string `json:"body_sha256,omitempty"` // of the request, where it streams
}

// once does what a request asks for once, however often it is sent.
func (s *Server) once(w http.ResponseWriter, r *http.Request, ru rules, fail func(error), h func(http.ResponseWriter, *http.Request) error) {
	ctx := r.Context()
	p := principal(ctx)
	key := r.Header.Get(idempotencyHeader)
	if len(key) > maxIdempotencyKey {
		fail(badRequest.problem(fmt.Sprintf("%s has %d characters: take at most %d, such as a UUID.", idempotencyHeader, len(key), maxIdempotencyKey)))
		return
	}
	if !plain(key) {
		fail(badRequest.problem(idempotencyHeader + " is no UTF-8 text: take a UUID."))
		return
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %s\n%s\n%s\n", r.Method, r.URL.RequestURI(), r.Header.Get("Content-Type"), r.Header.Get("If-Match"))
	if !ru.streams {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		body, err := io.ReadAll(r.Body)
		if err != nil {
			fail(bodyError(err))
			return
		}
		sum.Write(body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	request := hex.EncodeToString(sum.Sum(nil))
	who := actor(p)
	begun := false
	err := s.Store.Update(ctx, who, func(tx *store.Tx) error {
		n, err := tx.BeginIdempotent(ctx, query.BeginIdempotentParams{WorkspaceID: p.Workspace, Principal: who, Key: key, RequestSHA256: request, CreatedAt: tx.Now})
		begun = n == 1
		return err
	})
	if err != nil {
		fail(err)
		return
	}
	if !begun {
		s.again(w, r, ru, request, fail)
		return
	}
	var spool *hashedBody
	if ru.streams {
		spool = &hashedBody{body: r.Body, sum: sha256.New()}
		r.Body = spool
	}
	rec := &recorder{ResponseWriter: w}
	done := false
	// Without an answer that is kept, the key is free again.
	defer func() {
		if !done {
			s.forget(ctx, p.Workspace, who, key)
		}
	}()
	if err := h(rec, r); err != nil {
		fail(err)
		return
	}
	if rec.status >= 300 || rec.status == 0 {
		return
	}
	header := kept{ContentType: w.Header().Get("Content-Type"), ETag: w.Header().Get("ETag"), Location: w.Header().Get("Location")}
	if spool != nil {
		header.Body = hex.EncodeToString(spool.sum.Sum(nil))
	}
	if ru.secret {
		rec.body.Reset()
	}
	text, err := json.Marshal(header)
	if err == nil {
		// The client may be gone by now; what was done stays done.
		err = s.Store.Update(context.WithoutCancel(ctx), who, func(tx *store.Tx) error {
			return tx.EndIdempotent(context.WithoutCancel(ctx), query.EndIdempotentParams{WorkspaceID: p.Workspace, Principal: who, Key: key, Status: int64(rec.status), Header: string(text), Body: rec.body.Bytes()})
		})
	}
	// Even if that failed it was done: the key must not do it again.
	done = true
	if err != nil {
		s.Log.ErrorContext(ctx, "an answer cannot be kept", "request_id", requestID(ctx), "error", err)
	}
}

func (s *Server) forget(ctx context.Context, workspace int64, who, key string) {
	ctx = context.WithoutCancel(ctx)
	err := s.Store.Update(ctx, who, func(tx *store.Tx) error {
		return tx.DeleteIdempotent(ctx, query.DeleteIdempotentParams{WorkspaceID: workspace, Principal: who, Key: key})
	})
	if err != nil {
		s.Log.ErrorContext(ctx, "an idempotency key cannot be freed", "error", err)
	}
}

// again answers a request whose key was used before.
func (s *Server) again(w http.ResponseWriter, r *http.Request, ru rules, request string, fail func(error)) {
	ctx := r.Context()
	p := principal(ctx)
	row, err := store.Found(s.Store.Query().Idempotent(ctx, query.IdempotentParams{WorkspaceID: p.Workspace, Principal: actor(p), Key: r.Header.Get(idempotencyHeader)}))
	if err != nil {
		fail(err)
		return
	}
	other := keyReused.problem("This " + idempotencyHeader + " was used for another request: take a new one for each thing to be done.")
	if row.RequestSHA256 != request {
		fail(other)
		return
	}
	if row.Status == 0 {
		if s.now()-row.CreatedAt > workLife.Microseconds() {
			fail(conflict.problem("The first request with this " + idempotencyHeader + " broke off, and whether it was done is not known. Look whether it was, and if not, send it with a new key."))
			return
		}
		fail(atWork.problem("The first request with this " + idempotencyHeader + " is still being worked on: ask again in a moment.").wait(2 * time.Second))
		return
	}
	if ru.secret {
		fail(conflict.problem("This was done, and its secret was shown then; it is not kept. Where it did not arrive, remove what was made and make it anew, with a new " + idempotencyHeader + "."))
		return
	}
	var header kept
	if err := json.Unmarshal([]byte(row.Header), &header); err != nil {
		fail(err)
		return
	}
	if ru.streams {
		sum := sha256.New()
		if _, err := io.Copy(sum, &patient{http.NewResponseController(w), http.MaxBytesReader(w, r.Body, s.MaxUpload)}); err != nil {
			fail(bodyError(err))
			return
		}
		if hex.EncodeToString(sum.Sum(nil)) != header.Body {
			fail(other)
			return
		}
	}
	for name, v := range map[string]string{"Content-Type": header.ContentType, "ETag": header.ETag, "Location": header.Location} {
		if v != "" {
			w.Header().Set(name, v)
		}
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(int(row.Status))
	w.Write(row.Body)
}

// recorder keeps a copy of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (rec *recorder) WriteHeader(status int) {
	rec.status = status
	rec.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (rec *recorder) Write(p []byte) (int, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	rec.body.Write(p)
	return rec.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// hashedBody hashes what is read through it.
type hashedBody struct {
	body io.ReadCloser
	sum  interface {
		io.Writer
		Sum([]byte) []byte
	}
}

// Read implements io.Reader.
func (b *hashedBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	b.sum.Write(p[:n])
	return n, err
}

// Close implements io.Closer.
func (b *hashedBody) Close() error { return b.body.Close() }
