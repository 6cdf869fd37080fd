package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// startService VARIABLE FLAGS… starts offshelf serve, puts the address that it
// prints into the variable, and ends it with the script.
func startService(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: service VARIABLE FLAGS…")
	}
	binary, err := exec.LookPath("offshelf")
	ts.Check(err)
	c := exec.Command(binary, append([]string{"serve"}, args[1:]...)...)
	c.Dir = ts.MkAbs(".")
	c.Env = append(os.Environ(), "OFFSHELF_DATA="+ts.Getenv("OFFSHELF_DATA"))
	log, err := c.StderrPipe()
	ts.Check(err)
	ts.Check(c.Start())
	ts.Defer(func() {
		c.Process.Signal(syscall.SIGTERM)
		c.Wait()
	})
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "msg=serving address="); ok {
			address, _, _ = strings.Cut(address, " ")
			ts.Setenv(args[0], address)
			go func() {
				for lines.Scan() {
				}
			}()
			return
		}
	}
	ts.Fatalf("offshelf serve does not start")
}

// screened FILE CATALOG makes a database in which the catalog was uploaded and
// screened: its run is 1. The key is that of the data folder.
func screened(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: screened FILE CATALOG")
	}
	ts.Check(screenInto(ts.MkAbs(args[0]), ts.MkAbs("data/ledger.key"), ts.MkAbs(args[1])))
}

// screenInto uploads a catalog into a new database and screens it.
func screenInto(database, keyFile, catalog string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	key, err := ledger.LoadKey(keyFile)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{Database: database, Key: key})
	if err != nil {
		return err
	}
	defer s.Close()
	k, sum, err := knowledge.Embedded()
	if err != nil {
		return err
	}
	state := &job.State{}
	if state.Facts, err = knowledge.Compile(k); err != nil {
		return err
	}
	if state.Snapshot, err = screen.Compile(k, sum); err != nil {
		return err
	}
	w, err := job.New(ctx, job.Config{Store: s, State: func() *job.State { return state }, Tool: toolVersion(), Alone: true, Workers: 1})
	if err != nil {
		return err
	}
	if err := w.Start(ctx); err != nil {
		return err
	}
	defer w.Stop(context.Background())
	file, err := os.Open(catalog)
	if err != nil {
		return err
	}
	defer file.Close()
	blob, err := s.Receive(ctx, 1, file, 1<<20)
	if err != nil {
		return err
	}
	var run query.Run
	if err := s.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		ws, err := tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: "shop", Settings: "{}", CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		c, err := tx.CreateCatalog(ctx, query.CreateCatalogParams{WorkspaceID: ws.ID, Name: "shop", Policy: "default", Options: "{}", CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		tx.Log(store.Event{Workspace: ws.ID, Kind: "catalog.created", Data: map[string]string{"name": c.Name}, Rows: []store.Ref{store.Row("workspaces", ws.ID), store.Row("catalogs", c.ID)}})
		_, run, err = job.Submit(ctx, tx, job.Upload{Catalog: c, Filename: filepath.Base(catalog), Blob: blob, AsOf: 20665}) // 2026-07-31
		return err
	}); err != nil {
		return err
	}
	w.Wake(run.ID)
	for run.State == "queued" {
		time.Sleep(10 * time.Millisecond)
		if run, err = s.Query().Run(ctx, run.ID); err != nil {
			return err
		}
	}
	if run.State != "published" {
		return fmt.Errorf("the run is %s: %s", run.State, run.Error)
	}
	return nil
}
