package catalog

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/offshelf/offshelf"
)

const (
	maxWorkbook = 512 << 20 // bytes of an XLSX file
	maxUnzipped = 512 << 20 // and of what is in it
	maxRatio    = 200       // between the two, for a workbook that is not small
	smallBook   = 64 << 20
	sheetBatch  = 1000 // rows
)

// sheet reads the rows of a worksheet.
type sheet struct {
	rows *excelize.Rows
	d    *delimited
	held [][]string // read to learn the columns
	line int        // of the last row, as Excel counts
	at   []int      // the lines of held
	row  int
	done bool
}

func (op *opening) xlsx() (err error) {
	defer recovered(&err)
	c := op.cat
	c.use.Format = "xlsx"
	c.note("XLSX is read into memory")
	var buf bytes.Buffer
	n, err := buf.ReadFrom(io.LimitReader(op.r, maxWorkbook+1))
	if err != nil {
		return err
	}
	if n > maxWorkbook {
		return errors.New("the workbook is larger than 512 MiB; export it as CSV")
	}
	if err := checkRatio(buf.Bytes()); err != nil {
		return err
	}
	f, err := excelize.OpenReader(&buf, excelize.Options{UnzipSizeLimit: maxUnzipped, RawCellValue: true})
	if err != nil {
		return fmt.Errorf("broken XLSX: %w", err)
	}
	c.close = append(c.close, func() { f.Close() })
	for _, name := range f.GetSheetList() {
		rows, err := f.Rows(name)
		if err != nil {
			continue // a chart has no rows
		}
		c.close = append(c.close, func() { rows.Close() })
		s := &sheet{rows: rows, row: 1, d: &delimited{file: op.name}}
		header, _, err := s.read()
		if err == io.EOF {
			continue
		}
		if err != nil {
			return err
		}
		if n := len(f.GetSheetList()); n > 1 {
			c.note(fmt.Sprintf("sheet %q is read, the first of %d with rows", name, n))
		}
		return op.sheet(s, header)
	}
	return errors.New("the workbook has no rows")
}

// checkRatio refuses a workbook that unpacks to far more than it is, before
// anything of it is unpacked.
func checkRatio(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return fmt.Errorf("broken XLSX: %w", err)
	}
	var total uint64
	for _, part := range z.File {
		total += part.UncompressedSize64
	}
	if total > maxUnzipped || total > smallBook && total/maxRatio > uint64(len(data)) {
		return fmt.Errorf("the workbook of %d bytes unpacks to %d: too much to be one; export it as CSV", len(data), total)
	}
	return nil
}

// sheet learns the columns of a worksheet.
func (op *opening) sheet(s *sheet, header []string) error {
	s.d.header = header
	cols := make([]column, len(header))
	for i := range header {
		header[i] = trim(header[i])
		cols[i] = column{name: header[i], index: i}
	}
	for len(s.held) < sampleRows {
		cells, line, err := s.read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		s.held, s.at = append(s.held, cells), append(s.at, line)
		for i := range cols {
			v := ""
			if i < len(cells) {
				v = cells[i]
			}
			cols[i].values = append(cols[i].values, v)
		}
	}
	p, err := makePlan(cols, op.opts.Map)
	if err != nil {
		return err
	}
	kept, err := findKept(cols, op.opts.Keep)
	if err != nil {
		return err
	}
	p.noteSpare()
	s.d.read(p, indexes(kept)...)
	s.d.keep(kept)
	op.cat.planned("xlsx", p)
	op.cat.src = s
	if len(s.held) == 0 {
		op.cat.note("no rows under the header")
	}
	return nil
}

// read returns the next row that is not blank, and its line.
func (s *sheet) read() (cells []string, line int, err error) {
	defer recovered(&err)
	for !s.done && s.rows.Next() {
		s.line++
		cells, err := s.rows.Columns()
		if err != nil {
			return nil, s.line, fmt.Errorf("broken XLSX: row %d: %w", s.line, err)
		}
		for _, v := range cells {
			if trim(v) != "" {
				return cells, s.line, nil
			}
		}
	}
	s.done = true
	if err := s.rows.Error(); err != nil {
		return nil, s.line, fmt.Errorf("broken XLSX: %w", err)
	}
	return nil, s.line, io.EOF
}

func (s *sheet) next() (*Batch, error) {
	b := &Batch{file: s.d.file, row: s.row}
	for b.rows < sheetBatch {
		var cells []string
		var line int
		if len(s.held) > 0 {
			cells, line = s.held[0], s.at[0]
			s.held, s.at = s.held[1:], s.at[1:]
		} else {
			var err error
			if cells, line, err = s.read(); err != nil {
				if b.rows > 0 && err == io.EOF {
					return b, nil
				}
				return nil, err
			}
		}
		s.add(b, cells, line)
	}
	return b, nil
}

// add makes a product or a problem of a row. A row may end early: a sheet does
// not keep empty cells.
func (s *sheet) add(b *Batch, cells []string, line int) {
	about := func(kind, column, text string) {
		b.problems = append(b.problems, offshelf.Problem{File: s.d.file, Row: s.row, Line: line, Column: column, Kind: kind, Text: text})
	}
	problem := func(kind, text string) { about(kind, "", text) }
	defer func() { s.row++ }()
	b.rows++
	out := make([]string, len(s.d.want))
	for i, want := range s.d.want {
		if want >= len(cells) {
			break
		}
		out[i] = cells[want]
		if f := s.d.fields[i]; f == fieldGTIN || f == fieldID || f == fieldMPN || f == fieldCount {
			out[i] = wholeNumber(out[i])
		} else if f == fieldFCCGranted {
			out[i] = sheetDate(out[i])
		}
		if strings.IndexByte(out[i], 0) >= 0 {
			problem("failed", textNUL)
			return
		}
	}
	for i := len(s.d.header); i < len(cells); i++ {
		if trim(cells[i]) != "" {
			problem("warning", fmt.Sprintf("row has %d cells, the header %d; those past it are not read: give them a name in the header", len(cells), len(s.d.header)))
			break
		}
	}
	p := offshelf.Product{File: s.d.file, Row: s.row}
	if !s.d.set(&p, out, func(column, text string) { about("warning", column, text) }) {
		problem("skipped", textNothing)
		return
	}
	b.products = append(b.products, p)
	if len(s.d.kept) > 0 {
		b.kept = s.d.appendKept(b.kept, out, func(column, text string) { about("warning", column, text) })
	}
}

// wholeNumber writes a number that a sheet keeps as 8.720602828605E12 in full.
// Short forms are left alone: an article may well be named 1E5.
func wholeNumber(v string) string {
	if len(v) < 8 || !strings.Contains(v, ".") || !strings.Contains(v, "E") {
		return v
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || f < 0 || f >= 1<<53 || f != float64(int64(f)) {
		return v
	}
	return strconv.FormatInt(int64(f), 10)
}

// recovered turns a panic of the XLSX library, which parses what is not
// trusted, into an error.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("broken XLSX: %v", r)
	}
}
