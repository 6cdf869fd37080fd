package exchange

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// entityRow is a record of level 1, LEI-CDF 3.1.
type entityRow struct {
	lei, name    string
	otherNames   []string
	country      string // jurisdiction, or country of the legal address
	authority    string // code of GLEIF's list of registration authorities
	registered   string // number there
	category     string // GENERAL, FUND, BRANCH, SOLE_PROPRIETOR, RESIDENT_GOVERNMENT_ENTITY, INTERNATIONAL_ORGANIZATION
	registration string // status of the LEI: ISSUED, LAPSED, DUPLICATE, ANNULLED …
	successor    string // LEI
}

// relationRow is a record of level 2, RR-CDF 2.1: the start node is
// consolidated by the end node.
type relationRow struct {
	start, end         string // LEIs
	startType, endType string // LEI, or what else the node's id is
	kind               string
	status             string // ACTIVE, INACTIVE, NULL
	registration       string // PUBLISHED, LAPSED, ANNULLED, DUPLICATE …
	updated            string
	periods            []periodRow
}

type periodRow struct{ from, until, kind string }

// gleifImport gathers either level.
type gleifImport struct {
	*Import
	entities map[string]int  // LEI → line
	said     map[string]bool // relations
	ultimate []told          // wait for the direct ones
}

func readGLEIF(im *Import, r *bufio.Reader, head []byte) error {
	c := &gleifImport{Import: im, entities: map[string]int{}, said: map[string]bool{}}
	im.open = im.Format == GLEIFRelations
	var err error
	if _, isJSON := beginning(head); isJSON {
		err = c.json(r, head)
	} else {
		err = c.csv(r)
	}
	if err != nil {
		return err
	}
	c.summaries()
	return nil
}

// json reads the golden copy in JSON: the values are objects of "$" and
// attributes, or plain.
func (c *gleifImport) json(r *bufio.Reader, head []byte) error {
	cut := &records{r: r}
	if err := cut.begin(head, "records", "relations", "data"); err != nil {
		return err
	}
	for {
		rec, err := cut.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		c.Read++
		if rec.err != nil {
			c.refuse(rec.line, "", "%s", rec.err)
			continue
		}
		if c.Format == GLEIFRelations {
			row, err := relationOf(rec.data)
			if err != nil {
				c.refuse(rec.line, "", "%s", syntax(err))
				continue
			}
			c.relation(rec.line, row)
			continue
		}
		row, err := entityOf(rec.data)
		if err != nil {
			c.refuse(rec.line, "", "%s", syntax(err))
			continue
		}
		c.entity(rec.line, row)
	}
}

// lei checks an LEI, and refuses the record where it is wrong.
func (c *gleifImport) lei(line int, what, lei string) bool {
	if err := (offshelf.Identifier{Scheme: offshelf.SchemeLEI, ID: lei}).Check(); err != nil {
		c.refuse(line, lei, "%s: %v", what, err)
		return false
	}
	return true
}

func (c *gleifImport) entity(line int, row *entityRow) {
	if !c.lei(line, "LEI", row.lei) {
		return
	}
	if first, ok := c.entities[row.lei]; ok {
		c.refuse(line, row.lei, "the LEI stands in line %d too: the first is used", first)
		return
	}
	c.entities[strings.Clone(row.lei)] = line
	switch row.registration {
	case "DUPLICATE", "ANNULLED", "CANCELLED", "TRANSFERRED":
		c.ignore(line, "an LEI that is void: "+row.registration)
		return
	}
	if row.name == "" {
		c.refuse(line, row.lei, "has no legal name")
		return
	}
	c.Imported++
	p := offshelf.Party{ID: strings.Clone(row.lei), Name: strings.Clone(row.name), Kind: "company", Country: countryOf(row.country), Evidence: c.evidence("")}
	switch row.category {
	case "SOLE_PROPRIETOR":
		p.Kind = "person"
	case "RESIDENT_GOVERNMENT_ENTITY":
		p.Kind = "state"
	}
	for _, n := range row.otherNames {
		if n != p.Name {
			p.Aliases = addName(p.Aliases, n)
		}
	}
	p.Identifiers = append(p.Identifiers, offshelf.Identifier{Scheme: offshelf.SchemeLEI, ID: row.lei}.Normal())
	if p.Kind != "person" {
		c.register(line, row, &p)
	}
	if row.successor != "" && row.successor != row.lei {
		c.find(line, "succession", "%s took the place of %s: say in YAML which stakes and listings go over", cutTo(row.successor, 20), row.lei)
	}
	c.Parties = append(c.Parties, p)
}

