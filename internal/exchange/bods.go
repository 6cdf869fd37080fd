package exchange

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
)

// bodsVersion is the version of the Beneficial Ownership Data Standard that is
// read and written, https://standard.openownership.org/en/0.4.0/.
const bodsVersion = "0.4"

// statement is a statement of BODS 0.4, as far as it says who owns whom.
type statement struct {
	StatementID   string `json:"statementId"`
	StatementDate string `json:"statementDate"`
	RecordID      string `json:"recordId"`
	RecordStatus  string `json:"recordStatus"` // new, updated, closed
	RecordType    string `json:"recordType"`   // entity, person, relationship
	Publication   struct {
		Version   string `json:"bodsVersion"`
		Date      string `json:"publicationDate"`
		Publisher struct {
			Name string `json:"name"`
		} `json:"publisher"`
	} `json:"publicationDetails"`
	Details     jsontext.Value `json:"recordDetails"`
	Annotations []struct {
		Target      string `json:"statementPointerTarget"`
		Description string `json:"description"`
	} `json:"annotations"`

	// Names that older versions use.
	OldID   string `json:"statementID"`
	OldType string `json:"statementType"`
}

// entityDetails describe an entity.
type entityDetails struct {
	EntityType struct {
		Type string `json:"type"` // registeredEntity, legalEntity, arrangement, anonymousEntity, unknownEntity, state, stateBody
	} `json:"entityType"`
	Name           string   `json:"name"`
	AlternateNames []string `json:"alternateNames"`
	Jurisdiction   struct {
		Code string `json:"code"` // ISO 3166-1 or 3166-2
	} `json:"jurisdiction"`
	Identifiers []struct {
		ID         string `json:"id"`
		Scheme     string `json:"scheme"`
		SchemeName string `json:"schemeName"`
	} `json:"identifiers"`
	Unspecified unspecified `json:"unspecifiedEntityDetails"`
}

// personDetails describe a person, by name alone.
type personDetails struct {
	PersonType string `json:"personType"` // knownPerson, anonymousPerson, unknownPerson
	Names      []struct {
		FullName string `json:"fullName"`
	} `json:"names"`
	Nationalities []struct {
		Code string `json:"code"`
	} `json:"nationalities"`
	Unspecified unspecified `json:"unspecifiedPersonDetails"`
}

// unspecified says why a party is not named.
type unspecified struct {
	Reason      string `json:"reason"`
	Description string `json:"description"`
}

// relationshipDetails describe who has which interests in whom.
type relationshipDetails struct {
	Subject         jsontext.Value `json:"subject"`         // a recordId, or why there is none
	InterestedParty jsontext.Value `json:"interestedParty"` // a recordId, or why there is none
	IsComponent     bool           `json:"isComponent"`
	Components      []string       `json:"componentRecords"`
	Interests       []interest     `json:"interests"`
}

type interest struct {
	Type      string `json:"type"`
	Direct    string `json:"directOrIndirect"` // direct, indirect, unknown
	Details   string `json:"details"`
	StartDate string `json:"startDate"`
	EndDate   string `json:"endDate"`
	Share     struct {
		Exact            jsontext.Value `json:"exact"`
		Minimum          jsontext.Value `json:"minimum"`
		Maximum          jsontext.Value `json:"maximum"`
		ExclusiveMinimum jsontext.Value `json:"exclusiveMinimum"`
		ExclusiveMaximum jsontext.Value `json:"exclusiveMaximum"`
	} `json:"share"`
}

// record is all that is said of one recordId.
type record struct {
	id         string
	kind       string
	statements []version
}

// version is a statement that was read and is not wrong.
type version struct {
	line      int
	id        string
	status    string
	date      offshelf.Date
	publisher string

	party *offshelf.Party // of entities and persons
	rel   *relation
}

// order is the day by which the statements of a record are sorted. What is new
// and has no date of its own came first.
func (v *version) order() offshelf.Day {
	if v.status == "new" && v.date.Earliest() == offshelf.MinDay {
		return offshelf.MinDay
	}
	return v.date.Latest()
}

// relation is what one statement says of a relationship.
type relation struct {
	holder, held string // record ids; for a party that is not named, one that is made up
	placeholder  *offshelf.Party
	heldUnnamed  *offshelf.Party
	components   []string
	stakes       []offshelf.Stake // direct ones
	indirect     []offshelf.Stake
	ignored      string // why it gives none
	silent       bool   // states no interests, as a closing statement may
}

// bodsImport gathers statements by record; only at the end is known which
// statement of a record holds when.
type bodsImport struct {
	*Import
	records    map[string]*record
	order      []*record
	statements map[string]int // statementId → line
}

