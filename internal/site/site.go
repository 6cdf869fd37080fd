// Package site writes the knowledge as a static site: a page a brand, party,
// regime and list, each fact with its dates, its grade and its sources. The
// pages need no server and no script; search has a script of its own.
package site

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"unicode"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/style"
	"github.com/offshelf/offshelf/screen"
)

// Options says what the pages print of where they come from.
type Options struct {
	Version string // of the program
	Sum     string // SHA-256 of the state of the knowledge
}

// Write writes the site of a knowledge to dir. The screener must have been
// made from the same knowledge; its day is the day on which the pages say
// which rules reach what. The same knowledge and day give the same bytes.
//
// The directory must be new, empty, or hold a site that Write wrote before;
// of such a site, pages that no longer exist are removed.
func Write(dir string, k *offshelf.Knowledge, s *screen.Screener, o Options) error {
	files, err := render(k, s, o)
	if err != nil {
		return err
	}
	return save(dir, files)
}

// file is one file of the site; its name has slashes.
type file struct {
	name string
	data []byte
}

//go:embed layout.html
var layoutSource string

//go:embed pages.html
var pagesSource string

//go:embed site.css
var siteStyle string

//go:embed search.js
var searchScript string

var templates = template.Must(template.Must(template.New("site").Funcs(template.FuncMap{"inc": func(i int) int { return i + 1 }, "up": upper}).Parse(layoutSource)).Parse(pagesSource))

// idShape is what an id must be to become the name of a file.
var idShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const maxID = 100

// render makes all files of the site in memory.
func render(k *offshelf.Knowledge, s *screen.Screener, o Options) ([]file, error) {
	b, err := newBook(k, s, o)
	if err != nil {
		return nil, err
	}
	var out []file
	add := func(name, kind string, view any) error {
		var page bytes.Buffer
		if err := templates.ExecuteTemplate(&page, kind, view); err != nil {
			return fmt.Errorf("page %s: %w", name, err)
		}
		out = append(out, file{name, visible(page.Bytes())})
		return nil
	}
	for i := range k.Brands {
		v, err := b.brandPage(&k.Brands[i])
		if err != nil {
			return nil, err
		}
		if err := add("brand/"+k.Brands[i].ID+".html", "brand", v); err != nil {
			return nil, err
		}
	}
	for i := range k.Parties {
		v, err := b.partyPage(&k.Parties[i])
		if err != nil {
			return nil, err
		}
		if err := add("party/"+k.Parties[i].ID+".html", "party", v); err != nil {
			return nil, err
		}
	}
	for i := range k.Regimes {
		if err := add("regime/"+k.Regimes[i].ID+".html", "regime", b.regimePage(&k.Regimes[i])); err != nil {
			return nil, err
		}
	}
	for _, l := range b.lists {
		if err := add("list/"+l+".html", "list", b.listPage(l)); err != nil {
			return nil, err
		}
	}
	if err := add("index.html", "index", b.indexPage()); err != nil {
		return nil, err
	}
	if err := add("facts.html", "about", b.factsPage()); err != nil {
		return nil, err
	}
	script, err := b.script()
	if err != nil {
		return nil, err
	}
	return append(out, file{"style.css", []byte(style.Page + siteStyle)}, file{"search.js", script}), nil
}

// visible drops what has no shape of its own, so that no fact changes how a
// reader sees another: control characters and bidirectional overrides.
func visible(page []byte) []byte {
	return bytes.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\u200c', r == '\u200d': // the joiners are letters of some scripts
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == '\u2028', r == '\u2029':
			return -1
		}
		return r
	}, page)
}

// script is the search: its index as data, then the code.
func (b *book) script() ([]byte, error) {
	var data bytes.Buffer
	data.WriteString("\"use strict\";\nconst entries = [\n")
	for _, e := range b.entries() {
		line, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		data.Write(append(line, ",\n"...))
	}
	data.WriteString("];\n")
	data.WriteString(strings.TrimPrefix(searchScript, "\"use strict\";\n"))
	return data.Bytes(), nil
}
