package exchange

import (
	"io"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf"
)

// A statement as it is written. The order of the fields is that of the
// standard's own examples.
type (
	bodsStatement struct {
		StatementID string          `json:"statementId"`
		Subject     string          `json:"declarationSubject"`
		Date        string          `json:"statementDate"`
		Annotations []bodsNote      `json:"annotations,omitempty"`
		Publication bodsPublication `json:"publicationDetails"`
		Source      *bodsSource     `json:"source,omitempty"`
		RecordID    string          `json:"recordId"`
		Status      string          `json:"recordStatus"`
		Type        string          `json:"recordType"`
		Details     any             `json:"recordDetails"`
	}
	bodsNote struct {
		Target      string `json:"statementPointerTarget"`
		Motivation  string `json:"motivation"`
		Description string `json:"description"`
	}
	bodsPublication struct {
		Date      string        `json:"publicationDate"`
		Version   string        `json:"bodsVersion"`
		Publisher bodsPublisher `json:"publisher"`
	}
	bodsPublisher struct {
		Name string `json:"name"`
	}
	bodsSource struct {
		Type        []string `json:"type"`
		Description string   `json:"description,omitempty"`
		URL         string   `json:"url,omitempty"`
	}
	bodsEntity struct {
		IsComponent  bool              `json:"isComponent"`
		EntityType   bodsType          `json:"entityType"`
		Name         string            `json:"name"`
		Alternate    []string          `json:"alternateNames,omitempty"`
		Jurisdiction *bodsJurisdiction `json:"jurisdiction,omitempty"`
		Identifiers  []bodsIdentifier  `json:"identifiers,omitempty"`
	}
	bodsType struct {
		Type string `json:"type"`
	}
	bodsJurisdiction struct {
		Name string `json:"name"`
		Code string `json:"code"`
	}
	bodsIdentifier struct {
		ID         string `json:"id"`
		Scheme     string `json:"scheme,omitempty"`
		SchemeName string `json:"schemeName,omitempty"`
	}
	bodsPerson struct {
		IsComponent bool       `json:"isComponent"`
		PersonType  string     `json:"personType"`
		Names       []bodsName `json:"names"`
	}
	bodsName struct {
		Type     string `json:"type"`
		FullName string `json:"fullName"`
	}
	bodsRelationship struct {
		IsComponent     bool           `json:"isComponent"`
		Subject         string         `json:"subject"`
		InterestedParty string         `json:"interestedParty"`
		Interests       []bodsInterest `json:"interests"`
	}
	bodsInterest struct {
		Type       string     `json:"type"`
		Direct     string     `json:"directOrIndirect"`
		Beneficial bool       `json:"beneficialOwnershipOrControl"`
		Details    string     `json:"details,omitempty"`
		StartDate  string     `json:"startDate,omitempty"`
		EndDate    string     `json:"endDate,omitempty"`
		Share      *bodsShare `json:"share,omitempty"`
	}
	bodsShare struct {
		Exact   rawNumber `json:"exact,omitempty"`
		Minimum rawNumber `json:"minimum,omitempty"`
		Maximum rawNumber `json:"maximum,omitempty"`
	}
)

// rawNumber is a decimal number as it is printed.
type rawNumber string

// MarshalJSON implements json.Marshaler.
func (n rawNumber) MarshalJSON() ([]byte, error) { return []byte(n), nil }

// Statements writes parties and stakes as statements of BODS 0.4, an array of
// one a line: what is not of the format, such as brands, makers, listings and
// rules, is left out, and so are claims that do not carry.
//
// The standard has no date that is approximate, uncertain or "on or before",
// and no interest of a share that is known to nobody: such dates are written
// as they stand beside a qualification in annotations, which the import reads;
// the unknown interest is unknownInterest.
func Statements(w io.Writer, k *offshelf.Knowledge) error {
	b := &bodsWriter{k: k, sources: map[string]offshelf.Source{}}
	for _, s := range k.Sources {
		b.sources[s.ID] = s
	}
	held := map[string]bool{}
	for _, s := range k.Stakes {
		held[s.Holder], held[s.Held] = true, true
	}
	var list []bodsStatement
	for _, p := range k.Parties {
		if noEntity[p.Kind] && !held[p.ID] {
			continue
		}
		list = append(list, b.party(p))
	}
	n := counter{}
	for _, s := range k.Stakes {
		id := identity("stake", s.Holder, s.Held, n.next(s.Holder+" "+s.Held))
		if s.Conflict == "" {
			list = append(list, b.stake(id, s))
		}
	}
	out := newLines(w)
	for i, s := range list {
		lead := ","
		if i == 0 {
			lead = "["
		}
		if out.err == nil {
			_, out.err = io.WriteString(w, lead)
		}
		out.write(s)
	}
	if out.err == nil {
		end := "]\n"
		if len(list) == 0 {
			end = "[]\n"
		}
		_, out.err = io.WriteString(w, end)
	}
	return out.err
}

type bodsWriter struct {
	k       *offshelf.Knowledge
	sources map[string]offshelf.Source
}

