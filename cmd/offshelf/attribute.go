package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

type attributeCommand struct {
	catalogFlags
	overlayFlags
	Output string `short:"o" default:"csv" enum:"csv,json" help:"csv or json."`
}

func (attributeCommand) Help() string {
	return `Prints one line for each product with a brand or maker of the knowledge.

Example:

  offshelf attribute examples/hardware-store-2021.csv -o csv

A reason ends in its weight: evidence for the brand adds, evidence against it subtracts.`
}

// Run attributes the products of the catalogs.
func (c *attributeCommand) Run(s *session) error {
	snapshot, err := c.snapshot(s)
	if err != nil {
		return err
	}
	var out attributionWriter = &attributionCSV{w: csv.NewWriter(s.stdout), s: snapshot}
	if c.Output == "json" {
		out = &attributionJSON{w: s.stdout}
	}
	if err := out.begin(); err != nil {
		return err
	}
	policy, _ := snapshot.Policy("default")
	run := screen.Run{Tool: toolVersion(), Emit: func(m *offshelf.Message) error {
		if m.Product == nil || len(m.Product.Attributions) == 0 {
			return nil
		}
		return out.write(m.Product)
	}}
	summary, broken := c.screen(s, snapshot, &loadedPolicy{Policy: policy}, asOf{}, 0.5, run)
	if summary == nil {
		return broken
	}
	for _, p := range summary.Problems {
		fmt.Fprintln(s.stderr, problemLine(p))
	}
	if summary.Failed+summary.Skipped > 0 {
		fmt.Fprintf(s.stderr, "%d rows read: %d screened, %d skipped, %d failed\n", summary.Read, summary.Screened, summary.Skipped, summary.Failed)
	}
	if err := out.end(); err != nil {
		return err
	}
	return broken
}

// problemLine says where a problem is and what to do.
func problemLine(p offshelf.Problem) string {
	var where []string
	if p.File != "" {
		where = append(where, p.File)
	}
	if p.Row > 0 {
		where = append(where, fmt.Sprintf("row %d", p.Row))
	}
	if p.Line > 0 {
		where = append(where, fmt.Sprintf("line %d", p.Line))
	}
	if p.Column != "" {
		where = append(where, "column "+shown(p.Column))
	}
	return strings.TrimPrefix(fmt.Sprintf("%s: %s: %s", strings.Join(where, ", "), p.Kind, p.Text), ": ")
}

type attributionWriter interface {
	begin() error
	write(*offshelf.ScreenedProduct) error
	end() error
}

type attributionCSV struct {
	w *csv.Writer
	s *screen.Snapshot
}

func (a *attributionCSV) begin() error {
	return a.w.Write([]string{"id", "brand", "maker", "relation", "probability", "reasons"})
}

func (a *attributionCSV) write(p *offshelf.ScreenedProduct) error {
	x := p.Attributions[0]
	var why []string
	for _, r := range x.Reasons {
		why = append(why, fmt.Sprintf("%s %+.1f", r.Text, r.Weight))
	}
	maker := x.Maker
	for _, y := range p.Attributions[1:] {
		if maker == "" && y.Relation == offshelf.RelationMade {
			maker = y.Maker
		}
	}
	return a.w.Write([]string{inert(p.Product.ID), a.s.BrandName(x.Brand), a.s.PartyName(maker), string(x.Relation),
		strconv.FormatFloat(x.Probability, 'f', 4, 64), inert(strings.Join(why, "; "))})
}

func (a *attributionCSV) end() error {
	a.w.Flush()
	return a.w.Error()
}

// inert keeps a spreadsheet from running a cell as a formula, and a terminal
// from obeying it.
func inert(s string) string {
	s = shown(s)
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \"'")); strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + s
	}
	return s
}

// shown is text from a catalog on one line, without control characters and
// without what changes the order in which a reader sees it.
func shown(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
}

type attributionJSON struct{ w io.Writer }

func (a *attributionJSON) begin() error { return nil }

func (a *attributionJSON) write(p *offshelf.ScreenedProduct) error {
	line := struct {
		ID           string                 `json:"id"`
		Row          int                    `json:"row"`
		File         string                 `json:"file,omitempty"`
		Attributions []offshelf.Attribution `json:"attributions"`
	}{p.Product.ID, p.Product.Row, p.Product.File, p.Attributions}
	if err := json.MarshalWrite(a.w, line, jsontext.AllowInvalidUTF8(true)); err != nil {
		return err
	}
	_, err := io.WriteString(a.w, "\n")
	return err
}

func (a *attributionJSON) end() error { return nil }
