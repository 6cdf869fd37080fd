// Package fcc reads the Covered List of the Federal Communications Commission:
// the table of its page, the same as CSV, and a JSON form. Its rows are
// sentences about a company's equipment or services, or about a class of goods
// made in a foreign country, with exceptions.
package fcc

import (
	"fmt"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// ID is the list's.
const ID = "us-fcc-covered"

// The columns of the table, as the page prints them.
const (
	covered   = "Covered Equipment or Services"
	inclusion = "Date of Inclusion on Covered List"
)

// ReadCSV reads the table as CSV.
func ReadCSV(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "csv")
	err := b.ReadCSV(f.Data, list.CSV{Columns: []string{covered, inclusion}}, func(r list.Row) {
		add(b, r.N, r.Get(covered), r.Get(inclusion))
	})
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

// ReadHTML reads the table of the page.
func ReadHTML(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "html")
	tables, err := b.ReadPage(f.Data)
	if err != nil {
		return nil, err
	}
	row := 0
	found := false
	for _, t := range tables {
		if len(t.Rows) == 0 || len(t.Rows[0]) != 2 || !heads(t.Rows[0][0], covered) || !heads(t.Rows[0][1], "Date of Inclusion") {
			continue
		}
		found = true
		for _, cells := range t.Rows[1:] {
			row++
			if len(cells) != 2 {
				b.Refuse(row, "%d cells, where a row has 2", len(cells))
				continue
			}
			add(b, row, cells[0], cells[1])
		}
	}
	if !found {
		return nil, fmt.Errorf("%w: no table with the columns %s and %s", list.ErrNoList, covered, inclusion)
	}
	return b.Edition()
}

// heads tells a column by the start of its heading; footnote marks follow it.
func heads(cell, heading string) bool {
	return strings.HasPrefix(name.Key(cell), name.Key(heading))
}

// ReadJSON reads the JSON form, in which a row names one company and the
// sentence may be cut off.
func ReadJSON(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "json")
	err := b.ReadExtract(f.Data, func(x list.Extract) {
		sentence := strings.TrimPrefix(list.Squeeze(x.Notes), "Category listing (not a named company). ")
		e := list.Entry{List: ID, Name: list.Squeeze(x.Name), Kind: list.Entity, Country: name.Country(x.Country), Row: x.Row, Remarks: sentence}
		if class, ok := classOf(plainText(x.Name)); ok {
			e.Kind, e.UID, e.Goods = list.Category, list.DerivedUID(class), []string{class}
		} else {
			e.UID = list.DerivedUID(e.Name)
			e.Goods = goodsOf(plainText(sentence))
		}
		e.Facts = factsOf(plainText(sentence))
		e.From = b.ReadDate(x.EffectiveDate, false, "row %d: effective_date", x.Row)
		b.Add(e)
	}, "fcc-covered")
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

// add adds a row of the table.
func add(b *list.Builder, row int, printed, dates string) {
	e := list.Entry{List: ID, Row: row, Remarks: plainText(printed)}
	from, updates, err := inclusionDates(dates)
	if err != nil || from.IsZero() {
		b.Refuse(row, "the date of inclusion %q cannot be read", list.Squeeze(dates))
		return
	}
	e.From = from
	b.Later(from)
	for _, u := range updates {
		e.Facts = append(e.Facts, list.Fact{Kind: list.Updated, Value: u.String()})
		b.Later(u)
	}
	e.Facts = append(e.Facts, factsOf(e.Remarks)...)
	if class, ok := classOf(e.Remarks); ok {
		e.Kind, e.Goods = list.Category, []string{class}
		e.Name = headOf(e.Remarks)
		e.UID = list.DerivedUID(class)
		b.Add(e)
		return
	}
	companies := companiesOf(e.Remarks)
	if len(companies) == 0 {
		b.Refuse(row, "neither a company nor a class of goods is found in the sentence: read it yourself: %s", short(e.Remarks))
		return
	}
	e.Kind, e.Goods = list.Entity, goodsOf(e.Remarks)
	for i, c := range companies {
		one := e
		one.Name, one.UID = c, list.DerivedUID(c)
		if i == 0 {
			b.Add(one)
			continue
		}
		one.Facts = append(append([]list.Fact{}, e.Facts...), list.Fact{Kind: list.ListedWith, Value: companies[0]})
		b.Also(one)
	}
}
