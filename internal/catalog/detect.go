package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

var formats = []string{"csv", "tsv", "xlsx", "json", "ndjson", "shopify", "merchant-xml"}

// detectFormat recognises everything but tables, which it calls csv: those
// need a look at their header.
func detectFormat(head []byte) (string, error) {
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "xlsx", nil
	case bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return "", errors.New("an old Excel file, or one with a password; save it as XLSX without password, or as CSV")
	case bytes.HasPrefix(head, []byte("PAR1")):
		return "", errors.New("a Parquet file, which is not read; export it as CSV or NDJSON")
	case bytes.HasPrefix(head, []byte("%PDF")):
		return "", errors.New("a PDF is no catalog; export it as CSV")
	}
	text := bytes.TrimLeft(head, " \t\r\n")
	if len(text) == 0 {
		return "csv", nil
	}
	switch text[0] {
	case '<':
		if start := strings.ToLower(string(text[:min(len(text), 64)])); strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html") {
			return "", errors.New("a web page is no catalog; was it downloaded without logging in?")
		}
		return "merchant-xml", nil
	case '[':
		// A header may start with a bracket too; an array goes on with a value.
		if rest := bytes.TrimLeft(text[1:], " \t\r\n"); len(rest) == 0 || bytes.IndexByte([]byte(`{]"[-0123456789tfn`), rest[0]) >= 0 {
			return "json", nil
		}
	case '{':
		if rest := bytes.TrimLeft(text[1:], " \t\r\n"); len(rest) == 0 || rest[0] == '"' || rest[0] == '}' {
			if isLines(text) {
				return "ndjson", nil
			}
			return "json", nil
		}
	}
	return "csv", nil
}

func checkFormat(f string) error {
	if f == "" || slices.Contains(formats, f) {
		return nil
	}
	return fmt.Errorf("there is no format %q; the formats are %s", f, strings.Join(formats, ", "))
}

// detectEOL returns the byte that ends lines: a lone CR only where no LF is.
func detectEOL(head []byte) byte {
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		return '\r'
	}
	return '\n'
}

// detectDelim chooses the delimiter that cuts the first lines most evenly.
// What stands between quotes does not count.
func detectDelim(head []byte, eol byte) byte {
	const lines = 20
	best, bestScore := byte(','), -1
	for _, delim := range []byte{',', ';', '\t', '|'} {
		cutting := delimitedLines{delim: delim, eol: eol}
		d := delimited{delim: delim, sep: string(delim)}
		var counts []int
		rest := head
		for len(counts) < lines {
			rec, n, state := cutting.cut(rest, len(head) < headSize)
			if state == cutMore || n == 0 {
				break
			}
			if state == cutRecord {
				counts = append(counts, d.quoted(string(rest[rec.start:rec.end]), nil))
			}
			rest = rest[n:]
		}
		if len(counts) == 0 || counts[0] < 2 {
			continue
		}
		// A header of many fields that most rows agree with is the best sign.
		same := 0
		for _, n := range counts {
			if n == counts[0] {
				same++
			}
		}
		score := 1000*same/len(counts) + min(counts[0], 100)
		if score > bestScore {
			best, bestScore = delim, score
		}
	}
	return best
}
