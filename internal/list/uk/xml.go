// Package uk reads the UK Sanctions List of the Foreign, Commonwealth and
// Development Office, as XML and as CSV.
package uk

import (
	"encoding/xml"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// ID is the list's.
const ID = "uk-asset-freeze"

type designation struct {
	Designated string `xml:"DateDesignated"`
	Updated    string `xml:"LastUpdated"`
	UniqueID   string `xml:"UniqueID"`
	UN         string `xml:"UNReferenceNumber"`
	Regime     string `xml:"RegimeName"`
	Kind       string `xml:"IndividualEntityShip"`
	Imposed    string `xml:"SanctionsImposed"`
	Other      string `xml:"OtherInformation"`
	Reasons    string `xml:"UKStatementofReasons"`

	Names []struct {
		Name1 string `xml:"Name1"`
		Name2 string `xml:"Name2"`
		Name3 string `xml:"Name3"`
		Name4 string `xml:"Name4"`
		Name5 string `xml:"Name5"`
		Name6 string `xml:"Name6"`
		Type  string `xml:"NameType"`
		Alias string `xml:"AliasStrength"`
	} `xml:"Names>Name"`
	NonLatin  []string `xml:"NonLatinNames>NonLatinName>NameNonLatinScript"`
	Addresses []struct {
		Line1   string `xml:"AddressLine1"`
		Line2   string `xml:"AddressLine2"`
		Line3   string `xml:"AddressLine3"`
		Line4   string `xml:"AddressLine4"`
		Line5   string `xml:"AddressLine5"`
		Line6   string `xml:"AddressLine6"`
		Postal  string `xml:"AddressPostalCode"`
		Country string `xml:"AddressCountry"`
	} `xml:"Addresses>Address"`
	Registrations []string `xml:"EntityDetails>BusinessRegistrationNumbers>BusinessRegistrationNumber"`
	Parents       []string `xml:"EntityDetails>ParentCompanies>ParentCompany"`
	IMOs          []string `xml:"ShipDetails>IMONumbers>IMONumber"`
}

// ReadXML reads the list. A designation is an entry.
func ReadXML(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "xml")
	row := 0
	err := list.ReadXML(f.Data, func(x *list.XML, start *xml.StartElement) error {
		switch start.Name.Local {
		case "DateGenerated":
			var s string
			if err := x.Read(&s, start); err != nil {
				return err
			}
			b.Date(b.ReadDate(s, true, "DateGenerated"))
		case "Designation":
			row++
			var d designation
			if err := x.Read(&d, start); err != nil {
				return err
			}
			if b.Full() {
				return nil
			}
			e := list.Entry{List: ID, UID: list.Squeeze(d.UniqueID), Row: row}
			e.Kind = kindOf(d.Kind)
			for _, n := range d.Names {
				named(&e, []string{n.Name1, n.Name2, n.Name3, n.Name4, n.Name5, n.Name6}, n.Type, n.Alias)
			}
			for _, n := range d.NonLatin {
				e.Aliases = append(e.Aliases, list.Alias{Name: n, Kind: list.AKA})
			}
			for _, a := range d.Addresses {
				addressed(&e, []string{a.Line1, a.Line2, a.Line3, a.Line4, a.Line5, a.Line6, a.Postal}, a.Country)
			}
			for _, n := range d.Registrations {
				registered(&e, list.Registration, n)
			}
			for _, n := range d.IMOs {
				registered(&e, list.IMO, n)
			}
			for _, p := range d.Parents {
				if p = list.Squeeze(p); p != "" {
					e.Facts = append(e.Facts, list.Fact{Kind: list.OwnedBy, Value: p})
				}
			}
			promote(&e)
			settle(b, &e, d.UN, d.Regime, d.Imposed, d.Other, d.Reasons, d.Designated, d.Updated)
			b.Add(e)
		}
		return nil
	}, "Designations")
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

func kindOf(s string) list.Kind {
	switch strings.ToLower(list.Squeeze(s)) {
	case "individual":
		return list.Person
	case "entity":
		return list.Entity
	case "ship":
		return list.Vessel
	}
	return ""
}

// named adds a name: name 6 is the family name, or the only one.
func named(e *list.Entry, parts []string, kind, strength string) {
	switch printed := list.SqueezeJoin(" ", parts...); {
	case printed == "":
	case e.Name == "" && strings.HasPrefix(strings.ToLower(kind), "primary name"):
		e.Name = printed
	default:
		k := list.AKA
		if strings.Contains(strings.ToLower(strength), "low") {
			k = list.Weak
		}
		e.Aliases = append(e.Aliases, list.Alias{Name: printed, Kind: k})
	}
}

func addressed(e *list.Entry, lines []string, country string) {
	text := list.SqueezeJoin(", ", append(lines, country)...)
	if text == "" {
		return
	}
	c := name.Country(country)
	e.Addresses = append(e.Addresses, list.Address{Text: text, Country: c})
	if e.Country == "" && e.Kind == list.Entity {
		e.Country = c
	}
}

func registered(e *list.Entry, kind list.IdentifierKind, value string) {
	if e.Kind == list.Person {
		return
	}
	if id, ok := list.NewIdentifier(kind, value, e.Country); ok {
		e.Identifiers = append(e.Identifiers, id)
	}
}

// promote names an entry of which no name is called primary by its first one.
func promote(e *list.Entry) {
	if e.Name == "" && len(e.Aliases) > 0 {
		e.Name, e.Aliases = e.Aliases[0].Name, e.Aliases[1:]
	}
}

// settle adds what both forms print in the same way.
func settle(b *list.Builder, e *list.Entry, un, regime, imposed, other, reasons, designated, updated string) {
	if un = list.Squeeze(un); un != "" {
		e.Identifiers = append(e.Identifiers, list.Identifier{Kind: list.UNReference, Value: un})
	}
	if regime = list.Squeeze(regime); regime != "" {
		e.Programmes = append(e.Programmes, regime)
	}
	if imposed = list.Squeeze(imposed); imposed != "" {
		e.Facts = append(e.Facts, list.Fact{Kind: list.Scope, Value: imposed})
	}
	e.Remarks = list.SqueezeJoin("\n", other, reasons)
	e.Facts = append(e.Facts, list.ReadOwnership(e.Remarks)...)
	e.From = b.ReadDate(designated, true, "%s: Date Designated", e.UID)
	if day, err := list.ParseDate(updated, true); err == nil && !day.IsZero() {
		e.Facts = append(e.Facts, list.Fact{Kind: list.Updated, Value: day.String()})
	}
}
