package ofac

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// reference is a value of one of the reference sets at the head of the file.
type reference struct {
	ID    string `xml:"ID,attr"`
	Party string `xml:"PartyTypeID,attr"`
	ISO2  string `xml:"ISO2,attr"`
	Text  string `xml:",chardata"`
}

type date struct {
	Year  string `xml:"Year"`
	Month string `xml:"Month"`
	Day   string `xml:"Day"`
}

func (d date) read() offshelf.Date {
	n := func(s string) string {
		if s = strings.TrimSpace(s); len(s) == 1 {
			return "0" + s
		}
		return s
	}
	v, err := offshelf.ParseDate(n(d.Year) + "-" + n(d.Month) + "-" + n(d.Day))
	if err != nil {
		return offshelf.Date{}
	}
	return v
}

type location struct {
	ID      string `xml:"ID,attr"`
	Country struct {
		ID string `xml:"CountryID,attr"`
	} `xml:"LocationCountry"`
	Parts []struct {
		Values []struct {
			Primary string `xml:"Primary,attr"`
			Value   string `xml:"Value"`
		} `xml:"LocationPartValue"`
	} `xml:"LocationPart"`
}

type document struct {
	Type     string `xml:"IDRegDocTypeID,attr"`
	Identity string `xml:"IdentityID,attr"`
	Issuer   string `xml:"IssuedBy-CountryID,attr"`
	Number   string `xml:"IDRegistrationNo"`
}

type distinctParty struct {
	FixedRef string `xml:"FixedRef,attr"`
	Comment  string `xml:"Comment"`
	Profiles []struct {
		ID         string `xml:"ID,attr"`
		SubType    string `xml:"PartySubTypeID,attr"`
		Identities []struct {
			ID      string `xml:"ID,attr"`
			Aliases []struct {
				Type    string `xml:"AliasTypeID,attr"`
				Primary string `xml:"Primary,attr"`
				Low     string `xml:"LowQuality,attr"`
				Names   []struct {
					Parts []struct {
						Value struct {
							Group string `xml:"NamePartGroupID,attr"`
							Text  string `xml:",chardata"`
						} `xml:"NamePartValue"`
					} `xml:"DocumentedNamePart"`
				} `xml:"DocumentedName"`
			} `xml:"Alias"`
			Groups []struct {
				Group struct {
					ID   string `xml:"ID,attr"`
					Type string `xml:"NamePartTypeID,attr"`
				} `xml:"NamePartGroup"`
			} `xml:"NamePartGroups>MasterNamePartGroup"`
		} `xml:"Identity"`
		Features []struct {
			Type     string `xml:"FeatureTypeID,attr"`
			Versions []struct {
				Comment string `xml:"Comment"`
				Details []struct {
					Text string `xml:",chardata"`
				} `xml:"VersionDetail"`
				Locations []struct {
					ID string `xml:"LocationID,attr"`
				} `xml:"VersionLocation"`
			} `xml:"FeatureVersion"`
		} `xml:"Feature"`
	} `xml:"Profile"`
}

type relationship struct {
	From   string `xml:"From-ProfileID,attr"`
	To     string `xml:"To-ProfileID,attr"`
	Type   string `xml:"RelationTypeID,attr"`
	Former string `xml:"Former,attr"`
}

type sanctionsEntry struct {
	Profile string `xml:"ProfileID,attr"`
	Events  []struct {
		Date date `xml:"Date"`
	} `xml:"EntryEvent"`
	Measures []struct {
		Type    string `xml:"SanctionsTypeID,attr"`
		Comment string `xml:"Comment"`
	} `xml:"SanctionsMeasure"`
}

// advanced holds what is met before or behind the parties and belongs to them.
type advanced struct {
	sets      map[string]map[string]reference // by element, then by ID
	locations map[string]location
	documents map[string][]document // by identity
	entries   []list.Entry
	profiles  map[string]int    // index of the entry
	primary   map[string]string // printed name by profile
}

// maxReferences bounds the reference sets, places and documents.
const maxReferences = 1_000_000

