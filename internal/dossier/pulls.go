package dossier

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// PullFilter says which pulls a sheet has. Without a case and a decision it has
// those of all effective decisions of the workspace.
type PullFilter struct {
	Case     int64    // 0: any
	Decision int64    // 0: any
	Catalog  int64    // 0: any
	States   []string // ordered, back, gone, withdrawn; none: all but withdrawn
}

// PullStates are the states of a pull.
var PullStates = []string{"ordered", "back", "gone", "withdrawn"}

// PullForms lists the forms of a pull sheet.
func PullForms() []string { return []string{CSV, XLSX, JSON} }

// PullCounts says what became of the pulls that the filter names:
// Pulls = Rows + OtherChannels.
type PullCounts struct {
	Pulls         int `json:"pulls"`
	Rows          int `json:"rows"`
	OtherChannels int `json:"other_channels"` // left out: the decision names channels, and theirs is none of them
}

// PullRow is a row of a pull sheet, as the JSON has it.
type PullRow struct {
	SKU        string            `json:"sku"` // id of the product
	GTIN       string            `json:"gtin,omitempty"`
	Title      string            `json:"title,omitempty"`
	Brand      string            `json:"brand,omitempty"`
	Kept       map[string]string `json:"kept,omitempty"` // columns passed through
	Action     string            `json:"action"`         // pull
	ReasonCode string            `json:"reason_code"`
	Reason     string            `json:"reason,omitempty"`
	Case       int64             `json:"case"`
	Decision   int64             `json:"decision"`
	Ordered    string            `json:"ordered_on"` // day
	State      string            `json:"state"`      // ordered, back, gone, withdrawn
	Seen       string            `json:"seen"`       // day of the last upload that says so
	Gone       string            `json:"gone_on,omitempty"`
	Back       string            `json:"back_on,omitempty"`
	Catalog    string            `json:"catalog"`
}

// maxKept bounds the columns that are passed through, all catalogs together.
const maxKept = 1000

// PullSheet writes the products that were ordered off the shelf, in the form
// CSV, XLSX or JSON, by decision and in the order in which they were ordered.
//
// The columns that the catalogs keep stand between the product and the order,
// by name. Where a decision names channels, and the catalog keeps a column
// channel or store, only rows of those channels are written: a cell may name
// several, with commas, semicolons or bars between them. A row whose cell is
// empty is written, as it is not known to be elsewhere.
//
// A case, decision or catalog of another workspace is store.ErrNotFound.
func PullSheet(ctx context.Context, s *store.Store, w io.Writer, form string, workspace int64, f PullFilter) (PullCounts, error) {
	var n PullCounts
	if err := checkForm(form, PullForms()...); err != nil {
		return n, err
	}
	for _, st := range f.States {
		if !slices.Contains(PullStates, st) {
			return n, fmt.Errorf("unknown state %q of a pull: use %s", st, strings.Join(PullStates, ", "))
		}
	}
	err := s.View(ctx, func(q *query.Queries, t *sql.Tx) error {
		p := &puller{ctx: ctx, sql: t, q: q, filter: f, workspace: workspace, columns: map[string]bool{}}
		if err := p.open(); err != nil {
			return err
		}
		var err error
		n, err = p.write(w, form)
		return err
	})
	return n, err
}

type puller struct {
	ctx       context.Context
	sql       *sql.Tx
	q         *query.Queries
	filter    PullFilter
	workspace int64
	decisions []pullDecision
	catalogs  map[int64]string
	columns   map[string]bool
}

// pullDecision is a decision with what all its rows share.
type pullDecision struct {
	id, caseID         int64
	kind, code, reason string
	ordered            string          // day
	channels           map[string]bool // folded; none: all
}

