package list

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/offshelf/offshelf/internal/name"
)

// Row is a row of a table with named columns.
type Row struct {
	N      int // from 1; the header has none
	fields []string
	table  *header
}

type header struct {
	names []string
	at    map[string]int
}

func newHeader(names []string) *header {
	h := &header{at: map[string]int{}}
	for i, n := range names {
		h.names = append(h.names, n)
		if k := name.Key(n); k != "" {
			if _, taken := h.at[k]; !taken {
				h.at[k] = i
			}
		}
	}
	return h
}

// Get returns a field by the name of its column, or "". Case, spaces and
// punctuation of column names do not count.
func (r Row) Get(column string) string {
	i, ok := r.table.at[column]
	if !ok {
		i, ok = r.table.at[name.Key(column)]
	}
	if !ok || i >= len(r.fields) {
		return ""
	}
	return strings.TrimSpace(r.fields[i])
}

// Field returns the field with the index, or "".
func (r Row) Field(i int) string {
	if i >= len(r.fields) {
		return ""
	}
	return strings.TrimSpace(r.fields[i])
}

// CSV says how a list in CSV is read.
type CSV struct {
	Columns  []string // required; none where the list has no header
	Comma    rune     // a comma where it is unset
	Fields   int      // how many fields a row has; the header says it where it is 0
	Preamble bool     // lines may stand over the header
}

// preambleLines bounds how many lines may stand over a header.
const preambleLines = 10

// ReadCSV reads the rows of a list in CSV. A row that is broken, has another
// number of fields than the header, has a field over MaxField or repeats the
// header is refused, and the others are read. each is called with a good row.
func (b *Builder) ReadCSV(data []byte, form CSV, each func(Row)) error {
	if LooksLikeHTML(data) {
		return fmt.Errorf("%w: a web page, no CSV: fetch the file itself", ErrNoList)
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	if form.Comma != 0 {
		r.Comma = form.Comma
	}
	var head *header
	want := form.Fields
	if len(form.Columns) > 0 {
		for tries := 0; ; tries++ {
			fields, err := r.Read()
			if err == io.EOF || tries == preambleLines || err != nil && !form.Preamble {
				return b.noHeader(form, head)
			}
			if err != nil {
				continue
			}
			head = newHeader(slices.Clone(fields))
			if missing := head.missing(form.Columns); len(missing) == 0 {
				break
			}
			if !form.Preamble {
				return b.noHeader(form, head)
			}
		}
		want = len(head.names)
	}
	for n := 1; !b.Full(); n++ {
		fields, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			var p *csv.ParseError
			if errors.As(err, &p) {
				b.Refuse(n, "line %d, column %d: %v: the row is broken or cut off", p.Line, p.Column, p.Err)
				if r.InputOffset() >= int64(len(data)) {
					b.CutOff()
				}
				continue
			}
			return err
		}
		if len(fields) == 1 && strings.Trim(fields[0], " \x1a") == "" {
			n-- // an empty line is no row
			continue
		}
		switch {
		case head != nil && slices.Equal(fields, head.names):
			b.Refuse(n, "the header again")
		case want > 0 && len(fields) != want:
			b.Refuse(n, "%d fields, where a row has %d: the row is broken or cut off", len(fields), want)
			if len(fields) < want && r.InputOffset() >= int64(len(data)) {
				b.CutOff()
			}
		default:
			if i := slices.IndexFunc(fields, func(f string) bool { return len(f) > MaxField }); i >= 0 {
				b.Refuse(n, "field %d has %s, over %s", i+1, size(int64(len(fields[i]))), size(MaxField))
				continue
			}
			each(Row{n, slices.Clone(fields), head})
		}
	}
	return nil
}

func (h *header) missing(columns []string) []string {
	var out []string
	for _, c := range columns {
		if _, ok := h.at[name.Key(c)]; !ok {
			out = append(out, c)
		}
	}
	return out
}

func (b *Builder) noHeader(form CSV, head *header) error {
	what := strings.Join(form.Columns, ", ")
	if head == nil {
		return fmt.Errorf("%w: no header with the columns %s", ErrNoList, what)
	}
	return fmt.Errorf("%w: the header has no column %s: it has %s", ErrNoList, strings.Join(head.missing(form.Columns), ", "), clip(strings.Join(head.names, ", ")))
}
