package dossier_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const facts = `
version: 2026-01-01
sources:
  - {id: gazette, title: Order 7 on cameras, publisher: Official Gazette, url: "https://gazette.example/7", date: 2019-10-09, grade: official}
  - {id: paper, title: Who owns Anvil?, publisher: The Paper, url: "https://paper.example/anvil", date: 2020-01-05, grade: press}
  - {id: forum, title: A thread, url: "https://forum.example/1", date: 2021-05, grade: hobby}
parties:
  - {id: acme, name: Acme Corporation, sources: [gazette]}
  - {id: north, name: Northern Cameras, sources: [paper]}
stakes:
  - {holder: acme, held: north, share: 60%, from: 2018, sources: [paper]}
brands:
  - id: anvil
    name: Anvil
    holders:
      - {party: north, from: 2012, sources: [paper]}
makes:
  - {maker: acme, brand: anvil, all: true, from: 2016, sources: [forum]}
listings:
  - {party: acme, list: the-list, name: "ACME CORP., a.k.a. ACME", citation: "Gazette 2019, 7, page 12", from: 2019-10-09, sources: [gazette]}
regimes:
  - id: rule
    title: The camera order
    authority: Ministry of Trade
    lists: [the-list]
    reach: {kind: owned, threshold: 5000, owner: true, maker: true}
    periods:
      - {from: 2019-10-09, until: 2021, state: suspended, forbids: [none], basis: policy, note: A court stayed the order., sources: [paper]}
      - {from: 2021, state: in-force, forbids: [import, sale], basis: law, sources: [gazette]}
    sources: [gazette]
`

const policy = `
id: shop
title: Our shop
sources: [paper]
regimes:
  - id: house-any
    title: House rule, any maker on the list
    lists: [the-list]
    reach: {kind: owned, threshold: 1, control: reach, owner: true, maker: true}
    house: true
    periods:
      - {state: in-force, forbids: [sale], basis: policy, note: Our own standard., sources: [paper]}
    sources: [paper]
rules:
  - {basis: law, verdict: reached, action: pull, why: the law says so}
  - {regimes: [house-any], action: hold, why: our own standard}
otherwise: review
`

// world is a workspace with a catalog that is screened for real.
type world struct {
	testing.TB
	*store.Store
	ctx        context.Context
	now        time.Time
	workspace  int64
	ada, grace query.User
	catalog    query.Catalog
	snapshot   string
	policy     offshelf.Policy
	screen     *screen.Snapshot
	shelf      map[string]int64 // key -> id of the version that is on
	caseID     int64
	run        int64
	upload     int64
}

// shelfRow is a row of an uploaded catalog.
type shelfRow struct {
	offshelf.Product
	kept string
}

