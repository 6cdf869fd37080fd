package api

import (
	"context"
	"sync"
	"time"
)

// policyLife is for how long a policy is taken from memory: a process that did
// not store the newer version itself learns of it by then.
const policyLife = 5 * time.Second

// policyCache keeps the policies that were used lately.
type policyCache struct {
	mu   sync.Mutex
	kept map[policyKey]keptPolicy
}

type policyKey struct {
	knowledge *Knowledge
	workspace int64
	name      string
}

type keptPolicy struct {
	policy *chosenPolicy
	until  time.Time
}

// maxPolicies bounds the cache; it is emptied where that is reached.
const maxPolicies = 1000

func (c *policyCache) chosen(ctx context.Context, s *Server, k *Knowledge, workspace int64, name string) (*chosenPolicy, error) {
	key := policyKey{k, workspace, name}
	now := s.Clock()
	c.mu.Lock()
	x, ok := c.kept[key]
	c.mu.Unlock()
	if ok && now.Before(x.until) {
		return x.policy, nil
	}
	p, err := s.chosen(ctx, k, workspace, name)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= maxPolicies {
		c.kept = map[policyKey]keptPolicy{}
	}
	c.kept[key] = keptPolicy{p, now.Add(policyLife)}
	return p, nil
}

// drop forgets them, after a policy was stored.
func (c *policyCache) drop() {
	c.mu.Lock()
	c.kept = nil
	c.mu.Unlock()
}
