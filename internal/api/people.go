package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// UserAnswer is somebody who is in the workspace.
type UserAnswer struct {
	ID       int64     `json:"id"`
	Login    string    `json:"login"`
	Name     string    `json:"name"`
	Email    string    `json:"email,omitempty"`
	Role     string    `json:"role" enum:"viewer,analyst,approver,admin"`
	Disabled bool      `json:"disabled"`
	Since    time.Time `json:"since"`
}

// InvitationAnswer is somebody who was invited and has not come yet.
type InvitationAnswer struct {
	Login     string    `json:"login"`
	Role      string    `json:"role"`
	Expires   time.Time `json:"expires_at"`
	InvitedBy int64     `json:"invited_by"`
	Link      string    `json:"link,omitempty" doc:"To be handed to the person. It is shown once."`
}

// KeyAnswer is an API key.
type KeyAnswer struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Prefix  string    `json:"prefix" doc:"The part of the key that may be shown."`
	Scopes  []string  `json:"scopes"`
	Owner   int64     `json:"owner" doc:"The user who answers for it: it may never more than they."`
	Created time.Time `json:"created_at"`
	Expires time.Time `json:"expires_at,omitzero"`
	Revoked time.Time `json:"revoked_at,omitzero"`
	Key     string    `json:"key,omitempty" doc:"The key itself. It is shown once."`
}

// maxKeyLife bounds the day on which a key expires, in days from now: times
// after the year 9999 cannot be written.
const maxKeyLife = 100 * 366

// WorkspaceAnswer is a workspace.
type WorkspaceAnswer struct {
	ID       int64             `json:"id"`
	Name     string            `json:"name"`
	Settings casework.Settings `json:"settings"`
}

func parseRole(s, location string) (access.Role, error) {
	r, err := access.ParseRole(s)
	if err != nil {
		return r, invalid.problem(sentence(err))
	}
	return r, nil
}

