package casework

import (
	"context"
	"fmt"
	"slices"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// Sighting is that a product which was ordered off is seen gone, or back.
type Sighting struct {
	Pull    query.Pull // as it is now
	Before  string     // its state before: ordered, gone or back
	Product int64      // the version that is on the shelf; 0 where none is
	Subject string     // of the case
	Title   string     // of the case
}

// pullsAtOnce is how many pulls one statement changes.
const pullsAtOnce = 500

// Sightings compares what was ordered off a catalog with an upload that came
// after the order. present says of a key whether it is on the shelf in that
// upload, and as which version. What is on it is back, and its case is opened
// again; what is not is gone. It returns the pulls whose state changed.
func Sightings(ctx context.Context, tx *store.Tx, catalog, upload int64, present func(keyHash int64, key string) (productID int64, on bool)) ([]Sighting, error) {
	pulls, err := tx.LivePullsOfCatalog(ctx, catalog)
	if err != nil {
		return nil, err
	}
	var seen []Sighting
	ids := map[string][]int64{}
	for _, p := range pulls {
		if p.OrderedUpload >= upload {
			continue
		}
		s := Sighting{Pull: p, Before: p.State}
		state := "gone"
		if id, on := present(p.KeyHash, p.Key); on {
			state, s.Product = "back", id
		}
		if state == p.State {
			continue
		}
		s.Pull.State, s.Pull.SeenUpload = state, upload
		if state == "back" {
			s.Pull.BackAt = tx.Now
		} else {
			s.Pull.GoneAt = tx.Now
		}
		seen = append(seen, s)
		ids[state] = append(ids[state], p.ID)
	}
	if len(seen) == 0 {
		return nil, nil
	}
	for state, all := range ids {
		column := map[string]string{"back": "back_at", "gone": "gone_at"}[state]
		for part := range slices.Chunk(all, pullsAtOnce) {
			if _, err := tx.SQL().ExecContext(ctx, fmt.Sprintf("UPDATE pulls SET state = '%s', seen_upload = $1, %s = $2 WHERE id IN (%s)", state, column, store.IDs(part)), upload, tx.Now); err != nil {
				return nil, err
			}
		}
	}
	cases, err := casesOf(ctx, tx, seen)
	if err != nil {
		return nil, err
	}
	var again []int64
	for i := range seen {
		s := &seen[i]
		c := cases[s.Pull.CaseID]
		s.Subject, s.Title = c.Subject, c.Title
		kind, said := "product.gone", fmt.Sprintf("seen gone on %s", DayOf(tx.Now))
		if s.Pull.State == "back" {
			kind, said = "product.returned", "back on the shelf"
			if s.Before == "ordered" {
				said = "still on the shelf after the order"
			}
		}
		tx.Log(store.Event{
			Workspace: s.Pull.WorkspaceID, Kind: kind, Case: s.Pull.CaseID,
			Data: map[string]any{"key": s.Pull.Key, "catalog": catalog, "upload": upload, "decision": s.Pull.DecisionID, "product": s.Product, "before": s.Before, "said": said},
			Rows: []store.Ref{store.Row("pulls", s.Pull.ID)},
		})
		again = append(again, s.Pull.CaseID)
	}
	return seen, Recount(ctx, tx, again)
}

func casesOf(ctx context.Context, tx *store.Tx, seen []Sighting) (map[int64]query.Case, error) {
	ids := make([]int64, len(seen))
	for i := range seen {
		ids[i] = seen[i].Pull.CaseID
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	out := make(map[int64]query.Case, len(ids))
	for part := range slices.Chunk(ids, casesAtOnce) {
		cases, err := casesByID(ctx, tx, part)
		if err != nil {
			return nil, err
		}
		for _, c := range cases {
			out[c.ID] = c
		}
	}
	return out, nil
}
