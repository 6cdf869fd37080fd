package edition_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/fetch"
	"github.com/offshelf/offshelf/internal/list"
)

// table is a Covered List of n invented companies.
func table(n int) string {
	var b strings.Builder
	b.WriteString("covered_equipment_or_services,date_of_inclusion_on_covered_list\n")
	for i := range n {
		fmt.Fprintf(&b, "\"Lamps produced by Invented Works %d Company, including services provided by such entity.\",\"March %d, 2021\"\n", i, i%28+1)
	}
	return b.String()
}

const fcc = "us-fcc-covered"

var now = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

// updater is one whose server answers as h says.
func updater(t *testing.T, store *edition.Store, h http.HandlerFunc) (*edition.Updater, *[]string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	var mu sync.Mutex
	told := new([]string)
	return &edition.Updater{
		Store: store, Addresses: map[string][]string{fcc: {s.URL + "/covered.csv"}}, Now: func() time.Time { return now },
		Client: func(tell func(string)) *fetch.Client {
			return &fetch.Client{Timeout: 3 * time.Second, Header: time.Second, Stall: 150 * time.Millisecond, MinBytes: 64, MaxBytes: 1 << 20, Attempts: 2, Tell: tell,
				Sleep: func(ctx context.Context, d time.Duration) error { return ctx.Err() }}
		},
		Tell: func(list, m string) { mu.Lock(); defer mu.Unlock(); *told = append(*told, list+": "+m) },
	}, told
}