// open finds the decisions, the catalogs and the columns that they keep.
func (p *puller) open() error {
	if p.filter.Case != 0 {
		if c, err := store.Found(p.q.CaseByID(p.ctx, p.filter.Case)); err != nil || c.WorkspaceID != p.workspace {
			return cmp.Or(err, store.ErrNotFound)
		}
	}
	if p.filter.Decision != 0 {
		if d, err := store.Found(p.q.Decision(p.ctx, p.filter.Decision)); err != nil || d.WorkspaceID != p.workspace {
			return cmp.Or(err, store.ErrNotFound)
		}
	}
	catalogs, err := p.q.CatalogsOfWorkspace(p.ctx, p.workspace)
	if err != nil {
		return err
	}
	p.catalogs = map[int64]string{}
	for _, c := range catalogs {
		p.catalogs[c.ID] = c.Name
	}
	if _, ok := p.catalogs[p.filter.Catalog]; p.filter.Catalog != 0 && !ok {
		return store.ErrNotFound
	}
	statement := "SELECT id, case_id, kind, reason_code, reason, channels, decided_at, agreed_at FROM decisions WHERE workspace_id = $1"
	args := []any{p.workspace}
	switch {
	case p.filter.Decision != 0:
		statement += " AND id = $2"
		args = append(args, p.filter.Decision)
		if p.filter.Case != 0 {
			statement += " AND case_id = $3"
			args = append(args, p.filter.Case)
		}
	case p.filter.Case != 0:
		statement += " AND case_id = $2"
		args = append(args, p.filter.Case)
	default:
		statement += " AND state = 'effective'"
	}
	rows, err := p.sql.QueryContext(p.ctx, statement+" AND kind = 'pull' ORDER BY id", args...)
	if err != nil {
		return err
	}
	if err := each(rows, func() error {
		var d pullDecision
		var channels string
		var decided, agreed int64
		if err := rows.Scan(&d.id, &d.caseID, &d.kind, &d.code, &d.reason, &channels, &decided, &agreed); err != nil {
			return err
		}
		d.ordered = Time(cmp.Or(agreed, decided)).Day()
		d.limit(channels)
		p.decisions = append(p.decisions, d)
		return nil
	}); err != nil {
		return err
	}
	for i := range p.decisions {
		if err := p.keep(&p.decisions[i]); err != nil {
			return err
		}
	}
	return nil
}

// rows selects the pulls of a decision, with the columns that are asked for.
// The index pulls_decision has them in order, so nothing is sorted.
func (p *puller) rows(d *pullDecision, columns string) (*sql.Rows, error) {
	statement := "SELECT " + columns + ` FROM pulls p LEFT JOIN products x ON x.id = p.product_id AND x.catalog_id = p.catalog_id
		LEFT JOIN uploads u ON u.id = p.seen_upload WHERE p.decision_id = $1 AND p.workspace_id = $2`
	args := []any{d.id, p.workspace}
	if p.filter.Catalog != 0 {
		args = append(args, p.filter.Catalog)
		statement += fmt.Sprintf(" AND p.catalog_id = $%d", len(args))
	}
	if len(p.filter.States) == 0 {
		statement += " AND p.state <> 'withdrawn'"
	} else {
		var marks []string
		for _, st := range p.filter.States {
			args = append(args, st)
			marks = append(marks, fmt.Sprintf("$%d", len(args)))
		}
		statement += " AND p.state IN (" + strings.Join(marks, ", ") + ")"
	}
	return p.sql.QueryContext(p.ctx, statement+" ORDER BY p.id", args...)
}

// keep notes the columns that the products of a decision pass through.
func (p *puller) keep(d *pullDecision) error {
	rows, err := p.rows(d, "coalesce(x.kept, '')")
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var kept sql.RawBytes
		if err := rows.Scan(&kept); err != nil {
			return err
		}
		eachKept(kept, func(column string, _ jsontext.Value) {
			p.columns[column] = true
		})
		if len(p.columns) > maxKept {
			return fmt.Errorf("the catalogs keep more than %d different columns: ask for one catalog at a time, or let it keep fewer", maxKept)
		}
		return nil
	})
}

func (p *puller) write(w io.Writer, form string) (n PullCounts, err error) {
	kept := slices.Sorted(maps.Keys(p.columns))
	if form == JSON {
		j, err := newJSONRows(w, "offshelf-pulls/1", "pulls", kept)
		if err != nil {
			return n, err
		}
		if err := p.each(&n, func(r *PullRow) error { return j.row(r) }); err != nil {
			return n, err
		}
		return n, j.close(n)
	}
	out, err := newSheet(form, w, "Pulls", columnNames(kept))
	if err != nil {
		return n, err
	}
	defer out.drop()
	var cells []any
	if err := p.each(&n, func(r *PullRow) error {
		cells = append(cells[:0], r.SKU, r.GTIN, r.Title, r.Brand)
		for _, c := range kept {
			cells = append(cells, r.Kept[c])
		}
		cells = append(cells, r.Action, r.ReasonCode, r.Reason, r.Case, r.Decision, r.Ordered, r.State, r.Seen, r.Gone, r.Back, r.Catalog)
		return out.row(cells)
	}); err != nil {
		return n, err
	}
	return n, out.close()
}

