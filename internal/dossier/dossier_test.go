package dossier_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf/internal/dossier"
	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/style"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("differs from %s (-want +got); run with -update and look at it:\n%s", file, d)
	}
}

// signed are the parts that hang on the key, which is a new one in each test.
// The root of the ledger is not among them.
var signed = regexp.MustCompile(`— offshelf\.ledger [A-Za-z0-9+/=&#;]+|offshelf\.ledger(\+|&#43;)[0-9a-f]+(\+|&#43;)[A-Za-z0-9+/=&#;]+`)

func masked(b []byte) []byte {
	b = bytes.Replace(b, []byte(style.Page), []byte("(page.css)"), 1)
	return signed.ReplaceAll(b, []byte("(signed)"))
}

// The golden files hold for both engines: the same state gives the same bytes,
// the root of the ledger included.
func TestGolden(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.story()
		r := &dossier.Reader{Facts: dossier.KeptFacts(w.Store)}
		d, err := r.Collect(w.ctx, w.Store, w.workspace, w.caseID)
		w.must(err)
		for _, form := range dossier.Forms() {
			var a, b bytes.Buffer
			w.must(d.Write(&a, form))
			again, err := r.Collect(w.ctx, w.Store, w.workspace, w.caseID)
			w.must(err)
			w.must(again.Write(&b, form))
			if !bytes.Equal(a.Bytes(), b.Bytes()) {
				t.Errorf("%s: the same state gives other bytes", form)
			}
			golden(t, "case."+form, masked(a.Bytes()))
		}
		h, err := w.Key().Checker().Open(d.State.Ledger.Checkpoint)
		if err != nil || h.Size != d.State.Ledger.Size {
			t.Errorf("checkpoint of %d leaves, %v; the ledger has %d", h.Size, err, d.State.Ledger.Size)
		}
		checker, err := ledger.ParseChecker(d.State.Ledger.Key)
		w.must(err)
		if _, err := checker.Open(d.State.Ledger.Checkpoint); err != nil {
			t.Error(err)
		}
	})
}

func TestReadIsInTheLedgerFirst(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.story()
		r := &dossier.Reader{Facts: dossier.KeptFacts(w.Store)}
		before, err := w.Query().LedgerState(w.ctx)
		w.must(err)
		got, err := r.Read(w.ctx, w.Store, user(w.grace), w.workspace, w.caseID, dossier.JSON)
		w.must(err)
		leaf, err := w.Query().Leaf(w.ctx, before.Size)
		w.must(err)
		if leaf.Kind != "dossier.read" || leaf.Actor != user(w.grace) || leaf.CaseID != w.caseID || !strings.Contains(leaf.Data, sum(got)) {
			t.Errorf("leaf %+v", leaf)
		}
		var d dossier.Document
		next, err := r.Collect(w.ctx, w.Store, w.workspace, w.caseID)
		w.must(err)
		d = *next
		last := d.Timeline[len(d.Timeline)-1]
		if last.Words != "The dossier was read" || last.By.Name != "Grace Example" || last.By.Login != "grace" {
			t.Errorf("the next dossier does not tell of it: %+v", last)
		}
		// Where the ledger cannot be told, nothing is handed out.
		size := before.Size + 1
		if _, err := w.Writer().ExecContext(w.ctx, "DELETE FROM ledger_state"); err != nil {
			t.Fatal(err)
		}
		if b, err := r.Read(w.ctx, w.Store, user(w.grace), w.workspace, w.caseID, dossier.HTML); err == nil || b != nil {
			t.Errorf("%d bytes without a leaf %d (%v)", len(b), size, err)
		}
	})
}

