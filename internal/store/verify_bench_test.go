package store_test

import (
	"bytes"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

// BenchmarkVerify: a million products with half as many attributions, and
// 200,000 leaves in 2,000 transactions that seal 200,000 rows.
func BenchmarkVerify(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			database := storetest.SQLite(b)
			if engine == "postgres" {
				database = storetest.Postgres(b)
			}
			s := storetest.Open(b, store.Options{Database: database})
			grow(b, s, 1_000_000, 200_000)
			b.Run("verify", func(b *testing.B) {
				start := cpu(b)
				defer func() { b.ReportMetric((cpu(b)-start).Seconds()/float64(b.N), "cpu-s/op") }()
				for b.Loop() {
					v := verify(b, s, store.VerifyOptions{})
					b.ReportMetric(float64(v.Products), "products")
					b.ReportMetric(float64(v.Leaves), "leaves")
				}
			})
			var file bytes.Buffer
			b.Run("backup", func(b *testing.B) {
				for b.Loop() {
					file.Reset()
					must[store.BackupCounts](b)(s.Backup(b.Context(), &file))
				}
				b.ReportMetric(float64(file.Len())/1e6, "MB")
			})
			b.Run("restore", func(b *testing.B) {
				for b.Loop() {
					t := storetest.Open(b, store.Options{Database: storetest.SQLite(b), Key: s.Key()})
					must[store.BackupCounts](b)(t.Restore(b.Context(), bytes.NewReader(file.Bytes())))
				}
			})
		})
	}
}

// cpu is the time that the process has worked, whoever else shares the machine.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func grow(b *testing.B, s *store.Store, products, leaves int) {
	ctx := b.Context()
	f := &filled{workspace: 1}
	update(b, s, func(tx *store.Tx) error {
		w := must[query.Workspace](b)(tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: "shop", Settings: "{}", CreatedAt: tx.Now}))
		c := must[query.Catalog](b)(tx.CreateCatalog(ctx, query.CreateCatalogParams{WorkspaceID: w.ID, Name: "shop", Options: "{}", CreatedAt: tx.Now}))
		f.workspace, f.catalog = w.ID, c.ID
		tx.Log(store.Event{Workspace: w.ID, Kind: "workspace.created", Rows: []store.Ref{store.Row("workspaces", w.ID), store.Row("catalogs", c.ID)}})
		return nil
	})
	f.upload = newUpload(b, s, f, keepBlob(b, s, f.workspace, nil).ID)
	f.run = newRun(b, s, f)
	rows := someProducts(f, products)
	var sum, made ledger.SetSum
	for len(rows) > 0 {
		part := rows[:min(len(rows), 50_000)]
		rows = rows[len(part):]
		var attributions []store.AttributionRow
		for i := range part {
			sum.Add(store.ProductDigest(&part[i]))
			if i%2 == 0 {
				a := store.AttributionRow{ID: store.AttributionID(part[i].ID, 0), ProductID: part[i].ID, CatalogID: f.catalog, Brand: "lorex", Relation: "made", Probability: 990000}
				made.Add(store.AttributionDigest(&a))
				attributions = append(attributions, a)
			}
		}
		update(b, s, func(tx *store.Tx) error {
			if err := tx.AddProducts(ctx, part); err != nil {
				return err
			}
			return tx.AddAttributions(ctx, attributions)
		})
	}
	update(b, s, func(tx *store.Tx) error {
		tx.Log(store.Event{Workspace: f.workspace, Kind: "run.published", Rows: []store.Ref{store.Row("runs", f.run)}})
		return tx.EndRun(ctx, query.EndRunParams{ID: f.run, State: "published", ProductsSum: sum.String(), AttributionsSum: made.String()})
	})
	const each = 100
	for n := range leaves / each {
		update(b, s, func(tx *store.Tx) error {
			var x [][]any
			for i := range each {
				key := hexSum(fmt.Sprint(n, i))
				x = append(x, []any{key, `{"regime":"us-fcc-covered","chains":[{"hops":["brand lorex","party dahua"]}],"n":"` + key + `"}`})
				tx.Log(store.Event{Workspace: f.workspace, Kind: "finding.opened", Data: map[string]string{"regime": "us-fcc-covered", "product": key}, Rows: []store.Ref{{Table: "explanations", Key: key}}})
			}
			return tx.Bulk(ctx, "explanations", []string{"sha256", "doc"}, x)
		})
	}
}

// BenchmarkHead is what the signature of one transaction costs.
func BenchmarkHead(b *testing.B) {
	k := storetest.Key(b)
	note := must[string](b)(k.Sign(ledger.Head{Size: 12345}))
	c := k.Checker()
	for b.Loop() {
		must[ledger.Head](b)(c.OpenExact(note))
	}
}
