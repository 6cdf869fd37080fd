package casework

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// CaseFilter says which cases to list. What is empty does not filter.
type CaseFilter struct {
	States   []string
	Action   offshelf.Action
	Basis    offshelf.Basis
	Regime   string // with an open finding by this regime
	Brand    string // id: the case of the brand, or another with an open finding on it
	Assignee *int64 // 0: nobody's
	Text     string // part of the title or subject; letters of ASCII in either case
	Cursor   string // Next of the page before
	Limit    int    // 50 where 0, MaxPage at most
}

// CasePage is one page of cases, the strongest action first, then the newest.
type CasePage struct {
	Cases []query.Case
	Next  string // empty: the last page
}

// maxFilter is how many characters a filter has at most.
const maxFilter = 200

// where gathers conditions and their parameters.
type where struct {
	conditions []string
	args       []any
}

// add adds a condition; each ? in it becomes the next parameter.
func (w *where) add(condition string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	w.conditions = append(w.conditions, condition)
}

func (w *where) String() string { return strings.Join(w.conditions, " AND ") }

// Cases lists cases of a workspace.
func Cases(ctx context.Context, s *store.Store, ws int64, f CaseFilter) (CasePage, error) {
	var w where
	w.add("c.workspace_id = ?", ws)
	if len(f.States) > 0 {
		known := []string{Open, Waiting, Proposed, Pulled, Kept, Closed}
		var literals []string
		for _, state := range f.States {
			if !slices.Contains(known, state) {
				return CasePage{}, invalid("state", "%q is unknown: use %s", clipped(state), strings.Join(known, ", "))
			}
			literals = append(literals, "'"+state+"'")
		}
		w.add("c.state IN (" + strings.Join(literals, ", ") + ")")
	}
	if f.Action != offshelf.NoAction {
		w.add("c.action = ?", int64(f.Action))
	}
	if f.Basis != "" {
		w.add("c.basis = ?", string(f.Basis))
	}
	if f.Assignee != nil {
		w.add("c.assignee = ?", *f.Assignee)
	}
	for field, s := range map[string]string{"regime": f.Regime, "brand": f.Brand, "text": f.Text} {
		if _, err := text(field, s, maxFilter, false); err != nil {
			return CasePage{}, err
		}
	}
	if f.Regime != "" {
		// a value, as PostgreSQL would read all findings of the regime for EXISTS
		w.add("(SELECT 1 FROM findings f WHERE f.case_id = c.id AND f.regime = ? AND f.state = 'open' LIMIT 1) = 1", f.Regime)
	}
	if f.Brand != "" {
		w.add("(c.subject = ? OR (SELECT 1 FROM findings f WHERE f.workspace_id = ? AND f.brand = ? AND f.state = 'open' AND f.case_id = c.id LIMIT 1) = 1)", "brand:"+f.Brand, ws, f.Brand)
	}
	if f.Text != "" {
		like := "%" + likeEscape.Replace(lower(f.Text)) + "%"
		w.add(`(lower(c.title) LIKE ? ESCAPE '\' OR lower(c.subject) LIKE ? ESCAPE '\')`, like, like)
	}
	if f.Cursor != "" {
		action, id, err := uncursor(f.Cursor)
		if err != nil {
			return CasePage{}, err
		}
		w.add("(c.action, c.id) < (?, ?)", action, id)
	}
	most := page(f.Limit)
	rows, err := s.Reader().QueryContext(ctx, fmt.Sprintf("SELECT %s FROM cases c WHERE %s ORDER BY c.action DESC, c.id DESC LIMIT %d", caseColumns, w.String(), most+1), w.args...)
	if err != nil {
		return CasePage{}, err
	}
	defer rows.Close()
	var out CasePage
	for rows.Next() {
		c, err := scanCase(rows)
		if err != nil {
			return CasePage{}, err
		}
		if len(out.Cases) == most {
			last := out.Cases[most-1]
			out.Next = cursor(last.Action, last.ID)
			break
		}
		out.Cases = append(out.Cases, c)
	}
	return out, rows.Err()
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// lower makes letters of ASCII small, as both engines do.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func clipped(s string) string {
	s, _ = clip(s, maxValue)
	return s
}

// cursor names the row behind which the next page starts.
func cursor(action, id int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%d.%d", action, id)))
}

func uncursor(s string) (action, id int64, err error) {
	bad := invalid("cursor", "%q is no cursor: take it from the page before", clipped(s))
	if len(s) > 64 {
		return 0, 0, bad
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return 0, 0, bad
	}
	x, y, _ := strings.Cut(string(b), ".")
	if action, err = strconv.ParseInt(x, 10, 64); err != nil {
		return 0, 0, bad
	}
	if id, err = strconv.ParseInt(y, 10, 64); err != nil {
		return 0, 0, bad
	}
	return action, id, nil
}

// FindingFilter says which findings to list. What is empty does not filter.
type FindingFilter struct {
	State   string // open where empty, or ended
	Case    int64
	Catalog int64
	Action  offshelf.Action
	Basis   offshelf.Basis
	Verdict offshelf.Verdict
	Regime  string
	Brand   string // id
	Listing string
	Quiet   *bool  // whether a decision keeps it quiet
	Cursor  string // Next of the page before
	Limit   int    // 50 where 0, MaxPage at most
}

// FoundProduct is a finding and the product that it is on.
type FoundProduct struct {
	query.Finding
	Key string // of the product
	Doc string // the product, as JSON
}

// FindingPage is one page of findings: those of a regime or a listing the
// newest first, those of a brand by their case, else the strongest action
// first.
type FindingPage struct {
	Findings []FoundProduct
	Next     string // empty: the last page
}