// eachWorld runs a test on both engines.
func eachWorld(t *testing.T, f func(t *testing.T, w *world)) {
	t.Run("sqlite", func(t *testing.T) { f(t, newWorld(t, storetest.SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { f(t, newWorld(t, storetest.Postgres(t))) })
}

func newWorld(t testing.TB, database string) *world {
	t.Helper()
	w := &world{TB: t, ctx: t.Context(), now: time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC), shelf: map[string]int64{}}
	w.Store = storetest.Open(t, store.Options{Database: database, Clock: func() time.Time { return w.now }})
	k, problems := knowledge.Parse(fstest.MapFS{"facts.yaml": {Data: []byte(facts)}})
	if k == nil {
		t.Fatal(problems)
	}
	data, err := knowledge.Compile(k)
	w.must(err)
	sum := sha256.Sum256(data)
	w.snapshot = hex.EncodeToString(sum[:])
	w.screen, err = screen.Compile(k, w.snapshot)
	w.must(err)
	w.policy, err = knowledge.ParsePolicy("shop", []byte(policy))
	w.must(err)
	blob, err := w.Receive(w.ctx, 0, bytes.NewReader(data), 1<<30)
	w.must(err)
	w.update(store.SystemActor, func(tx *store.Tx) error {
		ws, err := tx.CreateWorkspace(w.ctx, query.CreateWorkspaceParams{Name: "Northwind", Settings: "{}", CreatedAt: tx.Now})
		w.must(err)
		w.workspace = ws.ID
		w.ada, err = tx.CreateUser(w.ctx, query.CreateUserParams{Login: "ada", Name: "Ada Example", CreatedAt: tx.Now})
		w.must(err)
		w.grace, err = tx.CreateUser(w.ctx, query.CreateUserParams{Login: "grace", Name: "Grace Example", CreatedAt: tx.Now})
		w.must(err)
		w.must(tx.Keep(w.ctx, blob))
		s, err := tx.CreateSnapshot(w.ctx, query.CreateSnapshotParams{SHA256: w.snapshot, Version: "2026-01-01", FactsBlob: blob.ID,
			Editions: `[{"list":"the-list","date":"2026-01-01","sha256":"` + strings.Repeat("ab", 32) + `","entries":1}]`, KeptAt: tx.Now})
		w.must(err)
		w.catalog, err = tx.CreateCatalog(w.ctx, query.CreateCatalogParams{WorkspaceID: ws.ID, Name: "shop", Policy: "shop", Options: "{}", CreatedBy: w.ada.ID, CreatedAt: tx.Now})
		w.must(err)
		tx.Log(store.Event{Workspace: ws.ID, Kind: "workspace.created", Data: map[string]string{"name": ws.Name}, Rows: []store.Ref{
			store.Row("workspaces", ws.ID), store.Row("users", w.ada.ID), store.Row("users", w.grace.ID), store.Row("blobs", blob.ID), store.Row("snapshots", s.ID), store.Row("catalogs", w.catalog.ID)}})
		return nil
	})
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) update(actor string, f func(tx *store.Tx) error) {
	w.Helper()
	w.must(w.Update(w.ctx, actor, f))
}

func (w *world) log(tx *store.Tx, kind string, data any, rows ...store.Ref) {
	tx.Log(store.Event{Workspace: w.workspace, Kind: kind, Case: w.caseID, Data: data, Rows: rows})
}

func user(u query.User) string { return fmt.Sprintf("user:%d", u.ID) }

func hash(key string) int64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	return int64(h.Sum64() >> 1)
}

func marshal(v any) string {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(err)
	}
	return string(b)
}

// publish screens a catalog and keeps what came of it, as a run does: versions
// of products, findings, the case.
func (w *world) publish(day string, rows ...shelfRow) {
	w.Helper()
	at, err := time.Parse(time.DateOnly, day)
	w.must(err)
	w.now = at.Add(9 * time.Hour)
	screener, err := screen.New(w.screen, w.policy, screen.AsOf(offshelf.DayOf(at)))
	w.must(err)
	products := make([]offshelf.Product, len(rows))
	for i := range rows {
		products[i] = rows[i].Product
	}
	found, err := screener.ScreenBatch(w.ctx, products)
	w.must(err)
	w.update(user(w.ada), func(tx *store.Tx) error {
		sum := sha256.Sum256(fmt.Append(nil, day, products))
		up, err := tx.CreateUpload(w.ctx, query.CreateUploadParams{WorkspaceID: w.workspace, CatalogID: w.catalog.ID, Filename: "catalog-" + day + ".csv",
			SHA256: hex.EncodeToString(sum[:]), Size: int64(100 * len(rows)), CreatedBy: user(w.ada), CreatedAt: tx.Now})
		w.must(err)
		psum := sha256.Sum256([]byte(policy))
		run, err := tx.CreateRun(w.ctx, query.CreateRunParams{WorkspaceID: w.workspace, CatalogID: w.catalog.ID, UploadID: up.ID, AsOf: int64(offshelf.DayOf(at)),
			PolicyName: "shop", PolicySHA256: hex.EncodeToString(psum[:]), Policy: policy, Options: "{}", CreatedBy: user(w.ada), CreatedAt: tx.Now})
		w.must(err)
		w.run, w.upload = run.ID, up.ID
		w.must(tx.EndRun(w.ctx, query.EndRunParams{ID: run.ID, State: "published", Tool: "v1.2.3", Snapshot: w.snapshot, StreamSHA256: hex.EncodeToString(sum[:]), Summary: "{}", FinishedAt: tx.Now}))
		w.must(tx.SetCurrentUpload(w.ctx, query.SetCurrentUploadParams{ID: w.catalog.ID, CurrentUpload: up.ID}))
		refs := []store.Ref{store.Row("uploads", up.ID), store.Row("runs", run.ID), store.Row("catalogs", w.catalog.ID)}
		w.shelve(tx, up.ID, rows)
		refs = append(refs, w.find(tx, run.ID, rows, found)...)
		w.log(tx, "run.published", map[string]any{"catalog": w.catalog.Name, "products": len(rows)}, refs...)
		return nil
	})
}