func (s *Server) peopleRoutes() {
	register(s, operation(http.MethodGet, "/v1/users", "users", "Access", "Who is in the workspace", rules{need: access.Read}), func(ctx context.Context, _ *struct{}) (*struct {
		Body struct {
			Users []UserAnswer `json:"users"`
		}
	}, error) {
		rows, err := s.Store.Query().MembersOfWorkspace(ctx, principal(ctx).Workspace)
		if err != nil {
			return nil, err
		}
		out := &struct {
			Body struct {
				Users []UserAnswer `json:"users"`
			}
		}{}
		out.Body.Users = []UserAnswer{}
		for _, m := range rows {
			out.Body.Users = append(out.Body.Users, UserAnswer{m.UserID, m.Login, m.Name, m.Email, m.Role, m.Disabled != 0, instant(m.CreatedAt)})
		}
		return out, nil
	})
	register(s, operation(http.MethodPut, "/v1/users/{id}/role", "setRole", "Access", "Give somebody another role", rules{need: access.Manage}, invalid, conflict), func(ctx context.Context, in *struct {
		ID   int64 `path:"id" minimum:"1"`
		Body struct {
			Role string `json:"role" enum:"viewer,analyst,approver,admin"`
		}
	}) (*struct{}, error) {
		p := principal(ctx)
		role, err := parseRole(in.Body.Role, "body.role")
		if err != nil {
			return nil, err
		}
		if !p.MayGrant(role) {
			return nil, forbidden.problem("Only people hand out roles, and none above their own; an API key cannot.")
		}
		return nil, s.changeMember(ctx, in.ID, func(tx *store.Tx, m query.Member, u query.User) error {
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "role.changed", Data: map[string]any{"login": u.Login, "from": m.Role, "to": role.String()}, Rows: []store.Ref{store.Row("members", m.ID)}})
			return tx.SetRole(ctx, query.SetRoleParams{ID: m.ID, Role: role.String()})
		}, role != access.Admin)
	})
	register(s, operation(http.MethodDelete, "/v1/users/{id}", "removeUser", "Access", "Take somebody out of the workspace", rules{need: access.Manage}, conflict), func(ctx context.Context, in *struct {
		ID int64 `path:"id" minimum:"1"`
	}) (*struct{}, error) {
		p := principal(ctx)
		if !p.MayGrant(access.Viewer) {
			return nil, forbidden.problem("Only people take others out of a workspace; an API key cannot.")
		}
		return nil, s.changeMember(ctx, in.ID, func(tx *store.Tx, m query.Member, u query.User) error {
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "user.removed", Data: map[string]any{"login": u.Login, "role": m.Role}, Rows: []store.Ref{store.Row("members", m.ID)}})
			return tx.DeleteMember(ctx, m.ID)
		}, true)
	})
	register(s, operation(http.MethodPut, "/v1/users/{id}/disabled", "disableUser", "Access", "Keep somebody out of all workspaces, or let them in again", rules{need: access.Manage}, conflict), func(ctx context.Context, in *struct {
		ID   int64 `path:"id" minimum:"1"`
		Body struct {
			Disabled bool `json:"disabled"`
		}
	}) (*struct{}, error) {
		p := principal(ctx)
		if err := s.ofInstallation(ctx, p); err != nil {
			return nil, err
		}
		if p.ID == in.ID {
			return nil, conflict.problem("Nobody can lock themselves out: have another admin do it.")
		}
		flag := int64(0)
		if in.Body.Disabled {
			flag = 1
		}
		return nil, s.changeMember(ctx, in.ID, func(tx *store.Tx, m query.Member, u query.User) error {
			if err := tx.SetDisabled(ctx, query.SetDisabledParams{ID: u.ID, Disabled: flag}); err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "user.disabled", Data: map[string]any{"login": u.Login, "disabled": in.Body.Disabled}, Rows: []store.Ref{store.Row("users", u.ID)}})
			return nil
		}, false)
	})

	register(s, operation(http.MethodGet, "/v1/invitations", "invitations", "Access", "Who was invited and has not come yet", rules{need: access.Manage}), func(ctx context.Context, _ *struct{}) (*struct {
		Body struct {
			Invitations []InvitationAnswer `json:"invitations"`
		}
	}, error) {
		rows, err := s.Store.Query().OpenInvitations(ctx, query.OpenInvitationsParams{WorkspaceID: principal(ctx).Workspace, Now: s.now()})
		if err != nil {
			return nil, err
		}
		out := &struct {
			Body struct {
				Invitations []InvitationAnswer `json:"invitations"`
			}
		}{}
		out.Body.Invitations = []InvitationAnswer{}
		for _, i := range rows {
			out.Body.Invitations = append(out.Body.Invitations, InvitationAnswer{Login: i.Login, Role: i.Role, Expires: instant(i.ExpiresAt), InvitedBy: i.CreatedBy})
		}
		return out, nil
	})
	invite := operation(http.MethodPost, "/v1/invitations", "invite", "Access", "Invite somebody", rules{need: access.Manage, changes: true, secret: true}, invalid)
	invite.DefaultStatus = http.StatusCreated
	register(s, invite, func(ctx context.Context, in *struct {
		requestOf
		Body struct {
			Login string `json:"login" maxLength:"100" doc:"The login that they will have; a mail address is one, and lets them in through the identity provider too."`
			Role  string `json:"role" enum:"viewer,analyst,approver,admin"`
		}
	}) (*struct{ Body InvitationAnswer }, error) {
		p := principal(ctx)
		role, err := parseRole(in.Body.Role, "body.role")
		if err != nil {
			return nil, err
		}
		if !p.MayGrant(role) {
			return nil, forbidden.problem("Only people hand out roles, and none above their own; an API key cannot.")
		}
		login := foldLogin(in.Body.Login)
		if err := checkLogin(login); err != nil {
			return nil, err
		}
		token := access.NewToken()
		d := token.Digest()
		var expires int64
		err = s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			if _, err := tx.DropInvitation(ctx, query.DropInvitationParams{WorkspaceID: p.Workspace, Login: login}); err != nil {
				return err
			}
			expires = tx.Now + inviteLife.Microseconds()
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "user.invited", Data: map[string]any{"login": login, "role": role.String()}})
			return tx.CreateInvitation(ctx, query.CreateInvitationParams{Hash: d[:], WorkspaceID: p.Workspace, Role: role.String(), Login: login, CreatedBy: p.ID, ExpiresAt: expires})
		})
		return &struct{ Body InvitationAnswer }{InvitationAnswer{login, role.String(), instant(expires), p.ID, s.base(in.r) + invitePath(token)}}, err
	})
	register(s, operation(http.MethodDelete, "/v1/invitations/{login}", "withdrawInvitation", "Access", "Withdraw an invitation", rules{need: access.Manage}), func(ctx context.Context, in *struct {
		Login string `path:"login" maxLength:"100"`
	}) (*struct{}, error) {
		p := principal(ctx)
		return nil, s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			n, err := tx.DropInvitation(ctx, query.DropInvitationParams{WorkspaceID: p.Workspace, Login: foldLogin(in.Login)})
			if err == nil && n == 0 {
				err = store.ErrNotFound
			}
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "invitation.withdrawn", Data: map[string]any{"login": foldLogin(in.Login)}})
			return err
		})
	})
	register(s, operation(http.MethodPost, "/v1/invitations/accept", "acceptInvitation", "Access", "Come by an invitation", rules{open: true}, invalid, notFound, unauthenticated, conflict), func(ctx context.Context, in *struct {
		requestOf
		Body struct {
			Token    string `json:"token" maxLength:"100" doc:"Of the link."`
			Login    string `json:"login,omitempty" maxLength:"100" doc:"Where the invitation names none."`
			Name     string `json:"name,omitempty" maxLength:"80"`
			Email    string `json:"email,omitempty" maxLength:"200"`
			Password string `json:"password" minLength:"1" maxLength:"2000"`
		}
	}) (*signedIn, error) {
		u, workspace, err := s.arrive(ctx, in.r, in.Body.Token, arrival{login: in.Body.Login, name: in.Body.Name, email: in.Body.Email, password: in.Body.Password})
		if err != nil {
			return nil, err
		}
		cookie, p, err := s.beginSession(ctx, in.r, u, workspace, "invitation")
		if err != nil {
			return nil, err
		}
		me, err := s.me(ctx, p)
		return &signedIn{*cookie, me}, err
	})
}

