package api

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/notify"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// maxAttachment is the size of a file of a case, in bytes.
const maxAttachment = 64 << 20

// OfCase is what each step of a case is sent.
type OfCase struct {
	ID      int64  `path:"id" minimum:"1" doc:"The case."`
	IfMatch string `header:"If-Match" doc:"The ETag of the case that was seen." maxLength:"100"`
}

// DecidedAnswer is a case and the decision that was made on it.
type DecidedAnswer struct {
	Case     CaseAnswer     `json:"case"`
	Decision DecisionAnswer `json:"decision"`
}

// AskedAnswer is a case and what its supplier was asked.
type AskedAnswer struct {
	Case    CaseAnswer    `json:"case"`
	Request RequestAnswer `json:"request"`
}

// AttachedAnswer is a case and the file that was added.
type AttachedAnswer struct {
	Case       CaseAnswer       `json:"case"`
	Attachment AttachmentAnswer `json:"attachment"`
}

// ProposalRequest is a decision.
type ProposalRequest struct {
	Kind       string   `json:"kind" enum:"pull,keep,wait"`
	ReasonCode string   `json:"reason_code" maxLength:"100" doc:"One of GET /v1/reasons."`
	Reason     string   `json:"reason" maxLength:"10000" doc:"In own words."`
	Scope      string   `json:"scope,omitempty" enum:"product,brand,supplier" doc:"product where it is left out; the others are for pull alone."`
	Products   []string `json:"products,omitempty" maxItems:"10000" doc:"Keys of products of the case; all where it is left out."`
	Supplier   string   `json:"supplier,omitempty" maxLength:"500" doc:"As the vendor or manufacturer of the catalog has it."`
	Channels   []string `json:"channels,omitempty" maxItems:"200" doc:"Where it is to come off; everywhere where it is left out."`
	Evidence   []int64  `json:"evidence,omitempty" maxItems:"200" doc:"Attachments of the case."`
	Until      string   `json:"until,omitempty" format:"date" doc:"For keep and wait: the last day on which it holds."`
}

// step describes a step of a case.
func step(path, id, summary string, need access.Permission) huma.Operation {
	return operation(http.MethodPost, "/v1/cases/{id}/"+path, id, "Cases", summary, rules{need: need, changes: true}, invalid, changed, versionNeeded)
}

// act does a step of a case in a transaction.
func (s *Server) act(ctx context.Context, in OfCase, f func(tx *store.Tx, workspace, version int64) (query.Case, error)) (query.Case, error) {
	p := principal(ctx)
	version, err := seen(in.IfMatch)
	if err != nil {
		return query.Case{}, err
	}
	var c query.Case
	err = s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
		// Who may not see the case learns nothing of it, its version neither.
		if _, err := s.theCase(ctx, tx.Queries, in.ID); err != nil {
			return err
		}
		c, err = f(tx, p.Workspace, version)
		return err
	})
	return c, err
}