// shelve writes the versions of the products.
func (w *world) shelve(tx *store.Tx, upload int64, rows []shelfRow) {
	var bulk [][]any
	now := map[string]int64{}
	for i, r := range rows {
		if id, ok := w.shelf[r.ID]; ok {
			now[r.ID] = id
			continue
		}
		id := upload<<32 | int64(i+1)
		now[r.ID] = id
		bulk = append(bulk, []any{id, w.catalog.ID, hash(r.ID), int64(1), r.ID, marshal(r.Product), r.kept, upload, int64(0)})
	}
	w.must(tx.Bulk(w.ctx, "products", []string{"id", "catalog_id", "key_hash", "content_hash", "key", "doc", "kept", "from_upload", "to_upload"}, bulk))
	for key, id := range w.shelf {
		if _, ok := now[key]; !ok {
			_, err := tx.SQL().ExecContext(w.ctx, "UPDATE products SET to_upload = $2 WHERE id = $1", id, upload)
			w.must(err)
		}
	}
	w.shelf = now
}

// find writes the findings and opens the case of the brand.
func (w *world) find(tx *store.Tx, run int64, rows []shelfRow, found [][]offshelf.Finding) (refs []store.Ref) {
	have := map[string]int64{}
	old, err := tx.SQL().QueryContext(w.ctx, "SELECT id, fingerprint FROM findings")
	w.must(err)
	for old.Next() {
		var id int64
		var f string
		w.must(old.Scan(&id, &f))
		have[f] = id
	}
	w.must(old.Close())
	if w.caseID == 0 {
		c, err := tx.CreateCase(w.ctx, query.CreateCaseParams{WorkspaceID: w.workspace, Subject: "brand:anvil", Title: "Anvil", Action: int64(offshelf.Pull), Basis: "law", OpenedRun: run, OpenedAt: tx.Now})
		w.must(err)
		w.caseID = c.ID
		w.log(tx, "case.opened", map[string]any{"title": c.Title, "action": "pull", "basis": "law"}, store.Row("cases", c.ID))
	}
	var bulk [][]any
	still := map[string]bool{}
	n := int64(0)
	for i, list := range found {
		for j := range list {
			f := list[j]
			fingerprint := f.Fingerprint + ":1"
			still[fingerprint] = true
			if id := have[fingerprint]; id != 0 {
				done, err := tx.SQL().ExecContext(w.ctx, "UPDATE findings SET state = 'open', ended_why = '', ended_run = 0, ended_at = 0, changed_run = $2, changed_at = $3, product_id = $4 WHERE id = $1 AND state = 'ended'", id, run, tx.Now, w.shelf[rows[i].ID])
				w.must(err)
				if n, _ := done.RowsAffected(); n > 0 {
					refs = append(refs, store.Row("findings", id))
				}
				continue
			}
			reasons, probability := f.Reasons, f.Probability
			f.Product, f.Days, f.Probability, f.Reasons, f.Snapshot, f.Fingerprint = offshelf.Product{}, 0, 0, nil, "", ""
			doc := marshal(f)
			sum := sha256.Sum256([]byte(doc))
			explanation := hex.EncodeToString(sum[:])
			added, err := tx.AddExplanation(w.ctx, query.AddExplanationParams{SHA256: explanation, Doc: doc})
			w.must(err)
			if added > 0 {
				refs = append(refs, store.Ref{Table: "explanations", Key: explanation})
			}
			n++
			id := run<<32 | n
			bulk = append(bulk, []any{id, w.workspace, w.catalog.ID, fingerprint, w.shelf[rows[i].ID], hash(rows[i].ID), f.BrandID, "brand:anvil", f.Regime, f.Listing,
				string(f.Verdict), string(f.Basis), int64(f.Action), f.Since.String(), int64(probability * 1e6), marshal(reasons), explanation, "chain", "listing",
				"open", "", run, tx.Now, int64(0), int64(0), int64(0), int64(0), w.caseID, int64(0)})
			refs = append(refs, store.Row("findings", id))
		}
	}
	w.must(tx.Bulk(w.ctx, "findings", []string{"id", "workspace_id", "catalog_id", "fingerprint", "product_id", "key_hash", "brand", "subject", "regime", "listing",
		"verdict", "basis", "action", "since", "probability", "reasons", "explanation", "chain_digest", "listing_digest",
		"state", "ended_why", "opened_run", "opened_at", "changed_run", "changed_at", "ended_run", "ended_at", "case_id", "suppression_id"}, bulk))
	var ended []int64
	for f, id := range have {
		if !still[f] {
			ended = append(ended, id)
		}
	}
	slices.Sort(ended)
	for _, id := range ended {
		_, err := tx.SQL().ExecContext(w.ctx, "UPDATE findings SET state = 'ended', ended_why = 'product gone', ended_run = $2, ended_at = $3 WHERE id = $1", id, run, tx.Now)
		w.must(err)
		refs = append(refs, store.Row("findings", id))
	}
	return refs
}