// changeMember changes a member of the workspace. The last admin stays one:
// leaves says that the change takes an admin away.
func (s *Server) changeMember(ctx context.Context, user int64, f func(tx *store.Tx, m query.Member, u query.User) error, leaves bool) error {
	p := principal(ctx)
	return s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
		if err := casework.Lock(ctx, tx, p.Workspace); err != nil { // two admins must not take each other away
			return err
		}
		m, err := store.Found(tx.Member(ctx, query.MemberParams{WorkspaceID: p.Workspace, UserID: user}))
		if err != nil {
			return err
		}
		u, err := store.Found(tx.User(ctx, user))
		if err != nil {
			return err
		}
		if leaves && m.Role == access.Admin.String() {
			if err := anotherAdmin(ctx, tx, p.Workspace, user); err != nil {
				return err
			}
		}
		tx.After(s.keys.drop)
		return f(tx, m, u)
	})
}

// anotherAdmin refuses to take the last admin away.
func anotherAdmin(ctx context.Context, tx *store.Tx, workspace, user int64) error {
	all, err := tx.MembersOfWorkspace(ctx, workspace)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.UserID != user && o.Role == access.Admin.String() && o.Disabled == 0 {
			return nil
		}
	}
	return conflict.problem("This is the last admin of the workspace: make somebody else one first.")
}

// ofInstallation refuses all but the admins of the first workspace, who run
// the installation.
func (s *Server) ofInstallation(ctx context.Context, p access.Principal) error {
	all, err := s.Store.Query().Workspaces(ctx)
	if err != nil {
		return err
	}
	if p.Kind != access.User || len(all) == 0 || all[0].ID != p.Workspace || !p.May(access.Manage) {
		return forbidden.problem("Only an admin of the first workspace, signed in there, may do this.")
	}
	return nil
}

