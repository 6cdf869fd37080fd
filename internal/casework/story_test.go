package casework_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
)

var byLaw = casework.Proposal{Kind: casework.Pull, ReasonCode: "required-by-law", Reason: "the Covered List", Scope: casework.ScopeBrand}

// What is ordered off and is on the shelf in the next upload is back; the case
// opens again, and closes when it is seen gone.
func TestPulledReturnsAndGoes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law), camera("B", offshelf.Law))
		c := w.state(t, casework.Open, 2)
		if offshelf.Action(c.Action) != offshelf.Pull || c.Basis != "law" || c.Products != 2 {
			t.Fatalf("the case: %+v", c)
		}
		h := w.propose(t, "ann", byLaw)
		if h.Decision.State != "effective" || h.Case.State != casework.Pulled {
			t.Fatalf("a decision to pull by the defaults: %+v", h)
		}
		if got := w.pulls(t); got != "A ordered, B ordered" {
			t.Fatal(got)
		}
		seen := w.publish(t, camera("A", offshelf.Law))
		if len(seen) != 2 {
			t.Fatalf("sightings: %+v", seen)
		}
		if got := w.pulls(t); got != "A back, B gone" {
			t.Fatal(got)
		}
		w.state(t, casework.Open, 1)
		w.publish(t)
		if got := w.pulls(t); got != "A gone, B gone" {
			t.Fatal(got)
		}
		w.state(t, casework.Closed, 0)
		w.publish(t, camera("B", offshelf.Law))
		w.state(t, casework.Open, 1)
		// ordered off again: the old order is no longer looked for
		again := byLaw
		again.ReasonCode = "back-on-shelf"
		w.propose(t, "ben", again)
		if got := w.pulls(t); got != "A withdrawn, B ordered, B withdrawn" {
			t.Fatal(got)
		}
		w.state(t, casework.Pulled, 1)
		// a new product of the brand was not ordered off
		w.publish(t, camera("C", offshelf.Law))
		w.state(t, casework.Open, 1)

		want := []string{"case.opened", "case.changed", "case.decided", "product.returned", "product.gone", "case.changed", "product.gone", "case.changed",
			"product.returned", "case.changed", "case.decided", "product.gone", "case.changed"}
		if diff := cmp.Diff(want, w.kinds(t)); diff != "" {
			t.Error(diff)
		}
	})
}

// An upload that was received before the order says nothing of it, even where
// it is published later; the same upload screened again does neither.
func TestOrderCountsFromTheNextUpload(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law))
		ctx := context.Background()
		var early int64
		w.update(t, store.SystemActor, func(tx *store.Tx) error {
			up, err := tx.NewestUpload(ctx, w.catalog)
			early = up + 1
			return err
		})
		var received int64
		w.update(t, store.SystemActor, func(tx *store.Tx) error {
			row := tx.SQL().QueryRow("INSERT INTO uploads (workspace_id, catalog_id, filename, blob_id, sha256, size, created_by, created_at) VALUES ($1, $2, '', 0, '', 0, '', 0) RETURNING id", w.ws, w.catalog)
			err := row.Scan(&received)
			tx.Log(store.Event{Workspace: w.ws, Kind: "upload.received", Data: map[string]any{}, Rows: []store.Ref{store.Row("uploads", received)}})
			return err
		})
		if received < early {
			t.Fatal(received, early)
		}
		w.propose(t, "ann", byLaw)
		w.update(t, store.SystemActor, func(tx *store.Tx) error {
			for _, upload := range []int64{w.upload, received} {
				seen, err := casework.Sightings(ctx, tx, w.catalog, upload, func(int64, string) (int64, bool) { return 1, true })
				if err != nil || len(seen) != 0 {
					t.Errorf("upload %d: %v, %v", upload, seen, err)
				}
			}
			return nil
		})
		w.state(t, casework.Pulled, 1)
	})
}

func keep(t fataler, w *world, until string) casework.Proposal {
	return casework.Proposal{Kind: casework.Keep, ReasonCode: "authorised-before", Reason: "granted 2019", Evidence: []int64{w.attach(t, "ann")}, Until: day(until)}
}