// decide writes an effective decision that one person made and another agreed
// to.
func (w *world) decide(d query.CreateDecisionParams) query.Decision {
	w.Helper()
	var out query.Decision
	w.now = w.now.Add(time.Hour)
	w.update(user(w.grace), func(tx *store.Tx) (err error) {
		d.WorkspaceID, d.CaseID, d.State = w.workspace, w.caseID, "effective"
		d.DecidedBy, d.DecidedAt, d.AgreedBy, d.AgreedAt = w.ada.ID, tx.Now, w.grace.ID, tx.Now+60e6
		for _, s := range []*string{&d.Products, &d.Channels, &d.Evidence} {
			if *s == "" {
				*s = "[]"
			}
		}
		out, err = tx.CreateDecision(w.ctx, d)
		w.must(err)
		w.log(tx, "decision.agreed", map[string]any{"decision": out.ID, "kind": d.Kind, "reason": d.Reason, "channels": []string{"web"}}, store.Row("decisions", out.ID))
		return nil
	})
	return out
}

var pullColumns = []string{"workspace_id", "case_id", "decision_id", "catalog_id", "key_hash", "key", "product_id", "state", "ordered_upload", "seen_upload", "gone_at", "back_at"}

// order orders products off the shelf.
func (w *world) order(d query.Decision, keys ...string) (pulls []query.Pull) {
	w.Helper()
	w.update(user(w.grace), func(tx *store.Tx) error {
		var refs []store.Ref
		var rows [][]any
		for _, k := range keys {
			rows = append(rows, []any{w.workspace, w.caseID, d.ID, w.catalog.ID, hash(k), k, w.shelf[k], "ordered", w.upload, w.upload, int64(0), int64(0)})
		}
		w.must(tx.Bulk(w.ctx, "pulls", pullColumns, rows))
		var err error
		pulls, err = tx.PullsOfDecision(w.ctx, d.ID)
		w.must(err)
		for _, p := range pulls {
			refs = append(refs, store.Row("pulls", p.ID))
		}
		w.log(tx, "case.decided", map[string]any{"decision": d.ID, "products": len(keys)}, refs...)
		return nil
	})
	return pulls
}

func anvil(id, title, kept string) shelfRow {
	return shelfRow{offshelf.Product{ID: id, Title: title, Brand: "Anvil", GTIN: "04006381333931", Model: "M-" + id, Row: 1, File: "catalog.csv"}, kept}
}

