// Package cmic reads the list of Non-SDN Chinese Military-Industrial Complex
// Companies in the JSON form that is extracted from OFAC's PDF. The CSV set of
// the consolidated list holds it too: see package ofac.
package cmic

import (
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// ID is the list's.
const ID = "us-ns-cmic"

// ReadJSON reads the JSON form. The notes hold the day of listing, the social
// credit code and the programme; effective_date is the day from which the
// prohibitions apply.
func ReadJSON(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "json")
	err := b.ReadExtract(f.Data, func(x list.Extract) {
		e := list.Entry{List: ID, Name: x.Name, Kind: list.Entity, Country: name.Country(x.Country), Row: x.Row, UID: list.DerivedUID(x.Name),
			Addresses: list.SplitAddresses(x.Address), Remarks: list.Squeeze(x.Notes)}
		for _, a := range x.Aliases {
			e.Aliases = append(e.Aliases, list.Alias{Name: a, Kind: list.AKA})
		}
		for _, item := range strings.Split(e.Remarks, ";") {
			key, value, _ := strings.Cut(strings.TrimSpace(item), ": ")
			switch key {
			case "Listing Date (CMIC)":
				e.From = b.ReadDate(value, true, "row %d: %s", x.Row, key)
			case "USCC":
				code, _, _ := strings.Cut(value, " ")
				if id, ok := list.NewIdentifier(list.USCC, code, "CN"); ok {
					e.Identifiers = append(e.Identifiers, id)
				} else {
					b.Warn("%s: row %d: %q is no social credit code", ID, x.Row, code)
				}
			case "Program":
				e.Programmes = append(e.Programmes, value)
			}
		}
		if x.EffectiveDate != "" {
			day, err := list.ParseDate(x.EffectiveDate, false)
			switch {
			case err != nil:
				b.Warn("%s: row %d: effective_date: %v", ID, x.Row, err)
			case e.From.IsZero():
				e.From = day
			default:
				e.Facts = append(e.Facts, list.Fact{Kind: list.Effective, Value: day.String()})
			}
		}
		b.Add(e)
	}, "ofac-nscmic")
	if err != nil {
		return nil, err
	}
	return b.Edition()
}
