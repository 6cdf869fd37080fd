package knowledge

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
)

// Bounds of an overlay, which is somebody's own facts, not a database.
const (
	maxOverlay = 4 << 20 // bytes of all files together
	maxEntries = 10_000  // files and folders looked at
	maxFacts   = 10_000
	maxName    = 500    // bytes of a name or id
	maxProse   = 20_000 // bytes of a note, or of a list of MAC prefixes
	maxAliases = 200
	maxList    = 1000 // of any other list in a fact
	maxText    = 500  // bytes of the text of a problem
	maxGoods   = offshelf.MaxGoods
)

// prose are the fields that are no names.
var prose = []string{"note", "why", "what", "ambiguous", "conflict", "title", "citation", "url", "pattern", "models"}

// exceeds is the rule of problems after which nothing else is checked.
const exceeds = "size"

// exceeded reports whether the overlay is out of bounds.
func (o *overlay) exceeded() bool {
	return slices.ContainsFunc(o.problems, func(p Problem) bool { return p.Rule == exceeds })
}

// bound refuses what would make an overlay slow to check or to use.
func (o *overlay) bound() {
	facts := 0
	for _, list := range o.places {
		facts += len(list)
	}
	if facts > maxFacts {
		o.refuse(place{file: "."}, exceeds, "%d facts, more than %d: an overlay holds your own facts only", facts, maxFacts)
		return
	}
	v := reflect.ValueOf(o.Knowledge)
	for i := range v.NumField() {
		section, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if list := v.Field(i); list.Kind() == reflect.Slice {
			o.boundAll(section, list)
		}
	}
	o.boundAll("holders", reflect.ValueOf(o.holders))
}

func (o *overlay) boundAll(section string, list reflect.Value) {
	for i := range min(list.Len(), len(o.places[section])) {
		for _, text := range tooLarge("", list.Index(i)) {
			o.refuse(o.places[section][i], exceeds, "in %s: %s", section, text)
		}
	}
}

// tooLarge lists what is too long in the fields of a fact.
func tooLarge(field string, v reflect.Value) []string {
	var out []string
	switch v.Kind() {
	case reflect.String:
		limit := maxName
		if slices.Contains(prose, field) {
			limit = maxProse
		}
		if v.Len() > limit {
			return []string{fmt.Sprintf("%s has %d bytes, more than %d: shorten it", field, v.Len(), limit)}
		}
	case reflect.Slice:
		limit := maxList
		if field == "aliases" {
			limit = maxAliases
		}
		if v.Len() > limit {
			return []string{fmt.Sprintf("%d %s, more than %d: leave out those that hardly occur", v.Len(), field, limit)}
		}
		for i := range v.Len() {
			out = append(out, tooLarge(field, v.Index(i))...)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return tooLarge(field, v.Elem())
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[offshelf.Date]() {
			return nil
		}
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			out = append(out, tooLarge(name, v.Field(i))...)
		}
	}
	return out
}
