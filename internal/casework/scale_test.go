package casework_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

// Sizes of the world that is measured: a large shop.
const (
	scaleProducts = 1_000_000
	scaleFindings = 100_000
	scaleBrands   = 400 // the first has a tenth of all findings
	largeBrand    = "b0"
)

// BenchmarkScale measures the lists and the large decisions in a world of a
// million products; the figures are milliseconds, of lists the 95th percentile.
//
//	go test ./internal/casework -run xxx -bench Scale -benchtime 1x
func BenchmarkScale(b *testing.B) {
	for engine, database := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			now := time.Date(2026, 7, 20, 12, 0, 0, 0, time.UTC)
			s := storetest.Open(b, store.Options{Database: database(b), Clock: func() time.Time { return now }})
			w := newWorld(b, s, &now, "Shop")
			w.fill(b)
			b.ResetTimer()
			for range b.N {
				w.lists(b)
				w.largeDecisions(b)
			}
		})
	}
}

// fill makes the products and the findings, by the calls that a run makes.
func (w *world) fill(b *testing.B) {
	ctx := context.Background()
	random := rand.New(rand.NewPCG(1, 2))
	up, run := int64(0), int64(0)
	w.update(b, store.SystemActor, func(tx *store.Tx) error {
		u, err := tx.CreateUpload(ctx, query.CreateUploadParams{WorkspaceID: w.ws, CatalogID: w.catalog, CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		r, err := tx.CreateRun(ctx, query.CreateRunParams{WorkspaceID: w.ws, CatalogID: w.catalog, UploadID: u.ID, CreatedAt: tx.Now})
		up, run = u.ID, r.ID
		return err
	})
	brand := func() int {
		if random.IntN(10) == 0 {
			return 0
		}
		return 1 + int(float64(scaleBrands-1)*random.Float64()*random.Float64())
	}
	product := func(i int) store.ProductRow {
		key := fmt.Sprintf("SKU-%07d", i)
		return store.ProductRow{ID: store.ProductID(up, i+1), CatalogID: w.catalog, KeyHash: store.KeyHash(key, 0), Key: key,
			Doc: fmt.Sprintf(`{"id":%q,"title":"Camera outdoor 4K %d","brand":"Brand","vendor":"Acme","gtin":"0001234567890","price":"99.90","url":"https://shop.example/p/%d"}`, key, i, i)}
	}
	for i := 0; i < scaleProducts; i += 50_000 {
		w.update(b, store.SystemActor, func(tx *store.Tx) error {
			rows := make([]store.ProductRow, 50_000)
			for j := range rows {
				rows[j] = product(i + j)
			}
			return tx.AddProducts(ctx, rows)
		})
	}
	brands := make([]int, scaleFindings)
	w.update(b, store.SystemActor, func(tx *store.Tx) error {
		cases := map[int]int64{}
		var ids []int64
		var rows []query.Finding
		var attributions []store.AttributionRow
		for i := range scaleFindings {
			p := product(i * 7)
			n := brand()
			brands[i] = n
			id := fmt.Sprintf("b%d", n)
			if cases[n] == 0 {
				c, _, err := casework.OpenOrJoin(ctx, tx, w.ws, run, "brand:"+id, "Brand "+id, offshelf.Pull, offshelf.Law)
				if err != nil {
					return err
				}
				cases[n], ids = c, append(ids, c)
			}
			rows = append(rows, query.Finding{
				ID: store.FindingID(run, i+1), WorkspaceID: w.ws, CatalogID: w.catalog, Fingerprint: fmt.Sprintf("%064d", i), ProductID: p.ID, KeyHash: p.KeyHash, Brand: id,
				Subject: "brand:" + id, Regime: fmt.Sprintf("regime-%d", int(12*random.Float64()*random.Float64())), Listing: "listing-" + id, Verdict: "reached",
				Basis: "policy", Action: int64(2 + random.IntN(3)), Since: "2021-03-12", Probability: 990000, Reasons: `[{"text":"the brand column","weight":3}]`, Explanation: fmt.Sprintf("%064d", n),
				ChainDigest: fmt.Sprintf("%064d", n), ListingDigest: fmt.Sprintf("%064d", n), State: "open", OpenedRun: run, CaseID: cases[n],
			})
			attributions = append(attributions, store.AttributionRow{ID: store.AttributionID(p.ID, 0), ProductID: p.ID, CatalogID: w.catalog, Brand: id, Relation: "made", Probability: 990000})
		}
		if err := tx.AddAttributions(ctx, attributions); err != nil {
			return err
		}
		if err := tx.AddFindings(ctx, rows); err != nil {
			return err
		}
		started := time.Now()
		if err := casework.Recount(ctx, tx, ids); err != nil {
			return err
		}
		b.Logf("%d cases with %d findings recounted in %v", len(ids), len(rows), time.Since(started).Round(time.Millisecond))
		return tx.SetCurrentUpload(ctx, query.SetCurrentUploadParams{ID: w.catalog, CurrentUpload: up})
	})
}

func (w *world) caseOf(b *testing.B, brand string) query.Case {
	c, err := w.s.Query().CaseBySubject(context.Background(), query.CaseBySubjectParams{WorkspaceID: w.ws, Subject: "brand:" + brand})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// lists measures each kind of list, first pages and pages far down.
func (w *world) lists(b *testing.B) {
	ctx := context.Background()
	no := false
	large := w.caseOf(b, largeBrand).ID
	findings := map[string]casework.FindingFilter{
		"findings": {}, "findings-action": {Action: offshelf.Review}, "findings-case": {Case: large}, "findings-regime": {Regime: "regime-0"}, "findings-rare-regime": {Regime: "regime-11"},
		"findings-brand": {Brand: largeBrand}, "findings-brand-regime": {Brand: "b300", Regime: "regime-3"}, "findings-catalog": {Catalog: w.catalog, Action: offshelf.Hold},
		"findings-listing": {Listing: "listing-b0"}, "findings-not-quiet": {Quiet: &no}, "findings-case-regime": {Case: large, Regime: "regime-11"}, "findings-none": {Regime: "no-such"},
	}
	for name, f := range findings {
		var times []time.Duration
		for range 200 {
			started := time.Now()
			page, err := casework.Findings(ctx, w.s, w.ws, f)
			if err != nil {
				b.Fatal(err)
			}
			times = append(times, time.Since(started))
			f.Cursor = page.Next
			if page.Next == "" {
				f.Cursor = ""
			}
		}
		b.ReportMetric(p95(times), name+"-p95-ms")
	}
	cases := map[string]casework.CaseFilter{
		"cases": {}, "cases-open": {States: []string{"open"}}, "cases-regime": {Regime: "regime-0"}, "cases-rare-regime": {Regime: "regime-11"}, "cases-no-regime": {Regime: "no-such"},
		"cases-brand": {Brand: largeBrand}, "cases-text": {Text: "b39"},
	}
	for name, f := range cases {
		var times []time.Duration
		for range 200 {
			started := time.Now()
			page, err := casework.Cases(ctx, w.s, w.ws, f)
			if err != nil {
				b.Fatal(err)
			}
			times = append(times, time.Since(started))
			f.Cursor = page.Next
		}
		b.ReportMetric(p95(times), name+"-p95-ms")
	}
	for name, f := range map[string]func() error{
		"clocks":   func() error { _, err := casework.Clocks(ctx, w.s.Query(), w.ws, large, day("2026-07-20")); return err },
		"timeline": func() error { _, err := casework.Timeline(ctx, w.s.Query(), w.ws, large, -1, 100); return err },
	} {
		var times []time.Duration
		for range 200 {
			started := time.Now()
			if err := f(); err != nil {
				b.Fatal(err)
			}
			times = append(times, time.Since(started))
		}
		b.ReportMetric(p95(times), name+"-p95-ms")
	}
}

func p95(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)*95/100].Microseconds()) / 1000
}