// story tells a case from the upload to the end.
func (w *world) story() {
	a1, a2, a3 := anvil("A1", "Anvil dome camera", `{"channel":"web, kiosk","store":"12"}`), anvil("A2", "Anvil bullet camera", `{"channel":"shop","store":"14"}`), anvil("A3", "Anvil doorbell", `{"channel":"","store":""}`)
	w.publish("2026-01-10", a1, a2, a3)
	w.now = w.now.Add(time.Hour)
	w.update(user(w.ada), func(tx *store.Tx) error {
		blob := int64(1)
		a, err := tx.CreateAttachment(w.ctx, query.CreateAttachmentParams{WorkspaceID: w.workspace, CaseID: w.caseID, Name: "Grant of the authority.pdf", MediaType: "application/pdf", BlobID: blob,
			SHA256: strings.Repeat("cd", 32), Size: 12345, AddedBy: w.ada.ID, AddedAt: tx.Now})
		w.must(err)
		w.log(tx, "case.attached", map[string]any{"name": a.Name, "sha256": a.SHA256}, store.Row("attachments", a.ID))
		w.log(tx, "case.commented", map[string]any{"text": "The box says nothing of Acme.\nI asked the supplier."})
		q, err := tx.CreateSupplierRequest(w.ctx, query.CreateSupplierRequestParams{WorkspaceID: w.workspace, CaseID: w.caseID, Supplier: "Northern Cameras", Template: "origin",
			Letter: "Dear supplier,\n\nwho makes these cameras?\n\nNorthwind", Documents: `["Grant of the authority","Certificate of origin"]`, DueOn: 20483, AskedBy: w.ada.ID, AskedAt: tx.Now})
		w.must(err)
		w.log(tx, "supplier.asked", map[string]any{"supplier": q.Supplier, "due": "2026-01-30"}, store.Row("supplier_requests", q.ID))
		return nil
	})
	pull := w.decide(query.CreateDecisionParams{Kind: "pull", ReasonCode: "required-by-law", Reason: "The order covers them.", Scope: "brand", Channels: `["Web"]`, BasisDigest: strings.Repeat("ef", 32)})
	w.order(pull, "A1", "A2", "A3")
	keep := w.decide(query.CreateDecisionParams{Kind: "keep", ReasonCode: "authorised-before", Reason: "Granted in 2018.", Scope: "product", Products: `["A3"]`, Evidence: "[1]", ExpiresOn: 20600, BasisDigest: strings.Repeat("01", 32)})
	w.update(user(w.grace), func(tx *store.Tx) error {
		all, err := tx.FindingsOfCase(w.ctx, query.FindingsOfCaseParams{CaseID: w.caseID, Most: 100})
		w.must(err)
		for _, f := range all {
			if f.KeyHash != hash("A3") || f.Regime != "house-any" {
				continue
			}
			id, err := tx.CreateSuppression(w.ctx, query.CreateSuppressionParams{WorkspaceID: w.workspace, DecisionID: keep.ID, FindingID: f.ID, ProductDigest: "p", ListingDigest: "l", ChainDigest: "c", CreatedAt: tx.Now})
			w.must(err)
			_, err = tx.SQL().ExecContext(w.ctx, "UPDATE findings SET suppression_id = $2 WHERE id = $1", f.ID, id)
			w.must(err)
			w.log(tx, "case.decided", map[string]any{"product": "A3"}, store.Row("suppressions", id), store.Row("findings", f.ID))
		}
		return nil
	})
	w.publish("2026-02-01", a1, a3)
	w.sighted("A1", "back", "A2", "gone")
	w.publish("2026-03-01", a2, a3)
	w.sighted("A1", "gone", "A2", "back")
}

// sighted writes what the latest upload says of ordered products.
func (w *world) sighted(pairs ...string) {
	w.Helper()
	w.update(store.SystemActor, func(tx *store.Tx) error {
		pulls, err := tx.PullsOfCase(w.ctx, w.caseID)
		w.must(err)
		for i := 0; i < len(pairs); i += 2 {
			for _, p := range pulls {
				if p.Key != pairs[i] {
					continue
				}
				kind, column := "product.gone", "gone_at"
				if pairs[i+1] == "back" {
					kind, column = "product.returned", "back_at"
				}
				_, err := tx.SQL().ExecContext(w.ctx, "UPDATE pulls SET state = $2, seen_upload = $3, "+column+" = $4 WHERE id = $1", p.ID, pairs[i+1], w.upload, tx.Now)
				w.must(err)
				w.log(tx, kind, map[string]any{"product": p.Key, "upload": w.upload}, store.Row("pulls", p.ID))
			}
		}
		c, err := tx.CaseByID(w.ctx, w.caseID)
		w.must(err)
		_, err = tx.UpdateCase(w.ctx, query.UpdateCaseParams{ID: c.ID, Version: c.Version, State: "open", Action: c.Action, Basis: c.Basis, Assignee: w.ada.ID, Findings: 4, Products: 2, UpdatedAt: tx.Now})
		w.must(err)
		w.log(tx, "case.changed", map[string]any{"state": "open"}, store.Row("cases", c.ID))
		return nil
	})
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
