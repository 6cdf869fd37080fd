package site

import (
	"cmp"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

type regimeView struct {
	*frame
	ID        string
	Answer    string
	Authority string
	Lists     []piece
	Reach     []string
	Goods     string
	Timeline  *chart
	Periods   []periodRow
	Listed    []*facts
	Concerns  int
	Reached   []brandRow
	Possible  []brandRow
	proof
}

type periodRow struct {
	When            []string
	Class, Standing string
	State, Forbids  string
	Law             bool
	Note            string
	Refs            []int
}

type brandRow struct {
	Brand piece
	Since string
}

func (b *book) regimePage(r *offshelf.Regime) *regimeView {
	f := b.frame("../", "Rule", r.Title)
	f.Kicker, f.Show = "Rule", r.ID
	v := &regimeView{frame: f, ID: r.ID, Authority: r.Authority, Reach: r.Reach.Sentences(), Goods: b.goodsTitles(r.Goods), Timeline: b.regimeTimeline(r)}
	v.Answer = "On " + f.AsOf + " it says nothing."
	for i := range r.Periods {
		p := &r.Periods[i]
		bans, basis := p.Presumed()
		row := periodRow{
			When: ends(p.Interval, b.day), State: stateWord(p.State), Forbids: forbids(bans), Law: basis == offshelf.Law,
			Note: strings.TrimSpace(p.Note + " " + spareWords(p)), Refs: f.cite(p.Sources),
		}
		row.Class, row.Standing = standing(p.Interval, "", b.day)
		v.Periods = append(v.Periods, row)
		if p.On(b.day) != offshelf.False {
			v.Answer = "On " + f.AsOf + ": " + lower(row.State) + ". " + row.Forbids + "; " + basisWords(row.Law) + "."
		}
	}
	v.proof = f.proof(r.Evidence)
	for _, l := range r.Lists {
		v.Lists = append(v.Lists, b.list(l))
		if l == "concern" {
			for _, c := range b.k.Concerns {
				if !c.Reply {
					v.Concerns++
				}
			}
		}
		if t := f.table("listed-"+l, "Parties on the list "+l, "Party and printed name", f.listed(l)); t != nil {
			v.Listed = append(v.Listed, t)
		}
	}
	v.Lists = separated(v.Lists)
	for _, x := range b.reached[r.ID] {
		row := brandRow{b.brand(x.brand.ID), x.since.Spoken()}
		if row.Since == "" {
			row.Since = "a day not known"
		}
		if x.verdict == offshelf.Reached {
			v.Reached = append(v.Reached, row)
		} else {
			v.Possible = append(v.Possible, row)
		}
	}
	for _, l := range [][]brandRow{v.Reached, v.Possible} {
		slices.SortStableFunc(l, func(a, b brandRow) int { return compareNames(a.Brand.Text, b.Brand.Text) })
	}
	return v
}

func basisWords(law bool) string {
	if law {
		return "law: it binds the shop"
	}
	return "policy: it binds no private sale"
}

// listed lists what a list prints.
func (f *frame) listed(list string) []fact {
	var rows []fact
	for i := range f.book.k.Listings {
		if l := &f.book.k.Listings[i]; l.List == list {
			of := text("Goods: " + f.book.goodsTitles(l.Goods))
			if l.Party != "" {
				of = f.book.party(l.Party)
			}
			rows = append(rows, f.listing(l, of, text(", as ")))
		}
	}
	return rows
}

type listView struct {
	*frame
	Answer   string
	Rules    []piece
	Listed   *facts
	Concerns []partyConcern
}

type partyConcern struct {
	Party piece
	concern
}

func (b *book) listPage(id string) *listView {
	f := b.frame("../", "List", id)
	f.Kicker = "List"
	v := &listView{frame: f, Listed: f.table("listed", "What it prints", "Party and printed name", f.listed(id))}
	for _, r := range b.triggered(id) {
		v.Rules = append(v.Rules, b.regime(r.ID))
	}
	v.Rules = separated(v.Rules)
	n := 0
	if v.Listed != nil {
		n = len(v.Listed.Rows)
	}
	v.Answer = count(n, "entry is", "entries are") + " known here. The list itself may hold more."
	if id == "concern" {
		for i := range b.k.Concerns {
			c := &b.k.Concerns[i]
			v.Concerns = append(v.Concerns, partyConcern{b.party(c.Party), f.concerns(b.k.Concerns[i : i+1])[0]})
		}
		slices.SortStableFunc(v.Concerns, func(a, b partyConcern) int { return compareNames(a.Party.Text, b.Party.Text) })
		v.Answer = count(len(v.Concerns), "report or reply is", "reports and replies are") + " on record. None is a listing; a policy may act on them."
	}
	return v
}

func compareNames(a, b string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
}
