package catalog

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/offshelf/offshelf"
)

// feed reads a Google Merchant feed, RSS or Atom, as it comes: every item is a
// row.
type feed struct {
	file string
	text *xmlText
	dec  *xml.Decoder
	open int // elements
	row  int
	gat  *gather
	held []item // read to learn the names

	blank func(name string) // told of empty elements while the names are learnt
	done  bool
	err   error
	stop  string // what ended the file early
}

// item is what an element held, by name.
type item struct {
	line   int
	names  []string
	values []string
	odd    []string // names with repaired text
	long   bool
}

// itemNames are the elements that hold a product.
var itemNames = []string{"item", "entry", "product", "offer"}

// maxItemNames bounds the elements of one item.
const maxItemNames = 1000

func (op *opening) xml() error {
	c := op.cat
	f := &feed{file: op.name, text: newXMLText(op.r, op.latin), row: 1}
	f.dec = xml.NewDecoder(f.text)
	f.dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(label)
		if err != nil {
			return nil, fmt.Errorf("encoding %q is not known; save the file as UTF-8", clip(label, 40))
		}
		switch name, _ := htmlindex.Name(e); name {
		case "utf-8", "utf-16le", "utf-16be":
		case "windows-1252":
			f.text.latin = true
		default:
			return nil, fmt.Errorf("encoding %q is not read in XML; save the file as UTF-8", clip(label, 40))
		}
		return in, nil
	}
	s := newSampler()
	if len(op.opts.Keep) > 0 {
		s.empty = map[string]bool{}
		f.blank = func(name string) { s.blank([]byte(name)) }
	}
	for len(f.held) < sampleRows && f.stop == "" && f.err == nil {
		it, ok := f.item()
		if !ok {
			break
		}
		f.held = append(f.held, it)
		for i, name := range it.names {
			if s.wants([]byte(name)) {
				s.add([]byte(name), it.values[i])
			}
		}
		s.rows++
	}
	f.blank = nil
	c.use.Format = op.format
	c.src = f
	switch {
	case f.err != nil:
		return f.err
	case len(f.held) == 0 && f.stop != "":
		return fmt.Errorf("line %d: %s", f.text.line, f.stop)
	case len(f.held) == 0:
		c.note("no items in the feed")
		return nil
	}
	p, err := makePlan(s.columns(), op.opts.Map)
	if err != nil {
		return err
	}
	// Names of elements are read without their prefix.
	names := slices.Clone(op.opts.Keep)
	for i, n := range names {
		if _, ok := s.index[n]; !ok {
			names[i] = strings.TrimPrefix(strings.TrimSpace(n), "g:")
		}
	}
	kept, err := s.find(names)
	if err != nil {
		return err
	}
	k := newKeyed(p)
	k.keep(kept)
	k.strip = true
	f.gat = k.gather()
	c.planned(op.format, p)
	return nil
}

// next makes a batch of the items that come next.
func (f *feed) next() (*Batch, error) {
	b := &Batch{file: f.file, row: f.row}
	size := 0
	for size < batchSize && f.gat != nil {
		var it item
		if len(f.held) > 0 {
			it, f.held = f.held[0], f.held[1:]
		} else {
			var ok bool
			if it, ok = f.item(); !ok {
				break
			}
		}
		size += f.add(b, it) + 256
	}
	if f.stop != "" && len(f.held) == 0 && f.gat != nil {
		f.problem(b, f.text.line, "failed", "", fmt.Sprintf("%s; %d items were read before it and nothing after it: repair the file", f.stop, f.row-1))
		b.rows++
		f.row++
		f.stop = ""
	}
	if b.rows > 0 {
		return b, nil
	}
	if f.err != nil {
		return nil, f.err
	}
	return nil, io.EOF
}

func (f *feed) problem(b *Batch, line int, kind, column, text string) {
	b.problems = append(b.problems, offshelf.Problem{File: f.file, Row: f.row, Line: line, Column: column, Kind: kind, Text: text})
}

