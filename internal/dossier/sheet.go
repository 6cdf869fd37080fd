package dossier

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/xuri/excelize/v2"

	"github.com/offshelf/offshelf/internal/report"
)

// sheet is a table that is written row by row. A cell is a string, or an int64
// that one may add up.
type sheet interface {
	row(cells []any) error
	// close completes the sheet; it does not close the writer.
	close() error
	// drop gives up what the sheet holds outside of memory.
	drop()
}

// newSheet writes the header of a table in the form CSV or XLSX. A sheet must be
// dropped in the end.
func newSheet(form string, w io.Writer, name string, columns []string) (sheet, error) {
	if form == XLSX {
		return newXLSX(w, name, columns)
	}
	b := bufio.NewWriterSize(w, 64<<10)
	s := &csvSheet{b: b, w: csv.NewWriter(b)}
	return s, s.row(header(columns))
}

func header(columns []string) []any {
	cells := make([]any, len(columns))
	for i, c := range columns {
		cells[i] = c
	}
	return cells
}

type csvSheet struct {
	b     *bufio.Writer
	w     *csv.Writer
	cells []string
}

func (s *csvSheet) row(cells []any) error {
	s.cells = s.cells[:0]
	for _, c := range cells {
		switch c := c.(type) {
		case int64:
			s.cells = append(s.cells, strconv.FormatInt(c, 10))
		case string:
			s.cells = append(s.cells, report.Cell(c))
		default:
			return fmt.Errorf("a %T is no cell", c)
		}
	}
	return s.w.Write(s.cells)
}

func (s *csvSheet) close() error {
	s.w.Flush()
	if err := s.w.Error(); err != nil {
		return err
	}
	return s.b.Flush()
}

func (s *csvSheet) drop() {}

// Bounds of a worksheet.
const (
	sheetRows = 1_048_576
	cellUnits = 32_767 // UTF-16 code units
)

// xlsxSheet writes a workbook. What does not fit a worksheet goes on the next.
// Text is written as text and its cells are of the format text, so a leading =
// is never a formula, also not after someone has edited the cell: it needs no
// apostrophe, and ids stay as they are.
type xlsxSheet struct {
	out     io.Writer
	file    *excelize.File
	stream  *excelize.StreamWriter
	name    string
	columns []string
	text    int // style
	sheets  int
	rows    int // of this worksheet
	cells   []any
}

func newXLSX(w io.Writer, name string, columns []string) (sheet, error) {
	s := &xlsxSheet{out: w, file: excelize.NewFile(), name: name, columns: columns}
	var err error
	if s.text, err = s.file.NewStyle(&excelize.Style{NumFmt: 49}); err == nil {
		err = s.next()
	}
	if err != nil {
		s.drop()
		return nil, err
	}
	return s, nil
}

// next begins a worksheet.
func (s *xlsxSheet) next() error {
	if s.stream != nil {
		if err := s.stream.Flush(); err != nil {
			return err
		}
	}
	s.sheets++
	name := s.name
	if s.sheets == 1 {
		if err := s.file.SetSheetName(s.file.GetSheetName(0), name); err != nil {
			return err
		}
	} else {
		name += " " + strconv.Itoa(s.sheets)
		if _, err := s.file.NewSheet(name); err != nil {
			return err
		}
	}
	var err error
	if s.stream, err = s.file.NewStreamWriter(name); err != nil {
		return err
	}
	if err := s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	s.rows = 0
	return s.write(header(s.columns))
}

func (s *xlsxSheet) row(cells []any) error {
	if s.rows == sheetRows {
		if err := s.next(); err != nil {
			return err
		}
	}
	return s.write(cells)
}

func (s *xlsxSheet) write(cells []any) error {
	s.cells = s.cells[:0]
	for _, c := range cells {
		switch c := c.(type) {
		case int64:
			s.cells = append(s.cells, c)
		case string:
			s.cells = append(s.cells, excelize.Cell{StyleID: s.text, Value: fitting(report.Clean(c))})
		default:
			return fmt.Errorf("a %T is no cell", c)
		}
	}
	s.rows++
	at, err := excelize.CoordinatesToCellName(1, s.rows)
	if err != nil {
		return err
	}
	return s.stream.SetRow(at, s.cells)
}

// fitting cuts what a cell does not hold, and says so.
func fitting(s string) string {
	if len(s) <= cellUnits {
		return s
	}
	const mark = " … (cut: the CSV has all of it)"
	units := 0
	for i, r := range s {
		n := utf16.RuneLen(r)
		if units+n > cellUnits-utf8.RuneCountInString(mark) {
			// Only where the whole does not fit.
			rest := units
			for _, r := range s[i:] {
				rest += utf16.RuneLen(r)
			}
			if rest <= cellUnits {
				return s
			}
			return s[:i] + mark
		}
		units += n
	}
	return s
}

func (s *xlsxSheet) close() error {
	if err := s.stream.Flush(); err != nil {
		return err
	}
	return s.file.Write(s.out)
}

func (s *xlsxSheet) drop() { s.file.Close() }

// jsonRows writes {"format": …, then one member with an array, one row a line,
// and what close adds.
type jsonRows struct {
	b     *bufio.Writer
	comma bool
}

func newJSONRows(w io.Writer, format, member string, columns []string) (*jsonRows, error) {
	j := &jsonRows{b: bufio.NewWriterSize(w, 64<<10)}
	head := struct {
		Format  string   `json:"format"`
		Columns []string `json:"columns,omitempty"`
	}{format, columns}
	text, err := json.Marshal(head, wire)
	if err != nil {
		return nil, err
	}
	name, err := jsontext.AppendQuote(nil, member)
	if err != nil {
		return nil, err
	}
	j.b.Write(text[:len(text)-1])
	j.b.WriteByte(',')
	j.b.Write(name)
	_, err = j.b.WriteString(":[")
	return j, err
}

func (j *jsonRows) row(v any) error {
	text, err := json.Marshal(v, wire)
	if err != nil {
		return err
	}
	if j.comma {
		j.b.WriteByte(',')
	}
	j.comma = true
	j.b.WriteByte('\n')
	_, err = j.b.Write(text)
	return err
}

// close ends the array and adds a member that counts.
func (j *jsonRows) close(counts any) error {
	text, err := json.Marshal(counts, wire)
	if err != nil {
		return err
	}
	j.b.WriteString("\n],\"counts\":")
	j.b.Write(text)
	j.b.WriteString("}\n")
	return j.b.Flush()
}
