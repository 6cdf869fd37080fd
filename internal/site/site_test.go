package site

import (
	"bytes"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

const asOf = "2026-11-24"

// embedded returns the embedded knowledge and a screener of it.
func embedded(t testing.TB) (*offshelf.Knowledge, *screen.Screener, Options) {
	t.Helper()
	k, sum, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return k, screener(t, k), Options{Version: "0.0.0", Sum: sum}
}

func screener(t testing.TB, k *offshelf.Knowledge) *screen.Screener {
	t.Helper()
	snapshot, err := screen.Compile(k, "sum")
	if err != nil {
		t.Fatal(err)
	}
	day, err := offshelf.ParseDay(asOf)
	if err != nil {
		t.Fatal(err)
	}
	s, err := screen.New(snapshot, offshelf.Policy{ID: "none", Title: "All noted", Otherwise: offshelf.Note}, screen.AsOf(day))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tree reads all regular files below a directory.
func tree(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out[name], err = os.ReadFile(filepath.Join(dir, name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func written(t testing.TB) map[string][]byte {
	t.Helper()
	k, s, o := embedded(t)
	dir := filepath.Join(t.TempDir(), "site")
	if err := Write(dir, k, s, o); err != nil {
		t.Fatal(err)
	}
	return tree(t, dir)
}

var (
	once sync.Once
	site map[string][]byte
)

// shared is one site for all tests that only read it.
func shared(t testing.TB) map[string][]byte {
	t.Helper()
	once.Do(func() { site = written(t) })
	if site == nil {
		t.Fatal("the site was not written")
	}
	return site
}

// document is what a test asks of a page.
type document struct {
	ids     map[string]int
	links   []*html.Node
	scripts []*html.Node
	styled  int // style attributes, style elements and event handlers
	headers int // table headers without scope
	heads   []string
	svgs    int
	titled  int
}

func read(t testing.TB, page []byte) *document {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	d := &document{ids: map[string]int{}}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			if a.Key == "id" {
				d.ids[a.Val]++
			}
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				d.styled++
			}
		}
		switch n.Data {
		case "a":
			d.links = append(d.links, n)
		case "script":
			d.scripts = append(d.scripts, n)
		case "style":
			d.styled++
		case "th":
			if attr(n, "scope") == "" {
				d.headers++
			}
		case "h1", "h2", "h3", "h4":
			d.heads = append(d.heads, n.Data)
		case "svg":
			d.svgs++
		case "desc":
			d.titled++
		}
	}
	return d
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestPages(t *testing.T) {
	files := shared(t)
	pages := map[string]*document{}
	for name, data := range files {
		if path.Ext(name) != ".html" {
			continue
		}
		if len(data) >= 100_000 {
			t.Errorf("%s has %d bytes", name, len(data))
		}
		pages[name] = read(t, data)
		for _, want := range []string{`<html lang="en">`, "<header>", `<main id="content">`, "<footer>", "script-src 'self'", "State of knowledge"} {
			if strings.Count(string(data), want) != 1 {
				t.Errorf("%s: %q stands there %d times", name, want, strings.Count(string(data), want))
			}
		}
	}
	for name, p := range pages {
		for id, n := range p.ids {
			if n > 1 {
				t.Errorf("%s: the id %q is there %d times", name, id, n)
			}
		}
		if p.styled > 0 || p.headers > 0 || p.svgs != p.titled {
			t.Errorf("%s: %d inline styles or handlers, %d headers without scope, %d drawings, %d described", name, p.styled, p.headers, p.svgs, p.titled)
		}
		for _, s := range p.scripts {
			if s.FirstChild != nil || attr(s, "src") != strings.Repeat("../", strings.Count(name, "/"))+"search.js" {
				t.Errorf("%s: a script other than search.js", name)
			}
		}
		level := "h0"
		for i, h := range p.heads {
			if h[1] > level[1]+1 || (h == "h1") != (i == 0) {
				t.Errorf("%s: headings %v", name, p.heads)
				break
			}
			level = h
		}
		for _, a := range p.links {
			link(t, name, a, pages)
		}
	}
}

// link checks that a link leads somewhere.
func link(t *testing.T, from string, a *html.Node, pages map[string]*document) {
	t.Helper()
	href := attr(a, "href")
	u, err := url.Parse(href)
	if err != nil || href == "" {
		t.Errorf("%s: link to %q", from, href)
		return
	}
	if u.Scheme != "" || u.Host != "" {
		if u.Scheme != "https" && u.Scheme != "http" || attr(a, "rel") != "noopener noreferrer" {
			t.Errorf("%s: link to %q, rel %q", from, href, attr(a, "rel"))
		}
		return
	}
	target := from
	if u.Path != "" {
		target = path.Join(path.Dir(from), u.Path)
	}
	p := pages[target]
	if p == nil {
		t.Errorf("%s: %q leads to no page", from, href)
	} else if u.Fragment != "" && p.ids[u.Fragment] == 0 {
		t.Errorf("%s: %q leads to no place on the page", from, href)
	}
}

func TestOnePageEach(t *testing.T) {
	k, _, _ := embedded(t)
	count := map[string]int{}
	for name := range shared(t) {
		count[path.Dir(name)]++
	}
	if count["brand"] != len(k.Brands) || count["party"] != len(k.Parties) || count["regime"] != len(k.Regimes) || count["list"] == 0 {
		t.Errorf("pages %v for %d brands, %d parties, %d regimes", count, len(k.Brands), len(k.Parties), len(k.Regimes))
	}
	if count["."] != 5 { // index, about, style, search, marker
		t.Errorf("%d files at the root", count["."])
	}
}

func TestDeterministic(t *testing.T) {
	a, b := shared(t), written(t)
	if len(a) != len(b) {
		t.Fatalf("%d files and %d", len(a), len(b))
	}
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			t.Errorf("%s differs between two runs", name)
		}
	}
}

func TestLorexTellsItsStory(t *testing.T) {
	files := shared(t)
	tags := regexp.MustCompile(`<[^>]*>`)
	text := func(name string) string { return tags.ReplaceAllString(string(files[name]), "") }
	for name, want := range map[string][]string{
		"brand/lorex.html": {
			"FLIR Systems, Inc. has 100% and control of Lorex Technology Inc.", "2018-02-06 to 2022-11-24", "Does not carry:",
			"law may reach goods of Lorex", "Cirrus Design Corporation is not it", "Office of the Attorney General of Texas",
		},
		"party/dahua.html":         {"84 FR 54002", "us-bis-el", "Lorex", "Amcrest", "Denies that it sells", "reply"},
		"regime/us-bis-el.html":    {"Forbids export", "policy: it binds no private sale", "Dahua Technology", "The listed party only"},
		"list/us-fcc-covered.html": {"FCC Covered List"},
		"facts.html":               {"official", "hobby", "How to correct a fact"},
	} {
		for _, w := range want {
			if !strings.Contains(text(name), w) {
				t.Errorf("%s does not say %q", name, w)
			}
		}
	}
	if !strings.Contains(string(files["search.js"]), `{"n":"Lorex","k":"brand","p":"brand/lorex.html"`) {
		t.Error("the search does not know Lorex")
	}
}

func TestRefusesHostileIDs(t *testing.T) {
	for _, id := range []string{"", "../evil", "a/b", "A", "a--b", "a.b", "-a", strings.Repeat("a", 200)} {
		for what, k := range map[string]*offshelf.Knowledge{
			"brand":  {Version: asOf, Brands: []offshelf.Brand{{ID: id, Name: "Some"}}},
			"party":  {Version: asOf, Parties: []offshelf.Party{{ID: id, Name: "Some"}}},
			"regime": {Version: asOf, Regimes: []offshelf.Regime{{ID: id, Title: "Some", Lists: []string{"x"}}}},
			"list":   {Version: asOf, Listings: []offshelf.Listing{{ID: "x/y", List: id}}},
		} {
			dir := filepath.Join(t.TempDir(), "site")
			if err := Write(dir, k, screener(t, k), Options{}); err == nil || !strings.Contains(err.Error(), what) {
				t.Errorf("%s %q: %v", what, id, err)
			}
			if _, err := os.Stat(dir); err == nil {
				t.Errorf("%s %q: something was written", what, id)
			}
		}
	}
	twice := &offshelf.Knowledge{Version: asOf, Parties: []offshelf.Party{{ID: "a", Name: "A"}, {ID: "a", Name: "B"}}}
	if err := Write(filepath.Join(t.TempDir(), "site"), twice, screener(t, twice), Options{}); err == nil {
		t.Error("an id that is there twice was taken")
	}
}

func TestHostileTextStaysText(t *testing.T) {
	const evil = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}</title></svg>\u202etxt\x1b[31m]]>"
	e := offshelf.Evidence{Sources: []string{"bad", "user", "good", "missing"}, Grade: offshelf.GradePress, Note: evil}
	from, _ := offshelf.ParseDate("2019-10-09")
	iv := offshelf.Interval{From: from}
	k := &offshelf.Knowledge{
		Version: evil,
		Sources: []offshelf.Source{
			{ID: "bad", Title: evil, Publisher: evil, URL: "javascript:alert(1)", Grade: offshelf.GradePress},
			{ID: "user", Title: evil, URL: "https://good.example@evil.example/", Grade: offshelf.GradePress},
			{ID: "good", Title: evil, URL: "https://good.example/?q=\"><script>", Grade: offshelf.GradePress},
		},
		Parties:  []offshelf.Party{{ID: "p", Name: evil, Kind: evil, Country: evil, Aliases: []string{evil}, Registrants: []string{evil}, Evidence: e}},
		Brands:   []offshelf.Brand{{ID: "b", Name: evil + "b", Aliases: []string{evil}, Ambiguous: evil, Lines: []string{evil}, Parent: "../x", Goods: []string{"../g"}, Holders: []offshelf.Holder{{Party: "p", Interval: iv, Evidence: e, Conflict: evil}, {Party: "p", Interval: iv, Evidence: e}, {Party: "../q", Interval: iv, Evidence: e}}}},
		Makes:    []offshelf.Make{{Maker: "p", Brand: "b", Models: []string{"<script>"}, Interval: iv, Evidence: e}},
		Tells:    []offshelf.Tell{{Kind: "mark", Pattern: evil, Brand: "b", Party: "p", Strength: offshelf.Strength(evil), Evidence: e}},
		Listings: []offshelf.Listing{{ID: "l/p", Party: "p", List: "l", Name: evil, Citation: evil, Status: evil, Origin: []string{evil}, Interval: iv, Evidence: e}},
		Concerns: []offshelf.Concern{{ID: "c", Party: "p", What: evil, By: evil, Date: from, Evidence: e}},
		Refuted:  []offshelf.Refuted{{Subject: evil, Not: "b", Why: evil, Evidence: e}},
		Regimes: []offshelf.Regime{
			{ID: "l", Title: evil, Authority: evil, Lists: []string{"l"}, Reach: offshelf.Reach{Kind: offshelf.ReachNamed, Owner: true, Maker: true}, Periods: []offshelf.Period{{State: "in-force", Forbids: []string{evil}, Basis: offshelf.Law, Note: evil}}},
			{ID: "concern", Title: evil, Lists: []string{"concern"}, Reach: offshelf.Reach{Kind: offshelf.ReachNamed, Owner: true, Maker: true}, Periods: []offshelf.Period{{State: evil, Basis: offshelf.Choice}}},
		},
	}
	dir := filepath.Join(t.TempDir(), "site")
	if err := Write(dir, k, screener(t, k), Options{Version: evil, Sum: evil}); err != nil {
		t.Fatal(err)
	}
	files := tree(t, dir)
	pages := map[string]*document{}
	for name, data := range files {
		if path.Ext(name) == ".html" {
			pages[name] = read(t, data)
		}
		if bytes.ContainsAny(data, "\x1b\u202e") && name != "search.js" {
			t.Errorf("%s holds a control character", name)
		}
	}
	for name, p := range pages {
		if len(p.scripts) != 1 || p.styled > 0 {
			t.Errorf("%s: %d scripts, %d styles or handlers", name, len(p.scripts), p.styled)
		}
		for _, a := range p.links {
			link(t, name, a, pages)
			if href := attr(a, "href"); strings.HasPrefix(href, "javascript:") || strings.Contains(href, "evil") {
				t.Errorf("%s: link to %q", name, href)
			}
		}
	}
	if !slices.ContainsFunc(pages["brand/b.html"].links, func(a *html.Node) bool { return strings.HasPrefix(attr(a, "href"), "https://good.example/") }) {
		t.Error("the good source is not linked")
	}
	if js := files["search.js"]; bytes.Contains(js, []byte("</script")) || bytes.Contains(js, []byte("\x1b")) {
		t.Error("the index of the search is not plain data")
	}
}

func BenchmarkWrite(b *testing.B) {
	k, s, o := embedded(b)
	dir := filepath.Join(b.TempDir(), "site")
	for b.Loop() {
		if err := Write(dir, k, s, o); err != nil {
			b.Fatal(err)
		}
	}
	largest, total := 0, 0
	for name, data := range tree(b, dir) {
		total += len(data)
		if path.Ext(name) == ".html" {
			largest = max(largest, len(data))
		}
	}
	b.ReportMetric(float64(largest), "largest-page-B")
	b.ReportMetric(float64(total), "site-B")
}
