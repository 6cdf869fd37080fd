package job_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

var stopped = flag.Bool("stopped", false, "stop a worker for longer than its lease, which takes a minute")

// workerVariable has the test program be a worker on this database, with the
// ledger's key in keyVariable.
const (
	workerVariable = "OFFSHELF_TEST_WORKER"
	keyVariable    = "OFFSHELF_TEST_KEY"
)

func workUntilKilled(url string) {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	key, err := ledger.ParseKey(os.Getenv(keyVariable))
	fail(err)
	s, err := store.Open(ctx, store.Options{Database: url, Key: key})
	fail(err)
	var tb testing.T
	w, err := job.New(ctx, job.Config{Store: s, State: embedded(&tb), Tool: "test", Workers: 1})
	fail(err)
	fail(w.Start(ctx))
	select {}
}

// A worker that froze for longer than its lease writes nothing any more when it
// goes on, while another has its run or has ended it.
func TestAStoppedWorkerWritesNothing(t *testing.T) {
	if !*stopped {
		t.Skip("needs a minute: run it with -stopped")
	}
	ctx := context.Background()
	text, err := ledger.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := ledger.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	url := storetest.Postgres(t)
	h := stillShop(t, storetest.Open(t, store.Options{Database: url, Key: key}), "{}")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), workerVariable+"="+url, keyVariable+"="+text)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	var b strings.Builder
	b.WriteString("sku,title,brand\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "S%d,Lorex camera %d,Lorex\n", i, i)
	}
	run := h.submit(b.String())
	h.w.Wake(run.ID)
	until := func(what string, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("waited too long for " + what)
			}
		}
	}
	progress := func() (epoch, lease, rows int64) {
		p, err := h.s.Query().Progress(ctx, run.ID)
		if err != nil {
			t.Fatal(err)
		}
		return p.Epoch, p.LeaseUntil, p.RowsRead
	}
	until("the other worker", func() bool { _, _, rows := progress(); return rows > 0 })
	cmd.Process.Signal(syscall.SIGSTOP)
	if r, _ := h.s.Query().Run(ctx, run.ID); r.State != "queued" {
		t.Fatalf("stopped too late: the run is %s", r.State)
	}
	until("the end of the lease", func() bool { _, lease, _ := progress(); return lease < h.s.Now() })
	done := make(chan error, 1)
	go func() { done <- h.w.Execute(ctx, run.ID) }()
	until("the lease", func() bool { epoch, _, _ := progress(); return epoch == 2 })
	cmd.Process.Signal(syscall.SIGCONT)
	if err := <-done; err != nil {
		p, _ := h.s.Query().Progress(ctx, run.ID)
		t.Fatalf("%v; %+v, now %d", err, p, h.s.Now())
	}
	if run = h.done(run); run.State != "published" {
		t.Fatalf("run %s: %s", run.State, run.Error)
	}
	time.Sleep(3 * time.Second) // for what the other may still do
	if epoch, lease, _ := progress(); epoch != 2 || lease != 0 {
		t.Errorf("the run was taken %d times, and has a lease until %d", epoch, lease)
	}
	if n := h.number("SELECT count(*) FROM leaves WHERE kind = 'run.published'"); n != 1 {
		t.Errorf("published %d times", n)
	}
	if n := h.number("SELECT count(*) FROM products"); n != 20_000 {
		t.Errorf("%d products", n)
	}
}
