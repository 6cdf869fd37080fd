package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// CaseAnswer is a case.
type CaseAnswer struct {
	ID       int64     `json:"id"`
	Subject  string    `json:"subject" doc:"brand:ID, party:ID or goods:ID."`
	Title    string    `json:"title"`
	State    string    `json:"state" enum:"open,waiting,proposed,pulled,kept,closed"`
	Action   string    `json:"action" enum:"pull,hold,review,note," doc:"The strongest of its open findings."`
	Basis    string    `json:"basis" enum:"law,policy," doc:"law where one of them is law."`
	Assignee int64     `json:"assignee,omitzero" doc:"Number of a user."`
	Findings int64     `json:"findings" doc:"Open, and not kept quiet."`
	Products int64     `json:"products"`
	Opened   time.Time `json:"opened_at"`
	Updated  time.Time `json:"updated_at"`
	Closed   time.Time `json:"closed_at,omitzero"`
	Version  int64     `json:"version" doc:"Its ETag, in quotes."`
}

// CaseDetail is a case with all that belongs to it.
type CaseDetail struct {
	CaseAnswer
	Decisions   []DecisionAnswer   `json:"decisions"`
	Requests    []RequestAnswer    `json:"supplier_requests"`
	Attachments []AttachmentAnswer `json:"attachments"`
	Clocks      []casework.Clock   `json:"clocks"`
}

// DecisionAnswer is a decision on a case.
type DecisionAnswer struct {
	ID         int64     `json:"id"`
	Kind       string    `json:"kind" enum:"pull,keep,wait"`
	State      string    `json:"state" enum:"proposed,effective,refused,superseded,expired,withdrawn"`
	ReasonCode string    `json:"reason_code"`
	Reason     string    `json:"reason"`
	Scope      string    `json:"scope" enum:"product,brand,supplier"`
	Products   []string  `json:"products,omitempty"`
	Supplier   string    `json:"supplier,omitempty"`
	Channels   []string  `json:"channels,omitempty"`
	Evidence   []int64   `json:"evidence,omitempty"`
	Until      string    `json:"until,omitempty" doc:"The last day on which it holds."`
	By         int64     `json:"decided_by"`
	At         time.Time `json:"decided_at"`
	AgreedBy   int64     `json:"agreed_by,omitzero"`
	AgreedAt   time.Time `json:"agreed_at,omitzero"`
}

// RequestAnswer is what a supplier was asked.
type RequestAnswer struct {
	ID        int64     `json:"id"`
	Supplier  string    `json:"supplier"`
	Template  string    `json:"template"`
	Letter    string    `json:"letter"`
	Documents []string  `json:"documents"`
	Due       string    `json:"due_on" format:"date"`
	State     string    `json:"state" enum:"open,answered,withdrawn"`
	By        int64     `json:"asked_by"`
	At        time.Time `json:"asked_at"`
	Answered  time.Time `json:"answered_at,omitzero"`
}

// AttachmentAnswer is a file of a case.
type AttachmentAnswer struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	MediaType string    `json:"media_type"`
	SHA256    string    `json:"sha256"`
	Size      int64     `json:"size"`
	By        int64     `json:"added_by"`
	At        time.Time `json:"added_at"`
}

// EntryAnswer is something that happened in a case.
type EntryAnswer struct {
	Leaf  int64          `json:"leaf" doc:"Its number in the ledger."`
	At    time.Time      `json:"at"`
	Actor string         `json:"actor"`
	Who   string         `json:"who"`
	Kind  string         `json:"kind"`
	Data  map[string]any `json:"data"`
}

