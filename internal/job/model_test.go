package job_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

var modelPostgres = flag.Bool("model-postgres", false, "run the model on PostgreSQL too")

// ours are policies that the model changes between; the first is the shipped one.
var ours = []struct{ name, body string }{
	{"default", ""},
	{"notes", "title: Notes\nrules:\n  - basis: law\n    action: hold\notherwise: note\n"},
	{"strict", "title: Strict\nrules: []\notherwise: pull\n"},
}

// model is what the service should know, kept in another way than it keeps it:
// by what is printed on the rows, and from the last upload alone.
type model struct {
	*shop
	t        *rapid.T
	snapshot *screen.Snapshot
	cut      *cutter
	user     int64

	shelfRows []row            // of the upload that was published last
	upload    int64            // that upload
	policy    string           // under which it was screened last
	newest    int64            // the newest upload that was received
	ids       map[string]int64 // finding by what tells it apart, where ids are single
	quiet     map[int64]quiet  // findings kept quiet, by id
	orders    map[string]order // by product id and decision, where ids are single
	texts     map[int64]string // of each upload
	several   map[string]bool  // ids that stood in several rows of one upload
}

// row is a product as the upload has it, with what the screener says of it.
type row struct {
	product  offshelf.Product
	doc      string
	findings []offshelf.Finding
}

type quiet struct {
	decision int64
	facts    string
}

type order struct {
	upload int64
	state  string
}

// facts are what a decision to keep rests on of a product.
func facts(p *offshelf.Product) string {
	return strings.Join([]string{p.Title, p.Brand, p.Manufacturer, p.Vendor, p.Model, p.GTIN, p.Origin, p.Category}, "\x00")
}

// read reads an upload with a screener of its own.
func (m *model) read(text, policy string) []row {
	var p offshelf.Policy
	ok := false
	for _, o := range ours {
		if o.name == policy && o.body != "" {
			var err error
			if p, err = knowledge.ParsePolicy(o.name, []byte(o.body)); err != nil {
				m.t.Fatal(err)
			}
			ok = true
		}
	}
	if !ok {
		p, _ = m.snapshot.Policy(policy)
	}
	s, err := screen.New(m.snapshot, p, screen.AsOf(day), screen.Workers(1))
	if err != nil {
		m.t.Fatal(err)
	}
	var out []row
	_, err = s.Catalogs(context.Background(), []screen.Source{{Name: "web.csv", Read: strings.NewReader(text), Keep: []string{"store"}}}, screen.Run{
		Emit: func(*offshelf.Message) error { return nil },
		Seen: func(b *screen.SeenBatch) error {
			for i := range b.Products {
				p := b.Products[i]
				p.File, p.Row = "", 0
				doc, err := json.Marshal(&p)
				if err != nil {
					return err
				}
				out = append(out, row{p, string(doc) + b.Kept[i][0], nil})
			}
			return nil
		}})
	if err != nil {
		m.t.Fatal(err)
	}
	for i := range out {
		if out[i].findings, err = s.Screen(context.Background(), out[i].product); err != nil {
			m.t.Fatal(err)
		}
	}
	return out
}

// published takes over what a run that was published should have brought.
func (m *model) published(upload int64, policy string) {
	rows := m.read(m.texts[upload], policy)
	m.shelfRows, m.policy = rows, policy
	on := map[string]*row{}
	count := map[string]int{}
	for i := range rows {
		count[rows[i].product.ID]++
		on[rows[i].product.ID] = &rows[i]
	}
	for key, o := range m.orders {
		id := key[strings.Index(key, "/")+1:]
		if o.upload >= upload {
			continue
		}
		o.state = "gone"
		if on[id] != nil {
			o.state = "back"
		}
		m.orders[key] = o
	}
	m.upload = upload
}

