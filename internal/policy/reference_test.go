package policy

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestReference: docs/reference.md names every variable, field, grade and
// function of the expressions, and no others.
func TestReference(t *testing.T) {
	data, err := os.ReadFile("../../docs/reference.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(data), "### Variables of when")
	text, _, _ = strings.Cut(text, "\n### ")
	rows := map[string][]string{}
	for line := range strings.Lines(text) {
		if cells := strings.Split(line, "|"); len(cells) > 3 && strings.Contains(cells[1], "`") {
			rows[strings.Trim(cells[1], " `")] = quoted(cells[2])
		}
	}
	for _, v := range declared {
		fields, ok := rows[v.name]
		if !ok {
			t.Errorf("no row for %s", v.name)
			continue
		}
		o := objects[v.kind.TypeName()]
		if o == nil || len(o.fields) == 0 {
			continue
		}
		for f := range o.fields {
			if !slices.Contains(fields, f) {
				t.Errorf("%s.%s is not in the reference", v.name, f)
			}
		}
		for _, f := range fields {
			if _, ok := o.fields[f]; !ok && !slices.Contains([]string{"made", "active", "who"}, f) {
				t.Errorf("%s has no field %s", v.name, f)
			}
		}
	}
	all := quoted(text)
	for _, name := range []string{"hop", "share"} {
		for f := range objects[name].fields {
			if !slices.Contains(all, f) {
				t.Errorf("%s.%s is not in the reference", name, f)
			}
		}
	}
	for _, n := range names() {
		if !strings.Contains(text, "`"+n+"`") {
			t.Errorf("%s is not in the reference", n)
		}
	}
	for k := range kinds {
		if !slices.Contains(all, k) {
			t.Errorf("the kind of hop %s is not in the reference", k)
		}
	}
}

// quoted lists what stands between backquotes.
func quoted(s string) []string {
	var out []string
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			out = append(out, part)
		}
	}
	return out
}
