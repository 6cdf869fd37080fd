package report

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf"
)

var csvHeader = []string{
	"product_id", "title", "brand_column", "vendor", "model", "gtin", "origin", "fcc_granted", "approval", "brand", "maker", "goods", "probability",
	"regime", "regime_title", "verdict", "basis", "action", "forbids", "since", "until", "days",
	"listed_name", "listing", "chain", "open_question", "needs", "spared", "sources", "reasons",
	"file", "row", "fingerprint", "knowledge", "snapshot",
}

// shelfHeader stands behind csvHeader where days since listed were counted.
var shelfHeader = []string{"listed_days_least", "listed_days_most", "listed_days_longest"}

const noEvidence = "no evidence found"

// csvHandler writes one line a finding, as it comes.
type csvHandler struct {
	b      *bufio.Writer
	w      *csv.Writer
	opened bool
	config offshelf.Config
	cells  []string
}

func newCSV(w io.Writer, _ Options) Handler {
	b := bufio.NewWriterSize(w, 64<<10)
	return &csvHandler{b: b, w: csv.NewWriter(b)}
}

func (h *csvHandler) Handle(m *offshelf.Message) error {
	if err := checkOne(m); err != nil {
		return err
	}
	if c := m.Config; c != nil {
		h.config = offshelf.Config{Knowledge: c.Knowledge, Snapshot: c.Snapshot, All: c.All, SinceListed: c.SinceListed}
	}
	if err := h.open(); err != nil {
		return err
	}
	switch {
	case m.Finding != nil:
		return h.finding(m.Finding)
	case m.Product != nil && m.Product.Findings == 0 && h.config.All:
		return h.nothing(m.Product)
	}
	return nil
}

func (h *csvHandler) open() error {
	if h.opened {
		return nil
	}
	h.opened = true
	header := csvHeader
	if h.config.SinceListed {
		header = slices.Concat(csvHeader, shelfHeader)
	}
	return h.w.Write(header)
}

func (h *csvHandler) Close() error {
	if err := h.open(); err != nil {
		return err
	}
	h.w.Flush()
	if err := h.w.Error(); err != nil {
		return err
	}
	return h.b.Flush()
}

func (h *csvHandler) finding(f *offshelf.Finding) error {
	var chains, open, sources, reasons []string
	for _, c := range f.Chains {
		chains = addOnce(chains, chainText(c, f.Brand))
		open = addOnce(open, clean(c.Open))
		for _, hop := range c.Hops {
			for _, s := range hop.Sources {
				sources = addOnce(sources, sourceText(s, s.URL))
			}
		}
	}
	for _, r := range f.Reasons {
		reasons = append(reasons, reasonText(r))
	}
	days := ""
	if d := f.Since; !d.IsZero() && d.Earliest() == d.Latest() {
		days = strconv.Itoa(f.Days)
	}
	return h.line(&f.Product, []string{
		cell(f.Brand), cell(f.Maker), cell(f.Goods), number(f.Probability),
		cell(f.Regime), cell(f.RegimeTitle), cell(string(f.Verdict)), cell(string(f.Basis)), f.Action.String(),
		cell(strings.Join(f.Forbids, ", ")), cell(f.Since.String()), f.Until.String(), days,
		cell(f.Listed), cell(f.Listing), cell(strings.Join(chains, " || ")), cell(strings.Join(open, " || ")), cell(strings.Join(f.Needs, ", ")), cell(f.Spared),
		cell(strings.Join(sources, " || ")), cell(strings.Join(reasons, " || ")),
	}, f.Fingerprint, f.Snapshot, f.SinceListed)
}

