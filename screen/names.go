package screen

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/internal/roll"
	"github.com/offshelf/offshelf/internal/search"
)

// Lists are the official lists in force, compiled into one mapped file.
type Lists struct {
	roll   *roll.Roll
	verify func() error // once: the file is read as a whole
}

// OpenLists maps a file of compiled lists. Where there is none, the error is
// fs.ErrNotExist.
func OpenLists(path string) (*Lists, error) {
	r, err := roll.Map(path)
	if err != nil {
		return nil, err
	}
	return &Lists{r, sync.OnceValue(r.Verify)}, nil
}

// Knowledge is the SHA-256 of the facts that the lists were joined with.
func (l *Lists) Knowledge() string { return l.roll.Knowledge }

// Sum is the SHA-256 of the compiled lists, in hexadecimal.
func (l *Lists) Sum() string { return l.roll.Sum() }

// Lay lays what the lists say of known parties over the facts.
func (l *Lists) Lay(k *offshelf.Knowledge) (*offshelf.Knowledge, error) { return l.roll.Lay(k) }

// Close ends the mapping. No screener that uses the lists may run any more.
func (l *Lists) Close() error { return l.roll.Close() }

// Use makes screeners of the snapshot look up makers and sellers that are no
// known brand among all listed names. It must be called before New, which fails
// where the file was altered: an entry that cannot be read would be missed.
func (s *Snapshot) Use(l *Lists) { s.lists = l }

// nameScore is the score from which a maker's or seller's name is taken for a
// listed one. It is higher than for a person who searches: nobody looks at the
// hits, and a catalog has a name a row.
const nameScore = 0.93

// maxNamesCached bounds the names that a screener remembers.
const maxNamesCached = 1 << 18

// nameFinder finds listed names in the maker's and seller's fields.
type nameFinder struct {
	roll  *roll.Roll
	known func() map[string]bool // folded names of brands, parties and ordinary brands
	cache sync.Map               // text → []nameHit
	size  atomic.Int64
}

// nameHit is an entry that a text is like.
type nameHit struct {
	entry *list.Entry
	name  string // the listed name or alias that it is like
	score float64
}

func (s *Snapshot) nameFinder() (*nameFinder, error) {
	if s.lists == nil {
		return nil, nil
	}
	if err := s.lists.verify(); err != nil {
		return nil, err
	}
	return &nameFinder{roll: s.lists.roll, known: sync.OnceValue(s.knownNames)}, nil
}

// knownNames are the folded names that are not looked up.
func (s *Snapshot) knownNames() map[string]bool {
	known := map[string]bool{}
	add := func(names ...string) {
		for _, n := range names {
			known[name.Key(n)] = true
		}
	}
	for i := range s.knowledge.Brands {
		b := &s.knowledge.Brands[i]
		add(b.Name)
		add(b.Aliases...)
	}
	for i := range s.knowledge.Parties {
		p := &s.knowledge.Parties[i]
		add(p.Name)
		add(p.Aliases...)
	}
	add(s.knowledge.Lexicon...)
	return known
}

// find returns the listed entries that a text names, if it is no known brand.
func (f *nameFinder) find(text string) []nameHit {
	if len(text) < 4 || len(text) > 200 {
		return nil
	}
	if v, ok := f.cache.Load(text); ok {
		return v.([]nameHit)
	}
	var out []nameHit
	if !f.known()[name.Key(text)] {
		out = f.search(text)
	}
	if f.size.Load() < maxNamesCached {
		if _, known := f.cache.LoadOrStore(text, out); !known {
			f.size.Add(1)
		}
	}
	return out
}

func (f *nameFinder) search(text string) []nameHit {
	var out []nameHit
	seen := map[int]bool{}
	for _, h := range f.roll.Names().Search(text, search.Options{Min: nameScore, Limit: 8}) {
		printed, kind, label := f.roll.Names().Name(h.Name)
		r, err := f.roll.Record(int(label))
		if err != nil || r.Entry == nil || r.Party != "" || seen[int(label)] {
			continue // a known party is reached by what is known of it
		}
		if kind == search.Person && h.Score < 1 {
			continue // a name that many bear
		}
		seen[int(label)] = true
		out = append(out, nameHit{r.Entry, printed, h.Score})
	}
	return out
}

