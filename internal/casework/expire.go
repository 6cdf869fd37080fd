package casework

import (
	"context"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// Expire ends the decisions to keep and to wait whose last day is before
// today, and opens their cases again where something is left. It returns how
// many it ended. A transaction ends one decision, so that a later call goes on
// where one broke off.
func Expire(ctx context.Context, s *store.Store, today offshelf.Day) (int, error) {
	due, err := s.Query().ExpiredDecisions(ctx, int64(today))
	if err != nil {
		return 0, err
	}
	ended := 0
	for i := range due {
		did := false
		err := s.Update(ctx, store.SystemActor, func(tx *store.Tx) (err error) {
			did, err = expire(ctx, tx, due[i].WorkspaceID, due[i].ID, today)
			return err
		})
		if err != nil {
			return ended, err
		}
		if did {
			ended++
		}
	}
	return ended, nil
}

func expire(ctx context.Context, tx *store.Tx, ws, id int64, today offshelf.Day) (bool, error) {
	if err := Lock(ctx, tx, ws); err != nil {
		return false, err
	}
	d, err := store.Found(tx.Decision(ctx, id))
	if err != nil {
		return false, err
	}
	if d.State != "effective" || d.ExpiresOn == 0 || offshelf.Day(d.ExpiresOn) >= today { // it was handled in between
		return false, nil
	}
	c, err := caseOf(ctx, tx.Queries, ws, d.CaseID)
	if err != nil {
		return false, err
	}
	last := offshelf.Day(d.ExpiresOn)
	rows, woken, err := lift(ctx, tx, &d, "expired", "the decision lasted until "+last.String())
	if err != nil {
		return false, err
	}
	if err := settle(ctx, tx, &c); err != nil {
		return false, err
	}
	if err := save(ctx, tx, &c); err != nil {
		return false, err
	}
	kind := "decision.expired"
	if d.Kind == Keep {
		kind = "suppression.expired"
	}
	by, err := userName(ctx, tx.Queries, d.DecidedBy)
	if err != nil {
		return false, err
	}
	tx.Log(store.Event{
		Workspace: ws, Kind: kind, Case: c.ID,
		Data: map[string]any{"decision": d.ID, "kind": d.Kind, "until": last.String(), "findings": woken, "decided_by": by, "state": c.State},
		Rows: append(rows, store.Row("cases", c.ID)),
	})
	return true, nil
}

// EndsOn is the last day of a decision; ok is false where it has none.
func EndsOn(d *query.Decision) (day offshelf.Day, ok bool) {
	return offshelf.Day(d.ExpiresOn), d.ExpiresOn != 0
}
