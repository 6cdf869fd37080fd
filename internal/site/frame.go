package site

import (
	"net/url"
	"slices"

	"github.com/offshelf/offshelf"
)

// frame is what every page has around its content.
type frame struct {
	Root        string // relative way to the index
	Kind, Title string
	Kicker      string
	Show        string // id for `offshelf knowledge show`
	Knowledge   string
	AsOf        string
	Sum         string
	Version     string
	Sources     []source

	book   *book
	number map[string]int
}

// source is a numbered citation.
type source struct {
	Number           int
	Name, Title, URL string
	Host             string // where the address may become a link
	Grade            string
	Weak             bool
}

// proof is what a fact rests on.
type proof struct {
	Grade string
	Weak  bool
	Refs  []int
	Note  string
}

func (b *book) frame(root, kind, title string) *frame {
	return &frame{
		Root: root, Kind: kind, Title: title, Knowledge: b.k.Version, AsOf: b.day.String(), Sum: b.options.Sum, Version: b.options.Version,
		book: b, number: map[string]int{},
	}
}

// cite returns the numbers of sources, in the order in which the page first
// cites them.
func (f *frame) cite(ids []string) []int {
	var out []int
	for _, id := range ids {
		s := f.book.sources[id]
		if s == nil {
			continue
		}
		n := f.number[id]
		if n == 0 {
			n = len(f.Sources) + 1
			f.number[id] = n
			f.Sources = append(f.Sources, numbered(n, s))
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

func numbered(n int, s *offshelf.Source) source {
	v := source{Number: n, Name: s.Publisher, Title: s.Title, URL: s.URL, Host: host(s.URL), Grade: grade(s.Grade), Weak: s.Grade.Weak()}
	if v.Name == "" {
		v.Name, v.Title = s.Title, ""
	}
	if v.Name == "" {
		v.Name = s.ID
	}
	if d := s.Date.Spoken(); d != "" {
		v.Name += ", " + d
	}
	return v
}

// proof says what a fact rests on. A fact that states no grade has that of its
// best source.
func (f *frame) proof(e offshelf.Evidence) proof {
	g := e.Grade
	if g == offshelf.GradeUnset {
		for _, id := range e.Sources {
			if s := f.book.sources[id]; s != nil && (g == offshelf.GradeUnset || s.Grade < g) {
				g = s.Grade
			}
		}
	}
	return proof{grade(g), g.Weak(), f.cite(e.Sources), e.Note}
}

func (f *frame) hopProof(h *offshelf.Hop) proof {
	var ids []string
	for _, s := range h.Sources {
		ids = append(ids, s.ID)
	}
	return f.proof(offshelf.Evidence{Sources: ids, Grade: h.Grade})
}

func grade(g offshelf.Grade) string {
	if g == offshelf.GradeUnset {
		return "no grade"
	}
	return g.String()
}

// host returns the host of an address that may become a link: a web page, and
// no address that shows one host and goes to another.
func host(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
		return ""
	}
	return u.Host
}
