package knowledge

import (
	"cmp"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// Change is what became of one fact between two states of the knowledge.
type Change struct {
	Subject string        `json:"subject"` // printed name of the brand or party, or the title of the rule
	ID      string        `json:"id,omitempty"`
	Kind    string        `json:"kind"` // party, brand, holder, stake, make, tell, listing, concern, refuted, regime, policy, goods, weight, word, language, source
	What    string        `json:"what"` // the fact in short, as it is now
	How     string        `json:"how"`  // added, changed, ended, removed
	Fields  []FieldChange `json:"fields,omitempty"`
}

// The ways in which a fact changes.
const (
	Added   = "added"
	Changed = "changed"
	Ended   = "ended" // an end appeared
	Removed = "removed"
)

// FieldChange is what changed in a field: the value, or what a list gained and
// lost.
type FieldChange struct {
	Field  string   `json:"field"`
	Old    string   `json:"old,omitempty"`
	New    string   `json:"new,omitempty"`
	Gained []string `json:"gained,omitempty"`
	Lost   []string `json:"lost,omitempty"`
}

// Diff lists what changed from a to b, by subject: first brands and parties in
// the order of their names, then rules, policies, goods, the words and weights
// of attribution, and sources. The same two states give the same list.
func Diff(a, b *offshelf.Knowledge) []Change {
	names := newNames(a, b)
	before, after := named(a, names), named(b, names)
	groups := map[string][2][]*fact{}
	for side, list := range [2][]fact{before, after} {
		for i := range list {
			f := &list[i]
			g := groups[f.kind+"\x00"+f.key]
			g[side] = append(g[side], f)
			groups[f.kind+"\x00"+f.key] = g
		}
	}
	var out []Change
	for _, g := range groups {
		out = append(out, changes(g[0], g[1])...)
	}
	slices.SortFunc(out, func(x, y Change) int {
		return cmp.Or(
			cmp.Compare(rank(x.Kind), rank(y.Kind)),
			cmp.Compare(strings.ToLower(x.Subject), strings.ToLower(y.Subject)),
			cmp.Compare(x.Subject, y.Subject),
			cmp.Compare(slices.Index(kinds, x.Kind), slices.Index(kinds, y.Kind)),
			cmp.Compare(x.ID, y.ID),
			cmp.Compare(x.What, y.What),
			cmp.Compare(x.How, y.How),
			slices.CompareFunc(x.Fields, y.Fields, func(v, w FieldChange) int {
				return cmp.Or(cmp.Compare(v.Field, w.Field), cmp.Compare(v.Old, w.Old), cmp.Compare(v.New, w.New))
			}),
		)
	})
	return out
}

// kinds is their order within a subject.
var kinds = []string{"brand", "party", "holder", "stake", "make", "listing", "concern", "tell", "refuted", "regime", "policy", "goods", "weight", "word", "language", "source"}

// rank is the order of the groups of subjects.
func rank(kind string) int { return max(slices.Index(kinds, kind), slices.Index(kinds, "refuted")) }

// changes pairs the facts of one kind about the same thing.
func changes(before, after []*fact) []Change {
	var out []Change
	for _, p := range pairs(before, after) {
		switch {
		case p[0] == nil:
			out = append(out, p[1].change(Added, nil))
		case p[1] == nil:
			out = append(out, p[0].change(Removed, nil))
		default:
			fields := compare(p[0], p[1])
			if len(fields) == 0 {
				continue
			}
			how := Changed
			if slices.ContainsFunc(fields, func(f FieldChange) bool { return f.Field == "until" && f.Old == "" }) {
				how = Ended
			}
			out = append(out, p[1].change(how, fields))
		}
	}
	return out
}

func (f *fact) change(how string, fields []FieldChange) Change {
	return Change{Subject: f.subject, ID: f.id, Kind: f.kind, What: f.what, How: how, Fields: fields}
}

// maxAlike bounds the claims about one pair that are matched by likeness; more
// are taken in their order.
const maxAlike = 50

// pairs finds for each fact the one that it was before: the most alike, as
// claims about the same pair have no ids.
func pairs(before, after []*fact) [][2]*fact {
	type match struct{ i, j, alike int }
	var all []match
	for i := range before {
		if len(before) > maxAlike || len(after) > maxAlike {
			if i < len(after) {
				all = append(all, match{i, i, 0})
			}
			continue
		}
		for j := range after {
			all = append(all, match{i, j, alike(before[i], after[j])})
		}
	}
	slices.SortStableFunc(all, func(x, y match) int { return cmp.Compare(y.alike, x.alike) })
	var out [][2]*fact
	gone, come := make([]bool, len(before)), make([]bool, len(after))
	for _, m := range all {
		if !gone[m.i] && !come[m.j] {
			gone[m.i], come[m.j] = true, true
			out = append(out, [2]*fact{before[m.i], after[m.j]})
		}
	}
	for i, f := range before {
		if !gone[i] {
			out = append(out, [2]*fact{f, nil})
		}
	}
	for j, f := range after {
		if !come[j] {
			out = append(out, [2]*fact{nil, f})
		}
	}
	return out
}

// alike counts equal fields; all of them equal beats any that differ.
func alike(a, b *fact) int {
	different := len(compare(a, b))
	if different == 0 {
		return 1000
	}
	return max(len(a.fields), len(b.fields)) - different
}
