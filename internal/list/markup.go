package list

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
)

// Table is a table of a web page. Cells hold their text, with a line break
// where the page has one.
type Table struct {
	Before string // the text that stands right over it
	Rows   [][]string
}

// The bounds of a page.
const (
	maxTables = 200
	maxCells  = 200_000
	maxBefore = 400
)

// ReadTables reads the tables of a web page, streaming. A table inside a cell
// is text of that cell.
func ReadTables(page []byte) ([]Table, error) {
	z := html.NewTokenizer(bytes.NewReader(page))
	z.SetMaxBuf(1 << 20)
	var (
		tables []Table
		table  *Table
		row    []string
		cell   strings.Builder
		open   bool // inside a cell
		depth  int  // of tables
		cells  int
		mute   int
		before string
	)
	shut := func() {
		if open {
			row = append(row, strings.Join(Lines(cell.String()), "\n"))
			cell.Reset()
			open = false
		}
	}
	end := func() {
		shut()
		if table != nil && len(row) > 0 {
			table.Rows = append(table.Rows, row)
		}
		row = nil
	}
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			if z.Err() != io.EOF {
				return nil, fmt.Errorf("the page cannot be read: %w", z.Err())
			}
			end()
			if table != nil {
				tables = append(tables, *table)
			}
			return tables, nil
		case html.TextToken:
			switch {
			case mute > 0:
			case open:
				if cell.Len() < MaxField {
					cell.Write(z.Text())
				}
			case table == nil:
				if text := Squeeze(string(z.Text())); text != "" {
					before = strings.TrimSpace(before + " " + text)
					if len(before) > maxBefore {
						before = before[len(before)-maxBefore:]
					}
				}
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			tag, _ := z.TagName()
			switch string(tag) {
			case "script", "style", "noscript":
				if kind == html.StartTagToken {
					mute++
				}
			case "table":
				if depth++; depth == 1 {
					if len(tables) >= maxTables {
						return nil, fmt.Errorf("over %d tables in a page", maxTables)
					}
					table = &Table{Before: strings.ToValidUTF8(before, "")}
					before = ""
				}
			case "tr":
				if depth == 1 {
					end()
				}
			case "td", "th":
				if depth == 1 {
					shut()
					if cells++; cells > maxCells {
						return nil, fmt.Errorf("over %d cells in a page", maxCells)
					}
					open = true
				}
			case "br", "p", "div", "li":
				if open {
					cell.WriteByte('\n')
				}
			}
		case html.EndTagToken:
			tag, _ := z.TagName()
			switch string(tag) {
			case "script", "style", "noscript":
				mute = max(mute-1, 0)
			case "table":
				if depth == 1 {
					end()
					tables = append(tables, *table)
					table = nil
				}
				depth = max(depth-1, 0)
			case "tr":
				if depth == 1 {
					end()
				}
			case "td", "th":
				if depth == 1 {
					shut()
				}
			case "p", "div", "li":
				if open {
					cell.WriteByte('\n')
				}
			}
		}
	}
}

// ReadPage reads the tables of a list that is a web page. One without its end
// is cut off.
func (b *Builder) ReadPage(page []byte) ([]Table, error) {
	if !endsPage(page) {
		b.CutOff()
	}
	return ReadTables(page)
}

// endsPage reports whether a web page has its end.
func endsPage(page []byte) bool {
	return bytes.Contains(bytes.ToLower(page[max(0, len(page)-16<<10):]), []byte("</html>"))
}

// Lines squeezes the lines of a text and drops the empty ones.
func Lines(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = Squeeze(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