// A decision to keep waits for a second person; then its findings are quiet
// until what they rest on changes.
func TestKeepNeedsASecondPersonAndEndsWithTheFacts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law), camera("B", offshelf.Law))
		h := w.propose(t, "cid", keep(t, w, "2027-07-20"))
		if h.Case.State != casework.Proposed || h.Decision.State != "proposed" {
			t.Fatalf("%+v", h)
		}
		w.publish(t, camera("A", offshelf.Law), camera("B", offshelf.Law))
		w.state(t, casework.Proposed, 2)

		ctx := context.Background()
		var forbidden *casework.Forbidden
		for _, login := range []string{"cid", "ben"} { // the first, and one who may not
			if _, err := w.agree(login, h); !errors.As(err, &forbidden) {
				t.Errorf("%s agreed: %v", login, err)
			}
		}
		for _, login := range []string{"cid", "eve"} { // the first's key, and the second's
			err := w.s.Update(ctx, w.key(t, login), func(tx *store.Tx) error {
				_, err := casework.Agree(ctx, tx, w.ws, h.Case.ID, h.Case.Version, h.Decision.ID)
				return err
			})
			if !errors.As(err, &forbidden) {
				t.Errorf("%s's key agreed: %v", login, err)
			}
		}
		if _, err := w.agree("eve", h); err != nil {
			t.Fatal(err)
		}
		w.state(t, casework.Kept, 0)

		// the price and the place in the file are nothing that it rests on
		a, b := camera("A", offshelf.Law), camera("B", offshelf.Law)
		a.product.Price, a.product.Row, a.product.Description = "99", 7, "now in white"
		w.publish(t, a, b)
		w.state(t, casework.Kept, 0)

		b.product.Origin = "VN"
		w.publish(t, a, b)
		w.state(t, casework.Open, 1)
		a.findings[0].Chains[0].Hops[1].Until = day("2022-11-24").Date()
		w.publish(t, a, b)
		w.state(t, casework.Open, 2)
		whys := w.whys(t)
		want := []string{
			`the chain to the listed party, or what the rule says, changed ("Lorex" to "Dahua" (made) was since 2018-02-06, press and is since 2018-02-06, until 2022-11-24, press)`,
			`the product's data changed (origin was "CN" and is "VN")`,
		}
		if diff := cmp.Diff(want, whys); diff != "" {
			t.Error(diff)
		}
	})
}

// whys are what the suppressions of the case ended by.
func (w *world) whys(t fataler) []string {
	t.Helper()
	rows, err := w.s.Reader().Query("SELECT why FROM suppressions WHERE state = 'reopened'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var why string
		if err := rows.Scan(&why); err != nil {
			t.Fatal(err)
		}
		out = append(out, why)
	}
	slices.Sort(out)
	return out
}

// A second listing is a new finding: what was decided on the first does not
// keep it quiet.
func TestNewListingOpensAKeptCase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.set(t, `{"four_eyes":"never","theme":"dark"}`)
		w.publish(t, camera("A", offshelf.Law))
		w.propose(t, "ann", keep(t, w, "2027-01-01"))
		w.state(t, casework.Kept, 0)
		a := camera("A", offshelf.Law)
		second := a.findings[0]
		second.Listing = "fcc-dahua-2"
		a.findings = append(a.findings, second)
		w.publish(t, a)
		w.state(t, casework.Open, 1)
	})
}

// Where the facts change between the proposal and the agreement, nobody can
// agree to it.
func TestAgreeingToOldFactsFails(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law))
		h := w.propose(t, "ann", keep(t, w, "2027-01-01"))
		a := camera("A", offshelf.Law)
		a.product.Model = "LNB9383"
		w.publish(t, a)
		var untimely *casework.Untimely
		if _, err := w.agree("cid", casework.Handled{Case: w.theCase(t), Decision: h.Decision}); !errors.As(err, &untimely) || !strings.Contains(err.Error(), "the facts changed") {
			t.Fatal(err)
		}
		// who proposed it takes it back, and nobody else
		c := w.theCase(t)
		withdraw := func(login string) error {
			return w.as(login, func(tx *store.Tx) error {
				_, err := casework.Withdraw(context.Background(), tx, w.ws, c.ID, c.Version, h.Decision.ID, "the model was added")
				return err
			})
		}
		var forbidden *casework.Forbidden
		if err := withdraw("eve"); !errors.As(err, &forbidden) {
			t.Error(err)
		}
		if err := withdraw("ann"); err != nil {
			t.Fatal(err)
		}
		w.state(t, casework.Open, 1)
		h = w.propose(t, "ann", keep(t, w, "2027-01-01"))
		if _, err := w.agree("cid", h); err != nil {
			t.Fatal(err)
		}
		w.state(t, casework.Kept, 0)
	})
}

