package casework_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
)

func (w *world) clocks(t fataler, on string) string {
	t.Helper()
	all, err := casework.Clocks(context.Background(), w.s.Query(), w.ws, w.theCase(t).ID, day(on))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range all {
		out = append(out, fmt.Sprintf("%s %s/%s %s %s", c.Kind, c.Since, c.Due, c.State, c.Days))
		if c.Rule == "" || c.Title == "" || c.Kind == "report" && !strings.Contains(c.Source, "52.204-25") {
			t.Fatalf("%+v says not enough", c)
		}
	}
	return strings.Join(out, "\n")
}

func TestClocks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// 01:30 in UTC is still the day before in Washington
		*w.now = time.Date(2026, 7, 1, 1, 30, 0, 0, time.UTC)
		p := camera("A", offshelf.Law)
		f := p.findings[0]
		f.Regime, f.Basis, f.Since = "us-ndaa-889", offshelf.Choice, day("2019-08-13").Date()
		p.findings = append(p.findings, f)
		w.publish(t, p)
		want := `report 2026-06-30/2026-07-01 due 1
report 2026-06-30/2026-07-15 runs 1
age-listed 2019-08-13/ counts 2514
age-open 2026-07-01/ counts 0`
		if diff := cmp.Diff(want, w.clocks(t, "2026-07-01")); diff != "" {
			t.Error(diff)
		}
		if _, err := w.ask(t, casework.Question{Supplier: "Acme", Due: day("2026-07-14")}); err != nil {
			t.Fatal(err)
		}
		w.propose(t, "ann", casework.Proposal{Kind: casework.Wait, ReasonCode: "supplier-asked", Reason: "r", Until: day("2026-07-20")})
		want = `report 2026-06-30/2026-07-01 overdue 16
report 2026-06-30/2026-07-15 overdue 16
supplier 2026-07-01/2026-07-14 overdue 15
wait 2026-07-01/2026-07-20 runs 15
age-listed 2019-08-13/ counts 2529
age-open 2026-07-01/ counts 15`
		if diff := cmp.Diff(want, w.clocks(t, "2026-07-16")); diff != "" {
			t.Error(diff)
		}
		// a company that supplies no federal agency owes no report
		w.set(t, `{"report_regimes":[]}`)
		if got := w.clocks(t, "2026-07-16"); strings.Contains(got, "report") {
			t.Error(got)
		}
		w.set(t, `{}`)
		// possible is not reached, and what ended is due no more
		p.findings[1].Verdict = offshelf.Possible
		w.publish(t, p)
		if got := w.clocks(t, "2026-07-16"); strings.Contains(got, "report") {
			t.Error(got)
		}
		p.findings[1].Verdict = offshelf.Reached
		w.publish(t, p)
		w.publish(t)
		if got := w.clocks(t, "2026-07-16"); !strings.Contains(got, "report 2026-06-30/2026-07-01 stopped") {
			t.Error(got)
		}
	})
}
