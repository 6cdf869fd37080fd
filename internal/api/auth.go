package api

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// Authenticate says who makes the request: by an API key of the Authorization
// header, or by the cookie of a session. Its error is a *Problem or that of
// the database.
func (s *Server) Authenticate(r *http.Request) (access.Principal, error) {
	key, given, err := access.BearerKey(r.Header)
	if err != nil {
		return access.Principal{}, unauthenticated.problem(sentence(err))
	}
	if given {
		return s.byKey(r, key)
	}
	if secret := access.ReadCookie(r, access.SessionCookie); secret != "" {
		return s.bySession(r.Context(), secret)
	}
	return access.Principal{}, unauthenticated.problem("Send an API key, as Authorization: Bearer osk_…, or sign in.")
}

// keyLife is for how long a key is taken from memory: a process that did not
// revoke it itself learns of it by then.
const keyLife = 30 * time.Second

// keyCache holds the keys that were used lately.
type keyCache struct {
	known sync.Map // access.Digest → cachedKey
	size  atomic.Int64
}

// maxKeys bounds the cache; it is emptied where that is reached.
const maxKeys = 10_000

type cachedKey struct {
	who     access.Principal
	until   time.Time // when it is read again
	expires int64     // microseconds; 0: never
}

func (c *keyCache) get(d access.Digest, now time.Time) (access.Principal, bool) {
	v, ok := c.known.Load(d)
	if !ok {
		return access.Principal{}, false
	}
	k := v.(cachedKey)
	if now.After(k.until) || k.expires != 0 && now.UnixMicro() >= k.expires {
		return access.Principal{}, false
	}
	return k.who, true
}

func (c *keyCache) put(d access.Digest, k cachedKey) {
	if c.size.Add(1) > maxKeys {
		c.drop()
	}
	c.known.Store(d, k)
}

// drop forgets all keys, so that each is read again: after any change of keys,
// users or roles.
func (c *keyCache) drop() {
	c.known.Clear()
	c.size.Store(0)
}

func (s *Server) byKey(r *http.Request, key access.APIKey) (access.Principal, error) {
	digest := key.Digest()
	now := s.Clock()
	if p, ok := s.keys.get(digest, now); ok {
		return p, nil
	}
	p, expires, err := s.readKey(r.Context(), digest, now)
	var refused *Problem
	if errors.As(err, &refused) {
		if wait := s.refused.Wait(access.ClientOf(r).Addr, now); wait > 0 {
			return p, tooMany.problem("Too many wrong keys or passwords came from this address.").wait(wait)
		}
	}
	if err == nil {
		s.keys.put(digest, cachedKey{p, now.Add(keyLife), expires})
	}
	return p, err
}

func (s *Server) readKey(ctx context.Context, digest access.Digest, now time.Time) (p access.Principal, expires int64, err error) {
	q := s.Store.Query()
	k, err := store.Found(q.KeyByHash(ctx, digest[:]))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return p, 0, unauthenticated.problem("The service knows no such API key. An admin of the workspace makes them.")
	case err != nil:
		return p, 0, err
	case k.RevokedAt != 0:
		return p, 0, unauthenticated.problem("The API key " + k.Prefix + " was revoked on " + day(k.RevokedAt) + ". An admin of the workspace makes a new one.")
	case k.ExpiresAt != 0 && k.ExpiresAt <= now.UnixMicro():
		return p, 0, unauthenticated.problem("The API key " + k.Prefix + " expired on " + day(k.ExpiresAt) + ". An admin of the workspace makes a new one.")
	}
	scopes, err := access.ParseScopes(k.Scopes)
	if err != nil {
		return p, 0, err
	}
	_, role, err := s.membership(ctx, q, k.WorkspaceID, k.CreatedBy)
	if errors.Is(err, store.ErrNotFound) {
		return p, 0, unauthenticated.problem("The API key " + k.Prefix + " is of a user who is no longer in this workspace, or disabled.")
	}
	if err != nil {
		return p, 0, err
	}
	return access.Principal{Kind: access.Key, ID: k.ID, Owner: k.CreatedBy, Name: k.Name, Workspace: k.WorkspaceID, Role: role, Scopes: scopes}, k.ExpiresAt, nil
}

// membership is a user who may act in a workspace, and as what; ErrNotFound
// where they may not.
func (s *Server) membership(ctx context.Context, q *query.Queries, workspace, user int64) (query.User, access.Role, error) {
	u, err := store.Found(q.User(ctx, user))
	if err != nil {
		return u, 0, err
	}
	if u.Disabled != 0 {
		return u, 0, store.ErrNotFound
	}
	m, err := store.Found(q.Member(ctx, query.MemberParams{WorkspaceID: workspace, UserID: user}))
	if err != nil {
		return u, 0, err
	}
	role, err := access.ParseRole(m.Role)
	return u, role, err
}

// Lives of a session: without being used, and in all (NIST SP 800-63B-4,
// section 2.2.3, has at most 12 hours at its second level).
const (
	sessionIdle = 2 * time.Hour
	sessionLife = 12 * time.Hour
	seenEvery   = time.Minute // how often it is noted that a session is used
	seenWait    = 200 * time.Millisecond
)

func (s *Server) bySession(ctx context.Context, secret string) (p access.Principal, err error) {
	again := unauthenticated.problem("The session has ended: sign in again.")
	token, err := access.ParseToken(secret)
	if err != nil {
		return p, again
	}
	d := token.Digest()
	q := s.Store.Query()
	session, err := store.Found(q.Session(ctx, d[:]))
	if errors.Is(err, store.ErrNotFound) {
		return p, again
	}
	if err != nil {
		return p, err
	}
	now := s.now()
	if session.ExpiresAt <= now || session.SeenAt+sessionIdle.Microseconds() <= now {
		return p, again
	}
	u, role, err := s.membership(ctx, q, session.WorkspaceID, session.UserID)
	if errors.Is(err, store.ErrNotFound) {
		return p, unauthenticated.problem("You are no longer in this workspace: sign in again.")
	}
	if err != nil {
		return p, err
	}
	if session.SeenAt+seenEvery.Microseconds() <= now {
		// A run that is being published may keep others from writing for long;
		// who only reads must not wait for it.
		ctx, cancel := context.WithTimeout(ctx, seenWait)
		err := s.Store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
			return tx.SeeSession(ctx, query.SeeSessionParams{Hash: d[:], SeenAt: now})
		})
		cancel()
		if err != nil {
			s.Log.WarnContext(ctx, "a session cannot be noted as used", "error", err)
		}
	}
	return access.Principal{Kind: access.User, ID: u.ID, Name: u.Name, Workspace: session.WorkspaceID, Role: role}, nil
}

// day is the day of a time in microseconds.
func day(micros int64) string { return time.UnixMicro(micros).UTC().Format(time.DateOnly) }

// instant is a time in microseconds as answers have it; 0 is none.
func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
