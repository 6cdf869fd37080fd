package site

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// book is the knowledge, opened for reading by id.
type book struct {
	k       *offshelf.Knowledge
	s       *screen.Screener
	options Options
	day     offshelf.Day

	brands  map[string]*offshelf.Brand
	parties map[string]*offshelf.Party
	regimes map[string]*offshelf.Regime
	sources map[string]*offshelf.Source
	goods   map[string]string // titles
	lists   []string
	listing map[string]*offshelf.Listing
	printed map[string][]*offshelf.Listing // by party
	called  map[string]string              // party id by printed name, where only one has it

	holders map[string][]string // by party: who holds or held it
	reached map[string][]reach  // by regime: the brands that it reaches on the day
}

// reach is that a regime reaches a brand.
type reach struct {
	brand   *offshelf.Brand
	verdict offshelf.Verdict
	since   offshelf.Date
}

func newBook(k *offshelf.Knowledge, s *screen.Screener, o Options) (*book, error) {
	b := &book{
		k: k, s: s, options: o, day: s.Day(),
		brands: map[string]*offshelf.Brand{}, parties: map[string]*offshelf.Party{}, regimes: map[string]*offshelf.Regime{},
		sources: map[string]*offshelf.Source{}, listing: map[string]*offshelf.Listing{}, goods: map[string]string{}, printed: map[string][]*offshelf.Listing{},
		called: map[string]string{}, holders: map[string][]string{}, reached: map[string][]reach{},
	}
	var errs []error
	check := func(what, id string, taken bool) {
		switch {
		case len(id) > maxID || !idShape.MatchString(id):
			errs = append(errs, fmt.Errorf("%s %q: an id of lower-case letters, digits and single hyphens is needed to name a page", what, id))
		case taken:
			errs = append(errs, fmt.Errorf("%s %q: the id is there twice", what, id))
		}
	}
	for i := range k.Brands {
		x := &k.Brands[i]
		check("brand", x.ID, b.brands[x.ID] != nil)
		b.brands[x.ID] = x
	}
	for i := range k.Parties {
		x := &k.Parties[i]
		check("party", x.ID, b.parties[x.ID] != nil)
		b.parties[x.ID] = x
		if _, twice := b.called[x.Name]; twice {
			b.called[x.Name] = ""
		} else {
			b.called[x.Name] = x.ID
		}
	}
	lists := map[string]bool{}
	for i := range k.Regimes {
		x := &k.Regimes[i]
		check("regime", x.ID, b.regimes[x.ID] != nil)
		b.regimes[x.ID] = x
		for _, l := range x.Lists {
			lists[l] = true
		}
	}
	for i := range k.Listings {
		x := &k.Listings[i]
		lists[x.List] = true
		b.listing[x.ID] = x
		b.printed[x.Party] = append(b.printed[x.Party], x)
	}
	for l := range lists {
		b.lists = append(b.lists, l)
	}
	slices.Sort(b.lists)
	for _, l := range b.lists {
		check("list", l, false)
	}
	for i := range k.Stakes {
		if x := &k.Stakes[i]; x.Conflict == "" {
			b.holders[x.Held] = append(b.holders[x.Held], x.Holder)
		}
	}
	for i := range k.Sources {
		b.sources[k.Sources[i].ID] = &k.Sources[i]
	}
	for _, g := range k.Goods {
		b.goods[g.ID] = g.Title
	}
	return b, errors.Join(errs...)
}

// piece is a stretch of text, perhaps a link to another page of the site.
type piece struct{ Text, Href string }

func text(s string) piece { return piece{Text: s} }

func (b *book) party(id string) piece {
	if p := b.parties[id]; p != nil {
		return piece{p.Name, "../party/" + id + ".html"}
	}
	return text(id)
}

func (b *book) brand(id string) piece {
	if x := b.brands[id]; x != nil {
		return piece{x.Name, "../brand/" + id + ".html"}
	}
	return text(id)
}

func (b *book) regime(id string) piece {
	if r := b.regimes[id]; r != nil {
		return piece{r.Title, "../regime/" + id + ".html"}
	}
	return text(id)
}

func (b *book) list(id string) piece {
	if _, ok := slices.BinarySearch(b.lists, id); ok {
		return piece{id, "../list/" + id + ".html"}
	}
	return text(id)
}

// named links a printed name to the page of the party that has it.
func (b *book) named(name string) piece {
	if id := b.called[name]; id != "" {
		return b.party(id)
	}
	return text(name)
}

func (b *book) goodsTitles(ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, lower(cmp.Or(b.goods[id], id)))
	}
	return strings.Join(out, "; ")
}

// triggered lists the regimes that a list triggers.
func (b *book) triggered(list string) []*offshelf.Regime {
	var out []*offshelf.Regime
	for i := range b.k.Regimes {
		if slices.Contains(b.k.Regimes[i].Lists, list) {
			out = append(out, &b.k.Regimes[i])
		}
	}
	return out
}

// entry is a line of the search index: name, kind, page, other names.
type entry struct {
	Name  string   `json:"n"`
	Kind  string   `json:"k"`
	Page  string   `json:"p"`
	Other []string `json:"o,omitempty"`
}

func (b *book) entries() []entry {
	var out []entry
	marks := map[string][]string{} // marks that a buyer can read, by brand and by party
	for _, t := range b.k.Tells {
		if t.Kind != offshelf.TellApp && t.Kind != offshelf.TellFCC {
			continue
		}
		if t.Brand != "" {
			marks["brand "+t.Brand] = append(marks["brand "+t.Brand], t.Pattern)
		}
		if t.Party != "" {
			marks["party "+t.Party] = append(marks["party "+t.Party], t.Pattern)
		}
	}
	for i := range b.k.Brands {
		x := &b.k.Brands[i]
		out = append(out, entry{x.Name, "brand", "brand/" + x.ID + ".html", others(x.Name, x.Aliases, x.Lines, marks["brand "+x.ID], []string{x.ID})})
	}
	for i := range b.k.Parties {
		x := &b.k.Parties[i]
		var printed []string
		for _, l := range b.printed[x.ID] {
			printed = append(printed, l.Name)
		}
		out = append(out, entry{x.Name, "party", "party/" + x.ID + ".html", others(x.Name, x.Aliases, printed, x.Registrants, marks["party "+x.ID], []string{x.ID})})
	}
	for i := range b.k.Regimes {
		x := &b.k.Regimes[i]
		out = append(out, entry{x.Title, "rule", "regime/" + x.ID + ".html", others(x.Title, []string{x.ID, x.Authority})})
	}
	for _, l := range b.lists {
		out = append(out, entry{l, "list", "list/" + l + ".html", nil})
	}
	return out
}

func others(name string, lists ...[]string) []string {
	seen := map[string]bool{strings.ToLower(name): true, "": true}
	var out []string
	for _, s := range slices.Concat(lists...) {
		if l := strings.ToLower(s); !seen[l] {
			seen[l] = true
			out = append(out, s)
		}
	}
	return out
}