// withETag is an answer with the version of the case.
type withETag[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// caseAnswer is what a case looks like.
func caseAnswer(c query.Case) CaseAnswer {
	return CaseAnswer{c.ID, c.Subject, c.Title, c.State, offshelf.Action(c.Action).String(), c.Basis, c.Assignee, c.Findings, c.Products, instant(c.OpenedAt), instant(c.UpdatedAt), instant(c.ClosedAt), c.Version}
}

func decisionAnswer(d query.Decision) (DecisionAnswer, error) {
	a := DecisionAnswer{ID: d.ID, Kind: d.Kind, State: d.State, ReasonCode: d.ReasonCode, Reason: d.Reason, Scope: d.Scope, Supplier: d.Supplier, By: d.DecidedBy, At: instant(d.DecidedAt), AgreedBy: d.AgreedBy, AgreedAt: instant(d.AgreedAt)}
	if last, ok := casework.EndsOn(&d); ok {
		a.Until = last.String()
	}
	for _, x := range []struct {
		text string
		into any
	}{{d.Products, &a.Products}, {d.Channels, &a.Channels}, {d.Evidence, &a.Evidence}} {
		if x.text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(x.text), x.into); err != nil {
			return a, err
		}
	}
	return a, nil
}

func requestAnswer(r query.SupplierRequest) (RequestAnswer, error) {
	a := RequestAnswer{ID: r.ID, Supplier: r.Supplier, Template: r.Template, Letter: r.Letter, Documents: []string{}, Due: offshelf.Day(r.DueOn).String(), State: r.State, By: r.AskedBy, At: instant(r.AskedAt), Answered: instant(r.AnsweredAt)}
	if r.Documents == "" {
		return a, nil
	}
	return a, json.Unmarshal([]byte(r.Documents), &a.Documents)
}

func attachmentAnswer(x query.Attachment) AttachmentAnswer {
	return AttachmentAnswer{x.ID, x.Name, x.MediaType, x.SHA256, x.Size, x.AddedBy, instant(x.AddedAt)}
}

// theCase is one of the workspace of who calls.
func (s *Server) theCase(ctx context.Context, q *query.Queries, id int64) (query.Case, error) {
	c, err := store.Found(q.CaseByID(ctx, id))
	if err == nil && c.WorkspaceID != principal(ctx).Workspace {
		err = store.ErrNotFound
	}
	return c, err
}