func (s *Server) workspaceRoutes() {
	register(s, operation(http.MethodGet, "/v1/workspace", "workspace", "Access", "The workspace and its settings", rules{need: access.Read}), func(ctx context.Context, _ *struct{}) (*struct{ Body WorkspaceAnswer }, error) {
		w, err := store.Found(s.Store.Query().Workspace(ctx, principal(ctx).Workspace))
		if err != nil {
			return nil, err
		}
		out, err := workspaceAnswer(w)
		return &struct{ Body WorkspaceAnswer }{out}, err
	})
	register(s, operation(http.MethodPut, "/v1/workspace/settings", "setSettings", "Access", "Change the settings of the workspace", rules{need: access.Manage}, invalid), func(ctx context.Context, in *struct {
		Body casework.Settings
	}) (*struct{ Body WorkspaceAnswer }, error) {
		p := principal(ctx)
		if err := in.Body.Check(); err != nil {
			return nil, invalid.problem(sentence(err))
		}
		var out WorkspaceAnswer
		err := s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			w, err := store.Found(tx.Workspace(ctx, p.Workspace))
			if err != nil {
				return err
			}
			before, err := casework.ParseSettings(w.Settings)
			if err != nil {
				return err
			}
			if p.Kind != access.User && in.Body.FourEyes != before.FourEyes {
				return forbidden.problem("Only people say when a second person is needed; an API key, which can decide, cannot.")
			}
			if w.Settings, err = mergeSettings(w.Settings, in.Body); err != nil {
				return err
			}
			if err := tx.SetWorkspaceSettings(ctx, query.SetWorkspaceSettingsParams{ID: w.ID, Settings: w.Settings}); err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: w.ID, Kind: "workspace.settings", Data: map[string]any{"from": before, "to": in.Body}, Rows: []store.Ref{store.Row("workspaces", w.ID)}})
			out, err = workspaceAnswer(w)
			return err
		})
		return &struct{ Body WorkspaceAnswer }{out}, err
	})
	create := operation(http.MethodPost, "/v1/workspaces", "createWorkspace", "Access", "Make a workspace", rules{need: access.Manage, changes: true}, invalid, conflict)
	create.DefaultStatus = http.StatusCreated
	register(s, create, func(ctx context.Context, in *struct {
		Body struct {
			Name string `json:"name" minLength:"1" maxLength:"100"`
		}
	}) (*struct{ Body WorkspaceAnswer }, error) {
		p := principal(ctx)
		if err := s.ofInstallation(ctx, p); err != nil {
			return nil, err
		}
		var out WorkspaceAnswer
		err := s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			all, err := tx.Workspaces(ctx)
			if err != nil {
				return err
			}
			for _, w := range all {
				if w.Name == in.Body.Name {
					return conflict.problem(fmt.Sprintf("There is a workspace %q already.", clip(w.Name)))
				}
			}
			w, err := tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: in.Body.Name, Settings: "{}", CreatedAt: tx.Now})
			if err != nil {
				return err
			}
			m, err := tx.CreateMember(ctx, query.CreateMemberParams{WorkspaceID: w.ID, UserID: p.ID, Role: access.Admin.String()})
			if err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: w.ID, Kind: "workspace.created", Data: map[string]any{"name": w.Name}, Rows: []store.Ref{store.Row("workspaces", w.ID), store.Row("members", m.ID)}})
			out, err = workspaceAnswer(w)
			return err
		})
		return &struct{ Body WorkspaceAnswer }{out}, err
	})
}

func workspaceAnswer(w query.Workspace) (WorkspaceAnswer, error) {
	settings, err := casework.ParseSettings(w.Settings)
	return WorkspaceAnswer{w.ID, w.Name, settings}, err
}

