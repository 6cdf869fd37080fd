package casework

import (
	"context"
	"errors"
	"fmt"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// Expire ends the decisions to keep and to wait whose last day is before
// today, and opens their cases again where something is left. A transaction
// ends one decision: where one fails the others are ended all the same, and a
// later call tries it again.
func Expire(ctx context.Context, s *store.Store, today offshelf.Day) error {
	due, err := s.Query().ExpiredDecisions(ctx, int64(today))
	if err != nil {
		return err
	}
	for i := range due {
		if failed := s.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
			return expire(ctx, tx, due[i].WorkspaceID, due[i].ID, today)
		}); failed != nil {
			err = errors.Join(err, fmt.Errorf("decision %d cannot be ended: %w", due[i].ID, failed))
		}
	}
	return err
}

func expire(ctx context.Context, tx *store.Tx, ws, id int64, today offshelf.Day) error {
	if err := Lock(ctx, tx, ws); err != nil {
		return err
	}
	d, err := store.Found(tx.Decision(ctx, id))
	if err != nil {
		return err
	}
	if d.State != "effective" || d.ExpiresOn == 0 || offshelf.Day(d.ExpiresOn) >= today { // it was handled in between
		return nil
	}
	c, err := caseOf(ctx, tx.Queries, ws, d.CaseID)
	if err != nil {
		return err
	}
	last := offshelf.Day(d.ExpiresOn)
	rows, woken, err := lift(ctx, tx, &d, "expired", "the decision lasted until "+last.String())
	if err != nil {
		return err
	}
	if err := settle(ctx, tx, &c); err != nil {
		return err
	}
	if err := save(ctx, tx, &c); err != nil {
		return err
	}
	kind := "decision.expired"
	if d.Kind == Keep {
		kind = "suppression.expired"
	}
	by, err := userName(ctx, tx.Queries, d.DecidedBy)
	if err != nil {
		return err
	}
	tx.Log(store.Event{
		Workspace: ws, Kind: kind, Case: c.ID,
		Data: map[string]any{"decision": d.ID, "kind": d.Kind, "until": last.String(), "findings": woken, "decided_by": by, "state": c.State},
		Rows: append(rows, store.Row("cases", c.ID)),
	})
	return nil
}

// EndsOn is the last day of a decision; ok is false where it has none.
func EndsOn(d *query.Decision) (day offshelf.Day, ok bool) {
	return offshelf.Day(d.ExpiresOn), d.ExpiresOn != 0
}