func TestRefuse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.set(t, `{"four_eyes":"law"}`)
		w.publish(t, camera("A", offshelf.Law))
		h := w.propose(t, "ann", byLaw)
		if h.Case.State != casework.Proposed || w.pulls(t) != "" {
			t.Fatalf("%+v %s", h, w.pulls(t))
		}
		if _, err := w.tryPropose("ben", h.Case, byLaw); err == nil || !strings.Contains(err.Error(), "waits for a second person") {
			t.Error(err)
		}
		refuse := func(login string) error {
			return w.as(login, func(tx *store.Tx) error {
				_, err := casework.Refuse(context.Background(), tx, w.ws, h.Case.ID, h.Case.Version, h.Decision.ID, "ask the supplier first")
				return err
			})
		}
		if err := refuse("ann"); err == nil {
			t.Error("the first person refused their own")
		}
		if err := refuse("cid"); err != nil {
			t.Fatal(err)
		}
		w.state(t, casework.Open, 1)
		h = w.propose(t, "ann", byLaw)
		if _, err := w.agree("cid", h); err != nil {
			t.Fatal(err)
		}
		w.state(t, casework.Pulled, 1)
		if got := w.kinds(t); !slices.Contains(got, "decision.refused") || !slices.Contains(got, "decision.agreed") {
			t.Error(got)
		}
	})
}

func TestKeepsAndWaitsExpire(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.set(t, `{"four_eyes":"never"}`)
		ctx := context.Background()
		expire := func(on string) {
			t.Helper()
			if err := casework.Expire(ctx, w.s, day(on)); err != nil {
				t.Fatal(err)
			}
		}
		w.publish(t, camera("A", offshelf.Choice))
		w.propose(t, "ann", casework.Proposal{Kind: casework.Wait, ReasonCode: "counsel-asked", Reason: "counsel answers in a week", Until: day("2026-07-27")})
		w.publish(t, camera("A", offshelf.Choice), camera("B", offshelf.Choice))
		w.state(t, casework.Waiting, 2)
		expire("2026-07-27")
		w.state(t, casework.Waiting, 2)
		expire("2026-07-28")
		w.state(t, casework.Open, 2)
		w.propose(t, "ann", casework.Proposal{Kind: casework.Keep, ReasonCode: "accepted-risk", Reason: "no law forbids it", Until: day("2026-08-20")})
		w.state(t, casework.Kept, 0)
		expire("2026-08-20")
		w.state(t, casework.Kept, 0)
		expire("2026-08-21")
		w.state(t, casework.Open, 2)
		expire("2026-08-21")
		w.publish(t)
		w.state(t, casework.Closed, 0)
	})
}

// Decisions on different products of a case stand side by side.
func TestDecisionsOnDifferentProducts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.set(t, `{"four_eyes":"never"}`)
		w.publish(t, camera("A", offshelf.Choice), camera("B", offshelf.Choice), camera("C", offshelf.Choice))
		pull := casework.Proposal{Kind: casework.Pull, ReasonCode: "own-policy", Reason: "our rule", Products: []string{"A"}}
		keepB := casework.Proposal{Kind: casework.Keep, ReasonCode: "false-match", Reason: "another Lorex", Products: []string{"B"}, Until: day("2026-12-01")}
		w.propose(t, "ann", pull)
		w.state(t, casework.Open, 3)
		w.propose(t, "ann", keepB)
		w.state(t, casework.Open, 2)
		pull.Products = []string{"C"}
		w.propose(t, "ann", pull)
		w.state(t, casework.Pulled, 2)
		if got := w.pulls(t); got != "A ordered, C ordered" {
			t.Fatal(got)
		}
		// one on all of them takes the place of the three
		h := w.propose(t, "ann", casework.Proposal{Kind: casework.Keep, ReasonCode: "accepted-risk", Reason: "all of it", Until: day("2026-12-01")})
		w.state(t, casework.Kept, 0)
		if got := w.pulls(t); got != "A withdrawn, C withdrawn" {
			t.Fatal(got)
		}
		// and is withdrawn itself
		if err := w.as("ben", func(tx *store.Tx) error {
			_, err := casework.Withdraw(context.Background(), tx, w.ws, h.Case.ID, h.Case.Version, h.Decision.ID, "the board says no")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.state(t, casework.Open, 3)
	})
}

