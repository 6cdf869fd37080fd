// Package dod1260h reads the list of Chinese military companies operating in
// the United States (section 1260H of Pub. L. 116-283): the JSON form of one
// edition, and a table of editions with a row a period of listing.
package dod1260h

import (
	"regexp"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// ID is the list's.
const ID = "us-1260h"

// together opens the companies that an edition prints under their parent.
var together = regexp.MustCompile(`Listed together with subsidiaries: ([^|]+?)\.?\s*(?:\||$)`)

// ReadJSON reads the JSON form. The companies that a row prints under a parent
// are entries of their own.
func ReadJSON(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "json")
	err := b.ReadExtract(f.Data, func(x list.Extract) {
		e := entry(x.Name)
		e.Row = x.Row
		e.Country = name.Country(x.Country)
		e.Remarks = list.Squeeze(x.Notes)
		e.Citations = list.ParseCitations(x.FederalRegister)
		for _, a := range x.Aliases {
			e.Aliases = append(e.Aliases, list.Alias{Name: a, Kind: list.AKA})
		}
		e.From = b.ReadDate(x.EffectiveDate, false, "row %d: effective_date", x.Row)
		b.Add(e)
		m := together.FindStringSubmatch(e.Remarks)
		if m == nil {
			return
		}
		names, cut := strings.CutSuffix(m[1], "..")
		companies := list.SplitCompanies(strings.TrimSuffix(names, "…"))
		if cut || strings.HasSuffix(names, "…") {
			b.Warn("%s: row %d: the names under %s are cut off", ID, x.Row, e.Name)
			companies = companies[:max(len(companies)-1, 0)]
		}
		for _, printed := range companies {
			under := entry(printed)
			under.Row, under.Interval, under.Citations = e.Row, e.Interval, e.Citations
			under.Facts = append(under.Facts, list.Fact{Kind: list.ListedWith, Value: e.Name})
			b.Also(under)
		}
	}, "dow-1260h", "dod-1260h")
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

// ReadCSV reads the table of editions. Rows of one company are one entry, from
// the first day to the last; each row's period and printed name are kept.
func ReadCSV(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "csv")
	err := b.ReadCSV(f.Data, list.CSV{Columns: []string{"Name", "Clean Name", "Start date", "End date"}}, func(r list.Row) {
		e := entry(r.Get("Clean Name"))
		e.Row = r.N
		e.Remarks = list.Squeeze(r.Get("Note"))
		if printed := strings.TrimRight(r.Get("Name"), "*† "); printed != "" && printed != e.Name && shortForm(printed) == "" {
			e.Aliases = append(e.Aliases, list.Alias{Name: printed, Kind: list.AKA})
		}
		e.Aliases = append(e.Aliases, list.SplitAliases(r.Get("Alias"), list.AKA)...)
		e.Aliases = append(e.Aliases, list.SplitAliases(r.Get("Previous Name"), list.FKA)...)
		if p := list.Squeeze(r.Get("Parent Name")); p != "" {
			e.Facts = append(e.Facts, list.Fact{Kind: list.ListedWith, Value: p})
		}
		e.From = b.ReadDate(r.Get("Start date"), false, "row %d: Start date", r.N)
		e.Until = b.ReadDate(r.Get("End date"), false, "row %d: End date", r.N)
		e.Facts = append(e.Facts, list.Fact{Kind: list.Period, Value: e.Interval.String()})
		b.Later(e.From)
		b.Later(e.Until)
		b.Merge(e)
	})
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

// short is a short form in brackets at the end of a name: Aisino (Group) stays.
var short = regexp.MustCompile(`^(.+?) \(([^()]+)\)$`)

func shortForm(printed string) string {
	if m := short.FindStringSubmatch(printed); m != nil {
		return m[2]
	}
	return ""
}

// entry takes a printed name apart.
func entry(printed string) list.Entry {
	p := list.SplitName(strings.TrimRight(printed, "*† "))
	e := list.Entry{List: ID, Name: p.Name, Kind: list.Entity, Aliases: p.Aliases}
	if m := short.FindStringSubmatch(p.Name); m != nil && !generic(m[2]) {
		e.Name = m[1]
		e.Aliases = append(e.Aliases, list.Alias{Name: m[2], Kind: list.AKA})
	}
	e.UID = list.DerivedUID(e.Name)
	return e
}

// generic tells of words in brackets that are part of a name.
func generic(s string) bool {
	switch strings.ToLower(s) {
	case "limited", "group", "china", "usa", "u.s.", "holdings", "holding", "shanghai", "beijing", "tianjin", "shenzhen", "north america", "hong kong":
		return true
	}
	return false
}