// tree lists the files of a store with their digests, without the file that
// notes what was tried.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(path) == "lock" {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.HasSuffix(path, fcc+".json") {
			return err
		}
		fmt.Fprintln(&b, path, list.Sum(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestUpdateUnderFaults is a store with a good edition and a server that fails
// in every way: the edition stays, and each failure says what it was.
func TestUpdateUnderFaults(t *testing.T) {
	bomb := func() []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		zeros := make([]byte, 1<<20)
		for range 32 {
			z.Write(zeros)
		}
		z.Close()
		return b.Bytes()
	}()
	drop := func(w http.ResponseWriter) {
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			conn.Close()
		}
	}
	for _, x := range []struct {
		name, want string
		h          http.HandlerFunc
	}{
		{"dropped connection", "EOF (tried 2 times)", func(w http.ResponseWriter, r *http.Request) { drop(w) }},
		{"half a file", "the connection broke after", func(w http.ResponseWriter, r *http.Request) {
			full := table(30)
			w.Header().Set("Content-Length", fmt.Sprint(len(full)))
			io.WriteString(w, full[:len(full)/2])
			w.(http.Flusher).Flush()
			drop(w)
		}},
		{"half a file whose length nobody told", "50% fewer than the 30 of 2026-01-02", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, table(15))
		}},
		{"cut off inside a row, within a fifth of the last", "it ends inside a row", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, table(28)+"\"Lamps produ")
		}},
		{"cut off between two fields", "it ends inside a row", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, table(28)+"Lamps produced by")
		}},
		{"a page without its end", "before the end of the page", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "<!DOCTYPE html><html><body><table><tr><th>Covered Equipment or Services</th><th>Date of Inclusion</th></tr>"+strings.Repeat("<tr><td>Lamps produced by A Company.</td><td>March 1, 2021</td></tr>", 30))
		}},
		{"HTML instead of CSV", "no table with the columns", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "<!DOCTYPE html><html><body><h1>Maintenance</h1></body></html>")
		}},
		{"an empty file", "the file is empty", func(w http.ResponseWriter, r *http.Request) {}},
		{"another list", "the header has no column", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "name,price\nlamp,3\n") }},
		{"only a header", "no entry in it", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, table(0)) }},
		{"500", "the server answers 500", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", 500) }},
		{"404", "the server answers 404", func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }},
		{"redirect loop", "redirected over 5 times", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/covered.csv", http.StatusFound) }},
		{"slow drip", "the server is too slow", func(w http.ResponseWriter, r *http.Request) {
			for {
				select {
				case <-r.Context().Done():
					return
				case <-time.After(30 * time.Millisecond):
					if _, err := io.WriteString(w, "x"); err != nil {
						return
					}
					w.(http.Flusher).Flush()
				}
			}
		}},
		{"gzip bomb in transit", "over 1 MiB unpacked", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb)
		}},
		{"zip", "a zip archive", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "PK\x03\x04\x14\x00") }},
		{"PDF", "a PDF", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "%PDF-1.7\n") }},
		{"60% fewer rows", "60% fewer than the 30 of 2026-01-02: the file may be cut off", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, table(12)) }},
		{"twice the rows", "100% more than the 30", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, table(60)) }},
		{"sentences of another form", "rows are refused", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, table(25)+strings.Repeat("Lamps of somebody.,\"March 1, 2021\"\n", 25))
		}},
		{"304 to one who sent no marks", "nothing has changed, and nothing is kept", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotModified) }},
	} {
		t.Run(x.name, func(t *testing.T) {
			store := edition.Open(t.TempDir())
			good, err := store.Add(t.Context(), fcc, []edition.Input{{Name: "covered.csv", From: "/own/covered_2026-01-02.csv", Data: []byte(table(30))}}, edition.Options{Now: now})
			if err != nil {
				t.Fatal(err)
			}
			before := tree(t, store.Path())
			u, _ := updater(t, store, x.h)
			r := u.Update(t.Context(), []string{fcc})[0]
			if r.Err == nil || !strings.Contains(r.Err.Error(), x.want) {
				t.Fatalf("%+v: %v, want %q", r, r.Err, x.want)
			}
			if r.Updated || r.Record == nil || r.Record.SHA256 != good.Record.SHA256 {
				t.Fatalf("the edition in force is %+v", r.Record)
			}
			if after := tree(t, store.Path()); after != before {
				t.Errorf("the store changed:\n%s\nwas\n%s", after, before)
			}
			st, err := store.State(fcc)
			if err != nil || st.Current != good.Record.SHA256 || !strings.Contains(st.Failure, x.want) || !st.Checked.Equal(now) {
				t.Fatalf("%+v, %v", st, err)
			}
			if e, err := store.Read(fcc, st.InForce()); err != nil || len(e.Entries) != 30 {
				t.Fatal(e, err)
			}
		})
	}
}

