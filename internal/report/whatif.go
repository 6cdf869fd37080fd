package report

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// WhatifHead opens a comparison: what is supposed, and what it depends on.
type WhatifHead struct {
	Suppose   []string `json:"suppose"` // in words
	On        string   `json:"on"`
	AsOf      string   `json:"as_of"`
	Tool      string   `json:"tool"`
	Knowledge string   `json:"knowledge"`
	Snapshot  string   `json:"snapshot"`              // SHA-256 of the knowledge as it is
	Supposed  string   `json:"hypothetical_snapshot"` // and with what is supposed
	Policy    string   `json:"policy"`
	PolicySum string   `json:"policy_sha256"`
	Notes     []string `json:"notes,omitempty"` // what of it changes nothing
}

// WhatifSummary closes a comparison. Read = Screened + Skipped + Failed.
type WhatifSummary struct {
	Read      int                   `json:"read"`
	Screened  int                   `json:"screened"`
	Skipped   int                   `json:"skipped"`
	Failed    int                   `json:"failed"`
	Changed   int                   `json:"products_changed"`
	Effects   map[screen.Effect]int `json:"effects"` // products; one may stand under several
	Actions   map[string]int        `json:"actions"` // products by their strongest action, "note → pull"
	Brands    []WhatifBrand         `json:"brands"`
	Problems  []offshelf.Problem    `json:"problems,omitempty"`
	Statement string                `json:"statement"`
}

// WhatifBrand counts the products of one brand, or maker, that change.
type WhatifBrand struct {
	Brand    string                `json:"brand"`
	Products int                   `json:"products"`
	Effects  map[screen.Effect]int `json:"effects"`
}

// whatifStatement closes every comparison.
const whatifStatement = "What is supposed is no prediction. For the other products no evidence was found that they change, in this state of knowledge."

// Whatif takes the changes of the products in their order.
type Whatif struct {
	out    whatifWriter
	sum    WhatifSummary
	brands map[string]*WhatifBrand
}

// whatifWriter is one format.
type whatifWriter interface {
	begin(*WhatifHead) error
	product(*offshelf.Product, []screen.EffectChange) error
	end(*WhatifSummary) error
}

// NewWhatif begins a comparison in a format: text, json or csv.
func NewWhatif(format string, w io.Writer, head *WhatifHead, o Options) (*Whatif, error) {
	x := &Whatif{brands: map[string]*WhatifBrand{}}
	x.sum.Effects, x.sum.Actions = map[screen.Effect]int{}, map[string]int{}
	switch format {
	case "text":
		x.out = &whatifText{sheet: newSheet(w, o), brands: map[string]*whatifBrand{}}
	case "json":
		b := bufio.NewWriterSize(w, 64<<10)
		x.out = &whatifJSON{b, jsontext.NewEncoder(b, wire)}
	case "csv":
		x.out = &whatifCSV{w: csv.NewWriter(w)}
	default:
		return nil, fmt.Errorf("unknown format %q: use text, json or csv", format)
	}
	return x, x.out.begin(head)
}

// Product takes what both screenings found on one product.
func (x *Whatif) Product(p *offshelf.Product, before, after []offshelf.Finding) error {
	changes := screen.CompareFindings(before, after)
	if len(changes) == 0 {
		return nil
	}
	x.sum.Changed++
	if a, b := strongest(before), strongest(after); a != b {
		x.sum.Actions[cmp.Or(a.String(), "none")+" → "+cmp.Or(b.String(), "none")]++
	}
	var effects []screen.Effect
	of := map[string][]screen.Effect{}
	for i := range changes {
		c := &changes[i]
		name := heading(c)
		if !slices.Contains(effects, c.Effect) {
			effects = append(effects, c.Effect)
		}
		if !slices.Contains(of[name], c.Effect) {
			of[name] = append(of[name], c.Effect)
		}
	}
	for _, e := range effects {
		x.sum.Effects[e]++
	}
	for name, list := range of {
		b := x.brands[name]
		if b == nil {
			b = &WhatifBrand{Brand: strings.Clone(name), Effects: map[screen.Effect]int{}}
			x.brands[b.Brand] = b
		}
		b.Products++
		for _, e := range list {
			b.Effects[e]++
		}
	}
	return x.out.product(p, changes)
}

