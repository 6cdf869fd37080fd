// Package unsc reads the consolidated list of the United Nations Security
// Council in XML.
package unsc

import (
	"encoding/xml"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// ID is the list's.
const ID = "un-sc"

type party struct {
	DataID    string `xml:"DATAID"`
	First     string `xml:"FIRST_NAME"`
	Second    string `xml:"SECOND_NAME"`
	Third     string `xml:"THIRD_NAME"`
	Fourth    string `xml:"FOURTH_NAME"`
	Type      string `xml:"UN_LIST_TYPE"`
	Reference string `xml:"REFERENCE_NUMBER"`
	Listed    string `xml:"LISTED_ON"`
	Original  string `xml:"NAME_ORIGINAL_SCRIPT"`
	Comments  string `xml:"COMMENTS1"`

	Nationality      []string  `xml:"NATIONALITY>VALUE"`
	Updated          []string  `xml:"LAST_DAY_UPDATED>VALUE"`
	PersonAliases    []alias   `xml:"INDIVIDUAL_ALIAS"`
	EntityAliases    []alias   `xml:"ENTITY_ALIAS"`
	PersonsAddresses []address `xml:"INDIVIDUAL_ADDRESS"`
	EntityAddresses  []address `xml:"ENTITY_ADDRESS"`
}

type alias struct {
	Quality string `xml:"QUALITY"`
	Name    string `xml:"ALIAS_NAME"`
}

type address struct {
	Street  string `xml:"STREET"`
	City    string `xml:"CITY"`
	State   string `xml:"STATE_PROVINCE"`
	Zip     string `xml:"ZIP_CODE"`
	Country string `xml:"COUNTRY"`
	Note    string `xml:"NOTE"`
}

// ReadXML reads the list. Each individual and each entity is an entry under
// its permanent reference number.
func ReadXML(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "xml")
	row := 0
	err := list.ReadXML(f.Data, func(x *list.XML, start *xml.StartElement) error {
		kind := list.Entity
		switch start.Name.Local {
		case "CONSOLIDATED_LIST":
			b.Date(b.ReadDate(list.Attr(start, "dateGenerated"), false, "dateGenerated"))
			return nil
		case "INDIVIDUAL":
			kind = list.Person
		case "ENTITY":
		default:
			return nil
		}
		row++
		var p party
		if err := x.Read(&p, start); err != nil {
			return err
		}
		if !b.Full() {
			p.add(b, kind, row)
		}
		return nil
	}, "CONSOLIDATED_LIST")
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

func (p *party) add(b *list.Builder, kind list.Kind, row int) {
	e := list.Entry{List: ID, UID: p.Reference, Kind: kind, Row: row, Remarks: list.Squeeze(p.Comments)}
	if e.UID = list.Squeeze(e.UID); e.UID == "" {
		e.UID = list.Squeeze(p.DataID)
	} else {
		e.Identifiers = []list.Identifier{{Kind: list.UNReference, Value: e.UID}}
	}
	e.Name = strings.Join([]string{p.First, p.Second, p.Third, p.Fourth}, " ")
	if p.Original != "" {
		e.Aliases = append(e.Aliases, list.Alias{Name: p.Original, Kind: list.AKA})
	}
	for _, a := range append(p.PersonAliases, p.EntityAliases...) {
		k := list.AKA
		switch q := strings.ToLower(a.Quality); {
		case q == "low":
			k = list.Weak
		case strings.HasPrefix(q, "f"):
			k = list.FKA
		case strings.HasPrefix(q, "n"):
			k = list.NKA
		}
		e.Aliases = append(e.Aliases, list.Alias{Name: a.Name, Kind: k})
	}
	for _, a := range append(p.PersonsAddresses, p.EntityAddresses...) {
		e.Addresses = append(e.Addresses, list.Address{Text: list.SqueezeJoin(", ", a.Street, a.City, a.State, a.Zip, a.Country, a.Note), Country: name.Country(a.Country)})
	}
	if kind == list.Entity {
		for _, a := range e.Addresses {
			if a.Country != "" {
				e.Country = a.Country
				break
			}
		}
	} else if len(p.Nationality) > 0 {
		e.Country = name.Country(p.Nationality[0])
	}
	if t := list.Squeeze(p.Type); t != "" {
		e.Programmes = []string{t}
	}
	e.From = b.ReadDate(p.Listed, false, "%s: LISTED_ON", e.UID)
	for _, u := range p.Updated {
		if d, err := list.ParseDate(u, false); err == nil && !d.IsZero() {
			e.Facts = append(e.Facts, list.Fact{Kind: list.Updated, Value: d.String()})
		}
	}
	b.Add(e)
}