// register adds the number that the register gave. Of China and Russia it is
// one with a check digit of its own, under whichever authority.
func (c *gleifImport) register(line int, row *entityRow, p *offshelf.Party) {
	switch row.authority {
	case "", "RA888888", "RA999999": // in no register, or in one that is not on the list
		return
	}
	if row.registered == "" {
		return
	}
	scheme := row.authority
	for _, s := range []struct{ country, scheme string }{{"CN", offshelf.SchemeUSCC}, {"RU", offshelf.SchemeOGRN}} {
		if p.Country == s.country && (offshelf.Identifier{Scheme: s.scheme, ID: row.registered}).Check() == nil {
			scheme = s.scheme
		}
	}
	id := offshelf.Identifier{Scheme: strings.Clone(scheme), ID: strings.Clone(row.registered)}.Normal()
	if err := id.Check(); err != nil {
		c.find(line, "identifier", "%s: %v; it is left out", row.lei, err)
		return
	}
	p.Identifiers = append(p.Identifiers, id)
}

// relation reads who consolidates whom. That is control by the rules of
// accounting; which share it rests on is not said.
func (c *gleifImport) relation(line int, row *relationRow) {
	id := row.start + " " + row.kind + " " + row.end
	ultimate := false
	switch row.kind {
	case "IS_DIRECTLY_CONSOLIDATED_BY", "IS_INTERNATIONAL_BRANCH_OF":
	case "IS_ULTIMATELY_CONSOLIDATED_BY":
		ultimate = true
	case "IS_FUND-MANAGED_BY", "IS_SUBFUND_OF", "IS_FEEDER_TO":
		c.ignore(line, "a fund and its manager: "+row.kind+" is no ownership")
		return
	case "":
		c.refuse(line, id, "has no relationship type")
		return
	default:
		c.ignore(line, "a relationship of type "+cutTo(row.kind, 60)+" is not known to be ownership")
		return
	}
	for _, n := range []struct{ what, kind string }{{"start node", row.startType}, {"end node", row.endType}} {
		if n.kind != "" && n.kind != "LEI" {
			c.ignore(line, "a "+n.what+" that has no LEI")
			return
		}
	}
	switch row.registration {
	case "ANNULLED", "DUPLICATE", "CANCELLED":
		c.ignore(line, "a relationship that is void: "+row.registration)
		return
	}
	if row.status == "NULL" {
		c.ignore(line, "a relationship whose status is NULL")
		return
	}
	if !c.lei(line, "start node", row.start) || !c.lei(line, "end node", row.end) {
		return
	}
	if row.start == row.end {
		c.refuse(line, id, "a party cannot hold itself: correct the start node or the end node")
		return
	}
	s := offshelf.Stake{Holder: strings.Clone(row.end), Held: strings.Clone(row.start), Control: true, Evidence: c.evidence("")}
	if !c.period(line, id, row, &s) {
		return
	}
	said := id + " " + s.Interval.String()
	if c.said[said] {
		c.ignore(line, "said twice in the same words")
		return
	}
	c.said[said] = true
	if ultimate {
		s.Note = "The ultimate parent, by consolidation; through whom is not stated."
		c.ultimate = append(c.ultimate, told{Stake: s, line: line})
		return
	}
	c.Imported++
	c.Stakes = append(c.Stakes, s)
	c.lines = append(c.lines, line)
}

// period reads how long the relationship holds: the relationship period, not
// those of accounting or of the document.
func (c *gleifImport) period(line int, id string, row *relationRow, s *offshelf.Stake) bool {
	for _, p := range row.periods {
		if p.kind != "RELATIONSHIP_PERIOD" {
			continue
		}
		var err1, err2 error
		s.From, err1 = parseDate(p.from)
		s.Until, err2 = parseDate(p.until)
		if err := errors.Join(err1, err2); err != nil {
			c.refuse(line, id, "relationship period: %s", syntax(err))
			return false
		}
		break
	}
	if s.Backwards() {
		c.refuse(line, id, "%s", backwards(s.Interval))
		return false
	}
	if row.status == "INACTIVE" && s.Until.IsZero() {
		d, err := parseDate(row.updated)
		if err != nil || d.IsZero() {
			c.refuse(line, id, "is inactive, and neither its end nor its last update is given")
			return false
		}
		s.Until = d.OnOrBefore()
		c.find(line, "date", "%s is inactive with no end: it ended on or before its last update, %s", id, d)
	}
	return true
}

// summaries takes over the ultimate parents that no chain of direct parents
// leads to: the others are said already.
func (c *gleifImport) summaries() {
	g := newChains(c.Stakes)
	pairs := map[string][]int{}
	for i, s := range c.Stakes {
		pairs[s.Holder+" "+s.Held] = append(pairs[s.Holder+" "+s.Held], i)
	}
	for _, t := range c.ultimate {
		direct := slices.ContainsFunc(pairs[t.Holder+" "+t.Held], func(i int) bool { return through(g.stakes[i].Interval, t.Interval) })
		if direct || g.covers(&t.Stake, false) {
			c.ignore(t.line, "an ultimate parent that direct parents in the file lead to")
			continue
		}
		c.Imported++
		c.Stakes = append(c.Stakes, t.Stake)
		c.lines = append(c.lines, t.line)
	}
}
