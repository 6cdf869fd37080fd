package job

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/notify"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// publish makes the result of a run what everybody sees: findings opened,
// changed and ended, their cases, products seen back or gone, and the upload
// the current one of its catalog. It is one transaction: all of it or nothing.
func (a *attempt) publish(ctx context.Context, tx *store.Tx, c *collector, policySum, snapshot, summary string) error {
	if err := a.hold(ctx, tx); err != nil {
		return err
	}
	// People must not decide on what is about to change.
	if err := casework.Lock(ctx, tx, a.run.WorkspaceID); err != nil {
		return err
	}
	if cat, err := tx.Catalog(ctx, a.run.CatalogID); err != nil {
		return err
	} else if cat.CurrentUpload != c.shelf.current {
		return fmt.Errorf("run %d: upload %d was published meanwhile: %w", a.run.ID, cat.CurrentUpload, errLost)
	}
	p := &publication{attempt: a, tx: tx, c: c, cases: map[string]int64{}, touched: map[int64]bool{}}
	if err := p.explanations(ctx); err != nil {
		return err
	}
	if err := p.findings(ctx); err != nil {
		return err
	}
	if err := p.missing(ctx); err != nil {
		return err
	}
	if err := p.sightings(ctx); err != nil {
		return err
	}
	if err := casework.Recount(ctx, tx, slices.Sorted(maps.Keys(p.touched))); err != nil {
		return err
	}
	if err := p.notices(ctx); err != nil {
		return err
	}
	end := query.EndRunParams{ID: a.run.ID, State: "published", Tool: a.tool, Snapshot: snapshot, PolicySHA256: policySum, StreamSHA256: sum(c.stream),
		Summary: summary, FinishedAt: tx.Now}
	rows := []store.Ref{store.Row("runs", a.run.ID)}
	if !c.shelf.published {
		end.ProductsSum, end.EndedSum, end.AttributionsSum = c.products.String(), c.ended.String(), c.attribute.String()
		if err := tx.SetCurrentUpload(ctx, query.SetCurrentUploadParams{ID: a.run.CatalogID, CurrentUpload: a.run.UploadID}); err != nil {
			return err
		}
		rows = append(rows, store.Row("catalogs", a.run.CatalogID))
	}
	if err := tx.EndRun(ctx, end); err != nil {
		return err
	}
	if err := tx.ReleaseLease(ctx, query.ReleaseLeaseParams{RunID: a.run.ID, Epoch: a.epoch, Phase: "done", UpdatedAt: tx.Now}); err != nil {
		return err
	}
	tx.Log(store.Event{Workspace: a.run.WorkspaceID, Kind: "run.published", Rows: rows, Data: map[string]any{"run": a.run.ID, "upload": a.run.UploadID, "snapshot": snapshot,
		"policy": a.run.PolicyName, "policy_sha256": policySum, "as_of": offshelf.Day(a.run.AsOf).String(), "stream_sha256": end.StreamSHA256,
		"opened": p.opened, "changed": p.changed, "ended": p.ended}})
	return nil
}

// publication is a publishing transaction under way.
type publication struct {
	*attempt
	tx      *store.Tx
	c       *collector
	cases   map[string]int64 // by subject
	touched map[int64]bool
	events  []notice

	opened, changed, ended int
}

// explanations writes those that are not there yet.
func (p *publication) explanations(ctx context.Context) error {
	e := store.Event{Workspace: 0, Kind: "explanations.kept", Data: map[string]any{"run": p.run.ID}}
	for _, sum := range slices.Sorted(maps.Keys(p.c.docs)) {
		n, err := p.tx.AddExplanation(ctx, query.AddExplanationParams{SHA256: sum, Doc: p.c.docs[sum]})
		if err != nil {
			return err
		}
		if n > 0 {
			e.Rows = append(e.Rows, store.Ref{Table: "explanations", Key: sum})
		}
	}
	if len(e.Rows) > 0 {
		p.tx.Log(e)
	}
	return nil
}

// findings opens the new ones and writes what changed of the others.
func (p *publication) findings(ctx context.Context) error {
	var fresh []query.Finding
	old := map[int64]query.Finding{}
	var ids []int64
	for i := range p.c.found {
		if id := p.c.found[i].ID; id != 0 {
			ids = append(ids, id)
		}
	}
	if err := p.tx.FindingsByID(ctx, ids, func(f *query.Finding) error {
		old[f.ID] = *f
		return nil
	}); err != nil {
		return err
	}
	for i := range p.c.found {
		f := p.c.found[i] // the transaction may be tried again
		if f.ID != 0 {
			was, ok := old[f.ID]
			if !ok {
				return fmt.Errorf("finding %d is gone: run offshelf ledger verify", f.ID)
			}
			if err := p.change(ctx, &was, &f); err != nil {
				return err
			}
			continue
		}
		f.ID = store.FindingID(p.run.ID, len(fresh)+1)
		f.OpenedRun, f.OpenedAt, f.ChangedRun, f.ChangedAt = p.run.ID, p.tx.Now, p.run.ID, p.tx.Now
		if err := p.join(ctx, &f); err != nil {
			return err
		}
		fresh = append(fresh, f)
		p.log(string(notify.FindingOpened), &f, nil)
		p.opened++
	}
	return p.tx.AddFindings(ctx, fresh)
}

