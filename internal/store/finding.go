package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/offshelf/offshelf/internal/store/query"
)

var findingColumns = []string{"id", "workspace_id", "catalog_id", "fingerprint", "product_id", "key_hash", "brand", "subject", "regime", "listing",
	"verdict", "basis", "action", "since", "probability", "reasons", "explanation", "chain_digest", "listing_digest", "state", "ended_why",
	"opened_run", "opened_at", "changed_run", "changed_at", "ended_run", "ended_at", "case_id", "suppression_id"}

// FindingID names the nth finding that a run opened, from 1.
func FindingID(run int64, nth int) int64 { return run<<32 | int64(nth) }

// AddFindings writes new findings.
func (tx *Tx) AddFindings(ctx context.Context, rows []query.Finding) error {
	values := make([][]any, len(rows))
	for i := range rows {
		f := &rows[i]
		values[i] = []any{f.ID, f.WorkspaceID, f.CatalogID, f.Fingerprint, f.ProductID, f.KeyHash, f.Brand, f.Subject, f.Regime, f.Listing,
			f.Verdict, f.Basis, f.Action, f.Since, f.Probability, f.Reasons, f.Explanation, f.ChainDigest, f.ListingDigest, f.State, f.EndedWhy,
			f.OpenedRun, f.OpenedAt, f.ChangedRun, f.ChangedAt, f.EndedRun, f.EndedAt, f.CaseID, f.SuppressionID}
	}
	return tx.Bulk(ctx, "findings", findingColumns, values)
}

// SetFinding writes what may change of a finding.
func (tx *Tx) SetFinding(ctx context.Context, f *query.Finding) error {
	return tx.UpdateFinding(ctx, query.UpdateFindingParams{ID: f.ID, ProductID: f.ProductID, Brand: f.Brand, Subject: f.Subject, Verdict: f.Verdict, Basis: f.Basis,
		Action: f.Action, Since: f.Since, Probability: f.Probability, Reasons: f.Reasons, Explanation: f.Explanation, ChainDigest: f.ChainDigest,
		ListingDigest: f.ListingDigest, State: f.State, EndedWhy: f.EndedWhy, OpenedRun: f.OpenedRun, OpenedAt: f.OpenedAt, ChangedRun: f.ChangedRun, ChangedAt: f.ChangedAt,
		EndedRun: f.EndedRun, EndedAt: f.EndedAt, CaseID: f.CaseID, SuppressionID: f.SuppressionID})
}

// EachFinding tells each finding of a catalog, ended ones too, in no order.
func (s *Store) EachFinding(ctx context.Context, catalog int64, each func(*query.Finding)) error {
	rows, err := s.read.QueryContext(ctx, "SELECT * FROM findings WHERE catalog_id = $1", catalog)
	if err != nil {
		return err
	}
	defer rows.Close()
	var f query.Finding
	for rows.Next() {
		if err := scanFinding(rows, &f); err != nil {
			return err
		}
		each(&f)
	}
	return rows.Err()
}

func scanFinding(rows *sql.Rows, f *query.Finding) error {
	err := rows.Scan(&f.ID, &f.WorkspaceID, &f.CatalogID, &f.Fingerprint, &f.ProductID, &f.KeyHash, &f.Brand, &f.Subject, &f.Regime, &f.Listing,
		&f.Verdict, &f.Basis, &f.Action, &f.Since, &f.Probability, &f.Reasons, &f.Explanation, &f.ChainDigest, &f.ListingDigest, &f.State, &f.EndedWhy,
		&f.OpenedRun, &f.OpenedAt, &f.ChangedRun, &f.ChangedAt, &f.EndedRun, &f.EndedAt, &f.CaseID, &f.SuppressionID)
	if err != nil {
		return fmt.Errorf("findings: %w", err)
	}
	return nil
}

// FindingsByID reads findings within the transaction, in no order.
func (tx *Tx) FindingsByID(ctx context.Context, ids []int64, each func(*query.Finding) error) error {
	for len(ids) > 0 {
		n := min(len(ids), sealRows)
		rows, err := tx.sql.QueryContext(ctx, "SELECT * FROM findings WHERE id IN ("+IDs(ids[:n])+")")
		if err != nil {
			return err
		}
		var found []query.Finding
		for rows.Next() {
			var f query.Finding
			if err := scanFinding(rows, &f); err != nil {
				rows.Close()
				return err
			}
			found = append(found, f)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for i := range found {
			if err := each(&found[i]); err != nil {
				return err
			}
		}
		ids = ids[n:]
	}
	return nil
}