// heading is the brand or maker under which a change is counted and told; of
// goods that are reached by their class it is the entry.
func heading(c *screen.EffectChange) string { return cmp.Or(clean(c.Brand), clean(c.Listed)) }

func strongest(findings []offshelf.Finding) offshelf.Action {
	a := offshelf.NoAction
	for i := range findings {
		a = max(a, findings[i].Action)
	}
	return a
}

// Close completes the comparison with the counts of the run.
func (x *Whatif) Close(s *offshelf.Summary) error {
	x.sum.Read, x.sum.Screened, x.sum.Skipped, x.sum.Failed, x.sum.Problems = s.Read, s.Screened, s.Skipped, s.Failed, s.Problems
	x.sum.Statement = whatifStatement
	for _, b := range x.brands {
		x.sum.Brands = append(x.sum.Brands, *b)
	}
	slices.SortFunc(x.sum.Brands, func(a, b WhatifBrand) int {
		return cmp.Or(cmp.Compare(b.Products, a.Products), cmp.Compare(a.Brand, b.Brand))
	})
	return x.out.end(&x.sum)
}

// whatifJSON writes one object a line with exactly one field set, as the
// stream of a screening does.
type whatifJSON struct {
	w   *bufio.Writer
	enc *jsontext.Encoder
}

type whatifLine struct {
	Whatif  *WhatifHead          `json:"whatif,omitempty"`
	Change  *screen.EffectChange `json:"change,omitempty"`
	Summary *WhatifSummary       `json:"summary,omitempty"`
}

func (h *whatifJSON) line(l whatifLine) error { return json.MarshalEncode(h.enc, l, wire) }

func (h *whatifJSON) begin(head *WhatifHead) error { return h.line(whatifLine{Whatif: head}) }

func (h *whatifJSON) product(_ *offshelf.Product, changes []screen.EffectChange) error {
	for i := range changes {
		if err := h.line(whatifLine{Change: &changes[i]}); err != nil {
			return err
		}
	}
	return nil
}

func (h *whatifJSON) end(s *WhatifSummary) error {
	if err := h.line(whatifLine{Summary: s}); err != nil {
		return err
	}
	return h.w.Flush()
}

// whatifCSV writes one line a change.
type whatifCSV struct{ w *csv.Writer }

func (h *whatifCSV) begin(*WhatifHead) error {
	return h.w.Write([]string{
		"effect", "product_id", "title", "brand", "regime", "regime_title", "listed_name", "listing",
		"verdict_before", "verdict_after", "basis", "forbids", "action_before", "action_after", "since", "until", "chain", "open_question", "file", "row",
	})
}

func (h *whatifCSV) product(p *offshelf.Product, changes []screen.EffectChange) error {
	for i := range changes {
		c := &changes[i]
		var old, new screen.FindingOutcome
		if c.Old != nil {
			old = *c.Old
		}
		if c.New != nil {
			new = *c.New
		}
		now := new
		if c.New == nil {
			now = old
		}
		var chains, open []string
		for _, ch := range c.Chains {
			chains, open = addOnce(chains, chainText(ch, c.Brand)), addOnce(open, clean(ch.Open))
		}
		row := ""
		if c.Row > 0 {
			row = strconv.Itoa(c.Row)
		}
		err := h.w.Write([]string{
			string(c.Effect), cell(p.ID), cell(p.Title), cell(c.Brand), cell(c.Regime), cell(c.RegimeTitle), cell(c.Listed), cell(c.Listing),
			string(old.Verdict), string(new.Verdict), string(now.Basis), cell(strings.Join(c.Forbids, ", ")), old.Action.String(), new.Action.String(),
			now.Since.String(), now.Until.String(), cell(strings.Join(chains, " || ")), cell(strings.Join(open, " || ")), cell(c.File), row,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (h *whatifCSV) end(*WhatifSummary) error {
	h.w.Flush()
	return h.w.Error()
}
