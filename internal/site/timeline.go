package site

import (
	"cmp"
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// group is a titled part of a timeline.
type group struct {
	name   string
	class  string // colour
	tracks []track
	more   int // tracks that are left out
}

// track is one line of a timeline.
type track struct {
	label string
	spans []stretch
}

// stretch is a bar.
type stretch struct {
	offshelf.Interval
	class string // beside that of the group
	text  string // inside the bar, where it fits
	tip   string
}

// maxTracks bounds the lines of one group.
const maxTracks = 12

// add puts a stretch on the track with this label.
func (g *group) add(label string, s stretch) {
	i := slices.IndexFunc(g.tracks, func(t track) bool { return t.label == label })
	if i < 0 {
		i = len(g.tracks)
		g.tracks = append(g.tracks, track{label: label})
	}
	g.tracks[i].spans = append(g.tracks[i].spans, s)
}

// ready orders the tracks by their first start, keeps the first of them, and
// puts those that end behind those that they follow.
func (g *group) ready() group {
	first := func(t *track) offshelf.Day {
		d := offshelf.MaxDay
		for _, s := range t.spans {
			if s.From.IsZero() {
				return offshelf.MinDay
			}
			d = min(d, s.From.Latest())
		}
		return d
	}
	slices.SortStableFunc(g.tracks, func(a, b track) int { return cmp.Compare(first(&a), first(&b)) })
	if len(g.tracks) > maxTracks {
		g.more, g.tracks = len(g.tracks)-maxTracks, g.tracks[:maxTracks]
	}
	return *g
}

func weak(e offshelf.Evidence) string {
	if e.Grade.Weak() {
		return "weak"
	}
	return ""
}

func (b *book) brandTimeline(x *offshelf.Brand, p *screen.Profile) *chart {
	held := group{name: "Holders of the brand", class: "held"}
	owned := group{name: "Owners of the holders", class: "owned"}
	made := group{name: "Makers of its goods", class: "made"}
	var behind []string // the parties whose listings matter
	for i := range x.Holders {
		h := &x.Holders[i]
		if h.Conflict != "" {
			continue
		}
		behind = append(behind, h.Party)
		b.bar(&held, b.party(h.Party).Text, h.Interval, weak(h.Evidence), "")
	}
	for i := range p.Holders {
		if s := &p.Holders[i]; s.Conflict == "" {
			behind = append(behind, s.Holder)
			b.bar(&owned, b.party(s.Holder).Text, s.Interval, weak(s.Evidence), stakeWords(s))
		}
	}
	for i := range p.Makes {
		if m := &p.Makes[i]; m.Conflict == "" {
			behind = append(behind, m.Maker)
			b.bar(&made, b.party(m.Maker).Text, m.Interval, weak(m.Evidence), b.extent(m))
		}
	}
	listed, lists := b.listings(b.above(behind))
	return b.chart("Timeline of "+x.Name, held, owned, made, listed, b.rulePeriods(lists, x.Goods))
}

func (b *book) partyTimeline(p *screen.Profile) *chart {
	name := p.Party.Name
	listed, lists := b.listings([]string{p.Party.ID})
	held := group{name: "Who holds it", class: "owned"}
	holds := group{name: "What it holds", class: "held"}
	for i := range p.Holders {
		if s := &p.Holders[i]; s.Conflict == "" {
			b.bar(&held, b.party(s.Holder).Text, s.Interval, weak(s.Evidence), stakeWords(s))
		}
	}
	for i := range p.Holdings {
		if s := &p.Holdings[i]; s.Conflict == "" {
			b.bar(&holds, b.party(s.Held).Text, s.Interval, weak(s.Evidence), stakeWords(s))
		}
	}
	brands := group{name: "Its brands", class: "held"}
	for i := range p.Brands {
		for j := range p.Brands[i].Holders {
			if h := &p.Brands[i].Holders[j]; h.Party == p.Party.ID && h.Conflict == "" {
				b.bar(&brands, p.Brands[i].Name, h.Interval, weak(h.Evidence), "")
			}
		}
	}
	return b.chart("Timeline of "+name, held, holds, brands, listed, b.rulePeriods(lists, nil))
}

func (b *book) regimeTimeline(r *offshelf.Regime) *chart {
	g := group{name: "What it says", class: "rule"}
	b.periods(&g, r)
	return b.chart("Timeline of "+r.Title, g)
}

func (b *book) bar(g *group, label string, iv offshelf.Interval, class, text string) {
	tip := label + ", " + span(iv, b.day)
	if text != "" {
		tip += ": " + text
	}
	g.add(label, stretch{iv, class, text, tip})
}

// shortest is the shortest name that a party is known by.
func (b *book) shortest(id string) string {
	p := b.parties[id]
	if p == nil {
		return id
	}
	name := p.Name
	for _, a := range p.Aliases {
		if len(a) >= 4 && len(a) < len(name) {
			name = a
		}
	}
	return name
}

// above adds to parties those that hold them, however far up.
func (b *book) above(parties []string) []string {
	var out []string
	seen := map[string]bool{}
	for len(parties) > 0 {
		id := parties[0]
		parties = parties[1:]
		if seen[id] {
			continue
		}
		seen[id] = true
		out = append(out, id)
		parties = append(parties, b.holders[id]...)
	}
	return out
}

func (b *book) listings(parties []string) (group, []string) {
	g := group{name: "Listings", class: "listed"}
	var lists []string
	for _, id := range parties {
		for _, l := range b.printed[id] {
			g.add(l.List+": "+b.shortest(id), stretch{l.Interval, weak(l.Evidence), "", l.List + ": “" + l.Name + "”, " + span(l.Interval, b.day)})
			lists = append(lists, l.List)
		}
	}
	return g, lists
}

// rulePeriods draws the rules that the lists trigger, over such goods.
func (b *book) rulePeriods(lists, goods []string) group {
	g := group{name: "Rules that these listings trigger", class: "rule"}
	for i := range b.k.Regimes {
		r := &b.k.Regimes[i]
		in := func(id string) bool { return slices.Contains(r.Goods, id) }
		if !slices.ContainsFunc(r.Lists, func(l string) bool { return slices.Contains(lists, l) }) ||
			len(r.Goods) > 0 && len(goods) > 0 && !slices.ContainsFunc(goods, in) {
			continue
		}
		b.periods(&g, r)
	}
	return g
}

func (b *book) periods(g *group, r *offshelf.Regime) {
	for i := range r.Periods {
		p := &r.Periods[i]
		class := "choice"
		bans, basis := p.Presumed()
		switch {
		case p.State == "suspended":
			class = "off"
		case basis == offshelf.Law:
			class = "law"
		}
		what := forbids(bans)
		if p.State != "in-force" {
			what = stateWord(p.State)
		}
		b.bar(g, r.Title, p.Interval, class, what)
	}
}
