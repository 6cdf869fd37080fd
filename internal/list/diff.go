package list

import (
	"cmp"
	"slices"
	"strings"

	"github.com/offshelf/offshelf/internal/name"
)

// How an entry changed.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// Change is what became of an entry between two editions.
type Change struct {
	How    string        `json:"how"`
	List   string        `json:"list"`
	UID    string        `json:"uid"`
	Name   string        `json:"name"`
	Entry  *Entry        `json:"entry,omitempty"`  // the whole of one that was added or removed
	Fields []FieldChange `json:"fields,omitempty"` // of one that changed
}

// FieldChange is a field of an entry that changed: a single value, or the
// members that a list of values gained and lost.
type FieldChange struct {
	Field  string   `json:"field"`
	Old    string   `json:"old,omitempty"`
	New    string   `json:"new,omitempty"`
	Gained []string `json:"gained,omitempty"`
	Lost   []string `json:"lost,omitempty"`
}

// Diff compares two editions of a list: entries are the same by their list and
// number. Changes come in the order of lists and names. The place of an entry
// in its file is no change, nor is case or punctuation: lists are set anew all
// the time.
func Diff(old, new []Entry) []Change {
	before := make(map[string]*Entry, len(old))
	for i := range old {
		before[old[i].ID()] = &old[i]
	}
	var out []Change
	seen := make(map[string]bool, len(new))
	for i := range new {
		n := &new[i]
		seen[n.ID()] = true
		o, ok := before[n.ID()]
		if !ok {
			out = append(out, Change{How: Added, List: n.List, UID: n.UID, Name: n.Name, Entry: n})
			continue
		}
		if f := fields(o, n); len(f) > 0 {
			out = append(out, Change{How: Changed, List: n.List, UID: n.UID, Name: n.Name, Fields: f})
		}
	}
	for i := range old {
		if o := &old[i]; !seen[o.ID()] {
			out = append(out, Change{How: Removed, List: o.List, UID: o.UID, Name: o.Name, Entry: o})
		}
	}
	slices.SortStableFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.List, b.List), cmp.Compare(order(a.How), order(b.How)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.UID, b.UID))
	})
	return out
}

func order(how string) int { return slices.Index([]string{Removed, Added, Changed}, how) }

// fields compares an entry field by field.
func fields(o, n *Entry) []FieldChange {
	var out []FieldChange
	one := func(field, a, b string) {
		if a != b && (name.Key(a) != name.Key(b) || name.Key(a) == "") {
			out = append(out, FieldChange{Field: field, Old: a, New: b})
		}
	}
	many := func(field string, a, b []string) {
		gained, lost := missing(b, a), missing(a, b)
		if len(gained)+len(lost) > 0 {
			out = append(out, FieldChange{Field: field, Gained: gained, Lost: lost})
		}
	}
	one("name", o.Name, n.Name)
	one("kind", string(o.Kind), string(n.Kind))
	one("country", o.Country, n.Country)
	one("from", o.From.String(), n.From.String())
	one("until", o.Until.String(), n.Until.String())
	one("status", o.Status, n.Status)
	many("aliases", texts(o.Aliases, Alias.String), texts(n.Aliases, Alias.String))
	many("addresses", texts(o.Addresses, func(a Address) string { return a.Text }), texts(n.Addresses, func(a Address) string { return a.Text }))
	many("identifiers", texts(o.Identifiers, Identifier.String), texts(n.Identifiers, Identifier.String))
	many("programmes", o.Programmes, n.Programmes)
	many("citations", texts(o.Citations, Citation.String), texts(n.Citations, Citation.String))
	many("goods", o.Goods, n.Goods)
	many("facts", texts(o.Facts, Fact.String), texts(n.Facts, Fact.String))
	one("remarks", o.Remarks, n.Remarks)
	return out
}

func texts[T any](list []T, f func(T) string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = f(x)
	}
	return out
}

// missing are those of a that are not in b, which may be long.
func missing(a, b []string) []string {
	if len(a) == 0 {
		return nil
	}
	have := make(map[string]bool, 2*len(b))
	for _, x := range b {
		have[x], have[name.Key(x)] = true, true
	}
	var out []string
	for _, x := range a {
		if k := name.Key(x); !have[x] && (k == "" || !have[k]) {
			out = append(out, x)
		}
	}
	return out
}

// String prints an alias with its kind.
func (a Alias) String() string { return string(a.Kind) + " " + a.Name }

// String prints an identifier with its kind and country.
func (i Identifier) String() string {
	s := string(i.Kind) + " " + i.Value
	if i.Country != "" {
		s += " (" + i.Country + ")"
	}
	return s
}

// String prints a citation with its day.
func (c Citation) String() string {
	if c.Date.IsZero() {
		return c.Text
	}
	return c.Text + ", " + c.Date.String()
}

// String prints a fact in words.
func (f Fact) String() string {
	s := string(f.Kind)
	if f.Share.Known {
		s += " " + f.Share.String()
	}
	if f.Value != "" {
		s += ": " + f.Value
	}
	if !f.Until.IsZero() && !strings.Contains(f.Value, "until ") {
		s += " (until " + f.Until.String() + ")"
	}
	return s
}
