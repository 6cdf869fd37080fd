package casework

import (
	"context"
	"database/sql"
	"errors"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// OpenOrJoin returns the case of a subject (brand:ID, party:ID or goods:ID),
// which it opens where the workspace has none. One that is there stays in its
// state until Recount. action and basis are those of the finding; Recount finds
// those of the case.
func OpenOrJoin(ctx context.Context, tx *store.Tx, ws, run int64, subject, title string, action offshelf.Action, basis offshelf.Basis) (caseID int64, opened bool, err error) {
	c, err := tx.CaseBySubject(ctx, query.CaseBySubjectParams{WorkspaceID: ws, Subject: subject})
	if err == nil {
		return c.ID, false, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return 0, false, err
	}
	c, err = tx.CreateCase(ctx, query.CreateCaseParams{
		WorkspaceID: ws, Subject: subject, Title: title, Action: int64(action), Basis: string(basis), OpenedRun: run, OpenedAt: tx.Now,
	})
	if errors.Is(err, sql.ErrNoRows) { // another run opened it in between
		c, err = tx.CaseBySubject(ctx, query.CaseBySubjectParams{WorkspaceID: ws, Subject: subject})
		return c.ID, false, err
	}
	if err != nil {
		return 0, false, err
	}
	tx.Log(store.Event{
		Workspace: ws, Kind: "case.opened", Case: c.ID,
		Data: map[string]any{"subject": subject, "title": title, "action": action.String(), "basis": basis, "run": run},
		Rows: []store.Ref{store.Row("cases", c.ID)},
	})
	return c.ID, true, nil
}
