package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

func (s *Server) signOnRoutes() {
	begin := operation(http.MethodGet, "/oidc/login", "oidcLogin", "Access", "Sign in through the identity provider", rules{open: true}, notFound)
	begin.Parameters = []*huma.Param{{Name: "next", In: "query", Schema: &huma.Schema{Type: huma.TypeString}, Description: "The page to show afterwards."}}
	begin.Responses = map[string]*huma.Response{"303": {Description: "To the identity provider."}}
	s.raw(begin, func(w http.ResponseWriter, r *http.Request) error {
		if s.SignOn == nil {
			return notFound.problem("No identity provider is set up here: sign in with a password.")
		}
		address, sealed, err := s.SignOn.Begin(r.Context(), r.URL.Query().Get("next"))
		if err != nil {
			s.Log.ErrorContext(r.Context(), "sign-on", "request_id", requestID(r.Context()), "error", err)
			return unavailable.problem("The identity provider cannot be asked; the log of the service says why.").wait(defaultTimeout)
		}
		http.SetCookie(w, access.NewCookie(r, access.SignInCookie, sealed, access.SignInLife))
		http.Redirect(w, r, address, http.StatusSeeOther)
		return nil
	})
	end := operation(http.MethodGet, "/oidc/callback", "oidcCallback", "Access", "Where the identity provider sends the browser back to", rules{open: true}, badRequest, forbidden, notFound)
	end.Responses = map[string]*huma.Response{"303": {Description: "To the page that was asked for, with the session's cookie."}}
	s.raw(end, func(w http.ResponseWriter, r *http.Request) error {
		if s.SignOn == nil {
			return notFound.problem("No identity provider is set up here: sign in with a password.")
		}
		id, next, err := s.SignOn.Complete(r.Context(), r.URL.Query(), access.ReadCookie(r, access.SignInCookie))
		http.SetCookie(w, access.DropCookie(r, access.SignInCookie))
		switch {
		case errors.Is(err, access.ErrDenied):
			return forbidden.problem(sentence(err))
		case errors.Is(err, access.ErrStartAgain):
			return badRequest.problem(sentence(err))
		case err != nil:
			s.Log.ErrorContext(r.Context(), "sign-on", "request_id", requestID(r.Context()), "error", err)
			return unavailable.problem("The sign-in could not be completed; the log of the service says why.").wait(defaultTimeout)
		}
		u, err := s.byIdentity(r.Context(), r, id)
		if err != nil {
			return err
		}
		cookie, _, err := s.beginSession(r.Context(), r, u, 0, id.Issuer)
		if err != nil {
			return err
		}
		http.SetCookie(w, cookie)
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	})
}

// byIdentity is the user whom the provider names: who signed in so before; who
// was invited by the address that the provider vouches for; or, where the
// operator lets everybody in, a new one.
func (s *Server) byIdentity(ctx context.Context, r *http.Request, id access.Identity) (query.User, error) {
	q := s.Store.Query()
	u, err := store.Found(q.UserByOIDC(ctx, query.UserByOIDCParams{OidcIssuer: id.Issuer, OidcSubject: id.Subject}))
	if err == nil && u.Disabled != 0 {
		return u, forbidden.problem("An admin has disabled this user.")
	}
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return u, err
	}
	all, err := q.Workspaces(ctx)
	if err != nil {
		return u, err
	}
	email := ""
	if id.EmailVerified {
		email = foldLogin(id.Email)
	}
	if email != "" {
		for _, w := range all {
			open, err := q.OpenInvitations(ctx, query.OpenInvitationsParams{WorkspaceID: w.ID, Now: s.now()})
			if err != nil {
				return u, err
			}
			for _, inv := range open {
				if inv.Login == email {
					u, _, err := s.settle(ctx, r, inv, access.Digest(inv.Hash), arrival{name: id.Name, email: email, identity: id})
					return u, err
				}
			}
		}
	}
	if s.SignOnRole == 0 || len(all) == 0 {
		return u, forbidden.problem("The identity provider knows you, but nobody has invited you here: have an admin invite your mail address.")
	}
	login := email
	if login == "" {
		return u, forbidden.problem("The identity provider does not vouch for a mail address of yours, by which you could be known here.")
	}
	if err := checkLogin(login); err != nil {
		return u, err
	}
	err = s.Store.Update(ctx, store.SystemActor, func(tx *store.Tx) (err error) {
		if _, err := store.Found(tx.UserByLogin(ctx, login)); err == nil {
			return conflict.problem("There is a user of this login who does not sign in through the provider: sign in with the password.")
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		name := id.Name
		if name == "" {
			name = login
		}
		if u, err = tx.CreateUser(ctx, query.CreateUserParams{Login: login, Name: clip(name), Email: email, OidcIssuer: id.Issuer, OidcSubject: id.Subject, CreatedAt: tx.Now}); err != nil {
			return err
		}
		m, err := tx.CreateMember(ctx, query.CreateMemberParams{WorkspaceID: all[0].ID, UserID: u.ID, Role: s.SignOnRole.String()})
		if err != nil {
			return err
		}
		tx.Log(store.Event{Workspace: all[0].ID, Kind: "user.joined", Data: map[string]any{"login": u.Login, "name": u.Name, "role": m.Role, "by": id.Issuer}, Rows: []store.Ref{store.Row("users", u.ID), store.Row("members", m.ID)}})
		return nil
	})
	return u, err
}