// largeDecisions measures a brand with ten thousand products: kept, pulled
// instead, and seen gone.
func (w *world) largeDecisions(b *testing.B) {
	ctx := context.Background()
	w.set(b, `{"four_eyes":"never"}`)
	for name, p := range map[string]casework.Proposal{
		"keep": {Kind: casework.Keep, ReasonCode: "accepted-risk", Reason: "r", Until: day("2027-01-01")},
	} {
		started := time.Now()
		if _, err := w.tryPropose("ann", w.caseOf(b, largeBrand), p); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(started).Milliseconds()), name+"-ms")
	}
	started := time.Now()
	if _, err := w.tryPropose("ann", w.caseOf(b, largeBrand), casework.Proposal{Kind: casework.Pull, ReasonCode: "own-policy", Reason: "r", Scope: casework.ScopeBrand}); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(started).Milliseconds()), "pull-ms")
	started = time.Now()
	w.update(b, store.SystemActor, func(tx *store.Tx) error {
		seen, err := casework.Sightings(ctx, tx, w.catalog, 1<<40, func(key int64, _ string) (int64, bool) { return 0, false })
		b.ReportMetric(float64(len(seen)), "gone")
		return err
	})
	b.ReportMetric(float64(time.Since(started).Milliseconds()), "sightings-ms")
}
