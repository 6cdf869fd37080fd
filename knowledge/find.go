package knowledge

import (
	"slices"
	"sort"
	"strings"

	"github.com/offshelf/offshelf"
)

// RuleNames lists the lint rules.
func RuleNames() []string {
	var names []string
	for n := range Rules {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Find returns all facts about an id: the party, brand, regime, policy,
// listing or source itself, the facts that name it, and their sources. It
// returns nil where there are none.
func Find(k *offshelf.Knowledge, id string) *offshelf.Knowledge {
	if id == "" {
		return nil
	}
	out := new(offshelf.Knowledge)
	cited := map[string]bool{}
	note := func(e offshelf.Evidence) {
		for _, s := range e.Sources {
			cited[s] = true
		}
	}
	for _, p := range k.Parties {
		if p.ID == id {
			out.Parties = append(out.Parties, p)
			note(p.Evidence)
		}
	}
	for _, b := range k.Brands {
		if b.ID == id || slices.ContainsFunc(b.Holders, func(h offshelf.Holder) bool { return h.Party == id }) {
			out.Brands = append(out.Brands, b)
			note(b.Evidence)
			for _, h := range b.Holders {
				note(h.Evidence)
			}
		}
	}
	for _, s := range k.Stakes {
		if s.Holder == id || s.Held == id {
			out.Stakes = append(out.Stakes, s)
			note(s.Evidence)
		}
	}
	for _, m := range k.Makes {
		if m.Maker == id || m.Brand == id {
			out.Makes = append(out.Makes, m)
			note(m.Evidence)
		}
	}
	for _, t := range k.Tells {
		if t.Brand == id || t.Party == id {
			out.Tells = append(out.Tells, t)
			note(t.Evidence)
		}
	}
	for _, l := range k.Listings {
		if l.ID == id || l.Party == id {
			out.Listings = append(out.Listings, l)
			note(l.Evidence)
		}
	}
	for _, c := range k.Concerns {
		if c.ID == id || c.Party == id {
			out.Concerns = append(out.Concerns, c)
			note(c.Evidence)
		}
	}
	for _, r := range k.Refuted {
		if r.Not == id {
			out.Refuted = append(out.Refuted, r)
			note(r.Evidence)
		}
	}
	for _, r := range k.Regimes {
		if r.ID == id {
			out.Regimes = append(out.Regimes, r)
			note(r.Evidence)
		}
	}
	for _, p := range k.Policies {
		if p.ID == id {
			out.Policies = append(out.Policies, p)
			note(p.Evidence)
		}
	}
	for _, g := range k.Goods {
		if g.ID == id {
			out.Goods = append(out.Goods, g)
		}
	}
	for _, w := range k.Withdrawn {
		if slices.Contains(w.About, id) {
			out.Withdrawn = append(out.Withdrawn, w)
		}
	}
	for _, s := range k.Sources {
		if s.ID == id || cited[s.ID] {
			out.Sources = append(out.Sources, s)
		}
	}
	if len(Sections(out)) == 0 {
		return nil
	}
	return out
}

// Section is a named list of facts.
type Section struct {
	Name  string
	Facts any
}

// Sections lists the sections of k that hold facts, in reading order.
func Sections(k *offshelf.Knowledge) []Section {
	var out []Section
	add := func(name string, n int, facts any) {
		if n > 0 {
			out = append(out, Section{name, facts})
		}
	}
	add("parties", len(k.Parties), k.Parties)
	add("brands", len(k.Brands), k.Brands)
	add("stakes", len(k.Stakes), k.Stakes)
	add("makes", len(k.Makes), k.Makes)
	add("listings", len(k.Listings), k.Listings)
	add("concerns", len(k.Concerns), k.Concerns)
	add("tells", len(k.Tells), k.Tells)
	add("refuted", len(k.Refuted), k.Refuted)
	add("regimes", len(k.Regimes), k.Regimes)
	add("policies", len(k.Policies), k.Policies)
	add("goods", len(k.Goods), k.Goods)
	add("withdrawn", len(k.Withdrawn), k.Withdrawn)
	add("sources", len(k.Sources), k.Sources)
	return out
}

// Suggest names ids that hold the text, for an id that does not exist.
func Suggest(k *offshelf.Knowledge, id string) string {
	ids := map[string]bool{}
	for _, p := range k.Parties {
		ids[p.ID] = true
	}
	for _, b := range k.Brands {
		ids[b.ID] = true
	}
	for _, r := range k.Regimes {
		ids[r.ID] = true
	}
	for _, p := range k.Policies {
		ids[p.ID] = true
	}
	if s := nearest(ids, strings.ToLower(id)); s != "" {
		return s
	}
	return ": offshelf who NAME finds ids by name"
}

// Statistics counts facts.
type Statistics struct {
	Lines          []StatisticsLine
	Facts, Sourced int
	Own            int // laid over the shipped ones
}

// StatisticsLine is one count.
type StatisticsLine struct {
	What  string
	Count int
}

// Count counts the facts and how many of them have a source.
func Count(k *offshelf.Knowledge) Statistics {
	var st Statistics
	fact := func(e offshelf.Evidence) {
		st.Facts++
		if e.Own() {
			st.Own++
		}
		if len(e.Sources) > 0 {
			st.Sourced++
		}
	}
	for _, x := range k.Parties {
		fact(x.Evidence)
	}
	for _, x := range k.Brands {
		for _, h := range x.Holders {
			fact(h.Evidence)
		}
		if len(x.Holders) == 0 {
			fact(x.Evidence)
		}
	}
	for _, x := range k.Stakes {
		fact(x.Evidence)
	}
	for _, x := range k.Makes {
		fact(x.Evidence)
	}
	prefixes := 0
	for _, x := range k.Tells {
		fact(x.Evidence)
		if x.Kind == offshelf.TellMAC {
			prefixes += len(strings.Fields(x.Pattern))
		}
	}
	for _, x := range k.Listings {
		fact(x.Evidence)
	}
	for _, x := range k.Concerns {
		fact(x.Evidence)
	}
	for _, x := range k.Refuted {
		fact(x.Evidence)
	}
	st.Lines = []StatisticsLine{
		{"parties", len(k.Parties)}, {"brands", len(k.Brands)}, {"stakes", len(k.Stakes)}, {"makes", len(k.Makes)},
		{"tells", len(k.Tells)}, {"MAC prefixes in them", prefixes}, {"listings", len(k.Listings)}, {"concerns", len(k.Concerns)},
		{"refuted relations and look-alikes", len(k.Refuted)}, {"regimes", len(k.Regimes)}, {"policies", len(k.Policies)}, {"sources", len(k.Sources)},
	}
	return st
}
