package casework

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// Entry is something that happened in a case, as the ledger tells it.
type Entry struct {
	Leaf  int64           `json:"leaf"`
	At    int64           `json:"at"`    // microseconds since 1970, UTC
	Actor string          `json:"actor"` // user:ID, key:ID or system
	Who   string          `json:"who"`   // the actor's name
	Kind  string          `json:"kind"`
	Data  json.RawMessage `json:"data"`
}

// MaxPage is how many rows a list gives at once.
const MaxPage = 500

// Timeline tells what happened in a case behind a leaf; -1 starts at the
// beginning. The entries are the leaves of the ledger, the oldest first.
func Timeline(ctx context.Context, q *query.Queries, ws, caseID, after int64, most int) ([]Entry, error) {
	c, err := caseOf(ctx, q, ws, caseID)
	if err != nil {
		return nil, err
	}
	events, err := q.EventsOfCase(ctx, query.EventsOfCaseParams{CaseID: c.ID, After: after, Most: int64(page(most))})
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	out := make([]Entry, len(events))
	for i, e := range events {
		who, ok := names[e.Actor]
		if !ok {
			if who, err = actorName(ctx, q, e.Actor); err != nil {
				return nil, err
			}
			names[e.Actor] = who
		}
		out[i] = Entry{Leaf: e.N, At: e.At, Actor: e.Actor, Who: who, Kind: e.Kind, Data: json.RawMessage(e.Data)}
	}
	return out, nil
}

// actorName is what people know an actor by.
func actorName(ctx context.Context, q *query.Queries, actor string) (string, error) {
	kind, number, _ := strings.Cut(actor, ":")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return "offshelf", nil
	}
	switch kind {
	case "user":
		name, err := userName(ctx, q, id)
		if errors.Is(err, store.ErrNotFound) {
			return actor, nil
		}
		return name, err
	case "key":
		k, err := store.Found(q.Key(ctx, id))
		if errors.Is(err, store.ErrNotFound) {
			return actor, nil
		}
		return "key " + k.Name, err
	}
	return actor, nil
}

func page(most int) int {
	if most <= 0 {
		return 50
	}
	return min(most, MaxPage)
}
