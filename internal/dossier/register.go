package dossier

import (
	"bufio"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/style"
)

// RegisterForms lists the forms of the register.
func RegisterForms() []string { return []string{CSV, XLSX, JSON, HTML} }

// RegisterRow is a decision in the register, as the JSON has it.
type RegisterRow struct {
	Number     int64          `json:"number"`
	Case       int64          `json:"case"`
	Title      string         `json:"title"`
	Subject    string         `json:"subject"`
	Kind       string         `json:"kind"` // pull, keep, wait
	ReasonCode string         `json:"reason_code"`
	Reason     string         `json:"reason,omitempty"`
	Scope      string         `json:"scope"` // product, brand, supplier
	Products   []string       `json:"products,omitempty"`
	Supplier   string         `json:"supplier,omitempty"`
	Channels   []string       `json:"channels,omitempty"` // none: all
	Ordered    int64          `json:"ordered"`            // products that it ordered off the shelf
	DecidedBy  Person         `json:"decided_by"`
	Decided    Time           `json:"decided_at"`
	AgreedBy   *Person        `json:"agreed_by,omitempty"`
	Agreed     Time           `json:"agreed_at,omitzero"`
	Expires    Day            `json:"expires_on,omitzero"`
	State      string         `json:"state"`           // as it is now
	Basis      offshelf.Basis `json:"basis,omitempty"` // law where a finding that was open at the decision is law
	Regimes    []string       `json:"regimes,omitempty"`
	Quiet      int64          `json:"kept_quiet"` // findings that it kept quiet
}

// RegisterCounts counts the decisions of a register.
type RegisterCounts struct {
	Decisions int            `json:"decisions"`
	Kinds     map[string]int `json:"kinds,omitempty"`
}

var registerColumns = []string{
	"number", "case", "title", "subject", "kind", "reason_code", "reason", "scope", "products", "supplier", "channels", "ordered", "kept_quiet",
	"decided_by", "decided_at", "agreed_by", "agreed_at", "expires_on", "state", "basis", "regimes",
}

//go:embed register.html
var registerSource string

var registerTemplate = template.Must(template.New("register").Funcs(functions).Parse(registerSource))

// Register writes all decisions of a workspace that were made from one day until
// before another, in UTC, in the form CSV, XLSX, JSON or HTML, in the order in
// which they were made. Basis and regimes are those of the findings of the case
// that were open when it was decided; the state is that of now.
func Register(ctx context.Context, s *store.Store, w io.Writer, form string, workspace int64, from, until offshelf.Day) (RegisterCounts, error) {
	n := RegisterCounts{Kinds: map[string]int{}}
	if err := checkForm(form, RegisterForms()...); err != nil {
		return n, err
	}
	if from >= until {
		return n, fmt.Errorf("the register runs from %s until before %s, which is no day: give a later until", from, until)
	}
	err := s.View(ctx, func(q *query.Queries, t *sql.Tx) error {
		ws, err := store.Found(q.Workspace(ctx, workspace))
		if err != nil {
			return err
		}
		r := &registrar{
			ctx: ctx, q: q, sql: t, workspace: workspace, from: from, until: until,
			people: &people{ctx: ctx, q: q, workspace: workspace, known: map[string]Person{}},
		}
		return r.write(w, form, ws.Name, &n)
	})
	return n, err
}

type registrar struct {
	ctx         context.Context
	q           *query.Queries
	sql         *sql.Tx
	workspace   int64
	from, until offshelf.Day
	people      *people
}

// registerPage is the register as it is printed.
type registerPage struct {
	Style       template.CSS
	Workspace   string
	From, Until string
	Rows        iter.Seq[*RegisterRow]
	Counts      *RegisterCounts
	Statement   string
}

func (r *registrar) write(w io.Writer, form, workspace string, n *RegisterCounts) error {
	count := func(row *RegisterRow) {
		n.Decisions++
		n.Kinds[row.Kind]++
	}
	switch form {
	case JSON:
		j, err := newJSONRows(w, "offshelf-register/1", "decisions", nil)
		if err != nil {
			return err
		}
		if err := r.each(func(row *RegisterRow) error {
			count(row)
			return j.row(row)
		}); err != nil {
			return err
		}
		return j.close(n)
	case HTML:
		b := bufio.NewWriterSize(w, 64<<10)
		var failed error
		page := registerPage{
			Style: template.CSS(style.Page + dossierStyle), Workspace: workspace, From: r.from.String(), Until: r.until.String(), Counts: n, Statement: registerStatement,
			Rows: func(yield func(*RegisterRow) bool) {
				failed = r.each(func(row *RegisterRow) error {
					count(row)
					if !yield(row) {
						return io.ErrClosedPipe
					}
					return nil
				})
			},
		}
		if err := registerTemplate.Execute(b, page); err != nil {
			return err
		}
		if failed != nil {
			return failed
		}
		return b.Flush()
	}
	out, err := newSheet(form, w, "Decisions", registerColumns)
	if err != nil {
		return err
	}
	defer out.drop()
	if err := r.each(func(row *RegisterRow) error {
		count(row)
		agreed := ""
		if row.AgreedBy != nil {
			agreed = row.AgreedBy.String()
		}
		return out.row([]any{
			row.Number, row.Case, row.Title, row.Subject, row.Kind, row.ReasonCode, row.Reason, row.Scope, joinedCell(row.Products), row.Supplier, joinedCell(row.Channels),
			row.Ordered, row.Quiet, row.DecidedBy.String(), row.Decided.String(), agreed, row.Agreed.String(), row.Expires.String(), row.State, string(row.Basis), joinedCell(row.Regimes),
		})
	}); err != nil {
		return err
	}
	return out.close()
}

