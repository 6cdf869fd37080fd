package dossier_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/dossier"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

func (w *world) pulls(form string, f dossier.PullFilter) ([]byte, dossier.PullCounts) {
	w.Helper()
	var b bytes.Buffer
	n, err := dossier.PullSheet(w.ctx, w.Store, &b, form, w.workspace, f)
	w.must(err)
	if n.Pulls != n.Rows+n.OtherChannels {
		w.Errorf("%+v does not add up", n)
	}
	return b.Bytes(), n
}

func (w *world) skus(f dossier.PullFilter) string {
	w.Helper()
	b, _ := w.pulls(dossier.JSON, f)
	var got struct {
		Pulls []dossier.PullRow `json:"pulls"`
	}
	w.must(json.Unmarshal(b, &got))
	var out []string
	for _, r := range got.Pulls {
		out = append(out, r.SKU)
	}
	return strings.Join(out, " ")
}

// grid reads the first worksheet of a workbook.
func grid(t *testing.T, data []byte, sheet string) [][]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// padded makes rows as long as the first: a workbook leaves out empty cells at
// the end.
func padded(rows [][]string) [][]string {
	for i := range rows {
		for len(rows[i]) < len(rows[0]) {
			rows[i] = append(rows[i], "")
		}
	}
	return rows
}

func TestPullSheet(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.story()
		text, n := w.pulls(dossier.CSV, dossier.PullFilter{})
		golden(t, "pulls.csv", text)
		// A1 is on the web and in a kiosk, A2 in a shop only, of A3 it is not known.
		if want := (dossier.PullCounts{Pulls: 3, Rows: 2, OtherChannels: 1}); n != want {
			t.Errorf("%+v, want %+v", n, want)
		}
		data, _ := w.pulls(dossier.JSON, dossier.PullFilter{})
		golden(t, "pulls.json", data)
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		w.must(err)
		book, _ := w.pulls(dossier.XLSX, dossier.PullFilter{})
		if d := cmp.Diff(rows, padded(grid(t, book, "Pulls"))); d != "" {
			t.Errorf("the workbook differs from the CSV:\n%s", d)
		}
		again, _ := w.pulls(dossier.XLSX, dossier.PullFilter{})
		if !bytes.Equal(book, again) {
			t.Error("the same state gives another workbook")
		}
	})
}

func TestPullFilters(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.story()
		all := w.decide(query.CreateDecisionParams{Kind: "pull", ReasonCode: "precaution", Scope: "product", Products: `["A2"]`})
		w.order(all, "A2")
		for _, c := range []struct {
			f    dossier.PullFilter
			want string
		}{
			{dossier.PullFilter{}, "A1 A3 A2"},
			{dossier.PullFilter{Decision: all.ID}, "A2"},
			{dossier.PullFilter{Decision: all.ID, Case: w.caseID}, "A2"},
			{dossier.PullFilter{Case: w.caseID}, "A1 A3 A2"},
			{dossier.PullFilter{Catalog: w.catalog.ID}, "A1 A3 A2"},
			{dossier.PullFilter{States: []string{"gone"}}, "A1"},
			{dossier.PullFilter{States: []string{"ordered", "back"}}, "A3 A2"},
			{dossier.PullFilter{States: []string{"withdrawn"}}, ""},
		} {
			if got := w.skus(c.f); got != c.want {
				t.Errorf("%+v: %q, want %q", c.f, got, c.want)
			}
		}
		if _, err := w.Writer().ExecContext(w.ctx, "UPDATE decisions SET state = 'superseded' WHERE id = 1"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Writer().ExecContext(w.ctx, "UPDATE pulls SET state = 'withdrawn' WHERE key = 'A3'"); err != nil {
			t.Fatal(err)
		}
		for f, want := range map[int64]string{0: "A2", w.caseID: "A1 A2"} {
			if got := w.skus(dossier.PullFilter{Case: f}); got != want {
				t.Errorf("case %d: %q, want %q", f, got, want)
			}
		}
		// A product that cannot be read any more is still to be pulled.
		if _, err := w.Writer().ExecContext(w.ctx, "UPDATE products SET doc = '{', kept = '[1'"); err != nil {
			t.Fatal(err)
		}
		if got := w.skus(dossier.PullFilter{}); got != "A2" {
			t.Errorf("%q", got)
		}
	})
}

