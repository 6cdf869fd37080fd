package dossier

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf/internal/report"
	"github.com/offshelf/offshelf/internal/store/query"
)

// said is how an event is told to people.
var said = map[string]string{
	"case.opened":        "The case was opened",
	"case.assigned":      "The case was assigned",
	"case.commented":     "A comment was written",
	"case.attached":      "A file was attached",
	"case.changed":       "The case changed",
	"case.decided":       "A decision took effect",
	"decision.proposed":  "A decision was proposed",
	"decision.agreed":    "A second person agreed to the decision",
	"decision.refused":   "A second person refused the decision",
	"decision.withdrawn": "A decision was withdrawn",
	"decision.expired":   "A decision ran out",
	"supplier.asked":     "A supplier was asked",
	"supplier.answered":  "A supplier answered",
	"suppression.reopened": "A finding that was kept quiet was opened again, " +
		"as what it was decided on changed",
	"suppression.expired": "A finding is no longer kept quiet, as the decision ran out",
	"product.returned":    "A product is back on the shelf",
	"product.gone":        "A product was seen gone from the shelf",
	"finding.opened":      "A finding was opened",
	"finding.changed":     "A finding changed",
	"finding.ended":       "A finding ended",
	"dossier.read":        "The dossier was read",
}

// words tells the kind of an event; one that is not known is spelled out.
func words(kind string) string {
	if s := said[kind]; s != "" {
		return s
	}
	s := strings.NewReplacer(".", " ", "_", " ", "-", " ").Replace(kind)
	if s == "" {
		return "An event"
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// timeline collects the leaves of the case, and the comments among them.
func (c *collector) timeline(id int64) error {
	for after := int64(-1); ; {
		page, err := c.q.LeavesOfCase(c.ctx, query.LeavesOfCaseParams{CaseID: id, After: after, Most: pageRows})
		if err != nil {
			return err
		}
		for i := range page {
			l := &page[i]
			after = l.N
			if l.WorkspaceID != c.workspace {
				return fmt.Errorf("leaf %d is of another workspace than its case: run offshelf ledger verify", l.N)
			}
			by, err := c.people.actor(l.Actor)
			if err != nil {
				return err
			}
			e := Event{Leaf: l.N, At: Time(l.At), By: by, Kind: l.Kind, Words: words(l.Kind), Data: jsontext.Value(l.Data)}
			if !e.Data.IsValid() {
				text, err := jsontext.AppendQuote(nil, l.Data)
				if err != nil {
					return fmt.Errorf("leaf %d: its data cannot be told: %w", l.N, err)
				}
				e.Data = text
			}
			c.doc.Timeline = append(c.doc.Timeline, e)
			c.doc.State.Ledger.Leaves = append(c.doc.State.Ledger.Leaves, l.N)
			switch l.Kind {
			case "case.commented":
				c.doc.Comments = append(c.doc.Comments, Comment{Leaf: l.N, By: by, At: e.At, Text: commentOf(e.Data)})
			case "supplier.answered":
				c.answered(e.Data)
			}
		}
		if len(page) < pageRows {
			return nil
		}
	}
}

// commentOf is the text of a case.commented event, which keeps it alone.
func commentOf(data jsontext.Value) string {
	var x struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(data, &x) != nil || x.Text == "" {
		return string(data)
	}
	return x.Text
}

// answered notes what a supplier.answered event says, which keeps it alone.
func (c *collector) answered(data jsontext.Value) {
	var x struct {
		Request int64  `json:"request"`
		Answer  string `json:"answer"`
	}
	if json.Unmarshal(data, &x) != nil {
		return
	}
	for i := range c.doc.Requests {
		if c.doc.Requests[i].ID == x.Request {
			c.doc.Requests[i].Answer = x.Answer
		}
	}
}

// detail is a member of an event's data, for readers.
type detail struct{ Name, Value string }

// maxDetails bounds how many members of an event are printed.
const maxDetails = 64

// details tells the data of an event: names and values in their order. Lists
// are joined, and what is nested deeper is left to the JSON.
func details(data jsontext.Value) []detail { return members(data, 2) }

func members(data jsontext.Value, depth int) []detail {
	d := jsontext.NewDecoder(strings.NewReader(string(data)))
	if d.PeekKind() != '{' {
		return []detail{{"data", long(string(data))}}
	}
	if _, err := d.ReadToken(); err != nil {
		return nil
	}
	var out []detail
	for d.PeekKind() == '"' && len(out) < maxDetails {
		name, err := d.ReadToken()
		if err != nil {
			return out
		}
		n := strings.ReplaceAll(name.String(), "_", " ")
		v, err := d.ReadValue()
		if err != nil {
			return out
		}
		if text := plain(v, depth-1); text != "" {
			out = append(out, detail{report.Clean(n), long(text)})
		}
	}
	return out
}

// plain is a JSON value for readers, and what it holds down to a depth; empty
// where it says nothing.
func plain(v jsontext.Value, depth int) string {
	switch v.Kind() {
	case '"':
		var s string
		if json.Unmarshal(v, &s) != nil {
			return ""
		}
		return report.Clean(s)
	case 'n':
		return ""
	case 't':
		return "yes"
	case 'f':
		return "no"
	case '0':
		return string(v)
	case '[':
		var list []jsontext.Value
		if depth <= 0 || json.Unmarshal(v, &list) != nil {
			return ""
		}
		var parts []string
		for i, x := range list {
			if i == maxDetails {
				parts = append(parts, fmt.Sprintf("and %d more", len(list)-i))
				break
			}
			if s := plain(x, depth-1); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ", ")
	}
	if depth <= 0 {
		return ""
	}
	var parts []string
	for _, x := range members(v, depth) {
		parts = append(parts, x.Name+" "+x.Value)
	}
	return strings.Join(parts, ", ")
}

// maxDetail bounds the characters of a value on the timeline.
const maxDetail = 600

// long cuts what is longer than a line of a timeline may be.
func long(s string) string {
	if len(s) <= maxDetail {
		return s
	}
	r := []rune(s)
	if len(r) <= maxDetail {
		return s
	}
	return string(r[:maxDetail]) + "… (cut: the JSON has all of it)"
}

// editions reads the editions of a snapshot, which are JSON or a text, and tells
// them a line each.
func editions(stored string) (jsontext.Value, []string) {
	if stored == "" {
		return nil, nil
	}
	v := jsontext.Value(stored)
	var told []string
	if !v.IsValid() {
		for _, line := range lines(stored) {
			if line != "" {
				told = append(told, line)
			}
		}
		text, err := jsontext.AppendQuote(nil, strings.ToValidUTF8(stored, "\uFFFD"))
		if err != nil {
			return nil, told
		}
		return text, told
	}
	if v.Compact() != nil { // blanks and line breaks between its parts say nothing
		return nil, told
	}
	var list []jsontext.Value
	if json.Unmarshal(v, &list) != nil {
		for _, d := range details(v) {
			told = append(told, d.Name+": "+d.Value)
		}
		return v, told
	}
	for _, x := range list {
		if s := plain(x, 2); s != "" {
			told = append(told, s)
		}
	}
	return v, told
}
