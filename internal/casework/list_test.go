package casework_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// seed opens cases with findings of many regimes and brands, straight in the
// tables.
func (w *world) seed(t fataler, cases, each int) {
	t.Helper()
	w.update(t, store.SystemActor, func(tx *store.Tx) error {
		ctx := context.Background()
		run, err := tx.CreateRun(ctx, query.CreateRunParams{WorkspaceID: w.ws, CatalogID: w.catalog, UploadID: w.upload, CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		e := store.Event{Workspace: w.ws, Kind: "seeded", Data: map[string]any{}, Rows: []store.Ref{store.Row("runs", run.ID)}}
		var ids []int64
		n := 0
		for i := range cases {
			subject := fmt.Sprintf("brand:b%d", i)
			id, _, err := casework.OpenOrJoin(ctx, tx, w.ws, run.ID, subject, fmt.Sprintf("Brand_%d 100%%", i), offshelf.Pull, offshelf.Law)
			if err != nil {
				return err
			}
			ids = append(ids, id)
			var rows []query.Finding
			for j := range each {
				n++
				product := w.shelf["A"].id
				state := "open"
				if j%10 == 9 {
					state = "ended"
				}
				basis := "policy"
				if i%2 == 0 {
					basis = "law"
				}
				rows = append(rows, query.Finding{
					ID: store.FindingID(run.ID, n), WorkspaceID: w.ws, CatalogID: w.catalog, Fingerprint: fmt.Sprintf("s%d", n), ProductID: product, Brand: fmt.Sprintf("b%d", i),
					Subject: subject, Regime: fmt.Sprintf("r%d", j%5), Listing: fmt.Sprintf("l%d", i), Verdict: "reached", Basis: basis, Action: int64(1 + (i+j)%4), State: state, CaseID: id,
				})
				e.Rows = append(e.Rows, store.Row("findings", store.FindingID(run.ID, n)))
			}
			if err := tx.AddFindings(ctx, rows); err != nil {
				return err
			}
		}
		tx.Log(e)
		return casework.Recount(ctx, tx, ids)
	})
}

// Whatever the filter, the pages together are all rows that fit, each once and
// in order.
func TestLists(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law))
		w.seed(t, 12, 20)
		ctx := context.Background()
		nobody := int64(0)
		for name, x := range map[string]struct {
			f    casework.CaseFilter
			want int
		}{
			"all":           {casework.CaseFilter{}, 13},
			"open":          {casework.CaseFilter{States: []string{"open", "kept"}}, 13},
			"kept":          {casework.CaseFilter{States: []string{"kept"}}, 0},
			"law":           {casework.CaseFilter{Basis: offshelf.Law}, 7},
			"action":        {casework.CaseFilter{Action: offshelf.Pull}, 13},
			"regime":        {casework.CaseFilter{Regime: "r3"}, 12},
			"only ended":    {casework.CaseFilter{Regime: "r9"}, 0},
			"brand":         {casework.CaseFilter{Brand: "b3"}, 1},
			"nobody's":      {casework.CaseFilter{Assignee: &nobody}, 13},
			"text":          {casework.CaseFilter{Text: "bRAND_1"}, 3}, // 1, 10, 11: _ is no wildcard
			"text, percent": {casework.CaseFilter{Text: "0%"}, 12},
			"text, no star": {casework.CaseFilter{Text: "Brand%"}, 0},
			"quotes":        {casework.CaseFilter{Text: `'; DROP TABLE cases; --\`}, 0},
			"subject":       {casework.CaseFilter{Text: "brand:lorex"}, 1},
		} {
			var all []query.Case
			for pages, f := 0, x.f; ; pages++ {
				f.Limit = 3
				page, err := casework.Cases(ctx, w.s, w.ws, f)
				if err != nil || pages > 10 {
					t.Fatal(name, err)
				}
				all = append(all, page.Cases...)
				if page.Next == "" {
					break
				}
				f.Cursor = page.Next
			}
			if len(all) != x.want {
				t.Errorf("%s: %d cases, want %d", name, len(all), x.want)
			}
			if !slices.IsSortedFunc(all, func(a, b query.Case) int { return int(b.Action-a.Action)*1000 + int(b.ID-a.ID) }) {
				t.Errorf("%s: out of order", name)
			}
		}
		c, err := casework.Cases(ctx, w.s, w.ws, casework.CaseFilter{Brand: "b4"})
		if err != nil || len(c.Cases) != 1 {
			t.Fatal(err)
		}
		yes, no := true, false
		for name, x := range map[string]struct {
			f    casework.FindingFilter
			want int
		}{
			"all":       {casework.FindingFilter{}, 12*18 + 1},
			"ended":     {casework.FindingFilter{State: "ended"}, 24},
			"case":      {casework.FindingFilter{Case: c.Cases[0].ID}, 18},
			"case, r":   {casework.FindingFilter{Case: c.Cases[0].ID, Regime: "r1"}, 4},
			"brand":     {casework.FindingFilter{Brand: "b4"}, 18},
			"regime":    {casework.FindingFilter{Regime: "r1"}, 48},
			"both":      {casework.FindingFilter{Regime: "r1", Brand: "b2"}, 4},
			"listing":   {casework.FindingFilter{Listing: "l7", State: "ended"}, 2},
			"action":    {casework.FindingFilter{Action: offshelf.Hold, Basis: offshelf.Choice}, 24},
			"quiet":     {casework.FindingFilter{Quiet: &yes}, 0},
			"not quiet": {casework.FindingFilter{Quiet: &no, Catalog: w.catalog}, 12*18 + 1},
			"possible":  {casework.FindingFilter{Verdict: offshelf.Possible}, 0},
		} {
			seen := map[int64]bool{}
			for pages, f := 0, x.f; ; pages++ {
				f.Limit = 7
				page, err := casework.Findings(ctx, w.s, w.ws, f)
				if err != nil || pages > 100 {
					t.Fatal(name, err)
				}
				for _, p := range page.Findings {
					if seen[p.ID] || p.Key != "A" || !strings.Contains(p.Doc, "Lorex") {
						t.Errorf("%s: %d twice, or without its product %q", name, p.ID, p.Key)
					}
					seen[p.ID] = true
				}
				if page.Next == "" {
					break
				}
				f.Cursor = page.Next
			}
			if len(seen) != x.want {
				t.Errorf("%s: %d findings, want %d", name, len(seen), x.want)
			}
		}
		for _, cursor := range []string{"x", "!!", strings.Repeat("A", 1000), "MS4", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTku"} {
			var invalid *casework.Invalid
			if _, err := casework.Cases(ctx, w.s, w.ws, casework.CaseFilter{Cursor: cursor}); !errors.As(err, &invalid) {
				t.Errorf("cursor %.20q: %v", cursor, err)
			}
			if _, err := casework.Findings(ctx, w.s, w.ws, casework.FindingFilter{Cursor: cursor}); !errors.As(err, &invalid) {
				t.Errorf("cursor %.20q: %v", cursor, err)
			}
		}
		var invalid *casework.Invalid
		if _, err := casework.Cases(ctx, w.s, w.ws, casework.CaseFilter{States: []string{"open'"}}); !errors.As(err, &invalid) {
			t.Error(err)
		}
		if _, err := casework.Findings(ctx, w.s, w.ws, casework.FindingFilter{Brand: "a\x00"}); !errors.As(err, &invalid) {
			t.Error(err)
		}
	})
}
