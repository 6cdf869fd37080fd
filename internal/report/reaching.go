package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

// reachSheet is text about one party or brand, as of a day.
type reachSheet struct {
	*sheet
	asOf offshelf.Day
}

// Reaching writes what regimes say of one party or brand on a day: those that
// reach it in full, the others in a line.
func Reaching(w io.Writer, answers []screen.Reaching, day offshelf.Day, o Options) error {
	h := &reachSheet{newSheet(w, o), day}
	var silent, none []string
	for i := range answers {
		a := &answers[i]
		switch {
		case a.Verdict != screen.NotReached || len(answers) == 1 || len(a.Warnings) > 0:
			h.reaching(a)
		case a.State == "" || a.State == "suspended":
			silent = append(silent, a.Regime)
		default:
			none = append(none, a.Regime)
		}
	}
	if len(none) > 0 {
		h.para("", 0, "No evidence found, in this state of knowledge, under "+strings.Join(none, ", ")+".")
	}
	if len(silent) > 0 {
		h.para("", 0, "Not in force on this day: "+strings.Join(silent, ", ")+".")
	}
	return h.w.Flush()
}

func (h *reachSheet) reaching(a *screen.Reaching) {
	head := strings.ToUpper(string(a.Verdict))
	style := map[offshelf.Verdict]string{offshelf.Reached: "1;31", offshelf.Possible: "1;33"}[a.Verdict]
	title := a.Regime + " — " + clean(a.Title)
	lead := h.paint(style, head) + strings.Repeat(" ", max(1, 12-len(head)))
	for _, l := range wrap(title, h.o.Width-12) {
		h.line(lead + l)
		lead = strings.Repeat(" ", 12)
	}
	if !a.Since.IsZero() || !a.Until.IsZero() {
		h.label("When", span(offshelf.Interval{From: a.Since, Until: a.Until}, h.asOf))
	}
	h.label("Rule", ruleSays(a))
	if len(a.Facts) > 0 {
		what := "that carry this together:"
		if a.Smallest {
			what = "the fewest that carry this together:"
		}
		h.label("Facts", what)
		for _, f := range a.Facts {
			h.bullet(sentence(f, h.asOf) + " [" + cited(f) + "]")
		}
	}
	for _, open := range a.Open {
		h.label("Open", clean(open))
	}
	for _, w := range a.Warnings {
		h.label("Careful", clean(w))
	}
	for i, f := range a.Flips {
		label := ""
		if i == 0 {
			label = "Turns"
		}
		h.label(label, "to "+string(f.Then)+" "+clean(f.Change))
	}
	h.line("")
}

// ruleSays tells what the regime itself says on the day.
func ruleSays(a *screen.Reaching) string {
	switch a.State {
	case "":
		return "not in force on this day"
	case "suspended":
		return "suspended on this day: it reaches nobody"
	}
	state := map[string]string{"in-force": "in force", "scheduled": "scheduled, verify"}[a.State]
	basis := "the law forbids"
	if a.Basis == offshelf.Choice {
		basis = "policy, no duty of a shop; it forbids"
	}
	forbids := strings.Join(a.Forbids, ", ")
	if forbids == "" || forbids == "none" {
		basis, forbids = "it forbids", "no sale"
	}
	out := fmt.Sprintf("%s; %s %s", state, basis, forbids)
	if len(a.Goods) > 0 {
		out += "; about " + strings.Join(a.Goods, ", ") + " only"
	}
	return out
}
