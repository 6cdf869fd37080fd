package catalog

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/offshelf/offshelf"
)

// What problems say: what is wrong, and what to do.
const (
	textNothing = "row has no title, brand, id or other identifying field"
	textLong    = "row longer than 1 MiB; split it or take out what is no product data"
	textNUL     = "row holds NUL bytes; the file is damaged or no text: export it again"
	textLatin   = "invalid UTF-8 is read as Windows-1252; save the file as UTF-8"
	textLone    = "a quote opens this field and does not close within 64 KiB; close it, or double each quote that belongs to the text"
)

// delimited decodes the batches of CSV and TSV.
type delimited struct {
	file   string
	delim  byte
	sep    string // delim, for counting
	latin  bool   // the file is Windows-1252
	header []string
	raw    string  // the header as it stands in the file
	want   []int   // the indexes of the columns to read, ascending
	fields []field // and what they are read as, or fieldCount
	strip  bool    // take tags out of descriptions
	kept   []int   // the places in want of the columns to keep

	// finish has the last word on a product, where rows depend on each other.
	// It is told why the row would be skipped, and says why it is.
	finish func(p *offshelf.Product, out []string, skip string) string
}

func (d *delimited) decode(b *Batch, dst []offshelf.Product) ([]offshelf.Product, []offshelf.Problem) {
	s := string(b.data)
	nul := strings.IndexByte(s, 0) >= 0
	foreign := d.latin || !utf8.ValidString(s)
	out := make([]string, len(d.want))
	var problems []offshelf.Problem
	for k := range b.recs {
		rec := &b.recs[k]
		line := s[rec.start:rec.end]
		row := b.row + k
		problem := func(kind, column, text string) {
			problems = append(problems, offshelf.Problem{File: d.file, Row: row, Line: b.lineAt(s, rec.start), Column: column, Kind: kind, Text: text})
		}
		if line == d.raw && rec.kind != recLong {
			problem("skipped", "", "the header stands here again")
			continue
		}
		n := 0
		switch rec.kind {
		case recPlain:
			n = d.plain(line, out)
		case recQuoted:
			n = d.quoted(line, out)
		case recLong:
			problem("failed", "", textLong)
			continue
		default:
			column, off := d.lone(line)
			problems = append(problems, offshelf.Problem{File: d.file, Row: row, Line: b.lineAt(s, rec.start+int32(off)), Column: column, Kind: "failed",
				Text: textLone})
			continue
		}
		if nul && strings.IndexByte(line, 0) >= 0 {
			problem("failed", "", textNUL)
			continue
		}
		if n != len(d.header) {
			if text := d.uneven(line, n); text != "" {
				problem("warning", "", text)
			}
		}
		if foreign {
			for i, v := range out {
				fixed, repaired := d.repair(v)
				out[i] = fixed
				if repaired {
					problem("warning", d.header[d.want[i]], textLatin)
				}
			}
		}
		dst = append(dst, offshelf.Product{File: d.file, Row: row})
		skip := ""
		if !d.set(&dst[len(dst)-1], out, func(column, text string) { problem("warning", column, text) }) {
			skip = textNothing
		}
		if d.finish != nil {
			skip = d.finish(&dst[len(dst)-1], out, skip)
		}
		if skip != "" {
			dst = dst[:len(dst)-1]
			problem("skipped", "", skip)
		} else if len(d.kept) > 0 {
			b.kept = d.appendKept(b.kept, out, func(column, text string) { problem("warning", column, text) })
		}
	}
	return dst, problems
}

// set fills p and reports whether anything in it identifies a product. It
// complains of values that cannot be read, which leave their field empty.
func (d *delimited) set(p *offshelf.Product, out []string, complain func(column, text string)) bool {
	seen, path := 0, ""
	for i, v := range out {
		v = trim(v)
		if v == "" {
			continue
		}
		f := d.fields[i]
		switch f {
		case fieldCount:
			continue // read for finish only
		case fieldDescription:
			if d.strip {
				v = stripTags(v)
			}
			if p.Description != "" {
				v = p.Description + "\n" + v
			}
		case fieldGTIN:
			v = cleanCode(v)
		case fieldCategory:
			v = joinPath(v)
		case fieldFCCGranted, fieldApproval, fieldCategoryCode:
			column, complaint := d.header[d.want[i]], ""
			if f == fieldCategoryCode {
				path = pathOf(v)
			}
			if v, complaint = readFact(f, column, v); complaint != "" {
				complain(column, complaint)
			}
		}
		*f.of(p) = v
		if v != "" {
			seen |= 1 << f
		}
	}
	if p.Category == "" {
		p.Category = path
	}
	return seen&identifying != 0
}