// add makes a product or a problem of an item and returns its size.
func (f *feed) add(b *Batch, it item) int {
	defer func() { f.row++ }()
	b.rows++
	if it.long {
		f.problem(b, it.line, "failed", "", "item longer than 1 MiB; take out what is no product data")
		return 0
	}
	f.gat.reset()
	for i, name := range it.names {
		if n := []byte(name); f.gat.wants(n) {
			f.gat.add(n, it.values[i])
		}
	}
	for _, name := range it.odd {
		f.problem(b, it.line, "warning", name, textLatin)
	}
	p := offshelf.Product{File: f.file, Row: f.row}
	if f.gat.product(&p, func(column, text string) { f.problem(b, it.line, "warning", column, text) }) {
		b.products = append(b.products, p)
		if len(f.gat.cells) > 0 {
			b.kept = f.gat.appendKept(b.kept, func(column, text string) { f.problem(b, it.line, "warning", column, text) })
		}
	} else {
		f.problem(b, it.line, "skipped", "", textNothing)
	}
	return f.gat.size
}

// token reads the next token, or sets what stopped the reading.
func (f *feed) token() (xml.Token, bool) {
	if f.done {
		return nil, false
	}
	f.text.token = 0
	tok, err := f.dec.RawToken()
	if err == nil {
		switch t := tok.(type) {
		case xml.Directive:
			err = errors.New("a DOCTYPE or other declaration, which is not read: take it out")
		case xml.StartElement:
			if f.open++; f.open > maxDepth {
				err = fmt.Errorf("elements nested deeper than %d", maxDepth)
			}
		case xml.EndElement:
			if f.open--; f.open < 0 {
				err = fmt.Errorf("</%s> closes nothing", clip(t.Name.Local, 40))
			}
		}
	} else if err == io.EOF && f.open > 0 {
		err = errors.New("the file ends in the middle of an element")
	}
	if err == nil {
		return tok, true
	}
	f.done = true
	switch {
	case err == io.EOF:
	case f.text.err == errTokenLong:
		f.stop = errTokenLong.Error()
	case f.text.err != nil:
		f.err = f.text.err
	default:
		f.stop = "broken XML: " + strings.TrimPrefix(err.Error(), "XML syntax error on ")
	}
	return nil, false
}

// item reads up to the end of the next item.
func (f *feed) item() (item, bool) {
	for {
		tok, ok := f.token()
		if !ok {
			return item{}, false
		}
		if t, ok := tok.(xml.StartElement); ok && slices.Contains(itemNames, strings.ToLower(t.Name.Local)) {
			return f.fields(t)
		}
	}
}

// fields reads the elements of an item. An element within another is named
// with a dot: the price of g:shipping is no price.
func (f *feed) fields(start xml.StartElement) (item, bool) {
	it := item{line: f.text.line}
	var open []string
	var text [][]byte
	size, odd := 0, f.text.odd
	put := func(name, value string) {
		if value = trim(value); value != "" && len(it.names) < maxItemNames {
			it.names = append(it.names, name)
			it.values = append(it.values, value)
		} else if value == "" && f.blank != nil {
			f.blank(name)
		}
	}
	keep := func(n int) bool {
		if size += n; size > maxRow {
			it.long = true
			it.names, it.values, text = nil, nil, make([][]byte, len(text))
		}
		return !it.long
	}
	for _, a := range start.Attr {
		if keep(len(a.Value)) && a.Name.Space == "" {
			put(a.Name.Local, a.Value)
		}
	}
	for {
		tok, ok := f.token()
		if !ok {
			return item{}, false
		}
		switch t := tok.(type) {
		case xml.StartElement:
			open = append(open, t.Name.Local)
			text = append(text, nil)
			for _, a := range t.Attr {
				// <link href="…"/> of Atom.
				if strings.EqualFold(t.Name.Local, "link") && a.Name.Local == "href" && keep(len(a.Value)) {
					put("link", a.Value)
				}
			}
		case xml.CharData:
			if len(open) > 0 && keep(len(t)) {
				text[len(text)-1] = append(text[len(text)-1], t...)
			}
		case xml.EndElement:
			if len(open) == 0 {
				if !strings.EqualFold(t.Name.Local, start.Name.Local) {
					f.mismatch(t)
					return item{}, false
				}
				return it, true
			}
			last := len(open) - 1
			if open[last] != t.Name.Local {
				f.mismatch(t)
				return item{}, false
			}
			name := strings.Join(open, ".")
			put(name, string(text[last]))
			if f.text.odd > odd {
				odd = f.text.odd
				it.odd = append(it.odd, name)
			}
			open, text = open[:last], text[:last]
		}
	}
}

// mismatch stops at an end tag that is not of the element that is open.
func (f *feed) mismatch(t xml.EndElement) {
	f.done = true
	f.stop = fmt.Sprintf("broken XML: </%s> closes another element than the one that is open", clip(t.Name.Local, 40))
}