// check compares.
func (m *model) check() {
	t := m.t
	var want, have []string
	for _, r := range m.shelfRows {
		want = append(want, r.doc)
	}
	m.rows("SELECT doc, kept FROM products WHERE catalog_id = $1 AND from_upload <= $2 AND (to_upload = 0 OR to_upload > $2)", func(v []any) {
		var p offshelf.Product
		var kept map[string]string
		if err := json.Unmarshal([]byte(v[0].(string)), &p); err != nil {
			t.Fatal(err)
		}
		if v[1] != "" {
			if err := json.Unmarshal([]byte(v[1].(string)), &kept); err != nil {
				t.Fatal(err)
			}
		}
		doc, _ := json.Marshal(&p)
		have = append(have, string(doc)+kept["store"])
	}, m.catalog.ID, m.upload)
	same(t, "products on the shelf", want, have)

	want, have = nil, nil
	for _, r := range m.shelfRows {
		seen := map[string]bool{}
		for _, f := range r.findings {
			if k := strings.Join([]string{f.Regime, f.Listing, f.BrandID, f.Goods}, "|"); !seen[k] {
				seen[k] = true
				want = append(want, fmt.Sprintln(r.doc, f.Regime, f.Listing, f.BrandID, f.Verdict, f.Basis, f.Action, f.Since))
			}
		}
	}
	ids := map[string]int64{}
	type kept struct {
		id, suppression int64
		product         offshelf.Product
	}
	var open []kept
	m.rows(`SELECT f.id, f.regime, f.listing, f.brand, f.verdict, f.basis, f.action, f.since, f.suppression_id, p.doc, p.kept, p.from_upload, p.to_upload, f.key_hash, p.key_hash
		FROM findings f JOIN products p ON p.id = f.product_id WHERE f.catalog_id = $1 AND f.state = 'open'`, func(v []any) {
		var p offshelf.Product
		var cells map[string]string
		json.Unmarshal([]byte(v[9].(string)), &p)
		if v[10] != "" {
			json.Unmarshal([]byte(v[10].(string)), &cells)
		}
		doc, _ := json.Marshal(&p)
		have = append(have, fmt.Sprintln(string(doc)+cells["store"], v[1], v[2], v[3], v[4], v[5], offshelf.Action(v[6].(int64)), v[7]))
		if from, to := v[11].(int64), v[12].(int64); from > m.upload || to != 0 && to <= m.upload {
			t.Fatalf("finding %d is open on a product that is not on the shelf", v[0])
		}
		if v[13] != v[14] {
			t.Fatalf("finding %d has another key than its product", v[0])
		}
		if !m.several[p.ID] {
			ids[fmt.Sprint(p.ID, "|", v[1], "|", v[2], "|", v[3])] = v[0].(int64)
		}
		open = append(open, kept{v[0].(int64), v[8].(int64), p})
	}, m.catalog.ID)
	same(t, "open findings", want, have)
	for k, id := range ids {
		if was, ok := m.ids[k]; ok && was != id {
			t.Fatalf("finding %s was %d and is %d", k, was, id)
		}
		m.ids[k] = id
	}
	// Quiet is what was kept quiet, as long as the product is what it was.
	for _, f := range open {
		q, ok := m.quiet[f.id]
		if ok && q.facts != facts(&f.product) {
			delete(m.quiet, f.id)
			ok = false
		}
		if ok != (f.suppression != 0) {
			t.Fatalf("finding %d on %q: kept quiet %t, and should be %t", f.id, f.product.Title, f.suppression != 0, ok)
		}
	}
	// Orders.
	for key, o := range m.orders {
		decision, id, _ := strings.Cut(key, "/")
		m.rows("SELECT state FROM pulls WHERE key = $1 AND decision_id = "+decision, func(v []any) {
			if v[0] != o.state {
				t.Fatalf("the order of %s by decision %s is %s, and should be %s", id, decision, v[0], o.state)
			}
		}, id)
	}
	for what, q := range map[string]string{
		"cases count wrongly": `SELECT count(*) FROM cases c WHERE c.findings <> (SELECT count(*) FROM findings f WHERE f.case_id = c.id AND f.state = 'open' AND f.suppression_id = 0 AND f.action > 1)
			OR c.products <> (SELECT count(DISTINCT f.product_id) FROM findings f WHERE f.case_id = c.id AND f.state = 'open' AND f.suppression_id = 0 AND f.action > 1)`,
		"findings call for something and have no case, or one of another subject": `SELECT count(*) FROM findings f WHERE f.state = 'open' AND f.action > 1
			AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = f.case_id AND c.subject = f.subject AND c.workspace_id = f.workspace_id)`,
		"cases are closed with something open":       `SELECT count(*) FROM cases c WHERE c.state = 'closed' AND c.findings > 0`,
		"cases are open with nothing open":           `SELECT count(*) FROM cases c WHERE c.state = 'open' AND c.findings = 0 AND NOT EXISTS (SELECT 1 FROM pulls p WHERE p.case_id = c.id AND p.state = 'back')`,
		"products are back and their cases not open": `SELECT count(*) FROM cases c WHERE c.state IN ('closed', 'pulled', 'kept') AND EXISTS (SELECT 1 FROM pulls p WHERE p.case_id = c.id AND p.state = 'back')`,
		"explanations are missing":                   `SELECT count(*) FROM findings f WHERE NOT EXISTS (SELECT 1 FROM explanations e WHERE e.sha256 = f.explanation)`,
		"keys are on the shelf twice":                `SELECT count(*) FROM (SELECT 1 FROM products WHERE to_upload = 0 GROUP BY catalog_id, key_hash HAVING count(*) > 1) x`,
	} {
		if n := m.number(q); n != 0 {
			t.Fatalf("%s, %d times", what, n)
		}
	}
}