// nameFindings returns the findings on a product whose maker or seller has a
// listed name, before the policy. That it is the listed party rests on the name
// alone, which never decides.
func (s *Screener) nameFindings(p *offshelf.Product) []met {
	if s.names == nil {
		return nil
	}
	var out []met
	fields := [...]struct{ name, text string }{{"manufacturer", p.Manufacturer}, {"vendor", p.Vendor}}
	for i, field := range fields {
		if i > 0 && field.text == fields[0].text {
			break
		}
		for _, hit := range s.names.find(field.text) {
			for j := range s.rules {
				m, ok := s.byName(&s.rules[j], p, &hit, field.name, field.text)
				// Both fields may name one entry, and two editions print it.
				if ok && !slices.ContainsFunc(out, func(o met) bool { return sameListing(&o, &m) }) {
					out = append(out, m)
				}
			}
		}
	}
	return out
}

// sameListing tells whether two findings by name are on one listing: both
// fields may name it, and several publications may print it.
func sameListing(a, b *met) bool {
	return a.Regime == b.Regime && (a.Listing == b.Listing ||
		a.listing.List == b.listing.List && a.listing.From == b.listing.From && name.Key(a.Listed) == name.Key(b.Listed))
}

// byName applies one rule to an entry whose name a field has.
func (s *Screener) byName(r *rule, p *offshelf.Product, hit *nameHit, field, text string) (met, bool) {
	e := hit.entry
	status := e.Standing()
	if !slices.Contains(r.regime.Lists, e.List) || status == "inactive" || r.regime.Reach.NotSelf || !r.regime.Reach.Maker || e.Interval.On(s.day) == offshelf.False {
		return met{}, false
	}
	l := &offshelf.Listing{ID: e.ID(), List: e.List, Name: e.Name, Interval: e.Interval, Status: status, Evidence: offshelf.Evidence{Grade: offshelf.GradeOfficial}}
	if len(e.Citations) > 0 {
		l.Citation = e.Citations[0].Text
	}
	key := s.facts.subject(p)
	scope := s.inScope(r.regime, key)
	if scope.truth == offshelf.False {
		return met{}, false
	}
	open := fmt.Sprintf("only its name says that “%s” is the listed “%s”: compare address and register number with the entry, %s", text, e.Name, e.ID())
	if status == "pending-litigation" {
		open += "; " + inCourt
	}
	if len(e.Goods) > 0 {
		open += "; it is about these goods only: " + strings.Join(e.Goods, "; ")
	}
	if scope.truth == offshelf.Maybe {
		open += "; " + scope.open
	}
	chain := told{Chain: offshelf.Chain{
		Hops: []offshelf.Hop{
			{Kind: "attributed", From: "this product", To: e.Name, Grade: offshelf.GradeClaim, Note: fmt.Sprintf("its %s field says “%s”", field, text)},
			{Kind: "listed", From: e.Name, To: e.Name, Since: e.From, Until: e.Until, Grade: offshelf.GradeOfficial, Note: l.Citation},
		},
		Since: e.From, Until: e.Until, Verdict: offshelf.Possible, Open: open,
	}, needs: scope.needs}
	f := s.finding(r, key, *l, []told{chain})
	f.Product, f.Maker, f.Probability = *p, e.Name, min(math.Round(hit.score*1e4)/1e4, 0.9999)
	f.Reasons = []offshelf.Reason{{
		Text:   fmt.Sprintf("%s field “%s” is like the listed name “%s”", field, text, hit.name),
		Weight: math.Round(math.Log(hit.score/max(1-hit.score, 1e-4))*100) / 100,
	}}
	return met{f, l, r.regime}, true
}

// named tells whether the maker's or seller's field names a listed entry.
func (s *Screener) named(p *offshelf.Product) bool {
	return s.names != nil && (len(s.names.find(p.Manufacturer)) > 0 || len(s.names.find(p.Vendor)) > 0)
}
