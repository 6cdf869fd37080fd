package api

import (
	"errors"
	"html/template"
	"net/http"

	_ "embed"

	"github.com/danielgtaylor/huma/v2"

	"github.com/offshelf/offshelf/internal/style"
)

//go:embed setup.html
var setupText string

var setupPage = template.Must(template.New("setup").Parse(setupText))

// setupView is what the page of a one-time link shows.
type setupView struct {
	Token, Login, Name, Email string
	Fixed                     bool // the login was given by who invited
	First                     bool // the first admin
	Error                     string
	Gone                      bool // the link no longer works
	Done                      bool
}

func (s *Server) setupRoutes() {
	form := rules{open: true}
	get := operation(http.MethodGet, "/setup", "setupForm", "Access", "The page of a one-time link", form)
	get.Parameters = []*huma.Param{{Name: "token", In: "query", Required: true, Schema: &huma.Schema{Type: huma.TypeString}}}
	get.Responses = answerOf("A page with a form.", "text/html")
	s.raw(get, func(w http.ResponseWriter, r *http.Request) error {
		v := setupView{Token: r.URL.Query().Get("token")}
		return s.showSetup(w, r, http.StatusOK, v)
	})
	post := operation(http.MethodPost, "/setup", "setup", "Access", "Use a one-time link", form, invalid)
	post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/x-www-form-urlencoded": {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{
		"token": {Type: huma.TypeString}, "login": {Type: huma.TypeString}, "name": {Type: huma.TypeString}, "email": {Type: huma.TypeString}, "password": {Type: huma.TypeString}}}}}}
	post.Responses = answerOf("A page that says that it is done; the session's cookie is set.", "text/html")
	s.raw(post, func(w http.ResponseWriter, r *http.Request) error {
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		if err := r.ParseForm(); err != nil {
			return bodyError(err)
		}
		f := r.PostForm
		v := setupView{Token: f.Get("token"), Login: f.Get("login"), Name: f.Get("name"), Email: f.Get("email")}
		u, workspace, err := s.arrive(r.Context(), r, v.Token, arrival{login: v.Login, name: clip(v.Name), email: clip(v.Email), password: f.Get("password")})
		if err == nil {
			var cookie *http.Cookie
			if cookie, _, err = s.beginSession(r.Context(), r, u, workspace, "one-time link"); err == nil {
				http.SetCookie(w, cookie)
				return s.showSetup(w, r, http.StatusOK, setupView{Done: true, Name: u.Name})
			}
		}
		p, hidden := problemOf(err)
		if hidden {
			return err
		}
		v.Error, v.Gone = p.Detail, p.Status == http.StatusNotFound
		return s.showSetup(w, r, p.Status, v)
	})
	s.mux.HandleFunc("GET /setup.css", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "max-age=3600")
		w.Write([]byte(style.Page))
	})
}

func (s *Server) showSetup(w http.ResponseWriter, r *http.Request, status int, v setupView) error {
	if !v.Done && !v.Gone {
		inv, _, err := s.invited(r.Context(), v.Token)
		var p *Problem
		switch {
		case errors.As(err, &p):
			v.Gone, v.Error, status = true, p.Detail, p.Status
		case err != nil:
			return err
		}
		v.First = inv.CreatedBy == 0
		if inv.Login != "" {
			v.Login, v.Fixed = inv.Login, true
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	return setupPage.Execute(w, v)
}
