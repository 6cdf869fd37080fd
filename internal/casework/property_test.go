package casework_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

const noSecond = "a decision to keep had no second person"

// consistent fails where a finding is quiet though what it rests on is not
// what was decided on, where a suppression and its finding do not know of each
// other, where somebody was their own second person, or where an order is in
// no state or in two.
func consistent(t fataler, s *store.Store, fourEyes bool) {
	t.Helper()
	rows, err := s.Reader().Query(`SELECT f.id, f.chain_digest, f.listing_digest, p.doc, s.chain_digest, s.listing_digest, s.product_digest, s.state, s.finding_id, d.state
		FROM findings f JOIN suppressions s ON s.id = f.suppression_id JOIN products p ON p.id = f.product_id JOIN decisions d ON d.id = s.decision_id WHERE f.suppression_id <> 0`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, of int64
		var chain, listing, doc, wasChain, wasListing, wasProduct, state, decision string
		if err := rows.Scan(&id, &chain, &listing, &doc, &wasChain, &wasListing, &wasProduct, &state, &of, &decision); err != nil {
			t.Fatal(err)
		}
		if chain != wasChain || listing != wasListing || casework.ProductDigest(doc) != wasProduct {
			t.Fatalf("finding %d is kept quiet by what was decided on other facts", id)
		}
		if state != "active" || of != id || decision != "effective" {
			t.Fatalf("finding %d is kept quiet by a suppression of %d that is %s, of a decision that is %s", id, of, state, decision)
		}
	}
	for what, count := range map[string]string{
		"a second person is the first":                 "SELECT count(*) FROM decisions WHERE agreed_by <> 0 AND agreed_by = decided_by",
		"a second person is none who may be":           "SELECT count(*) FROM decisions d JOIN members m ON m.user_id = d.agreed_by AND m.workspace_id = d.workspace_id WHERE m.role NOT IN ('approver', 'admin')",
		noSecond:                                       "SELECT count(*) FROM decisions WHERE kind = 'keep' AND state NOT IN ('proposed', 'refused', 'withdrawn') AND agreed_by = 0",
		"an order is in no known state":                "SELECT count(*) FROM pulls WHERE state NOT IN ('ordered', 'back', 'gone', 'withdrawn')",
		"a product is ordered off twice":               "SELECT count(*) FROM (SELECT 1 FROM pulls WHERE state <> 'withdrawn' GROUP BY catalog_id, key_hash, case_id HAVING count(*) > 1) x",
		"an order stands without its decision":         "SELECT count(*) FROM pulls p JOIN decisions d ON d.id = p.decision_id WHERE (p.state <> 'withdrawn') <> (d.state = 'effective')",
		"an active suppression keeps nothing quiet":    "SELECT count(*) FROM suppressions s JOIN findings f ON f.id = s.finding_id WHERE s.state = 'active' AND f.suppression_id <> s.id",
		"two proposals wait in one case":               "SELECT count(*) FROM (SELECT 1 FROM decisions WHERE state = 'proposed' GROUP BY case_id HAVING count(*) > 1) x",
		"a case waits for somebody without a proposal": "SELECT count(*) FROM cases c WHERE (c.state = 'proposed') <> EXISTS (SELECT 1 FROM decisions d WHERE d.case_id = c.id AND d.state = 'proposed')",
		"a case counts wrongly":                        "SELECT count(*) FROM cases c WHERE c.findings <> (SELECT count(*) FROM findings f WHERE f.case_id = c.id AND f.state = 'open' AND f.suppression_id = 0)",
		"a case with an uncovered finding is not open": `SELECT count(*) FROM cases c WHERE c.state IN ('kept', 'pulled', 'closed') AND EXISTS (SELECT 1 FROM findings f WHERE f.case_id = c.id AND f.state = 'open'
			AND f.suppression_id = 0 AND NOT EXISTS (SELECT 1 FROM pulls p WHERE p.catalog_id = f.catalog_id AND p.key_hash = f.key_hash AND p.state = 'ordered'))`,
		"a product is back and its case is not open": `SELECT count(*) FROM cases c WHERE c.state IN ('kept', 'pulled', 'closed') AND EXISTS (SELECT 1 FROM pulls p WHERE p.case_id = c.id AND p.state = 'back')`,
		"an open case has nothing open":              `SELECT count(*) FROM cases c WHERE c.state = 'open' AND c.findings = 0 AND NOT EXISTS (SELECT 1 FROM pulls p WHERE p.case_id = c.id AND p.state = 'back')`,
	} {
		if !fourEyes && what == noSecond {
			continue
		}
		var n int64
		if err := s.Reader().QueryRow(count).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != 0 {
			t.Fatalf("%s, %d times", what, n)
		}
	}
}

