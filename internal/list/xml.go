package list

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
)

// XML reads a list in XML as a stream: elements are given out one by one, no
// document type and so no entity is let in, and depth and sizes are bounded.
type XML struct {
	*xml.Decoder
	guard *guard
}

// NewXML begins to read a list in XML.
func NewXML(data []byte) (*XML, error) {
	if LooksLikeHTML(data) {
		return nil, fmt.Errorf("%w: a web page, no XML: fetch the file itself", ErrNoList)
	}
	raw := xml.NewDecoder(bytes.NewReader(data))
	raw.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		return input, nil // Unpack made UTF-8 of it
	}
	g := &guard{raw: raw}
	return &XML{xml.NewTokenDecoder(g), g}, nil
}

// ReadXML reads a list in XML and calls each at its elements: see Each.
func ReadXML(data []byte, each func(x *XML, start *xml.StartElement) error, roots ...string) error {
	x, err := NewXML(data)
	if err != nil {
		return err
	}
	return x.Each(func(start *xml.StartElement) error { return each(x, start) }, roots...)
}

// guard looks at each token before it is used.
type guard struct {
	raw   *xml.Decoder
	depth int
	since int64 // where the element that is read as a whole began
}

var errDoctype = errors.New("a document type: a list needs none, and entities in it can do harm")

// Token implements xml.TokenReader.
func (g *guard) Token() (xml.Token, error) {
	t, err := g.raw.RawToken()
	if err != nil {
		return t, err
	}
	switch t := t.(type) {
	case xml.StartElement:
		if g.depth++; g.depth > MaxDepth {
			return nil, fmt.Errorf("elements are nested over %d deep", MaxDepth)
		}
		if len(t.Attr) > 200 {
			return nil, fmt.Errorf("the element %s has over 200 attributes", clip(t.Name.Local))
		}
	case xml.EndElement:
		g.depth--
	case xml.Directive:
		return nil, errDoctype
	case xml.CharData:
		if len(t) > MaxElement {
			return nil, fmt.Errorf("a text has over %s", size(MaxElement))
		}
	}
	if g.since > 0 && g.raw.InputOffset()-g.since > MaxElement {
		return nil, fmt.Errorf("an element has over %s", size(MaxElement))
	}
	return t, nil
}

// MaxElement bounds one element that is read as a whole, such as an entry.
const MaxElement = 16 << 20

// Line is the line that is read.
func (x *XML) Line() int { line, _ := x.guard.raw.InputPos(); return line }

// Read reads the element that start opened into v.
func (x *XML) Read(v any, start *xml.StartElement) error {
	x.guard.since = x.guard.raw.InputOffset()
	defer func() { x.guard.since = 0 }()
	return x.DecodeElement(v, start)
}

// Each calls f at each element. f reads the whole element, or returns at once
// to be called for what is in it. The first element is the root: where it is
// not one of roots, the text is another list.
func (x *XML) Each(f func(start *xml.StartElement) error, roots ...string) error {
	first := true
	for {
		t, err := x.Token()
		if err == io.EOF {
			if first {
				return fmt.Errorf("%w: no element in it", ErrNoList)
			}
			return nil
		}
		if err != nil {
			return x.where(err)
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if first {
			first = false
			if !slices.Contains(roots, start.Name.Local) {
				return fmt.Errorf("%w: the root is %s, not %s", ErrNoList, clip(start.Name.Local), roots[0])
			}
		}
		if err := f(&start); err != nil {
			return x.where(err)
		}
	}
}

func (x *XML) where(err error) error {
	var s *xml.SyntaxError
	if errors.As(err, &s) {
		return fmt.Errorf("line %d: %s: the file is broken or cut off: fetch it again", x.Line(), s.Msg)
	}
	return fmt.Errorf("line %d: %w", x.Line(), err)
}

// Attr returns an attribute of an element by its local name, or "".
func Attr(start *xml.StartElement, local string) string {
	for _, a := range start.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}
