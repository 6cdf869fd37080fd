// Package catalog reads product catalogs: CSV, TSV, XLSX, JSON, NDJSON,
// Shopify exports and Google Merchant feeds, compressed or not, in the
// encodings that shops use. What it reads is not trusted. A broken row is a
// problem and reading goes on; only broken XML and a broken JSON array end the
// file, and a failed row says so. Memory does not grow with the file, XLSX
// excepted.
package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"

	"github.com/offshelf/offshelf"
)

// Options say how to read a catalog where recognising it is not enough.
type Options struct {
	Map    map[string]string // field to column, for example "brand": "Marke"
	Format string            // "" recognises; csv, tsv, xlsx, json, ndjson, shopify, merchant-xml

	// Keep names columns whose cells Batch.DecodeKept hands on, at most 64: as
	// the header has them, keys of JSON objects with dots where they are nested,
	// elements of a feed. Where none is of that name, the only one serves that
	// differs in case or blanks around it. A column that is not there is an
	// error; for JSON and feeds, one that none of the first 100 products has.
	// A row of a Shopify export keeps its own cells, not those of its handle's
	// first row. Cells of a worksheet are kept as it stores them, so that a date
	// may be a count of days.
	Keep []string
}

// Catalog is an open catalog. It is read by one goroutine.
type Catalog struct {
	use   offshelf.CatalogUse
	src   source
	pend  *Batch // read to learn the columns
	name  string
	close []func()
}

var errEmpty = errors.New("the file is empty")

// source yields batches that hold at least one row.
type source interface {
	next() (*Batch, error)
}

// opening is what the readers are told about the file.
type opening struct {
	name   string // for products and problems
	opts   Options
	format string
	r      *headed // in UTF-8 unless latin
	latin  bool
	cat    *Catalog
}

// Open recognises compression, encoding, format, delimiter and columns from
// the first bytes of r. The name is used in messages; "-" is standard input.
func Open(name string, r io.Reader, o Options) (*Catalog, error) {
	shown := name
	if name == "-" {
		shown = "standard input"
	}
	c := &Catalog{name: shown, use: offshelf.CatalogUse{File: name}}
	if err := c.open(name, r, o); err != nil {
		c.Close()
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	return c, nil
}

func (c *Catalog) open(name string, r io.Reader, o Options) error {
	if err := checkFormat(o.Format); err != nil {
		return err
	}
	in, err := unpack(r)
	if err != nil {
		return err
	}
	c.close = append(c.close, in.close)
	if in.note != "" {
		c.note(in.note)
	}
	text := readHead(in.r)
	if err := text.broken(); err != nil {
		return err
	}
	if len(text.head) == 0 {
		return errEmpty
	}
	op := &opening{name: name, opts: o, cat: c, format: o.Format}
	if op.format == "" || op.format == "xlsx" {
		format, err := detectFormat(text.head)
		if err != nil {
			return err
		}
		if op.format == "xlsx" && format != "xlsx" {
			return errors.New("not an XLSX file; leave the format out to have it recognised")
		}
		op.format = format
	}
	if op.format == "xlsx" {
		op.r = text
		return c.start(op)
	}
	cs := detectCharset(text.head)
	if cs.name != "" {
		c.note("encoding " + cs.name)
	}
	text.discard(cs.bom)
	switch {
	case cs.wide != nil:
		text = readHead(transform.NewReader(text, cs.wide.NewDecoder()))
	case cs.latin && strings.Contains(op.format, "json"):
		text = readHead(transform.NewReader(text, charmap.Windows1252.NewDecoder()))
	case cs.latin:
		op.latin = true
	}
	if err := text.broken(); err != nil {
		return err
	}
	// A byte order mark or UTF-16 hides the format at first.
	if o.Format == "" {
		if op.format, err = detectFormat(text.head); err != nil {
			return err
		}
	}
	if len(bytes.TrimSpace(text.head)) == 0 && len(text.head) < headSize {
		return errEmpty
	}
	op.r = text
	return c.start(op)
}

// start hands the file to the reader of its format.
func (c *Catalog) start(op *opening) error {
	var err error
	switch op.format {
	case "xlsx":
		err = op.xlsx()
	case "json", "ndjson":
		err = op.json()
	case "merchant-xml":
		err = op.xml()
	default:
		err = op.table()
	}
	return err
}

// planned records what was recognised.
func (c *Catalog) planned(format string, p *plan) {
	c.use.Format, c.use.Columns = format, p.use()
	c.use.Notes = append(c.use.Notes, p.notes...)
}

func (c *Catalog) note(text string) { c.use.Notes = append(c.use.Notes, text) }

// Use says how the catalog is read: its format, the columns in file order, and
// notes on what may surprise.
func (c *Catalog) Use() offshelf.CatalogUse { return c.use }

// Next returns the next batch, or io.EOF. It is called from one goroutine. A
// broken row is a problem of its batch; an error is one of reading the file.
func (c *Catalog) Next() (*Batch, error) {
	if b := c.pend; b != nil {
		c.pend = nil
		return b, nil
	}
	b, err := c.src.next()
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%s: %w", c.name, err)
	}
	return b, err
}

// Close frees what reading the catalog holds. It does not close the reader
// that Open was given.
func (c *Catalog) Close() error {
	for _, f := range c.close {
		f()
	}
	c.close = nil
	return nil
}
