package site

import (
	"context"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
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

// browser starts a headless Chromium that is left alone with the pages.
func browser(t *testing.T) context.Context {
	t.Helper()
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

// look is what a page is asked in one evaluation.
type look struct {
	Width   int      `json:"width"`
	View    int      `json:"view"`
	Missing []string `json:"missing"`
	Faint   []string `json:"faint"` // text below a contrast of 4.5
	Drawn   bool     `json:"drawn"` // a timeline that one can see
	Bars    int      `json:"bars"`
	Search  bool     `json:"search"`
	Styled  bool     `json:"styled"`
}

const see = `(() => {
	const all = (q) => [...document.querySelectorAll(q)];
	const rgb = (s) => s.match(/[\d.]+/g).map(Number);
	const lum = (c) => c.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((a, v, i) => a + v * [0.2126, 0.7152, 0.0722][i], 0);
	const back = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
	const own = all("body *").filter((e) => !e.closest("svg") && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
	const faint = own.filter((e) => {
		const a = lum(rgb(getComputedStyle(e).color)), b = lum(back(e));
		return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
	});
	const svg = document.querySelector("svg.timeline"), box = svg && svg.getBoundingClientRect();
	return {
		width: document.documentElement.scrollWidth, view: document.documentElement.clientWidth,
		missing: ["body>header", "body>main", "body>footer", "h1", "nav[aria-label]"].filter((q) => all(q).length !== 1),
		faint: [...new Set(faint.map((e) => e.className + ": " + e.textContent.slice(0, 40)))],
		drawn: Boolean(box) && box.width > 300 && box.height > 40 && getComputedStyle(svg).visibility === "visible",
		bars: all("svg.timeline rect").filter((r) => r.getBoundingClientRect().width > 1).length,
		search: document.getElementById("search").checkVisibility(), styled: getComputedStyle(document.body).maxWidth !== "none",
	};
})()`

func TestSiteInBrowser(t *testing.T) {
	ctx := browser(t)
	k, s, o := embedded(t)
	dir := filepath.Join(t.TempDir(), "site")
	if err := Write(dir, k, s, o); err != nil {
		t.Fatal(err)
	}
	address := func(page string) string {
		return (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, page))}).String()
	}
	complaints := listen(t, ctx)

	t.Run("search", func(t *testing.T) {
		err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address("index.html")),
			chromedp.WaitVisible("#query"), chromedp.SendKeys("#query", "lorex"), chromedp.WaitVisible("#hits a"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("#hits a")].map((a) => a.textContent)`))
		if err != nil {
			t.Fatal(err)
		}
		if len(got) < 2 || got[0] != "Lorex" || !slices.Contains(got, "Lorex Technology Inc.") {
			t.Errorf("lorex finds %q", got)
		}
		if err := chromedp.Do(ctx, chromedp.Click("#hits a"), chromedp.WaitVisible("svg.timeline")); err != nil {
			t.Fatal(err)
		}
		at, err := chromedp.Run(ctx, chromedp.Location())
		if err != nil || !strings.HasSuffix(at, "/brand/lorex.html") {
			t.Errorf("the hit leads to %q, %v", at, err)
		}
		// From a page below the root, with the keyboard.
		if err := chromedp.Do(ctx, chromedp.SendKeys("#query", "zhejiang dahua technology co ltd\r"), chromedp.WaitVisible("#listings")); err != nil {
			t.Fatal(err)
		}
		at, err = chromedp.Run(ctx, chromedp.Location())
		if err != nil || !strings.HasSuffix(at, "/party/dahua.html") {
			t.Errorf("Enter leads to %q, %v", at, err)
		}
	})
	for _, page := range []string{"index.html", "facts.html", "brand/lorex.html", "party/dahua.html", "party/huawei.html", "regime/us-fcc-covered.html", "list/us-1260h.html"} {
		for _, view := range []struct {
			scheme string
			width  int64
		}{{"light", 1280}, {"dark", 1280}, {"light", 390}} {
			t.Run(page+"/"+view.scheme+"/"+thousands(int(view.width)), func(t *testing.T) {
				media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: view.scheme}}}
				if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
					t.Fatal(err)
				}
				if err := chromedp.Do(ctx, chromedp.EmulateViewport(view.width, 900), chromedp.Navigate(address(page))); err != nil {
					t.Fatal(err)
				}
				got, err := chromedp.Run(ctx, chromedp.Evaluate[look](see))
				if err != nil {
					t.Fatal(err)
				}
				if got.Width > got.View {
					t.Errorf("the page is %d px wide in a view of %d", got.Width, got.View)
				}
				if len(got.Missing) > 0 || len(got.Faint) > 0 || !got.Search || !got.Styled {
					t.Errorf("not exactly once %q, faint %q, search %v, styled %v", got.Missing, got.Faint, got.Search, got.Styled)
				}
				if drawn := !strings.HasPrefix(page, "list/") && strings.Contains(page, "/"); got.Drawn != drawn || drawn && got.Bars < 3 {
					t.Errorf("timeline drawn: %v, with %d bars", got.Drawn, got.Bars)
				}
			})
		}
	}
	if list := complaints(); len(list) > 0 {
		t.Errorf("the browser complains: %q", list)
	}
}

// listen collects what the browser has to say against the pages.
func listen(t *testing.T, ctx context.Context) func() []string {
	t.Helper()
	var (
		mu   sync.Mutex
		list []string
	)
	err := chromedp.Listen(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch ev := ev.(type) {
		case *runtime.EventConsoleAPICalled:
			list = append(list, "console: "+string(ev.Type))
		case *runtime.EventExceptionThrown:
			list = append(list, "exception: "+ev.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			list = append(list, "log: "+ev.Entry.Text)
		case *network.EventRequestWillBeSent:
			if u := ev.Request.URL; !strings.HasPrefix(u, "file:") && !strings.HasPrefix(u, "data:") {
				list = append(list, "request: "+u)
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
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(list)
	}
}
