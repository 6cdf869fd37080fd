package casework

import (
	"context"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// approving are the roles of those who may be the second person.
var approving = map[string]bool{"approver": true, "admin": true}

// Agree is that a second person agrees to a proposed decision, which becomes
// effective. The second person is never the first, neither in person nor
// through a key. Where the facts are not those that it was proposed on, nobody
// can agree: it has to be proposed again.
func Agree(ctx context.Context, tx *store.Tx, ws, caseID, version, decisionID int64) (Handled, error) {
	c, d, second, err := secondPerson(ctx, tx, ws, caseID, version, decisionID)
	if err != nil {
		return Handled{}, err
	}
	if d.ExpiresOn != 0 && offshelf.Day(d.ExpiresOn) <= DayOf(tx.Now) {
		return Handled{}, untimely("decision %d was to last until %s, which has come: withdraw it and propose it anew", d.ID, offshelf.Day(d.ExpiresOn))
	}
	products, err := unlist[string](d.Products)
	if err != nil {
		return Handled{}, err
	}
	m, err := deciding(ctx, tx, &c, products)
	if err != nil || m.digest(d.Kind) != d.BasisDigest {
		if _, ours := err.(*Invalid); err == nil || ours {
			err = untimely("the facts changed since decision %d was proposed: withdraw it, look at the findings as they are now, and propose it anew", d.ID)
		}
		return Handled{}, err
	}
	d.State, d.AgreedBy, d.AgreedAt = "effective", second.ID, tx.Now
	if err := setDecision(ctx, tx, &d, "proposed"); err != nil {
		return Handled{}, err
	}
	first, err := userName(ctx, tx.Queries, d.DecidedBy)
	if err != nil {
		return Handled{}, err
	}
	tx.Log(store.Event{
		Workspace: ws, Kind: "decision.agreed", Case: c.ID,
		Data: map[string]any{"decision": d.ID, "kind": d.Kind, "by": second.Name, "proposed_by": first},
		Rows: []store.Ref{store.Row("decisions", d.ID)},
	})
	return effect(ctx, tx, c, d, m, person{ID: d.DecidedBy, Name: first}, second)
}

// Refuse is that a second person does not agree to a proposed decision.
func Refuse(ctx context.Context, tx *store.Tx, ws, caseID, version, decisionID int64, reason string) (Handled, error) {
	reason, err := text("reason", reason, maxReason, true)
	if err != nil {
		return Handled{}, err
	}
	c, d, second, err := secondPerson(ctx, tx, ws, caseID, version, decisionID)
	if err != nil {
		return Handled{}, err
	}
	first, err := userName(ctx, tx.Queries, d.DecidedBy)
	if err != nil {
		return Handled{}, err
	}
	d.State = "refused"
	return drop(ctx, tx, c, d, "decision.refused", map[string]any{"by": second.Name, "proposed_by": first, "reason": reason})
}

// Withdraw takes a decision back: a proposed one by who proposed it, an
// effective one by anybody who may decide. What an effective one kept quiet is
// heard again, and what it ordered off is no longer looked for.
func Withdraw(ctx context.Context, tx *store.Tx, ws, caseID, version, decisionID int64, reason string) (Handled, error) {
	reason, err := text("reason", reason, maxReason, true)
	if err != nil {
		return Handled{}, err
	}
	c, err := begin(ctx, tx, ws, caseID, version)
	if err != nil {
		return Handled{}, err
	}
	who, err := actor(ctx, tx, ws)
	if err != nil {
		return Handled{}, err
	}
	d, err := decisionOf(ctx, tx, &c, decisionID)
	if err != nil {
		return Handled{}, err
	}
	switch d.State {
	case "proposed":
		if d.DecidedBy != who.ID {
			return Handled{}, &Forbidden{"only who proposed a decision can withdraw it: refuse it instead"}
		}
		d.State = "withdrawn"
		return drop(ctx, tx, c, d, "decision.withdrawn", map[string]any{"by": who.Name, "reason": reason, "was": "proposed"})
	case "effective":
		rows, woken, err := lift(ctx, tx, &d, "withdrawn", "the decision was withdrawn: "+reason)
		if err != nil {
			return Handled{}, err
		}
		d.State = "withdrawn"
		return finish(ctx, tx, c, d, "decision.withdrawn", map[string]any{"by": who.Name, "reason": reason, "was": "effective", "findings": woken}, rows)
	}
	return Handled{}, untimely("decision %d is %s: there is nothing to withdraw", d.ID, d.State)
}

// secondPerson reads a proposed decision for the person who answers to it.
func secondPerson(ctx context.Context, tx *store.Tx, ws, caseID, version, decisionID int64) (c query.Case, d query.Decision, second person, err error) {
	if c, err = begin(ctx, tx, ws, caseID, version); err != nil {
		return c, d, second, err
	}
	if second, err = actor(ctx, tx, ws); err != nil {
		return c, d, second, err
	}
	if d, err = decisionOf(ctx, tx, &c, decisionID); err != nil {
		return c, d, second, err
	}
	m, err := store.Found(tx.Member(ctx, query.MemberParams{WorkspaceID: ws, UserID: second.ID}))
	switch {
	case err != nil:
	case d.State != "proposed":
		err = untimely("decision %d is %s: it waits for nobody", d.ID, d.State)
	case second.ID == d.DecidedBy:
		err = &Forbidden{"the second person must be another than who proposed the decision"}
	case second.ByKey:
		err = &Forbidden{"an API key cannot be the second person: sign in"}
	case !approving[m.Role]:
		err = &Forbidden{"only an approver or an admin can be the second person"}
	}
	return c, d, second, err
}

// decisionOf reads a decision of the case.
func decisionOf(ctx context.Context, tx *store.Tx, c *query.Case, id int64) (query.Decision, error) {
	d, err := store.Found(tx.Decision(ctx, id))
	if err == nil && d.CaseID != c.ID {
		err = store.ErrNotFound
	}
	return d, err
}

func setDecision(ctx context.Context, tx *store.Tx, d *query.Decision, was string) error {
	n, err := tx.SetDecisionState(ctx, query.SetDecisionStateParams{ID: d.ID, State: was, State_2: d.State, AgreedBy: d.AgreedBy, AgreedAt: d.AgreedAt})
	if err == nil && n != 1 {
		err = store.ErrConflict
	}
	return err
}

// drop ends a proposed decision that never counted.
func drop(ctx context.Context, tx *store.Tx, c query.Case, d query.Decision, kind string, data map[string]any) (Handled, error) {
	if err := setDecision(ctx, tx, &d, "proposed"); err != nil {
		return Handled{}, err
	}
	return finish(ctx, tx, c, d, kind, data, []store.Ref{store.Row("decisions", d.ID)})
}

// finish brings the case up to date with a decision that ended.
func finish(ctx context.Context, tx *store.Tx, c query.Case, d query.Decision, kind string, data map[string]any, rows []store.Ref) (Handled, error) {
	if err := settle(ctx, tx, &c); err != nil {
		return Handled{}, err
	}
	if err := save(ctx, tx, &c); err != nil {
		return Handled{}, err
	}
	data["decision"], data["of"], data["state"] = d.ID, d.Kind, c.State
	tx.Log(store.Event{Workspace: c.WorkspaceID, Kind: kind, Case: c.ID, Data: data, Rows: append(rows, store.Row("cases", c.ID))})
	return Handled{c, d}, nil
}
