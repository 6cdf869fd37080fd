package report

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
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
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// inspection is what a page is asked in one evaluation.
type inspection struct {
	Title    string   `json:"title"`
	Lang     string   `json:"lang"`
	Scripts  int      `json:"scripts"`
	Images   int      `json:"images"`
	Width    int      `json:"width"`
	View     int      `json:"view"`
	Headings []string `json:"headings"`
	Missing  []string `json:"missing"` // landmarks that do not exist exactly once
	Links    []string `json:"links"`
	Unsafe   []string `json:"unsafe"` // links out without rel
	Dangling []string `json:"dangling"`
	Unscoped int      `json:"unscoped"`
	Faint    []string `json:"faint"` // text below a contrast of 4.5
	Text     string   `json:"text"`
}

const inspect = `(() => {
	const all = (q) => [...document.querySelectorAll(q)];
	const rgb = (s) => s.match(/[\d.]+/g).map(Number);
	const lum = (c) => c.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((a, v, i) => a + v * [0.2126, 0.7152, 0.0722][i], 0);
	const back = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
	const own = all("body *").filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
	const faint = own.filter((e) => {
		const a = lum(rgb(getComputedStyle(e).color)), b = lum(back(e));
		return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
	});
	return {
		title: document.title, lang: document.documentElement.lang,
		scripts: all("script").length, images: all("img, iframe, object, embed").length,
		width: document.documentElement.scrollWidth, view: document.documentElement.clientWidth,
		headings: all("h1,h2,h3,h4").map((h) => h.tagName + " " + h.textContent),
		missing: ["body>header", "body>main", "body>footer"].filter((q) => all(q).length !== 1),
		links: all("a").map((a) => a.getAttribute("href")),
		unsafe: all("a").filter((a) => !a.getAttribute("href").startsWith("#") && a.rel !== "noopener noreferrer").map((a) => a.href),
		dangling: all("a").map((a) => a.getAttribute("href")).filter((h) => h.startsWith("#") && !document.getElementById(h.slice(1))),
		unscoped: all("th:not([scope])").length,
		faint: [...new Set(faint.map((e) => e.className + ": " + e.textContent.slice(0, 40)))],
		text: document.body.innerText,
	};
})()`

func TestHTMLInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: this test starts Chromium")
	}
	ctx := browser(t)
	var (
		mu        sync.Mutex
		complaint []string
	)
	err := chromedp.Listen(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventConsoleAPICalled:
			complaint = append(complaint, "console: "+string(ev.Type))
		case *runtime.EventExceptionThrown:
			complaint = append(complaint, "exception: "+ev.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			complaint = append(complaint, "log: "+ev.Entry.Text)
		case *network.EventRequestWillBeSent:
			if u := ev.Request.URL; !strings.HasPrefix(u, "file:") && !strings.HasPrefix(u, "data:") {
				complaint = append(complaint, "request: "+u)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, stream := range streams(t) {
		file := filepath.Join(dir, name+".html")
		if err := os.WriteFile(file, render(t, stream, "html", Options{}), 0o600); err != nil {
			t.Fatal(err)
		}
		address := (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()
		for _, view := range []struct {
			scheme string
			width  int64
		}{{"light", 1280}, {"dark", 1280}, {"light", 390}} {
			t.Run(name+"/"+view.scheme+"/"+thousands(int(view.width)), func(t *testing.T) {
				media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: view.scheme}}}
				if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
					t.Fatal(err)
				}
				if err := chromedp.Do(ctx, chromedp.EmulateViewport(view.width, 900), chromedp.Navigate(address)); err != nil {
					t.Fatal(err)
				}
				got, err := chromedp.Run(ctx, chromedp.Evaluate[inspection](inspect))
				if err != nil {
					t.Fatal(err)
				}
				check(t, &got)
				mu.Lock()
				defer mu.Unlock()
				if len(complaint) > 0 {
					t.Errorf("the browser complains: %q", complaint)
					complaint = nil
				}
			})
		}
	}
}

func check(t *testing.T, got *inspection) {
	t.Helper()
	if !strings.HasPrefix(got.Title, "What must come off the shelf") || got.Lang != "en" {
		t.Errorf("title %q, lang %q", got.Title, got.Lang)
	}
	if got.Scripts+got.Images != 0 {
		t.Errorf("%d scripts and %d images: something of the catalog became markup", got.Scripts, got.Images)
	}
	if got.Width > got.View {
		t.Errorf("the page is %d px wide in a view of %d", got.Width, got.View)
	}
	if len(got.Missing) > 0 || len(got.Unsafe) > 0 || len(got.Dangling) > 0 || got.Unscoped > 0 {
		t.Errorf("landmarks %q, links without rel %q, links to nowhere %q, headers without scope %d", got.Missing, got.Unsafe, got.Dangling, got.Unscoped)
	}
	if len(got.Faint) > 0 {
		t.Errorf("contrast below 4.5: %q", got.Faint)
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
	if !strings.Contains(got.Text, "State of knowledge") {
		t.Error("the state of knowledge is missing")
	}
}
