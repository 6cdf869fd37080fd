package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
)

// json opens an array of objects, an object with such an array inside, NDJSON,
// or objects that follow each other.
func (op *opening) json() error {
	c := op.cat
	var bound boundary = jsonLines{}
	line := 1
	if op.format == "json" {
		text := bytes.TrimLeft(op.r.head, " \t\r\n")
		start := len(op.r.head) - len(text)
		elements := &jsonElements{}
		if len(text) > 0 && text[0] == '[' {
			elements.array = true
			start++
		} else if key, at, others := arrayInside(text); key != "" {
			elements.array = true
			start += at
			c.note(fmt.Sprintf("the array %q is read", key))
			if len(others) > 0 {
				c.note("arrays that are not read: " + strings.Join(others, ", "))
			}
		}
		line += countLines(op.r.head[:start], '\n')
		op.r.discard(start)
		bound = elements
	}
	cut := newCutter(op.name, op.r, bound, '\n')
	cut.line = line
	b, err := cut.next()
	if err == io.EOF {
		c.use.Format = op.format
		c.note("no rows")
		c.src = cut
		return nil
	}
	if err != nil {
		return err
	}
	s, err := sampleJSON(b, len(op.opts.Keep) > 0)
	if err != nil {
		return err
	}
	p, err := makePlan(s.columns(), op.opts.Map)
	if err != nil {
		return err
	}
	kept, err := s.find(op.opts.Keep)
	if err != nil {
		return err
	}
	o := &objects{file: op.name, keyed: newKeyed(p)}
	o.keyed.keep(kept)
	cut.decode, b.decode = o.decode, o.decode
	c.planned(op.format, p)
	if len(p.spare) > 0 {
		c.note("where an object lacks one of these, another key with a telling name serves")
	}
	c.src, c.pend = cut, b
	return nil
}

// sampleJSON learns the names from the first objects that can be read, and with
// blanks those that have no value too.
func sampleJSON(b *Batch, blanks bool) (*sampler, error) {
	s := newSampler()
	if blanks {
		s.empty = map[string]bool{}
	}
	w := newWalker()
	var first error
	for _, rec := range b.recs[:min(len(b.recs), sampleRows)] {
		if rec.kind != recPlain {
			continue
		}
		if err := w.object(b.data[rec.start:rec.end], s); err != nil {
			if first == nil {
				first = err
			}
			continue
		}
		s.rows++
	}
	if s.rows == 0 {
		if first == nil {
			first = errors.New(faultSyntax)
		}
		return nil, fmt.Errorf("none of the first %d rows is a JSON object: %w", min(len(b.recs), sampleRows), first)
	}
	return s, nil
}

// objects decodes batches of JSON objects.
type objects struct {
	file  string
	keyed *keyed
}

func (o *objects) decode(b *Batch, dst []offshelf.Product) ([]offshelf.Product, []offshelf.Problem) {
	var problems []offshelf.Problem
	text := ""
	g, w := o.keyed.gather(), newWalker()
	for k, rec := range b.recs {
		row := b.row + k
		problem := func(kind, column, what string) {
			if text == "" {
				text = string(b.data)
			}
			problems = append(problems, offshelf.Problem{File: o.file, Row: row, Line: b.lineAt(text, rec.start), Column: column, Kind: kind, Text: what})
		}
		switch rec.kind {
		case recLong:
			problem("failed", "", textLong)
			continue
		case recFatal:
			problem("failed", "", fmt.Sprintf("%s; %d rows were read before it and nothing after it: repair the file", b.fatal, row-1))
			continue
		}
		g.reset()
		if err := w.object(b.data[rec.start:rec.end], g); err != nil {
			problem("failed", "", fmt.Sprintf("%v; repair the row or take it out", err))
			continue
		}
		for _, name := range g.odd {
			problem("warning", name, textLatin)
		}
		dst = append(dst, offshelf.Product{File: o.file, Row: row})
		if !g.product(&dst[len(dst)-1], func(column, text string) { problem("warning", column, text) }) {
			dst = dst[:len(dst)-1]
			problem("skipped", "", textNothing)
		} else if len(g.cells) > 0 {
			b.kept = g.appendKept(b.kept, func(column, text string) { problem("warning", column, text) })
		}
	}
	return dst, problems
}

// walker reads objects and names nested values with dots.
type walker struct {
	src  bytes.Reader
	dec  *jsontext.Decoder
	path []byte
	buf  []byte
}

func newWalker() *walker { return &walker{dec: new(jsontext.Decoder)} }

var errNoObject = errors.New("not a JSON object")

// maxNested bounds how deep values are looked for.
const maxNested = 8

// object reads one object into s.
func (w *walker) object(data []byte, s sink) error {
	w.src.Reset(data)
	w.dec.Reset(&w.src, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	w.path = w.path[:0]
	if w.dec.PeekKind() != '{' {
		if _, err := w.dec.ReadToken(); err != nil {
			return brokenJSON(err)
		}
		return errNoObject
	}
	if err := w.value(s, 0); err != nil {
		return brokenJSON(err)
	}
	if _, err := w.dec.ReadToken(); err != io.EOF {
		return errors.New("more than one JSON value in the row")
	}
	return nil
}

// brokenJSON says what is wrong without the jargon of the decoder.
func brokenJSON(err error) error {
	var s *jsontext.SyntacticError
	switch {
	case errors.Is(err, errNUL):
		return err
	case errors.As(err, &s):
		return fmt.Errorf("broken JSON at byte %d: %w", s.ByteOffset, s.Err)
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF:
		return errors.New("broken JSON: it ends too early")
	}
	return fmt.Errorf("broken JSON: %w", err)
}

var errNUL = errors.New("a value holds NUL")

func (w *walker) value(s sink, depth int) error {
	switch w.dec.PeekKind() {
	case '{':
		if depth > maxNested {
			return w.dec.SkipValue()
		}
		if _, err := w.dec.ReadToken(); err != nil {
			return err
		}
		base := len(w.path)
		for w.dec.PeekKind() != '}' {
			name, err := w.dec.ReadValue()
			if err != nil {
				return err
			}
			if base > 0 {
				w.path = append(w.path, '.')
			}
			if w.path, err = jsontext.AppendUnquote(w.path, name); err != nil && utf8.Valid(name) {
				return err
			}
			if err := w.value(s, depth+1); err != nil {
				return err
			}
			w.path = w.path[:base]
		}
		_, err := w.dec.ReadToken()
		return err
	case '[':
		if depth > maxNested {
			return w.dec.SkipValue()
		}
		if _, err := w.dec.ReadToken(); err != nil {
			return err
		}
		if w.dec.PeekKind() == ']' {
			s.blank(w.path)
		}
		for w.dec.PeekKind() != ']' {
			if err := w.value(s, depth+1); err != nil {
				return err
			}
		}
		_, err := w.dec.ReadToken()
		return err
	case 'n':
		s.blank(w.path)
		return w.dec.SkipValue()
	}
	if !s.wants(w.path) {
		return w.dec.SkipValue()
	}
	v, err := w.dec.ReadValue()
	if err != nil {
		return err
	}
	if v.Kind() == '"' {
		if !utf8.Valid(v) {
			v = repairLatin(v)
			s.repaired(w.path)
		}
		if w.buf, err = jsontext.AppendUnquote(w.buf[:0], v); err != nil {
			return err
		}
		v = w.buf
	}
	if bytes.IndexByte(v, 0) >= 0 {
		return errNUL
	}
	s.add(w.path, string(v))
	return nil
}