func readBODS(im *Import, r *bufio.Reader, head []byte) error {
	c := &bodsImport{Import: im, records: map[string]*record{}, statements: map[string]int{}}
	cut := &records{r: r}
	if err := cut.begin(head, "statements", "records"); err != nil {
		return err
	}
	for {
		s, err := cut.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		c.Read++
		if s.err != nil {
			c.refuse(s.line, "", "%s", s.err)
			continue
		}
		c.statement(s)
	}
	c.settle()
	return nil
}

// statement reads one statement and puts it to its record.
func (c *bodsImport) statement(raw raw) {
	var s statement
	if err := json.Unmarshal(raw.data, &s); err != nil {
		c.refuse(raw.line, s.StatementID, "%s", syntax(err))
		return
	}
	refuse := func(format string, args ...any) { c.refuse(raw.line, s.StatementID, format, args...) }
	switch {
	case s.Publication.Version != "" && s.Publication.Version != bodsVersion, s.RecordType == "" && s.OldType != "":
		v := cmp.Or(s.Publication.Version, "before 0.4")
		s.StatementID = cmp.Or(s.StatementID, s.OldID)
		refuse("is of BODS version %s, and only %s is read: convert the file, for example with the tools of Open Ownership", cutTo(v, 20), bodsVersion)
		return
	case s.StatementID == "":
		refuse("has no statementId")
		return
	case s.RecordID == "":
		refuse("has no recordId: which record it is about stays open")
		return
	case len(s.Details) == 0:
		refuse("has no recordDetails: it says nothing")
		return
	}
	if line, ok := c.statements[s.StatementID]; ok {
		refuse("the statementId stands in line %d too: the first is used", line)
		return
	}
	v := version{line: raw.line, id: s.StatementID, status: s.RecordStatus, publisher: s.Publication.Publisher.Name}
	var err error
	if v.date, err = parseDate(s.StatementDate); err != nil {
		refuse("statementDate: %v", err)
		return
	}
	if v.date.IsZero() {
		// It was stated on or before the day on which it was published.
		published, err := parseDate(s.Publication.Date)
		switch {
		case err == nil && !published.IsZero():
			v.date = published.OnOrBefore()
		case s.RecordStatus == "updated" || s.RecordStatus == "closed":
			refuse("has no statementDate and no publicationDate: from when on the record is %s stays open", s.RecordStatus)
			return
		}
	}
	switch s.RecordStatus {
	case "new", "updated", "closed":
	default:
		refuse("recordStatus %q: it is new, updated or closed", cutTo(s.RecordStatus, 40))
		return
	}
	switch s.RecordType {
	case "entity":
		v.party, err = c.entity(raw.line, &s)
	case "person":
		v.party, err = c.person(&s)
	case "relationship":
		v.rel, err = c.relationship(raw.line, &s, v.date)
	default:
		err = fmt.Errorf("recordType %q: it is entity, person or relationship", cutTo(s.RecordType, 40))
	}
	if err != nil {
		refuse("%s", syntax(err))
		return
	}
	if s.Publication.Version == "" {
		c.find(raw.line, "version", "%s names no bodsVersion: it is read as %s", s.StatementID, bodsVersion)
	}
	c.statements[s.StatementID] = raw.line
	rec := c.records[s.RecordID]
	if rec == nil {
		rec = &record{id: s.RecordID, kind: s.RecordType}
		c.records[s.RecordID] = rec
		c.order = append(c.order, rec)
	}
	if rec.kind != s.RecordType {
		refuse("record %s is of type %s in line %d and %s here: which holds stays open; the first is used", s.RecordID, rec.kind, rec.statements[0].line, s.RecordType)
		return
	}
	rec.statements = append(rec.statements, v)
}

// noted returns what an annotation says of a place in the statement.
func (s *statement) noted(target string) string {
	for _, a := range s.Annotations {
		if a.Target == target {
			return a.Description
		}
	}
	return ""
}

// qualified reads a date with what an annotation says of it.
func (s *statement) qualified(text, target string) (offshelf.Date, error) {
	d, err := parseDate(text)
	if err != nil || d.IsZero() || len(s.Annotations) == 0 {
		return d, err
	}
	words := s.noted(target)
	for _, q := range qualifications {
		if q.words == words {
			return offshelf.ParseDate(q.prefix + bare(d) + q.suffix)
		}
	}
	return d, nil
}