// TestUpdate follows a list through good answers: the first edition, nothing
// newer by the marks, nothing newer by the bytes, a new edition, and one after
// a failure.
func TestUpdate(t *testing.T) {
	store := edition.Open(filepath.Join(t.TempDir(), "not", "there", "yet"))
	rows, etag, fail, asked := 30, `"a"`, 0, 0
	u, told := updater(t, store, func(w http.ResponseWriter, r *http.Request) {
		asked++
		if fail > 0 {
			fail--
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", etag)
		w.Header().Set("Last-Modified", "Fri, 02 Jan 2026 10:00:00 GMT")
		io.WriteString(w, table(rows))
	})
	one := func() edition.Result { return u.Update(t.Context(), []string{fcc})[0] }
	r := one()
	if r.Err != nil || !r.Updated || r.Record.Entries != 30 || r.Record.Date.String() != "2026-01-02" || r.Record.Dated != edition.LastModified {
		t.Fatalf("%+v", r)
	}
	first := r.Record.SHA256
	if r = one(); r.Err != nil || r.Updated || !r.Checked || r.Record.SHA256 != first {
		t.Fatalf("%+v", r)
	}
	etag = `"b"`
	if r = one(); r.Err != nil || r.Updated || !r.Checked {
		t.Fatalf("%+v", r)
	}
	rows, etag, fail = 33, `"c"`, 1
	if r = one(); r.Err != nil || !r.Updated || r.Record.Entries != 33 || len(*told) != 1 {
		t.Fatalf("%+v, %v", r, *told)
	}
	if asked != 5 {
		t.Errorf("%d requests", asked)
	}
	fail = 9
	if r = one(); r.Err == nil || r.Record.Entries != 33 {
		t.Fatalf("%+v", r)
	}
	fail = 0
	if r = one(); r.Err != nil || r.Record.Entries != 33 {
		t.Fatalf("%+v", r)
	}
	st, err := store.State(fcc)
	if err != nil || len(st.Editions) != 2 || st.Failure != "" {
		t.Fatalf("%+v %v", st, err)
	}
	for _, ref := range []string{fcc + "@previous", first[:8], fcc + "@" + first[:8]} {
		id, p, err := store.Resolve(ref, "")
		if err != nil || id != fcc || p.SHA256 != first {
			t.Errorf("%s: %v", ref, err)
		}
	}
	rows, etag = 10, `"d"`
	u.AnySize = true
	if r = one(); r.Err != nil || r.Record.Entries != 10 {
		t.Fatalf("%+v", r)
	}
}

// TestDamagedBytesAreFetchedAgain is a kept file that has rotted: a server that
// says that nothing changed is asked for all of it.
func TestDamagedBytesAreFetchedAgain(t *testing.T) {
	store := edition.Open(t.TempDir())
	u, _ := updater(t, store, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"a"`)
		io.WriteString(w, table(30))
	})
	r := u.Update(t.Context(), []string{fcc})[0]
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	sum := r.Record.Files[0].SHA256
	path := filepath.Join(store.Path(), "raw", sum[:2], sum)
	if err := os.WriteFile(path, []byte("rot"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Read(fcc, r.Record); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Fatal(err)
	}
	if r = u.Update(t.Context(), []string{fcc})[0]; r.Err != nil {
		t.Fatal(r.Err)
	}
	if e, err := store.Read(fcc, r.Record); err != nil || len(e.Entries) != 30 {
		t.Fatal(err)
	}
}

// TestInterruptedUpdate changes nothing.
func TestInterruptedUpdate(t *testing.T) {
	store := edition.Open(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	u, _ := updater(t, store, func(w http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	r := u.Update(ctx, []string{fcc})[0]
	if r.Err == nil || r.Record != nil {
		t.Fatalf("%+v", r)
	}
	if st, err := store.State(fcc); err != nil || len(st.Editions) != 0 || st.Failure != "" {
		t.Fatalf("%+v %v", st, err)
	}
}

func TestMirrors(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string]string{fcc + "/covered_2026-01-02.csv": table(5), fcc + "/.hidden": "x"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	store := edition.Open(t.TempDir())
	u, _ := updater(t, store, nil)
	u.Addresses, u.Mirror = nil, dir
	r := u.Update(t.Context(), []string{fcc, "us-ofac-sdn"})
	if r[0].Err != nil || !r[0].Updated || r[0].Record.Date.String() != "2026-01-02" {
		t.Fatalf("%+v", r[0])
	}
	if r[1].Err == nil || !strings.Contains(r[1].Err.Error(), "the mirror has no folder") {
		t.Fatalf("%+v", r[1])
	}
	if again := u.Update(t.Context(), []string{fcc})[0]; again.Err != nil || again.Updated || !again.Checked {
		t.Fatalf("%+v", again)
	}
	// A mirror of the web has the authority's names of files.
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		io.WriteString(w, table(6))
	}))
	defer s.Close()
	u.Mirror = s.URL + "/lists/"
	if r := u.Update(t.Context(), []string{fcc})[0]; r.Err != nil || r.Record.Entries != 6 {
		t.Fatalf("%+v", r)
	}
	if len(asked) != 1 || asked[0] != "/lists/us-fcc-covered/coveredlist.html" {
		t.Fatal(asked)
	}
}
