package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/notify"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// oldSecretLife is for how long messages are signed with the old secret too.
const oldSecretLife = 24 * time.Hour

// maxEndpoints bounds those of a workspace.
const maxEndpoints = 50

// EndpointAnswer is where events are sent.
type EndpointAnswer struct {
	ID       int64     `json:"id"`
	URL      string    `json:"url"`
	Types    []string  `json:"types" doc:"Which events; none means all."`
	Disabled bool      `json:"disabled"`
	Created  time.Time `json:"created_at"`
	OldUntil time.Time `json:"old_secret_until,omitzero" doc:"Until then messages are signed with the secret before as well."`
	Secret   string    `json:"secret,omitempty" doc:"For the signature of Standard Webhooks. It is shown once."`
}

// DeliveryAnswer is a message to an endpoint.
type DeliveryAnswer struct {
	ID       int64          `json:"id"`
	Endpoint int64          `json:"endpoint"`
	Event    string         `json:"event_id"`
	Type     string         `json:"type"`
	State    string         `json:"state" enum:"pending,delivered,dead"`
	Attempts int64          `json:"attempts"`
	Next     time.Time      `json:"next_at,omitzero"`
	Status   int64          `json:"status,omitzero" doc:"HTTP status of the last attempt."`
	Note     string         `json:"note,omitempty"`
	Created  time.Time      `json:"created_at"`
	Updated  time.Time      `json:"updated_at"`
	Body     jsontext.Value `json:"body" doc:"The CloudEvent."`
}

func endpointAnswer(e query.Endpoint) (EndpointAnswer, error) {
	a := EndpointAnswer{ID: e.ID, URL: e.URL, Types: []string{}, Disabled: e.Disabled != 0, Created: instant(e.CreatedAt), OldUntil: instant(e.OldUntil)}
	if e.Types == "" {
		return a, nil
	}
	return a, json.Unmarshal([]byte(e.Types), &a.Types)
}

func (s *Server) endpoint(ctx context.Context, q *query.Queries, id int64) (query.Endpoint, error) {
	e, err := store.Found(q.Endpoint(ctx, id))
	if err == nil && e.WorkspaceID != principal(ctx).Workspace {
		err = store.ErrNotFound
	}
	return e, err
}