func (s *Server) caseRoutes() {
	type caseList struct {
		Body struct {
			Cases []CaseAnswer `json:"cases"`
			Next  string       `json:"next,omitempty" doc:"The cursor of the next page."`
		}
	}
	register(s, operation(http.MethodGet, "/v1/cases", "cases", "Cases", "Cases, the strongest action first", rules{need: access.Read}, invalid), func(ctx context.Context, in *struct {
		State    []string `query:"state" enum:"open,waiting,proposed,pulled,kept,closed" maxItems:"6"`
		Action   string   `query:"action" enum:"pull,hold,review,note"`
		Basis    string   `query:"basis" enum:"law,policy"`
		Regime   string   `query:"regime" maxLength:"200" doc:"With an open finding by this rule."`
		Brand    string   `query:"brand" maxLength:"200" doc:"Id of a brand."`
		Assignee string   `query:"assignee" maxLength:"20" doc:"Number of a user; 0: nobody's; me."`
		Text     string   `query:"text" maxLength:"200" doc:"Part of the title or subject."`
		Cursor   string   `query:"cursor" maxLength:"200"`
		Limit    int      `query:"limit" minimum:"1" maximum:"500" default:"50"`
	}) (*caseList, error) {
		action, err := parseAction(in.Action)
		if err != nil {
			return nil, err
		}
		p := principal(ctx)
		f := casework.CaseFilter{States: in.State, Action: action, Basis: offshelf.Basis(in.Basis), Regime: in.Regime, Brand: in.Brand, Text: in.Text, Cursor: in.Cursor, Limit: in.Limit}
		switch in.Assignee {
		case "":
		case "me":
			f.Assignee = new(p.Person())
		default:
			n, err := strconv.ParseInt(in.Assignee, 10, 64)
			if err != nil || n < 0 {
				return nil, invalid.problem("assignee is the number of a user, 0 or me.")
			}
			f.Assignee = &n
		}
		page, err := casework.Cases(ctx, s.Store, p.Workspace, f)
		if err != nil {
			return nil, err
		}
		out := &caseList{}
		out.Body.Cases, out.Body.Next = []CaseAnswer{}, page.Next
		for _, c := range page.Cases {
			out.Body.Cases = append(out.Body.Cases, caseAnswer(c))
		}
		return out, nil
	})
	register(s, operation(http.MethodGet, "/v1/cases/{id}", "case", "Cases", "A case with its decisions, questions, files and clocks", rules{need: access.Read}), func(ctx context.Context, in *struct {
		ID int64 `path:"id" minimum:"1"`
	}) (*withETag[CaseDetail], error) {
		q := s.Store.Query()
		c, err := s.theCase(ctx, q, in.ID)
		if err != nil {
			return nil, err
		}
		out := CaseDetail{CaseAnswer: caseAnswer(c), Decisions: []DecisionAnswer{}, Requests: []RequestAnswer{}, Attachments: []AttachmentAnswer{}}
		decisions, err := q.DecisionsOfCase(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		for _, d := range decisions {
			a, err := decisionAnswer(d)
			if err != nil {
				return nil, err
			}
			out.Decisions = append(out.Decisions, a)
		}
		requests, err := q.SupplierRequestsOfCase(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		for _, r := range requests {
			a, err := requestAnswer(r)
			if err != nil {
				return nil, err
			}
			out.Requests = append(out.Requests, a)
		}
		files, err := q.AttachmentsOfCase(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		for _, x := range files {
			out.Attachments = append(out.Attachments, attachmentAnswer(x))
		}
		if out.Clocks, err = casework.Clocks(ctx, q, c.WorkspaceID, c.ID, today(s)); err != nil {
			return nil, err
		}
		return &withETag[CaseDetail]{etag(c.Version), out}, nil
	})
	type timeline struct {
		Body struct {
			Entries []EntryAnswer `json:"entries" doc:"The oldest first."`
			Next    *int64        `json:"next,omitempty" doc:"The after of the next page."`
		}
	}
	register(s, operation(http.MethodGet, "/v1/cases/{id}/timeline", "timeline", "Cases", "What happened in a case, and who did it", rules{need: access.Read}), func(ctx context.Context, in *struct {
		ID    int64 `path:"id" minimum:"1"`
		After int64 `query:"after" minimum:"-1" default:"-1" doc:"The number of a leaf; what came behind it is told."`
		Limit int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
	}) (*timeline, error) {
		entries, err := casework.Timeline(ctx, s.Store.Query(), principal(ctx).Workspace, in.ID, in.After, in.Limit)
		if err != nil {
			return nil, err
		}
		out := &timeline{}
		out.Body.Entries = []EntryAnswer{}
		for _, e := range entries {
			a := EntryAnswer{Leaf: e.Leaf, At: instant(e.At), Actor: e.Actor, Who: e.Who, Kind: e.Kind}
			if err := json.Unmarshal(e.Data, &a.Data); err != nil {
				return nil, err
			}
			out.Body.Entries = append(out.Body.Entries, a)
		}
		if len(entries) == in.Limit {
			out.Body.Next = new(entries[len(entries)-1].Leaf)
		}
		return out, nil
	})
	register(s, operation(http.MethodGet, "/v1/reasons", "reasons", "Cases", "The reasons for which can be decided", rules{need: access.Read}), func(context.Context, *struct{}) (*struct {
		Body struct {
			Reasons []casework.Reason `json:"reasons"`
		}
	}, error) {
		out := &struct {
			Body struct {
				Reasons []casework.Reason `json:"reasons"`
			}
		}{}
		out.Body.Reasons = casework.Reasons()
		return out, nil
	})
}

// seen reads which version of a case the caller saw.
func seen(ifMatch string) (int64, error) {
	if ifMatch == "" {
		return 0, versionNeeded.problem("Send the ETag of the case that you saw as If-Match, so that nobody's work is overwritten.")
	}
	inner, ok := strings.CutPrefix(ifMatch, `"`)
	if ok {
		inner, ok = strings.CutSuffix(inner, `"`)
	}
	n, err := strconv.ParseInt(inner, 10, 64)
	if !ok || err != nil || n < 1 {
		return 0, versionNeeded.problem(fmt.Sprintf("If-Match %q is no ETag of a case: it is a number in quotes, as GET /v1/cases/{id} sends it.", clip(ifMatch)))
	}
	return n, nil
}