// ReadAdvanced reads sdn_advanced.xml or cons_advanced.xml. A distinct party is
// an entry; places, documents, relationships and the sanctions entries, which
// hold dates and programmes, belong to one.
func ReadAdvanced(id string, f list.File) (*list.Edition, error) {
	b := list.NewBuilder(id, "advanced-xml")
	a := &advanced{map[string]map[string]reference{}, map[string]location{}, map[string][]document{}, nil, map[string]int{}, map[string]string{}}
	met := 0
	err := list.ReadXML(f.Data, func(x *list.XML, start *xml.StartElement) error {
		if met++; met > 20*maxReferences {
			return fmt.Errorf("over %d elements", 20*maxReferences)
		}
		switch n := start.Name.Local; n {
		case "DateOfIssue":
			var d date
			if err := x.Read(&d, start); err != nil {
				return err
			}
			b.Date(d.read())
		case "AliasType", "Country", "PartySubType", "PartyType", "FeatureType", "IDRegDocType", "NamePartType", "RelationType", "SanctionsType":
			var r reference
			if err := x.Read(&r, start); err != nil {
				return err
			}
			if a.sets[n] == nil {
				a.sets[n] = map[string]reference{}
			}
			if len(a.sets[n]) < maxReferences {
				r.Text = list.Squeeze(r.Text)
				a.sets[n][r.ID] = r
			}
		case "Location":
			var l location
			if err := x.Read(&l, start); err != nil {
				return err
			}
			if len(a.locations) < maxReferences {
				a.locations[l.ID] = l
			}
		case "IDRegDocument":
			var d document
			if err := x.Read(&d, start); err != nil {
				return err
			}
			if len(a.documents) < maxReferences && len(a.documents[d.Identity]) < list.MaxItems {
				a.documents[d.Identity] = append(a.documents[d.Identity], d)
			}
		case "DistinctParty":
			var p distinctParty
			if err := x.Read(&p, start); err != nil {
				return err
			}
			if len(a.entries) < list.MaxRows {
				a.party(&p)
			}
		case "ProfileRelationship":
			var r relationship
			if err := x.Read(&r, start); err != nil {
				return err
			}
			a.relate(&r)
		case "SanctionsEntry":
			var s sanctionsEntry
			if err := x.Read(&s, start); err != nil {
				return err
			}
			a.sanction(&s)
		}
		return nil
	}, "Sanctions")
	if err != nil {
		return nil, err
	}
	for i := range a.entries {
		e := a.entries[i]
		e.List = listOf(id, e.Programmes)
		b.Add(e)
	}
	return b.Edition()
}

func (a *advanced) text(set, id string) string { return a.sets[set][id].Text }

