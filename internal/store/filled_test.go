package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

func must[T any](tb testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func update(tb testing.TB, s *store.Store, f func(tx *store.Tx) error) {
	tb.Helper()
	if err := s.Update(tb.Context(), "user:1", f); err != nil {
		tb.Fatal(err)
	}
}

func hexSum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// keepBlob receives a blob and keeps it.
func keepBlob(tb testing.TB, s *store.Store, workspace int64, data []byte) *store.ReceivedBlob {
	tb.Helper()
	b := must[*store.ReceivedBlob](tb)(s.Receive(tb.Context(), workspace, bytes.NewReader(data), 1<<30))
	update(tb, s, func(tx *store.Tx) error {
		tx.Log(store.Event{Workspace: workspace, Kind: "blob.kept", Data: map[string]int64{"bytes": b.Size}, Rows: []store.Ref{store.Row("blobs", b.ID)}})
		return tx.Keep(tb.Context(), b)
	})
	return b
}

// noise is text that does not pack to nothing.
func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefgh \"\n"[r.IntN(11)]
	}
	return b
}

// filled is what fill made.
type filled struct {
	workspace, user, catalog, upload, run, blob int64
}

// fill writes rows of every covered table, each with its event, in many
// transactions: two workspaces, four uploads of which three are published, one
// of them screened twice, and one is under way.
func fill(tb testing.TB, s *store.Store) *filled {
	tb.Helper()
	ctx := tb.Context()
	r := rand.New(rand.NewPCG(1, 2))
	var f filled
	for i := range 2 {
		update(tb, s, func(tx *store.Tx) error {
			w := must[query.Workspace](tb)(tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: fmt.Sprintf("Größe \"%d\"\n \\", i), Settings: "{}", CreatedAt: tx.Now}))
			u := must[query.User](tb)(tx.CreateUser(ctx, query.CreateUserParams{Login: fmt.Sprint("ann", i), Name: "Ann", Email: "ann@example.org", Password: "$argon2id$x", OidcIssuer: "", OidcSubject: "", CreatedAt: tx.Now}))
			m := must[query.Member](tb)(tx.CreateMember(ctx, query.CreateMemberParams{WorkspaceID: w.ID, UserID: u.ID, Role: "admin"}))
			f.workspace, f.user = w.ID, u.ID
			tx.Log(store.Event{Workspace: w.ID, Kind: "workspace.created", Data: map[string]string{"name": w.Name}, Rows: []store.Ref{store.Row("workspaces", w.ID), store.Row("users", u.ID), store.Row("members", m.ID)}})
			return tx.SetLogin(ctx, query.SetLoginParams{UserID: u.ID, Failures: 1, LockedUntil: 2, LastAt: tx.Now})
		})
	}
	w := f.workspace
	var member int64
	update(tb, s, func(tx *store.Tx) error {
		u := must[query.User](tb)(tx.CreateUser(ctx, query.CreateUserParams{Login: "gone", Name: "Bob", CreatedAt: tx.Now}))
		m := must[query.Member](tb)(tx.CreateMember(ctx, query.CreateMemberParams{WorkspaceID: w, UserID: u.ID, Role: "reader"}))
		tx.Log(store.Event{Workspace: w, Kind: "member.added", Data: map[string]string{}, Rows: []store.Ref{store.Row("users", u.ID), store.Row("members", m.ID)}})
		member = m.ID
		return nil
	})
	update(tb, s, func(tx *store.Tx) error {
		tx.Log(store.Event{Workspace: w, Kind: "member.removed", Data: map[string]string{}, Rows: []store.Ref{store.Row("members", member)}})
		return tx.DeleteMember(ctx, member)
	})
	for i := range 2 {
		update(tb, s, func(tx *store.Tx) error {
			k := must[query.ApiKey](tb)(tx.CreateKey(ctx, query.CreateKeyParams{WorkspaceID: w, Name: "nightly", Hash: noise(r, 32), Scopes: "[]", CreatedBy: f.user, CreatedAt: tx.Now}))
			p := must[query.Policy](tb)(tx.CreatePolicy(ctx, query.CreatePolicyParams{WorkspaceID: w, Name: "ours", SHA256: hexSum("p"), Body: "title: Ours\n", CreatedBy: f.user, CreatedAt: tx.Now}))
			tx.Log(store.Event{Workspace: w, Kind: "key.created", Data: map[string]string{"name": k.Name}, Rows: []store.Ref{store.Row("api_keys", k.ID)}})
			tx.Log(store.Event{Workspace: w, Kind: "policy.saved", Data: map[string]string{"name": p.Name}, Rows: []store.Ref{store.Row("policies", p.ID)}})
			e := must[query.Endpoint](tb)(tx.CreateEndpoint(ctx, query.CreateEndpointParams{WorkspaceID: w, URL: "https://example.org/", Secret: "whsec_", Types: "[]", CreatedBy: f.user, CreatedAt: tx.Now}))
			tx.Log(store.Event{Workspace: w, Kind: "endpoint.created", Data: map[string]string{}, Rows: []store.Ref{store.Row("endpoints", e.ID)}})
			must[query.Delivery](tb)(tx.CreateDelivery(ctx, query.CreateDeliveryParams{WorkspaceID: w, EndpointID: e.ID, EventID: fmt.Sprint(i), Type: "case.opened", Body: "{}", NextAt: tx.Now}))
			if err := tx.CreateSession(ctx, query.CreateSessionParams{Hash: []byte{byte(i), 0}, UserID: f.user, WorkspaceID: w, CreatedAt: tx.Now, ExpiresAt: tx.Now}); err != nil {
				return err
			}
			return tx.CreateInvitation(ctx, query.CreateInvitationParams{Hash: []byte{0, byte(i), 255}, WorkspaceID: w, Role: "reader", Login: "cy", CreatedBy: f.user, ExpiresAt: tx.Now})
		})
	}
	facts, lists := keepBlob(tb, s, w, noise(r, 3000)), keepBlob(tb, s, w, noise(r, chunks2))
	keepBlob(tb, s, w, nil)
	must[*store.ReceivedBlob](tb)(s.Receive(ctx, w, bytes.NewReader(noise(r, 100)), 1000)) // never kept
	f.blob = lists.ID
	update(tb, s, func(tx *store.Tx) error {
		sn := must[query.Snapshot](tb)(tx.CreateSnapshot(ctx, query.CreateSnapshotParams{SHA256: hexSum("s"), Version: "2026", FactsBlob: facts.ID, ListsBlob: lists.ID, Editions: "{}", KeptAt: tx.Now}))
		c := must[query.Catalog](tb)(tx.CreateCatalog(ctx, query.CreateCatalogParams{WorkspaceID: w, Name: "shop", Policy: "ours", Options: "{}", CreatedBy: f.user, CreatedAt: tx.Now}))
		f.catalog = c.ID
		tx.Log(store.Event{Workspace: w, Kind: "catalog.created", Data: map[string]string{"name": c.Name}, Rows: []store.Ref{store.Row("catalogs", c.ID), store.Row("snapshots", sn.ID)}})
		return nil
	})
	var on []int64 // products on the shelf
	for n := range 3 {
		f.upload = newUpload(tb, s, &f, facts.ID)
		f.run = newRun(tb, s, &f)
		on = publish(tb, s, &f, on[:len(on)/2], 60+n)
	}
	f.run = newRun(tb, s, &f) // the same upload is screened again
	update(tb, s, func(tx *store.Tx) error {
		tx.Log(store.Event{Workspace: w, Kind: "run.published", Data: map[string]int64{"run": f.run}, Rows: []store.Ref{store.Row("runs", f.run)}})
		return tx.EndRun(ctx, query.EndRunParams{ID: f.run, State: "published", Tool: "1", Snapshot: hexSum("s"), Summary: "{}", FinishedAt: tx.Now})
	})
	handle(tb, s, &f, on)
	published := f
	f.upload = newUpload(tb, s, &f, facts.ID)
	newRun(tb, s, &f)
	update(tb, s, func(tx *store.Tx) error { // staged
		if err := tx.AddProducts(ctx, someProducts(&f, 5)); err != nil {
			return err
		}
		return tx.EndProducts(ctx, f.upload, on[:3])
	})
	return &published
}

