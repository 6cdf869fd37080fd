// Package csl reads the Consolidated Screening List of the US International
// Trade Administration, as CSV and as JSON. It holds a dozen lists; its entries
// name theirs.
package csl

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// ID is that of the whole publication.
const ID = "us-csl"

// lists are the ids of the lists in it, by the short form in brackets.
var lists = map[string]string{
	"SDN": "us-ofac-sdn", "EL": "us-bis-el", "DPL": "us-bis-dpl", "MEU": "us-bis-meu", "UVL": "us-bis-uvl",
	"SSI": "us-ofac-ssi", "PLC": "us-ofac-plc", "CMIC": "us-ns-cmic", "NS-MBS List": "us-ofac-mbs", "MBS": "us-ofac-mbs", "FSE": "us-ofac-fse", "CAP": "us-ofac-capta",
	"ISN": "us-state-isn", "DTC": "us-state-dtc",
}

// record is a row in either form.
type record struct {
	Source        string    `json:"source"`
	Number        string    `json:"entity_number"`
	ID            string    `json:"id"`
	Type          string    `json:"type"`
	Programs      []string  `json:"programs"`
	Name          string    `json:"name"`
	Addresses     []address `json:"addresses"`
	Notice        string    `json:"federal_register_notice"`
	Start         string    `json:"start_date"`
	End           string    `json:"end_date"`
	StandardOrder string    `json:"standard_order"`
	Requirement   string    `json:"license_requirement"`
	Policy        string    `json:"license_policy"`
	CallSign      string    `json:"call_sign"`
	VesselType    string    `json:"vessel_type"`
	VesselFlag    string    `json:"vessel_flag"`
	VesselOwner   string    `json:"vessel_owner"`
	Remarks       string    `json:"remarks"`
	AltNames      []string  `json:"alt_names"`
	IDs           []number  `json:"ids"`
	Country       string    `json:"country"`

	row int
}

type address struct {
	Address string `json:"address"`
	City    string `json:"city"`
	State   string `json:"state"`
	Postal  string `json:"postal_code"`
	Country string `json:"country"`
}

type number struct {
	Type    string `json:"type"`
	Number  string `json:"number"`
	Country string `json:"country"`
}

// ReadJSON reads consolidated.json.
func ReadJSON(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "json")
	found := false
	err := list.ObjectJSON(f.Data, func(d *jsontext.Decoder, key string) error {
		if key != "results" {
			return d.SkipValue()
		}
		found = true
		return b.EachJSON(d, func(row int, v jsontext.Value) {
			r := record{row: row}
			if err := json.Unmarshal(v, &r); err != nil {
				b.Refuse(row, "%s", list.JSONReason(err))
				return
			}
			add(b, &r)
		})
	})
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("%w: JSON without results", list.ErrNoList)
	}
	return b.Edition()
}

// columns are those that the CSV must have.
var columns = []string{"_id", "source", "entity_number", "type", "programs", "name", "addresses", "federal_register_notice", "start_date", "end_date", "remarks", "alt_names", "ids"}

// ReadCSV reads consolidated.csv. Several values of a field are joined by "; ".
func ReadCSV(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "csv")
	err := b.ReadCSV(f.Data, list.CSV{Columns: columns}, func(r list.Row) {
		x := record{
			Source: r.Get("source"), Number: r.Get("entity_number"), ID: r.Get("_id"), Type: r.Get("type"), Programs: several(r.Get("programs")), Name: r.Get("name"),
			Notice: r.Get("federal_register_notice"), Start: r.Get("start_date"), End: r.Get("end_date"), StandardOrder: r.Get("standard_order"),
			Requirement: r.Get("license_requirement"), Policy: r.Get("license_policy"), CallSign: r.Get("call_sign"), VesselType: r.Get("vessel_type"),
			VesselFlag: r.Get("vessel_flag"), VesselOwner: r.Get("vessel_owner"), Remarks: r.Get("remarks"), AltNames: several(r.Get("alt_names")), row: r.N,
		}
		for _, a := range several(r.Get("addresses")) {
			x.Addresses = append(x.Addresses, address{Address: a})
		}
		for _, item := range several(r.Get("ids")) {
			// Type, number, country; the number may have commas.
			parts := strings.Split(item, ", ")
			n := number{Type: parts[0]}
			if len(parts) > 2 && len(parts[len(parts)-1]) == 2 {
				n.Country = parts[len(parts)-1]
				parts = parts[:len(parts)-1]
			}
			n.Number = strings.Join(parts[1:], ", ")
			x.IDs = append(x.IDs, n)
		}
		add(b, &x)
	})
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

func several(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "; ")
}