func TestChannels(t *testing.T) {
	for _, c := range []struct {
		channels, kept string
		on             bool
	}{
		{`[]`, `{"channel":"web"}`, true},
		{`["web"]`, ``, true},
		{`["web"]`, `{"colour":"red"}`, true},
		{`["web"]`, `{"channel":"web"}`, true},
		{`["web"]`, `{"Channel":" WEB "}`, true},
		{`["web"]`, `{"channel":"shop"}`, false},
		{`["web"]`, `{"channel":"shop;web"}`, true},
		{`["web"]`, `{"channel":"shop|kiosk"}`, false},
		{`["web"]`, `{"channel":""}`, true},
		{`["web"]`, `{"channel":" , "}`, true},
		{`["12"]`, `{"channel":"web","store":"12"}`, true},
		{`["12"]`, `{"channel":"","store":"14"}`, false},
		{`["12"]`, `{"store":12}`, true},
		{`["Lyon, centre"]`, `{"store":"Lyon, centre"}`, true},
		{`["Zürich"]`, `{"store":"zurich"}`, true},
		{`["web"]`, `{"channels":"shop"}`, true},
	} {
		if got := dossier.Concerns(c.channels, c.kept); got != c.on {
			t.Errorf("channels %s, kept %s: %v", c.channels, c.kept, got)
		}
	}
}

func TestColumnNames(t *testing.T) {
	got := strings.Join(dossier.ColumnNames([]string{"State", "channel", "sku"}), ",")
	if want := "sku,gtin,title,brand,State (catalog),channel,sku (catalog),action,reason_code,reason,case,decision,ordered_on,state,seen,gone_on,back_on,catalog"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestRegister(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.story()
		day := func(s string) offshelf.Day {
			d, err := offshelf.ParseDay(s)
			w.must(err)
			return d
		}
		register := func(form, from, until string) []byte {
			var b bytes.Buffer
			n, err := dossier.Register(w.ctx, w.Store, &b, form, w.workspace, day(from), day(until))
			w.must(err)
			if want := 2; from == "2026-01-10" && until == "2026-01-11" && n.Decisions != want {
				t.Errorf("%+v", n)
			}
			return b.Bytes()
		}
		for _, form := range []string{dossier.CSV, dossier.JSON, dossier.HTML} {
			golden(t, "register."+form, masked(register(form, "2026-01-10", "2026-01-11")))
		}
		rows, err := csv.NewReader(bytes.NewReader(register(dossier.CSV, "2026-01-10", "2026-01-11"))).ReadAll()
		w.must(err)
		if d := cmp.Diff(rows, padded(grid(t, register(dossier.XLSX, "2026-01-10", "2026-01-11"), "Decisions"))); d != "" {
			t.Errorf("the workbook differs from the CSV:\n%s", d)
		}
		for _, p := range [][2]string{{"2026-01-01", "2026-01-10"}, {"2026-01-11", "2027-01-01"}} {
			if b := register(dossier.CSV, p[0], p[1]); bytes.Count(b, []byte("\n")) != 1 {
				t.Errorf("%v: %s", p, b)
			}
			if b := register(dossier.HTML, p[0], p[1]); !bytes.Contains(b, []byte("No decision in this period.")) {
				t.Errorf("%v: %s", p, b)
			}
		}
	})
}

