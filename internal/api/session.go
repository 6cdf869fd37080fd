package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// MeAnswer is who calls, and what they may do.
type MeAnswer struct {
	Kind        access.Kind  `json:"kind" enum:"user,key"`
	ID          int64        `json:"id"`
	Name        string       `json:"name"`
	Role        string       `json:"role" enum:"viewer,analyst,approver,admin" doc:"Of a key: its owner's."`
	Permissions []string     `json:"permissions"`
	Workspace   Membership   `json:"workspace" doc:"Where the caller is now."`
	Workspaces  []Membership `json:"workspaces" doc:"Where the caller may be."`
}

// Membership is a workspace and what somebody is in it.
type Membership struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Role string `json:"role"`
}

// strangers counts the failed sign-ins to logins that nobody has, so that they
// are locked as others are.
type strangers struct {
	mu    sync.Mutex
	known map[string]access.Failures
}

// maxStrangers bounds the memory; all are forgotten where that is reached.
const maxStrangers = 10_000

func (x *strangers) get(login string) access.Failures {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.known[login]
}

// fail counts a failed sign-in, unless the login is locked already.
func (x *strangers) fail(login string, now time.Time) access.Failures {
	x.mu.Lock()
	defer x.mu.Unlock()
	f := x.known[login]
	if f.Locked(now) > 0 {
		return f
	}
	if x.known == nil || len(x.known) >= maxStrangers {
		x.known = map[string]access.Failures{}
	}
	x.known[login] = f.Fail(now)
	return x.known[login]
}

// foldLogin is how logins are kept: nobody should be able to make one that
// looks like another's.
func foldLogin(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// signedIn is an answer that sets the cookie of a session.
type signedIn struct {
	Cookie http.Cookie `header:"Set-Cookie"`
	Body   MeAnswer
}

func (s *Server) sessionRoutes() {
	open := rules{open: true}
	register(s, operation(http.MethodPost, "/v1/session", "signIn", "Access", "Sign in with a password", open, unauthenticated, invalid), func(ctx context.Context, in *struct {
		requestOf
		Body struct {
			Login     string `json:"login" minLength:"1" maxLength:"200"`
			Password  string `json:"password" minLength:"1" maxLength:"2000"`
			Workspace int64  `json:"workspace,omitempty" doc:"Where to work; the first of one's workspaces where it is left out."`
		}
	}) (*signedIn, error) {
		u, err := s.checkPassword(ctx, in.r, in.Body.Login, in.Body.Password)
		if err != nil {
			return nil, err
		}
		cookie, p, err := s.beginSession(ctx, in.r, u, in.Body.Workspace, "password")
		if err != nil {
			return nil, err
		}
		me, err := s.me(ctx, p)
		return &signedIn{*cookie, me}, err
	})
	register(s, operation(http.MethodDelete, "/v1/session", "signOut", "Access", "Sign out", rules{signed: true}), func(ctx context.Context, in *struct{ requestOf }) (*struct {
		Cookie http.Cookie `header:"Set-Cookie"`
	}, error) {
		if err := s.endSession(ctx, in.r); err != nil {
			return nil, err
		}
		return &struct {
			Cookie http.Cookie `header:"Set-Cookie"`
		}{*access.DropCookie(in.r, access.SessionCookie)}, nil
	})
	register(s, operation(http.MethodGet, "/v1/me", "me", "Access", "Who calls, and what they may do", rules{signed: true}), func(ctx context.Context, _ *struct{}) (*struct{ Body MeAnswer }, error) {
		me, err := s.me(ctx, principal(ctx))
		return &struct{ Body MeAnswer }{me}, err
	})
	register(s, operation(http.MethodPut, "/v1/session/workspace", "switchWorkspace", "Access", "Go on in another workspace", rules{signed: true}, invalid), func(ctx context.Context, in *struct {
		requestOf
		Body struct {
			Workspace int64 `json:"workspace" minimum:"1"`
		}
	}) (*struct{ Body MeAnswer }, error) {
		p := principal(ctx)
		token, err := access.ParseToken(access.ReadCookie(in.r, access.SessionCookie))
		if p.Kind != access.User || err != nil {
			return nil, forbidden.problem("An API key belongs to one workspace; only a session can be taken to another.")
		}
		_, role, err := s.membership(ctx, s.Store.Query(), in.Body.Workspace, p.ID)
		if err != nil {
			return nil, err
		}
		d := token.Digest()
		if err := s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			return tx.SetSessionWorkspace(ctx, query.SetSessionWorkspaceParams{Hash: d[:], WorkspaceID: in.Body.Workspace})
		}); err != nil {
			return nil, err
		}
		p.Workspace, p.Role = in.Body.Workspace, role
		me, err := s.me(ctx, p)
		return &struct{ Body MeAnswer }{me}, err
	})
	register(s, operation(http.MethodPut, "/v1/me/password", "changePassword", "Access", "Change one's password", rules{signed: true}, invalid), func(ctx context.Context, in *struct {
		requestOf
		Body struct {
			Old string `json:"old" maxLength:"2000"`
			New string `json:"new" minLength:"1" maxLength:"2000"`
		}
	}) (*struct{}, error) {
		p := principal(ctx)
		if p.Kind != access.User {
			return nil, forbidden.problem("Only somebody who signed in can change their password.")
		}
		u, err := store.Found(s.Store.Query().User(ctx, p.ID))
		if err != nil {
			return nil, err
		}
		if _, err := s.checkPassword(ctx, in.r, u.Login, in.Body.Old); err != nil {
			return nil, err
		}
		hash, err := s.Hasher.Hash(ctx, u.Login, in.Body.New)
		if err != nil {
			return nil, err
		}
		return nil, s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			if err := tx.SetPassword(ctx, query.SetPasswordParams{ID: u.ID, Password: hash}); err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "password.changed", Data: map[string]any{"login": u.Login}, Rows: []store.Ref{store.Row("users", u.ID)}})
			return tx.DeleteSessionsOfUser(ctx, u.ID)
		})
	})
}

