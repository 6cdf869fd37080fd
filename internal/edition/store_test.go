package edition_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/edition"
)

func add(t *testing.T, s *edition.Store, path, data string, o edition.Options) (*edition.Outcome, error) {
	t.Helper()
	if o.Now.IsZero() {
		o.Now = now
	}
	return s.Add(t.Context(), fcc, []edition.Input{{Name: filepath.Base(path), From: path, Data: []byte(data)}}, o)
}

func TestDir(t *testing.T) {
	for _, x := range []struct{ env, want string }{
		{"OFFSHELF_DATA=/a HOME=/h XDG_DATA_HOME=/x", "/a"},
		{"HOME=/h XDG_DATA_HOME=/x", "/x/offshelf"},
		{"HOME=/h XDG_DATA_HOME=relative", "/h/.local/share/offshelf"},
		{"HOME=/h", "/h/.local/share/offshelf"},
	} {
		got, err := edition.Dir(func(name string) string {
			for _, kv := range strings.Fields(x.env) {
				if v, ok := strings.CutPrefix(kv, name+"="); ok {
					return v
				}
			}
			return ""
		})
		if err != nil || got != x.want {
			t.Errorf("%s: %s, %v", x.env, got, err)
		}
	}
}

// TestOlderEditionsStayBeside adds editions out of order: the newest day is in
// force.
func TestOlderEditionsStayBeside(t *testing.T) {
	s := edition.Open(t.TempDir())
	for _, x := range []struct {
		path, data string
		inForce    bool
	}{
		{"covered_2026-03-01.csv", table(30), true},
		{"covered_2026-01-01.csv", table(5), false}, // far smaller, but only history
		{"covered_2026-02-01.csv", table(28), false},
		{"covered_2026-04-01.csv", table(31), true},
	} {
		out, err := add(t, s, x.path, x.data, edition.Options{})
		if err != nil || out.InForce != x.inForce || out.Known || out.Record.Dated != edition.FileName {
			t.Fatalf("%s: %+v, %v", x.path, out, err)
		}
	}
	if _, r, err := s.Resolve(fcc+"@previous", ""); err != nil || r.Date.String() != "2026-03-01" {
		t.Fatal(r, err)
	}
	if _, r, err := s.Resolve("2026-01-01", fcc); err != nil || r.Entries != 5 {
		t.Fatal(r, err)
	}
	again, err := add(t, s, "covered_2026-04-01.csv", table(31), edition.Options{})
	if err != nil || !again.Known || !again.InForce {
		t.Fatalf("%+v %v", again, err)
	}
	if st, err := s.State(fcc); err != nil || len(st.Editions) != 4 {
		t.Fatal(st, err)
	}
	for ref, want := range map[string]string{
		"nonsense":          "is no edition",
		"us-nothing@x":      "no list has the id",
		fcc + "@2020-01-01": "those kept are of 2026-03-01, 2026-01-01, 2026-02-01, 2026-04-01",
		fcc + "@soon":       "neither a day, nor previous",
		"abcdef0":           "no kept edition has a SHA-256",
		"us-ofac-sdn":       "no edition of us-ofac-sdn is kept",
	} {
		if _, _, err := s.Resolve(ref, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", ref, err, want)
		}
	}
	if _, _, err := s.Resolve(fcc, "us-uflpa"); err == nil || !strings.Contains(err.Error(), "of another list") {
		t.Error(err)
	}
}

func TestGivenDay(t *testing.T) {
	s := edition.Open(t.TempDir())
	d, err := offshelf.ParseDate("2025-12")
	if err != nil {
		t.Fatal(err)
	}
	out, err := add(t, s, "covered_2026-03-01.csv", table(3), edition.Options{Date: d})
	if err != nil || out.Record.Date != d || out.Record.Dated != edition.Given {
		t.Fatalf("%+v %v", out, err)
	}
}

// TestTwoProcesses adds editions from many sides at once: none is lost.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s := edition.Open(dir)
			if _, err := s.Add(context.Background(), fcc, []edition.Input{{Name: "x", From: fmt.Sprintf("x_2026-01-%02d.csv", i+1), Data: []byte(table(30 + i))}}, edition.Options{Now: now, AnySize: true}); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	st, err := edition.Open(dir).State(fcc)
	if err != nil || len(st.Editions) != 8 || st.InForce().Date.String() != "2026-01-08" {
		t.Fatalf("%+v %v", st, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "lists", ".new-*")); err != nil || len(left) > 0 {
		t.Error(left, err)
	}
}

