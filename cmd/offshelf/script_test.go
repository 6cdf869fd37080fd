package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"

	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/roll"
	"github.com/offshelf/offshelf/internal/store/storetest"

	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

func TestMain(m *testing.M) {
	testscript.Main(storetest.Tests{M: m}, map[string]func(){"offshelf": main})
}

// TestScript runs the tool as somebody would type it, one subject a file.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("OFFSHELF_DATA", filepath.Join(e.WorkDir, "data"))
			e.Setenv("NO_PROXY", "127.0.0.1")
			return copyTree(filepath.Join("..", "..", "examples"), filepath.Join(e.WorkDir, "examples"), "")
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"facts":    facts,
			"write":    write,
			"shops":    shops,
			"longline": longline,
			"longtext": longtext,
			"compress": compress,
			"workbook": workbook,
			"cut":      cut,
			"count":    count,
			"serve":    serve,
			"fill":     fill,
			"stale":    stale,
			"ledgered": ledgered,
			"tamper":   tamper,
			"service":  startService,
			"screened": screened,
		},
	})
}

// exits CODE COMMAND… runs a command that must end with this very code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var e *exec.ExitError
		if !errors.As(err, &e) {
			ts.Fatalf("%v", err)
		}
		got = e.ExitCode()
	}
	if args[0] != strconv.Itoa(got) {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// facts DIR copies the facts of the repository.
func facts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: facts DIR")
	}
	ts.Check(copyTree(filepath.Join("..", "..", "knowledge"), ts.MkAbs(args[0]), ".yaml"))
}

// write FILE TEXT writes bytes that a txtar file cannot hold, with the escapes
// of a Go string.
func write(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: write FILE TEXT")
	}
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}

// shops FILE ROWS writes a catalog in which every hundredth product is a
// Lorex camera.
func shops(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: shops FILE ROWS")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b bytes.Buffer
	b.WriteString("sku,title,brand,model\n")
	for i := 1; i <= n; i++ {
		if i%100 == 0 {
			fmt.Fprintf(&b, "%d,Lorex 4K Bullet Security Camera No. %d,Lorex,LNB%d\n", i, i, 8000+i%1000)
			continue
		}
		fmt.Fprintf(&b, "%d,Oak shelf board No. %d of %x,Northfloor,NF-%d\n", i, i, i*7919, i)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o666))
}

// longline FILE writes a catalog with a line of 100 MB between good rows.
func longline(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: longline FILE")
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = f.WriteString("sku,title,brand\n1,Lorex Bullet Security Camera,Lorex\n2,")
	ts.Check(err)
	piece := bytes.Repeat([]byte("x"), 1<<20)
	for range 100 {
		_, err = f.Write(piece)
		ts.Check(err)
	}
	_, err = f.WriteString(",None\n3,Lorex Dome Security Camera,Lorex\n")
	ts.Check(err)
	ts.Check(f.Close())
}

// longtext N FILE writes a policy of N bytes, most of them in one expression.
func longtext(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: longtext N FILE")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := "title: Ours\notherwise: note\nrules:\n  - action: pull\n    when: true"
	const more = " && true"
	text += strings.Repeat(more, max(0, n-len(text)-1)/len(more)) + "\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o666))
}

// compress gzip|zstd FILE writes FILE.gz or FILE.zst.
func compress(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: compress gzip|zstd FILE")
	}
	data := []byte(ts.ReadFile(args[1]))
	var b bytes.Buffer
	suffix := ".gz"
	switch args[0] {
	case "gzip":
		w := gzip.NewWriter(&b)
		_, err := w.Write(data)
		ts.Check(err)
		ts.Check(w.Close())
	case "zstd":
		w, err := zstd.NewWriter(&b)
		ts.Check(err)
		_, err = w.Write(data)
		ts.Check(err)
		ts.Check(w.Close())
		suffix = ".zst"
	default:
		ts.Fatalf("unknown compression %q", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]+suffix), b.Bytes(), 0o666))
}

// workbook CSV XLSX writes the rows of a CSV file as an Excel workbook.
func workbook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: workbook CSV XLSX")
	}
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[0]))).ReadAll()
	ts.Check(err)
	book := excelize.NewFile()
	defer book.Close()
	for i, row := range rows {
		ts.Check(book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
	}
	ts.Check(book.SaveAs(ts.MkAbs(args[1])))
}

// cut FILE PERCENT keeps the first part of a file.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut FILE PERCENT")
	}
	percent, err := strconv.Atoi(args[1])
	ts.Check(err)
	data := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(data[:len(data)*percent/100]), 0o666))
}

// count N FILE TEXT holds that exactly N lines of a file have the text.
func count(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: count N FILE TEXT")
	}
	n := 0
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		if strings.Contains(line, args[2]) {
			n++
		}
	}
	if args[0] != strconv.Itoa(n) {
		ts.Fatalf("%d lines have %q, want %s", n, args[2], args[0])
	}
}

// serve FOLDER VARIABLE serves a folder over HTTP and puts the address into a
// variable. Under /error/ each file is an error of the server, under /away/ a
// redirect without end.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: serve FOLDER VARIABLE")
	}
	files := http.FileServer(http.Dir(ts.MkAbs(args[0])))
	mux := http.NewServeMux()
	mux.Handle("/", files)
	mux.HandleFunc("/error/", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusForbidden) })
	mux.HandleFunc("/away/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) })
	s := httptest.NewServer(mux)
	ts.Defer(s.Close)
	ts.Setenv(args[1], s.URL)
}

