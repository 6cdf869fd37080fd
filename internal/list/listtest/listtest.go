// Package listtest checks readers of lists: their golden files, and what holds
// for every edition whatever the input.
package listtest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf/internal/list"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Files reads files of testdata.
func Files(t testing.TB, names ...string) []list.File {
	t.Helper()
	return files(t, "testdata", names)
}

// PublishedDir is the folder of the published lists, which is not in the
// repository but beside it. The test is skipped where it is absent.
func PublishedDir(t testing.TB) string {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Fatal("no go.mod over the folder of the test")
		}
		root = filepath.Dir(root)
	}
	dir := filepath.Join(root, "../shared/data/lists")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("shared/data is absent")
	}
	return dir
}

// Published reads files of PublishedDir.
func Published(t testing.TB, names ...string) []list.File {
	t.Helper()
	return files(t, PublishedDir(t), names)
}

func files(t testing.TB, dir string, names []string) []list.File {
	t.Helper()
	var out []list.File
	for _, n := range names {
		data, err := os.ReadFile(filepath.Join(dir, n))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, list.File{Name: n, Data: data})
	}
	return out
}

// Golden compares an edition with testdata/NAME.golden: the account, the
// refused rows, the warnings, and an entry a line.
func Golden(t *testing.T, name string, e *list.Edition, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	Sound(t, e)
	var b bytes.Buffer
	write := func(v any) {
		data, err := json.Marshal(v, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(data, '\n'))
	}
	write(map[string]any{"list": e.List, "format": e.Format, "date": e.Date, "newest": e.Newest, "counts": e.Counts})
	for _, r := range e.Refused {
		write(map[string]any{"refused": r})
	}
	for _, w := range e.Warnings {
		write(map[string]any{"warning": w})
	}
	for i := range e.Entries {
		write(&e.Entries[i])
	}
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); d != "" {
		t.Errorf("differs from %s (-want +got); run with -update and look at it:\n%s", file, d)
	}
}

// Sound fails where an edition is not: a row without an account, an entry
// without a name or a number, two with one number, a field past its bound.
func Sound(t testing.TB, e *list.Edition) {
	t.Helper()
	if !e.Sound() || e.Counts.Entries() != len(e.Entries) || len(e.Refused) > e.Refusals {
		t.Fatalf("the account does not add up: %+v, %d entries, %d refused", e.Counts, len(e.Entries), len(e.Refused))
	}
	if len(e.Entries) == 0 {
		t.Fatal("an edition without an entry")
	}
	ids := map[string]bool{}
	for i := range e.Entries {
		x := &e.Entries[i]
		if x.Name == "" || x.UID == "" || x.List == "" || x.Name != list.Squeeze(x.Name) {
			t.Fatalf("entry %d: %q %q %q", i, x.List, x.UID, x.Name)
		}
		if ids[x.ID()] {
			t.Fatalf("%s stands twice", x.ID())
		}
		ids[x.ID()] = true
		if len(x.Name) > list.MaxField || len(x.Remarks) > 2*list.MaxField || len(x.Aliases) > 2*list.MaxItems {
			t.Fatalf("%s is past its bounds", x.ID())
		}
		for _, r := range e.Refused {
			if r.Reason == "" {
				t.Fatalf("row %d is refused without a reason", r.Row)
			}
		}
	}
}

// Fuzz fuzzes a reader of one file: no input makes it panic, an edition that it
// gives is sound, and reading again gives the same. The seeds are the files of
// testdata that are named, and hostile ones.
func Fuzz(f *testing.F, read func([]byte) (*list.Edition, error), seeds ...string) {
	for _, s := range seeds {
		data, err := os.ReadFile(filepath.Join("testdata", s))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	for _, s := range hostile {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := list.Unpack(data, 1<<20)
		if err != nil {
			return
		}
		e, err := read(text)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error that says nothing")
			}
			return
		}
		Sound(t, e)
		again, err := read(text)
		if err != nil {
			t.Fatal("read once, and not again: ", err)
		}
		if d := cmp.Diff(e.Entries, again.Entries, cmp.Comparer(func(a, b list.Entry) bool { return equal(a, b) })); d != "" {
			t.Fatal(d)
		}
	})
}

func equal(a, b list.Entry) bool {
	x, errX := json.Marshal(&a, json.Deterministic(true))
	y, errY := json.Marshal(&b, json.Deterministic(true))
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// hostile are inputs that break careless readers.
var hostile = []string{
	"", "\xef\xbb\xbf", "\x1a", "{", "[]", `{"entities":[`, `{"list_id":1}`, "<", "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>",
	"<x>&undefined;</x>", strings.Repeat("<a>", 200), strings.Repeat("[", 20000), "a,b\n\"", "\"" + strings.Repeat("x", 70<<10) + "\"", "<html><body>Service unavailable</body></html>",
	strings.Repeat(",", 5000) + "\n", "PK\x03\x04", "%PDF-1.7", "\x1f\x8b\x08\x00",
}
