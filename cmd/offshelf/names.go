package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/offshelf/offshelf/internal/search"
)

// Bounds of a file of names.
const (
	maxNameLine  = 64 << 10 // bytes of a record
	maxNameLines = 50       // lines that an open quote may run over
	maxNames     = 5_000_000
)

// nameTable reads a file of names: CSV with the asked columns in its head, with
// comma, semicolon or tab, or, where one column is enough, a name a line. A
// record that cannot be read does not lose the next.
type nameTable struct {
	in      *bufio.Reader
	comma   rune // 0: a name a line
	at      map[string]int
	line    int // of the record that was read last
	next    int // lines read
	pending [][]byte
}

// record is what one row says.
type record struct {
	line int
	get  func(column string) string
	err  error // the row cannot be read: why, and what to do
}

// kind is what the row says that it names.
func (r *record) kind() (search.Kind, error) {
	var k search.Kind
	if err := k.UnmarshalText([]byte(cmp.Or(r.get("schema"), r.get("kind")))); err != nil {
		return k, fmt.Errorf("column schema or kind: %w", err)
	}
	return k, nil
}

// eachRecord calls take with the records of a file of names.
func (s *session) eachRecord(file string, take func(record) error, need ...[]string) error {
	f, err := s.open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	t, err := openNames(file, f, need...)
	if err != nil {
		return err
	}
	for {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		r, err := t.read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", shown(file), t.next, err)
		}
		if err := take(r); err != nil {
			return err
		}
	}
}

// openNames reads the head. The first column of each group that is there counts
// for it; need are the groups that must be there.
func openNames(file string, r io.Reader, need ...[]string) (*nameTable, error) {
	t := &nameTable{in: bufio.NewReaderSize(r, 64<<10)}
	head, err := t.readLine()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: the file is empty: name a file with a name a line, or CSV", shown(file))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: line %d: %w", shown(file), t.next, err)
	}
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(head, 0) >= 0 || bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return nil, fmt.Errorf("%s: not UTF-8 text: save it as CSV in UTF-8", shown(file))
	}
	for _, comma := range ",;\t" {
		c := csv.NewReader(bytes.NewReader(head))
		c.Comma, c.LazyQuotes = comma, true
		fields, err := c.Read()
		if err != nil {
			continue
		}
		at := map[string]int{}
		for i, f := range fields {
			f = strings.ToLower(strings.TrimSpace(f))
			if _, taken := at[f]; !taken {
				at[f] = i
			}
		}
		all := true
		for _, group := range need {
			found := false
			for _, column := range group {
				if _, ok := at[column]; ok && !found {
					found = true
					at[group[0]] = at[column]
				}
			}
			all = all && found
		}
		if all {
			t.comma, t.at = comma, at
			return t, nil
		}
	}
	if len(need) > 1 {
		var columns []string
		for _, g := range need {
			columns = append(columns, g[0])
		}
		return nil, fmt.Errorf("%s: line 1: no columns %s: the first line names the columns", shown(file), strings.Join(columns, " and "))
	}
	t.at = map[string]int{need[0][0]: 0}
	t.pending = append(t.pending, bytes.Clone(head))
	t.next = 0
	return t, nil
}

// readLine reads one line without its end. A line over the bound is read to its
// end and refused.
func (t *nameTable) readLine() ([]byte, error) {
	if len(t.pending) > 0 {
		line := t.pending[0]
		t.pending = t.pending[1:]
		t.next++
		return line, nil
	}
	var line []byte
	long := false
	for {
		part, err := t.in.ReadSlice('\n')
		if len(line)+len(part) > maxNameLine {
			long = true
		} else {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (len(line) == 0 && !long || !errors.Is(err, io.EOF)) {
			return nil, err
		}
		break
	}
	t.next++
	if long {
		return nil, errLong
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

var errLong = fmt.Errorf("over %d KiB long: no name is that long; is a quote left open?", maxNameLine>>10)

// read returns the next record, or io.EOF. Empty lines are passed over.
func (t *nameTable) read() (record, error) {
	for {
		line, err := t.readLine()
		t.line = t.next
		switch {
		case errors.Is(err, errLong):
			return record{line: t.line, err: err}, nil
		case err != nil:
			return record{}, err
		case len(bytes.TrimSpace(line)) == 0:
			continue
		}
		if t.comma == 0 {
			return t.record([]string{string(line)}), nil
		}
		var more [][]byte
		whole := bytes.Clone(line)
		for bytes.Count(whole, []byte(`"`))%2 == 1 && len(more) < maxNameLines {
			next, err := t.readLine()
			if err != nil {
				if !errors.Is(err, errLong) && !errors.Is(err, io.EOF) {
					return record{}, err
				}
				break
			}
			more = append(more, bytes.Clone(next))
			whole = append(append(whole, '\n'), next...)
		}
		if bytes.Count(whole, []byte(`"`))%2 == 1 {
			// The quote is never closed: this line is lost, those after it are not.
			t.pending = append(more, t.pending...)
			t.next -= len(more)
			return record{line: t.line, err: errors.New("a quote is left open: close it, or double it where it belongs to the name")}, nil
		}
		c := csv.NewReader(bytes.NewReader(whole))
		c.Comma, c.LazyQuotes, c.FieldsPerRecord = t.comma, true, -1
		fields, err := c.Read()
		if err != nil {
			return record{line: t.line, err: fmt.Errorf("not CSV: %w", err)}, nil
		}
		return t.record(fields), nil
	}
}

func (t *nameTable) record(fields []string) record {
	return record{line: t.line, get: func(column string) string {
		if i, ok := t.at[column]; ok && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}}
}
