package dossier_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/offshelf/offshelf/internal/dossier"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

// browser starts a headless Chromium that is left alone with the page.
func browser(t *testing.T) context.Context {
	t.Helper()
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
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(binary)}
	for _, f := range []string{"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(f, true))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 120*time.Second)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// inspection is what a page is asked in one evaluation.
type inspection struct {
	Scripts  int      `json:"scripts"`
	Images   int      `json:"images"`
	Width    int      `json:"width"`
	View     int      `json:"view"`
	Headings []string `json:"headings"`
	Missing  []string `json:"missing"` // landmarks that do not exist exactly once
	Links    []string `json:"links"`
	Unsafe   []string `json:"unsafe"` // links out without rel
	Dangling []string `json:"dangling"`
	Doubled  []string `json:"doubled"` // ids that exist twice
	Unscoped int      `json:"unscoped"`
	Text     string   `json:"text"`
}

const inspect = `(() => {
	const all = (q) => [...document.querySelectorAll(q)];
	const ids = all("[id]").map((e) => e.id);
	return {
		scripts: all("script").length, images: all("img, iframe, object, embed").length,
		width: document.documentElement.scrollWidth, view: document.documentElement.clientWidth,
		headings: all("h1,h2,h3,h4").map((h) => h.tagName + " " + h.textContent.slice(0, 60)),
		missing: ["body>header", "body>main", "body>footer"].filter((q) => all(q).length !== 1),
		links: all("a").map((a) => a.getAttribute("href")),
		unsafe: all("a").filter((a) => !a.getAttribute("href").startsWith("#") && a.rel !== "noopener noreferrer").map((a) => a.href),
		dangling: all("a").map((a) => a.getAttribute("href")).filter((h) => h.startsWith("#") && !document.getElementById(h.slice(1))),
		doubled: ids.filter((x, i) => ids.indexOf(x) !== i),
		unscoped: all("th:not([scope])").length,
		text: document.body.innerText.slice(-5000),
	};
})()`

// complaints collects what the browser says of the pages, and what it asks the
// network for.
func complaints(t *testing.T, ctx context.Context) chan string {
	t.Helper()
	said := make(chan string, 1000)
	if err := chromedp.Listen(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventConsoleAPICalled:
			said <- "console: " + string(ev.Type)
		case *runtime.EventExceptionThrown:
			said <- "exception: " + ev.ExceptionDetails.Text
		case *page.EventJavascriptDialogOpening:
			said <- "dialog: " + ev.Message
		case *log.EventEntryAdded:
			said <- "log: " + ev.Entry.Text
		case *network.EventRequestWillBeSent:
			if u := ev.Request.URL; !strings.HasPrefix(u, "file:") && !strings.HasPrefix(u, "data:") {
				said <- "request: " + u
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return said
}

func TestPagesInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: this test starts Chromium")
	}
	pages := map[string][]byte{}
	add := func(name string, w *world, r *dossier.Reader) {
		d, err := r.Collect(w.ctx, w.Store, w.workspace, w.caseID)
		w.must(err)
		var b bytes.Buffer
		w.must(d.Write(&b, dossier.HTML))
		pages["dossier-"+name] = b.Bytes()
		var register bytes.Buffer
		_, err = dossier.Register(w.ctx, w.Store, &register, dossier.HTML, w.workspace, 0, 30000)
		w.must(err)
		pages["register-"+name] = register.Bytes()
	}
	w := newWorld(t, storetest.SQLite(t))
	w.story()
	add("story", w, &dossier.Reader{Facts: dossier.KeptFacts(w.Store)})
	w = newWorld(t, storetest.SQLite(t))
	add("hostile", w, poisoned(w))
	ctx := browser(t)
	said := complaints(t, ctx)
	dir := t.TempDir()
	for name, html := range pages {
		file := filepath.Join(dir, name+".html")
		if err := os.WriteFile(file, html, 0o600); err != nil {
			t.Fatal(err)
		}
		address := (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()
		for _, width := range []int64{1280, 390} {
			t.Run(fmt.Sprintf("%s/%d", name, width), func(t *testing.T) {
				if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address)); err != nil {
					t.Fatal(err)
				}
				got, err := chromedp.Run(ctx, chromedp.Evaluate[inspection](inspect))
				if err != nil {
					t.Fatal(err)
				}
				check(t, name, &got)
			})
		}
		t.Run(name+"/print", func(t *testing.T) {
			out, err := chromedp.Call(ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(out.Data, []byte("%PDF-")) || len(out.Data) < 5000 {
				t.Errorf("%d bytes of PDF", len(out.Data))
			}
			if keep := os.Getenv("KEEP_PAGES"); keep != "" {
				os.WriteFile(filepath.Join(keep, name+".pdf"), out.Data, 0o644)
				os.WriteFile(filepath.Join(keep, name+".html"), html, 0o644)
			}
		})
	}
	for {
		select {
		case s := <-said:
			t.Errorf("the browser complains: %s", s)
			continue
		default:
		}
		break
	}
}

func check(t *testing.T, name string, got *inspection) {
	t.Helper()
	if got.Scripts+got.Images != 0 {
		t.Errorf("%d scripts and %d images: text became markup", got.Scripts, got.Images)
	}
	if got.Width > got.View {
		t.Errorf("the page is %d px wide in a view of %d", got.Width, got.View)
	}
	if len(got.Missing) > 0 || len(got.Unsafe) > 0 || len(got.Dangling) > 0 || len(got.Doubled) > 0 || got.Unscoped > 0 {
		t.Errorf("landmarks %q, links without rel %q, links to nowhere %q, doubled ids %q, headers without scope %d", got.Missing, got.Unsafe, got.Dangling, got.Doubled, got.Unscoped)
	}
	level := byte('0')
	for i, h := range got.Headings {
		if h[1] > level+1 || (h[1] == '1') != (i == 0) {
			t.Errorf("heading %q skips a level or is a second h1: %q", h, got.Headings)
		}
		level = h[1]
	}
	for _, l := range got.Links {
		if !strings.HasPrefix(l, "#") && !strings.HasPrefix(l, "https://") && !strings.HasPrefix(l, "http://") {
			t.Errorf("link to %q", l)
		}
	}
	end := "nothing is called clean"
	if strings.HasPrefix(name, "register") {
		end = "does not call a product clean"
	}
	if !strings.Contains(got.Text, end) {
		t.Error("the statement is missing")
	}
}