const chunks2 = 1<<20 + 1000

func newUpload(tb testing.TB, s *store.Store, f *filled, blob int64) (id int64) {
	tb.Helper()
	update(tb, s, func(tx *store.Tx) error {
		u := must[query.Upload](tb)(tx.CreateUpload(tb.Context(), query.CreateUploadParams{WorkspaceID: f.workspace, CatalogID: f.catalog, Filename: "shop.csv", BlobID: blob, SHA256: hexSum("u"), Size: 9, CreatedBy: "user:1", CreatedAt: tx.Now}))
		id = u.ID
		tx.Log(store.Event{Workspace: f.workspace, Kind: "upload.received", Data: map[string]string{"file": u.Filename}, Rows: []store.Ref{store.Row("uploads", u.ID)}})
		return nil
	})
	return id
}

func newRun(tb testing.TB, s *store.Store, f *filled) (id int64) {
	tb.Helper()
	ctx := tb.Context()
	update(tb, s, func(tx *store.Tx) error {
		r := must[query.Run](tb)(tx.CreateRun(ctx, query.CreateRunParams{WorkspaceID: f.workspace, CatalogID: f.catalog, UploadID: f.upload, AsOf: 20000, PolicyName: "ours", PolicySHA256: hexSum("p"), Policy: "title: Ours", Options: "{}", CreatedBy: "user:1", CreatedAt: tx.Now}))
		id = r.ID
		tx.Log(store.Event{Workspace: f.workspace, Kind: "run.queued", Data: map[string]int64{"run": r.ID}, Rows: []store.Ref{store.Row("runs", r.ID)}})
		if err := tx.CreateProgress(ctx, query.CreateProgressParams{RunID: r.ID, BytesTotal: 9, UpdatedAt: tx.Now}); err != nil {
			return err
		}
		_, err := tx.TakeLease(ctx, query.TakeLeaseParams{RunID: r.ID, Owner: "me", LeaseUntil: tx.Now + 1e9, StartedAt: tx.Now, Beyond: tx.Now + 1e12})
		return err
	})
	return id
}

