package access

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestBrowser has a browser send forms of the service itself and of another
// site, over TLS's stand-in (localhost, which browsers take for secure) and
// over plain HTTP, where no Sec-Fetch-Site is sent.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: this test starts Chromium")
	}
	binary := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			binary = p
			break
		}
	}
	if binary == "" {
		t.Skip("chromium is absent")
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(binary),
		chromedp.Flag("host-resolver-rules", "MAP *.test 127.0.0.1")}
	for _, f := range []string{"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(f, true))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()

	protect, err := CrossSiteProtection(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	type seen struct{ site, origin, cookie string }
	saw := make(chan seen, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, NewCookie(r, SessionCookie, "secret", time.Hour))
		io.WriteString(w, `<!doctype html><form method=post action=/change><button>go</button></form><script>document.title = "script ran"</script>`)
	})
	mux.HandleFunc("POST /change", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "changed") })
	service := SecurityHeaders(protect(mux))
	own := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			saw <- seen{r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin"), ReadCookie(r, SessionCookie)}
		}
		service.ServeHTTP(w, r)
	}))
	defer own.Close()
	u, err := url.Parse(own.URL)
	if err != nil {
		t.Fatal(err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><form method=post action="http://%s:%s/change"><button>go</button></form>`, r.FormValue("to"), u.Port())
	}))
	defer other.Close()
	o, err := url.Parse(other.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, page, want, site, origin, cookie string }{
		{"own form, secure", "http://localhost:" + u.Port() + "/", "changed", "same-origin", "http://localhost:" + u.Port(), "secret"},
		{"own form, plain", "http://shelf.test:" + u.Port() + "/", "changed", "", "http://shelf.test:" + u.Port(), "secret"},
		{"another site's, secure", "http://evil.test:" + o.Port() + "/?to=localhost", "Refused", "cross-site", "http://evil.test:" + o.Port(), ""},
		{"another site's, plain", "http://evil.test:" + o.Port() + "/?to=shelf.test", "Refused", "", "http://evil.test:" + o.Port(), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := chromedp.Do(ctx, chromedp.Navigate(c.page), chromedp.WaitVisible("button")); err != nil {
				t.Fatal(err)
			}
			if title, err := chromedp.Run(ctx, chromedp.Title()); err != nil || title != "" {
				t.Errorf("a script in the page: %q, %v", title, err)
			}
			if err := chromedp.Do(ctx, chromedp.Click("button"), chromedp.WaitVisible("pre")); err != nil {
				t.Fatal(err)
			}
			got, err := chromedp.Run(ctx, chromedp.Text("body"))
			if err != nil || !strings.HasPrefix(got, c.want) {
				t.Errorf("%q, %v", got, err)
			}
			if s := <-saw; s != (seen{c.site, c.origin, c.cookie}) {
				t.Errorf("the browser says %+q", s)
			}
		})
	}
}
