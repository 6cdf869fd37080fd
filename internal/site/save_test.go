package site

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	for name := range tree(t, dir) {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func TestSaveReplacesItsOwnSite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "site")
	page := func(name, data string) file { return file{name, []byte(data)} }
	if err := save(dir, []file{page("index.html", "1"), page("brand/old.html", "1"), page("brand/kept.html", "1")}); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "brand", "notes.txt")
	if err := os.WriteFile(other, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := save(dir, []file{page("index.html", "2"), page("brand/kept.html", "2")}); err != nil {
		t.Fatal(err)
	}
	if got, want := names(t, dir), []string{marker, "brand/kept.html", "brand/notes.txt", "index.html"}; !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if got := string(tree(t, dir)["index.html"]); got != "2" {
		t.Errorf("index.html is %q", got)
	}
}

func TestSaveRefusesForeignFolders(t *testing.T) {
	for what, prepare := range map[string]func(dir string) error{
		"a file":         func(dir string) error { return os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o600) },
		"another marker": func(dir string) error { return os.WriteFile(filepath.Join(dir, marker), []byte("x\n"), 0o600) },
		"a marker that is a link": func(dir string) error {
			return os.Symlink("/etc/hostname", filepath.Join(dir, marker))
		},
	} {
		dir := t.TempDir()
		if err := prepare(dir); err != nil {
			t.Fatal(err)
		}
		if err := save(dir, []file{{"index.html", nil}}); err == nil || !strings.Contains(err.Error(), "holds no site of offshelf") {
			t.Errorf("%s: %v", what, err)
		}
		if got := names(t, dir); len(got) != 1 {
			t.Errorf("%s: now there are %q", what, got)
		}
	}
	file1 := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file1, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", file1} {
		if err := save(dir, []file{{"index.html", nil}}); err == nil {
			t.Errorf("%q was taken as a folder", dir)
		}
	}
}

func TestSaveStaysInside(t *testing.T) {
	outside := t.TempDir()
	precious := filepath.Join(outside, "lorex.html")
	if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	// A link in place of a folder of the site leads out.
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, marker), manifest([]string{"brand/lorex.html", "../../etc/passwd", "brand/../../x.html"}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "brand")); err != nil {
		t.Fatal(err)
	}
	if err := save(dir, []file{{"brand/lorex.html", []byte("new")}}); err == nil {
		t.Error("a link that leads out of the folder was followed")
	}
	// A link in place of a page is replaced, not followed.
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, marker), manifest(nil), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(precious, filepath.Join(dir, "index.html")); err != nil {
		t.Fatal(err)
	}
	if err := save(dir, []file{{"index.html", []byte("new")}}); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"../x.html", "/x.html", "brand/../x.html", "brand/X.html", "notes.html"} {
		if err := save(t.TempDir(), []file{{name, nil}}); err == nil {
			t.Errorf("%q was taken as the name of a page", name)
		}
	}
	if data, err := os.ReadFile(precious); err != nil || string(data) != "precious" {
		t.Errorf("the file outside is %q, %v", data, err)
	}
}
