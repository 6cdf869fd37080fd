package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// maxPolicyBytes bounds a policy file.
const maxPolicyBytes = 1 << 20

// PolicyAnswer is a policy.
type PolicyAnswer struct {
	Name    string    `json:"name"`
	SHA256  string    `json:"sha256"`
	Shipped bool      `json:"shipped" doc:"It came with offshelf."`
	By      int64     `json:"by,omitzero" doc:"Number of the user."`
	At      time.Time `json:"at,omitzero"`
	Text    string    `json:"text,omitempty" doc:"YAML; of one policy of the workspace alone."`
}

var policyName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)

func (s *Server) policyRoutes() {
	type policyList struct {
		Body struct {
			Policies []PolicyAnswer `json:"policies"`
		}
	}
	register(s, operation(http.MethodGet, "/v1/policies", "policies", "Policies", "The policies of the workspace as they are now, and the shipped ones", rules{need: access.Read}), func(ctx context.Context, _ *struct{}) (*policyList, error) {
		k, err := s.state()
		if err != nil {
			return nil, err
		}
		rows, err := s.Store.Query().PoliciesOfWorkspace(ctx, principal(ctx).Workspace)
		if err != nil {
			return nil, err
		}
		out := &policyList{}
		out.Body.Policies = []PolicyAnswer{}
		has := func(name string) bool {
			return slices.ContainsFunc(out.Body.Policies, func(a PolicyAnswer) bool { return a.Name == name })
		}
		for _, p := range rows { // of each name the newest comes first
			if !has(p.Name) {
				out.Body.Policies = append(out.Body.Policies, PolicyAnswer{Name: p.Name, SHA256: p.SHA256, By: p.CreatedBy, At: instant(p.CreatedAt)})
			}
		}
		for _, name := range k.Snapshot.Policies() {
			if p := shippedPolicy(k, name); p != nil && !has(name) {
				out.Body.Policies = append(out.Body.Policies, PolicyAnswer{Name: name, SHA256: p.sum, Shipped: true})
			}
		}
		return out, nil
	})
	register(s, operation(http.MethodGet, "/v1/policies/{name}", "policy", "Policies", "A policy", rules{need: access.Read}), func(ctx context.Context, in *struct {
		Name string `path:"name" maxLength:"100"`
	}) (*struct{ Body PolicyAnswer }, error) {
		k, err := s.state()
		if err != nil {
			return nil, err
		}
		p, err := store.Found(s.Store.Query().LatestPolicy(ctx, query.LatestPolicyParams{WorkspaceID: principal(ctx).Workspace, Name: in.Name}))
		if errors.Is(err, store.ErrNotFound) {
			if p := shippedPolicy(k, in.Name); p != nil {
				return &struct{ Body PolicyAnswer }{PolicyAnswer{Name: in.Name, SHA256: p.sum, Shipped: true}}, nil
			}
		}
		if err != nil {
			return nil, err
		}
		return &struct{ Body PolicyAnswer }{PolicyAnswer{Name: p.Name, SHA256: p.SHA256, By: p.CreatedBy, At: instant(p.CreatedAt), Text: p.Body}}, nil
	})
	op := operation(http.MethodPut, "/v1/policies/{name}", "storePolicy", "Policies", "Store a policy, or a newer version of one", rules{need: access.Manage, streams: true}, badRequest, tooLarge, invalid, mediaType, timedOut)
	op.Description = "YAML, as docs/reference.md describes it. It is checked as a whole; with a problem nothing is stored. Runs that were asked for keep the version that they were asked with. Needs the permission manage."
	op.Parameters = []*huma.Param{{Name: "name", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Pattern: policyName.String()}}}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/yaml": {Schema: &huma.Schema{Type: huma.TypeString}}}}
	op.Responses = map[string]*huma.Response{"200": {Description: "It is stored.", Content: map[string]*huma.MediaType{"application/json": {Schema: s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[PolicyAnswer](), true, "")}}}}
	s.raw(op, s.storePolicy)
}

func (s *Server) storePolicy(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := principal(ctx)
	name := r.PathValue("name")
	if !policyName.MatchString(name) {
		return invalid.problem("The name of a policy has small letters, digits and . - _, 100 at most.")
	}
	body, err := io.ReadAll(&patient{http.NewResponseController(w), http.MaxBytesReader(w, r.Body, maxPolicyBytes)})
	if err != nil {
		return bodyError(err)
	}
	k, err := s.state()
	if err != nil {
		return err
	}
	file, err := knowledge.ReadPolicy(name, body)
	if err == nil {
		if _, err = screen.New(k.Snapshot, file.Policy, screen.Workers(1)); err != nil {
			err = file.Explain(err)
		}
	}
	if err != nil {
		var details []*huma.ErrorDetail
		for _, one := range knowledge.Split(err) {
			details = append(details, &huma.ErrorDetail{Message: one.Error(), Location: "body"})
		}
		return invalid.problem(fmt.Sprintf("The policy has %d problems: nothing was stored.", len(details)), details...)
	}
	h := sha256.Sum256(body)
	var row query.Policy
	err = s.Store.Update(ctx, actor(p), func(tx *store.Tx) (err error) {
		row, err = tx.CreatePolicy(ctx, query.CreatePolicyParams{WorkspaceID: p.Workspace, Name: name, SHA256: hex.EncodeToString(h[:]), Body: string(body), CreatedBy: p.Person(), CreatedAt: tx.Now})
		tx.Log(store.Event{Workspace: p.Workspace, Kind: "policy.stored", Data: map[string]any{"policy": name, "sha256": row.SHA256}, Rows: []store.Ref{store.Row("policies", row.ID)}})
		tx.After(s.policies.drop)
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return writeJSON(w, PolicyAnswer{Name: name, SHA256: row.SHA256, By: row.CreatedBy, At: instant(row.CreatedAt), Text: row.Body})
}