// requestOf hands the request to an operation that sets cookies.
type requestOf struct{ r *http.Request }

// Resolve implements huma.Resolver.
func (x *requestOf) Resolve(ctx huma.Context) []error {
	x.r = unwrapRequest(ctx)
	return nil
}

func (s *Server) me(ctx context.Context, p access.Principal) (MeAnswer, error) {
	q := s.Store.Query()
	out := MeAnswer{Kind: p.Kind, ID: p.ID, Name: p.Name, Role: p.Role.String(), Permissions: []string{}, Workspaces: []Membership{}}
	for _, name := range access.Admin.Permissions().Names() {
		one, err := access.ParsePermissions(name)
		if err != nil {
			return out, err
		}
		if p.May(access.Permission(one)) {
			out.Permissions = append(out.Permissions, name)
		}
	}
	members, err := q.MembersOfUser(ctx, p.Person())
	if err != nil {
		return out, err
	}
	for _, m := range members {
		w, err := store.Found(q.Workspace(ctx, m.WorkspaceID))
		if err != nil {
			return out, err
		}
		at := Membership{w.ID, w.Name, m.Role}
		if w.ID == p.Workspace {
			out.Workspace = at
		}
		if p.Kind == access.User || w.ID == p.Workspace {
			out.Workspaces = append(out.Workspaces, at)
		}
	}
	return out, nil
}

// checkPassword is the user of a login, where the password is theirs.
func (s *Server) checkPassword(ctx context.Context, r *http.Request, login, password string) (query.User, error) {
	login = foldLogin(login)
	now := s.Clock()
	q := s.Store.Query()
	u, err := store.Found(q.UserByLogin(ctx, login))
	known := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return u, err
	}
	failures := s.strangers.get(login)
	if known {
		if failures, err = failuresOf(ctx, q, u.ID); err != nil {
			return u, err
		}
	}
	locked := func(f access.Failures) error {
		if wait := f.Locked(now); wait > 0 {
			return tooMany.problem("Too many wrong passwords for this login: wait.").wait(wait)
		}
		return nil
	}
	if err := locked(failures); err != nil {
		return u, err
	}
	if wait := s.refused.Wait(access.ClientOf(r).Addr, now); wait > 0 {
		return u, tooMany.problem("Too many sign-ins came from this address.").wait(wait)
	}
	// A login that nobody has takes as long as one that somebody has.
	right, err := s.Hasher.Check(ctx, password, u.Password)
	if err != nil {
		return u, err
	}
	// Many guesses at once were all let in above: what the others came to counts
	// here, also against one that is right.
	if right && u.Disabled == 0 {
		if failures, err = failuresOf(ctx, q, u.ID); err != nil {
			return u, err
		}
		if err := locked(failures); err != nil {
			return u, err
		}
		if failures.Count > 0 {
			err = s.noteLogin(ctx, u.ID, func(access.Failures) access.Failures { return access.Failures{} })
		}
		return u, err
	}
	if known {
		err = s.noteLogin(ctx, u.ID, func(f access.Failures) access.Failures {
			if failures = f; f.Locked(now) == 0 {
				failures = f.Fail(now)
			}
			return failures
		})
	} else {
		failures = s.strangers.fail(login, now)
	}
	if err != nil {
		return u, err
	}
	s.Log.WarnContext(ctx, "sign-in refused", "request_id", requestID(ctx), "login", clip(login), "from", access.ClientOf(r).Addr.String(), "failures", failures.Count)
	return u, unauthenticated.problem("The login or the password is wrong.")
}

