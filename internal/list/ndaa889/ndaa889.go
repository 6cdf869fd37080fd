// Package ndaa889 reads the companies that section 889 of the John S. McCain
// National Defense Authorization Act for Fiscal Year 2019 names, as a table.
package ndaa889

import (
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// ID is the list's.
const ID = "us-ndaa-889"

// enacted is the day of Pub. L. 115-232.
const enacted = "2018-08-13"

// ReadCSV reads a table with the columns name and program.
func ReadCSV(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "csv")
	law, err := offshelf.ParseDate(enacted)
	if err != nil {
		return nil, err
	}
	err = b.ReadCSV(f.Data, list.CSV{Columns: []string{"name", "program"}}, func(r list.Row) {
		p := list.SplitName(r.Get("name"))
		e := list.Entry{List: ID, Name: p.Name, Aliases: p.Aliases, Kind: list.Entity, UID: list.DerivedUID(p.Name), Row: r.N, Remarks: r.Get("notes"), Country: name.Country(r.Get("country"))}
		if p.Reaching != "" {
			e.Facts = append(e.Facts, list.Fact{Kind: list.Subsidiaries, Value: p.Reaching})
		}
		e.Aliases = append(e.Aliases, list.SplitAliases(r.Get("aliases"), list.AKA)...)
		programme := r.Get("program")
		if programme != "" {
			e.Programmes = []string{programme}
		}
		e.From = b.ReadDate(r.Get("start-date"), false, "row %d: start-date", r.N)
		e.Until = b.ReadDate(r.Get("end-date"), false, "row %d: end-date", r.N)
		// The companies are named in the act itself, so they are listed from its day on.
		if strings.Contains(strings.ReplaceAll(programme, " ", ""), "115-232") {
			e.Citations = []list.Citation{{Text: "Pub. L. 115-232, section 889", Date: law}}
			if e.From.IsZero() {
				e.From = law
			}
		}
		b.Add(e)
	})
	if err != nil {
		return nil, err
	}
	return b.Edition()
}