func (s *Server) webhookRoutes() {
	type webhookList struct {
		Body struct {
			Webhooks []EndpointAnswer `json:"webhooks"`
		}
	}
	type byID struct {
		ID int64 `path:"id" minimum:"1"`
	}
	register(s, operation(http.MethodGet, "/v1/webhooks", "webhooks", "Webhooks", "Where events are sent", rules{need: access.Manage}), func(ctx context.Context, _ *struct{}) (*webhookList, error) {
		rows, err := s.Store.Query().EndpointsOfWorkspace(ctx, principal(ctx).Workspace)
		if err != nil {
			return nil, err
		}
		out := &webhookList{}
		out.Body.Webhooks = []EndpointAnswer{}
		for _, e := range rows {
			a, err := endpointAnswer(e)
			if err != nil {
				return nil, err
			}
			out.Body.Webhooks = append(out.Body.Webhooks, a)
		}
		return out, nil
	})
	create := operation(http.MethodPost, "/v1/webhooks", "createWebhook", "Webhooks", "Have events sent somewhere", rules{need: access.Manage, changes: true, secret: true}, invalid, conflict)
	create.DefaultStatus = http.StatusCreated
	register(s, create, func(ctx context.Context, in *struct {
		Body struct {
			URL   string   `json:"url" maxLength:"2000"`
			Types []string `json:"types,omitempty" maxItems:"20" doc:"finding.opened, finding.changed, finding.ended, case.decided, product.returned, edition.replaced; all where it is left out."`
		}
	}) (*struct{ Body EndpointAnswer }, error) {
		p := principal(ctx)
		u, err := s.Guard.CheckURL(in.Body.URL)
		if err != nil {
			return nil, invalid.problem(sentence(err), &huma.ErrorDetail{Message: err.Error(), Location: "body.url"})
		}
		for _, t := range in.Body.Types {
			if !slices.Contains(notify.Types(), notify.Type(t)) {
				return nil, invalid.problem(fmt.Sprintf("There is no event %q: take %v.", clip(t), notify.Types()), &huma.ErrorDetail{Message: "no such event", Location: "body.types"})
			}
		}
		types := ""
		if len(in.Body.Types) > 0 {
			data, err := json.Marshal(in.Body.Types)
			if err != nil {
				return nil, err
			}
			types = string(data)
		}
		secret := notify.NewSecret()
		var out EndpointAnswer
		err = s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			all, err := tx.EndpointsOfWorkspace(ctx, p.Workspace)
			if err != nil {
				return err
			}
			if len(all) >= maxEndpoints {
				return conflict.problem(fmt.Sprintf("A workspace has at most %d webhooks: remove one first.", maxEndpoints))
			}
			e, err := tx.CreateEndpoint(ctx, query.CreateEndpointParams{WorkspaceID: p.Workspace, URL: u.String(), Secret: secret.Reveal(), Types: types, CreatedBy: p.Person(), CreatedAt: tx.Now})
			if err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "webhook.created", Data: map[string]any{"webhook": e.ID, "host": u.Host, "types": in.Body.Types}, Rows: []store.Ref{store.Row("endpoints", e.ID)}})
			out, err = endpointAnswer(e)
			return err
		})
		out.Secret = secret.Reveal()
		return &struct{ Body EndpointAnswer }{out}, err
	})
	register(s, operation(http.MethodDelete, "/v1/webhooks/{id}", "deleteWebhook", "Webhooks", "Have no more events sent there", rules{need: access.Manage}), func(ctx context.Context, in *byID) (*struct{}, error) {
		p := principal(ctx)
		return nil, s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			e, err := s.endpoint(ctx, tx.Queries, in.ID)
			if err != nil {
				return err
			}
			if err := tx.DeleteDeliveriesOfEndpoint(ctx, e.ID); err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "webhook.deleted", Data: map[string]any{"webhook": e.ID}, Rows: []store.Ref{store.Row("endpoints", e.ID)}})
			return tx.DeleteEndpoint(ctx, e.ID)
		})
	})
	register(s, operation(http.MethodPost, "/v1/webhooks/{id}/rotate", "rotateWebhook", "Webhooks", "Give a webhook a new secret; the old one signs too for a day", rules{need: access.Manage, changes: true, secret: true}), func(ctx context.Context, in *byID) (*struct{ Body EndpointAnswer }, error) {
		p := principal(ctx)
		secret := notify.NewSecret()
		var out EndpointAnswer
		err := s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			e, err := s.endpoint(ctx, tx.Queries, in.ID)
			if err != nil {
				return err
			}
			until := tx.Now + oldSecretLife.Microseconds()
			if err := tx.RotateSecret(ctx, query.RotateSecretParams{ID: e.ID, OldUntil: until, Secret: secret.Reveal()}); err != nil {
				return err
			}
			e.OldUntil = until
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "webhook.rotated", Data: map[string]any{"webhook": e.ID}, Rows: []store.Ref{store.Row("endpoints", e.ID)}})
			out, err = endpointAnswer(e)
			return err
		})
		out.Secret = secret.Reveal()
		return &struct{ Body EndpointAnswer }{out}, err
	})
	register(s, operation(http.MethodPut, "/v1/webhooks/{id}/disabled", "disableWebhook", "Webhooks", "Stop a webhook, or let it go on", rules{need: access.Manage}), func(ctx context.Context, in *struct {
		ID   int64 `path:"id" minimum:"1"`
		Body struct {
			Disabled bool `json:"disabled"`
		}
	}) (*struct{}, error) {
		p := principal(ctx)
		return nil, s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			e, err := s.endpoint(ctx, tx.Queries, in.ID)
			if err != nil {
				return err
			}
			flag := int64(0)
			if in.Body.Disabled {
				flag = 1
			}
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "webhook.disabled", Data: map[string]any{"webhook": e.ID, "disabled": in.Body.Disabled}, Rows: []store.Ref{store.Row("endpoints", e.ID)}})
			return tx.DisableEndpoint(ctx, query.DisableEndpointParams{ID: e.ID, Disabled: flag})
		})
	})
	try := operation(http.MethodPost, "/v1/webhooks/{id}/test", "testWebhook", "Webhooks", "Send a webhook a case.decided event marked as a test", rules{need: access.Manage, changes: true}, conflict)
	try.DefaultStatus = http.StatusAccepted
	register(s, try, func(ctx context.Context, in *byID) (*struct{ Body DeliveryAnswer }, error) {
		p := principal(ctx)
		var out DeliveryAnswer
		err := s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			e, err := s.endpoint(ctx, tx.Queries, in.ID)
			if err != nil {
				return err
			}
			if e.Disabled != 0 {
				return conflict.problem("The webhook is stopped: let it go on first.")
			}
			event := notify.Event{ID: "test-" + access.NewToken().Digest().String()[:24], Source: fmt.Sprintf("/workspaces/%d", p.Workspace), Type: notify.CaseDecided, Subject: "test", Time: time.UnixMicro(tx.Now).UTC(),
				Data: jsontext.Value(`{"test":true}`)}
			body, err := event.Encode()
			if err != nil {
				return err
			}
			d, err := tx.CreateDelivery(ctx, query.CreateDeliveryParams{WorkspaceID: p.Workspace, EndpointID: e.ID, EventID: event.ID, Type: string(event.Type), Body: string(body), NextAt: tx.Now})
			if err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "webhook.tested", Data: map[string]any{"webhook": e.ID}})
			tx.After(s.wakeDeliveries)
			out = deliveryAnswer(d)
			return nil
		})
		return &struct{ Body DeliveryAnswer }{out}, err
	})
	type deliveries struct {
		Body struct {
			Deliveries []DeliveryAnswer `json:"deliveries" doc:"The newest first."`
			Next       string           `json:"next,omitempty" doc:"The cursor of the next page."`
		}
	}
	register(s, operation(http.MethodGet, "/v1/deliveries", "deliveries", "Webhooks", "Messages to webhooks: those under way, and the dead letters", rules{need: access.Manage}, invalid), func(ctx context.Context, in *struct {
		State  string `query:"state" enum:"pending,delivered,dead" default:"dead"`
		Cursor string `query:"cursor" maxLength:"200"`
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	}) (*deliveries, error) {
		from, err := before(in.Cursor)
		if err != nil {
			return nil, err
		}
		rows, err := s.Store.Query().DeliveriesOfWorkspace(ctx, query.DeliveriesOfWorkspaceParams{WorkspaceID: principal(ctx).Workspace, State: in.State, Before: from, Most: int64(in.Limit) + 1})
		if err != nil {
			return nil, err
		}
		out := &deliveries{}
		out.Body.Deliveries = []DeliveryAnswer{}
		for i, d := range rows {
			if i == in.Limit {
				out.Body.Next = strconv.FormatInt(rows[i-1].ID, 10)
				break
			}
			out.Body.Deliveries = append(out.Body.Deliveries, deliveryAnswer(d))
		}
		return out, nil
	})
	replay := operation(http.MethodPost, "/v1/deliveries/{id}/replay", "replayDelivery", "Webhooks", "Send a message again", rules{need: access.Manage, changes: true}, conflict)
	replay.DefaultStatus = http.StatusAccepted
	register(s, replay, func(ctx context.Context, in *byID) (*struct{ Body DeliveryAnswer }, error) {
		p := principal(ctx)
		var d query.Delivery
		err := s.Store.Update(ctx, actor(p), func(tx *store.Tx) (err error) {
			d, err = store.Found(tx.Delivery(ctx, in.ID))
			if err == nil && d.WorkspaceID != p.Workspace {
				err = store.ErrNotFound
			}
			if err != nil {
				return err
			}
			if d.State == "pending" {
				return conflict.problem("This message is still under way.")
			}
			d.State, d.Attempts, d.NextAt, d.Note, d.UpdatedAt = "pending", 0, tx.Now, "sent again by "+p.Name, tx.Now
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "delivery.replayed", Data: map[string]any{"delivery": d.ID, "event": d.EventID}})
			tx.After(s.wakeDeliveries)
			return tx.SetDelivery(ctx, query.SetDeliveryParams{ID: d.ID, State: d.State, Attempts: 0, NextAt: d.NextAt, Status: d.Status, Note: d.Note, UpdatedAt: d.UpdatedAt})
		})
		return &struct{ Body DeliveryAnswer }{deliveryAnswer(d)}, err
	})
}

func deliveryAnswer(d query.Delivery) DeliveryAnswer {
	a := DeliveryAnswer{ID: d.ID, Endpoint: d.EndpointID, Event: d.EventID, Type: d.Type, State: d.State, Attempts: d.Attempts, Status: d.Status, Note: d.Note, Created: instant(d.CreatedAt), Updated: instant(d.UpdatedAt), Body: jsontext.Value(d.Body)}
	if d.State == "pending" {
		a.Next = instant(d.NextAt)
	}
	return a
}
