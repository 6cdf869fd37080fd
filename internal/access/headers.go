package access

import (
	"fmt"
	"net/http"
	"strings"
)

// contentSecurity is the policy of a server-rendered page: all that it loads
// is of the service, scripts and styles are files, and no other site frames
// it. form-action also holds where a form is redirected to: a sign-in through a
// provider begins with a link.
var contentSecurity = strings.Join([]string{
	"default-src 'self'",
	"base-uri 'none'",
	"form-action 'self'",
	"frame-ancestors 'none'",
	"frame-src 'none'",
	"object-src 'none'",
	"img-src 'self' data:",
}, "; ")

// SecurityHeaders tells browsers what to refuse. A handler may set any of the
// headers anew for its own answer.
//
// Referrer-Policy is same-origin rather than no-referrer: under the latter,
// browsers send "Origin: null" with the forms of the service itself (Fetch
// standard, "append a request Origin header"), by which CrossSiteProtection
// could not tell them from another site's where Sec-Fetch-Site is not sent,
// as over plain HTTP. Other sites learn nothing under either.
func SecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurity)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if ClientOf(r).TLS {
			// A year. Subdomains are not the service's to speak for.
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// CrossSiteProtection refuses requests that change something where a browser
// says that another site made them, so that a session's cookie does not act
// for that site. GET, HEAD and OPTIONS pass, and must change nothing; so do
// programs, which are no browsers. Origins ("https://shelf.example.com") are
// further ones to allow, such as the public name of the service where a proxy
// changes the Host. Deny answers what is refused; nil is a 403 in plain text.
func CrossSiteProtection(origins []string, deny http.Handler) (func(http.Handler) http.Handler, error) {
	c := http.NewCrossOriginProtection()
	for i, o := range origins {
		if err := c.AddTrustedOrigin(o); err != nil {
			return nil, fmt.Errorf("allowed origin %d, %q: it is no origin; write it as https://shelf.example.com, without a path", i+1, clip(o))
		}
	}
	if deny == nil {
		deny = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, fmt.Sprintf("Refused: the browser says that another site (origin %q) sent this to %q. "+
				"Open the page of the service itself and try again. If this is that page, a proxy changes the Host header: "+
				"let it pass on the Host, or allow the public origin of the service.", clip(r.Header.Get("Origin")), clip(r.Host)), http.StatusForbidden)
		})
	}
	c.SetDenyHandler(deny)
	return c.Handler, nil
}
