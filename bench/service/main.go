// Command service measures how long the service takes from an upload to its
// cases, on both engines: a catalog that is new, then one of which one product
// in a hundred has changed.
//
//	go run ./bench/service -rows 1000000
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"syscall"
	"time"

	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

func main() {
	rows := flag.Int("rows", 1_000_000, "rows of the catalog")
	dir := flag.String("dir", os.TempDir(), "folder for the catalogs and databases")
	engine := flag.String("engine", "both", "sqlite, postgres or both")
	keep := flag.Bool("keep", false, "leave the SQLite database, offshelf-bench.db, and the key of its ledger, offshelf-bench.key, for bench/api")
	profile := flag.String("cpuprofile", "", "write a CPU profile to this file")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	for _, e := range []string{"sqlite", "postgres"} {
		if *engine != "both" && *engine != e {
			continue
		}
		if err := measure(e, *dir, *rows, *keep); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func measure(engine, dir string, rows int, keep bool) error {
	ctx := context.Background()
	first := filepath.Join(dir, fmt.Sprintf("offshelf-bench-%d.csv", rows))
	if _, err := os.Stat(first); err != nil {
		c := exec.Command("go", "run", "./bench/catalog", "-rows", strconv.Itoa(rows), "-o", first)
		c.Stderr = os.Stderr
		if err := c.Run(); err != nil {
			return err
		}
	}
	second := filepath.Join(dir, fmt.Sprintf("offshelf-bench-%d-changed.csv", rows))
	if err := change(first, second); err != nil {
		return err
	}
	database := filepath.Join(dir, "offshelf-bench.db")
	for _, end := range []string{"", "-wal", "-shm"} {
		os.Remove(database + end)
	}
	if !keep {
		defer os.Remove(database)
	}
	if engine == "postgres" {
		url, stop, err := storetest.Server()
		if err != nil {
			return err
		}
		defer stop()
		database = url
	}
	text, err := ledger.NewKey()
	if err != nil {
		return err
	}
	if keep && engine == "sqlite" {
		if err := os.WriteFile(filepath.Join(dir, "offshelf-bench.key"), []byte(text), 0o600); err != nil {
			return err
		}
	}
	key, err := ledger.ParseKey(text)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{Database: database, Key: key})
	if err != nil {
		return err
	}
	defer s.Close()
	state, err := embedded()
	if err != nil {
		return err
	}
	w, err := job.New(ctx, job.Config{Store: s, State: func() *job.State { return state }, Tool: "bench", Alone: true, Workers: 2})
	if err != nil {
		return err
	}
	if err := w.Start(ctx); err != nil {
		return err
	}
	defer w.Stop(ctx)
	var catalog query.Catalog
	if err := s.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		ws, err := tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: "bench", Settings: "{}", CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		catalog, err = tx.CreateCatalog(ctx, query.CreateCatalogParams{WorkspaceID: ws.ID, Name: "shop", Policy: "default", Options: "{}", CreatedAt: tx.Now})
		tx.Log(store.Event{Workspace: ws.ID, Kind: "catalog.created", Data: map[string]string{"name": "shop"},
			Rows: []store.Ref{store.Row("workspaces", ws.ID), store.Row("catalogs", catalog.ID)}})
		return err
	}); err != nil {
		return err
	}
	fmt.Printf("%s, %d rows\n", engine, rows)
	for i, file := range []string{first, second} {
		took, run, err := upload(ctx, s, w, catalog, file)
		if err != nil {
			return err
		}
		fmt.Printf("  upload %d: %6.2f s, run %s %s\n", i+1, took.Seconds(), run.State, run.Error)
	}
	for _, table := range []string{"products", "findings", "cases", "leaves", "explanations"} {
		var n int64
		if err := s.Reader().QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			return err
		}
		fmt.Printf("  %s: %d\n", table, n)
	}
	var use syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &use)
	fmt.Printf("  peak RSS %d MB\n", use.Maxrss/1024)
	return nil
}

func upload(ctx context.Context, s *store.Store, w *job.Worker, c query.Catalog, file string) (time.Duration, query.Run, error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, query.Run{}, err
	}
	defer f.Close()
	begun := time.Now()
	blob, err := s.Receive(ctx, c.WorkspaceID, f, 1<<40)
	if err != nil {
		return 0, query.Run{}, err
	}
	var run query.Run
	if err := s.Update(ctx, store.SystemActor, func(tx *store.Tx) (err error) {
		_, run, err = job.Submit(ctx, tx, job.Upload{Catalog: c, Filename: "shop.csv", Blob: blob})
		return err
	}); err != nil {
		return 0, run, err
	}
	received := time.Since(begun)
	w.Wake(run.ID)
	for run.State == "queued" {
		time.Sleep(20 * time.Millisecond)
		if run, err = s.Query().Run(ctx, run.ID); err != nil {
			return 0, run, err
		}
	}
	// A run ends with the transaction that publishes it, whose time is its begin.
	fmt.Printf("  received in %.2f s, published in %.2f s\n", received.Seconds(), time.Since(time.UnixMicro(run.FinishedAt)).Seconds())
	return time.Since(begun), run, nil
}

// change copies a catalog and alters every hundredth row's end.
func change(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	r, w := bufio.NewReaderSize(in, 1<<20), bufio.NewWriterSize(out, 1<<20)
	for n := 0; ; n++ {
		line, err := r.ReadBytes('\n')
		if n > 0 && n%100 == 0 && len(line) > 2 {
			at := bytes.IndexByte(line, ',') + 1 // the start of the title
			if at < len(line) && line[at] == '"' {
				at++
			}
			line = append(append(append([]byte{}, line[:at]...), "New "...), line[at:]...)
		}
		w.Write(line)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return out.Close()
}

func embedded() (*job.State, error) {
	k, sum, err := knowledge.Embedded()
	if err != nil {
		return nil, err
	}
	facts, err := knowledge.Compile(k)
	if err != nil {
		return nil, err
	}
	snapshot, err := screen.Compile(k, sum)
	return &job.State{Snapshot: snapshot, Facts: facts}, err
}
