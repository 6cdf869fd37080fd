package bis

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
)

// supplements are the headings in the Code of Federal Regulations.
var supplements = map[string]string{EntityList: "Supplement No. 4 to Part 744", MilitaryEndUser: "Supplement No. 7 to Part 744"}

// ReadECFR reads the Entity List or the Military End-User List from the XML of
// the Electronic Code of Federal Regulations: of the supplement alone, of the
// part, or of the whole title. Rows of the supplement's table have a country
// (once, or in each row), an entity, a licence requirement, a review policy
// and the citations.
func ReadECFR(id string, f list.File) (*list.Edition, error) {
	r := ecfr{b: list.NewBuilder(id, "ecfr"), id: id, supplement: supplements[id]}
	err := list.ReadXML(f.Data, func(x *list.XML, start *xml.StartElement) error {
		switch start.Name.Local {
		case "AMDDATE":
			var day string
			if err := x.Read(&day, start); err != nil {
				return err
			}
			if d, err := list.ParseDate(day, false); err == nil {
				r.b.Later(d)
			}
		case "DIV9":
			if n := list.Attr(start, "N"); !sameHeading(n, r.supplement) {
				return x.Skip()
			}
			r.found = true
			return r.read(x, start.Name.Local)
		}
		return nil
	}, "DIV9", "ECFR", "DLPSTEXTCLASS", "DIV1", "DIV3", "DIV4", "DIV5", "DIV6")
	if err != nil {
		return nil, err
	}
	if !r.found {
		return nil, fmt.Errorf("%w: no %s in it", list.ErrNoList, r.supplement)
	}
	return r.b.Edition()
}

// sameHeading compares headings without regard to "No." or case.
func sameHeading(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(list.Squeeze(a), "No. ", ""), strings.ReplaceAll(b, "No. ", ""))
}

type ecfr struct {
	b              *list.Builder
	id, supplement string
	found          bool
	country        string
	row            int
}

// read reads the table rows up to the end of the supplement.
func (r *ecfr) read(x *list.XML, until string) error {
	var cells []string
	var cell strings.Builder
	inCell, header := false, false
	for depth := 1; depth > 0; {
		t, err := x.Token()
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch strings.ToUpper(t.Name.Local) {
			case until:
				depth++
			case "TR":
				cells, header = nil, false
			case "TD", "TH":
				inCell = true
				header = header || strings.EqualFold(t.Name.Local, "TH")
				cell.Reset()
			case "BR", "P", "FP", "LI", "DIV":
				if inCell {
					cell.WriteByte('\n')
				}
			}
		case xml.CharData:
			if inCell && cell.Len() < list.MaxField {
				cell.Write(t)
			}
		case xml.EndElement:
			switch strings.ToUpper(t.Name.Local) {
			case until:
				depth--
			case "TD", "TH":
				cells = append(cells, cell.String())
				inCell = false
			case "TR":
				if !header && len(cells) > 0 {
					r.add(cells)
				}
			case "P", "FP", "LI", "DIV":
				if inCell {
					cell.WriteByte('\n')
				}
			}
		}
	}
	return nil
}

// add adds a row of the table.
func (r *ecfr) add(cells []string) {
	r.row++
	want := 5
	if r.id == MilitaryEndUser {
		want = 3 // country, entity, citation
	}
	if len(cells) == want-1 { // a country that spans rows is printed once
		cells = append([]string{""}, cells...)
	}
	if len(cells) != want {
		r.b.Refuse(r.row, "%d cells, where a row has %d", len(cells), want)
		return
	}
	if c := list.Squeeze(cells[0]); c != "" {
		if strings.EqualFold(c, "country") {
			r.b.Refuse(r.row, "the header again")
			return
		}
		r.country = c
	}
	lines := list.Lines(cells[1])
	if len(lines) == 0 {
		r.b.Refuse(r.row, "no entity")
		return
	}
	printed, aliases, rest := entity(lines)
	e := entry(r.id, printed, title(r.country))
	e.Row = r.row
	e.Aliases = append(e.Aliases, aliases...)
	e.Addresses = addresses(rest)
	if want == 5 {
		for i, kind := range []list.FactKind{list.Requirement, list.Review} {
			if text := list.Squeeze(cells[2+i]); text != "" {
				e.Facts = append(e.Facts, list.Fact{Kind: kind, Value: text})
			}
		}
	}
	cite(&e, list.Squeeze(cells[want-1]))
	r.b.Add(e)
}

// entity takes the lines of an entity apart: the name to the first comma line,
// aliases that begin with a dash, and the addresses behind them.
func entity(lines []string) (printed string, aliases []list.Alias, rest string) {
	printed = lines[0]
	n := 1
	for n < len(lines) && dashed(lines[n]) {
		n++
	}
	if n > 1 {
		aliases = list.SplitAliases(strings.Join(lines[1:n], ";"), list.AKA)
		rest = strings.Join(lines[n:], " ")
		for i := range aliases {
			aliases[i].Name = strings.TrimSuffix(aliases[i].Name, ".")
		}
		printed = strings.TrimRight(printed, " :,.")
		return printed, aliases, rest
	}
	rest = strings.Join(lines[1:], " ")
	if rest == "" { // name and address on one line: a full stop or the first comma before a number parts them
		if i := firstAddress(printed); i > 0 {
			printed, rest = printed[:i], strings.TrimLeft(printed[i:], ",. ")
		}
	}
	return strings.TrimRight(printed, " ,."), nil, rest
}

func dashed(s string) bool {
	return strings.HasPrefix(s, "—") || strings.HasPrefix(s, "–") || strings.HasPrefix(s, "- ")
}

// firstAddress is where an address begins behind a name: at the first comma
// that a number, a floor, a room or a post box follows. 0 where none does.
func firstAddress(s string) int {
	for i := 0; i < len(s)-2; i++ {
		if s[i] != ',' || s[i+1] != ' ' {
			continue
		}
		rest := s[i+2:]
		if rest[0] >= '0' && rest[0] <= '9' {
			return i
		}
		for _, w := range []string{"No. ", "Room ", "Suite ", "Unit ", "Building ", "Floor ", "P.O. ", "Flat ", "Office "} {
			if strings.HasPrefix(rest, w) {
				return i
			}
		}
	}
	return 0
}

// title writes a heading in capitals as a name.
func title(s string) string {
	if s != strings.ToUpper(s) {
		return s
	}
	words := strings.Fields(strings.ToLower(s))
	for i, w := range words {
		if w != "of" && w != "and" && w != "the" {
			words[i] = strings.ToUpper(w[:1]) + w[1:] // a country in capitals is ASCII or stays as it is
		}
	}
	return strings.Join(words, " ")
}
