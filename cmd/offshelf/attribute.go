package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

type attributeCommand struct {
	catalogFlags
	Output string `short:"o" default:"csv" enum:"csv,json" help:"csv or json."`
}

func (attributeCommand) Help() string {
	return `Prints one line for each product with a brand or maker of the knowledge.

Example:

  offshelf attribute examples/hardware-store-2021.csv -o csv

  id,brand,maker,relation,probability,reasons
  1001,Lorex,,made,0.9999,"before any evidence -1.5; brand field ""Lorex"" +6.1; title names it at the head +4.2; …"`
}

// Run attributes the products of the catalogs.
func (c *attributeCommand) Run(s *session) error {
	snapshot, err := screen.Embedded()
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
	summary, err := c.screen(s, snapshot, policy, 0.5, run)
	if err != nil {
		return err
	}
	for _, p := range summary.Problems {
		fmt.Fprintf(s.stderr, "%s: row %d: %s: %s\n", p.File, p.Row, p.Kind, p.Text)
	}
	if summary.Failed+summary.Skipped > 0 {
		fmt.Fprintf(s.stderr, "%d rows read: %d attributed or without a brand of the knowledge, %d skipped, %d failed\n", summary.Read, summary.Screened, summary.Skipped, summary.Failed)
	}
	return out.end()
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

// inert keeps a spreadsheet from running a cell as a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
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
