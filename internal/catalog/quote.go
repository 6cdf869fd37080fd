package catalog

import "bytes"

// delimitedLines knows where the records of CSV and TSV end. A quote opens a
// quoted field only at the start of a field; anywhere else it is text.
type delimitedLines struct {
	delim, eol byte
}

func (d delimitedLines) fault() string { return "" }

func (d delimitedLines) drop(b []byte, _ bool) (int, bool) { return dropLine(b, d.eol) }

// dropLine drops up to the next line end.
func dropLine(b []byte, eol byte) (int, bool) {
	if i := bytes.IndexByte(b, eol); i >= 0 {
		return i + 1, true
	}
	return len(b), false
}

// lineRecord makes a record of one line: b[:end], with the line end at b[end]
// unless that is the end of the bytes.
func lineRecord(b []byte, end int, eol byte, k kind) (record, int, cutState) {
	next := min(end+1, len(b))
	if eol == '\n' && end > 0 && b[end-1] == '\r' {
		end--
	}
	if end == 0 {
		return record{}, next, cutBlank
	}
	return record{end: int32(end), kind: k}, next, cutRecord
}

func (d delimitedLines) cut(b []byte, eof bool) (record, int, cutState) {
	end := bytes.IndexByte(b, d.eol)
	if end < 0 {
		if !eof {
			// A quoted field may still be judged lone, but not before its line ends.
			return record{}, 0, cutMore
		}
		end = len(b)
	}
	i := bytes.IndexByte(b[:end], '"')
	if i < 0 {
		return lineRecord(b, end, d.eol, recPlain)
	}
	k := recPlain
	for {
		if i == 0 || b[i-1] == d.delim {
			k = recQuoted
			to, found := d.closing(b, i, eof)
			switch found {
			case quoteMore:
				return record{}, 0, cutMore
			case quoteLone:
				return lineRecord(b, end, d.eol, recLone)
			}
			i = to
			if i > end {
				n := bytes.IndexByte(b[i:], d.eol)
				switch {
				case n >= 0:
					end = i + n
				case !eof:
					return record{}, 0, cutMore
				default:
					end = len(b)
				}
			}
		} else {
			i++
		}
		n := bytes.IndexByte(b[i:end], '"')
		if n < 0 {
			return lineRecord(b, end, d.eol, k)
		}
		i += n
	}
}

type quoteState uint8

const (
	quoteClosed quoteState = iota
	quoteMore
	quoteLone
)

// closing finds the end of the quoted field that opens at b[open] and returns
// the index behind its closing quote. A quote that neither ends the field nor
// is doubled is read as text (19" in "a 19" screen") if the field closes on
// the same line. Over several lines such a quote means that the first one was
// alone: otherwise it would swallow rows.
func (d delimitedLines) closing(b []byte, open int, eof bool) (int, quoteState) {
	i := open + 1
	limit := min(len(b), open+maxQuoted)
	stray := false
	for {
		n := bytes.IndexByte(b[i:limit], '"')
		seen := n
		if n < 0 {
			seen = limit - i
		}
		if stray && bytes.IndexByte(b[i:i+seen], d.eol) >= 0 {
			return 0, quoteLone
		}
		if n < 0 {
			if limit < len(b) || limit == open+maxQuoted || eof {
				return 0, quoteLone
			}
			return 0, quoteMore
		}
		i += n
		if i+1 == len(b) {
			if eof {
				return i + 1, quoteClosed
			}
			return 0, quoteMore
		}
		switch c := b[i+1]; {
		case c == '"':
			i += 2
			if i > limit {
				return 0, quoteLone
			}
			continue
		case c == d.delim, c == d.eol:
			return i + 1, quoteClosed
		case c == '\r' && d.eol == '\n':
			if i+2 == len(b) {
				if eof {
					return i + 1, quoteClosed
				}
				return 0, quoteMore
			}
			if b[i+2] == '\n' {
				return i + 1, quoteClosed
			}
		}
		if opens := b[i-1] == d.delim || b[i-1] == d.eol; opens && bytes.IndexByte(b[open:i], d.eol) >= 0 {
			return 0, quoteLone
		}
		stray = true
		i++
	}
}