func TestLockedByAnother(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lockedfile.MutexAt(filepath.Join(dir, "lock")).Lock()
	if err != nil {
		t.Fatal(err)
	}
	s := edition.Open(dir)
	s.Wait = 50 * time.Millisecond
	if _, err := add(t, s, "x_2026-01-01.csv", table(3), edition.Options{}); err == nil || !strings.Contains(err.Error(), "another offshelf is changing it") {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Wait = time.Minute
	if err := s.Unchanged(ctx, fcc, now); err == nil {
		t.Fatal("done although interrupted")
	}
	unlock()
	if _, err := add(t, s, "x_2026-01-01.csv", table(3), edition.Options{}); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedStates(t *testing.T) {
	for data, want := range map[string]string{
		"{": "damaged",
		`{"editions":[{"files":[{"sha256":"../../../etc/passwd"}]}]}`: "is no SHA-256",
		`{"editions":1}`: "damaged",
	} {
		s := edition.Open(t.TempDir())
		if err := os.MkdirAll(filepath.Join(s.Path(), "lists"), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.Path(), "lists", fcc+".json"), []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := s.State(fcc); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", data, err)
		}
		if _, err := add(t, s, "x_2026-01-01.csv", table(3), edition.Options{}); err == nil {
			t.Errorf("%s: added", data)
		}
	}
	if _, err := edition.Open(t.TempDir()).State("../x"); err == nil {
		t.Error("a list with a path for an id")
	}
}

func TestReadPath(t *testing.T) {
	dir := t.TempDir()
	if _, err := edition.ReadPath(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "no such file or folder") {
		t.Error(err)
	}
	if _, err := edition.ReadPath(dir); err == nil || !strings.Contains(err.Error(), "no file in it") {
		t.Error(err)
	}
	for i := range 17 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := edition.ReadPath(dir); err == nil || !strings.Contains(err.Error(), "over 16 files") {
		t.Error(err)
	}
	if err := os.Truncate(filepath.Join(dir, "0"), 600<<20); err != nil {
		t.Fatal(err)
	}
	if _, err := edition.ReadPath(filepath.Join(dir, "0")); err == nil || !strings.Contains(err.Error(), "no list is that large") {
		t.Error(err)
	}
}

func TestSources(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sources.yaml")
	if s, err := edition.ReadSources(path, false); err != nil || s.Mirror != "" {
		t.Fatal(s, err)
	}
	if _, err := edition.ReadSources(path, true); err == nil {
		t.Fatal("a file that was asked for and is not there")
	}
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("mirror: https://lists.example.org/\nlists:\n  us-fcc-covered: /srv/fcc.html\n  us-ofac-sdn: [https://example.org/sdn.csv, /srv/alt.csv]\n")
	s, err := edition.ReadSources(path, true)
	if err != nil || s.Mirror != "https://lists.example.org/" || len(s.Addresses()["us-ofac-sdn"]) != 2 || s.Addresses()[fcc][0] != "/srv/fcc.html" {
		t.Fatalf("%+v %v", s, err)
	}
	for text, want := range map[string]string{
		"mirror: ftp://x\n":                  "neither https://",
		"mirrors: x\n":                       "mirrors",
		"lists:\n  us-none: /x\n":            "no list has the id",
		"lists:\n  us-fcc-covered: x.csv\n":  "not a whole path",
		"lists:\n  us-fcc-covered: []\n":     "0 addresses",
		"lists:\n  us-fcc-covered: ['']\n":   "an empty address",
		"lists:\n  us-fcc-covered: {a: 1}\n": "sources.yaml",
		"a: [":                               "sources.yaml",
	} {
		write(text)
		if _, err := edition.ReadSources(path, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestNewProgrammes warns of a programme that the last edition had not.
func TestNewProgrammes(t *testing.T) {
	s := edition.Open(t.TempDir())
	row := func(n int, programme string) string {
		return fmt.Sprintf("Company,Alder Works %d,%s\n", n, programme)
	}
	head := "schema,name,program\n"
	for i, data := range []string{head + row(1, "One") + row(2, "One"), head + row(1, "One") + row(2, "Two")} {
		out, err := s.Add(t.Context(), "us-ndaa-889", []edition.Input{{Name: "x", From: fmt.Sprintf("x_2026-01-0%d.csv", i+1), Data: []byte(data)}}, edition.Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(out.Record.Warnings, "; ")
		if want := []string{"", `the programme "Two" is new: the edition of 2026-01-01 had none of it`}[i]; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