func (s *Server) keyRoutes() {
	register(s, operation(http.MethodGet, "/v1/keys", "keys", "Access", "The API keys of the workspace", rules{need: access.Manage}), func(ctx context.Context, _ *struct{}) (*struct {
		Body struct {
			Keys []KeyAnswer `json:"keys"`
		}
	}, error) {
		rows, err := s.Store.Query().KeysOfWorkspace(ctx, principal(ctx).Workspace)
		if err != nil {
			return nil, err
		}
		out := &struct {
			Body struct {
				Keys []KeyAnswer `json:"keys"`
			}
		}{}
		out.Body.Keys = []KeyAnswer{}
		for _, k := range rows {
			a, err := keyAnswer(k)
			if err != nil {
				return nil, err
			}
			out.Body.Keys = append(out.Body.Keys, a)
		}
		return out, nil
	})
	create := operation(http.MethodPost, "/v1/keys", "createKey", "Access", "Make an API key", rules{need: access.Manage, changes: true, secret: true}, invalid)
	create.DefaultStatus = http.StatusCreated
	register(s, create, func(ctx context.Context, in *struct {
		Body struct {
			Name    string   `json:"name" minLength:"1" maxLength:"100" doc:"What it is for."`
			Scopes  []string `json:"scopes" minItems:"1" maxItems:"8" doc:"Any of read, screen, upload, handle, decide, manage, audit."`
			Expires string   `json:"expires_on,omitempty" format:"date" doc:"The last day on which it works; none where it is left out."`
		}
	}) (*struct{ Body KeyAnswer }, error) {
		p := principal(ctx)
		if p.Kind != access.User || !p.MayGrant(p.Role) {
			return nil, forbidden.problem("Only people make API keys; a key cannot make another.")
		}
		scopes := access.Permissions(0)
		for _, name := range in.Body.Scopes {
			one, err := access.ParseScopes(name)
			if err != nil {
				return nil, invalid.problem(sentence(err))
			}
			scopes |= one
		}
		expires := int64(0)
		if in.Body.Expires != "" {
			d, err := s.asOf(in.Body.Expires, "body.expires_on")
			if err != nil {
				return nil, err
			}
			if d < today(s) {
				return nil, invalid.problem("expires_on is past: give a day to come.")
			}
			if d > today(s)+maxKeyLife {
				return nil, invalid.problem(fmt.Sprintf("expires_on is too far away: %s at the latest, or none.", today(s)+maxKeyLife))
			}
			expires = (int64(d) + 1) * 24 * time.Hour.Microseconds()
		}
		key := access.NewAPIKey()
		digest := key.Digest()
		var out KeyAnswer
		err := s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			k, err := tx.CreateKey(ctx, query.CreateKeyParams{WorkspaceID: p.Workspace, Name: in.Body.Name, Prefix: key.Prefix(), Hash: digest[:], Scopes: scopes.String(), CreatedBy: p.ID, CreatedAt: tx.Now, ExpiresAt: expires})
			if err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "key.created", Data: map[string]any{"name": k.Name, "prefix": k.Prefix, "scopes": scopes.Names(), "expires_at": k.ExpiresAt}, Rows: []store.Ref{store.Row("api_keys", k.ID)}})
			out, err = keyAnswer(k)
			return err
		})
		out.Key = key.Secret()
		return &struct{ Body KeyAnswer }{out}, err
	})
	register(s, operation(http.MethodDelete, "/v1/keys/{id}", "revokeKey", "Access", "Revoke an API key", rules{need: access.Manage}), func(ctx context.Context, in *struct {
		ID int64 `path:"id" minimum:"1"`
	}) (*struct{}, error) {
		p := principal(ctx)
		err := s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			k, err := store.Found(tx.Key(ctx, in.ID))
			if err != nil {
				return err
			}
			if k.WorkspaceID != p.Workspace {
				return store.ErrNotFound
			}
			n, err := tx.RevokeKey(ctx, query.RevokeKeyParams{ID: k.ID, RevokedAt: tx.Now})
			if err == nil && n == 1 {
				tx.Log(store.Event{Workspace: p.Workspace, Kind: "key.revoked", Data: map[string]any{"name": k.Name, "prefix": k.Prefix}, Rows: []store.Ref{store.Row("api_keys", k.ID)}})
			}
			tx.After(s.keys.drop)
			return err
		})
		return nil, err
	})
}

func keyAnswer(k query.ApiKey) (KeyAnswer, error) {
	scopes, err := access.ParseScopes(k.Scopes)
	return KeyAnswer{ID: k.ID, Name: k.Name, Prefix: k.Prefix, Scopes: scopes.Names(), Owner: k.CreatedBy, Created: instant(k.CreatedAt), Expires: instant(k.ExpiresAt), Revoked: instant(k.RevokedAt)}, err
}
