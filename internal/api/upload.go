package api

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// catalogTypes are the content types that a catalog may have. What it is, is
// recognised by its bytes.
var catalogTypes = []string{"", "application/octet-stream", "text/csv", "text/tab-separated-values", "text/plain", "application/json", "application/x-ndjson", "application/jsonl", "application/xml", "text/xml",
	"application/rss+xml", "application/atom+xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/gzip", "application/x-gzip", "application/zstd"}

// uploadIdle is how long an upload may stand still.
const uploadIdle = time.Minute

// UploadedAnswer is an upload that was taken, and the run on it.
type UploadedAnswer struct {
	Upload UploadAnswer `json:"upload"`
	Run    RunAnswer    `json:"run"`
}

func (s *Server) uploadRoutes() {
	registry := s.api.OpenAPI().Components.Schemas
	add := func(method, at, id string, params ...*huma.Param) {
		op := operation(method, at, id, "Catalogs", "Upload a catalog; a run on it begins", rules{need: access.Upload, changes: method == http.MethodPost, streams: true},
			badRequest, tooLarge, mediaType, invalid, timedOut, storageFull)
		op.Description = fmt.Sprintf("The file as the body, or as the first file of a form. At most %d bytes. It is read as it comes and kept under its SHA-256. Content-Digest (RFC 9530, sha-256) is held to. Needs the permission upload.", s.MaxUpload)
		op.Parameters = append([]*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"}, Description: "The catalog."}}, params...)
		op.Parameters = append(op.Parameters,
			&huma.Param{Name: "as_of", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Format: "date"}, Description: "Answer as of this day; today where it is left out."},
			&huma.Param{Name: "Content-Digest", In: "header", Schema: &huma.Schema{Type: huma.TypeString}, Description: "sha-256=:BASE64:"})
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
			"text/csv":                 {Schema: &huma.Schema{Type: huma.TypeString}},
			"multipart/form-data":      {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}}}},
		}}
		op.Responses = map[string]*huma.Response{"202": {Description: "It is kept, and is being screened.", Content: map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(reflect.TypeFor[UploadedAnswer](), true, "")}}}}
		s.raw(op, s.upload)
	}
	name := func(in string) *huma.Param {
		return &huma.Param{Name: "filename", In: in, Required: in == "path", Schema: &huma.Schema{Type: huma.TypeString}, Description: "Name of the file, for people."}
	}
	add(http.MethodPost, "/v1/catalogs/{id}/uploads", "upload", name("query"))
	add(http.MethodPut, "/v1/catalogs/{id}/uploads/{filename}", "uploadFile", name("path"))
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := principal(ctx)
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	c, err := s.catalog(ctx, s.Store.Query(), id)
	if err != nil {
		return err
	}
	on, err := s.asOf(r.URL.Query().Get("as_of"), "query.as_of")
	if err != nil {
		return err
	}
	want, err := contentDigest(r.Header)
	if err != nil {
		return err
	}
	if r.ContentLength > s.MaxUpload {
		return tooLarge.problem(fmt.Sprintf("The upload has %d bytes: at most %d are taken. Pack it with gzip or zstd, or cut it.", r.ContentLength, s.MaxUpload))
	}
	name := r.PathValue("filename")
	if name == "" {
		name = r.URL.Query().Get("filename")
	}
	blob, name, err := s.receive(w, r, name, catalogTypes, s.MaxUpload)
	if err != nil {
		return err
	}
	if want != "" && want != blob.SHA256 {
		err = invalid.problem(fmt.Sprintf("What came has the SHA-256 %s, and Content-Digest says %s: send it again.", blob.SHA256, want))
	} else if blob.Size == 0 {
		err = invalid.problem("The upload is empty.")
	}
	var up query.Upload
	var run query.Run
	if err == nil {
		err = s.Store.Update(ctx, actor(p), func(tx *store.Tx) (err error) {
			up, run, err = job.Submit(ctx, tx, job.Upload{Catalog: c, Filename: name, Blob: blob, AsOf: on})
			return err
		})
	}
	if err != nil {
		s.drop(ctx, blob)
		return err
	}
	s.wake(run.ID)
	a, err := s.runAnswer(ctx, run)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", fmt.Sprintf("/v1/runs/%d", run.ID))
	w.WriteHeader(http.StatusAccepted)
	return writeJSON(w, UploadedAnswer{uploadAnswer(up), a})
}

func (s *Server) drop(ctx context.Context, b *store.ReceivedBlob) {
	if err := s.Store.Drop(context.WithoutCancel(ctx), b); err != nil {
		s.Log.WarnContext(ctx, "a received file cannot be removed; it is after a day", "error", err)
	}
}

