package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/namebook"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// Knowledge is one state of what is known. It is immutable; a request answers
// from one state throughout.
type Knowledge struct {
	Snapshot *screen.Snapshot
	Names    *namebook.Book
}

// state is what to answer from now.
func (s *Server) state() (*Knowledge, error) {
	k := s.Knowledge()
	if k == nil {
		return nil, unavailable.problem("The lists are still being loaded: try again in a few seconds.").wait(defaultTimeout / 10)
	}
	return k, nil
}

// chosenPolicy is a policy with the SHA-256 of its text.
type chosenPolicy struct {
	offshelf.Policy
	sum  string
	file *knowledge.PolicyFile // nil for a shipped one
}

// screenerKey tells screeners apart.
type screenerKey struct {
	knowledge *Knowledge
	policy    string // SHA-256
	day       offshelf.Day
}

// screenerCache keeps the screeners that were used last; to make one takes
// longer than to screen thousands of products.
type screenerCache struct {
	mu   sync.Mutex
	kept []*keptScreener // the one used last at the end
}

type keptScreener struct {
	screenerKey
	policy   *chosenPolicy
	once     sync.Once
	screener *screen.Screener
	encoded  chainCache
	err      error
}

// maxScreeners bounds the cache: today's of a few policies, and some days that
// people look back at.
const maxScreeners = 12

// making bounds how many screeners are made at a time: they take a core each.
var making = make(chan struct{}, 2)

// screener returns one for the policy and the day.
func (s *Server) screener(ctx context.Context, k *Knowledge, p *chosenPolicy, day offshelf.Day) (*keptScreener, error) {
	key := screenerKey{k, p.sum, day}
	c := &s.screeners
	c.mu.Lock()
	var x *keptScreener
	for i := len(c.kept) - 1; i >= 0; i-- {
		if c.kept[i].screenerKey == key {
			x = c.kept[i]
			if i != len(c.kept)-1 {
				c.kept = append(append(c.kept[:i:i], c.kept[i+1:]...), x)
			}
			break
		}
	}
	if x == nil {
		x = &keptScreener{screenerKey: key, policy: p}
		c.kept = append(c.kept, x)
		if len(c.kept) > maxScreeners {
			c.kept = append([]*keptScreener(nil), c.kept[1:]...)
		}
	}
	c.mu.Unlock()
	x.once.Do(func() {
		making <- struct{}{}
		defer func() { <-making }()
		x.screener, x.err = screen.New(k.Snapshot, p.Policy, screen.AsOf(day), screen.Workers(1))
	})
	if x.err != nil {
		err := x.err
		if p.file != nil {
			err = p.file.Explain(err)
		}
		return nil, invalid.problem(sentence(err), &huma.ErrorDetail{Message: err.Error(), Location: "policy"})
	}
	return x, ctx.Err()
}

// chosen finds a policy of the workspace by name, or else a shipped one. An
// empty name is the default.
func (s *Server) chosen(ctx context.Context, k *Knowledge, workspace int64, name string) (*chosenPolicy, error) {
	if name == "" {
		name = "default"
	}
	row, err := store.Found(s.Store.Query().LatestPolicy(ctx, query.LatestPolicyParams{WorkspaceID: workspace, Name: name}))
	if err == nil {
		f, err := knowledge.ReadPolicy(row.Name, []byte(row.Body))
		if err != nil {
			return nil, err
		}
		return &chosenPolicy{f.Policy, row.SHA256, f}, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if p := shippedPolicy(k, name); p != nil {
		return p, nil
	}
	return nil, invalid.problem(fmt.Sprintf("There is no policy %q: take one that GET /v1/policies lists, or one of the shipped ones: %s.", clip(name), strings.Join(k.Snapshot.Policies(), ", ")),
		&huma.ErrorDetail{Message: "no such policy", Location: "policy"})
}

func shippedPolicy(k *Knowledge, name string) *chosenPolicy {
	p, ok := k.Snapshot.Policy(name)
	if !ok {
		return nil
	}
	data, err := json.Marshal(p, json.Deterministic(true))
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(data)
	return &chosenPolicy{p, hex.EncodeToString(sum[:]), nil}
}

// asOf reads a day; empty is today.
func (s *Server) asOf(text, location string) (offshelf.Day, error) {
	if text == "" {
		return today(s), nil
	}
	d, err := offshelf.ParseDay(text)
	if err != nil {
		return 0, invalid.problem(sentence(err), &huma.ErrorDetail{Message: err.Error(), Location: location})
	}
	return d, nil
}

func today(s *Server) offshelf.Day { return offshelf.DayOf(s.Clock()) }
