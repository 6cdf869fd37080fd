package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// hows are the kinds of changes, in the order in which they are counted.
var hows = []string{knowledge.Added, knowledge.Changed, knowledge.Ended, knowledge.Removed}

func counted(changes []knowledge.Change) string {
	n := map[string]int{}
	for _, c := range changes {
		n[c.How]++
	}
	var parts []string
	for _, how := range hows {
		parts = append(parts, fmt.Sprintf("%d %s", n[how], how))
	}
	return strings.Join(parts, ", ")
}

// diffText prints the changes for a person, a heading a subject.
func diffText(w io.Writer, old, new *state, changes []knowledge.Change, findings []screen.FindingChange, screened bool) error {
	fmt.Fprintf(w, "old  knowledge %s, sha256 %s\nnew  knowledge %s, sha256 %s\n", or(old.k.State(), "without a version"), old.sum, or(new.k.State(), "without a version"), new.sum)
	fmt.Fprintf(w, "facts: %s\n", counted(changes))
	subject := ""
	for _, c := range changes {
		if c.Subject != subject {
			subject = c.Subject
			fmt.Fprintf(w, "\n%s\n", shown(subject))
		}
		fmt.Fprintf(w, "  %-8s %s: %s\n", c.How, c.Kind, shown(c.What))
		for _, f := range c.Fields {
			fmt.Fprintf(w, "           %s\n", shown(fieldText(f)))
		}
	}
	if screened {
		fmt.Fprintf(w, "\nfindings: %d change\n", len(findings))
	}
	at := ""
	for _, f := range findings {
		if here := fmt.Sprintf("%s, row %d", f.File, f.Row); here != at {
			at = here
			fmt.Fprintf(w, "\n%s: %s %s\n", shown(at), shown(f.Product), shown(f.Title))
		}
		fmt.Fprintf(w, "  %-8s %s\n", f.How, shown(findingText(f)))
	}
	return nil
}

// maxElements bounds how many elements of a list a line tells.
const maxElements = 8

func fieldText(f knowledge.FieldChange) string {
	var parts []string
	if len(f.Gained) > 0 {
		parts = append(parts, "+ "+someOf(f.Gained))
	}
	if len(f.Lost) > 0 {
		parts = append(parts, "− "+someOf(f.Lost))
	}
	if len(parts) == 0 {
		parts = []string{excerpt(f.Old, f.New) + " → " + excerpt(f.New, f.Old)}
	}
	return f.Field + ": " + strings.Join(parts, "; ")
}

// maxValue bounds how much of a long value is told, such as the periods of a
// rule: the part in which it differs from the other.
const maxValue = 160

func excerpt(s, other string) string {
	if s == "" {
		return "none"
	}
	if len(s) <= maxValue {
		return s
	}
	from := 0
	for from < len(s) && from < len(other) && s[from] == other[from] {
		from++
	}
	from = min(max(from-maxValue/4, 0), len(s)-maxValue)
	for from > 0 && !utf8.RuneStart(s[from]) {
		from--
	}
	to := min(from+maxValue, len(s))
	for to < len(s) && !utf8.RuneStart(s[to]) {
		to++
	}
	out := s[from:to]
	if from > 0 {
		out = "…" + out
	}
	if to < len(s) {
		out += "…"
	}
	return out
}

func someOf(list []string) string {
	if len(list) > maxElements {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:maxElements], ", "), len(list)-maxElements)
	}
	return strings.Join(list, ", ")
}

func findingText(f screen.FindingChange) string {
	text := fmt.Sprintf("%s, %s through %s: ", f.Brand, f.Regime, f.Listing)
	switch {
	case f.Old == nil:
		return text + f.New.String()
	case f.New == nil:
		return text + "was " + f.Old.String()
	}
	return text + f.Old.String() + " → " + f.New.String()
}

// diffJSON prints one object a line with exactly one field set, as the stream
// of a screening does.
func diffJSON(w io.Writer, old, new *state, changes []knowledge.Change, findings []screen.FindingChange) error {
	type side struct {
		Name      string `json:"name"`
		Knowledge string `json:"knowledge"`
		Snapshot  string `json:"snapshot"`
	}
	type sides struct {
		Old side `json:"old"`
		New side `json:"new"`
	}
	line := func(field string, v any) error {
		if err := json.MarshalWrite(w, map[string]any{field: v}, jsontext.AllowInvalidUTF8(true)); err != nil {
			return err
		}
		_, err := io.WriteString(w, "\n")
		return err
	}
	if err := line("diff", sides{side{old.name, old.k.State(), old.sum}, side{new.name, new.k.State(), new.sum}}); err != nil {
		return err
	}
	for _, c := range changes {
		if err := line("change", c); err != nil {
			return err
		}
	}
	for _, f := range findings {
		if err := line("finding", f); err != nil {
			return err
		}
	}
	return nil
}

// diffMarkdown prints an entry for a changelog: a line a subject. Sources are
// only counted, as each fact names its own.
func diffMarkdown(w io.Writer, new *state, changes []knowledge.Change, findings []screen.FindingChange) error {
	fmt.Fprintf(w, "### Knowledge %s\n\n", inline(or(new.k.State(), "without a version")))
	var sources []knowledge.Change
	for i := 0; i < len(changes); {
		subject := changes[i].Subject
		var parts []string
		for ; i < len(changes) && changes[i].Subject == subject; i++ {
			if changes[i].Kind == "source" {
				sources = append(sources, changes[i])
				continue
			}
			parts = append(parts, entry(changes[i]))
		}
		if len(parts) > 0 {
			fmt.Fprintf(w, "- **%s**: %s.\n", inline(subject), strings.Join(parts, "; "))
		}
	}
	switch {
	case len(changes) == 0:
		fmt.Fprintln(w, "No fact changed.")
	case len(sources) > 0:
		fmt.Fprintf(w, "- Sources: %s.\n", counted(sources))
	}
	if len(findings) > 0 {
		n := map[string]int{}
		for _, f := range findings {
			n[f.How]++
		}
		fmt.Fprintf(w, "- Findings on the catalogs compared: %d added, %d changed, %d gone.\n", n["added"], n["changed"], n["gone"])
	}
	return nil
}

func entry(c knowledge.Change) string {
	text := fmt.Sprintf("%s %s (%s)", c.How, c.Kind, inline(c.What))
	if c.Kind == "brand" || c.Kind == "party" {
		text = c.How + " " + c.Kind
	}
	var fields []string
	for _, f := range c.Fields {
		fields = append(fields, inline(fieldText(f)))
	}
	if len(fields) > 0 {
		text += " — " + strings.Join(fields, ", ")
	}
	return text
}

// inline is text that Markdown prints as it is.
func inline(s string) string {
	var b strings.Builder
	for _, r := range shown(s) {
		if strings.ContainsRune("\\`*_[]<>#|", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
