package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// tally is what the state of a case follows from.
type tally struct {
	open      int64 // open findings
	findings  int64 // of them not kept quiet
	products  int64 // with such a finding
	uncovered int64 // such findings on products that were not ordered off
	action    int64
	law       int64
	ordered   int64 // products that were ordered off and not yet seen gone
	back      int64 // products that were ordered off and are on the shelf still or again
	proposed  bool
	waiting   bool
	keeping   bool
}

// state of a case with this tally. What waits for a person or for a day is
// never disturbed by what a run finds.
func (t *tally) state() string {
	switch {
	case t.proposed:
		return Proposed
	case t.waiting:
		return Waiting
	case t.uncovered > 0 || t.back > 0:
		return Open
	case t.findings > 0 || t.ordered > 0:
		return Pulled
	case t.keeping && t.open > 0:
		return Kept
	}
	return Closed
}

// casesAtOnce is how many cases one statement counts.
const casesAtOnce = 500

// Recount brings cases up to date with their findings, decisions and pulls: the
// counts, the strongest action, the basis, and the state. A case is open where
// a finding is neither kept quiet nor on a product that was ordered off, or
// where such a product is back; it is closed when nothing is left. Cases that
// change are told of in an event.
func Recount(ctx context.Context, tx *store.Tx, caseIDs []int64) error {
	ids := slices.Compact(slices.Sorted(slices.Values(caseIDs)))
	for part := range slices.Chunk(ids, casesAtOnce) {
		cases, err := casesByID(ctx, tx, part)
		if err != nil {
			return err
		}
		tallies, err := tallyAll(ctx, tx, part)
		if err != nil {
			return err
		}
		for i := range cases {
			c := &cases[i]
			before := *c
			if !apply(c, tallies[c.ID], tx.Now) {
				continue
			}
			if err := save(ctx, tx, c); err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: c.WorkspaceID, Kind: "case.changed", Case: c.ID, Data: changes(&before, c, tallies[c.ID]), Rows: []store.Ref{store.Row("cases", c.ID)}})
		}
	}
	return nil
}

// settle is Recount for a case that is being written anyway: the caller saves
// it and logs why.
func settle(ctx context.Context, tx *store.Tx, c *query.Case) error {
	t, err := tallyAll(ctx, tx, []int64{c.ID})
	if err != nil {
		return err
	}
	apply(c, t[c.ID], tx.Now)
	return nil
}

// apply writes a tally into a case and reports whether it changed.
func apply(c *query.Case, t *tally, now int64) bool {
	before := *c
	c.State, c.Findings, c.Products = t.state(), t.findings, t.products
	if t.open > 0 { // else it stays told what it was about
		c.Action, c.Basis = t.action, string(offshelf.Choice)
		if t.law > 0 {
			c.Basis = string(offshelf.Law)
		}
	}
	switch {
	case c.State != Closed:
		c.ClosedAt = 0
	case before.State != Closed:
		c.ClosedAt = now
	}
	return *c != before
}

// change is a value before and after.
type change struct {
	From any `json:"from"`
	To   any `json:"to"`
}

func changes(before, now *query.Case, t *tally) map[string]any {
	out := map[string]any{}
	if before.State != now.State {
		out["state"] = change{before.State, now.State}
		switch {
		case now.State == Open && t.back > 0:
			out["why"] = fmt.Sprintf("back on the shelf: %s", count(int(t.back), "product", "products"))
		case now.State == Open:
			out["why"] = fmt.Sprintf("nothing is decided on %s", count(int(t.uncovered), "finding", "findings"))
		case now.State == Closed:
			out["why"] = "nothing is open any more"
		}
	}
	if before.Action != now.Action {
		out["action"] = change{offshelf.Action(before.Action).String(), offshelf.Action(now.Action).String()}
	}
	if before.Basis != now.Basis {
		out["basis"] = change{before.Basis, now.Basis}
	}
	if before.Findings != now.Findings {
		out["findings"] = change{before.Findings, now.Findings}
	}
	if before.Products != now.Products {
		out["products"] = change{before.Products, now.Products}
	}
	return out
}

const caseColumns = "id, workspace_id, subject, title, state, action, basis, assignee, findings, products, opened_run, opened_at, updated_at, closed_at, version"

