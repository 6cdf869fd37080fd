package report

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/offshelf/offshelf/internal/style"
)

var update = flag.Bool("update", false, "write the golden files anew")

// streams returns the saved streams of testdata by name.
func streams(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.ndjson")
	if err != nil || len(files) == 0 {
		t.Fatalf("no streams in testdata: %v", err)
	}
	m := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m[strings.TrimSuffix(filepath.Base(f), ".ndjson")] = b
	}
	return m
}

// render renders a saved stream. A cut stream is rendered and reported.
func render(t rapid.TB, stream []byte, format string, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	h, err := New(format, &b, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := Read(bytes.NewReader(stream), h); err != nil && !errors.Is(err, ErrIncomplete) {
		t.Fatal(err)
	}
	return b.Bytes()
}

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

func TestGolden(t *testing.T) {
	for name, stream := range streams(t) {
		for _, format := range []string{"text", "csv", "html"} {
			t.Run(name+"/"+format, func(t *testing.T) {
				got := bytes.Replace(render(t, stream, format, Options{}), []byte(style.Page), []byte("(page.css)"), 1)
				golden(t, name+"."+format, got)
			})
		}
	}
}

// The streams of testdata are written as the tool writes them, so a stream
// that is read and written again must be the same bytes.
func TestJSONIsStable(t *testing.T) {
	for name, stream := range streams(t) {
		if d := cmp.Diff(string(stream), string(render(t, stream, "json", Options{}))); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
