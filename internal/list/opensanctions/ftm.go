// Package opensanctions reads what offshelf needs of a FollowTheMoney export of
// OpenSanctions: who is sanctioned or debarred, and by which act. The data is
// the operator's to obtain; none of it is shipped.
package opensanctions

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// ID is the list's.
const ID = "opensanctions"

// line is an entity of the export.
type line struct {
	ID         string              `json:"id"`
	Caption    string              `json:"caption"`
	Schema     string              `json:"schema"`
	Properties map[string][]string `json:"properties"`
	LastChange string              `json:"last_change"`
}

// kinds are the schemata that can be listed.
var kinds = map[string]list.Kind{
	"Company": list.Entity, "LegalEntity": list.Entity, "Organization": list.Entity, "PublicBody": list.Entity,
	"Person": list.Person, "Vessel": list.Vessel, "Airplane": list.Aircraft,
}

// numbers are the properties with numbers of registers.
var numbers = []struct {
	property string
	kind     list.IdentifierKind
}{
	{"leiCode", list.LEI}, {"uscCode", list.USCC}, {"imoNumber", list.IMO}, {"registrationNumber", list.Registration}, {"taxNumber", list.TaxID},
	{"innCode", list.TaxID}, {"ogrnCode", list.OGRN}, {"swiftBic", list.BIC}, {"dunsCode", list.DUNS}, {"mmsi", list.MMSI}, {"website", list.Website},
}

// ReadFTM reads an export: an entity a line. Entities that no act lists, and
// those that are no party, are skipped; a sanction is joined to its party,
// whether it stands before or behind it.
func ReadFTM(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "ftm")
	s := bufio.NewScanner(bytes.NewReader(f.Data))
	s.Buffer(make([]byte, 64<<10), list.MaxElement)
	acts := map[string][]act{}
	var parties []list.Entry
	topical := map[string]bool{}
	row := 1
	for ; s.Scan() && row <= list.MaxRows; row++ {
		text := bytes.TrimSpace(s.Bytes())
		if len(text) == 0 {
			row--
			continue
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			if row == 1 {
				return nil, fmt.Errorf("%w: line 1 is no entity of FollowTheMoney: %s", list.ErrNoList, list.JSONReason(err))
			}
			b.Refuse(row, "%s", list.JSONReason(err))
			if !bytes.HasSuffix(text, []byte("}")) && bytes.HasSuffix(bytes.TrimSpace(f.Data), text) {
				b.CutOff()
			}
			continue
		}
		switch {
		case l.ID == "" || l.Schema == "":
			b.Refuse(row, "no id or no schema")
		case l.Schema == "Sanction":
			a, about := l.act(b, row)
			if len(about) == 0 {
				b.Refuse(row, "a sanction of nobody: it has no entity")
				continue
			}
			for _, id := range about {
				if len(acts[id]) < list.MaxItems {
					acts[id] = append(acts[id], a)
				}
			}
			b.Joined()
		case kinds[l.Schema] != "":
			e := l.entry(row)
			topical[e.UID] = l.listed()
			parties = append(parties, e)
		default:
			b.Skip()
		}
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("entity %d: a line over %d MiB: %w", row, list.MaxElement>>20, list.ErrNoList)
	}
	for _, e := range parties {
		if !topical[e.UID] && len(acts[e.UID]) == 0 {
			b.Skip()
			continue
		}
		for i, a := range acts[e.UID] {
			if a.programme != "" {
				e.Programmes = append(e.Programmes, a.programme)
			}
			if a.authority != "" {
				e.Citations = append(e.Citations, list.Citation{Text: a.authority, Date: a.From})
			}
			if i == 0 {
				e.Interval = a.Interval
			} else {
				e.Interval = e.Cover(a.Interval)
			}
		}
		b.Merge(e)
	}
	return b.Edition()
}

// act is a sanction.
type act struct {
	programme, authority string
	offshelf.Interval
}

func (l *line) first(property string) string {
	if v := l.Properties[property]; len(v) > 0 {
		return list.Squeeze(v[0])
	}
	return ""
}

func (l *line) act(b *list.Builder, row int) (act, []string) {
	a := act{programme: l.first("programId"), authority: l.first("authority")}
	if a.programme == "" {
		a.programme = l.first("program")
	}
	a.From = b.ReadDate(l.first("startDate"), true, "line %d: startDate", row)
	if a.From.IsZero() {
		a.From = b.ReadDate(l.first("listingDate"), true, "line %d: listingDate", row)
	}
	a.Until = b.ReadDate(l.first("endDate"), true, "line %d: endDate", row)
	return a, l.Properties["entity"]
}

// listed reports whether the export itself calls the party listed.
func (l *line) listed() bool {
	for _, t := range l.Properties["topics"] {
		if t == "sanction" || t == "debarment" || strings.HasPrefix(t, "export.control") {
			return true
		}
	}
	return false
}

func (l *line) entry(row int) list.Entry {
	e := list.Entry{List: ID, UID: l.ID, Name: l.Caption, Kind: kinds[l.Schema], Row: row, Remarks: l.first("notes")}
	names := l.Properties["name"]
	if e.Name == "" && len(names) > 0 {
		e.Name, names = names[0], names[1:]
	}
	for _, of := range []struct {
		names []string
		kind  list.AliasKind
	}{{names, list.AKA}, {l.Properties["alias"], list.AKA}, {l.Properties["previousName"], list.FKA}, {l.Properties["weakAlias"], list.Weak}, {l.Properties["abbreviation"], list.Weak}} {
		for _, n := range of.names {
			e.Aliases = append(e.Aliases, list.Alias{Name: n, Kind: of.kind})
		}
	}
	for _, p := range []string{"jurisdiction", "country", "mainCountry", "flag"} {
		if e.Country == "" && e.Kind != list.Person {
			e.Country = name.Country(l.first(p))
		}
	}
	for _, a := range l.Properties["address"] {
		e.Addresses = append(e.Addresses, list.Address{Text: a, Country: list.CountryOf(a)})
	}
	for _, n := range numbers {
		for _, v := range l.Properties[n.property] {
			e.AddNumber(n.kind, v, e.Country)
		}
	}
	return e
}