// join gives a finding that calls for more than a note to its case.
func (p *publication) join(ctx context.Context, f *query.Finding) error {
	if offshelf.Action(f.Action) <= offshelf.Note {
		return nil
	}
	id, ok := p.cases[f.Subject]
	if !ok {
		var err error
		if id, _, err = casework.OpenOrJoin(ctx, p.tx, f.WorkspaceID, p.run.ID, f.Subject, p.c.titles[f.Subject], offshelf.Action(f.Action), offshelf.Basis(f.Basis)); err != nil {
			return err
		}
		p.cases[f.Subject] = id
	}
	f.CaseID = id
	p.touched[id] = true
	return nil
}

// change writes a finding that is not what it was.
func (p *publication) change(ctx context.Context, was, f *query.Finding) error {
	f.Fingerprint, f.OpenedRun, f.OpenedAt = was.Fingerprint, was.OpenedRun, was.OpenedAt
	f.ChangedRun, f.ChangedAt = p.run.ID, p.tx.Now
	f.CaseID, f.SuppressionID = was.CaseID, was.SuppressionID
	kind := string(notify.FindingChanged)
	if was.State != "open" {
		kind = string(notify.FindingOpened)
		f.OpenedRun, f.OpenedAt = p.run.ID, p.tx.Now
	}
	if f.CaseID == 0 || was.Subject != f.Subject {
		f.CaseID = 0
		if err := p.join(ctx, f); err != nil {
			return err
		}
	}
	if f.SuppressionID != 0 {
		product, err := p.product(ctx, f.ProductID)
		if err != nil {
			return err
		}
		if _, _, err := casework.Reconsider(ctx, p.tx, was, f, casework.ProductDigest(product.Doc)); err != nil {
			return err
		}
	}
	for _, id := range []int64{was.CaseID, f.CaseID} {
		if id != 0 {
			p.touched[id] = true
		}
	}
	if err := p.tx.SetFinding(ctx, f); err != nil {
		return err
	}
	if kind == string(notify.FindingOpened) {
		p.opened++
	} else {
		p.changed++
	}
	p.log(kind, f, was)
	return nil
}

func (p *publication) product(ctx context.Context, id int64) (query.Product, error) {
	return store.Found(p.tx.Product(ctx, id))
}

// missing ends the findings that the run did not have again.
func (p *publication) missing(ctx context.Context) error {
	var ids []int64
	for _, k := range p.c.known {
		if k.open && !k.seen && k.id != 0 {
			ids = append(ids, k.id)
		}
	}
	slices.Sort(ids)
	return p.tx.FindingsByID(ctx, ids, func(f *query.Finding) error {
		was := *f
		f.State, f.EndedWhy, f.EndedRun, f.EndedAt = "ended", "no longer reached", p.run.ID, p.tx.Now
		if _, on := p.c.shelf.on(f.KeyHash); !on {
			f.EndedWhy = "product gone"
		}
		if f.CaseID != 0 {
			p.touched[f.CaseID] = true
		}
		p.log(string(notify.FindingEnded), f, &was)
		p.ended++
		return p.tx.SetFinding(ctx, f)
	})
}

// sightings tells the casework which products are on the shelf.
func (p *publication) sightings(ctx context.Context) error {
	seen, err := casework.Sightings(ctx, p.tx, p.run.CatalogID, p.run.UploadID, func(key int64, _ string) (int64, bool) { return p.c.shelf.on(key) })
	if err != nil {
		return err
	}
	for _, s := range seen {
		p.touched[s.Pull.CaseID] = true
		if s.Pull.State == "back" {
			p.events = append(p.events, notice{kind: string(notify.ProductReturned), subject: fmt.Sprintf("pulls/%d", s.Pull.ID), data: map[string]any{
				"case": s.Pull.CaseID, "decision": s.Pull.DecisionID, "catalog": p.run.CatalogID, "product": s.Pull.Key, "upload": p.run.UploadID}})
		}
	}
	return nil
}

// log writes the leaf of a finding and readies its notice.
func (p *publication) log(kind string, f, was *query.Finding) {
	data := map[string]any{"finding": f.ID, "product": f.ProductID, "regime": f.Regime, "listing": f.Listing, "verdict": f.Verdict, "basis": f.Basis,
		"action": offshelf.Action(f.Action).String(), "since": f.Since, "explanation": f.Explanation, "run": p.run.ID}
	if f.State == "ended" {
		data["why"] = f.EndedWhy
	}
	told := was == nil || f.State != was.State
	if was != nil {
		var what []string
		differs := func(name string, differs, tell bool) {
			if differs {
				what = append(what, name)
				told = told || tell
			}
		}
		differs("product", was.ProductID != f.ProductID, false)
		differs("verdict", was.Verdict != f.Verdict, true)
		differs("basis", was.Basis != f.Basis, true)
		differs("action", was.Action != f.Action, true)
		differs("since", was.Since != f.Since, true)
		differs("chain", was.ChainDigest != f.ChainDigest, true)
		differs("listing", was.ListingDigest != f.ListingDigest, true)
		differs("evidence", was.Explanation != f.Explanation || was.Probability != f.Probability || was.Reasons != f.Reasons, false)
		if len(what) > 0 {
			data["differs"] = what
		}
	}
	p.tx.Log(store.Event{Workspace: f.WorkspaceID, Kind: kind, Case: f.CaseID, Data: data, Rows: []store.Ref{store.Row("findings", f.ID)}})
	if told {
		p.events = append(p.events, notice{kind: kind, subject: fmt.Sprintf("findings/%d", f.ID), data: data})
	}
}
