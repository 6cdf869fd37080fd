package dossier_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/dossier"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// TestAfterCasework tells a case that people handled through casework: what
// they wrote is in the dossier, and each of their events has words.
func TestAfterCasework(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		shelf := []shelfRow{anvil("A1", "Anvil dome camera", `{"channel":"web"}`), anvil("A2", "Anvil doorbell", `{"channel":"shop"}`)}
		w.publish("2026-01-10", shelf...)
		w.update(store.SystemActor, func(tx *store.Tx) error {
			w.must(tx.SetWorkspaceSettings(w.ctx, query.SetWorkspaceSettingsParams{ID: w.workspace, Settings: `{"four_eyes":"always"}`}))
			refs := []store.Ref{store.Row("workspaces", w.workspace)}
			for _, u := range []query.User{w.ada, w.grace} {
				m, err := tx.CreateMember(w.ctx, query.CreateMemberParams{WorkspaceID: w.workspace, UserID: u.ID, Role: "approver"})
				w.must(err)
				refs = append(refs, store.Row("members", m.ID))
			}
			tx.Log(store.Event{Workspace: w.workspace, Kind: "workspace.changed", Data: map[string]any{}, Rows: refs})
			return casework.Recount(w.ctx, tx, []int64{w.caseID})
		})
		version := func(tx *store.Tx) int64 {
			c, err := tx.CaseByID(w.ctx, w.caseID)
			w.must(err)
			return c.Version
		}
		blob, err := w.Receive(w.ctx, w.workspace, strings.NewReader("%PDF-1.7"), 100)
		w.must(err)
		var decision int64
		w.now = w.now.Add(time.Hour)
		for _, step := range []struct {
			who query.User
			do  func(tx *store.Tx) error
		}{
			{w.ada, func(tx *store.Tx) error {
				_, err := casework.Assign(w.ctx, tx, w.workspace, w.caseID, version(tx), w.grace.ID)
				return err
			}},
			{w.ada, func(tx *store.Tx) error {
				_, err := casework.Comment(w.ctx, tx, w.workspace, w.caseID, version(tx), "The box says nothing of Acme.")
				return err
			}},
			{w.ada, func(tx *store.Tx) error {
				_, _, err := casework.Attach(w.ctx, tx, w.workspace, w.caseID, version(tx), "grant.pdf", "application/pdf", blob)
				return err
			}},
			{w.ada, func(tx *store.Tx) error {
				_, r, err := casework.AskSupplier(w.ctx, tx, w.workspace, w.caseID, version(tx), casework.Question{Supplier: "Northern Cameras"})
				w.must(err)
				_, _, err = casework.AnswerSupplier(w.ctx, tx, w.workspace, w.caseID, version(tx), r.ID, "Acme makes them all.", nil)
				return err
			}},
			{w.ada, func(tx *store.Tx) error {
				h, err := casework.Propose(w.ctx, tx, w.workspace, w.caseID, version(tx), casework.Proposal{Kind: casework.Pull, ReasonCode: "required-by-law", Reason: "The order covers them."})
				decision = h.Decision.ID
				return err
			}},
			{w.grace, func(tx *store.Tx) error {
				_, err := casework.Agree(w.ctx, tx, w.workspace, w.caseID, version(tx), decision)
				return err
			}},
		} {
			w.update(user(step.who), step.do)
		}
		w.publish("2026-02-01", shelf[1])
		w.update(store.SystemActor, func(tx *store.Tx) error {
			_, err := casework.Sightings(w.ctx, tx, w.catalog.ID, w.upload, func(_ int64, key string) (int64, bool) { return w.shelf[key], w.shelf[key] != 0 })
			return err
		})
		d, err := (&dossier.Reader{Facts: dossier.KeptFacts(w.Store)}).Collect(w.ctx, w.Store, w.workspace, w.caseID)
		w.must(err)
		if len(d.Decisions) != 1 || len(d.Comments) != 1 || len(d.Requests) != 1 || len(d.Attachments) != 1 || len(d.Products) != 2 {
			t.Fatalf("%+v", d)
		}
		x := d.Decisions[0]
		if x.By.Login != "ada" || x.AgreedBy == nil || x.AgreedBy.Login != "grace" || x.Meaning == "" || x.Ordered != 2 || x.Gone != 1 || x.Back != 1 || x.State != "effective" {
			t.Errorf("decision %+v", x)
		}
		if c := d.Comments[0]; c.Text != "The box says nothing of Acme." || c.By.Login != "ada" {
			t.Errorf("comment %+v", c)
		}
		if r := d.Requests[0]; r.Answer != "Acme makes them all." || r.State != "answered" || r.Letter == "" || r.Due == 0 {
			t.Errorf("request %+v", r)
		}
		if p := d.Products[0]; p.OnShelf || len(p.Pulls) != 1 || p.Pulls[0].State != "gone" || len(p.Seen) != 1 || p.Seen[0].Gone.Day() != "2026-02-01" {
			t.Errorf("product %+v", p)
		}
		if p := d.Products[1]; !p.OnShelf || len(p.Pulls) != 1 || p.Pulls[0].State != "back" {
			t.Errorf("product %+v", p)
		}
		for _, e := range d.Timeline {
			if !dossier.Told(e.Kind) && e.Kind != "run.published" {
				t.Errorf("there are no words for %s", e.Kind)
			}
		}
		var b bytes.Buffer
		w.must(d.Write(&b, dossier.HTML))
		if got := w.skus(dossier.PullFilter{Decision: decision, States: []string{"back"}}); got != "A2" {
			t.Errorf("back on the shelf: %q", got)
		}
	})
}