func someProducts(f *filled, n int) []store.ProductRow {
	rows := make([]store.ProductRow, n)
	for i := range rows {
		key := fmt.Sprintf("SKU-%d-%d", f.upload, i)
		doc := fmt.Sprintf(`{"title":"Oak shelf board No. %d, 80 × 20 cm","brand":"Northfloor"}`, i)
		rows[i] = store.ProductRow{ID: store.ProductID(f.upload, i+1), CatalogID: f.catalog, KeyHash: store.KeyHash(key, 0), ContentHash: store.ContentHash(doc, ""), Key: key, Doc: doc}
	}
	return rows
}

// publish stages products and attributions of an upload, ends some, and
// publishes the run with their sums.
func publish(tb testing.TB, s *store.Store, f *filled, ended []int64, n int) (on []int64) {
	tb.Helper()
	ctx := tb.Context()
	rows := someProducts(f, n)
	attributions := make([]store.AttributionRow, 0, n/2)
	var products, gone, made ledger.SetSum
	for i := range rows {
		products.Add(store.ProductDigest(&rows[i]))
		on = append(on, rows[i].ID)
		if i%2 == 0 {
			a := store.AttributionRow{ID: store.AttributionID(rows[i].ID, 0), ProductID: rows[i].ID, CatalogID: f.catalog, Brand: "lorex", Maker: "dahua", Relation: "made", Probability: 990000, Goods: "camera"}
			attributions = append(attributions, a)
			made.Add(store.AttributionDigest(&a))
		}
	}
	for _, id := range ended {
		gone.Add(store.EndedDigest(id, f.upload))
	}
	update(tb, s, func(tx *store.Tx) error {
		if err := tx.AddProducts(ctx, rows); err != nil {
			return err
		}
		if err := tx.AddAttributions(ctx, attributions); err != nil {
			return err
		}
		return tx.EndProducts(ctx, f.upload, ended)
	})
	update(tb, s, func(tx *store.Tx) error {
		if err := tx.EndRun(ctx, query.EndRunParams{ID: f.run, State: "published", Tool: "1", Snapshot: hexSum("s"), StreamSHA256: hexSum("stream"), Summary: "{}",
			ProductsSum: products.String(), EndedSum: gone.String(), AttributionsSum: made.String(), FinishedAt: tx.Now, PolicySHA256: hexSum("p")}); err != nil {
			return err
		}
		tx.Log(store.Event{Workspace: f.workspace, Kind: "run.published", Data: map[string]int64{"run": f.run}, Rows: []store.Ref{store.Row("runs", f.run), store.Row("catalogs", f.catalog)}})
		return tx.SetCurrentUpload(ctx, query.SetCurrentUploadParams{ID: f.catalog, CurrentUpload: f.upload})
	})
	return on
}

