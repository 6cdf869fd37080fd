package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"

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
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	key, err := ledger.LoadKey(ts.MkAbs("data/ledger.key"))
	ts.Check(err)
	s, err := store.Open(ctx, store.Options{Database: ts.MkAbs(args[0]), Key: key})
	ts.Check(err)
	defer s.Close()
	k, sum, err := knowledge.Embedded()
	ts.Check(err)
	facts, err := knowledge.Compile(k)
	ts.Check(err)
	snapshot, err := screen.Compile(k, sum)
	ts.Check(err)
	state := &job.State{Snapshot: snapshot, Facts: facts}
	w, err := job.New(ctx, job.Config{Store: s, State: func() *job.State { return state }, Tool: toolVersion(), Alone: true, Workers: 1})
	ts.Check(err)
	ts.Check(w.Start(ctx))
	defer w.Stop(context.Background())
	file, err := os.Open(ts.MkAbs(args[1]))
	ts.Check(err)
	defer file.Close()
	blob, err := s.Receive(ctx, 1, file, 1<<20)
	ts.Check(err)
	var run query.Run
	ts.Check(s.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		ws, err := tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: "shop", Settings: "{}", CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		c, err := tx.CreateCatalog(ctx, query.CreateCatalogParams{WorkspaceID: ws.ID, Name: "shop", Policy: "default", Options: "{}", CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		tx.Log(store.Event{Workspace: ws.ID, Kind: "catalog.created", Data: map[string]string{"name": c.Name}, Rows: []store.Ref{store.Row("workspaces", ws.ID), store.Row("catalogs", c.ID)}})
		_, run, err = job.Submit(ctx, tx, job.Upload{Catalog: c, Filename: args[1], Blob: blob, AsOf: 20665}) // 2026-07-31
		return err
	}))
	w.Wake(run.ID)
	for run.State == "queued" {
		run, err = s.Query().Run(ctx, run.ID)
		ts.Check(err)
	}
	if run.State != "published" {
		ts.Fatalf("the run is %s: %s", run.State, run.Error)
	}
}