func (c *bodsImport) entity(line int, s *statement) (*offshelf.Party, error) {
	var d entityDetails
	if err := json.Unmarshal(s.Details, &d); err != nil {
		return nil, err
	}
	p := &offshelf.Party{ID: s.RecordID, Name: strings.TrimSpace(d.Name), Evidence: c.evidence(s.Publication.Publisher.Name)}
	switch d.EntityType.Type {
	case "registeredEntity", "legalEntity":
		p.Kind = "company"
	case "arrangement":
		p.Kind = "group"
	case "state", "stateBody":
		p.Kind = "state"
	case "anonymousEntity", "unknownEntity", "":
	default:
		c.find(line, "entity", "%s: entity type %q is none of BODS %s: it is left open", s.StatementID, cutTo(d.EntityType.Type, 40), bodsVersion)
	}
	for _, n := range d.AlternateNames {
		if n != p.Name {
			p.Aliases = addName(p.Aliases, n)
		}
	}
	if p.Name == "" {
		p.Name = unnamed("entity", d.Unspecified)
	}
	p.Country = countryOf(d.Jurisdiction.Code)
	for _, x := range d.Identifiers {
		if x.Scheme == "" && (offshelf.Identifier{Scheme: x.SchemeName}).Known() {
			x.Scheme = x.SchemeName // one of ours that has no code
		}
		if x.Scheme == "" || x.ID == "" {
			continue // a register that is described in words proves no identity
		}
		id := offshelf.Identifier{Scheme: x.Scheme, ID: x.ID}.Normal()
		if err := id.Check(); err != nil {
			c.find(line, "identifier", "%s: %v; it is left out", s.StatementID, err)
			continue
		}
		p.Identifiers = append(p.Identifiers, id)
	}
	return p, nil
}

func (c *bodsImport) person(s *statement) (*offshelf.Party, error) {
	var d personDetails
	if err := json.Unmarshal(s.Details, &d); err != nil {
		return nil, err
	}
	p := &offshelf.Party{ID: s.RecordID, Kind: "person", Evidence: c.evidence(s.Publication.Publisher.Name)}
	for _, n := range d.Names {
		switch full := strings.TrimSpace(n.FullName); {
		case p.Name == "":
			p.Name = full
		case full != p.Name:
			p.Aliases = addName(p.Aliases, full)
		}
	}
	if p.Name == "" {
		p.Name = unnamed("person", d.Unspecified)
	}
	if len(d.Nationalities) == 1 {
		p.Country = countryOf(d.Nationalities[0].Code)
	}
	return p, nil
}

// unnamed is the name of a party that is not named.
func unnamed(kind string, u unspecified) string {
	return fmt.Sprintf("A %s that is not named (%s)", kind, cutTo(cmp.Or(u.Reason, "no reason given"), 100))
}

// relationship reads who has what in whom.
func (c *bodsImport) relationship(line int, s *statement, on offshelf.Date) (*relation, error) {
	var d relationshipDetails
	if err := json.Unmarshal(s.Details, &d); err != nil {
		return nil, err
	}
	r := &relation{components: d.Components, silent: len(d.Interests) == 0}
	var why unspecified
	var err error
	if r.held, why, err = end("subject", d.Subject); err != nil {
		return nil, err
	}
	if r.held == "" {
		r.held = s.RecordID + "/subject"
		r.heldUnnamed = c.unnamedParty(r.held, "subject", why, s)
	}
	if r.holder, why, err = end("interestedParty", d.InterestedParty); err != nil {
		return nil, err
	}
	if r.holder == "" {
		if why.Reason == "noBeneficialOwners" {
			r.ignored = "says that there is no beneficial owner"
			return r, nil
		}
		r.holder = s.RecordID + "/interested-party"
		r.placeholder = c.unnamedParty(r.holder, "holder", why, s)
	}
	if r.holder == r.held {
		return nil, errors.New("a party cannot hold itself: correct subject or interestedParty")
	}
	return r, c.interests(line, r, d.Interests, s, on)
}

func (c *bodsImport) unnamedParty(id, kind string, why unspecified, s *statement) *offshelf.Party {
	return &offshelf.Party{ID: id, Name: unnamed(kind, why), Evidence: c.evidence(s.Publication.Publisher.Name)}
}

// end reads a side of a relationship: a record id, or why there is none.
func end(what string, v jsontext.Value) (string, unspecified, error) {
	var why unspecified
	switch v.Kind() {
	case '"':
		var id string
		if err := json.Unmarshal(v, &id); err != nil || id == "" {
			return "", why, fmt.Errorf("%s is empty: name a recordId, or say why there is none", what)
		}
		return id, why, nil
	case '{':
		if err := json.Unmarshal(v, &why); err != nil || why.Reason == "" {
			return "", why, fmt.Errorf("%s is not specified, and no reason is given", what)
		}
		return "", why, nil
	}
	return "", why, fmt.Errorf("has no %s: name a recordId, or say why there is none", what)
}