// handle opens cases, decides them, and writes all that hangs on them.
func handle(tb testing.TB, s *store.Store, f *filled, products []int64) {
	tb.Helper()
	ctx := tb.Context()
	w := f.workspace
	for i, product := range products[:4] {
		update(tb, s, func(tx *store.Tx) error {
			x := hexSum(fmt.Sprint("explanation", i))
			if _, err := tx.AddExplanation(ctx, query.AddExplanationParams{SHA256: x, Doc: `{"regime":"us-fcc-covered"}`}); err != nil {
				return err
			}
			c := must[query.Case](tb)(tx.CreateCase(ctx, query.CreateCaseParams{WorkspaceID: w, Subject: fmt.Sprint("brand:lorex", i), Title: "Lorex", Action: 3, Basis: "law", OpenedRun: f.run, OpenedAt: tx.Now}))
			finding := query.Finding{ID: store.FindingID(f.run, i+1), WorkspaceID: w, CatalogID: f.catalog, Fingerprint: fmt.Sprint("f", i), ProductID: product, KeyHash: -5, Brand: "lorex", Subject: c.Subject,
				Regime: "us-fcc-covered", Listing: "l", Verdict: "reached", Basis: "law", Action: 3, Since: "2021-03-12", Probability: 990000, Reasons: "[]", Explanation: x, State: "open", OpenedRun: f.run, OpenedAt: tx.Now, CaseID: c.ID}
			if err := tx.AddFindings(ctx, []query.Finding{finding}); err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: w, Kind: "case.opened", Case: c.ID, Data: map[string]string{"title": c.Title}, Rows: []store.Ref{{Table: "explanations", Key: x}, store.Row("findings", finding.ID), store.Row("cases", c.ID)}})
			d := must[query.Decision](tb)(tx.CreateDecision(ctx, query.CreateDecisionParams{WorkspaceID: w, CaseID: c.ID, Kind: "pull", State: "effective", ReasonCode: "law", Reason: "It is on the list", Scope: "brand", Products: "[]", Channels: "[]", Evidence: "[]", DecidedBy: f.user, DecidedAt: tx.Now}))
			sup := must[int64](tb)(tx.CreateSuppression(ctx, query.CreateSuppressionParams{WorkspaceID: w, DecisionID: d.ID, FindingID: finding.ID, ProductDigest: "p", ListingDigest: "l", ChainDigest: "c", CreatedAt: tx.Now}))
			pull := must[query.Pull](tb)(tx.CreatePull(ctx, query.CreatePullParams{WorkspaceID: w, CaseID: c.ID, DecisionID: d.ID, CatalogID: f.catalog, KeyHash: int64(i), Key: "k", ProductID: product, OrderedUpload: f.upload}))
			a := must[query.Attachment](tb)(tx.CreateAttachment(ctx, query.CreateAttachmentParams{WorkspaceID: w, CaseID: c.ID, Name: "invoice.pdf", MediaType: "application/pdf", BlobID: f.blob, SHA256: hexSum("a"), Size: 3, AddedBy: f.user, AddedAt: tx.Now}))
			r := must[query.SupplierRequest](tb)(tx.CreateSupplierRequest(ctx, query.CreateSupplierRequestParams{WorkspaceID: w, CaseID: c.ID, Supplier: "Acme", Template: "origin", Letter: "Dear …", Documents: "[]", DueOn: 20100, AskedBy: f.user, AskedAt: tx.Now}))
			tx.Log(store.Event{Workspace: w, Kind: "decision.made", Case: c.ID, Data: map[string]any{"day": offshelf.Day(20000).String()}, Rows: []store.Ref{store.Row("decisions", d.ID), store.Row("suppressions", sup), store.Row("pulls", pull.ID), store.Row("attachments", a.ID), store.Row("supplier_requests", r.ID)}})
			return nil
		})
	}
}

// verify holds that a store is as its ledger says.
func verify(tb testing.TB, s *store.Store, o store.VerifyOptions) *store.Verification {
	tb.Helper()
	v := must[*store.Verification](tb)(s.Verify(context.Background(), o))
	for _, f := range v.Failures {
		tb.Error(f)
	}
	return v
}
