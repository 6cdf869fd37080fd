package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/offshelf/offshelf"
)

// section is one brand on the page.
type section struct {
	ID, Name, Class, Action, Due string
	Maker, Goods                 bool
	Ways                         []drawing
	MoreWays, MoreRules          bool
	Rules                        []ruleRow
	Shelves                      []shelfView
}

// drawing is a chain as boxes: the products, the brand, each party, and what
// the last is listed as.
type drawing struct {
	Label    string
	Relation string // of the products to the box after them
	Start    string
	Steps    []step
	Listings []step
	Possible bool
}

// step is an arrow and the box that it leads to.
type step struct {
	Label, Span, Grade, Note, Box string
	Weak, Concern                 bool
	Sources                       []int
	Rules                         []string // ids of the rules that a listing triggers
}

type ruleRow struct {
	Class, Action, Title, ID, Why string
	Count                         string
	Law, Choice, Possible         bool
	Forbids, State                string
	Open                          []string
	Spared, Needs                 string
	Since, Until, Days, Ways      string
	Listings                      []step
}

type shelfView struct {
	Class, Title, More string
	Items              []itemView
	File               bool
}

type itemView struct {
	ID, Title, Model, GTIN, Where, Sure string
	Reasons                             []string
}

func (b *pageBuilder) section(n int, g *group) section {
	a := g.strongest()
	s := section{
		ID: fmt.Sprintf("brand-%d", n), Name: g.name, Class: class(a), Action: actionWord(a), Due: g.due(),
		Maker: g.maker, Goods: g.goods, MoreWays: g.moreWays, MoreRules: g.moreRules,
	}
	for i := range g.ways {
		s.Ways = append(s.Ways, b.drawing(g, i))
	}
	if direct := func(r *rule) bool { return len(r.ways) == 0 && len(r.ends) > 0 }; slices.ContainsFunc(g.rules, direct) {
		s.Ways = append(s.Ways, b.drawing(g, -1))
	}
	for _, r := range g.rules {
		s.Rules = append(s.Rules, b.ruleRow(g, r))
	}
	for a := int(offshelf.Pull); a >= 0; a-- {
		if sh := &g.shelves[a]; sh.total > 0 {
			s.Shelves = append(s.Shelves, b.shelf(offshelf.Action(a), sh))
		}
	}
	return s
}

// drawing draws way i of the group, or with -1 what is listed directly.
func (b *pageBuilder) drawing(g *group, i int) drawing {
	d := drawing{Start: g.name, Relation: "attributed to"}
	if g.maker {
		d.Relation = "made by"
	}
	if len(g.ways) > 1 && i >= 0 {
		d.Label = "Way " + strconv.Itoa(i+1)
	}
	if i >= 0 {
		d.Start = g.ways[i].from
		for _, h := range g.ways[i].hops {
			d.Steps = append(d.Steps, b.step(h))
		}
		switch g.ways[i].hops[0].Kind {
		case "goods":
			d.Start, d.Relation = "", ""
			d.Steps[0].Label = "of the class"
		case "attributed": // a mark on the product: no brand between
			d.Start, d.Steps[0].Label = "", "a mark points to"
		}
	}
	var ends []string
	d.Possible = true
	for _, r := range g.rules {
		if i >= 0 && !slices.Contains(r.ways, i) || i < 0 && len(r.ways) > 0 {
			continue
		}
		d.Possible = d.Possible && r.Verdict == offshelf.Possible
		for _, e := range r.ends {
			n := slices.Index(ends, hopKey(e))
			if n < 0 {
				n = len(ends)
				ends = append(ends, hopKey(e))
				d.Listings = append(d.Listings, b.step(e))
				if i < 0 {
					d.Start = clean(e.From)
				}
			}
			d.Listings[n].Rules = addOnce(d.Listings[n].Rules, clean(r.Regime))
		}
	}
	return d
}

func (b *pageBuilder) step(h offshelf.Hop) step {
	s := step{
		Label: label(h), Span: span(h.Interval(), b.asOf), Grade: h.Grade.String(), Weak: h.Grade.Weak(),
		Note: clean(h.Note), Box: clean(h.To), Concern: h.Kind == "concern", Sources: b.cite(h.Sources),
	}
	if s.Grade == "" {
		s.Grade = "no grade"
	}
	return s
}

func (b *pageBuilder) ruleRow(g *group, r *rule) ruleRow {
	row := ruleRow{
		Class: class(r.Action), Action: actionWord(r.Action), Title: clean(r.RegimeTitle), ID: clean(r.Regime), Why: clean(r.Why),
		Law: r.Basis == offshelf.Law, Choice: r.Basis == offshelf.Choice, Possible: r.Verdict == offshelf.Possible,
		Forbids: forbids(r.Forbids), State: state(r), Open: r.open, Spared: spared(r), Needs: needs(r), Since: r.Since.Spoken(), Until: r.Until.Spoken(),
	}
	if r.products != g.products() {
		row.Count = count(r.products, "product", "products")
	}
	if row.Since == "" {
		row.Since = "not known"
	}
	if d := r.Since; !d.IsZero() && d.Earliest() == d.Latest() && b.asOf != offshelf.MaxDay {
		if n := int(b.asOf - d.Earliest()); n >= 0 {
			row.Days = thousands(n)
		} else {
			row.Days = "in " + thousands(-n)
		}
	}
	if len(g.ways) > 1 && len(r.ways) > 0 {
		row.Ways = byWays(r.ways)
	}
	for _, e := range r.ends {
		row.Listings = append(row.Listings, b.step(e))
	}
	return row
}

func (b *pageBuilder) shelf(a offshelf.Action, s *shelf) shelfView {
	v := shelfView{Class: class(a), Title: count(s.total, "product", "products") + " " + toDo(a)}
	v.File = b.config != nil && len(b.config.Catalogs) > 1
	for _, it := range s.kept {
		iv := itemView{ID: it.id, Title: it.title, Model: it.model, GTIN: it.gtin, Where: rowText(it.row), Sure: percent(it.probability), Reasons: it.reasons}
		if v.File {
			iv.Where = it.file + " " + iv.Where
		}
		v.Items = append(v.Items, iv)
	}
	if more := s.total - len(s.kept); more > 0 {
		v.More = "The first " + thousands(len(s.kept)) + " are listed, " + thousands(more) + " more are not: offshelf render STREAM.json -o csv has all of them."
	}
	return v
}

func class(a offshelf.Action) string {
	if a == offshelf.NoAction {
		return "none"
	}
	return a.String()
}

func actionWord(a offshelf.Action) string {
	if a == offshelf.NoAction {
		return "Found"
	}
	s := a.String()
	return string(s[0]-'a'+'A') + s[1:]
}
