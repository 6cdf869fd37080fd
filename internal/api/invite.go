package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// inviteLife is for how long a link may be used.
const inviteLife = 7 * 24 * time.Hour

// firstWorkspace is the name of the workspace that a new installation has.
const firstWorkspace = "main"

// SetupLink returns the path of a one-time link that makes the first admin,
// where there is no user yet; else "". A link made before no longer works.
func (s *Server) SetupLink(ctx context.Context) (string, error) {
	n, err := s.Store.Query().CountUsers(ctx)
	if err != nil || n > 0 {
		return "", err
	}
	token := access.NewToken()
	d := token.Digest()
	err = s.Store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		all, err := tx.Workspaces(ctx)
		if err != nil {
			return err
		}
		var w query.Workspace
		if len(all) > 0 {
			w = all[0]
		} else {
			if w, err = tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: firstWorkspace, Settings: "{}", CreatedAt: tx.Now}); err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: w.ID, Kind: "workspace.created", Data: map[string]any{"name": w.Name}, Rows: []store.Ref{store.Row("workspaces", w.ID)}})
		}
		if _, err := tx.DropInvitation(ctx, query.DropInvitationParams{WorkspaceID: w.ID}); err != nil {
			return err
		}
		return tx.CreateInvitation(ctx, query.CreateInvitationParams{Hash: d[:], WorkspaceID: w.ID, Role: access.Admin.String(), ExpiresAt: tx.Now + inviteLife.Microseconds()})
	})
	return invitePath(token), err
}

func invitePath(t access.Token) string {
	return "/setup?" + url.Values{"token": {t.Secret()}}.Encode()
}

// invited is an invitation that may still be used.
func (s *Server) invited(ctx context.Context, token string) (query.Invitation, access.Digest, error) {
	used := notFound.problem("This link was used, is too old, or a newer one was made. An admin of the workspace makes a new one; for the first admin, start the service anew.")
	t, err := access.ParseToken(token)
	if err != nil {
		return query.Invitation{}, access.Digest{}, used
	}
	d := t.Digest()
	inv, err := store.Found(s.Store.Query().Invitation(ctx, d[:]))
	if errors.Is(err, store.ErrNotFound) || err == nil && (inv.UsedAt != 0 || inv.ExpiresAt <= s.now()) {
		return inv, d, used
	}
	return inv, d, err
}

// arrival is what somebody who was invited says.
type arrival struct {
	login, name, email, password string
	identity                     access.Identity // instead of a password
}

// arrive makes a user of somebody who was invited, or takes one who is there
// into the workspace.
func (s *Server) arrive(ctx context.Context, r *http.Request, token string, a arrival) (query.User, int64, error) {
	inv, d, err := s.invited(ctx, token)
	if err != nil {
		return query.User{}, 0, err
	}
	return s.settle(ctx, r, inv, d, a)
}

func (s *Server) settle(ctx context.Context, r *http.Request, inv query.Invitation, d access.Digest, a arrival) (u query.User, workspace int64, err error) {
	if inv.Login != "" {
		a.login = inv.Login
	}
	a.login = foldLogin(a.login)
	if err := checkLogin(a.login); err != nil {
		return u, 0, err
	}
	if !plain(a.name) || !plain(a.email) {
		return u, 0, invalid.problem("The name or the address is no UTF-8 text, or holds the character U+0000: write it again.")
	}
	there, err := store.Found(s.Store.Query().UserByLogin(ctx, a.login))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return u, 0, err
	}
	known := err == nil
	hash := ""
	switch {
	case a.identity.Subject != "":
		if known && (there.OidcIssuer != a.identity.Issuer || there.OidcSubject != a.identity.Subject) {
			return u, 0, conflict.problem("There is a user of this login who does not sign in through the provider: sign in with the password.")
		}
	case known:
		if u, err = s.checkPassword(ctx, r, a.login, a.password); err != nil {
			var p *Problem
			if errors.As(err, &p) && p.Status == http.StatusUnauthorized {
				return u, 0, unauthenticated.problem("There is a user of this login already: give their password, and they join this workspace too.")
			}
			return u, 0, err
		}
	default:
		if hash, err = s.Hasher.Hash(ctx, a.login, a.password); err != nil {
			return u, 0, err
		}
	}
	if a.name == "" {
		a.name = a.login
	}
	err = s.Store.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		n, err := tx.UseInvitation(ctx, query.UseInvitationParams{Hash: d[:], UsedAt: tx.Now})
		if err != nil {
			return err
		}
		if n != 1 {
			return notFound.problem("This link was used in this moment.")
		}
		if err := s.vouched(ctx, tx, inv); err != nil {
			return err
		}
		u = there
		var rows []store.Ref
		if !known {
			u, err = tx.CreateUser(ctx, query.CreateUserParams{Login: a.login, Name: a.name, Email: a.email, Password: hash, OidcIssuer: a.identity.Issuer, OidcSubject: a.identity.Subject, CreatedAt: tx.Now})
			if err != nil {
				return err
			}
			rows = append(rows, store.Row("users", u.ID))
		}
		m, err := store.Found(tx.Member(ctx, query.MemberParams{WorkspaceID: inv.WorkspaceID, UserID: u.ID}))
		switch {
		case errors.Is(err, store.ErrNotFound):
			m, err = tx.CreateMember(ctx, query.CreateMemberParams{WorkspaceID: inv.WorkspaceID, UserID: u.ID, Role: inv.Role})
		case err == nil:
			if m.Role == access.Admin.String() && inv.Role != m.Role {
				if err = anotherAdmin(ctx, tx, inv.WorkspaceID, u.ID); err != nil {
					return err
				}
			}
			err = tx.SetRole(ctx, query.SetRoleParams{ID: m.ID, Role: inv.Role})
		}
		if err != nil {
			return err
		}
		rows = append(rows, store.Row("members", m.ID))
		tx.Log(store.Event{Workspace: inv.WorkspaceID, Kind: "user.joined", Data: map[string]any{"login": u.Login, "name": u.Name, "role": inv.Role, "invited_by": inv.CreatedBy}, Rows: rows})
		tx.After(s.keys.drop)
		return nil
	})
	return u, inv.WorkspaceID, err
}

// vouched refuses an invitation of somebody who could not send it any more: who
// is removed must leave no door open. The first admin's is of nobody.
func (s *Server) vouched(ctx context.Context, tx *store.Tx, inv query.Invitation) error {
	if inv.CreatedBy == 0 {
		return nil
	}
	if err := casework.Lock(ctx, tx, inv.WorkspaceID); err != nil { // roles must not change meanwhile
		return err
	}
	role, err := access.ParseRole(inv.Role)
	if err != nil {
		return err
	}
	_, by, err := s.membership(ctx, tx.Queries, inv.WorkspaceID, inv.CreatedBy)
	if errors.Is(err, store.ErrNotFound) || err == nil && !(access.Principal{Kind: access.User, ID: inv.CreatedBy, Workspace: inv.WorkspaceID, Role: by}).MayGrant(role) {
		return notFound.problem("Who sent this link may not invite people any more. An admin of the workspace makes a new one.")
	}
	return err
}

// checkLogin bounds logins to what can be read aloud and typed.
func checkLogin(s string) error {
	if len(s) < 2 || len(s) > 100 {
		return invalid.problem("A login has 2 to 100 characters.")
	}
	for _, c := range s {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' && c != '@' && c != '+' {
			return invalid.problem("A login has letters a to z, digits and . - _ @ + alone; a mail address is one.")
		}
	}
	return nil
}
