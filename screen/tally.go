package screen

import (
	"fmt"
	"sync/atomic"

	"github.com/offshelf/offshelf"
)

// tally counts what the run saw and emits its messages, in order.
type tally struct {
	run     Run
	sum     offshelf.Summary
	rows    int
	beaten  int // progress messages sent
	ids     *idSet
	idsFull atomic.Bool
	repeats int
}

func newTally(run Run) *tally {
	t := &tally{run: run, ids: newIDSet()}
	t.sum.Actions, t.sum.Regimes = map[string]int{}, map[string]int{}
	for _, n := range run.Notes {
		t.sum.Problems = append(t.sum.Problems, offshelf.Problem{Kind: "warning", Text: n})
	}
	return t
}

func (t *tally) take(file string, r *result) error {
	t.rows += r.rows
	t.sum.Read += r.rows
	t.sum.Screened += r.products
	for _, p := range r.problems {
		if p.File == "" {
			p.File = file
		}
		switch p.Kind {
		case "failed":
			t.sum.Failed++
		case "skipped":
			t.sum.Skipped++
		}
		t.problem(p)
	}
	t.checkIDs(file, r.ids)
	for i := range r.hits {
		if err := t.product(&r.hits[i]); err != nil {
			return err
		}
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

func (t *tally) problem(p offshelf.Problem) {
	if len(t.sum.Problems) < maxProblems {
		t.sum.Problems = append(t.sum.Problems, p)
	}
}

func (t *tally) product(h *hit) error {
	err := t.run.Emit(&offshelf.Message{Product: &offshelf.ScreenedProduct{Product: h.product, Attributions: h.attributions, Findings: len(h.findings)}})
	if err != nil || len(h.findings) == 0 {
		return err
	}
	t.sum.Products++
	strongest := offshelf.NoAction
	for i := range h.findings {
		f := &h.findings[i]
		t.sum.Findings++
		t.sum.Regimes[f.Regime]++
		strongest = max(strongest, f.Action)
		if err := t.run.Emit(&offshelf.Message{Finding: f}); err != nil {
			return err
		}
	}
	t.sum.Actions[strongest.String()]++
	return nil
}

func (t *tally) summary() *offshelf.Summary {
	if t.repeats > maxRepeats {
		t.problem(offshelf.Problem{Kind: "warning", Text: fmt.Sprintf("%d rows in all have an id that stood in an earlier row", t.repeats)})
	}
	if t.idsFull.Load() {
		t.problem(offshelf.Problem{Kind: "warning", Text: fmt.Sprintf("repeated ids were looked for in the first %d rows only", maxIDs)})
	}
	t.sum.Statement = Statement
	return &t.sum
}

// wantsIDs reports whether ids are still compared; workers ask it.
func (t *tally) wantsIDs() bool { return !t.idsFull.Load() }

// maxRepeats is how many repeated ids are told one by one.
const maxRepeats = 5

func (t *tally) checkIDs(file string, ids []idRow) {
	for _, x := range ids {
		if t.idsFull.Load() {
			return
		}
		first, seen, full := t.ids.add(x)
		if full {
			t.idsFull.Store(true)
			return
		}
		if seen {
			if t.repeats++; t.repeats <= maxRepeats {
				t.problem(offshelf.Problem{File: file, Row: int(x.row), Kind: "warning",
					Text: fmt.Sprintf("the id of this row stood in row %d already: both were screened; give each product an id of its own, or map another column with --map id=COLUMN", first)})
			}
		}
	}
}
