package screen

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/policy"
)

// tally counts what the run saw and emits its messages, in order.
type tally struct {
	run     Run
	find    finder
	sum     offshelf.Summary
	rows    int
	beaten  int  // progress messages sent
	begun   bool // a catalog; ids repeat within one
	source  int  // index of the catalog
	width   int  // its kept columns
	ids     *idSet
	idsFull atomic.Bool
	repeats int
	broken  []error // of catalogs that broke off
	shelf   *shelf  // where days since listed are counted
	failed  map[int]*failedRule
}

// finder spells out the findings on a product; see Screener.findings.
type finder func(*hit, func(*offshelf.Product, policy.Failure)) []offshelf.Finding

// failedRule is a rule of the policy whose expression failed, how often, and
// where first.
type failedRule struct {
	findings   int
	file, text string
	row        int
}

func newTally(run Run, find finder) *tally {
	t := &tally{run: run, find: find, ids: newIDSet(), failed: map[int]*failedRule{}}
	t.sum.Actions, t.sum.Regimes = map[string]int{}, map[string]int{}
	for _, n := range run.Notes {
		t.sum.Problems = append(t.sum.Problems, offshelf.Problem{Kind: "warning", Text: n})
	}
	return t
}

func (t *tally) take(file string, r *result) error {
	if t.begun {
		t.begun, t.ids = false, newIDSet()
	}
	t.rows += r.rows
	t.sum.Read += r.rows
	t.sum.Screened += r.products
	problems := append(r.problems, t.checkIDs(r.ids)...)
	slices.SortStableFunc(problems, func(a, b offshelf.Problem) int { return cmp.Compare(a.Row, b.Row) })
	for i := range problems {
		p := &problems[i]
		if p.File == "" {
			p.File = file
		}
		switch p.Kind {
		case "failed":
			t.sum.Failed++
		case "skipped":
			t.sum.Skipped++
		}
		t.problem(*p)
	}
	if err := t.products(r, problems); err != nil {
		return err
	}
	for ; (t.beaten+1)*progressEvery <= t.rows; t.beaten++ {
		if err := t.run.Emit(&offshelf.Message{Progress: &offshelf.Progress{File: file, Rows: (t.beaten + 1) * progressEvery}}); err != nil {
			return err
		}
	}
	if t.run.Watch != nil {
		t.run.Watch(t.rows)
	}
	return nil
}

// products emits what was found in a batch, and tells Run.Seen all of it.
func (t *tally) products(r *result, problems []offshelf.Problem) error {
	v, told := r.sight, 0
	if v != nil {
		v.Source, v.Problems = t.source, problems
		defer v.release()
	}
	for i := range r.hits {
		h := &r.hits[i]
		for ; v != nil && h.at >= told+maxSeen; told += maxSeen {
			if err := t.seen(v, told, told+maxSeen); err != nil {
				return err
			}
		}
		findings, emitted, err := t.product(h)
		if err != nil {
			return err
		}
		if v != nil && emitted {
			v.Findings[h.at], v.Attributions[h.at] = findings, h.attributions
		}
	}
	for v != nil {
		to := min(told+maxSeen, len(v.Products))
		if err := t.seen(v, told, to); err != nil {
			return err
		}
		if told = to; told == len(v.Products) {
			break
		}
	}
	return nil
}

// breakOff counts what is left of a catalog that could not be read to its end
// as one failed row.
func (t *tally) breakOff(file string, err error) error {
	t.broken = append(t.broken, err)
	t.rows++
	t.sum.Read++
	t.sum.Failed++
	if inner := errors.Unwrap(err); inner != nil {
		err = inner
	}
	p := offshelf.Problem{File: file, Kind: "failed", Text: fmt.Sprintf("%v: the rows before were screened, those behind were not read", err)}
	t.problem(p)
	if t.run.Seen == nil {
		return nil
	}
	return t.run.Seen(&SeenBatch{Source: t.source, Problems: []offshelf.Problem{p}})
}