// fill FILE WORD TEXT writes the text in place of the word.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: fill FILE WORD TEXT")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), args[1], args[2])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o666))
}

// stale FILE makes compiled lists into those of a program with other facts.
func stale(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: stale FILE")
	}
	r, err := roll.Open([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	c := roll.Content{Head: r.Head}
	c.Knowledge = strings.Repeat("0", 64)
	for i := range r.Records {
		x, err := r.Record(i)
		ts.Check(err)
		c.Entries = append(c.Entries, x)
	}
	var b bytes.Buffer
	ts.Check(roll.Write(&b, &c))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o666))
}

// ledgered FILE KEY makes a database with a workspace, its rename and a user.
func ledgered(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ledgered FILE KEY")
	}
	ctx := context.Background()
	key, err := ledger.LoadKey(ts.MkAbs(args[1]))
	ts.Check(err)
	s, err := store.Open(ctx, store.Options{Database: ts.MkAbs(args[0]), Key: key})
	ts.Check(err)
	defer s.Close()
	var w query.Workspace
	for _, f := range []func(tx *store.Tx) (store.Event, error){
		func(tx *store.Tx) (e store.Event, err error) {
			w, err = tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: "shop", Settings: "{}", CreatedAt: tx.Now})
			return store.Event{Kind: "workspace.created", Rows: []store.Ref{store.Row("workspaces", w.ID)}}, err
		},
		func(tx *store.Tx) (store.Event, error) {
			u, err := tx.CreateUser(ctx, query.CreateUserParams{Login: "ann", Name: "Ann", CreatedAt: tx.Now})
			return store.Event{Kind: "user.created", Rows: []store.Ref{store.Row("users", u.ID)}}, err
		},
		func(tx *store.Tx) (store.Event, error) {
			err := tx.SetWorkspaceSettings(ctx, query.SetWorkspaceSettingsParams{ID: w.ID, Settings: `{"second_person":true}`})
			return store.Event{Kind: "workspace.changed", Rows: []store.Ref{store.Row("workspaces", w.ID)}}, err
		},
	} {
		ts.Check(s.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
			e, err := f(tx)
			tx.Log(e)
			return err
		}))
	}
}

// tamper FILE SQL changes a database behind the store's back.
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tamper FILE SQL")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.Exec(args[1])
	ts.Check(err)
	ts.Check(db.Close())
}

// copyTree copies the files of a folder that have the suffix.
func copyTree(from, to, suffix string) error {
	tree := os.DirFS(from)
	return fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "testdata" {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, suffix) {
			return nil
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o666)
	})
}

// TestHelpExamples types every example of every --help.
func TestHelpExamples(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal("no shell to type the examples in")
	}
	dir := t.TempDir()
	for from, suffix := range map[string]string{"examples": "", "knowledge": ".yaml"} {
		if err := copyTree(filepath.Join("..", "..", from), filepath.Join(dir, from), suffix); err != nil {
			t.Fatal(err)
		}
	}
	// What was screened once, to be screened again.
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(data, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := screenInto(filepath.Join(data, "offshelf.db"), filepath.Join(data, "ledger.key"), filepath.Join(dir, "examples", "hardware-store-2021.csv")); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{}, {"lists"}, {"lists", "status"}, {"lists", "add"}, {"lists", "show"}, {"lists", "diff"}, {"lists", "compile"}, {"update"}, {"screen"}, {"attribute"}, {"who"}, {"knowledge"}, {"knowledge", "lint"}, {"knowledge", "stats"}, {"knowledge", "show"}, {"knowledge", "coverage"}, {"knowledge", "diff"}, {"knowledge", "export"}, {"render"}, {"explain"}, {"regimes"}, {"regimes", "list"}, {"regimes", "show"}, {"whatif"}, {"reach"}, {"search"}, {"compare"}, {"knowledge", "import"}, {"policy"}, {"policy", "check"}, {"policy", "test"}, {"ledger", "key"}, {"ledger"}, {"ledger", "head"}, {"ledger", "verify"}, {"backup"}, {"restore"}, {"rerun"},
	} {
		t.Run("offshelf "+strings.Join(command, " "), func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(t.Context(), append(slices.Clone(command), "--help"), strings.NewReader(""), &out, &errs); code != 0 || errs.Len() > 0 {
				t.Fatalf("exit code %d, %s", code, errs.String())
			}
			examples := 0
			for line := range strings.Lines(out.String()) {
				line, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "    offshelf ")
				if !ok {
					continue
				}
				line = "offshelf " + line
				if strings.HasPrefix(line+" ", strings.TrimSpace("offshelf "+strings.Join(command, " "))+" ") {
					examples++
				}
				c := exec.Command(shell, "-c", line)
				c.Dir = dir
				c.Env = append(os.Environ(), "OFFSHELF_DATA="+data)
				if data, err := c.CombinedOutput(); err != nil {
					t.Errorf("%s\n%v\n%s", line, err, data)
				}
			}
			if examples == 0 {
				t.Errorf("no example in\n%s", out.String())
			}
		})
	}
}
