// Package bis reads the lists of the US Bureau of Industry and Security: the
// Entity List (Supplement No. 4 to 15 CFR Part 744), the Denied Persons List
// and the Military End-User List (Supplement No. 7).
package bis

import (
	"regexp"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// The ids of the lists.
const (
	EntityList      = "us-bis-el"
	DeniedPersons   = "us-bis-dpl"
	MilitaryEndUser = "us-bis-meu"
)

// extracts are the ids of the JSON forms.
var extracts = map[string]string{EntityList: "bis-entity-list", DeniedPersons: "bis-dpl", MilitaryEndUser: "bis-meu"}

// ReadJSON reads the JSON form of one of the lists.
func ReadJSON(id string, f list.File) (*list.Edition, error) {
	b := list.NewBuilder(id, "json")
	err := b.ReadExtract(f.Data, func(x list.Extract) {
		e := entry(id, x.Name, x.Country)
		e.Row = x.Row
		for _, a := range x.Aliases {
			e.Aliases = append(e.Aliases, list.SplitAliases(a, list.AKA)...)
		}
		e.Addresses = addresses(x.Address)
		cite(&e, x.FederalRegister)
		note(b, &e, x)
		if id == DeniedPersons { // a row an address
			b.Merge(e)
		} else {
			b.Add(e)
		}
	}, extracts[id])
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

// entry takes a printed name apart. Countries are headings of the Entity
// List, and one party may stand under several: each is an entry.
func entry(id, printed, country string) list.Entry {
	p := list.SplitName(printed)
	e := list.Entry{List: id, Name: p.Name, Aliases: p.Aliases, Country: name.Country(country)}
	if e.Name == "" {
		e.Name = printed
	}
	if head, _, ok := strings.Cut(country, ", "); ok && e.Country == "" { // China, People's Republic of
		e.Country = name.Country(head)
	}
	place := e.Country
	if place == "" {
		place = country // such as Crimea Region of Ukraine
	}
	e.UID = list.DerivedUID(place, e.Name)
	if p.Reaching != "" {
		e.Facts = append(e.Facts, list.Fact{Kind: list.Subsidiaries, Value: p.Reaching})
	}
	if short := acronym.FindStringSubmatch(e.Name); short != nil {
		e.Aliases = append(e.Aliases, list.Alias{Name: short[1], Kind: list.AKA})
	}
	return e
}

// acronym is a short form in brackets at the end: Academy of … (AASPT).
var acronym = regexp.MustCompile(`\(([A-Z][A-Z&-]{2,11})\)$`)

var addressWord = regexp.MustCompile(`(?i)\b(?:alt(?:ernate|\.)?\s+)?address:\s*`)

// addresses splits the printed addresses; older rows put "Address:" and "Alt
// Address:" before each.
func addresses(s string) []list.Address {
	if addressWord.MatchString(s) {
		s = addressWord.ReplaceAllString(s, "; ")
	}
	return list.SplitAddresses(s)
}

// cite sets the citations, and the first day that is cited as the day of
// listing: the list prints no other.
func cite(e *list.Entry, text string) {
	e.Citations = list.ParseCitations(text)
	if e.From.IsZero() {
		e.From = list.FirstCited(e.Citations)
	}
}

var expires = regexp.MustCompile(`Expires: (\S+)`)

// note keeps what else the row says.
func note(b *list.Builder, e *list.Entry, x list.Extract) {
	notes := list.Squeeze(x.Notes)
	if e.List != DeniedPersons {
		if notes != "" {
			e.Facts = append(e.Facts, list.Fact{Kind: list.Requirement, Value: notes})
		}
		return
	}
	e.Remarks = notes
	if from, err := list.ParseDate(x.EffectiveDate, false); err != nil {
		b.Warn("%s: row %d: effective_date: %v", e.List, x.Row, err)
	} else {
		e.From = from
	}
	if m := expires.FindStringSubmatch(notes); m != nil {
		until, err := list.ParseDate(strings.TrimSuffix(m[1], ";"), false)
		if err != nil {
			b.Warn("%s: row %d: Expires: %v", e.List, x.Row, err)
			return
		}
		e.Until = list.DayAfter(until)
	}
	e.UID = list.DerivedUID(e.Name, e.From.String())
}
