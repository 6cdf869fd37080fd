// Package cbp reads the withhold release orders and findings of US Customs
// and Border Protection in their JSON form. A row is an order: it may name
// companies, vessels, a region or goods wherever they are made.
package cbp

import (
	"regexp"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/name"
)

// ID is the list's.
const ID = "us-cbp-wro"

// ReadJSON reads the JSON form. The notes hold the kind of the order, the
// industry, the merchandise and remarks.
func ReadJSON(f list.File) (*list.Edition, error) {
	b := list.NewBuilder(ID, "json")
	err := b.ReadExtract(f.Data, func(x list.Extract) {
		order, fields := notes(x.Notes)
		from := b.ReadDate(x.EffectiveDate, false, "row %d: effective_date", x.Row)
		whole := list.Entry{List: ID, Row: x.Row, Status: list.Squeeze(x.Status), Country: name.Country(x.Country), Remarks: list.Squeeze(x.Notes), Citations: list.ParseCitations(fields["Remarks"])}
		whole.From = from
		if order != "" {
			whole.Programmes = []string{order}
		} else {
			b.Warn("%s: row %d: neither a withhold release order nor a finding", ID, x.Row)
		}
		if goods := fields["Merchandise"]; goods != "" {
			whole.Goods = []string{goods}
		}
		for i, printed := range parties(x.Name) {
			e := whole
			p := list.SplitName(printed)
			e.Name, e.Kind = kind(p.Name)
			e.Aliases = append(e.Aliases, p.Aliases...)
			if p.Reaching != "" {
				e.Facts = append(e.Facts, list.Fact{Kind: list.Subsidiaries, Value: p.Reaching})
			}
			// An order and the finding that follows it are two listings of one name.
			e.UID = list.DerivedUID(e.Name, order, from.String())
			if i == 0 {
				for _, a := range x.Aliases {
					e.Aliases = append(e.Aliases, list.SplitAliases(a, list.AKA)...)
				}
				b.Add(e)
			} else {
				b.Also(e)
			}
		}
	}, "cbp-wro")
	if err != nil {
		return nil, err
	}
	return b.Edition()
}

// notes splits "WRO; Industry: …; Merchandise: …; Remarks: …". Remarks are the
// last and may have semicolons.
func notes(s string) (order string, fields map[string]string) {
	fields = map[string]string{}
	s = list.Squeeze(s)
	if before, remarks, ok := strings.Cut(s, "Remarks: "); ok {
		s, fields["Remarks"] = before, remarks
	}
	for i, part := range strings.Split(s, "; ") {
		key, value, ok := strings.Cut(strings.Trim(part, "; "), ": ")
		switch {
		case ok:
			fields[key] = value
		case i == 0 && (key == "WRO" || key == "Finding"):
			order = key
		}
	}
	return order, fields
}

// ended is a name that ends in a legal form.
var ended = regexp.MustCompile(`(?i)(?:\bLtd|\bCo|\bInc|\bLLC|\bLimited|\bCorp|S\.A\. de C\.V|\bS\.A|\bS\.R\.L|\bD\.O\.O)\.?$`)

// parties splits a row that names several companies, where each part ends in
// a legal form: nothing else tells an "and" between names from one in a name.
func parties(s string) []string {
	p := list.SplitName(s)
	for _, between := range []string{" and ", "; "} {
		parts := strings.Split(p.Name, between)
		if len(parts) < 2 || len(parts) > 8 {
			continue
		}
		whole := true
		for _, part := range parts {
			whole = whole && ended.MatchString(strings.TrimSpace(part)) && !strings.HasPrefix(part, "its ")
		}
		if whole {
			if p.Reaching != "" {
				for i := range parts {
					parts[i] += " " + p.Reaching
				}
			}
			return parts
		}
	}
	return []string{s}
}

// kind reads what is listed from the way the row names it.
func kind(printed string) (string, list.Kind) {
	lower := strings.ToLower(printed)
	switch {
	case strings.HasPrefix(lower, "fishing vessel: "):
		return strings.TrimSpace(printed[len("fishing vessel: "):]), list.Vessel
	case strings.HasPrefix(lower, "all ") || strings.Contains(lower, " produced in "):
		return printed, list.Category
	case strings.Contains(lower, "autonomous region") || strings.HasSuffix(lower, " fields") || strings.HasSuffix(lower, " mines"):
		return printed, list.Place
	}
	return printed, ""
}