// statement is what all statements have in common. The id of a statement is
// made of its record's: one statement a record, as of one day.
func (b *bodsWriter) statement(record, subject, kind string, e offshelf.Evidence) bodsStatement {
	s := bodsStatement{
		StatementID: identity("statement", record, b.k.Version), Subject: subject, Date: b.k.Version,
		Publication: bodsPublication{b.k.Version, bodsVersion, bodsPublisher{"offshelf"}},
		RecordID:    record, Status: "new", Type: kind,
	}
	for _, id := range e.Sources {
		src := b.sources[id]
		if src.ID == "" || s.Source != nil {
			continue
		}
		t := "thirdParty"
		if src.Grade == offshelf.GradeOfficial {
			t = "officialRegister"
		}
		s.Source = &bodsSource{Type: []string{t}, Description: src.Title, URL: src.URL}
	}
	if e.Grade.Weak() {
		s.note("/", unconfirmed)
	}
	return s
}

func (s *bodsStatement) note(target, text string) {
	s.Annotations = append(s.Annotations, bodsNote{target, "commenting", text})
}

// noEntity are kinds of parties that are listed and own nothing.
var noEntity = map[string]bool{"vessel": true, "place": true, "region": true}

var entityTypes = map[string]string{"company": "registeredEntity", "state": "stateBody", "group": "arrangement"}

func (b *bodsWriter) party(p offshelf.Party) bodsStatement {
	id := partyID(p.ID)
	if p.Kind == "person" {
		s := b.statement(id, id, "person", p.Evidence)
		names := []bodsName{{"legal", p.Name}}
		for _, n := range p.Aliases {
			names = append(names, bodsName{"alternative", n})
		}
		s.Details = bodsPerson{PersonType: "knownPerson", Names: names}
		return s
	}
	s := b.statement(id, id, "entity", p.Evidence)
	e := bodsEntity{EntityType: bodsType{entityTypes[p.Kind]}, Name: p.Name, Alternate: p.Aliases}
	if e.EntityType.Type == "" {
		e.EntityType.Type = "legalEntity"
	}
	if p.Country != "" {
		e.Jurisdiction = &bodsJurisdiction{p.Country, p.Country}
	}
	for _, i := range p.Identifiers {
		i = i.Normal()
		x := bodsIdentifier{ID: i.ID, Scheme: i.Scheme}
		if code, ok := bodsSchemes[i.Scheme]; ok {
			x.Scheme = code
		} else if strings.ToLower(i.Scheme) == i.Scheme { // no code on the list
			x.Scheme, x.SchemeName = "", i.Scheme
		}
		e.Identifiers = append(e.Identifiers, x)
	}
	s.Details = e
	return s
}

// bodsSchemes are the codes of org-id.guide for schemes with one.
var bodsSchemes = map[string]string{offshelf.SchemeLEI: "XI-LEI", offshelf.SchemeINN: "RU-INN", offshelf.SchemeOGRN: "RU-OGRN", offshelf.SchemeUSCC: "CN-USCC"}

func (b *bodsWriter) stake(id string, x offshelf.Stake) bodsStatement {
	s := b.statement(id, partyID(x.Held), "relationship", x.Evidence)
	r := bodsRelationship{Subject: partyID(x.Held), InterestedParty: partyID(x.Holder)}
	add := func(kind, details string, share *bodsShare) {
		in := bodsInterest{Type: kind, Direct: "direct", Details: details, StartDate: bare(x.From), EndDate: bare(x.Until), Share: share}
		at := "/recordDetails/interests/" + strconv.Itoa(len(r.Interests))
		for _, d := range []struct {
			field string
			date  offshelf.Date
		}{{"/startDate", x.From}, {"/endDate", x.Until}} {
			if q := qualification(d.date); q != "" {
				s.note(at+d.field, q)
			}
		}
		r.Interests = append(r.Interests, in)
	}
	if x.Share.Known {
		share := &bodsShare{}
		if x.Share.Min == x.Share.Max {
			share.Exact = decimalOf(x.Share.Min)
		} else {
			share.Minimum, share.Maximum = decimalOf(x.Share.Min), decimalOf(x.Share.Max)
		}
		add("shareholding", "", share)
	}
	if x.Control {
		add("otherInfluenceOrControl", controlDetails, nil)
	}
	if len(r.Interests) == 0 {
		add("unknownInterest", "", nil)
	}
	s.Details = r
	return s
}

// bare is a date without its qualification.
func bare(d offshelf.Date) string {
	return strings.TrimRight(strings.TrimPrefix(d.String(), ".."), "~?")
}

// qualifications are what a date says beside the day, in words that the import
// reads back.
var qualifications = []struct{ prefix, suffix, words string }{
	{"..", "~", "on or before, approximate"}, {"..", "?", "on or before, uncertain"},
	{"..", "", "on or before"}, {"", "~", "approximate"}, {"", "?", "uncertain"},
}

func qualification(d offshelf.Date) string {
	s := d.String()
	for _, q := range qualifications {
		if s != "" && strings.HasPrefix(s, q.prefix) && strings.HasSuffix(s, q.suffix) {
			return q.words
		}
	}
	return ""
}

// decimalOf prints basis points as a number of percent.
func decimalOf(n int32) rawNumber {
	return rawNumber(strings.TrimSuffix(percent(n), "%"))
}
