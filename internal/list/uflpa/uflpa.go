// Package uflpa reads the entity list of the Uyghur Forced Labor Prevention
// Act: the page of the Department of Homeland Security, a table a subsection,
// and the JSON form of it.
package uflpa

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// ID is the list's.
const ID = "us-uflpa"

// ReadHTML reads the tables of the page. A company that stands in the tables
// of several subsections is one entry.
func ReadHTML(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "html")
	tables, err := b.ReadPage(f.Data)
	if err != nil {
		return nil, err
	}
	found := false
	row := 0
	for _, t := range tables {
		if len(t.Rows) == 0 || len(t.Rows[0]) != 2 || !strings.Contains(strings.ToLower(t.Rows[0][0]), "entity") || !strings.EqualFold(t.Rows[0][1], "Effective Date") {
			// A table of the list with other columns must not be lost in silence.
			if s := section(t.Before); s != "" && len(t.Rows) > 1 {
				return nil, fmt.Errorf("the table under %s has the columns %q, not an entity and its effective date: the page has a new form", s, t.Rows[0])
			}
			continue
		}
		found = true
		section := section(t.Before)
		if section == "" {
			b.Warn("%s: a table stands under no section of the act", ID)
		}
		for _, cells := range t.Rows[1:] {
			row++
			if len(cells) != 2 {
				b.Refuse(row, "%d cells, where a row has 2", len(cells))
				continue
			}
			e := entry(cells[0])
			e.Row = row
			if section != "" {
				e.Programmes = []string{section}
			}
			date(b, &e, cells[1])
			b.Later(e.From) // the page bears no date: it is at least as new as its newest row
			b.Merge(e)
		}
	}
	if !found {
		return nil, fmt.Errorf("%w: no table with the columns Name of Entity and Effective Date", list.ErrNoList)
	}
	return b.Edition()
}

// ReadJSON reads the JSON form, in which the notes name the subsections.
func ReadJSON(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "json")
	err := b.ReadExtract(f.Data, func(x list.Extract) {
		e := entry(x.Name)
		e.Row = x.Row
		for _, a := range x.Aliases {
			e.Aliases = append(e.Aliases, list.Alias{Name: a, Kind: list.AKA})
		}
		if c := name.Country(x.Country); c != "" {
			e.Country = c
		}
		for _, m := range sections.FindAllString(x.Notes, -1) {
			e.Programmes = append(e.Programmes, "Section "+m)
		}
		date(b, &e, x.EffectiveDate)
		b.Merge(e)
	}, "dhs-uflpa")
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

// sections names the subsections of the act that make the list.
var sections = regexp.MustCompile(`2\(d\)\(2\)\(B\)\([ivx]+\)`)

// section is the last one that the text over a table names.
func section(before string) string {
	all := sections.FindAllString(before, -1)
	if len(all) == 0 {
		return ""
	}
	return "Section " + all[len(all)-1]
}

func entry(printed string) list.Entry {
	p := list.SplitName(printed)
	e := list.Entry{List: ID, Name: p.Name, Aliases: p.Aliases, UID: list.DerivedUID(p.Name)}
	if p.Reaching != "" {
		e.Facts = append(e.Facts, list.Fact{Kind: list.Subsidiaries, Value: p.Reaching})
	}
	return e
}

func date(b *list.Builder, e *list.Entry, printed string) {
	day, err := list.ParseDate(printed, false)
	if err != nil {
		b.Warn("%s: row %d: the effective date: %v", ID, e.Row, err)
		return
	}
	if day.IsZero() {
		b.Warn("%s: row %d has no effective date", ID, e.Row)
	}
	e.From = day
}
