package job

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf/internal/notify"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// notice is an event for webhooks, before it is known who wants it.
type notice struct {
	kind    string
	subject string
	data    map[string]any
}

// Notify writes one delivery for each endpoint of the workspace that wants the
// event, in the transaction that the event is of. Identify names the event
// among all; the same one is told once.
func Notify(ctx context.Context, tx *store.Tx, workspace int64, kind notify.Type, identify, subject string, data map[string]any) error {
	to, err := wanting(ctx, tx, workspace)
	if err != nil || len(to) == 0 {
		return err
	}
	rows, err := deliveryRows(tx, workspace, to, []notice{{string(kind), subject, data}}, func(int) string { return identify })
	if err != nil {
		return err
	}
	return tx.Bulk(ctx, "deliveries", deliveryColumns, rows)
}

// notices writes the deliveries of all that a run has changed.
func (p *publication) notices(ctx context.Context) error {
	to, err := wanting(ctx, p.tx, p.run.WorkspaceID)
	if err != nil || len(to) == 0 {
		return err
	}
	rows, err := deliveryRows(p.tx, p.run.WorkspaceID, to, p.events, func(i int) string { return fmt.Sprintf("run-%d-%d", p.run.ID, i) })
	if err != nil {
		return err
	}
	p.tx.After(func() { p.wake.deliveries() })
	return p.tx.Bulk(ctx, "deliveries", deliveryColumns, rows)
}

var deliveryColumns = []string{"workspace_id", "endpoint_id", "event_id", "type", "body", "state", "attempts", "next_at", "status", "note", "created_at", "updated_at"}

func wanting(ctx context.Context, tx *store.Tx, workspace int64) ([]query.Endpoint, error) {
	all, err := tx.EndpointsOfWorkspace(ctx, workspace)
	return slices.DeleteFunc(all, func(e query.Endpoint) bool { return e.Disabled != 0 }), err
}

func deliveryRows(tx *store.Tx, workspace int64, to []query.Endpoint, events []notice, id func(int) string) ([][]any, error) {
	var rows [][]any
	wants := make([][]string, len(to))
	for i, e := range to {
		if e.Types == "" {
			continue
		}
		if err := json.Unmarshal([]byte(e.Types), &wants[i]); err != nil {
			return nil, fmt.Errorf("the event types of endpoint %d: %w", e.ID, err)
		}
	}
	for i, n := range events {
		data, err := json.Marshal(n.data)
		if err != nil {
			return nil, err
		}
		e := notify.Event{ID: id(i), Source: fmt.Sprintf("/workspaces/%d", workspace), Type: notify.Type(n.kind), Subject: n.subject,
			Time: time.UnixMicro(tx.Now).UTC(), Data: jsontext.Value(data)}
		body, err := e.Encode()
		if err != nil {
			return nil, err
		}
		for j := range to {
			if len(wants[j]) > 0 && !slices.Contains(wants[j], n.kind) {
				continue
			}
			rows = append(rows, []any{workspace, to[j].ID, e.ID, n.kind, string(body), "pending", int64(0), tx.Now, int64(0), "", tx.Now, tx.Now})
		}
	}
	return rows, nil
}

const (
	deliverAtOnce = 200             // how many messages are read at a time
	deliverTime   = time.Minute     // after which a job makes room for other endpoints
	claimTime     = 2 * time.Minute // how long a try may take before another worker tries too
)

// deliver sends what is due at an endpoint, one after the other, so that a
// receiver gets them in order as long as it takes them.
func (w *Worker) deliver(ctx context.Context, endpoint int64) error {
	for begun := time.Now(); time.Since(begun) < deliverTime; {
		n, err := w.deliverSome(ctx, endpoint)
		if err != nil || n == 0 {
			return err
		}
	}
	return nil
}

// deliverSome returns how many messages were due.
func (w *Worker) deliverSome(ctx context.Context, endpoint int64) (int, error) {
	due, err := w.store.Query().DueDeliveriesOfEndpoint(ctx, query.DueDeliveriesOfEndpointParams{NextAt: w.store.Now(), EndpointID: endpoint, Most: deliverAtOnce})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	for _, d := range due {
		e, err := w.store.Query().Endpoint(ctx, endpoint)
		if err != nil {
			return 0, err
		}
		if e.Disabled != 0 {
			return 0, w.store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
				return tx.KillDeliveriesOfEndpoint(ctx, query.KillDeliveriesOfEndpointParams{EndpointID: endpoint, Note: "the endpoint was disabled", UpdatedAt: tx.Now})
			})
		}
		if err := w.try(ctx, &e, &d); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// try sends one message. It is claimed first, so that of several workers one
// sends it.
func (w *Worker) try(ctx context.Context, e *query.Endpoint, d *query.Delivery) error {
	var mine int64
	if err := w.store.Update(ctx, store.SystemActor, func(tx *store.Tx) (err error) {
		mine, err = tx.ClaimDelivery(ctx, query.ClaimDeliveryParams{ID: d.ID, UpdatedAt: tx.Now, NextAt: tx.Now + claimTime.Microseconds()})
		return err
	}); err != nil || mine == 0 {
		return err
	}
	tries := int(d.Attempts) + 1
	event, err := notify.ParseEvent([]byte(d.Body))
	if err != nil {
		return w.settle(ctx, e, d, notify.Result{Outcome: notify.Dead, Note: "the message is damaged: " + err.Error()}, tries)
	}
	keys, err := keysOf(e)
	if err != nil {
		return w.settle(ctx, e, d, notify.Result{Outcome: notify.Dead, Note: err.Error()}, tries)
	}
	result, err := w.sender.Send(ctx, e.URL, keys, event)
	if err != nil {
		return err // cut short; the claim runs out
	}
	return w.settle(ctx, e, d, result, tries)
}

func keysOf(e *query.Endpoint) ([]notify.Key, error) {
	secret, err := notify.ParseSecret(e.Secret)
	if err != nil {
		return nil, err
	}
	keys := []notify.Key{{Secret: secret}}
	if e.OldSecret != "" {
		old, err := notify.ParseSecret(e.OldSecret)
		if err != nil {
			return nil, err
		}
		keys = append(keys, notify.Key{Secret: old, Until: time.UnixMicro(e.OldUntil)})
	}
	return keys, nil
}

// settle writes what came of a try.
func (w *Worker) settle(ctx context.Context, e *query.Endpoint, d *query.Delivery, r notify.Result, tries int) error {
	return w.store.Update(context.WithoutCancel(ctx), store.SystemActor, func(tx *store.Tx) error {
		p := query.SetDeliveryParams{ID: d.ID, Attempts: int64(tries), Status: int64(r.Status), Note: r.Note, UpdatedAt: tx.Now}
		switch r.Outcome {
		case notify.Delivered:
			p.State = "delivered"
		case notify.Dead:
			p.State = "dead"
		default:
			wait, again := notify.Wait(tries, d.EventID, r.After)
			if p.State = "pending"; !again {
				p.State = "dead"
			}
			p.NextAt = tx.Now + wait.Microseconds()
		}
		if err := tx.SetDelivery(ctx, p); err != nil {
			return err
		}
		if r.Disable {
			if err := tx.DisableEndpoint(ctx, query.DisableEndpointParams{ID: e.ID, Disabled: 1}); err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: e.WorkspaceID, Kind: "endpoint.disabled", Rows: []store.Ref{store.Row("endpoints", e.ID)},
				Data: map[string]any{"endpoint": e.ID, "why": r.Note}})
		}
		return nil
	})
}