// add makes an entry of a record.
func add(b *list.Builder, r *record) {
	id := listOf(r.Source)
	if id == "" {
		if list.Squeeze(r.Source) == "" {
			b.Refuse(r.row, "no source: it says which list the entry is on")
			return
		}
		id = "us-csl/" + list.DerivedUID(r.Source)
		b.Warn("%s: the list %q is new: its entries are kept under %s", ID, list.Squeeze(r.Source), id)
	}
	p := list.SplitName(r.Name)
	e := list.Entry{List: id, Name: p.Name, Aliases: p.Aliases, Kind: kindOf(r.Type), Programmes: r.Programs, Remarks: r.Remarks, Row: r.row}
	if p.Reaching != "" {
		e.Facts = append(e.Facts, list.Fact{Kind: list.Subsidiaries, Value: p.Reaching})
	}
	for _, a := range r.AltNames {
		e.Aliases = append(e.Aliases, list.SplitAliases(a, list.AKA)...)
	}
	for _, a := range r.Addresses {
		e.Addresses = append(e.Addresses, printed(a))
	}
	for _, a := range e.Addresses {
		if e.Kind != list.Person && a.Country != "" {
			e.Country = a.Country
			break
		}
	}
	if c := name.Country(r.Country); c != "" {
		e.Country = c
	}
	dates(b, &e, r)
	// The publication's own ids of entries without a number change with their
	// text, so an entry is told apart as its own list does it.
	switch {
	case r.Number != "":
		e.UID = list.Squeeze(r.Number)
	case id == "us-bis-dpl":
		e.UID = list.DerivedUID(e.Name, e.From.String())
	default:
		e.UID = list.DerivedUID(e.Country, e.Name)
	}
	for _, f := range []struct {
		kind  list.FactKind
		value string
	}{{list.Requirement, r.Requirement}, {list.Review, r.Policy}, {list.CallSign, r.CallSign}, {list.VesselType, r.VesselType}, {list.Flag, r.VesselFlag}, {list.VesselOwner, r.VesselOwner}} {
		if v := list.Squeeze(f.value); v != "" {
			e.Facts = append(e.Facts, list.Fact{Kind: f.kind, Value: v})
		}
	}
	e.Facts = append(e.Facts, list.ReadOwnership(r.Remarks)...)
	for _, n := range r.IDs {
		switch {
		case strings.HasPrefix(n.Type, "Listing Date (CMIC)"):
			if d, err := list.ParseDate(n.Number, true); err == nil && e.From.IsZero() {
				e.From = d
			}
		case strings.HasPrefix(n.Type, "Effective Date (CMIC)"):
			if d, err := list.ParseDate(n.Number, true); err == nil {
				e.Facts = append(e.Facts, list.Fact{Kind: list.Effective, Value: d.String()})
			}
		case e.Kind == list.Person:
		default:
			if x, ok := list.LabelledIdentifier(n.Type, n.Number, n.Country); ok {
				e.Identifiers = append(e.Identifiers, x)
			}
		}
	}
	// A denied person has a row an address. Elsewhere two rows of one name may
	// be two parties.
	if r.Number != "" || id == "us-bis-dpl" {
		b.Merge(e)
	} else {
		b.Add(e)
	}
}

// listOf finds the short form of a list in "Entity List (EL) - Bureau of
// Industry and Security".
func listOf(source string) string {
	for rest := source; ; {
		_, behind, ok := strings.Cut(rest, "(")
		if !ok {
			return ""
		}
		short, behind, ok := strings.Cut(behind, ")")
		if !ok {
			return ""
		}
		if id := lists[list.Squeeze(short)]; id != "" {
			return id
		}
		rest = behind
	}
}

func kindOf(s string) list.Kind {
	switch strings.ToLower(s) {
	case "individual":
		return list.Person
	case "entity":
		return list.Entity
	case "vessel":
		return list.Vessel
	case "aircraft":
		return list.Aircraft
	}
	return ""
}

func printed(a address) list.Address {
	text := list.SqueezeJoin(", ", a.Address, a.City, a.State, a.Postal, a.Country)
	country := name.Country(a.Country)
	if country == "" {
		country = list.CountryOf(text)
	}
	return list.Address{Text: text, Country: country}
}

// dates sets the span; the end is printed as the last day.
func dates(b *list.Builder, e *list.Entry, r *record) {
	e.Citations = list.ParseCitations(r.Notice)
	if len(e.Citations) == 0 && list.Squeeze(r.Notice) != "" {
		e.Citations = []list.Citation{{Text: list.Squeeze(r.Notice)}}
	}
	e.From = b.ReadDate(r.Start, false, "row %d: start_date", r.row)
	if e.From.IsZero() {
		e.From = list.FirstCited(e.Citations)
	}
	e.Until = list.DayAfter(b.ReadDate(r.End, false, "row %d: end_date", r.row))
}
