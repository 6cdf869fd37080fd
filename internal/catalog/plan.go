package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// column is a column of the catalog with a sample of its values.
type column struct {
	name   string
	index  int
	values []string // of the first rows; empty where a row has none
}

// mapped is a column that is read, and as what.
type mapped struct {
	column
	field field
	score int // by which it won
	given bool
}

// maxDescriptions bounds the columns that are joined to a description.
const maxDescriptions = 3

// plan says which columns are read as which fields.
type plan struct {
	cols  []mapped // in file order, at most one a field but for descriptions
	spare []mapped // recognised, but another column serves the field better
	notes []string
}

// makePlan maps columns to fields: first as the user says, then by what the
// names and values tell, leaving out the columns that are spoken for.
func makePlan(cols []column, given map[string]string, spoken ...int) (*plan, error) {
	p := &plan{}
	taken := map[int]bool{}
	for _, i := range spoken {
		taken[i] = true
	}
	first := map[string]int{}
	var twice []string
	for i, c := range cols {
		if _, ok := first[c.name]; ok && c.name != "" {
			twice = append(twice, c.name)
			taken[i] = true
			continue
		}
		first[c.name] = i
	}
	if len(twice) > 0 {
		slices.Sort(twice)
		for _, n := range slices.Compact(twice) {
			p.notes = append(p.notes, fmt.Sprintf("column %q stands more than once in the header; the first is read", n))
		}
	}
	has, err := p.take(cols, first, taken, given)
	if err != nil {
		return nil, err
	}
	found := map[field][]mapped{}
	for i, c := range cols {
		if taken[i] {
			continue
		}
		t, ok := tellOf(c.name)
		if !ok {
			if f, byValue := fieldByContent(c.values); byValue {
				t, ok = tell{f, 40}, true
			}
		}
		if ok && !has[t.field] {
			found[t.field] = append(found[t.field], mapped{column: c, field: t.field, score: t.score + weigh(t.field, c.values)})
		}
	}
	for f, ms := range found {
		slices.SortStableFunc(ms, func(a, b mapped) int { return cmp.Compare(b.score, a.score) })
		keep := 1
		if f == fieldDescription {
			keep = min(maxDescriptions, len(ms))
		}
		p.cols = append(p.cols, ms[:keep]...)
		p.spare = append(p.spare, ms[keep:]...)
	}
	byIndex := func(a, b mapped) int { return cmp.Compare(a.index, b.index) }
	slices.SortFunc(p.cols, byIndex)
	slices.SortFunc(p.spare, byIndex)
	if !p.has(fieldTitle) && !p.has(fieldBrand) {
		return nil, fmt.Errorf("no column is recognised as title or brand; the columns are %s; name them with --map title=COLUMN or --map brand=COLUMN", listColumns(cols))
	}
	p.noteSpoilt()
	return p, nil
}

// take maps the columns that the user named.
func (p *plan) take(cols []column, first map[string]int, taken map[int]bool, given map[string]string) (map[field]bool, error) {
	has := map[field]bool{}
	by := map[int]string{}
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f, ok := fieldByName(name)
		if !ok {
			return nil, fmt.Errorf("--map %s=%s: there is no field %q; the fields are %s", name, given[name], name, strings.Join(fieldNames[:], ", "))
		}
		i, ok := findColumn(cols, first, given[name])
		if !ok {
			return nil, fmt.Errorf("--map %s=%s: there is no column %q; the columns are %s", name, given[name], given[name], listColumns(cols))
		}
		if other, ok := by[i]; ok {
			return nil, fmt.Errorf("column %q is mapped twice, to %s and to %s; map it once", cols[i].name, other, name)
		}
		by[i], taken[i], has[f] = name, true, true
		p.cols = append(p.cols, mapped{column: cols[i], field: f, score: 1000, given: true})
	}
	return has, nil
}

// findColumn finds a column by its exact name, or else by the only one that
// differs in case or blanks.
func findColumn(cols []column, first map[string]int, name string) (int, bool) {
	if i, ok := first[name]; ok {
		return i, true
	}
	hit, n := 0, 0
	for i, c := range cols {
		if strings.EqualFold(strings.TrimSpace(c.name), strings.TrimSpace(name)) && first[c.name] == i {
			hit, n = i, n+1
		}
	}
	return hit, n == 1
}

// weigh adds to the score of a name what the values say for it.
func weigh(f field, values []string) int {
	if len(values) == 0 {
		return 0
	}
	filled, length, gtin, numbers := 0, 0, 0, 0
	distinct := map[string]bool{}
	for _, v := range values {
		if v = trim(v); v == "" {
			continue
		}
		filled++
		length += len(v)
		distinct[v] = true
		if f == fieldGTIN && isGTIN(v) {
			gtin++
		}
		if strings.Trim(v, "0123456789") == "" {
			numbers++
		}
	}
	if filled == 0 {
		return -30
	}
	score := 20 * filled / len(values)
	switch f {
	case fieldID:
		if len(distinct) == filled && filled == len(values) {
			score += 20
		} else if len(distinct)*10 < filled*9 {
			score -= 30
		}
	case fieldTitle:
		score += 15*len(distinct)/filled + min(length/filled, 60)/4
	case fieldGTIN:
		score += 20 * gtin / filled
	case fieldCategory, fieldBrand, fieldManufacturer, fieldVendor:
		score -= 40 * numbers / filled // keys of another table
	}
	return score
}

func (p *plan) has(f field) bool {
	return slices.ContainsFunc(p.cols, func(m mapped) bool { return m.field == f })
}

// noteSpare says what else could have been read, where that may surprise.
func (p *plan) noteSpare() {
	for _, m := range p.spare {
		if m.field == fieldPrice || m.field == fieldDescription {
			continue
		}
		i := slices.IndexFunc(p.cols, func(c mapped) bool { return c.field == m.field })
		p.notes = append(p.notes, fmt.Sprintf("column %q is read as %s, %q is not; --map %s=COLUMN chooses", p.cols[i].name, m.field, m.name, m.field))
	}
}

// noteSpoilt warns of barcodes that a spreadsheet has rounded.
func (p *plan) noteSpoilt() {
	for _, m := range p.cols {
		if m.field != fieldGTIN {
			continue
		}
		for _, v := range m.values {
			if sciShape.MatchString(trim(v)) {
				p.notes = append(p.notes, fmt.Sprintf("column %q holds barcodes in scientific notation, such as %s: digits are lost; export the column as text", m.name, trim(v)))
				break
			}
		}
	}
}

func (p *plan) use() []offshelf.ColumnUse {
	var uses []offshelf.ColumnUse
	for _, m := range p.cols {
		uses = append(uses, offshelf.ColumnUse{Column: m.name, Field: m.field.String(), Given: m.given})
	}
	return uses
}

// listColumns lists names for a message, the first forty of them.
func listColumns(cols []column) string {
	var b strings.Builder
	for i, c := range cols {
		if i == 40 {
			fmt.Fprintf(&b, " and %d more", len(cols)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", clip(c.name, maxName))
	}
	return b.String()
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