// Findings lists findings of a workspace.
func Findings(ctx context.Context, s *store.Store, ws int64, f FindingFilter) (FindingPage, error) {
	if f.State == "" {
		f.State = "open"
	}
	if f.State != "open" && f.State != "ended" {
		return FindingPage{}, invalid("state", "%q is unknown: use open or ended", clipped(f.State))
	}
	for field, s := range map[string]string{"regime": f.Regime, "brand": f.Brand, "listing": f.Listing} {
		if _, err := text(field, s, maxFilter, false); err != nil {
			return FindingPage{}, err
		}
	}
	w, order := f.where(ws)
	if f.Cursor != "" {
		first, id, err := uncursor(f.Cursor)
		if err != nil {
			return FindingPage{}, err
		}
		if order == "" {
			w.add("id < ?", id)
		} else {
			w.add("("+order+", id) < (?, ?)", first, id)
		}
	}
	by := "id DESC"
	if order != "" {
		by = order + " DESC, id DESC"
	}
	most := page(f.Limit)
	rows, err := s.Reader().QueryContext(ctx, fmt.Sprintf("SELECT %s FROM findings WHERE %s ORDER BY %s LIMIT %d", findingColumns, w.String(), by, most+1), w.args...)
	if err != nil {
		return FindingPage{}, err
	}
	defer rows.Close()
	var out FindingPage
	for rows.Next() {
		var p FoundProduct
		if err := scanFinding(rows, &p.Finding); err != nil {
			return FindingPage{}, err
		}
		if len(out.Findings) == most {
			last := &out.Findings[most-1]
			first := last.Action
			if order == "case_id" {
				first = last.CaseID
			}
			out.Next = cursor(first, last.ID)
			break
		}
		out.Findings = append(out.Findings, p)
	}
	if err := rows.Err(); err != nil {
		return FindingPage{}, err
	}
	rows.Close()
	return out, withProducts(ctx, s.Reader(), out.Findings)
}

// where leads the engine to the index of the narrowest filter: a condition
// that is to filter only is spelled so that no index fits it. order is what the
// index orders by before the id; empty: nothing.
func (f *FindingFilter) where(ws int64) (w *where, order string) {
	w = &where{}
	number := func(column string, leads bool, v int64) {
		if !leads {
			column += " + 0"
		}
		w.add(column+" = ?", v)
	}
	name := func(column string, leads bool, v string) {
		if !leads {
			column += " || ''"
		}
		w.add(column+" = ?", v)
	}
	w.add("state = ?", f.State)
	var lead string
	switch {
	case f.Case != 0 && f.Regime != "":
		lead = "case regime"
	case f.Case != 0:
		lead, order = "case", "action"
	case f.Listing != "":
		lead = "workspace listing"
	case f.Brand != "":
		lead, order = "workspace brand", "case_id"
	case f.Regime != "":
		lead = "workspace regime"
	case f.Catalog != 0:
		lead, order = "catalog", "action"
	default:
		lead, order = "workspace", "action"
	}
	leads := func(part string) bool { return slices.Contains(strings.Fields(lead), part) }
	number("workspace_id", leads("workspace"), ws)
	if f.Case != 0 {
		number("case_id", leads("case"), f.Case)
	}
	if f.Listing != "" {
		name("listing", leads("listing"), f.Listing)
	}
	if f.Brand != "" {
		name("brand", leads("brand"), f.Brand)
	}
	if f.Regime != "" {
		name("regime", leads("regime"), f.Regime)
	}
	if f.Catalog != 0 {
		number("catalog_id", leads("catalog"), f.Catalog)
	}
	if f.Action != offshelf.NoAction {
		w.add("action = ?", int64(f.Action))
	}
	if f.Basis != "" {
		w.add("basis = ?", string(f.Basis))
	}
	if f.Verdict != "" {
		w.add("verdict = ?", string(f.Verdict))
	}
	if f.Quiet != nil {
		if *f.Quiet {
			w.add("suppression_id <> 0")
		} else {
			w.add("suppression_id = 0")
		}
	}
	return w, order
}

const findingColumns = `id, workspace_id, catalog_id, fingerprint, product_id, key_hash, brand, subject, regime, listing, verdict, basis, action, since,
  probability, reasons, explanation, chain_digest, listing_digest, state, ended_why, opened_run, opened_at, changed_run, changed_at, ended_run, ended_at, case_id, suppression_id`

func scanFinding(r *sql.Rows, f *query.Finding) error {
	return r.Scan(&f.ID, &f.WorkspaceID, &f.CatalogID, &f.Fingerprint, &f.ProductID, &f.KeyHash, &f.Brand, &f.Subject, &f.Regime, &f.Listing, &f.Verdict, &f.Basis, &f.Action, &f.Since,
		&f.Probability, &f.Reasons, &f.Explanation, &f.ChainDigest, &f.ListingDigest, &f.State, &f.EndedWhy, &f.OpenedRun, &f.OpenedAt, &f.ChangedRun, &f.ChangedAt, &f.EndedRun, &f.EndedAt, &f.CaseID, &f.SuppressionID)
}

// withProducts adds the products of a page.
func withProducts(ctx context.Context, db *sql.DB, page []FoundProduct) error {
	if len(page) == 0 {
		return nil
	}
	at := map[int64][]int{}
	var ids []int64
	for i := range page {
		id := page[i].ProductID
		if at[id] == nil {
			ids = append(ids, id)
		}
		at[id] = append(at[id], i)
	}
	rows, err := db.QueryContext(ctx, "SELECT id, key, doc FROM products WHERE id IN ("+store.IDs(ids)+")")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var key, doc string
		if err := rows.Scan(&id, &key, &doc); err != nil {
			return err
		}
		for _, i := range at[id] {
			page[i].Key, page[i].Doc = key, doc
		}
	}
	return rows.Err()
}