var (
	pullBefore = []string{"sku", "gtin", "title", "brand"}
	pullAfter  = []string{"action", "reason_code", "reason", "case", "decision", "ordered_on", "state", "seen", "gone_on", "back_on", "catalog"}
)

// columnNames are the names of the columns. A kept column that is named as one
// of the sheet's own says that it is the catalog's.
func columnNames(kept []string) []string {
	own := slices.Concat(pullBefore, pullAfter)
	out := slices.Clone(pullBefore)
	for _, c := range kept {
		for slices.Contains(own, strings.ToLower(c)) {
			c += " (catalog)"
		}
		out = append(out, c)
	}
	return append(out, pullAfter...)
}

// each calls f for each row of the sheet, which is only valid during the call.
func (p *puller) each(n *PullCounts, f func(r *PullRow) error) error {
	for i := range p.decisions {
		d := &p.decisions[i]
		rows, err := p.rows(d, "p.key, p.state, p.gone_at, p.back_at, p.catalog_id, coalesce(x.doc, ''), coalesce(x.kept, ''), coalesce(u.created_at, 0)")
		if err != nil {
			return err
		}
		if err := each(rows, func() error {
			var key, state, doc, kept string
			var gone, back, catalog, seen int64
			if err := rows.Scan(&key, &state, &gone, &back, &catalog, &doc, &kept, &seen); err != nil {
				return err
			}
			n.Pulls++
			cells := keptCells(kept)
			if !d.concerns(cells) {
				n.OtherChannels++
				return nil
			}
			n.Rows++
			r := PullRow{
				SKU: key, Kept: cells, Action: d.kind, ReasonCode: d.code, Reason: d.reason, Case: d.caseID, Decision: d.id, Ordered: d.ordered,
				State: state, Seen: Time(seen).Day(), Gone: Time(gone).Day(), Back: Time(back).Day(), Catalog: p.catalogs[catalog],
			}
			// A product that cannot be read is still to be pulled: its key is told.
			var x offshelf.Product
			if json.Unmarshal([]byte(doc), &x) == nil {
				r.SKU, r.GTIN, r.Title, r.Brand = cmp.Or(x.ID, key), x.GTIN, x.Title, x.Brand
			}
			return f(&r)
		}); err != nil {
			return err
		}
	}
	return nil
}

// limit limits the decision to channels, a JSON array; an empty one does not.
func (d *pullDecision) limit(channels string) {
	for _, c := range texts(channels) {
		if d.channels == nil {
			d.channels = map[string]bool{}
		}
		d.channels[channelKey(c)] = true
	}
}

// concerns reports whether the decision is about a product with these cells.
func (d *pullDecision) concerns(cells map[string]string) bool {
	if d.channels == nil {
		return true
	}
	known := false
	for column, cell := range cells {
		if k := name.Fold(strings.TrimSpace(column)); k != "channel" && k != "store" {
			continue
		}
		for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return r == ',' || r == ';' || r == '|' || r == '\n' }) {
			k := channelKey(part)
			if d.channels[k] {
				return true
			}
			known = known || k != ""
		}
		if d.channels[channelKey(cell)] { // a channel with a comma in its name
			return true
		}
	}
	return !known
}

func channelKey(s string) string { return name.Fold(strings.TrimSpace(s)) }

// keptCells reads the columns that were passed through.
func keptCells(kept string) map[string]string {
	var out map[string]string
	eachKept([]byte(kept), func(column string, v jsontext.Value) {
		if out == nil {
			out = map[string]string{}
		}
		var text string
		if v.Kind() != '"' || json.Unmarshal(v, &text) != nil {
			text = string(v)
		}
		out[column] = text
	})
	return out
}

// eachKept calls f for each column of a JSON object; what is broken ends it.
func eachKept(kept []byte, f func(column string, v jsontext.Value)) {
	if len(kept) == 0 {
		return
	}
	d := jsontext.NewDecoder(strings.NewReader(string(kept)), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return
	}
	for d.PeekKind() == '"' {
		t, err := d.ReadToken()
		if err != nil {
			return
		}
		column := t.String()
		v, err := d.ReadValue()
		if err != nil {
			return
		}
		f(column, v)
	}
}
