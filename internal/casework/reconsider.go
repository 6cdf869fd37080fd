package casework

import (
	"context"
	"strings"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// Reconsider asks whether a finding that changed may stay quiet. The decision
// was made on an entry of a list, on a chain and on facts of a product; where
// any of these is another now, the suppression ends, now.SuppressionID becomes
// 0, and why says what changed. quiet reports whether it stays. The caller
// writes the row of the finding; Reconsider seals it.
func Reconsider(ctx context.Context, tx *store.Tx, old, now *query.Finding, productDigest string) (quiet bool, why string, err error) {
	if old.SuppressionID == 0 {
		now.SuppressionID = 0
		return false, "", nil
	}
	s, err := store.Found(tx.Suppression(ctx, old.SuppressionID))
	if err != nil {
		return false, "", err
	}
	now.SuppressionID = 0
	if s.State != "active" || s.FindingID != now.ID {
		return false, s.Why, nil
	}
	entry, chain, product := s.ListingDigest != now.ListingDigest, s.ChainDigest != now.ChainDigest, s.ProductDigest != productDigest
	if !entry && !chain && !product {
		now.SuppressionID = s.ID
		return true, "", nil
	}
	var said []string
	if entry {
		said = append(said, "the entry of the list changed"+listingChange(ctx, tx.Queries, old, now))
	}
	if chain {
		said = append(said, "the chain to the listed party, or what the rule says, changed"+chainChange(ctx, tx.Queries, old, now))
	}
	if product {
		said = append(said, "the product's data changed"+productChange(ctx, tx.Queries, old, now))
	}
	why, _ = clip(strings.Join(said, "; "), maxWhy)
	if _, err := tx.EndSuppression(ctx, query.EndSuppressionParams{ID: s.ID, State: "reopened", Why: why, EndedAt: tx.Now}); err != nil {
		return false, "", err
	}
	tx.Log(store.Event{
		Workspace: now.WorkspaceID, Kind: "suppression.reopened", Case: now.CaseID,
		Data: map[string]any{"finding": now.ID, "fingerprint": now.Fingerprint, "regime": now.Regime, "decision": s.DecisionID, "why": why},
		Rows: []store.Ref{store.Row("suppressions", s.ID), store.Row("findings", now.ID)},
	})
	return false, why, nil
}