// registerStatement ends the register. Nothing is ever called clean.
const registerStatement = "A decision to keep says what was decided, by whom and why. It does not call a product clean, and neither does its absence from this register."

// joinedCell joins texts for a cell.
func joinedCell(list []string) string { return strings.Join(list, " || ") }

// registerRows is how many decisions are read at once.
const registerRows = 500

// each calls f for each decision of the period, some hundred in memory at a
// time.
func (r *registrar) each(f func(row *RegisterRow) error) error {
	at, id := micros(r.from)-1, int64(1<<62)
	for {
		page, err := r.page(at, id)
		if err != nil {
			return err
		}
		for _, row := range page {
			if err := f(row); err != nil {
				return err
			}
			at, id = int64(row.Decided), row.Number
		}
		if len(page) < registerRows {
			return nil
		}
	}
}

// micros is the beginning of a day in UTC.
func micros(d offshelf.Day) int64 { return int64(d) * 24 * 60 * 60 * 1e6 }

// page reads the decisions behind one.
func (r *registrar) page(at, id int64) ([]*RegisterRow, error) {
	rows, err := r.sql.QueryContext(r.ctx, `SELECT d.id, d.case_id, c.title, c.subject, d.kind, d.reason_code, d.reason, d.scope, d.products, d.supplier, d.channels,
			d.decided_by, d.decided_at, d.agreed_by, d.agreed_at, d.expires_on, d.state,
			(SELECT count(*) FROM pulls p WHERE p.decision_id = d.id), (SELECT count(*) FROM suppressions s WHERE s.decision_id = d.id)
		FROM decisions d JOIN cases c ON c.id = d.case_id
		WHERE d.workspace_id = $1 AND (d.decided_at, d.id) > ($2, $3) AND d.decided_at < $4 ORDER BY d.decided_at, d.id LIMIT $5`,
		r.workspace, at, id, micros(r.until), int64(registerRows))
	if err != nil {
		return nil, err
	}
	var page []*RegisterRow
	type who struct{ decided, agreed int64 }
	var whos []who
	if err := each(rows, func() error {
		var row RegisterRow
		var w who
		var products, channels string
		var decided, agreed, expires int64
		if err := rows.Scan(&row.Number, &row.Case, &row.Title, &row.Subject, &row.Kind, &row.ReasonCode, &row.Reason, &row.Scope, &products, &row.Supplier, &channels,
			&w.decided, &decided, &w.agreed, &agreed, &expires, &row.State, &row.Ordered, &row.Quiet); err != nil {
			return err
		}
		row.Products, row.Channels, row.Decided, row.Agreed, row.Expires = texts(products), texts(channels), Time(decided), Time(agreed), Day(expires)
		page, whos = append(page, &row), append(whos, w)
		return nil
	}); err != nil || len(page) == 0 {
		return nil, err
	}
	for i, row := range page {
		if row.DecidedBy, err = r.people.user(whos[i].decided); err != nil {
			return nil, err
		}
		if whos[i].agreed != 0 {
			p, err := r.people.user(whos[i].agreed)
			if err != nil {
				return nil, err
			}
			row.AgreedBy = &p
		}
	}
	return page, r.regimes(page)
}

// regimes tells by which rules there were findings at each decision.
func (r *registrar) regimes(page []*RegisterRow) error {
	of := map[int64]*RegisterRow{}
	ids := make([]int64, len(page))
	for i, row := range page {
		ids[i], of[row.Number] = row.Number, row
	}
	rows, err := r.sql.QueryContext(r.ctx, `SELECT d.id, f.regime, max(CASE WHEN f.basis = 'law' THEN 1 ELSE 0 END) FROM decisions d JOIN findings f ON f.case_id = d.case_id
		WHERE d.id IN (`+store.IDs(ids)+`) AND f.opened_at <= d.decided_at AND (f.ended_at = 0 OR f.ended_at > d.decided_at) GROUP BY d.id, f.regime`)
	if err != nil {
		return err
	}
	if err := each(rows, func() error {
		var id, law int64
		var regime string
		if err := rows.Scan(&id, &regime, &law); err != nil {
			return err
		}
		row := of[id]
		row.Regimes = append(row.Regimes, regime)
		switch {
		case law == 1:
			row.Basis = offshelf.Law
		case row.Basis == "":
			row.Basis = offshelf.Choice
		}
		return nil
	}); err != nil {
		return err
	}
	for _, row := range page {
		slices.Sort(row.Regimes)
	}
	return nil
}