func same(t *rapid.T, what string, want, have []string) {
	slices.Sort(want)
	slices.Sort(have)
	if slices.Equal(want, have) {
		return
	}
	for _, w := range want {
		if i := slices.Index(have, w); i >= 0 {
			have = slices.Delete(have, i, i+1)
		} else {
			t.Errorf("%s: missing %s", what, w)
		}
	}
	for _, h := range have {
		t.Errorf("%s: too much %s", what, h)
	}
	t.FailNow()
}

var (
	someIDs     = rapid.SampledFrom([]string{"A", "B", "C", "D", "E", "F", "G", "", "", "H", "odd\x00", "ODD ﷽ é"})
	someBrands  = rapid.SampledFrom([]string{"Lorex", "EZVIZ", "Estwing", "Hikvision", "DJI", "Huawei", "", "L\u202eorex", "LOREX "})
	someTitles  = rapid.SampledFrom([]string{"Lorex 4K camera", "Camera", "Ezviz C6N", "Claw hammer", "Mount for Lorex", "Drone", "K\xe4se \xff", "e\u0301 \U0001F4F7"})
	someStores  = rapid.SampledFrom([]string{"north", "south", ""})
	someOrigins = rapid.SampledFrom([]string{"", "CN", "US"})
)

// changed is a row that says something else of its product, by a price or a
// place of origin.
// finish works the run off, with attempts that are cut short, and takes over
// what it should have brought.
func (m *model) finish(run query.Run) {
	t, ctx := m.t, context.Background()
	m.w.SetBatchRows(rapid.IntRange(1, 4).Draw(t, "batch rows"))
	for n := rapid.IntRange(0, 2).Draw(t, "attempts cut short"); n > 0; n-- {
		cutting, cancel := context.WithCancel(ctx)
		m.cut.after(rapid.IntRange(1, 12).Draw(t, "transactions"), cancel)
		m.w.Execute(cutting, run.ID)
		m.cut.after(0, nil)
		cancel()
		if rapid.Bool().Draw(t, "another worker") {
			m.w = m.worker(m.state)
			m.w.SetBatchRows(2)
		}
		m.drop(run.ID)
	}
	if rapid.IntRange(0, 7).Draw(t, "cancelled") == 0 {
		err := m.s.Update(ctx, "user:1", func(tx *store.Tx) error { return job.Cancel(ctx, tx, run) })
		if now, _ := m.s.Query().Run(ctx, run.ID); now.State == "queued" && err != nil {
			t.Fatal(err)
		}
		if err := m.w.Care(ctx); err != nil {
			t.Fatal(err)
		}
	} else if err := m.w.Execute(ctx, run.ID); err != nil {
		t.Fatal(err)
	}
	done, err := m.s.Query().Run(ctx, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	switch done.State {
	case "published":
		m.published(run.UploadID, run.PolicyName)
		same, err := job.Rerun(ctx, m.s, run.ID, 1, io.Discard)
		if err != nil || !same.Same() {
			t.Fatalf("rerun of run %d: %+v, %v", run.ID, same, err)
		}
	case "cancelled":
	case "failed":
		if run.UploadID >= m.upload {
			t.Fatalf("run %d failed: %s", run.ID, done.Error)
		}
	default:
		t.Fatalf("run %d is %s", run.ID, done.State)
	}
}

// drop gives the lease of a worker back that is gone, as its end does after
// some seconds.
func (m *model) drop(run int64) {
	if _, err := m.s.Writer().Exec("UPDATE run_progress SET lease_until = 0 WHERE run_id = $1", run); err != nil {
		m.t.Fatal(err)
	}
}

// decide has somebody decide on a case, and remembers what comes of it.
func (m *model) decide(p casework.Proposal) {
	t, ctx := m.t, context.Background()
	var cases []int64
	m.rows("SELECT id FROM cases ORDER BY id", func(v []any) { cases = append(cases, v[0].(int64)) })
	if len(cases) == 0 {
		t.Skip("no case")
	}
	c, err := m.s.Query().CaseByID(ctx, rapid.SampledFrom(cases).Draw(t, "case"))
	if err != nil {
		t.Fatal(err)
	}
	var d query.Decision
	err = m.s.Update(ctx, fmt.Sprintf("user:%d", m.user), func(tx *store.Tx) error {
		h, err := casework.Propose(ctx, tx, c.WorkspaceID, c.ID, c.Version, p)
		d = h.Decision
		return err
	})
	var invalid *casework.Invalid
	var untimely *casework.Untimely
	switch {
	case errors.As(err, &invalid), errors.As(err, &untimely):
		t.Skip(err.Error())
	case err != nil:
		t.Fatal(err)
	}
	m.lifted()
	switch p.Kind {
	case casework.Keep:
		m.rows("SELECT f.id, p.doc FROM findings f JOIN products p ON p.id = f.product_id WHERE f.state = 'open' AND f.action > 1 AND f.case_id = $1", func(v []any) {
			var p offshelf.Product
			json.Unmarshal([]byte(v[1].(string)), &p)
			m.quiet[v[0].(int64)] = quiet{d.ID, facts(&p)}
		}, c.ID)
	case casework.Pull:
		m.rows("SELECT key FROM pulls WHERE decision_id = $1", func(v []any) {
			if key := v[0].(string); !m.several[key] && !strings.HasPrefix(key, "~") {
				m.orders[fmt.Sprint(d.ID, "/", key)] = order{m.newest, "ordered"}
			}
		}, d.ID)
	}
}

// received notes which ids stood in several rows of an upload: which finding is
// whose is not the model's to say for them.
func (m *model) received(run query.Run, text string) {
	m.newest, m.texts[run.UploadID] = run.UploadID, text
	seen := map[string]bool{"": true}
	for _, r := range m.read(text, "default") {
		id := r.product.ID
		if seen[id] {
			m.several[id] = true
			maps.DeleteFunc(m.orders, func(key string, _ order) bool { return key[strings.Index(key, "/")+1:] == id })
		}
		seen[id] = true
	}
}

// lifted forgets what decisions brought that count no more.
func (m *model) lifted() {
	effective := map[int64]bool{}
	m.rows("SELECT id FROM decisions WHERE state = 'effective'", func(v []any) { effective[v[0].(int64)] = true })
	maps.DeleteFunc(m.quiet, func(_ int64, q quiet) bool { return !effective[q.decision] })
	maps.DeleteFunc(m.orders, func(key string, _ order) bool {
		var d int64
		fmt.Sscan(key[:strings.Index(key, "/")], &d)
		return !effective[d]
	})
}

// What uploads, runs that are cut short, policies and decisions bring, in
// whatever order, is what a plain reading of the last upload says.