func failuresOf(ctx context.Context, q *query.Queries, user int64) (access.Failures, error) {
	row, err := store.Found(q.Login(ctx, user))
	if errors.Is(err, store.ErrNotFound) {
		return access.Failures{}, nil
	}
	return access.Failures{Count: int(row.Failures), Last: time.UnixMicro(row.LastAt)}, err
}

// noteLogin changes what is noted of a user's sign-ins, one after the other.
func (s *Server) noteLogin(ctx context.Context, user int64, change func(access.Failures) access.Failures) error {
	return s.Store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		if err := tx.LockLogin(ctx, user); err != nil {
			return err
		}
		f, err := failuresOf(ctx, tx.Queries, user)
		if err != nil {
			return err
		}
		f = change(f)
		until := int64(0)
		if t := f.LockedUntil(); !t.IsZero() {
			until = t.UnixMicro()
		}
		last := int64(0)
		if !f.Last.IsZero() {
			last = f.Last.UnixMicro()
		}
		return tx.SetLogin(ctx, query.SetLoginParams{UserID: user, Failures: int64(f.Count), LockedUntil: until, LastAt: last})
	})
}

// beginSession signs a user in. A workspace of 0 is the first that they are in.
func (s *Server) beginSession(ctx context.Context, r *http.Request, u query.User, workspace int64, how string) (*http.Cookie, access.Principal, error) {
	var p access.Principal
	members, err := s.Store.Query().MembersOfUser(ctx, u.ID)
	if err != nil {
		return nil, p, err
	}
	for _, m := range members {
		if workspace != 0 && m.WorkspaceID != workspace {
			continue
		}
		role, err := access.ParseRole(m.Role)
		if err != nil {
			return nil, p, err
		}
		p = access.Principal{Kind: access.User, ID: u.ID, Name: u.Name, Workspace: m.WorkspaceID, Role: role}
		break
	}
	if p.ID == 0 {
		return nil, p, forbidden.problem("You are in no such workspace: have its admin send an invitation.")
	}
	token := access.NewToken()
	d := token.Digest()
	err = s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
		if err := tx.DeleteExpiredSessions(ctx, tx.Now); err != nil {
			return err
		}
		tx.Log(store.Event{Workspace: p.Workspace, Kind: "user.signed-in", Data: map[string]any{"login": u.Login, "by": how, "from": fmt.Sprint(access.ClientOf(r).Addr)}})
		return tx.CreateSession(ctx, query.CreateSessionParams{Hash: d[:], UserID: u.ID, WorkspaceID: p.Workspace, CreatedAt: tx.Now, ExpiresAt: tx.Now + sessionLife.Microseconds()})
	})
	return access.NewCookie(r, access.SessionCookie, token.Secret(), sessionLife), p, err
}

// endSession signs out. A key has no session.
func (s *Server) endSession(ctx context.Context, r *http.Request) error {
	token, err := access.ParseToken(access.ReadCookie(r, access.SessionCookie))
	if err != nil {
		return nil
	}
	d := token.Digest()
	p := principal(ctx)
	return s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
		tx.Log(store.Event{Workspace: p.Workspace, Kind: "user.signed-out", Data: map[string]any{"name": p.Name}})
		return tx.DeleteSession(ctx, d[:])
	})
}