// Whatever people and runs do, in whatever order, consistent holds, and no row
// is written that no event tells of.
func TestWhateverHappensInACase(t *testing.T) {
	dir, n, key := t.TempDir(), 0, storetest.Key(t)
	rapid.Check(t, func(t *rapid.T) {
		n++
		now := time.Date(2026, 7, 20, 12, 0, 0, 0, time.UTC)
		s, err := store.Open(context.Background(), store.Options{Database: filepath.Join(dir, fmt.Sprint(n)+".db"), Key: key, Clock: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		w := newWorld(t, s, &now, "Shop")
		basis := rapid.SampledFrom([]offshelf.Basis{offshelf.Law, offshelf.Choice}).Draw(t, "basis")
		w.publish(t, camera("A", basis), camera("B", basis), camera("C", basis))
		keys := map[string]string{}
		for login := range w.people {
			keys[login] = w.key(t, login)
		}
		ctx := context.Background()
		document := w.attach(t, "ann")
		logins := rapid.SampledFrom([]string{"ann", "ben", "cid", "eve"})
		subsets := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"A", "B", "C"}), rapid.ID[string])
		// try lets a person or their key do something to the case as it is.
		try := func(t *rapid.T, f func(tx *store.Tx, caseID, version int64) error) {
			login := logins.Draw(t, "who")
			actor := fmt.Sprintf("user:%d", w.people[login])
			if rapid.IntRange(0, 3).Draw(t, "by key") == 0 {
				actor = keys[login]
			}
			c := w.theCase(t)
			err := s.Update(ctx, actor, func(tx *store.Tx) error { return f(tx, c.ID, c.Version) })
			var a *casework.Forbidden
			var b *casework.Invalid
			var u *casework.Untimely
			if err != nil && !errors.As(err, &a) && !errors.As(err, &b) && !errors.As(err, &u) {
				t.Fatal(err)
			}
		}
		newest := func(t *rapid.T) int64 {
			all, err := s.Query().DecisionsOfCase(ctx, w.theCase(t).ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(all) == 0 {
				t.Skip("no decision yet")
			}
			return all[rapid.IntRange(max(0, len(all)-3), len(all)-1).Draw(t, "decision")].ID
		}
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) { consistent(t, s, true); sealed(t, s) },
			"publish": func(t *rapid.T) {
				var products []product
				for _, key := range subsets.Draw(t, "on the shelf") {
					p := camera(key, basis)
					p.product.Origin = rapid.SampledFrom([]string{"CN", "CN", "CN", "VN"}).Draw(t, "origin")
					p.product.Price = rapid.SampledFrom([]string{"1", "2"}).Draw(t, "price")
					if rapid.IntRange(0, 4).Draw(t, "sold") == 0 {
						p.findings[0].Chains[0].Hops[1].Until = day("2022-11-24").Date()
					}
					if rapid.IntRange(0, 4).Draw(t, "renamed") == 0 {
						p.findings[0].Listed = "Dahua"
					}
					products = append(products, p)
				}
				w.publish(t, products...)
			},
			"pull": func(t *rapid.T) {
				p := casework.Proposal{Kind: casework.Pull, ReasonCode: "precaution", Reason: "r", Scope: rapid.SampledFrom([]string{"product", "brand", "supplier"}).Draw(t, "scope")}
				switch p.Scope {
				case "product":
					p.Products = subsets.Draw(t, "products")
				case "supplier":
					p.Supplier = "acme imports"
				}
				try(t, func(tx *store.Tx, id, version int64) error {
					_, err := casework.Propose(ctx, tx, w.ws, id, version, p)
					return err
				})
			},
			"keep": func(t *rapid.T) {
				p := casework.Proposal{Kind: casework.Keep, ReasonCode: "not-made-by", Reason: "r", Evidence: []int64{document}, Products: subsets.Draw(t, "products"),
					Until: casework.DayOf(now.UnixMicro()) + offshelf.Day(rapid.IntRange(1, 20).Draw(t, "days"))}
				try(t, func(tx *store.Tx, id, version int64) error {
					_, err := casework.Propose(ctx, tx, w.ws, id, version, p)
					return err
				})
			},
			"wait": func(t *rapid.T) {
				p := casework.Proposal{Kind: casework.Wait, ReasonCode: "counsel-asked", Reason: "r", Until: casework.DayOf(now.UnixMicro()) + 3}
				try(t, func(tx *store.Tx, id, version int64) error {
					_, err := casework.Propose(ctx, tx, w.ws, id, version, p)
					return err
				})
			},
			"agree": func(t *rapid.T) {
				d := newest(t)
				try(t, func(tx *store.Tx, id, version int64) error {
					_, err := casework.Agree(ctx, tx, w.ws, id, version, d)
					return err
				})
			},
			"agree again": func(t *rapid.T) {
				d := newest(t)
				try(t, func(tx *store.Tx, id, version int64) error {
					_, err := casework.Agree(ctx, tx, w.ws, id, version, d)
					return err
				})
			},
			"refuse": func(t *rapid.T) {
				d := newest(t)
				try(t, func(tx *store.Tx, id, version int64) error {
					_, err := casework.Refuse(ctx, tx, w.ws, id, version, d, "no")
					return err
				})
			},
			"withdraw": func(t *rapid.T) {
				d := newest(t)
				try(t, func(tx *store.Tx, id, version int64) error {
					_, err := casework.Withdraw(ctx, tx, w.ws, id, version, d, "no")
					return err
				})
			},
			"days go by": func(t *rapid.T) {
				now = now.AddDate(0, 0, rapid.IntRange(1, 8).Draw(t, "days"))
				if err := casework.Expire(ctx, s, casework.DayOf(now.UnixMicro())); err != nil {
					t.Fatal(err)
				}
			},
		})
	})
}
