package casework

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// effect makes a decision count: it takes the place of those before it, orders
// products off or keeps findings quiet, and the case follows.
func effect(ctx context.Context, tx *store.Tx, c query.Case, d query.Decision, m *matter, by, agreed person) (Handled, error) {
	data := spoken(&d, by.Name, agreed.Name)
	rows, superseded, err := supersede(ctx, tx, &d)
	if err != nil {
		return Handled{}, err
	}
	if len(superseded) > 0 {
		data["superseded"] = superseded
	}
	switch d.Kind {
	case Pull:
		pulls, err := order(ctx, tx, &c, &d)
		if err != nil {
			return Handled{}, err
		}
		data["ordered_off"] = len(pulls)
		for i := range pulls {
			rows = append(rows, store.Row("pulls", pulls[i].ID))
		}
	case Keep:
		more, err := quieten(ctx, tx, &d, m)
		if err != nil {
			return Handled{}, err
		}
		data["findings"] = len(m.findings)
		rows = append(rows, more...)
	}
	if err := settle(ctx, tx, &c); err != nil {
		return Handled{}, err
	}
	if err := save(ctx, tx, &c); err != nil {
		return Handled{}, err
	}
	data["state"] = c.State
	rows = append([]store.Ref{store.Row("decisions", d.ID), store.Row("cases", c.ID)}, rows...)
	tx.Log(store.Event{Workspace: c.WorkspaceID, Kind: "case.decided", Case: c.ID, Data: data, Rows: rows})
	return Handled{c, d}, nil
}

// supersede ends the effective decisions that a new one takes the place of:
// all of the case, but where both name products, and not the same.
func supersede(ctx context.Context, tx *store.Tx, d *query.Decision) (rows []store.Ref, superseded []int64, err error) {
	effective, err := tx.EffectiveDecisions(ctx, d.CaseID)
	if err != nil {
		return nil, nil, err
	}
	for i := range effective {
		o := &effective[i]
		if o.ID == d.ID {
			continue
		}
		if apart, err := apart(o, d); err != nil {
			return nil, nil, err
		} else if apart {
			continue
		}
		more, _, err := lift(ctx, tx, o, "superseded", "another decision took its place")
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, more...)
		superseded = append(superseded, o.ID)
	}
	return rows, superseded, nil
}

// apart reports whether two decisions name products, and no product twice.
func apart(a, b *query.Decision) (bool, error) {
	x, err := unlist[string](a.Products)
	if err != nil {
		return false, err
	}
	y, err := unlist[string](b.Products)
	if err != nil {
		return false, err
	}
	if len(x) == 0 || len(y) == 0 {
		return false, nil
	}
	return !slices.ContainsFunc(x, func(key string) bool { _, both := slices.BinarySearch(y, key); return both }), nil
}

// lift ends an effective decision and what it brought about: findings that it
// kept quiet are heard again, products that it ordered off are no longer
// looked for. It returns the rows that it wrote and how many findings it woke.
func lift(ctx context.Context, tx *store.Tx, d *query.Decision, state, why string) (rows []store.Ref, woken int, err error) {
	n, err := tx.SetDecisionState(ctx, query.SetDecisionStateParams{ID: d.ID, State: d.State, State_2: state, AgreedBy: d.AgreedBy, AgreedAt: d.AgreedAt})
	if err != nil {
		return nil, 0, err
	}
	if n != 1 {
		return nil, 0, store.ErrConflict
	}
	rows = append(rows, store.Row("decisions", d.ID))
	suppressions, err := tx.ActiveSuppressionsOfDecision(ctx, d.ID)
	if err != nil {
		return nil, 0, err
	}
	if len(suppressions) > 0 {
		if err := tx.ReleaseFindings(ctx, d.ID); err != nil {
			return nil, 0, err
		}
		ended := "withdrawn"
		if state == "expired" {
			ended = "expired"
		}
		if _, err := tx.EndSuppressionsOfDecision(ctx, query.EndSuppressionsOfDecisionParams{DecisionID: d.ID, State: ended, Why: why, EndedAt: tx.Now}); err != nil {
			return nil, 0, err
		}
		for i := range suppressions {
			rows = append(rows, store.Row("suppressions", suppressions[i].ID), store.Row("findings", suppressions[i].FindingID))
		}
	}
	if d.Kind != Pull {
		return rows, len(suppressions), nil
	}
	pulls, err := tx.PullsOfDecision(ctx, d.ID)
	if err != nil {
		return nil, 0, err
	}
	if _, err := tx.WithdrawPulls(ctx, d.ID); err != nil {
		return nil, 0, err
	}
	for i := range pulls {
		rows = append(rows, store.Row("pulls", pulls[i].ID))
	}
	return rows, len(suppressions), nil
}

// target is a product that is on the shelf and to come off it.
type target struct {
	catalog, keyHash, product int64
	key                       string
}

