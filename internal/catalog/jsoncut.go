package catalog

import "bytes"

// jsonLines knows where the objects of NDJSON end: at the line end.
type jsonLines struct{}

func (jsonLines) fault() string { return "" }

func (jsonLines) drop(b []byte, _ bool) (int, bool) { return dropLine(b, '\n') }

func (jsonLines) cut(b []byte, eof bool) (record, int, cutState) {
	end := bytes.IndexByte(b, '\n')
	if end < 0 {
		if !eof {
			return record{}, 0, cutMore
		}
		end = len(b)
	}
	if len(bytes.TrimSpace(b[:end])) == 0 {
		return record{}, min(end+1, len(b)), cutBlank
	}
	return lineRecord(b, end, '\n', recPlain)
}

// jsonElements knows where the elements of an array end, or objects that
// follow each other without one. It follows strings and brackets only; what is
// between them is checked when the object is decoded.
type jsonElements struct {
	array bool
	comma bool // an element was cut: a comma or the end must follow
	broke string
	scan  jsonScan // of drop
}

func (e *jsonElements) fault() string { return e.broke }

func (e *jsonElements) fatal(text string) (record, int, cutState) {
	e.broke = text
	return record{}, 0, cutFatal
}

const (
	faultSyntax = "syntax error in the JSON that starts here"
	faultShort  = "the file ends in the middle of the JSON"
)

func (e *jsonElements) cut(b []byte, eof bool) (record, int, cutState) {
	if e.broke != "" {
		return record{}, 0, cutFatal
	}
	i := 0
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i == len(b) {
		switch {
		case !eof:
			return record{}, i, cutBlank
		case e.array:
			return e.fatal(faultShort)
		}
		return record{}, i, cutDone
	}
	if i > 0 {
		return record{}, i, cutBlank
	}
	if e.array {
		switch {
		case b[0] == ']':
			return record{}, 1, cutDone
		case e.comma && b[0] == ',':
			e.comma = false
			if rest := bytes.TrimLeft(b[1:], " \t\r\n"); eof && len(rest) == 0 {
				return e.fatal(faultShort)
			}
			return record{}, 1, cutBlank
		case e.comma:
			return e.fatal(faultSyntax)
		}
	}
	n, state := 0, scanEnd
	if b[0] == '{' || b[0] == '[' {
		var s jsonScan
		n, state = s.feed(b)
	} else if n = bytes.IndexAny(b, ",]}\n"); n < 0 {
		n, state = len(b), scanMore
		if eof && !e.array {
			state = scanEnd
		}
	} else if n == 0 {
		state = scanBad
	}
	switch {
	case state == scanBad:
		return e.fatal(faultSyntax)
	case state == scanMore && eof:
		return e.fatal(faultShort)
	case state == scanMore:
		return record{}, 0, cutMore
	}
	if n <= maxRow+1 {
		e.comma = true
	}
	return record{end: int32(n), kind: recPlain}, n, cutRecord
}

func (e *jsonElements) drop(b []byte, first bool) (int, bool) {
	if first {
		e.scan = jsonScan{}
		if len(b) > 0 && b[0] != '{' && b[0] != '[' {
			e.broke = faultSyntax // no number is that long, and no string an object
			return len(b), true
		}
	}
	n, state := e.scan.feed(b)
	switch state {
	case scanEnd:
		e.comma = true
		return n, true
	case scanBad:
		e.broke = faultSyntax
		return n, true
	}
	return n, false
}

type scanState uint8

const (
	scanMore scanState = iota
	scanEnd
	scanBad
)

// maxDepth bounds the nesting of JSON and XML.
const maxDepth = 64

// jsonScan finds the end of one object or array, in pieces if need be.
type jsonScan struct {
	depth  int
	arrays uint64 // bit d: the bracket at depth d is of an array
	in     bool   // in a string
	esc    bool   // behind a backslash
	after  bool   // behind a string or bracket, where no value may start
}

// feed goes on with b and returns how far it came.
func (s *jsonScan) feed(b []byte) (int, scanState) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		if s.in {
			switch {
			case s.esc:
				s.esc = false
			case c == '\\':
				s.esc = true
			case c == '"':
				s.in, s.after = false, true
			}
			continue
		}
		if isSpace(c) {
			continue
		}
		switch c {
		case ',', ':':
			s.after = false
			continue
		case '}', ']':
			s.depth--
			if s.depth < 0 || s.arrays>>s.depth&1 == 1 != (c == ']') {
				return i, scanBad
			}
			if s.depth == 0 {
				return i + 1, scanEnd
			}
			s.after = true
			continue
		}
		// Here a quote that was forgotten shows, before it swallows the file.
		if s.after {
			return i, scanBad
		}
		switch c {
		case '"':
			s.in = true
		case '{', '[':
			if s.depth == maxDepth {
				return i, scanBad
			}
			s.arrays &^= 1 << s.depth
			if c == '[' {
				s.arrays |= 1 << s.depth
			}
			s.depth++
		}
	}
	return len(b), scanMore
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
