package exchange

import (
	"io"
	"strings"

	"github.com/offshelf/offshelf"
)

// Entity is an entity of FollowTheMoney.
type Entity struct {
	ID         string              `json:"id"`
	Schema     string              `json:"schema"`
	Properties map[string][]string `json:"properties"`
}

// Schemata that the entities are of.
const (
	company      = "Company"
	legalEntity  = "LegalEntity"
	organization = "Organization"
	person       = "Person"
	publicBody   = "PublicBody"
	asset        = "Asset"
	ownership    = "Ownership"
	unknownLink  = "UnknownLink"
	sanction     = "Sanction"
)

// What the export writes where the model has no field, and the import reads.
const (
	brandMark   = "Brand"               // description of an asset
	brandRole   = "holder of the brand" // role of an ownership
	unconfirmed = "unconfirmed"         // status of a weak fact
	shareMark   = "Share: "             // summary of a link
	printedMark = "Printed as: "        // summary of a sanction
)

// FollowTheMoney writes the facts as entities, one a line.
//
// Parties are legal entities, companies and so on. The model has no schema for
// a brand: one is written as an Asset, which parties own, and what a maker has
// to do with it as an UnknownLink with its role. Listings of every list are
// Sanctions, whose program says which. Claims that do not carry, replies of
// companies, tells and rules have no place in the model and are left out; weak
// facts have the status unconfirmed.
func FollowTheMoney(w io.Writer, k *offshelf.Knowledge) error {
	out := newLines(w)
	x := &exporter{k: k, schema: map[string]string{}, sources: map[string]offshelf.Source{}, program: map[string]*offshelf.Regime{}}
	for _, s := range k.Sources {
		x.sources[s.ID] = s
	}
	for i := range k.Regimes {
		for _, list := range k.Regimes[i].Lists {
			if x.program[list] == nil {
				x.program[list] = &k.Regimes[i] // the rule that the list is of stands first
			}
		}
	}
	for _, p := range k.Parties {
		x.schema[p.ID] = schemaOf(p.Kind)
	}
	for _, list := range [][]Entity{x.parties(), x.brands(), x.stakes(), x.makes(), x.listings()} {
		for _, e := range list {
			out.write(e)
		}
	}
	return out.err
}

func schemaOf(kind string) string {
	switch kind {
	case "company":
		return company
	case "person":
		return person
	case "state":
		return publicBody
	case "group":
		return organization
	}
	return legalEntity
}

type exporter struct {
	k       *offshelf.Knowledge
	schema  map[string]string // by party
	sources map[string]offshelf.Source
	program map[string]*offshelf.Regime // by list
}

// The ids of parties and brands differ even where ours are the same word.
func partyID(id string) string { return identity("party", id) }
func brandID(id string) string { return identity("brand", id) }

func (x *exporter) parties() []Entity {
	notes := map[string][]string{}
	for _, c := range x.k.Concerns {
		if !c.Reply {
			notes[c.Party] = append(notes[c.Party], "Concern, as reported by "+c.By+": "+c.What)
		}
	}
	var out []Entity
	for _, p := range x.k.Parties {
		e := entity(partyID(p.ID), schemaOf(p.Kind))
		e.add("name", p.Name)
		e.add("alias", p.Aliases...)
		e.add("country", strings.ToLower(p.Country))
		numbers(e, p.Identifiers)
		e.add("notes", notes[p.ID]...)
		x.cite(e, p.Evidence)
		out = append(out, e)
	}
	return out
}

