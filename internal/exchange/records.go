package exchange

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// records cuts JSON into its records: the elements of an array at the top or
// under a key of the object at the top, or objects one after another. It
// holds one record at a time.
type records struct {
	r      *bufio.Reader
	line   int
	array  bool // within an array
	within int  // braces around the array
	buf    []byte
}

// raw is a record as it stands in the file.
type raw struct {
	line int
	data []byte // valid until the next record
	err  error  // why it cannot be a record; the ones behind it are read on
}

// begin passes over what stands before the records: the array may be a member
// of an object, as in packages. The head is what was seen of the file.
func (x *records) begin(head []byte, keys ...string) error {
	x.line = 1
	if b, _ := x.r.Peek(3); bytes.Equal(b, []byte("\ufeff")) {
		if _, err := x.r.Discard(3); err != nil {
			return err
		}
		head = bytes.TrimPrefix(head, []byte("\ufeff"))
	}
	at := memberArray(head, keys)
	switch {
	case at > 0:
		x.within = 1
	case bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("[")):
		at = bytes.IndexByte(head, '[') + 1
	default:
		return nil
	}
	x.array = true
	x.line += bytes.Count(head[:at], []byte{'\n'})
	_, err := x.r.Discard(at)
	return err
}

// nesting follows JSON byte by byte.
type nesting struct {
	depth        int
	text, escape bool // within a text, and behind a backslash in it
}

func (n *nesting) see(c byte) {
	switch {
	case n.escape:
		n.escape = false
	case n.text:
		n.text, n.escape = c != '"', c == '\\'
	case c == '"':
		n.text = true
	case c == '{' || c == '[':
		n.depth++
	case c == '}' || c == ']':
		n.depth--
	}
}

// memberArray finds the array under one of the keys of the object at the top,
// and returns the place behind its bracket, or 0.
func memberArray(head []byte, keys []string) int {
	var n nesting
	var name []byte
	from := 0
	for i, c := range head {
		within := n.text
		n.see(c)
		switch {
		case within && n.text:
		case within:
			if n.depth == 1 {
				name = head[from:i]
			}
		case n.text:
			from = i + 1
		case c == '[' && n.depth == 1:
			return 0
		case c == '[' && n.depth == 2 && slices.Contains(keys, string(name)):
			return i + 1
		case (c == '}' || c == ']') && n.depth <= 0:
			return 0
		}
	}
	return 0
}

// next returns the next record, io.EOF behind the last one, or an error where
// the file ends before its end or is no JSON.
func (x *records) next() (raw, error) {
	for {
		c, err := x.r.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && !x.array:
			return raw{}, io.EOF
		case errors.Is(err, io.EOF):
			return raw{}, fmt.Errorf("line %d: the file ends before its array does", x.line)
		case err != nil:
			return raw{}, fmt.Errorf("line %d: the file cannot be read on: %w", x.line, err)
		}
		switch {
		case c == '\n':
			x.line++
		case c == ' ' || c == '\t' || c == '\r' || c == ',' && x.array:
		case c == ']' && x.array:
			return raw{}, x.end()
		case c == '{':
			return x.object()
		default:
			if !x.array {
				return x.broken(c)
			}
			return x.stray(c)
		}
	}
}

// end passes over what stands behind the array.
func (x *records) end() error {
	x.array = false
	at := nesting{depth: x.within}
	for n := 0; ; n++ {
		c, err := x.r.ReadByte()
		if errors.Is(err, io.EOF) {
			if at.depth > 0 {
				return fmt.Errorf("line %d: the file ends before its object does", x.line)
			}
			return io.EOF
		}
		if err != nil {
			return fmt.Errorf("line %d: the file cannot be read on: %w", x.line, err)
		}
		if n > maxRecord {
			return fmt.Errorf("line %d: more than %d MiB behind the records", x.line, maxRecord>>20)
		}
		if at.see(c); c == '\n' {
			x.line++
		}
	}
}

// object reads a record behind its brace.
func (x *records) object() (raw, error) {
	out := raw{line: x.line}
	x.buf = append(x.buf[:0], '{')
	at := nesting{depth: 1}
	deepest, size := 1, 1
	for at.depth > 0 {
		c, err := x.r.ReadByte()
		if err != nil {
			if errors.Is(err, io.EOF) {
				return raw{}, fmt.Errorf("line %d: the file ends in the middle of a record", out.line)
			}
			return raw{}, fmt.Errorf("line %d: the file cannot be read on: %w", x.line, err)
		}
		if size++; size <= maxRecord {
			x.buf = append(x.buf, c)
		}
		at.see(c)
		deepest = max(deepest, at.depth)
		if c == '\n' {
			x.line++
			if at.text && !x.array { // one a line: a quote that is left open ends with the line
				return raw{line: out.line, err: errors.New("a text is left open at the end of the line")}, nil
			}
		}
	}
	switch {
	case size > maxRecord:
		out.err = fmt.Errorf("the record has more than %d MiB: no statement is so large", maxRecord>>20)
	case deepest > maxDepth:
		out.err = fmt.Errorf("nested more than %d deep: this is no statement", maxDepth)
	case !utf8.Valid(x.buf):
		out.err = errors.New("is not UTF-8: save the file as UTF-8")
	}
	out.data = x.buf
	return out, nil
}

// broken passes over a line that is no record.
func (x *records) broken(c byte) (raw, error) {
	out := raw{line: x.line, err: fmt.Errorf("starts with %q: a record is an object in braces", c)}
	for {
		b, err := x.r.ReadByte()
		if err != nil || b == '\n' {
			x.line++
			return out, nil // the next call sees the end
		}
	}
}

// stray passes over an element that is no object.
func (x *records) stray(c byte) (raw, error) {
	out := raw{line: x.line, err: fmt.Errorf("starts with %q: a record is an object in braces", c)}
	at := nesting{text: c == '"'}
	if c == '[' {
		at.depth = 1
	}
	for {
		p, err := x.r.Peek(1)
		if err != nil {
			return out, nil // the next call sees the end
		}
		b := p[0]
		if !at.text && at.depth == 0 && (b == ',' || b == ']') {
			return out, nil
		}
		if _, err := x.r.Discard(1); err != nil {
			return out, nil
		}
		if b == '\n' {
			x.line++
			continue
		}
		at.see(b)
	}
}
