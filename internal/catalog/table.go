package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// sampleRows are looked at to learn what columns hold.
const sampleRows = 100

// table opens CSV, TSV and Shopify exports.
func (op *opening) table() error {
	eol := detectEOL(op.r.head)
	line := 1
	var delim byte
	// Excel writes the delimiter into a first line of its own.
	if head := op.r.head; len(head) > 5 && strings.EqualFold(string(head[:4]), "sep=") && (head[5] == '\r' || head[5] == '\n') {
		delim = head[4]
		n := bytes.IndexByte(head, eol) + 1
		op.r.discard(n)
		line++
	}
	switch {
	case delim != 0 && delim != '"' && delim != '\r' && delim != '\n' && delim < 0x80:
	case op.format == "tsv":
		delim = '\t'
	default:
		delim = detectDelim(op.r.head, eol)
	}
	cut := newCutter(op.name, op.r, delimitedLines{delim: delim, eol: eol}, eol)
	cut.line = line
	d := &delimited{file: op.name, delim: delim, sep: string(rune(delim)), latin: op.latin}
	b, err := cut.next()
	if err == io.EOF {
		return errEmpty
	}
	if err != nil {
		return err
	}
	if err := d.readHeader(b); err != nil {
		return err
	}
	cut.row = 1 + len(b.recs)
	cols := d.sample(b)
	format := op.format
	if format == "csv" && delim == '\t' && op.opts.Format == "" {
		format = "tsv"
	}
	c := op.cat
	if delim != ',' && format != "tsv" {
		c.note(fmt.Sprintf("delimiter %q", delim))
	}
	if eol == '\r' {
		c.note("lines end in CR")
	}
	if format == "shopify" || op.opts.Format == "" && isShopify(d.header) {
		if err := op.shopify(cut, d, cols); err != nil {
			return err
		}
	} else {
		p, err := makePlan(cols, op.opts.Map)
		if err != nil {
			return err
		}
		kept, err := findKept(cols, op.opts.Keep)
		if err != nil {
			return err
		}
		p.noteSpare()
		d.read(p, indexes(kept)...)
		d.keep(kept)
		d.strip = isMerchant(d.header)
		cut.decode = d.decode
		c.planned(format, p)
		c.src = cut
	}
	b.decode = cut.decode
	if len(b.recs) == 0 {
		b.release()
		b, err = cut.next()
	}
	if err == io.EOF {
		c.note("no rows under the header")
		return nil
	}
	if err != nil {
		return err
	}
	if d.finish != nil {
		b = inOrder(b)
	}
	c.pend = b
	return nil
}

// readHeader takes the header off the first batch.
func (d *delimited) readHeader(b *Batch) error {
	switch b.recs[0].kind {
	case recLong:
		return errors.New("the header is longer than 1 MiB; this is no table")
	case recLone:
		return errors.New("a quote in the header is never closed; close it")
	}
	raw := string(b.data[b.recs[0].start:b.recs[0].end])
	if strings.IndexByte(raw, 0) >= 0 {
		return errors.New("the header holds NUL bytes: no text file, or a damaged one")
	}
	d.raw = raw
	d.header = d.split(raw)
	for i := range d.header {
		d.header[i] = trim(d.header[i])
	}
	b.dropFirst()
	return nil
}

// split returns all fields of a line, in UTF-8.
func (d *delimited) split(line string) []string {
	var fields []string
	for more := true; more; {
		var v string
		v, line, more = d.field(line, true)
		v, _ = d.repair(v)
		fields = append(fields, v)
	}
	return fields
}

// sample collects the values of the first rows by column.
func (d *delimited) sample(b *Batch) []column {
	cols := make([]column, len(d.header))
	for i, name := range d.header {
		cols[i] = column{name: name, index: i}
	}
	for _, rec := range b.recs[:min(len(b.recs), sampleRows)] {
		if rec.kind != recPlain && rec.kind != recQuoted {
			continue
		}
		fields := d.split(string(b.data[rec.start:rec.end]))
		for i := range cols {
			v := ""
			if i < len(fields) {
				v = fields[i]
			}
			cols[i].values = append(cols[i].values, v)
		}
	}
	return cols
}

// read sets the columns to read: those of the plan, and more for finish.
func (d *delimited) read(p *plan, more ...int) {
	as := map[int]field{}
	for _, i := range more {
		if i >= 0 {
			as[i] = fieldCount
		}
	}
	for i := range p.cols {
		p.cols[i].values = nil
		as[p.cols[i].index] = p.cols[i].field
	}
	d.want = slices.Sorted(maps.Keys(as))
	for _, i := range d.want {
		d.fields = append(d.fields, as[i])
	}
}

// isMerchant reports whether a table has the columns of a merchant feed, whose
// descriptions are HTML.
func isMerchant(header []string) bool {
	n := 0
	for _, h := range header {
		h = strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(h, "_", " ")), "g:")
		if slices.Contains([]string{"google product category", "identifier exists", "image link", "availability", "item group id"}, h) {
			n++
		}
	}
	return n >= 2
}