func (x *exporter) brands() []Entity {
	var out []Entity
	n := counter{}
	for _, b := range x.k.Brands {
		e := entity(brandID(b.ID), asset)
		e.add("name", b.Name)
		names := "alias"
		if b.Ambiguous != "" {
			names = "weakAlias"
			e.add("summary", "The name alone proves nothing: "+b.Ambiguous)
		}
		e.add(names, b.Aliases...)
		e.add("description", brandMark)
		x.cite(e, b.Evidence)
		out = append(out, e)
		if b.Parent != "" {
			l := entity(identity("line", b.ID, b.Parent), unknownLink)
			l.add("subject", brandID(b.ID))
			l.add("object", brandID(b.Parent))
			l.add("role", "line of")
			out = append(out, l)
		}
		for _, h := range b.Holders {
			id := identity("holder", b.ID, h.Party, n.next(b.ID+" "+h.Party))
			if h.Conflict != "" {
				continue
			}
			o := entity(id, ownership)
			o.add("owner", partyID(h.Party))
			o.add("asset", brandID(b.ID))
			o.add("role", brandRole)
			o.during(h.Interval)
			x.cite(o, h.Evidence)
			out = append(out, o)
		}
	}
	return out
}

func (x *exporter) stakes() []Entity {
	var out []Entity
	n := counter{}
	for _, s := range x.k.Stakes {
		id := identity("stake", s.Holder, s.Held, n.next(s.Holder+" "+s.Held))
		if s.Conflict != "" {
			continue
		}
		role := "owner"
		if s.Control {
			role = "controlling owner"
			if !s.Share.Known {
				role = "control"
			}
		}
		e := entity(id, ownership)
		e.add("owner", partyID(s.Holder))
		e.add("asset", partyID(s.Held))
		if x.schema[s.Held] != company { // only a company is an asset
			e = entity(id, unknownLink)
			e.add("subject", partyID(s.Holder))
			e.add("object", partyID(s.Held))
			if s.Share.Known {
				e.add("summary", shareMark+s.Share.String())
			}
		} else if s.Share.Known {
			e.add("percentage", percentage(s.Share))
		}
		e.add("role", role)
		e.during(s.Interval)
		x.cite(e, s.Evidence)
		out = append(out, e)
	}
	return out
}

// percentage is a number, or a range of two. Below 2 it has a sign, as 0.5 may
// be read as a half.
func percentage(s offshelf.Share) string {
	text := string(decimalOf(s.Min))
	if s.Min != s.Max {
		text += "-" + string(decimalOf(s.Max))
	}
	if s.Min < 200 && strings.Contains(text, ".") {
		text += "%"
	}
	return text
}

var roles = map[offshelf.MakeRelation]string{
	offshelf.Made: "maker", offshelf.Supplied: "supplier of parts", offshelf.Licensed: "licensor of the design",
	offshelf.Firmware: "supplier of the firmware", offshelf.LooksLike: "reported likeness",
}

func (x *exporter) makes() []Entity {
	var out []Entity
	n := counter{}
	for _, m := range x.k.Makes {
		id := identity("make", m.Maker, m.Brand, n.next(m.Maker+" "+m.Brand))
		if m.Conflict != "" {
			continue
		}
		e := entity(id, unknownLink)
		e.add("subject", partyID(m.Maker))
		e.add("object", brandID(m.Brand))
		role := roles[m.Relation]
		if m.Relation == offshelf.Made && !m.All {
			role += " of some goods"
		}
		e.add("role", role)
		if len(m.Goods) > 0 {
			e.add("summary", "Goods: "+strings.Join(m.Goods, ", "))
		}
		if len(m.Models) > 0 {
			e.add("summary", "Models: "+strings.Join(m.Models, " "))
		}
		e.during(m.Interval)
		x.cite(e, m.Evidence)
		out = append(out, e)
	}
	return out
}

func (x *exporter) listings() []Entity {
	var out []Entity
	for _, l := range x.k.Listings {
		if l.Party == "" {
			continue // a class of goods is no entity that could be sanctioned
		}
		e := entity(identity("listing", l.ID), sanction)
		e.add("entity", partyID(l.Party))
		e.add("programId", l.List)
		if r := x.program[l.List]; r != nil {
			e.add("program", r.Title)
			e.add("authority", r.Authority)
		}
		e.add("listingDate", plain(l.From))
		e.during(l.Interval)
		e.add("reason", l.Citation)
		e.add("status", l.Status)
		e.add("recordId", l.ID)
		e.add("summary", printedMark+l.Name)
		x.cite(e, l.Evidence)
		out = append(out, e)
	}
	return out
}