func (s *Server) actRoutes() {
	register(s, step("assign", "assign", "Give a case to somebody", access.Handle), func(ctx context.Context, in *struct {
		OfCase
		Body struct {
			User int64 `json:"user" minimum:"0" doc:"0: nobody."`
		}
	}) (*withETag[CaseAnswer], error) {
		c, err := s.act(ctx, in.OfCase, func(tx *store.Tx, ws, version int64) (query.Case, error) {
			return casework.Assign(ctx, tx, ws, in.ID, version, in.Body.User)
		})
		return &withETag[CaseAnswer]{etag(c.Version), caseAnswer(c)}, err
	})
	register(s, step("comments", "comment", "Say something on a case", access.Handle), func(ctx context.Context, in *struct {
		OfCase
		Body struct {
			Text string `json:"text" minLength:"1" maxLength:"20000"`
		}
	}) (*withETag[CaseAnswer], error) {
		c, err := s.act(ctx, in.OfCase, func(tx *store.Tx, ws, version int64) (query.Case, error) {
			return casework.Comment(ctx, tx, ws, in.ID, version, in.Body.Text)
		})
		return &withETag[CaseAnswer]{etag(c.Version), caseAnswer(c)}, err
	})
	register(s, step("requests", "askSupplier", "Write to a supplier", access.Handle), func(ctx context.Context, in *struct {
		OfCase
		Body struct {
			Supplier  string   `json:"supplier" minLength:"1" maxLength:"500"`
			Template  string   `json:"template,omitempty" enum:"documents,reminder"`
			Due       string   `json:"due_on,omitempty" format:"date" doc:"The last day for an answer; as the settings say where it is left out."`
			Documents []string `json:"documents,omitempty" maxItems:"100" doc:"What is asked for; what the rules of the case ask for where it is left out."`
			Letter    string   `json:"letter,omitempty" maxLength:"50000" doc:"Instead of the one from the template."`
		}
	}) (*withETag[AskedAnswer], error) {
		due := offshelf.Day(0)
		if in.Body.Due != "" {
			var err error
			if due, err = s.asOf(in.Body.Due, "body.due_on"); err != nil {
				return nil, err
			}
		}
		var out AskedAnswer
		c, err := s.act(ctx, in.OfCase, func(tx *store.Tx, ws, version int64) (query.Case, error) {
			c, r, err := casework.AskSupplier(ctx, tx, ws, in.ID, version, casework.Question{Supplier: in.Body.Supplier, Template: in.Body.Template, Due: due, Documents: in.Body.Documents, Letter: in.Body.Letter})
			if err != nil {
				return c, err
			}
			out.Request, err = requestAnswer(r)
			return c, err
		})
		out.Case = caseAnswer(c)
		return &withETag[AskedAnswer]{etag(c.Version), out}, err
	})
	register(s, step("requests/{request}/answer", "answerSupplier", "Note that a supplier answered", access.Handle), func(ctx context.Context, in *struct {
		OfCase
		Request int64 `path:"request" minimum:"1"`
		Body    struct {
			Answer   string  `json:"answer" minLength:"1" maxLength:"50000"`
			Evidence []int64 `json:"evidence,omitempty" maxItems:"200" doc:"Attachments of the case."`
		}
	}) (*withETag[AskedAnswer], error) {
		var out AskedAnswer
		c, err := s.act(ctx, in.OfCase, func(tx *store.Tx, ws, version int64) (query.Case, error) {
			c, r, err := casework.AnswerSupplier(ctx, tx, ws, in.ID, version, in.Request, in.Body.Answer, in.Body.Evidence)
			if err != nil {
				return c, err
			}
			out.Request, err = requestAnswer(r)
			return c, err
		})
		out.Case = caseAnswer(c)
		return &withETag[AskedAnswer]{etag(c.Version), out}, err
	})
	propose := step("decisions", "propose", "Decide, or propose it to a second person", access.Decide)
	propose.DefaultStatus = http.StatusCreated
	register(s, propose, func(ctx context.Context, in *struct {
		OfCase
		Body ProposalRequest
	}) (*withETag[DecidedAnswer], error) {
		until := offshelf.Day(0)
		if in.Body.Until != "" {
			var err error
			if until, err = s.asOf(in.Body.Until, "body.until"); err != nil {
				return nil, err
			}
		}
		b := in.Body
		return s.decide(ctx, in.OfCase, func(tx *store.Tx, ws, version int64) (casework.Handled, error) {
			return casework.Propose(ctx, tx, ws, in.ID, version, casework.Proposal{Kind: b.Kind, ReasonCode: b.ReasonCode, Reason: b.Reason, Scope: b.Scope, Products: b.Products, Supplier: b.Supplier, Channels: b.Channels, Evidence: b.Evidence, Until: until})
		})
	})
	type second struct {
		OfCase
		Decision int64 `path:"decision" minimum:"1"`
	}
	register(s, step("decisions/{decision}/agree", "agree", "Agree as the second person", access.Approve), func(ctx context.Context, in *second) (*withETag[DecidedAnswer], error) {
		return s.decide(ctx, in.OfCase, func(tx *store.Tx, ws, version int64) (casework.Handled, error) {
			return casework.Agree(ctx, tx, ws, in.ID, version, in.Decision)
		})
	})
	type why struct {
		OfCase
		Decision int64 `path:"decision" minimum:"1"`
		Body     struct {
			Reason string `json:"reason" minLength:"1" maxLength:"10000"`
		}
	}
	register(s, step("decisions/{decision}/refuse", "refuse", "Refuse as the second person", access.Approve), func(ctx context.Context, in *why) (*withETag[DecidedAnswer], error) {
		return s.decide(ctx, in.OfCase, func(tx *store.Tx, ws, version int64) (casework.Handled, error) {
			return casework.Refuse(ctx, tx, ws, in.ID, version, in.Decision, in.Body.Reason)
		})
	})
	register(s, step("decisions/{decision}/withdraw", "withdraw", "Take a decision back", access.Decide), func(ctx context.Context, in *why) (*withETag[DecidedAnswer], error) {
		return s.decide(ctx, in.OfCase, func(tx *store.Tx, ws, version int64) (casework.Handled, error) {
			return casework.Withdraw(ctx, tx, ws, in.ID, version, in.Decision, in.Body.Reason)
		})
	})
	s.attachmentRoutes()
}