// Two people decide at once on what both have seen: one of them is told.
func TestTwoDecidersAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law))
		for range 5 {
			c := w.theCase(t)
			results := make(chan error, 2)
			for _, login := range []string{"ann", "ben"} {
				go func() { _, err := w.tryPropose(login, c, byLaw); results <- err }()
			}
			a, b := <-results, <-results
			if (a == nil) == (b == nil) || !errors.Is(errors.Join(a, b), store.ErrConflict) {
				t.Fatalf("%v and %v", a, b)
			}
		}
	})
}

// A decision that is made while a run is being published never keeps quiet
// what the run changed.
func TestDecisionWhileARunIsPublished(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.set(t, `{"four_eyes":"never"}`)
		w.publish(t, camera("A", offshelf.Choice))
		p := casework.Proposal{Kind: casework.Keep, ReasonCode: "accepted-risk", Reason: "no law", Until: day("2026-12-01")}
		for i := range 6 {
			c := w.theCase(t)
			a := camera("A", offshelf.Choice)
			a.product.Model = strings.Repeat("x", i+1)
			decided := make(chan error)
			go func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				_, err := w.tryPropose("ann", c, p)
				decided <- err
			}()
			w.publish(t, a)
			if err := <-decided; err != nil && !errors.Is(err, store.ErrConflict) {
				t.Fatal(err)
			}
			consistent(t, w.s, false)
		}
	})
}

func TestWorkspacesAreApart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law))
		c := w.theCase(t)
		other := newWorld(t, w.s, w.now, "Other")
		ctx := context.Background()
		own := other.as
		for name, try := range map[string]func(tx *store.Tx) error{
			"assign": func(tx *store.Tx) error { _, err := casework.Assign(ctx, tx, other.ws, c.ID, c.Version, 0); return err },
			"comment": func(tx *store.Tx) error {
				_, err := casework.Comment(ctx, tx, other.ws, c.ID, c.Version, "x")
				return err
			},
			"propose": func(tx *store.Tx) error {
				_, err := casework.Propose(ctx, tx, other.ws, c.ID, c.Version, byLaw)
				return err
			},
			"ask": func(tx *store.Tx) error {
				_, _, err := casework.AskSupplier(ctx, tx, other.ws, c.ID, c.Version, casework.Question{Supplier: "x"})
				return err
			},
			"their workspace, our person": func(tx *store.Tx) error { _, err := casework.Comment(ctx, tx, w.ws, c.ID, c.Version, "x"); return err },
			"clocks":                      func(tx *store.Tx) error { _, err := casework.Clocks(ctx, tx.Queries, other.ws, c.ID, 0); return err },
			"timeline": func(tx *store.Tx) error {
				_, err := casework.Timeline(ctx, tx.Queries, other.ws, c.ID, -1, 0)
				return err
			},
		} {
			if err := own("eve", try); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		page, err := casework.Cases(ctx, w.s, other.ws, casework.CaseFilter{Brand: "lorex"})
		if err != nil || len(page.Cases) != 0 {
			t.Error(page, err)
		}
		found, err := casework.Findings(ctx, w.s, other.ws, casework.FindingFilter{Case: c.ID})
		if err != nil || len(found.Findings) != 0 {
			t.Error(found, err)
		}
		// a file that another company sent
		b, err := w.s.Receive(ctx, w.ws, strings.NewReader("secret"), 100)
		if err != nil {
			t.Fatal(err)
		}
		other.publish(t, camera("A", offshelf.Law))
		oc := other.theCase(t)
		if err := own("eve", func(tx *store.Tx) error {
			_, _, err := casework.Attach(ctx, tx, other.ws, oc.ID, oc.Version, "x", "", b)
			return err
		}); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
		if err := w.s.Drop(ctx, b); err != nil {
			t.Fatal(err)
		}
	})
}

// What an order that was taken back had ordered off is open again, and is no
// longer looked for.
func TestWithdrawnPull(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.publish(t, camera("A", offshelf.Law))
		h := w.propose(t, "ann", byLaw)
		if err := w.as("ben", func(tx *store.Tx) error {
			_, err := casework.Withdraw(context.Background(), tx, w.ws, h.Case.ID, h.Case.Version, h.Decision.ID, "the wrong brand")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.state(t, casework.Open, 1)
		if seen := w.publish(t, camera("A", offshelf.Law)); len(seen) != 0 {
			t.Error(seen)
		}
		w.state(t, casework.Open, 1)
		consistent(t, w.s, true)
	})
}
