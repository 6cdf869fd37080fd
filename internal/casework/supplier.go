package casework

import (
	"context"
	"errors"
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// Bounds of a letter.
const (
	maxLetter         = 20000 // characters
	maxLetterProducts = 50    // that it lists
	maxDocuments      = 50
	maxDocument       = 500 // characters
)

// Question is what a supplier is asked.
type Question struct {
	Supplier  string
	Template  string       // see Templates; TemplateDocuments where empty
	Due       offshelf.Day // the last day for an answer; 0: as the settings of the workspace say
	Documents []string     // asked for; none means what the regimes of the case ask for
	Letter    string       // instead of the one from the template
}

// AskSupplier writes the letter to a supplier and keeps it with its due day.
// Sending it is left to people.
func AskSupplier(ctx context.Context, tx *store.Tx, ws, caseID, version int64, ask Question) (query.Case, query.SupplierRequest, error) {
	none := query.SupplierRequest{}
	c, err := begin(ctx, tx, ws, caseID, version)
	if err != nil {
		return c, none, err
	}
	who, err := actor(ctx, tx, ws)
	if err != nil {
		return c, none, err
	}
	w, err := store.Found(tx.Workspace(ctx, ws))
	if err != nil {
		return c, none, err
	}
	settings, err := ParseSettings(w.Settings)
	if err != nil {
		return c, none, err
	}
	if err := tidyQuestion(&ask, settings, DayOf(tx.Now)); err != nil {
		return c, none, err
	}
	l, regimes, err := letterOf(ctx, tx, &c, &ask)
	if err != nil {
		return c, none, err
	}
	if len(ask.Documents) == 0 {
		ask.Documents = Documents(regimes)
	}
	for i, d := range ask.Documents {
		l.Documents = append(l.Documents, letterDocument{i + 1, d})
	}
	l.Company, l.Person = oneLine(w.Name), oneLine(who.Name)
	written, err := l.write(ask.Template)
	if err != nil {
		return c, none, err
	}
	if ask.Letter == "" {
		ask.Letter = written
	}
	r, err := tx.CreateSupplierRequest(ctx, query.CreateSupplierRequestParams{
		WorkspaceID: ws, CaseID: c.ID, Supplier: ask.Supplier, Template: ask.Template, Letter: ask.Letter,
		Documents: list(ask.Documents), DueOn: int64(ask.Due), AskedBy: who.ID, AskedAt: tx.Now,
	})
	if err != nil {
		return c, none, err
	}
	c, err = log(ctx, tx, c, "supplier.asked", map[string]any{
		"by": who.Name, "request": r.ID, "supplier": r.Supplier, "template": r.Template, "documents": ask.Documents, "due": ask.Due.String(),
	}, store.Row("supplier_requests", r.ID))
	return c, r, err
}

func tidyQuestion(ask *Question, settings Settings, today offshelf.Day) error {
	var err error
	if ask.Supplier, err = text("supplier", ask.Supplier, maxKey, true); err != nil {
		return err
	}
	if ask.Supplier = oneLine(ask.Supplier); ask.Supplier == "" {
		return invalid("supplier", "it is empty: name the supplier")
	}
	if ask.Template == "" {
		ask.Template = TemplateDocuments
	}
	if ask.Letter, err = text("letter", ask.Letter, maxLetter, false); err != nil {
		return err
	}
	if len(ask.Documents) > maxDocuments {
		return invalid("documents", "%d are too many: ask for at most %d", len(ask.Documents), maxDocuments)
	}
	ask.Documents = slices.Clone(ask.Documents)
	for i, d := range ask.Documents {
		if d, err = text("documents", d, maxDocument, true); err != nil {
			return err
		}
		ask.Documents[i] = oneLine(d)
	}
	if ask.Due == 0 {
		ask.Due = today + offshelf.Day(settings.AnswerDays)
	}
	if ask.Due <= today || ask.Due > today+MaxAnswerDays {
		return invalid("due", "%s is out of bounds: name a day after today, %s, and until %s", ask.Due, today, today+MaxAnswerDays)
	}
	return nil
}

// letterOf gathers what a letter says of the case: the products of the
// supplier, or all where the catalog names none of it, and the rules.
func letterOf(ctx context.Context, tx *store.Tx, c *query.Case, ask *Question) (*letter, []string, error) {
	all, err := tx.FindingsToDecide(ctx, c.ID)
	if err != nil {
		return nil, nil, err
	}
	if ofSupplier := slices.DeleteFunc(slices.Clone(all), func(f query.FindingsToDecideRow) bool { return !comesFrom(f.Doc, ask.Supplier) }); len(ofSupplier) > 0 {
		all = ofSupplier
	}
	l := &letter{Today: DayOf(tx.Now), Due: ask.Due, Supplier: ask.Supplier, Case: c.ID, Title: oneLine(c.Title)}
	seen := map[int64]bool{}
	var regimes []string
	for i := range all {
		f := &all[i]
		if !slices.Contains(regimes, f.Finding.Regime) {
			regimes = append(regimes, f.Finding.Regime)
			title := f.Finding.Regime
			if t, ok := explanation(ctx, tx.Queries, &f.Finding); ok && t.Title != "" {
				title = t.Title
			}
			l.Rules = append(l.Rules, oneLine(title))
		}
		if seen[f.Finding.ProductID] {
			continue
		}
		seen[f.Finding.ProductID] = true
		if len(l.Products) == maxLetterProducts {
			l.More++
			continue
		}
		p, _ := parseProduct(f.Doc)
		l.Products = append(l.Products, letterProduct{oneLine(f.Key), oneLine(p.Title)})
	}
	if len(l.Products) == 0 {
		return nil, nil, untimely("nothing is open in this case: there is nothing to ask a supplier about")
	}
	return l, regimes, nil
}

// AnswerSupplier records that a supplier answered, what, and with which
// attachments of the case.
func AnswerSupplier(ctx context.Context, tx *store.Tx, ws, caseID, version, requestID int64, answer string, evidence []int64) (query.Case, query.SupplierRequest, error) {
	none := query.SupplierRequest{}
	answer, err := text("answer", answer, maxComment, true)
	if err != nil {
		return query.Case{}, none, err
	}
	if len(evidence) > maxEvidence {
		return query.Case{}, none, invalid("evidence", "%d attachments are too many: name at most %d", len(evidence), maxEvidence)
	}
	c, err := begin(ctx, tx, ws, caseID, version)
	if err != nil {
		return c, none, err
	}
	who, err := actor(ctx, tx, ws)
	if err != nil {
		return c, none, err
	}
	r, err := store.Found(tx.SupplierRequest(ctx, requestID))
	if err != nil {
		return c, none, err
	}
	if r.CaseID != c.ID {
		return c, none, store.ErrNotFound
	}
	if err := checkEvidence(ctx, tx, &c, evidence); err != nil {
		return c, none, err
	}
	n, err := tx.SetSupplierRequest(ctx, query.SetSupplierRequestParams{ID: r.ID, State: "answered", AnsweredAt: tx.Now})
	if err != nil {
		return c, none, err
	}
	if n != 1 {
		return c, none, untimely("request %d is %s: add a comment instead", r.ID, r.State)
	}
	r.State, r.AnsweredAt = "answered", tx.Now
	late := int64(DayOf(tx.Now)) > r.DueOn
	c, err = log(ctx, tx, c, "supplier.answered", map[string]any{
		"by": who.Name, "request": r.ID, "supplier": r.Supplier, "answer": answer, "evidence": append([]int64{}, evidence...), "late": late,
	}, store.Row("supplier_requests", r.ID))
	return c, r, err
}

// checkEvidence refuses attachments that are not of the case.
func checkEvidence(ctx context.Context, tx *store.Tx, c *query.Case, ids []int64) error {
	for _, id := range ids {
		a, err := store.Found(tx.Attachment(ctx, id))
		if errors.Is(err, store.ErrNotFound) || err == nil && a.CaseID != c.ID {
			return invalid("evidence", "the case has no attachment %d: attach the document to it first", id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
