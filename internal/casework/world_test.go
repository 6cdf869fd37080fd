package casework_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// testing.T, rapid.T and testing.B have this in common.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// world is a workspace with people, a catalog, and uploads that are published
// as the job does it.
type world struct {
	s       *store.Store
	ws      int64
	catalog int64
	people  map[string]int64
	now     *time.Time
	shelf   map[string]product // by key
	upload  int64
	run     int64
}

// product is what is on the shelf under a key, with its findings.
type product struct {
	id       int64
	product  offshelf.Product
	findings []offshelf.Finding
}

// each runs a test on both engines, in a world at noon of 2026-07-20, a Monday.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	for engine, database := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		t.Run(engine, func(t *testing.T) {
			now := time.Date(2026, 7, 20, 12, 0, 0, 0, time.UTC)
			s := storetest.Open(t, store.Options{Database: database(t), Clock: func() time.Time { return now }})
			w := newWorld(t, s, &now, "Shop")
			f(t, w)
			sealed(t, s)
		})
	}
}

func newWorld(t fataler, s *store.Store, now *time.Time, name string) *world {
	t.Helper()
	w := &world{s: s, now: now, people: map[string]int64{}, shelf: map[string]product{}}
	ctx := context.Background()
	w.update(t, store.SystemActor, func(tx *store.Tx) error {
		row, err := tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: name, Settings: "{}", CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		w.ws = row.ID
		refs := []store.Ref{store.Row("workspaces", row.ID)}
		for _, p := range []struct{ login, name, role string }{{"ann", "Ann", "analyst"}, {"ben", "Ben", "analyst"}, {"cid", "Cid", "approver"}, {"eve", "Eve", "admin"}} {
			u, err := tx.CreateUser(ctx, query.CreateUserParams{Login: p.login + "@" + name, Name: p.name, CreatedAt: tx.Now})
			if err != nil {
				return err
			}
			m, err := tx.CreateMember(ctx, query.CreateMemberParams{WorkspaceID: w.ws, UserID: u.ID, Role: p.role})
			if err != nil {
				return err
			}
			w.people[p.login] = u.ID
			refs = append(refs, store.Row("users", u.ID), store.Row("members", m.ID))
		}
		c, err := tx.CreateCatalog(ctx, query.CreateCatalogParams{WorkspaceID: w.ws, Name: "shop", Options: "{}", CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		w.catalog = c.ID
		tx.Log(store.Event{Workspace: w.ws, Kind: "workspace.created", Data: map[string]string{"name": name}, Rows: append(refs, store.Row("catalogs", c.ID))})
		return nil
	})
	return w
}

func (w *world) update(t fataler, actor string, f func(tx *store.Tx) error) {
	t.Helper()
	if err := w.s.Update(context.Background(), actor, f); err != nil {
		t.Fatal(err)
	}
}

// as does something as one of the people.
func (w *world) as(login string, f func(tx *store.Tx) error) error {
	return w.s.Update(context.Background(), "user:"+strconv.FormatInt(w.people[login], 10), f)
}

// set changes the settings of the workspace.
func (w *world) set(t fataler, settings string) {
	t.Helper()
	w.update(t, store.SystemActor, func(tx *store.Tx) error {
		tx.Log(store.Event{Workspace: w.ws, Kind: "workspace.changed", Data: map[string]string{}, Rows: []store.Ref{store.Row("workspaces", w.ws)}})
		return tx.SetWorkspaceSettings(context.Background(), query.SetWorkspaceSettingsParams{ID: w.ws, Settings: settings})
	})
}

// key makes an API key of one of the people and returns its actor.
func (w *world) key(t fataler, login string) string {
	t.Helper()
	var actor string
	w.update(t, store.SystemActor, func(tx *store.Tx) error {
		k, err := tx.CreateKey(context.Background(), query.CreateKeyParams{WorkspaceID: w.ws, Name: login + "'s", Hash: []byte(login), CreatedBy: w.people[login], CreatedAt: tx.Now})
		actor = "key:" + strconv.FormatInt(k.ID, 10)
		tx.Log(store.Event{Workspace: w.ws, Kind: "key.created", Data: map[string]string{}, Rows: []store.Ref{store.Row("api_keys", k.ID)}})
		return err
	})
	return actor
}

// camera is a product that a rule reaches through the brand's owner.
func camera(key string, basis offshelf.Basis) product {
	f := offshelf.Finding{
		BrandID: "lorex", Brand: "Lorex", Regime: "us-fcc-covered", RegimeTitle: "FCC Covered List", Listing: "fcc-dahua", Listed: "Dahua Technology Company",
		Verdict: offshelf.Reached, Basis: basis, State: "in-force", Forbids: []string{"import", "marketing"}, Action: offshelf.Pull, Since: day("2026-07-16").Date(),
		Chains: []offshelf.Chain{{Verdict: offshelf.Reached, Since: day("2026-07-16").Date(), Hops: []offshelf.Hop{
			{Kind: "attributed", From: key, To: "Lorex"},
			{Kind: "made", From: "Lorex", To: "Dahua", Since: day("2018-02-06").Date(), Grade: offshelf.GradePress},
			{Kind: "listed", From: "Dahua", To: "FCC Covered List", Since: day("2021-03-12").Date(), Grade: offshelf.GradeOfficial},
		}}},
	}
	f.Chains[0].Hops[0].From = "the product" // chains are shared by products
	if basis == offshelf.Choice {
		f.Regime, f.RegimeTitle, f.Forbids, f.Action = "us-bis-el", "US Entity List", []string{"export"}, offshelf.Review
	}
	return product{
		product:  offshelf.Product{ID: key, Title: "Camera " + key, Brand: "Lorex", Vendor: "Acme Imports", Manufacturer: "Lorex Technology", Origin: "CN"},
		findings: []offshelf.Finding{f},
	}
}

func day(s string) offshelf.Day {
	d, err := offshelf.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

var entry = offshelf.Listing{ID: "fcc-dahua", Party: "dahua", List: "fcc-covered", Name: "Dahua Technology Company", Interval: offshelf.Interval{From: day("2021-03-12").Date()}}

// publish puts an upload with these products in the place of the one before.
func (w *world) publish(t fataler, products ...product) []casework.Sighting {
	t.Helper()
	var seen []casework.Sighting
	w.update(t, store.SystemActor, func(tx *store.Tx) (err error) {
		seen, err = w.publishIn(tx, products)
		return err
	})
	return seen
}

func (w *world) publishIn(tx *store.Tx, products []product) ([]casework.Sighting, error) {
	ctx := context.Background()
	if err := casework.Lock(ctx, tx, w.ws); err != nil {
		return nil, err
	}
	up, err := tx.CreateUpload(ctx, query.CreateUploadParams{WorkspaceID: w.ws, CatalogID: w.catalog, Filename: "shop.csv", SHA256: "00", CreatedAt: tx.Now})
	if err != nil {
		return nil, err
	}
	run, err := tx.CreateRun(ctx, query.CreateRunParams{WorkspaceID: w.ws, CatalogID: w.catalog, UploadID: up.ID, CreatedAt: tx.Now})
	if err != nil {
		return nil, err
	}
	next := map[string]product{}
	var added, ended, attributed ledger.SetSum
	end := func(id int64) error {
		ended.Add(store.EndedDigest(id, up.ID))
		return tx.EndProducts(ctx, up.ID, []int64{id})
	}
	var rows []store.ProductRow
	var attributions []store.AttributionRow
	for i, p := range products {
		doc, err := json.Marshal(&p.product, json.Deterministic(true))
		if err != nil {
			return nil, err
		}
		before, there := w.shelf[p.product.ID]
		p.id = before.id
		if !there || before.product != p.product {
			p.id = store.ProductID(up.ID, i+1)
			rows = append(rows, store.ProductRow{ID: p.id, CatalogID: w.catalog, KeyHash: store.KeyHash(p.product.ID, 0), Key: p.product.ID, Doc: string(doc)})
			attributions = append(attributions, store.AttributionRow{ID: store.AttributionID(p.id, 0), ProductID: p.id, CatalogID: w.catalog, Brand: "lorex", Maker: "dahua", Relation: "made", Probability: 990000})
			if there {
				if err := end(before.id); err != nil {
					return nil, err
				}
			}
		}
		next[p.product.ID] = p
	}
	for key, p := range w.shelf {
		if _, still := next[key]; !still {
			if err := end(p.id); err != nil {
				return nil, err
			}
		}
	}
	for i := range rows {
		added.Add(store.ProductDigest(&rows[i]))
		attributed.Add(store.AttributionDigest(&attributions[i]))
	}
	if err := tx.AddProducts(ctx, rows); err != nil {
		return nil, err
	}
	if err := tx.AddAttributions(ctx, attributions); err != nil {
		return nil, err
	}
	touched, err := w.findings(tx, run.ID, next)
	if err != nil {
		return nil, err
	}
	byHash := map[int64]int64{}
	for key, p := range next {
		byHash[store.KeyHash(key, 0)] = p.id
	}
	seen, err := casework.Sightings(ctx, tx, w.catalog, up.ID, func(h int64, _ string) (int64, bool) { id, on := byHash[h]; return id, on })
	if err != nil {
		return nil, err
	}
	if err := casework.Recount(ctx, tx, touched); err != nil {
		return nil, err
	}
	if err := tx.SetCurrentUpload(ctx, query.SetCurrentUploadParams{ID: w.catalog, CurrentUpload: up.ID}); err != nil {
		return nil, err
	}
	if err := tx.EndRun(ctx, query.EndRunParams{ID: run.ID, State: "published", FinishedAt: tx.Now,
		ProductsSum: added.String(), EndedSum: ended.String(), AttributionsSum: attributed.String()}); err != nil {
		return nil, err
	}
	tx.Log(store.Event{Workspace: w.ws, Kind: "run.published", Data: map[string]any{"run": run.ID}, Rows: []store.Ref{store.Row("runs", run.ID), store.Row("uploads", up.ID), store.Row("catalogs", w.catalog)}})
	tx.After(func() { w.shelf, w.upload, w.run = next, up.ID, run.ID })
	return seen, nil
}

// findings opens, changes and ends findings as a run does.
func (w *world) findings(tx *store.Tx, run int64, shelf map[string]product) ([]int64, error) {
	ctx := context.Background()
	known, err := w.known(tx)
	if err != nil {
		return nil, err
	}
	var touched []int64
	var fresh []query.Finding
	put := func(f query.Finding, was *query.Finding) error {
		if was == nil {
			f.ID = store.FindingID(run, len(fresh)+1)
			fresh = append(fresh, f)
		} else if err := tx.SetFinding(ctx, &f); err != nil {
			return err
		}
		touched = append(touched, f.CaseID)
		tx.Log(store.Event{Workspace: w.ws, Kind: "finding.changed", Case: f.CaseID, Data: map[string]any{"finding": f.ID}, Rows: []store.Ref{store.Row("findings", f.ID)}})
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(shelf)) {
		p := shelf[key]
		doc, _ := json.Marshal(&p.product, json.Deterministic(true))
		for i := range p.findings {
			f := &p.findings[i]
			row, err := w.row(tx, &p, f)
			if err != nil {
				return nil, err
			}
			was, ok := known[row.Fingerprint]
			delete(known, row.Fingerprint)
			if row.CaseID, _, err = casework.OpenOrJoin(ctx, tx, w.ws, run, row.Subject, "Lorex", f.Action, f.Basis); err != nil {
				return nil, err
			}
			if !ok {
				row.OpenedRun, row.OpenedAt = run, tx.Now
				if err := put(row, nil); err != nil {
					return nil, err
				}
				continue
			}
			row.ID, row.OpenedRun, row.OpenedAt, row.SuppressionID = was.ID, was.OpenedRun, was.OpenedAt, was.SuppressionID
			if row == was {
				continue
			}
			if row.SuppressionID != 0 {
				if _, _, err := casework.Reconsider(ctx, tx, &was, &row, casework.ProductDigest(string(doc))); err != nil {
					return nil, err
				}
			}
			if err := put(row, &was); err != nil {
				return nil, err
			}
		}
	}
	for _, was := range known {
		if was.State == "open" {
			f := was
			f.State, f.EndedRun, f.EndedAt = "ended", run, tx.Now
			if err := put(f, &was); err != nil {
				return nil, err
			}
		}
	}
	return touched, tx.AddFindings(ctx, fresh)
}

// row is a finding as the store keeps it.
func (w *world) row(tx *store.Tx, p *product, f *offshelf.Finding) (query.Finding, error) {
	doc, err := json.Marshal(f, json.Deterministic(true))
	if err != nil {
		return query.Finding{}, err
	}
	sum := sha256.Sum256(doc)
	id := hex.EncodeToString(sum[:])
	n, err := tx.AddExplanation(context.Background(), query.AddExplanationParams{SHA256: id, Doc: string(doc)})
	if err != nil {
		return query.Finding{}, err
	}
	if n > 0 {
		tx.Log(store.Event{Kind: "explanations.kept", Data: map[string]any{}, Rows: []store.Ref{{Table: "explanations", Key: id}}})
	}
	l := entry
	if f.Listed != "" {
		l.Name = f.Listed
	}
	return query.Finding{
		WorkspaceID: w.ws, CatalogID: w.catalog, Fingerprint: p.product.ID + "/" + f.Regime + "/" + f.Listing, ProductID: p.id, KeyHash: store.KeyHash(p.product.ID, 0),
		Brand: f.BrandID, Subject: "brand:" + f.BrandID, Regime: f.Regime, Listing: f.Listing, Verdict: string(f.Verdict), Basis: string(f.Basis), Action: int64(f.Action),
		Since: f.Since.String(), Probability: 990000, Reasons: "[]", Explanation: id, ChainDigest: casework.ChainDigest(f), ListingDigest: casework.ListingDigest(&l, f), State: "open",
	}, nil
}

func (w *world) known(tx *store.Tx) (map[string]query.Finding, error) {
	rows, err := tx.SQL().Query("SELECT id FROM findings WHERE catalog_id = $1", w.catalog)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	out := map[string]query.Finding{}
	return out, errors.Join(rows.Err(), tx.FindingsByID(context.Background(), ids, func(f *query.Finding) error {
		out[f.Fingerprint] = *f
		return nil
	}))
}

// theCase is the case of the brand as it is now.
func (w *world) theCase(t fataler) query.Case {
	t.Helper()
	c, err := w.s.Query().CaseBySubject(context.Background(), query.CaseBySubjectParams{WorkspaceID: w.ws, Subject: "brand:lorex"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// propose decides on the case as one of the people.
func (w *world) propose(t fataler, login string, p casework.Proposal) casework.Handled {
	t.Helper()
	h, err := w.tryPropose(login, w.theCase(t), p)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (w *world) tryPropose(login string, c query.Case, p casework.Proposal) (h casework.Handled, err error) {
	err = w.as(login, func(tx *store.Tx) error {
		h, err = casework.Propose(context.Background(), tx, w.ws, c.ID, c.Version, p)
		return err
	})
	return h, err
}

// agree agrees to a decision as one of the people.
func (w *world) agree(login string, h casework.Handled) (out casework.Handled, err error) {
	err = w.as(login, func(tx *store.Tx) error {
		out, err = casework.Agree(context.Background(), tx, w.ws, h.Case.ID, h.Case.Version, h.Decision.ID)
		return err
	})
	return out, err
}

// attach adds a document to the case.
func (w *world) attach(t fataler, login string) int64 {
	t.Helper()
	ctx := context.Background()
	b, err := w.s.Receive(ctx, w.ws, strings.NewReader("grant of 2019"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	c := w.theCase(t)
	var id int64
	if err := w.as(login, func(tx *store.Tx) error {
		_, a, err := casework.Attach(ctx, tx, w.ws, c.ID, c.Version, "grant.pdf", "application/pdf", b)
		id = a.ID
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

// state fails where the case is not in this state with so many findings.
func (w *world) state(t fataler, state string, findings int64) query.Case {
	t.Helper()
	c := w.theCase(t)
	if c.State != state || c.Findings != findings {
		t.Fatalf("the case is %s with %d findings, want %s with %d", c.State, c.Findings, state, findings)
	}
	if (c.State == casework.Closed) != (c.ClosedAt != 0) {
		t.Fatalf("the case is %s and closed at %d", c.State, c.ClosedAt)
	}
	return c
}

// kinds are the events of the case, but for those of runs.
func (w *world) kinds(t fataler) []string {
	t.Helper()
	entries, err := casework.Timeline(context.Background(), w.s.Query(), w.ws, w.theCase(t).ID, -1, casework.MaxPage)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		if e.Kind != "finding.changed" {
			out = append(out, e.Kind)
		}
	}
	return out
}

func (w *world) pulls(t fataler) string {
	t.Helper()
	all, err := w.s.Query().PullsOfCase(context.Background(), w.theCase(t).ID)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range all {
		out = append(out, p.Key+" "+p.State)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// sealed fails where the ledger does not verify: something was written that no
// event tells of.
func sealed(t fataler, s *store.Store) {
	t.Helper()
	v, err := s.Verify(context.Background(), store.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !v.OK() {
		t.Fatalf("%d failures: %v", v.Failed, v.Failures[:min(len(v.Failures), 5)])
	}
}
