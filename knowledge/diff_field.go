package knowledge

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// value is a field of a fact as it is compared: a list, or text.
type value struct {
	text string
	list []string
}

// fieldValues takes a fact apart by its JSON form, without the fields that
// name it. A fact that has no JSON form, which there is none of, has no fields.
func fieldValues(x any, without ...string) map[string]value {
	data, err := json.Marshal(x, json.Deterministic(true), jsonv1.OmitEmptyWithLegacySemantics(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil
	}
	var raw map[string]jsontext.Value
	if err := json.Unmarshal(data, &raw, jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil
	}
	out := map[string]value{}
	for name, v := range raw {
		if name == "layer" || slices.Contains(without, name) {
			continue
		}
		var text string
		var list []string
		switch {
		case json.Unmarshal(v, &text) == nil && v.Kind() == '"':
			out[name] = value{text: text}
		case v.Kind() == '[' && json.Unmarshal(v, &list) == nil:
			out[name] = value{list: list}
		default:
			out[name] = value{text: string(v)}
		}
	}
	return out
}

// compare lists the fields in which two facts differ.
func compare(a, b *fact) []FieldChange {
	var out []FieldChange
	all := maps.Clone(a.fields)
	maps.Copy(all, b.fields)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		x, y := a.fields[name], b.fields[name]
		if x.text == y.text && slices.Equal(x.list, y.list) {
			continue
		}
		if x.list == nil && y.list == nil {
			out = append(out, FieldChange{Field: name, Old: x.text, New: y.text})
			continue
		}
		c := FieldChange{Field: name, Lost: less(x.list, y.list), Gained: less(y.list, x.list)}
		if len(c.Lost)+len(c.Gained) == 0 {
			c.Old, c.New = strings.Join(x.list, ", "), strings.Join(y.list, ", ") // the order
		}
		out = append(out, c)
	}
	return out
}

func less(list, other []string) []string {
	have := map[string]bool{}
	for _, s := range other {
		have[s] = true
	}
	var out []string
	for _, s := range list {
		if !have[s] {
			out = append(out, s)
		}
	}
	return out
}
