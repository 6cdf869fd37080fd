package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// TestInterrupt: the tool ends while it waits for input that never comes.
func TestInterrupt(t *testing.T) {
	for _, start := range []string{"", "sku,title,brand\n1,Lorex Security Camera,Lorex\n"} {
		ctx, cancel := context.WithCancel(t.Context())
		in, feed := io.Pipe()
		go func() {
			io.WriteString(feed, start)
			cancel()
		}()
		var out, errs bytes.Buffer
		code := make(chan int)
		go func() { code <- run(ctx, []string{"screen", "-"}, in, &out, &errs) }()
		select {
		case got := <-code:
			if got != 1 || errs.String() != "offshelf: interrupted: the result is not complete\n" {
				t.Errorf("exit code %d, %s", got, errs.String())
			}
			if out.Len() > 0 {
				t.Errorf("a report of what was not screened: %s", out.String())
			}
		case <-time.After(20 * time.Second):
			t.Error("still waiting for input")
		}
		feed.Close()
	}
}

func TestInterruptibleReadsAll(t *testing.T) {
	text := strings.Repeat("Lorex and Ezviz\n", 100_000)
	broken := errors.New("broken")
	for name, r := range map[string]io.Reader{
		"whole":                  strings.NewReader(text),
		"one byte":               iotest.OneByteReader(strings.NewReader(text[:1000])),
		"data and error at once": iotest.DataErrReader(strings.NewReader(text)),
		"error":                  io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)),
	} {
		got, err := io.ReadAll(&interruptible{ctx: t.Context(), r: r})
		want := text
		if name == "one byte" {
			want = text[:1000]
		}
		if string(got) != want {
			t.Errorf("%s: %d bytes, want %d", name, len(got), len(want))
		}
		if name == "error" && !errors.Is(err, broken) || name != "error" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestProgress: one line, rewritten, and gone at the end. That there is none
// in a pipe is held by pipe.txtar.
func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out, start: time.Now().Add(-time.Second), last: time.Now().Add(-time.Second)}
	p.watch(1000)
	if got := out.String(); !strings.HasPrefix(got, "\r1000 rows read, ") || strings.Contains(got, "\n") {
		t.Errorf("progress: %q", got)
	}
	n := out.Len()
	p.watch(1001)
	if out.Len() != n {
		t.Error("progress is rewritten more than a few times a second")
	}
	out.Reset()
	p.done()
	if got := strings.Trim(out.String(), " "); got != "\r"+strings.Repeat(" ", p.width)+"\r" {
		t.Errorf("the line stays: %q", got)
	}
	silent := newProgress(&out)
	out.Reset()
	silent.watch(1)
	silent.done()
	if out.Len() > 0 {
		t.Errorf("progress in a pipe: %q", out.String())
	}
}

// TestBrokenOutput: a report that could not be written is not a success.
func TestBrokenOutput(t *testing.T) {
	var errs bytes.Buffer
	code := run(t.Context(), []string{"knowledge", "stats"}, strings.NewReader(""), failing{}, &errs)
	if code != 1 || !strings.Contains(errs.String(), "no space left") {
		t.Errorf("exit code %d, %s", code, errs.String())
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestBackupIsPrivate: a backup holds hashes of passwords, so that its owner
// alone can read it; one that failed leaves nothing behind.
func TestBackupIsPrivate(t *testing.T) {
	dir := t.TempDir()
	do := func(args ...string) int {
		var out, errs bytes.Buffer
		return run(t.Context(), append(args, "--data", dir), strings.NewReader(""), &out, &errs)
	}
	file := filepath.Join(dir, "b")
	if code := do("ledger", "key") + do("backup", file); code != 0 {
		t.Fatal(code)
	}
	for _, name := range []string{"b", "offshelf.db", "ledger.key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code := run(ctx, []string{"backup", file, "--data", dir}, strings.NewReader(""), io.Discard, io.Discard); code != 1 {
		t.Errorf("exit code %d", code)
	}
	after, err := os.ReadFile(file)
	if left, _ := filepath.Glob(filepath.Join(dir, ".offshelf-*")); err != nil || !bytes.Equal(before, after) || len(left) > 0 {
		t.Errorf("%v, left %v", err, left)
	}
}