// decide does a step of a decision. Endpoints are told where it takes effect.
func (s *Server) decide(ctx context.Context, in OfCase, f func(tx *store.Tx, ws, version int64) (casework.Handled, error)) (*withETag[DecidedAnswer], error) {
	var out DecidedAnswer
	c, err := s.act(ctx, in, func(tx *store.Tx, ws, version int64) (query.Case, error) {
		h, err := f(tx, ws, version)
		if err != nil {
			return h.Case, err
		}
		if out.Decision, err = decisionAnswer(h.Decision); err != nil {
			return h.Case, err
		}
		if h.Decision.State == "effective" {
			err = job.Notify(ctx, tx, ws, notify.CaseDecided, fmt.Sprintf("decision-%d", h.Decision.ID), h.Case.Subject, map[string]any{
				"case": h.Case.ID, "title": h.Case.Title, "decision": h.Decision.ID, "kind": h.Decision.Kind, "reason_code": h.Decision.ReasonCode, "scope": h.Decision.Scope,
				"decided_by": h.Decision.DecidedBy, "agreed_by": h.Decision.AgreedBy})
			tx.After(s.wakeDeliveries)
		}
		return h.Case, err
	})
	if err != nil {
		return nil, err
	}
	out.Case = caseAnswer(c)
	return &withETag[DecidedAnswer]{etag(c.Version), out}, nil
}

func (s *Server) wakeDeliveries() {
	if s.Jobs != nil {
		s.Jobs.WakeDeliveries()
	}
}

func (s *Server) attachmentRoutes() {
	registry := s.api.OpenAPI().Components.Schemas
	op := operation(http.MethodPost, "/v1/cases/{id}/attachments", "attach", "Cases", "Add a file to a case", rules{need: access.Handle, changes: true, streams: true},
		badRequest, tooLarge, invalid, changed, versionNeeded, timedOut, storageFull)
	op.Description = fmt.Sprintf("The file as the body, or as the first file of a form. At most %d bytes. Needs the permission handle.", maxAttachment)
	op.Parameters = []*huma.Param{
		{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"}, Description: "The case."},
		{Name: "name", In: "query", Schema: &huma.Schema{Type: huma.TypeString}, Description: "Name of the file."},
		{Name: "If-Match", In: "header", Schema: &huma.Schema{Type: huma.TypeString}, Description: "The ETag of the case that was seen."},
	}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		"multipart/form-data":      {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}}}},
	}}
	op.Responses = map[string]*huma.Response{"201": {Description: "It is kept.", Content: map[string]*huma.MediaType{"application/json": {Schema: registry.Schema(reflect.TypeFor[AttachedAnswer](), true, "")}}}}
	s.raw(op, s.attach)

	get := operation(http.MethodGet, "/v1/cases/{id}/attachments/{attachment}", "attachment", "Cases", "A file of a case", rules{need: access.Read, streams: true})
	get.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64"}}, {Name: "attachment", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeInteger}}}
	get.Responses = answerOf("The bytes of the file, to be saved.", "application/octet-stream")
	s.raw(get, s.attachment)
}

func (s *Server) attach(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	c, err := s.theCase(ctx, s.Store.Query(), id)
	if err != nil {
		return err
	}
	version, err := seen(r.Header.Get("If-Match"))
	if err != nil {
		return err
	}
	if c.Version != version {
		return store.ErrConflict // before a large file is read in vain
	}
	mediaType := "application/octet-stream"
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && t != "multipart/form-data" {
		mediaType = t
	}
	blob, name, err := s.receive(w, r, r.URL.Query().Get("name"), nil, maxAttachment)
	if err != nil {
		return err
	}
	var x query.Attachment
	c, err = s.act(ctx, OfCase{id, r.Header.Get("If-Match")}, func(tx *store.Tx, ws, version int64) (c query.Case, err error) {
		c, x, err = casework.Attach(ctx, tx, ws, id, version, name, mediaType, blob)
		return c, err
	})
	if err != nil {
		s.drop(ctx, blob)
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", etag(c.Version))
	w.WriteHeader(http.StatusCreated)
	return writeJSON(w, AttachedAnswer{caseAnswer(c), attachmentAnswer(x)})
}

// attachment hands a file out so that no browser shows or runs it.
func (s *Server) attachment(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	n, err := pathID(r, "attachment")
	if err != nil {
		return err
	}
	x, err := store.Found(s.Store.Query().Attachment(ctx, n))
	if err == nil && (x.WorkspaceID != principal(ctx).Workspace || x.CaseID != id) {
		err = store.ErrNotFound
	}
	if err != nil {
		return err
	}
	body, _, err := s.Store.OpenBlob(ctx, x.BlobID)
	if err != nil {
		return err
	}
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": x.Name}))
	h.Set("Content-Length", strconv.FormatInt(x.Size, 10))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.WriteHeader(http.StatusOK)
	_, err = io.Copy(w, body)
	return err
}
