package exchange

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxOther bounds the numbered columns of one kind that are read.
const maxOther = 20

// rationed ends a CSV record that grows over the bound: one quote that is left
// open would take the rest of the file for a field.
type rationed struct {
	r    io.Reader
	left int
	last byte
}

var errRation = fmt.Errorf("the row has more than %d MiB: a quote is probably left open", maxRecord>>20)

func (x *rationed) Read(p []byte) (int, error) {
	if x.left <= 0 {
		return 0, errRation
	}
	n, err := x.r.Read(p)
	x.left -= n
	if n > 0 {
		x.last = p[n-1]
	}
	return n, err
}

// columns finds columns by their published names.
type columns map[string]int

func (c columns) get(row []string, name string) string {
	if i, ok := c[name]; ok && i < len(row) {
		return strings.TrimSpace(row[i])
	}
	return ""
}

// csv reads the golden copy as CSV.
func (c *gleifImport) csv(r io.Reader) error {
	in := &rationed{r: r, left: maxRecord}
	reader := csv.NewReader(in)
	reader.ReuseRecord = true
	head, err := reader.Read()
	if err != nil {
		return fmt.Errorf("line 1: the header cannot be read: %w", err)
	}
	cols := columns{}
	for i, name := range head {
		name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))
		if _, ok := cols[name]; ok && name != "" {
			return fmt.Errorf("line 1: column %q stands twice", cutTo(name, 80))
		}
		cols[strings.Clone(name)] = i
	}
	needed := []string{"LEI", "Entity.LegalName"}
	if c.Format == GLEIFRelations {
		needed = []string{"Relationship.StartNode.NodeID", "Relationship.EndNode.NodeID", "Relationship.RelationshipType"}
	}
	for _, n := range needed {
		if _, ok := cols[n]; !ok {
			return fmt.Errorf("line 1: there is no column %q", n)
		}
	}
	reader.FieldsPerRecord = len(head)
	last := 1               // line of the row before
	var cut *csv.ParseError // what was wrong in it
	for {
		in.left = maxRecord
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			if cut != nil && (in.last != '\n' || errors.Is(cut.Err, csv.ErrQuote) && cut.Line > cut.StartLine) {
				return fmt.Errorf("line %d: the file ends in the middle of a row", cut.StartLine)
			}
			return nil
		}
		cut = nil
		if err != nil && !errors.As(err, &cut) {
			where := fmt.Sprintf("the row behind line %d", last)
			if len(row) > 0 { // else its first field has no end, and no place
				line, _ := reader.FieldPos(0)
				where = fmt.Sprintf("line %d", line)
			}
			return fmt.Errorf("%s: the file cannot be read on: %w", where, err)
		}
		c.Read++
		switch {
		case cut != nil && errors.Is(cut.Err, csv.ErrFieldCount):
			last = cut.StartLine
			c.refuse(last, "", "has %d fields and the header has %d", len(row), len(head))
		case cut != nil:
			last = cut.StartLine
			c.refuse(last, "", "is no valid CSV: %v", cut.Err)
		default:
			last, _ = reader.FieldPos(0)
			c.row(last, cols, row)
		}
	}
}

func (c *gleifImport) row(line int, cols columns, row []string) {
	for _, f := range row {
		if !utf8.ValidString(f) {
			c.refuse(line, "", "is not UTF-8: save the file as UTF-8")
			return
		}
	}
	get := func(name string) string { return cols.get(row, name) }
	if c.Format == GLEIFRelations {
		r := &relationRow{
			start: get("Relationship.StartNode.NodeID"), startType: get("Relationship.StartNode.NodeIDType"),
			end: get("Relationship.EndNode.NodeID"), endType: get("Relationship.EndNode.NodeIDType"),
			kind: get("Relationship.RelationshipType"), status: get("Relationship.RelationshipStatus"),
			registration: get("Registration.RegistrationStatus"), updated: get("Registration.LastUpdateDate"),
		}
		for i := 1; i <= maxOther; i++ {
			period := fmt.Sprintf("Relationship.Period.%d.", i)
			if _, ok := cols[period+"periodType"]; !ok {
				break
			}
			r.periods = append(r.periods, periodRow{get(period + "startDate"), get(period + "endDate"), get(period + "periodType")})
		}
		c.relation(line, r)
		return
	}
	r := &entityRow{
		lei: get("LEI"), name: get("Entity.LegalName"), country: get("Entity.LegalJurisdiction"),
		authority: get("Entity.RegistrationAuthority.RegistrationAuthorityID"), registered: get("Entity.RegistrationAuthority.RegistrationAuthorityEntityID"),
		category: get("Entity.EntityCategory"), registration: get("Registration.RegistrationStatus"), successor: get("Entity.SuccessorEntity.1.SuccessorLEI"),
	}
	if r.successor == "" {
		r.successor = get("Entity.SuccessorEntity.SuccessorLEI")
	}
	if r.country == "" {
		r.country = get("Entity.LegalAddress.Country")
	}
	for i := 1; i <= maxOther; i++ {
		for _, kind := range []string{"Entity.OtherEntityNames.OtherEntityName.", "Entity.TransliteratedOtherEntityNames.TransliteratedOtherEntityName."} {
			if n := get(fmt.Sprint(kind, i)); n != "" {
				r.otherNames = append(r.otherNames, n)
			}
		}
	}
	c.entity(line, r)
}
