package site

import (
	"cmp"
	"slices"

	"github.com/offshelf/offshelf"
)

// facts is a table of dated facts.
type facts struct {
	ID, Title, Head string
	AsOf            string
	Intro           string
	Rows            []fact
}

// fact is one dated statement.
type fact struct {
	Class, Standing string // on the day
	When            []string
	What            []piece
	More            []string // further lines
	Codes           []string
	Conflict        string
	proof

	rests offshelf.Evidence
	order offshelf.Day
}

func (f *frame) fact(iv offshelf.Interval, e offshelf.Evidence, conflict string, what ...piece) fact {
	class, word := standing(iv, conflict, f.book.day)
	row := fact{Class: class, Standing: word, When: ends(iv, f.book.day), What: what, Conflict: conflict, rests: e, order: offshelf.MinDay}
	if !iv.From.IsZero() {
		row.order = iv.From.Latest()
	}
	return row
}

// table returns the facts in the order of time, those that do not carry last,
// and cites their sources in this order.
func (f *frame) table(id, title, head string, rows []fact) *facts {
	if len(rows) == 0 {
		return nil
	}
	slices.SortStableFunc(rows, func(a, b fact) int {
		return cmp.Or(cmp.Compare(b2i(a.Conflict != ""), b2i(b.Conflict != "")), cmp.Compare(a.order, b.order))
	})
	for i := range rows {
		rows[i].proof = f.proof(rows[i].rests)
	}
	return &facts{ID: id, Title: title, Head: head, AsOf: f.AsOf, Rows: rows}
}

func (f *frame) stakes(list []offshelf.Stake) []fact {
	var rows []fact
	for i := range list {
		s := &list[i]
		rows = append(rows, f.fact(s.Interval, s.Evidence, s.Conflict, f.book.party(s.Holder), text(" has "+stakeWords(s)+" of "), f.book.party(s.Held)))
	}
	return rows
}

func (f *frame) makes(list []offshelf.Make, name func(*offshelf.Make) piece) []fact {
	var rows []fact
	for i := range list {
		m := &list[i]
		row := f.fact(m.Interval, m.Evidence, m.Conflict, name(m), text(" ("+f.book.extent(m)+")"))
		row.Codes = m.Models
		rows = append(rows, row)
	}
	return rows
}

// listing is a row that says how a list prints a party.
func (f *frame) listing(l *offshelf.Listing, what ...piece) fact {
	row := f.fact(l.Interval, l.Evidence, "", append(what, text("“"+l.Name+"”"))...)
	if l.Citation != "" {
		row.More = append(row.More, l.Citation)
	}
	if l.Status != "" && l.Status != "active" {
		row.More = append(row.More, "Status of the order: "+l.Status)
	}
	if len(l.Goods) > 0 {
		row.More = append(row.More, "Only these goods: "+f.book.goodsTitles(l.Goods))
	}
	if len(l.Origin) > 0 {
		row.More = append(row.More, "Only where made in: "+joined(l.Origin))
	}
	if len(l.OriginNot) > 0 {
		row.More = append(row.More, "Not where made in: "+joined(l.OriginNot))
	}
	for _, e := range l.Exceptions {
		text := "Except for " + e.What
		if !e.Until.IsZero() {
			text += ", until " + e.Until.Spoken()
		}
		row.More = append(row.More, text)
	}
	return row
}

// refutation is something that is not so.
type refutation struct {
	Subject, Why string
	proof
}

func (f *frame) refuted(list []offshelf.Refuted) []refutation {
	var out []refutation
	for i := range list {
		out = append(out, refutation{list[i].Subject, list[i].Why, f.proof(list[i].Evidence)})
	}
	return out
}

// concern is a documented report or a reply to one.
type concern struct {
	By, What, When string
	Reply          bool
	proof
}

func (f *frame) concerns(list []offshelf.Concern) []concern {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b offshelf.Concern) int { return cmp.Compare(a.Date.Earliest(), b.Date.Earliest()) })
	var out []concern
	for i := range list {
		c := &list[i]
		when := c.Date.Spoken()
		if when == "" {
			when = "no date known"
		}
		out = append(out, concern{c.By, c.What, when, c.Reply, f.proof(c.Evidence)})
	}
	return out
}

func (f *frame) tells(match func(*offshelf.Tell) bool) []tell {
	var out []tell
	for i := range f.book.k.Tells {
		t := &f.book.k.Tells[i]
		if !match(t) {
			continue
		}
		v := tell{Kind: tellWords[t.Kind], Strength: string(t.Strength), Goods: f.book.goodsTitles(t.Goods), proof: f.proof(t.Evidence)}
		if v.Kind == "" {
			v.Kind = string(t.Kind)
		}
		v.patterns(t)
		if t.Brand != "" {
			v.Points = append(v.Points, f.book.brand(t.Brand))
		}
		if t.Party != "" {
			v.Points = append(v.Points, f.book.party(t.Party))
		}
		out = append(out, v)
	}
	return out
}
