package exchange

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/offshelf/offshelf"
)

// Format is a form of ownership data.
type Format string

// The formats that Read knows.
const (
	FtM            Format = "FollowTheMoney"
	BODS           Format = "BODS 0.4"
	GLEIFEntities  Format = "GLEIF level 1" // LEI-CDF 3.1: who is who
	GLEIFRelations Format = "GLEIF level 2" // RR-CDF 2.1: who consolidates whom
)

// maxTold bounds the refusals and data findings that are kept one by one; the
// counts count all.
const maxTold = 1000

// Counts says what became of the records of a file.
// Read = Imported + Refused + Ignored, always.
type Counts struct {
	Read     int `json:"read"`     // entities, statements or rows
	Imported int `json:"imported"` // became part of a party, stake or listing
	Refused  int `json:"refused"`  // are wrong
	Ignored  int `json:"ignored"`  // are right, and say nothing about ownership
}

// Refusal is a record that is wrong, where, and what to do.
type Refusal struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	ID     string `json:"id,omitempty"` // of the record, as the file has it
	Reason string `json:"reason"`
}

// String prints the refusal as file:line: id: reason.
func (r Refusal) String() string {
	if r.ID == "" {
		return fmt.Sprintf("%s:%d: %s", r.File, r.Line, r.Reason)
	}
	return fmt.Sprintf("%s:%d: %s: %s", r.File, r.Line, r.ID, r.Reason)
}

// Tally counts the records that were ignored for one reason.
type Tally struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	Line   int    `json:"line"` // of the first
}

// DataFinding is something in the data that a person should look at. The facts
// concerned are imported as far as they are clear.
type DataFinding struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Kind string `json:"kind"` // share, date, identifier, duplicate, succession, control, indirect, disagree
	Text string `json:"text"`
}

// String prints the finding as file:line: text (kind).
func (f DataFinding) String() string {
	if f.Line == 0 {
		return fmt.Sprintf("%s: %s (%s)", f.File, f.Text, f.Kind)
	}
	return fmt.Sprintf("%s:%d: %s (%s)", f.File, f.Line, f.Text, f.Kind)
}

// Proposal says that two parties may be one, for a person to decide: an equal
// name alone merges nothing.
type Proposal struct {
	A   string `json:"a"`
	B   string `json:"b"`
	Why string `json:"why"`
}

// Import is what a file says about ownership. The ids of its parties are those
// of the file; Lay gives them ids of the knowledge.
type Import struct {
	File   string `json:"file"`
	Format Format `json:"format"`
	Counts

	Parties  []offshelf.Party   `json:"parties"`
	Stakes   []offshelf.Stake   `json:"stakes"`
	Listings []offshelf.Listing `json:"listings"`
	Sources  []offshelf.Source  `json:"sources"` // the file, and its publishers where it names them

	Refusals  []Refusal     `json:"refusals,omitempty"`  // the first of them
	Reasons   []Tally       `json:"reasons,omitempty"`   // of what was ignored
	Proposals []Proposal    `json:"proposals,omitempty"` // parties of this file that have one name
	Findings  []DataFinding `json:"findings,omitempty"`  // the first of them

	FindingCount int `json:"finding_count"` // all of them

	lines     []int // of Stakes, by index
	listLines []int // of Listings, by index
	open      bool  // stakes may name parties of other files, by LEI
	ignored   map[string]int
	sources   map[string]string // publisher → source id
}

func newImport(file string) *Import {
	return &Import{File: file, ignored: map[string]int{}, sources: map[string]string{}}
}

func (im *Import) refuse(line int, id, format string, args ...any) {
	im.Refused++
	if len(im.Refusals) < maxTold {
		im.Refusals = append(im.Refusals, Refusal{im.File, line, cutTo(id, 100), cutTo(fmt.Sprintf(format, args...), 400)})
	}
}

func (im *Import) ignore(line int, reason string) {
	im.Ignored++
	i, ok := im.ignored[reason]
	if !ok && len(im.Reasons) >= maxTold {
		reason = "other reasons"
		i, ok = im.ignored[reason]
	}
	if !ok {
		i = len(im.Reasons)
		im.ignored[reason] = i
		im.Reasons = append(im.Reasons, Tally{reason, 0, line})
	}
	im.Reasons[i].Count++
	im.Reasons[i].Line = min(im.Reasons[i].Line, line)
}

func (im *Import) find(line int, kind, format string, args ...any) {
	im.FindingCount++
	if len(im.Findings) < maxTold {
		im.Findings = append(im.Findings, DataFinding{im.File, line, kind, cutTo(fmt.Sprintf(format, args...), 400)})
	}
}

// finish sorts what is told by line.
func (im *Import) finish() {
	slices.SortStableFunc(im.Refusals, func(a, b Refusal) int { return cmp.Compare(a.Line, b.Line) })
	slices.SortStableFunc(im.Findings, func(a, b DataFinding) int { return cmp.Compare(a.Line, b.Line) })
	slices.SortFunc(im.Reasons, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	im.ignored, im.sources = nil, nil
}

// drop takes the facts back: what is read in part is not used. What was wrong
// stays told.
func (im *Import) drop() {
	im.Parties, im.Stakes, im.Listings, im.Sources = nil, nil, nil, nil
	im.lines, im.listLines = nil, nil
	im.Imported = 0
	for im.Read > im.Refused+im.Ignored {
		im.ignore(1, "right, but the file cannot be read to its end")
	}
}

// lineOf is where fact i was read, or 0 in an Import that was read from no file.
func lineOf(lines []int, i int) int {
	if i < len(lines) {
		return lines[i]
	}
	return 0
}

// backwards says what is wrong with an interval that is backwards.
func backwards(iv offshelf.Interval) string {
	return fmt.Sprintf("ends (%s) before it begins (%s): correct a date", iv.Until, iv.From)
}

// cutTo shortens a text from the file for a message, at a rune.
func cutTo(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}