// nothing is the line of a product without findings. It names the brand that
// the product was attributed to, so that the absence can be checked.
func (h *csvHandler) nothing(p *offshelf.ScreenedProduct) error {
	line := make([]string, 21)
	var reasons []string
	best := -1.0
	for _, a := range p.Attributions {
		if a.Relation == offshelf.RelationMade && a.Probability > best {
			best = a.Probability
			line[0], line[1], line[3] = cell(a.Brand), cell(a.Maker), number(a.Probability)
		}
		for _, r := range a.Reasons {
			reasons = addOnce(reasons, clean(string(a.Relation)+" "+a.Brand+a.Maker)+": "+reasonText(r))
		}
	}
	line[6] = noEvidence
	line[20] = cell(strings.Join(reasons, " || "))
	return h.line(&p.Product, line, "", h.config.Snapshot, nil)
}

func (h *csvHandler) line(p *offshelf.Product, middle []string, fingerprint, snapshot string, shelf *offshelf.ShelfDays) error {
	row := ""
	if p.Row > 0 {
		row = strconv.Itoa(p.Row)
	}
	h.cells = append(h.cells[:0], cell(p.ID), cell(p.Title), cell(p.Brand), cell(p.Vendor), cell(p.Model), cell(p.GTIN),
		cell(p.Origin), cell(p.FCCGranted), cell(p.Approval))
	h.cells = append(h.cells, middle...)
	h.cells = append(h.cells, cell(p.File), row, cell(fingerprint), cell(h.config.Knowledge), cell(snapshot))
	if h.config.SinceListed {
		h.cells = append(h.cells, shelfCells(shelf)...)
	}
	return h.w.Write(h.cells)
}

// shelfCells are the columns of shelfHeader. Most is empty where it is not
// known, all are where nothing was counted.
func shelfCells(s *offshelf.ShelfDays) []string {
	cells := make([]string, len(shelfHeader))
	if s == nil {
		return cells
	}
	cells[0] = strconv.Itoa(s.Least)
	if !s.Open {
		cells[1] = strconv.Itoa(s.Most)
	}
	if s.Longest {
		cells[2] = "yes"
	}
	return cells
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }

func reasonText(r offshelf.Reason) string {
	return clean(r.Text) + fmt.Sprintf(" (%+.1f)", r.Weight)
}

// citation says where a listing is printed.
func citation(end offshelf.Hop) string {
	if note := clean(end.Note); note != "" {
		return note
	}
	for _, s := range end.Sources {
		if t := clean(s.Title); t != "" {
			return t
		}
	}
	return ""
}

func sourceText(s offshelf.Source, url string) string {
	var parts []string
	for _, p := range []string{clean(s.Publisher), clean(s.Title), s.Date.String(), clean(url)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return s.Grade.String() + ": " + strings.Join(parts, ", ")
}

// chainText writes a chain on one line.
func chainText(c offshelf.Chain, brand string) string {
	way, end, listed := inner(c, brand)
	var b strings.Builder
	switch {
	case len(way) > 0:
		b.WriteString(clean(way[0].From))
	case listed:
		b.WriteString(clean(end.From))
	}
	for _, h := range way {
		b.WriteString(" → " + clean(h.To) + " (" + clean(h.Kind))
		if share := clean(h.Share); share != "" {
			b.WriteString(" " + share)
		}
		switch from, until := h.Interval().From.Spoken(), h.Interval().Until.Spoken(); {
		case from != "" && until != "":
			b.WriteString(", " + from + " to " + until)
		case from != "":
			b.WriteString(" since " + from)
		case until != "":
			b.WriteString(" until " + until)
		}
		if m := h.LayerMark(); m != "" {
			b.WriteString(", " + m)
		}
		b.WriteString(")")
	}
	if listed {
		word := `listed as "` + clean(end.To) + `"`
		if end.Kind == "concern" {
			word = "concern: " + clean(end.To)
		}
		if from := end.Interval().From.Spoken(); from != "" {
			word += " " + from
		}
		if at := citation(end); at != "" {
			word += " (" + at + ")"
		}
		b.WriteString(" → " + word)
	}
	return b.String()
}

func addOnce(list []string, s string) []string {
	if s == "" {
		return list
	}
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}
