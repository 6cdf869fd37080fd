// Package eusanctions reads the asset freezes of the European Union: the
// consolidated list in XML (version 1.1 of its schema), and a table of the
// annexes of one regulation as CSV.
package eusanctions

import (
	"encoding/xml"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// ID is the list's.
const ID = "eu-asset-freeze"

type sanctionEntity struct {
	Reference string `xml:"euReferenceNumber,attr"`
	UN        string `xml:"unitedNationId,attr"`
	LogicalID string `xml:"logicalId,attr"`
	Details   string `xml:"designationDetails,attr"`

	Remarks     []string `xml:"remark"`
	Regulations []struct {
		Published string `xml:"publicationDate,attr"`
		InForce   string `xml:"entryIntoForceDate,attr"`
		Title     string `xml:"numberTitle,attr"`
		Programme string `xml:"programme,attr"`
	} `xml:"regulation"`
	Subject struct {
		Code  string `xml:"code,attr"`
		Class string `xml:"classificationCode,attr"`
	} `xml:"subjectType"`
	Names []struct {
		Whole  string `xml:"wholeName,attr"`
		First  string `xml:"firstName,attr"`
		Middle string `xml:"middleName,attr"`
		Last   string `xml:"lastName,attr"`
		Strong string `xml:"strong,attr"`
	} `xml:"nameAlias"`
	Addresses []struct {
		Street      string `xml:"street,attr"`
		PoBox       string `xml:"poBox,attr"`
		Zip         string `xml:"zipCode,attr"`
		City        string `xml:"city,attr"`
		Region      string `xml:"region,attr"`
		Place       string `xml:"place,attr"`
		Country     string `xml:"countryIso2Code,attr"`
		Description string `xml:"countryDescription,attr"`
	} `xml:"address"`
	Identifications []struct {
		Type    string `xml:"identificationTypeCode,attr"`
		Number  string `xml:"number,attr"`
		Country string `xml:"countryIso2Code,attr"`
	} `xml:"identification"`
	Citizenships []struct {
		Country string `xml:"countryIso2Code,attr"`
	} `xml:"citizenship"`
}

// ReadXML reads the consolidated list.
func ReadXML(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "xml")
	row := 0
	err := list.ReadXML(f.Data, func(x *list.XML, start *xml.StartElement) error {
		switch start.Name.Local {
		case "export":
			b.Date(b.ReadDate(list.Attr(start, "generationDate"), false, "generationDate"))
		case "sanctionEntity":
			row++
			var s sanctionEntity
			if err := x.Read(&s, start); err != nil {
				return err
			}
			if !b.Full() {
				s.add(b, row)
			}
		}
		return nil
	}, "export")
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

// identifications are the codes of registers of companies.
var identifications = map[string]list.IdentifierKind{"regnumber": list.Registration, "imo": list.IMO, "fiscalcode": list.TaxID, "tradelic": list.Registration, "swiftbic": list.BIC, "lei": list.LEI}

func (s *sanctionEntity) add(b *list.Builder, row int) {
	e := list.Entry{List: ID, UID: list.Squeeze(s.Reference), Row: row}
	if e.UID == "" {
		e.UID = list.Squeeze(s.LogicalID)
	}
	switch {
	case s.Subject.Code == "person" || s.Subject.Class == "P":
		e.Kind = list.Person
	case s.Subject.Code == "enterprise" || s.Subject.Class == "E":
		e.Kind = list.Entity
	}
	for _, n := range s.Names {
		whole := list.Squeeze(n.Whole)
		if whole == "" {
			whole = list.SqueezeJoin(" ", n.First, n.Middle, n.Last)
		}
		kind := list.AKA
		if n.Strong == "false" {
			kind = list.Weak
		}
		switch {
		case whole == "":
		case e.Name == "" && kind != list.Weak:
			e.Name = whole
		default:
			e.Aliases = append(e.Aliases, list.Alias{Name: whole, Kind: kind})
		}
	}
	if e.Name == "" && len(e.Aliases) > 0 { // nothing but weak names
		e.Name, e.Aliases = e.Aliases[0].Name, e.Aliases[1:]
	}
	for _, a := range s.Addresses {
		c := name.Country(a.Country)
		e.Addresses = append(e.Addresses, list.Address{Text: list.SqueezeJoin(", ", a.Street, a.PoBox, a.Zip, a.City, a.Region, a.Place, a.Description), Country: c})
		if e.Kind == list.Entity && e.Country == "" {
			e.Country = c
		}
	}
	if e.Kind == list.Person && len(s.Citizenships) > 0 {
		e.Country = name.Country(s.Citizenships[0].Country)
	}
	for _, i := range s.Identifications {
		if kind, ok := identifications[strings.ToLower(i.Type)]; ok {
			e.AddNumber(kind, i.Number, name.Country(i.Country))
		}
	}
	if un := list.Squeeze(s.UN); un != "" {
		e.Identifiers = append(e.Identifiers, list.Identifier{Kind: list.UNReference, Value: un})
	}
	for _, r := range s.Regulations {
		if p := list.Squeeze(r.Programme); p != "" {
			e.Programmes = append(e.Programmes, p)
		}
		published := b.ReadDate(r.Published, false, "%s: publicationDate", e.UID)
		if t := list.Squeeze(r.Title); t != "" {
			e.Citations = append(e.Citations, list.Citation{Text: t, Date: published})
		}
		in := b.ReadDate(r.InForce, false, "%s: entryIntoForceDate", e.UID)
		if in.IsZero() {
			in = published
		}
		if !in.IsZero() && (e.From.IsZero() || in.Earliest() < e.From.Earliest()) {
			e.From = in
		}
	}
	e.Remarks = list.SqueezeJoin("\n", append(s.Remarks, s.Details)...)
	e.Facts = list.ReadOwnership(e.Remarks)
	b.Add(e)
}