func (t *tally) problem(p offshelf.Problem) {
	if len(t.sum.Problems) < maxProblems {
		t.sum.Problems = append(t.sum.Problems, p)
	}
}

// product emits a product and its findings, and reports whether it did.
func (t *tally) product(h *hit) (findings []offshelf.Finding, told bool, err error) {
	// Findings are spelled out only here, one product at a time: a catalog of
	// nothing but hits would fill the memory with those of whole batches.
	findings = t.find(h, t.fail)
	if len(findings) == 0 && len(h.attributions) == 0 && !t.run.All {
		return nil, false, nil // of a class that rules are about, but not reached
	}
	if t.shelf != nil {
		t.shelf.product(findings)
	}
	if t.run.Beside != nil {
		if err := t.run.Compare(&h.product, findings, t.run.Beside.findings(h, t.fail)); err != nil {
			return nil, false, err
		}
	}
	err = t.run.Emit(&offshelf.Message{Product: &offshelf.ScreenedProduct{Product: h.product, Attributions: h.attributions, Findings: len(findings)}})
	if err != nil || len(findings) == 0 {
		return nil, err == nil, err
	}
	t.sum.Products++
	strongest := offshelf.NoAction
	for i := range findings {
		f := &findings[i]
		t.sum.Findings++
		t.sum.Regimes[f.Regime]++
		strongest = max(strongest, f.Action)
		if err := t.run.Emit(&offshelf.Message{Finding: f}); err != nil {
			return nil, false, err
		}
	}
	t.sum.Actions[strongest.String()]++
	return findings, true, nil
}

// fail counts an expression of the policy that failed on a finding.
func (t *tally) fail(p *offshelf.Product, x policy.Failure) {
	r := t.failed[x.Rule]
	if r == nil {
		r = &failedRule{file: p.File, row: p.Row, text: x.Text}
		t.failed[x.Rule] = r
	}
	r.findings++
}

func (t *tally) summary() *offshelf.Summary {
	for _, rule := range slices.Sorted(maps.Keys(t.failed)) {
		r := t.failed[rule]
		t.warn(fmt.Sprintf("rule %d of the policy could not be applied to %d of the findings, which were given review or more: first in %s, row %d: %s", rule, r.findings, r.file, r.row, r.text))
	}
	if t.repeats > maxRepeats {
		t.warn(fmt.Sprintf("%d rows in all have an id that stood in an earlier row", t.repeats))
	}
	if t.idsFull.Load() {
		t.warn(fmt.Sprintf("repeated ids were looked for in the first %d rows only", maxIDs))
	}
	t.sum.Statement = Statement
	if t.shelf != nil {
		t.sum.SinceListed = t.shelf.summary()
	}
	return &t.sum
}

// warn adds a warning on the whole run, however many problems there are.
func (t *tally) warn(text string) {
	t.sum.Problems = append(t.sum.Problems, offshelf.Problem{Kind: "warning", Text: text})
}

// wantsIDs reports whether ids are still compared; workers ask it.
func (t *tally) wantsIDs() bool { return !t.idsFull.Load() }

// maxRepeats is how many repeated ids are told one by one.
const maxRepeats = 5

// checkIDs warns of ids that stood in an earlier row of the same catalog.
func (t *tally) checkIDs(ids []idRow) []offshelf.Problem {
	var problems []offshelf.Problem
	for _, x := range ids {
		if t.idsFull.Load() {
			break
		}
		first, seen, full := t.ids.add(x)
		if full {
			t.idsFull.Store(true)
			break
		}
		if seen {
			if t.repeats++; t.repeats <= maxRepeats {
				problems = append(problems, offshelf.Problem{Row: int(x.row), Kind: "warning",
					Text: fmt.Sprintf("the id of this row stood in row %d already: both were screened; give each product an id of its own, or map another column with --map id=COLUMN", first)})
			}
		}
	}
	return problems
}
