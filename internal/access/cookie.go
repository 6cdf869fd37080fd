package access

import (
	"net/http"
	"time"
)

// Names of the cookies of the service, without the prefix that they have over
// TLS.
const (
	SessionCookie = "offshelf-session" // Token.Secret of a session
	SignInCookie  = "offshelf-sign-in" // sealed text of SignOn.Begin
)

// cookieName has the prefix __Host- over TLS: browsers take such a cookie from
// this very host alone, so that no other host of its domain can plant one.
func cookieName(r *http.Request, name string) (string, bool) {
	if tls := ClientOf(r).TLS; tls {
		return "__Host-" + name, true
	}
	return name, false
}

// NewCookie is a cookie that scripts cannot read and that other sites' forms
// do not carry, for the given life. SameSite is Lax, not Strict: the redirect
// from an identity provider must carry it.
func NewCookie(r *http.Request, name, value string, life time.Duration) *http.Cookie {
	full, tls := cookieName(r, name)
	return &http.Cookie{Name: full, Value: value, Path: "/", MaxAge: max(int(life/time.Second), 1), Secure: tls, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// DropCookie is the cookie that makes a browser forget the one of that name.
func DropCookie(r *http.Request, name string) *http.Cookie {
	c := NewCookie(r, name, "", time.Second)
	c.MaxAge = -1
	return c
}

// ReadCookie is the value of the cookie, empty where there is none. Over TLS
// only the one with the prefix counts.
func ReadCookie(r *http.Request, name string) string {
	full, _ := cookieName(r, name)
	c, err := r.Cookie(full)
	if err != nil {
		return ""
	}
	return c.Value
}