// plain slices the wanted fields out of a line without quoted fields and
// returns how many fields there are.
func (d *delimited) plain(line string, out []string) int {
	col := 0
	for i, want := range d.want {
		for col < want {
			j := strings.IndexByte(line, d.delim)
			if j < 0 {
				clear(out[i:])
				return col + 1
			}
			line = line[j+1:]
			col++
		}
		j := strings.IndexByte(line, d.delim)
		if j < 0 {
			out[i] = line
			clear(out[i+1:])
			return col + 1
		}
		out[i] = line[:j]
		line = line[j+1:]
		col++
	}
	return col + 1 + strings.Count(line, d.sep)
}

// quoted is plain for lines with quoted fields.
func (d *delimited) quoted(line string, out []string) int {
	i, col := 0, 0
	for {
		wanted := i < len(d.want) && d.want[i] == col
		var v, rest string
		more := false
		if line == "" || line[0] != '"' {
			if j := strings.IndexByte(line, d.delim); j >= 0 {
				v, rest, more = line[:j], line[j+1:], true
			} else {
				v = line
			}
		} else {
			v, rest, more = d.field(line, wanted)
		}
		if wanted {
			out[i] = v
			i++
		}
		col++
		if !more {
			clear(out[i:])
			return col
		}
		line = rest
	}
}

// field takes the first field off line. It unescapes the value if wanted.
func (d *delimited) field(line string, wanted bool) (v, rest string, more bool) {
	if line == "" || line[0] != '"' {
		j := strings.IndexByte(line, d.delim)
		if j < 0 {
			return line, "", false
		}
		return line[:j], line[j+1:], true
	}
	i, escaped := 1, false
	for {
		j := strings.IndexByte(line[i:], '"')
		if j < 0 {
			return line[1:], "", false
		}
		i += j + 1
		if i < len(line) && line[i] == '"' {
			escaped = true
			i++
			continue
		}
		if i == len(line) || line[i] == d.delim {
			break
		}
	}
	if wanted {
		v = line[1 : i-1]
		if escaped {
			v = undouble(v)
		}
	}
	if i == len(line) {
		return v, "", false
	}
	return v, line[i+1:], true
}

// undouble makes one quote of each two. strings.ReplaceAll would count them
// first.
func undouble(v string) string {
	var b strings.Builder
	b.Grow(len(v))
	for {
		i := strings.IndexByte(v, '"')
		if i < 0 {
			b.WriteString(v)
			return b.String()
		}
		b.WriteString(v[:i+1])
		if v = v[i+1:]; v != "" && v[0] == '"' {
			v = v[1:]
		}
	}
}

// lone finds the column whose opening quote is never closed, and where it is.
func (d *delimited) lone(line string) (string, int) {
	rest := line
	for col := 0; ; col++ {
		at := len(line) - len(rest)
		_, next, more := d.field(rest, false)
		if !more || len(line)-len(next)-at > maxQuoted {
			if col < len(d.header) {
				return d.header[col], at
			}
			return "", at
		}
		rest = next
	}
}

// uneven says what is wrong with a row of n fields, if anything is.
func (d *delimited) uneven(line string, n int) string {
	width := len(d.header)
	if n < width {
		return fmt.Sprintf("row has %d fields, the header %d; the missing ones are read as empty: complete the row", n, width)
	}
	rest := line
	for col := 0; ; col++ {
		v, next, more := d.field(rest, true)
		if col >= width && trim(v) != "" {
			return fmt.Sprintf("row has %d fields, the header %d; those past it are not read: quote the field that holds a %q", n, width, d.delim)
		}
		if !more {
			return ""
		}
		rest = next
	}
}

// repair brings a value to UTF-8. It reports whether that is news: in a file
// that is Windows-1252 throughout it is not.
func (d *delimited) repair(v string) (string, bool) {
	if d.latin {
		return fromLatin(v), false
	}
	if utf8.ValidString(v) {
		return v, false
	}
	return string(repairLatin([]byte(v))), true
}