func TestOfAnotherWorkspace(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.story()
		var other int64
		w.update(store.SystemActor, func(tx *store.Tx) error {
			ws, err := tx.CreateWorkspace(w.ctx, query.CreateWorkspaceParams{Name: "Other", Settings: "{}", CreatedAt: tx.Now})
			other = ws.ID
			w.log(tx, "workspace.created", nil, store.Row("workspaces", ws.ID))
			return err
		})
		before, err := w.Query().LedgerState(w.ctx)
		w.must(err)
		r := &dossier.Reader{}
		for _, id := range []int64{w.caseID, 99, 0, -1} {
			if _, err := r.Read(w.ctx, w.Store, user(w.ada), other, id, dossier.HTML); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("case %d: %v", id, err)
			}
		}
		for _, f := range []dossier.PullFilter{{Case: w.caseID}, {Decision: 1}, {Catalog: w.catalog.ID}, {Case: 99}, {Decision: 99}} {
			if n, err := dossier.PullSheet(w.ctx, w.Store, &bytes.Buffer{}, dossier.CSV, other, f); !errors.Is(err, store.ErrNotFound) || n.Rows != 0 {
				t.Errorf("%+v: %+v, %v", f, n, err)
			}
		}
		var b bytes.Buffer
		if n, err := dossier.PullSheet(w.ctx, w.Store, &b, dossier.JSON, other, dossier.PullFilter{}); err != nil || n.Pulls != 0 || strings.Contains(b.String(), "A1") {
			t.Errorf("%+v, %v: %s", n, err, &b)
		}
		b.Reset()
		if n, err := dossier.Register(w.ctx, w.Store, &b, dossier.JSON, other, 0, 30000); err != nil || n.Decisions != 0 {
			t.Errorf("%+v, %v: %s", n, err, &b)
		}
		after, err := w.Query().LedgerState(w.ctx)
		w.must(err)
		if before.Size != after.Size {
			t.Error("a dossier that was not handed out is in the ledger")
		}
	})
}

func TestUnknownForm(t *testing.T) {
	w := newWorld(t, t.TempDir()+"/offshelf.db")
	_, err1 := (&dossier.Reader{}).Read(w.ctx, w.Store, "system", w.workspace, 1, "pdf")
	_, err2 := dossier.PullSheet(w.ctx, w.Store, &bytes.Buffer{}, "html", w.workspace, dossier.PullFilter{})
	_, err3 := dossier.Register(w.ctx, w.Store, &bytes.Buffer{}, "pdf", w.workspace, 0, 1)
	_, err4 := dossier.Register(w.ctx, w.Store, &bytes.Buffer{}, dossier.CSV, w.workspace, 2, 2)
	_, err5 := dossier.PullSheet(w.ctx, w.Store, &bytes.Buffer{}, dossier.CSV, w.workspace, dossier.PullFilter{States: []string{"lost"}})
	for _, c := range []struct {
		err  error
		want string
	}{{err1, "use html, json"}, {err2, "use csv, xlsx, json"}, {err3, "use csv, xlsx, json, html"}, {err4, "give a later until"}, {err5, "use ordered, back, gone, withdrawn"}} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%v: want %q", c.err, c.want)
		}
	}
}

// Facts that cannot be read are told, and take nothing else away.
func TestFactsThatAreLost(t *testing.T) {
	w := newWorld(t, t.TempDir()+"/offshelf.db")
	w.story()
	if _, err := w.Writer().ExecContext(w.ctx, "UPDATE blob_chunks SET data = x'00'"); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*dossier.Reader{{}, {Facts: dossier.KeptFacts(w.Store)}} {
		d, err := r.Collect(w.ctx, w.Store, w.workspace, w.caseID)
		w.must(err)
		if len(d.Rules) != 2 || !strings.HasPrefix(d.Rules[0].Unknown, "The periods of this rule are not told here") || len(d.Products) != 3 {
			t.Errorf("%+v", d.Rules)
		}
	}
}

func TestJSONCanBeRead(t *testing.T) {
	w := newWorld(t, t.TempDir()+"/offshelf.db")
	w.story()
	b, err := (&dossier.Reader{}).Read(w.ctx, w.Store, user(w.ada), w.workspace, w.caseID, dossier.JSON)
	w.must(err)
	var got map[string]any
	w.must(json.Unmarshal(b, &got))
	if got["format"] != dossier.Format || got["statement"] != dossier.Statement {
		t.Errorf("%v", got["format"])
	}
}
