package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
)

// FoundAnswer is a finding of a run.
type FoundAnswer struct {
	ID          int64             `json:"id"`
	Fingerprint string            `json:"fingerprint"`
	Catalog     int64             `json:"catalog"`
	Key         string            `json:"key,omitempty" doc:"Of the product."`
	Product     *offshelf.Product `json:"product,omitempty"`
	Brand       string            `json:"brand,omitempty" doc:"Id."`
	Regime      string            `json:"regime"`
	Listing     string            `json:"listing"`
	Verdict     string            `json:"verdict" enum:"reached,possible"`
	Basis       string            `json:"basis" enum:"law,policy"`
	Action      string            `json:"action" enum:"pull,hold,review,note,"`
	Since       string            `json:"since,omitempty"`
	Probability float64           `json:"probability"`
	State       string            `json:"state" enum:"open,ended"`
	EndedWhy    string            `json:"ended_why,omitempty"`
	Case        int64             `json:"case,omitzero"`
	Quiet       bool              `json:"quiet" doc:"Whether a decision keeps it quiet."`
	Opened      time.Time         `json:"opened_at"`
	Changed     time.Time         `json:"changed_at,omitzero"`
	Ended       time.Time         `json:"ended_at,omitzero"`

	Reasons     []offshelf.Reason `json:"reasons,omitempty" doc:"Of one finding alone."`
	Explanation jsontext.Value    `json:"explanation,omitempty" doc:"Of one finding alone: the rule, the listing, and the chains with dates, grades and sources."`
}

func foundAnswer(f casework.FoundProduct) (FoundAnswer, error) {
	a := FoundAnswer{ID: f.ID, Fingerprint: f.Fingerprint, Catalog: f.CatalogID, Key: f.Key, Brand: f.Brand, Regime: f.Regime, Listing: f.Listing, Verdict: f.Verdict, Basis: f.Basis,
		Action: offshelf.Action(f.Action).String(), Since: f.Since, Probability: float64(f.Probability) / 1e6, State: f.State, EndedWhy: f.EndedWhy, Case: f.CaseID, Quiet: f.SuppressionID != 0,
		Opened: instant(f.OpenedAt), Changed: instant(f.ChangedAt), Ended: instant(f.EndedAt)}
	if f.Doc != "" {
		a.Product = &offshelf.Product{}
		if err := json.Unmarshal([]byte(f.Doc), a.Product); err != nil {
			return a, err
		}
	}
	return a, nil
}

func parseAction(s string) (offshelf.Action, error) {
	var a offshelf.Action
	if s == "" {
		return a, nil
	}
	if err := a.UnmarshalText([]byte(s)); err != nil {
		return a, invalid.problem(sentence(err))
	}
	return a, nil
}

func (s *Server) findingRoutes() {
	type findingList struct {
		Body struct {
			Findings []FoundAnswer `json:"findings"`
			Next     string        `json:"next,omitempty" doc:"The cursor of the next page."`
		}
	}
	register(s, operation(http.MethodGet, "/v1/findings", "findings", "Findings", "Findings, the strongest action first", rules{need: access.Read}, invalid), func(ctx context.Context, in *struct {
		State   string `query:"state" enum:"open,ended" default:"open"`
		Case    int64  `query:"case" minimum:"0"`
		Catalog int64  `query:"catalog" minimum:"0"`
		Action  string `query:"action" enum:"pull,hold,review,note"`
		Basis   string `query:"basis" enum:"law,policy"`
		Verdict string `query:"verdict" enum:"reached,possible"`
		Regime  string `query:"regime" maxLength:"200"`
		Brand   string `query:"brand" maxLength:"200" doc:"Id of a brand."`
		Listing string `query:"listing" maxLength:"200" doc:"Id of a listing."`
		Quiet   string `query:"quiet" enum:"true,false" doc:"Whether a decision keeps it quiet."`
		Cursor  string `query:"cursor" maxLength:"200"`
		Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	}) (*findingList, error) {
		action, err := parseAction(in.Action)
		if err != nil {
			return nil, err
		}
		f := casework.FindingFilter{State: in.State, Case: in.Case, Catalog: in.Catalog, Action: action, Basis: offshelf.Basis(in.Basis), Verdict: offshelf.Verdict(in.Verdict), Regime: in.Regime, Brand: in.Brand,
			Listing: in.Listing, Cursor: in.Cursor, Limit: in.Limit}
		if in.Quiet != "" {
			f.Quiet = new(in.Quiet == "true")
		}
		page, err := casework.Findings(ctx, s.Store, principal(ctx).Workspace, f)
		if err != nil {
			return nil, err
		}
		out := &findingList{}
		out.Body.Findings, out.Body.Next = []FoundAnswer{}, page.Next
		for _, x := range page.Findings {
			a, err := foundAnswer(x)
			if err != nil {
				return nil, err
			}
			out.Body.Findings = append(out.Body.Findings, a)
		}
		return out, nil
	})
	register(s, operation(http.MethodGet, "/v1/findings/{id}", "finding", "Findings", "A finding, with its chains and sources", rules{need: access.Read}), func(ctx context.Context, in *struct {
		ID int64 `path:"id" minimum:"1"`
	}) (*struct{ Body FoundAnswer }, error) {
		var out FoundAnswer
		q := s.Store.Query()
		f, err := store.Found(q.Finding(ctx, in.ID))
		if err == nil && f.WorkspaceID != principal(ctx).Workspace {
			err = store.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		x := casework.FoundProduct{Finding: f}
		if p, err := store.Found(q.Product(ctx, f.ProductID)); err == nil {
			x.Key, x.Doc = p.Key, p.Doc
		} else if err != store.ErrNotFound {
			return nil, err
		}
		if out, err = foundAnswer(x); err != nil {
			return nil, err
		}
		if f.Reasons != "" {
			if err := json.Unmarshal([]byte(f.Reasons), &out.Reasons); err != nil {
				return nil, err
			}
		}
		doc, err := store.Found(q.Explanation(ctx, f.Explanation))
		if err != nil && err != store.ErrNotFound {
			return nil, err
		}
		out.Explanation = jsontext.Value(doc)
		return &struct{ Body FoundAnswer }{out}, nil
	})
}