func (a *advanced) party(p *distinctParty) {
	e := list.Entry{UID: p.FixedRef, Kind: list.Entity, Row: len(a.entries) + 1, Remarks: list.Squeeze(p.Comment)}
	for _, profile := range p.Profiles {
		if e.UID == "" {
			e.UID = profile.ID
		}
		sub := a.sets["PartySubType"][profile.SubType]
		switch kind := strings.ToLower(sub.Text + " " + a.text("PartyType", sub.Party)); {
		case strings.Contains(kind, "vessel"):
			e.Kind = list.Vessel
		case strings.Contains(kind, "aircraft"):
			e.Kind = list.Aircraft
		case strings.Contains(kind, "individual"):
			e.Kind = list.Person
		}
		for _, identity := range profile.Identities {
			last := map[string]bool{} // groups that hold a family name
			for _, g := range identity.Groups {
				if a.text("NamePartType", g.Group.Type) == "Last Name" {
					last[g.Group.ID] = true
				}
			}
			for _, alias := range identity.Aliases {
				kind := list.AKA
				switch t := strings.ToLower(a.text("AliasType", alias.Type)); {
				case strings.HasPrefix(t, "f.k.a"):
					kind = list.FKA
				case strings.HasPrefix(t, "n.k.a"):
					kind = list.NKA
				}
				if alias.Low == "true" {
					kind = list.Weak
				}
				for i, documented := range alias.Names {
					var family, given []string
					for _, part := range documented.Parts {
						text := list.Squeeze(part.Value.Text)
						if last[part.Value.Group] {
							family = append(family, text)
						} else if text != "" {
							given = append(given, text)
						}
					}
					printed := strings.Join(given, " ")
					if len(family) > 0 {
						printed = strings.TrimSuffix(strings.Join(family, " ")+", "+printed, ", ")
					}
					if alias.Primary == "true" && i == 0 && e.Name == "" {
						e.Name = printed
						continue
					}
					e.Aliases = append(e.Aliases, list.Alias{Name: printed, Kind: kind})
				}
			}
			if e.Kind != list.Person {
				for _, d := range a.documents[identity.ID] {
					if id, ok := list.LabelledIdentifier(a.text("IDRegDocType", d.Type), d.Number, a.sets["Country"][d.Issuer].ISO2); ok {
						e.Identifiers = append(e.Identifiers, id)
					}
				}
			}
		}
		for _, feature := range profile.Features {
			what := a.text("FeatureType", feature.Type)
			for _, v := range feature.Versions {
				for _, l := range v.Locations {
					if what == "Location" {
						e.Addresses = append(e.Addresses, a.address(l.ID))
					}
				}
				for _, d := range v.Details {
					text := list.Squeeze(d.Text)
					if text == "" {
						text = list.Squeeze(v.Comment)
					}
					if id, ok := list.LabelledIdentifier(what, text, ""); ok && e.Kind != list.Person {
						e.Identifiers = append(e.Identifiers, id)
					}
				}
			}
		}
		a.profiles[profile.ID] = len(a.entries)
		a.primary[profile.ID] = e.Name
	}
	for _, ad := range e.Addresses {
		if e.Kind == list.Entity && ad.Country != "" {
			e.Country = ad.Country
			break
		}
	}
	e.Facts = append(e.Facts, list.ReadOwnership(e.Remarks)...)
	a.entries = append(a.entries, e)
}

func (a *advanced) address(id string) list.Address {
	l := a.locations[id]
	var parts []string
	for _, p := range l.Parts {
		for _, v := range p.Values {
			if text := list.Squeeze(v.Value); text != "" && (v.Primary == "true" || len(p.Values) == 1) {
				parts = append(parts, text)
			}
		}
	}
	c := a.sets["Country"][l.Country.ID]
	if c.Text != "" {
		parts = append(parts, c.Text)
	}
	code := c.ISO2
	if code == "" {
		code = name.Country(c.Text)
	}
	return list.Address{Text: strings.Join(parts, ", "), Country: code}
}

// relate reads "X owned or controlled by Y" and the other relations, which
// stand behind all parties.
func (a *advanced) relate(r *relationship) {
	i, ok := a.profiles[r.From]
	other := a.primary[r.To]
	if !ok || other == "" || len(a.entries[i].Facts) >= list.MaxItems {
		return
	}
	kind := list.LinkedTo
	if strings.HasPrefix(strings.ToLower(a.text("RelationType", r.Type)), "owned or controlled by") {
		kind = list.OwnedBy
	}
	if r.Former == "true" {
		other += " (formerly)"
	}
	a.entries[i].Facts = append(a.entries[i].Facts, list.Fact{Kind: kind, Value: other})
}

func (a *advanced) sanction(s *sanctionsEntry) {
	i, ok := a.profiles[s.Profile]
	if !ok {
		return
	}
	e := &a.entries[i]
	for _, event := range s.Events {
		if d := event.Date.read(); !d.IsZero() && (e.From.IsZero() || d.Earliest() < e.From.Earliest()) {
			e.From = d
		}
	}
	for _, m := range s.Measures {
		if p := list.Squeeze(m.Comment); p != "" && len(e.Programmes) < list.MaxItems && (a.text("SanctionsType", m.Type) == "Program" || m.Type == "1") {
			e.Programmes = append(e.Programmes, p)
		}
	}
}