// targets finds the products in the scope of a decision to pull that are on
// the shelf now.
func targets(ctx context.Context, tx *store.Tx, c *query.Case, d *query.Decision) ([]target, error) {
	named, err := unlist[string](d.Products)
	if err != nil {
		return nil, err
	}
	ofCase, err := tx.ProductsOfCaseOnShelf(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	var out []target
	for _, p := range ofCase {
		if len(named) > 0 {
			if _, ok := slices.BinarySearch(named, p.Key); !ok {
				continue
			}
		}
		if d.Scope == ScopeSupplier && !comesFrom(p.Doc, d.Supplier) {
			continue
		}
		out = append(out, target{p.CatalogID, p.KeyHash, p.ID, p.Key})
	}
	if d.Scope == ScopeBrand {
		kind, id, _ := strings.Cut(c.Subject, ":")
		switch kind {
		case "brand":
			more, err := tx.ProductsOfBrandOnShelf(ctx, query.ProductsOfBrandOnShelfParams{Brand: id, WorkspaceID: c.WorkspaceID})
			if err != nil {
				return nil, err
			}
			for _, p := range more {
				out = append(out, target{p.CatalogID, p.KeyHash, p.ID, p.Key})
			}
		case "party":
			more, err := tx.ProductsOfMakerOnShelf(ctx, query.ProductsOfMakerOnShelfParams{Maker: id, WorkspaceID: c.WorkspaceID})
			if err != nil {
				return nil, err
			}
			for _, p := range more {
				out = append(out, target{p.CatalogID, p.KeyHash, p.ID, p.Key})
			}
		}
	}
	slices.SortFunc(out, func(a, b target) int {
		return cmp.Or(cmp.Compare(a.catalog, b.catalog), cmp.Compare(a.product, b.product))
	})
	out = slices.CompactFunc(out, func(a, b target) bool { return a.product == b.product })
	if len(out) == 0 {
		if d.Scope == ScopeSupplier {
			return nil, invalid("supplier", "no product of the case comes from %q: write it as the vendor or manufacturer in the catalog", d.Supplier)
		}
		return nil, untimely("no product of this scope is on the shelf now: there is nothing to order off")
	}
	return out, nil
}

// comesFrom reports whether a product names the supplier as its vendor or
// manufacturer.
func comesFrom(doc, supplier string) bool {
	p, err := parseProduct(doc)
	if err != nil {
		return false
	}
	tidy := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	supplier = tidy(supplier)
	return strings.EqualFold(tidy(p.Vendor), supplier) || strings.EqualFold(tidy(p.Manufacturer), supplier)
}

var pullColumns = []string{"workspace_id", "case_id", "decision_id", "catalog_id", "key_hash", "key", "product_id", "state", "ordered_upload", "seen_upload", "gone_at", "back_at"}

// order writes down which products are to come off the shelf. An upload that
// was received before the order is no answer to it, even where it is
// published later.
func order(ctx context.Context, tx *store.Tx, c *query.Case, d *query.Decision) ([]query.Pull, error) {
	all, err := targets(ctx, tx, c, d)
	if err != nil {
		return nil, err
	}
	newest := map[int64]int64{}
	rows := make([][]any, len(all))
	for i, t := range all {
		upload, ok := newest[t.catalog]
		if !ok {
			if upload, err = tx.NewestUpload(ctx, t.catalog); err != nil {
				return nil, err
			}
			newest[t.catalog] = upload
		}
		rows[i] = []any{c.WorkspaceID, c.ID, d.ID, t.catalog, t.keyHash, t.key, t.product, "ordered", upload, upload, int64(0), int64(0)}
	}
	if err := tx.Bulk(ctx, "pulls", pullColumns, rows); err != nil {
		return nil, err
	}
	return tx.PullsOfDecision(ctx, d.ID)
}

var suppressionColumns = []string{"workspace_id", "decision_id", "finding_id", "product_digest", "listing_digest", "chain_digest", "state", "why", "created_at", "ended_at"}

// quieten keeps findings quiet as long as what they rest on is what it is now.
func quieten(ctx context.Context, tx *store.Tx, d *query.Decision, m *matter) ([]store.Ref, error) {
	rows := make([][]any, len(m.findings))
	for i := range m.findings {
		f := &m.findings[i]
		rows[i] = []any{d.WorkspaceID, d.ID, f.Finding.ID, ProductDigest(f.Doc), f.Finding.ListingDigest, f.Finding.ChainDigest, "active", "", tx.Now, int64(0)}
	}
	if err := tx.Bulk(ctx, "suppressions", suppressionColumns, rows); err != nil {
		return nil, err
	}
	n, err := tx.BindSuppressions(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	if n != int64(len(rows)) { // a run changed one of them in between
		return nil, store.ErrConflict
	}
	written, err := tx.ActiveSuppressionsOfDecision(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	refs := make([]store.Ref, 0, 2*len(written))
	for i := range written {
		refs = append(refs, store.Row("suppressions", written[i].ID), store.Row("findings", written[i].FindingID))
	}
	return refs, nil
}