// All decisions are there, each once, whatever a page holds.
func TestRegisterPages(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.publish("2026-01-10", anvil("A1", "Anvil", ""))
		const many = 1203
		w.update(user(w.ada), func(tx *store.Tx) error {
			var refs []store.Ref
			for i := range many {
				at := tx.Now + int64(i/300) // many at one instant
				d, err := tx.CreateDecision(w.ctx, query.CreateDecisionParams{WorkspaceID: w.workspace, CaseID: w.caseID, Kind: "wait", State: "superseded", ReasonCode: "supplier-asked",
					Scope: "brand", Products: "[]", Channels: "[]", Evidence: "[]", DecidedBy: w.ada.ID, DecidedAt: at})
				w.must(err)
				refs = append(refs, store.Row("decisions", d.ID))
			}
			w.log(tx, "decision.agreed", nil, refs...)
			return nil
		})
		var b bytes.Buffer
		n, err := dossier.Register(w.ctx, w.Store, &b, dossier.JSON, w.workspace, 0, 30000)
		w.must(err)
		var got struct {
			Decisions []dossier.RegisterRow `json:"decisions"`
		}
		w.must(json.Unmarshal(b.Bytes(), &got, dossier.ReadTimes))
		seen := map[int64]bool{}
		for _, r := range got.Decisions {
			seen[r.Number] = true
		}
		if n.Decisions != many || len(got.Decisions) != many || len(seen) != many {
			t.Errorf("%+v, %d rows, %d different", n, len(got.Decisions), len(seen))
		}
	})
}

// A sheet of 100,000 rows is written in bounded memory.
func TestLargePullSheet(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: this test writes 100,000 rows")
	}
	const many = 100_000
	w := newWorld(t, storetest.SQLite(t))
	t.Setenv("TMPDIR", t.TempDir())
	w.publish("2026-01-10", anvil("A0", "Anvil", ""))
	d := w.decide(query.CreateDecisionParams{Kind: "pull", ReasonCode: "precaution", Scope: "brand"})
	w.update(user(w.ada), func(tx *store.Tx) error {
		var products, pulls [][]any
		for i := range int64(many) {
			id := w.upload<<32 | (i + 10)
			key := fmt.Sprintf("B%d", i)
			p := anvil(key, "Anvil camera number "+key, "")
			products = append(products, []any{id, w.catalog.ID, hash(key), int64(1), key, marshal(p.Product), `{"channel":"web","store":"` + fmt.Sprint(i%500) + `"}`, w.upload, int64(0)})
			pulls = append(pulls, []any{w.workspace, w.caseID, d.ID, w.catalog.ID, hash(key), key, id, "ordered", w.upload, w.upload, int64(0), int64(0)})
		}
		w.must(tx.Bulk(w.ctx, "products", []string{"id", "catalog_id", "key_hash", "content_hash", "key", "doc", "kept", "from_upload", "to_upload"}, products))
		w.must(tx.Bulk(w.ctx, "pulls", pullColumns, pulls))
		return nil
	})
	for _, form := range dossier.PullForms() {
		out := &meter{t: t}
		runtime.GC()
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		out.base = before.HeapAlloc
		start := time.Now()
		n, err := dossier.PullSheet(w.ctx, w.Store, out, form, w.workspace, dossier.PullFilter{})
		w.must(err)
		t.Logf("%s: %d rows, %d bytes in %v, at most %d MB of heap more", form, n.Rows, out.n, time.Since(start).Round(time.Millisecond), out.most>>20)
		if n.Rows != many {
			t.Errorf("%s: %+v", form, n)
		}
		if out.most > 96<<20 {
			t.Errorf("%s took %d MB of heap", form, out.most>>20)
		}
	}
	left, err := os.ReadDir(os.TempDir())
	w.must(err)
	for _, f := range left {
		t.Errorf("%s is left over", f.Name())
	}
}

// meter counts bytes, and looks at the heap now and then.
type meter struct {
	t     *testing.T
	n     int
	base  uint64
	most  uint64
	calls int
}

func (m *meter) Write(p []byte) (int, error) {
	m.n += len(p)
	if m.calls++; m.calls%50 == 1 {
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		if now.HeapAlloc > m.base {
			m.most = max(m.most, now.HeapAlloc-m.base)
		}
	}
	return len(p), nil
}