func scanCase(r interface{ Scan(...any) error }) (c query.Case, err error) {
	err = r.Scan(&c.ID, &c.WorkspaceID, &c.Subject, &c.Title, &c.State, &c.Action, &c.Basis, &c.Assignee, &c.Findings, &c.Products,
		&c.OpenedRun, &c.OpenedAt, &c.UpdatedAt, &c.ClosedAt, &c.Version)
	return c, err
}

func casesByID(ctx context.Context, tx *store.Tx, ids []int64) ([]query.Case, error) {
	rows, err := tx.SQL().QueryContext(ctx, "SELECT "+caseColumns+" FROM cases WHERE id IN ("+store.IDs(ids)+") ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []query.Case
	for rows.Next() {
		c, err := scanCase(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// countFindings counts per case. A product that was ordered off covers its
// findings until it is seen on the shelf again. A finding that the policy no
// more than notes (action 1) stays in the case that it was in, and asks for nothing.
const countFindings = `SELECT f.case_id, count(*),
  sum(CASE WHEN f.suppression_id = 0 THEN 1 ELSE 0 END),
  count(DISTINCT CASE WHEN f.suppression_id = 0 THEN f.product_id END),
  sum(CASE WHEN f.suppression_id = 0 AND NOT EXISTS (SELECT 1 FROM pulls p WHERE p.catalog_id = f.catalog_id AND p.key_hash = f.key_hash
    AND p.case_id = f.case_id AND p.state IN ('ordered', 'gone')) THEN 1 ELSE 0 END),
  max(f.action), max(CASE WHEN f.basis = 'law' THEN 1 ELSE 0 END)
FROM findings f WHERE f.case_id IN (CASES) AND f.state = 'open' AND f.action > 1 GROUP BY f.case_id`

const countPulls = `SELECT case_id, sum(CASE WHEN state = 'ordered' THEN 1 ELSE 0 END), sum(CASE WHEN state = 'back' THEN 1 ELSE 0 END)
FROM pulls WHERE case_id IN (CASES) AND state IN ('ordered', 'back') GROUP BY case_id`

const countDecisions = `SELECT case_id, max(CASE WHEN state = 'proposed' THEN 1 ELSE 0 END),
  max(CASE WHEN state = 'effective' AND kind = 'wait' THEN 1 ELSE 0 END), max(CASE WHEN state = 'effective' AND kind = 'keep' THEN 1 ELSE 0 END)
FROM decisions WHERE case_id IN (CASES) AND state IN ('proposed', 'effective') GROUP BY case_id`

func tallyAll(ctx context.Context, tx *store.Tx, ids []int64) (map[int64]*tally, error) {
	out := make(map[int64]*tally, len(ids))
	for _, id := range ids {
		out[id] = &tally{}
	}
	each := func(statement string, into func(t *tally) []any) error {
		rows, err := tx.SQL().QueryContext(ctx, strings.Replace(statement, "CASES", store.IDs(ids), 1))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var t tally
			if err := rows.Scan(append([]any{&id}, into(&t)...)...); err != nil {
				return err
			}
			out[id].add(&t)
		}
		return rows.Err()
	}
	if err := each(countFindings, func(t *tally) []any {
		return []any{&t.open, &t.findings, &t.products, &t.uncovered, &t.action, &t.law}
	}); err != nil {
		return nil, err
	}
	if err := each(countPulls, func(t *tally) []any { return []any{&t.ordered, &t.back} }); err != nil {
		return nil, err
	}
	return out, each(countDecisions, func(t *tally) []any { return []any{flag{&t.proposed}, flag{&t.waiting}, flag{&t.keeping}} })
}

// add adds what another statement counted.
func (t *tally) add(o *tally) {
	t.open, t.findings, t.products, t.uncovered = t.open+o.open, t.findings+o.findings, t.products+o.products, t.uncovered+o.uncovered
	t.action, t.law = max(t.action, o.action), max(t.law, o.law)
	t.ordered, t.back = t.ordered+o.ordered, t.back+o.back
	t.proposed, t.waiting, t.keeping = t.proposed || o.proposed, t.waiting || o.waiting, t.keeping || o.keeping
}

// flag reads 0 or 1 into a bool.
type flag struct{ b *bool }

// Scan implements sql.Scanner.
func (f flag) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("%v is no flag", v)
	}
	*f.b = n != 0
	return nil
}
