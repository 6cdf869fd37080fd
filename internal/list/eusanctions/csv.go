package eusanctions

import (
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// columns are those that the table of an annex must have.
var columns = []string{"celex", "recordId", "programKey", "annex", "measure", "startDate", "reason", "schema", "name", "alias"}

// numbers are the columns of registers of companies and ships.
var numbers = []struct {
	column string
	kind   list.IdentifierKind
}{
	{"registrationNumber", list.Registration}, {"taxNumber", list.TaxID}, {"innCode", list.TaxID}, {"ogrnCode", list.OGRN}, {"leiCode", list.LEI},
	{"swiftBic", list.BIC}, {"ticker", list.Ticker}, {"imoNumber", list.IMO}, {"mmsi", list.MMSI}, {"website", list.Website},
}

// ReadCSV reads the table of the annexes of a regulation, as it is taken from
// the Official Journal. A party may have several rows under its number.
func ReadCSV(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "csv")
	err := b.ReadCSV(f.Data, list.CSV{Columns: columns}, func(r list.Row) {
		e := list.Entry{List: ID, Name: r.Get("name"), Row: r.N, Remarks: list.Squeeze(r.Get("reason"))}
		if r.Get("recordId") != "" {
			e.UID = list.DerivedUID(r.Get("celex"), r.Get("annex"), r.Get("recordId"))
		}
		switch r.Get("schema") {
		case "Person":
			e.Kind = list.Person
		case "Vessel":
			e.Kind = list.Vessel
		case "Company", "LegalEntity", "Organization", "PublicBody":
			e.Kind = list.Entity
		}
		e.Aliases = append(e.Aliases, list.SplitAliases(r.Get("alias"), list.AKA)...)
		e.Aliases = append(e.Aliases, list.SplitAliases(r.Get("weakAlias"), list.Weak)...)
		e.Aliases = append(e.Aliases, list.SplitAliases(r.Get("previousName"), list.FKA)...)
		e.Addresses = list.SplitAddresses(r.Get("address"))
		for _, column := range []string{"country", "jurisdiction"} {
			if e.Country == "" {
				e.Country = name.Country(r.Get(column))
			}
		}
		for _, a := range e.Addresses {
			if e.Kind == list.Entity && e.Country == "" {
				e.Country = a.Country
			}
		}
		if p := r.Get("programKey"); p != "" {
			e.Programmes = []string{p}
		}
		if m := r.Get("measure"); m != "" && !strings.EqualFold(m, "asset freeze") {
			e.Facts = append(e.Facts, list.Fact{Kind: list.Scope, Value: m})
		}
		if c := r.Get("celex"); c != "" {
			e.Citations = []list.Citation{{Text: "CELEX " + c + ", annex " + r.Get("annex")}}
		}
		for _, n := range numbers {
			for _, v := range strings.FieldsFunc(r.Get(n.column), func(c rune) bool { return c == ';' || c == ',' }) {
				e.AddNumber(n.kind, v, e.Country)
			}
		}
		e.From = b.ReadDate(r.Get("startDate"), true, "row %d: startDate", r.N)
		b.Later(e.From)
		e.Facts = append(e.Facts, list.ReadOwnership(e.Remarks)...)
		b.Merge(e)
	})
	if err != nil {
		return nil, err
	}
	return b.Edition()
}
