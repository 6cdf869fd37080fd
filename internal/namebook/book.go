// Package namebook finds the parties, brands and list entries whose names come
// near a name, and says where each name stands: in the compiled lists, or in
// the facts alone.
package namebook

import (
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/roll"
	"github.com/offshelf/offshelf/internal/search"
)

// Source says where a name stands.
type Source struct {
	Party    string `json:"party,omitempty"` // id of the party or brand, or of the entry where it is no known party's
	Name     string `json:"party_name,omitempty"`
	As       string `json:"as,omitempty"` // name, alias, brand or listing
	List     string `json:"list,omitempty"`
	Citation string `json:"citation,omitempty"`
	Line     int    `json:"line,omitempty"` // of the file that it was read from
}

// Found is a name that comes near.
type Found struct {
	Name    string   `json:"name"`
	Score   float64  `json:"score"` // 0 to 1
	Kind    string   `json:"kind"`  // company, person or vessel
	Sources []Source `json:"sources"`
	Reasons []string `json:"reasons"`
}

// Book is an index of names with their sources. It may be used by several
// goroutines.
type Book struct {
	index   *search.Index
	sources func(search.Hit) []Source
	state   string
}

// Mapped reads the names of the compiled lists, where they lie. The book must
// not be used after the roll was closed.
func Mapped(r *roll.Roll) *Book {
	return &Book{index: r.Names(), sources: func(h search.Hit) []Source { return rollSources(r, h) }, state: r.State()}
}

// Of indexes the names of the facts: parties by name and alias, brands, and
// listings as printed.
func Of(k *offshelf.Knowledge) *Book {
	var n Names
	n.addFacts(k)
	return n.Book(k.State())
}

// State names the state of the facts for people.
func (b *Book) State() string { return b.state }

// Find returns the names that come nearest, the best first.
func (b *Book) Find(name string, o search.Options) []Found {
	hits := b.index.Search(name, o)
	out := make([]Found, 0, len(hits))
	for _, h := range hits {
		printed, k, _ := b.index.Name(h.Name)
		out = append(out, Found{printed, h.Score, k.String(), b.sources(h), search.Compare(name, printed, k).Reasons})
	}
	return out
}

func rollSources(r *roll.Roll, h search.Hit) []Source {
	printed, _, label := r.Names().Name(h.Name)
	x, err := r.Record(int(label))
	if err != nil {
		return nil
	}
	as := func(name, otherwise string) string {
		if printed != name {
			return "alias"
		}
		return otherwise
	}
	switch {
	case x.Entry != nil:
		src := Source{Party: x.Party, Name: x.Entry.Name, As: as(x.Entry.Name, "listing"), List: x.Entry.ID(), Citation: edition.Cited(x.Entry)}
		if src.Party == "" {
			src.Party = x.Entry.ID()
		}
		return []Source{src}
	case x.Brand != "":
		return []Source{{Party: x.Brand, Name: x.Name, As: "brand"}}
	}
	return []Source{{Party: x.Party, Name: x.Name, As: as(x.Name, "name")}}
}

// Names collects names; the same name of the same kind is there once, with all
// its sources.
type Names struct {
	entries []search.Entry
	sources [][]Source
	at      map[string]int
}

// Len is the number of names.
func (n *Names) Len() int { return len(n.entries) }

// Add adds a name; a kind that is not known is guessed.
func (n *Names) Add(name string, kind search.Kind, src Source) {
	if strings.TrimSpace(name) == "" {
		return
	}
	if kind == search.Any {
		kind = search.Guess(name)
	}
	key := kind.String() + "\x00" + name
	if i, ok := n.at[key]; ok {
		if !slices.Contains(n.sources[i], src) {
			n.sources[i] = append(n.sources[i], src)
		}
		return
	}
	if n.at == nil {
		n.at = map[string]int{}
	}
	n.at[key] = len(n.entries)
	n.entries = append(n.entries, search.Entry{Name: name, Kind: kind, Label: uint32(len(n.entries))})
	n.sources = append(n.sources, []Source{src})
}

// Book indexes the names. The state names where they are from, for people.
func (n *Names) Book(state string) *Book {
	return &Book{index: search.Build(n.entries), sources: func(h search.Hit) []Source { return n.sources[h.Name] }, state: state}
}

func (n *Names) addFacts(k *offshelf.Knowledge) {
	parties := map[string]*offshelf.Party{}
	kindOf := func(p *offshelf.Party) search.Kind {
		if p != nil && p.Kind == "person" {
			return search.Person
		}
		return search.Company
	}
	for i := range k.Parties {
		p := &k.Parties[i]
		parties[p.ID] = p
		n.Add(p.Name, kindOf(p), Source{Party: p.ID, Name: p.Name, As: "name"})
		for _, a := range p.Aliases {
			n.Add(a, kindOf(p), Source{Party: p.ID, Name: p.Name, As: "alias"})
		}
	}
	for _, b := range k.Brands {
		for _, name := range append([]string{b.Name}, b.Aliases...) {
			n.Add(name, search.Company, Source{Party: b.ID, Name: b.Name, As: "brand"})
		}
	}
	for _, l := range k.Listings {
		src := Source{Party: l.Party, As: "listing", List: l.List, Citation: l.Citation}
		p := parties[l.Party]
		if p != nil {
			src.Name = p.Name
		}
		n.Add(l.Name, kindOf(p), src)
	}
}