// receive keeps the body, or the first file of a form, as it comes.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, name string, types []string, limit int64) (*store.ReceivedBlob, string, error) {
	t := ""
	if ct := r.Header.Get("Content-Type"); ct != "" {
		var err error
		if t, _, err = mime.ParseMediaType(ct); err != nil {
			return nil, "", mediaType.problem(fmt.Sprintf("Content-Type %q cannot be read.", clip(ct)))
		}
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, "", mediaType.problem("The body has a Content-Encoding: send it as it is. A file that is packed with gzip or zstd is taken as a file, without that header.")
	}
	// A form is a little longer than the file in it.
	body := io.Reader(&patient{http.NewResponseController(w), http.MaxBytesReader(w, r.Body, limit+64<<10)})
	r.Body = io.NopCloser(body)
	if t == "multipart/form-data" {
		form, err := r.MultipartReader()
		if err != nil {
			return nil, "", badRequest.problem("The form cannot be read: " + err.Error() + ".")
		}
		for {
			part, err := form.NextPart()
			if err == io.EOF {
				return nil, "", badRequest.problem("There is no file in the form.")
			}
			if err != nil {
				return nil, "", bodyError(err)
			}
			if part.FileName() != "" {
				body, name = &patient{http.NewResponseController(w), part}, orElse(part.FileName(), name)
				if t, _, err = mime.ParseMediaType(part.Header.Get("Content-Type")); err != nil {
					t = ""
				}
				break
			}
		}
	}
	if types != nil && !slices.Contains(types, t) {
		return nil, "", mediaType.problem(fmt.Sprintf("A catalog is no %s: send CSV, TSV, XLSX, JSON, NDJSON or a merchant feed, also packed with gzip or zstd.", clip(t)))
	}
	blob, err := s.Store.Receive(r.Context(), principal(r.Context()).Workspace, body, limit)
	var long *http.MaxBytesError
	switch {
	case err == nil:
	case errors.Is(err, store.ErrTooLarge), errors.As(err, &long):
		err = tooLarge.problem(fmt.Sprintf("At most %d bytes are taken. Pack the file with gzip or zstd, or cut it.", limit))
	case store.Full(err), store.Gone(err) && !errors.Is(err, errCut):
	case errors.Is(err, errCut):
		err = bodyError(err)
	}
	return blob, fileName(name), err
}

// errCut is that a body ended before its end.
var errCut = errors.New("the body was cut")

// patient reads a body as long as something comes.
type patient struct {
	control *http.ResponseController
	body    io.Reader
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	p.control.SetReadDeadline(time.Now().Add(uploadIdle)) // not every connection has one
	n, err := p.body.Read(b)
	if err == io.EOF {
		p.control.SetReadDeadline(time.Time{}) // what follows has its own bounds
	}
	var long *http.MaxBytesError
	if err != nil && err != io.EOF && !errors.As(err, &long) {
		err = fmt.Errorf("%w: %w", errCut, err)
	}
	return n, err
}

// fileName keeps the last part of a path, without what no name has.
func fileName(s string) string {
	s = path.Base(strings.ReplaceAll(s, `\`, "/"))
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if s == "" || s == "." || s == "/" {
		return "upload"
	}
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200])
	}
	return s
}

// contentDigest reads the SHA-256 of a Content-Digest header, in hexadecimal;
// empty where there is none.
func contentDigest(h http.Header) (string, error) {
	for _, v := range h.Values("Content-Digest") {
		for one := range strings.SplitSeq(v, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(one), "=")
			if !strings.EqualFold(name, "sha-256") {
				continue
			}
			sum, err := base64.StdEncoding.DecodeString(strings.Trim(value, ":"))
			if err != nil || len(sum) != 32 || !strings.HasPrefix(value, ":") {
				return "", badRequest.problem("Content-Digest cannot be read: write sha-256=:BASE64:.")
			}
			return hex.EncodeToString(sum), nil
		}
	}
	return "", nil
}

// pathID reads a number of the path.
func pathID(r *http.Request, name string) (int64, error) {
	var n int64
	if _, err := fmt.Sscanf(r.PathValue(name), "%d", &n); err != nil || n < 1 || fmt.Sprint(n) != r.PathValue(name) {
		return 0, invalid.problem(fmt.Sprintf("%s in the path must be a number.", name), &huma.ErrorDetail{Message: "expected a number", Location: "path." + name})
	}
	return n, nil
}
