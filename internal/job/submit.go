package job

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// CatalogOptions say how the uploads of a catalog are read.
type CatalogOptions struct {
	Map    map[string]string `json:"map,omitempty"`    // field to column, where the guess is to be overridden
	Format string            `json:"format,omitempty"` // where it is not to be recognised
	Keep   []string          `json:"keep,omitempty"`   // columns that pull sheets hand on, such as store and channel
}

// Upload is a catalog that came in.
type Upload struct {
	Catalog  query.Catalog
	Filename string
	Blob     *store.ReceivedBlob
	AsOf     offshelf.Day // 0: today
}

// Submit keeps the upload and asks for a run on it, in the caller's
// transaction; after the commit call Worker.Wake.
func Submit(ctx context.Context, tx *store.Tx, u Upload) (query.Upload, query.Run, error) {
	if err := inOrder(ctx, tx, u.Catalog.ID); err != nil {
		return query.Upload{}, query.Run{}, err
	}
	if err := tx.Keep(ctx, u.Blob); err != nil {
		return query.Upload{}, query.Run{}, err
	}
	up, err := tx.CreateUpload(ctx, query.CreateUploadParams{WorkspaceID: u.Catalog.WorkspaceID, CatalogID: u.Catalog.ID, Filename: u.Filename, BlobID: u.Blob.ID,
		SHA256: u.Blob.SHA256, Size: u.Blob.Size, CreatedBy: tx.Actor, CreatedAt: tx.Now})
	if err != nil {
		return up, query.Run{}, err
	}
	tx.Log(store.Event{Workspace: up.WorkspaceID, Kind: "upload.received", Rows: []store.Ref{store.Row("blobs", u.Blob.ID), store.Row("uploads", up.ID)},
		Data: map[string]any{"catalog": u.Catalog.Name, "upload": up.ID, "filename": up.Filename, "sha256": up.SHA256, "size": up.Size}})
	run, err := Rescreen(ctx, tx, u.Catalog, up, u.AsOf)
	return up, run, err
}

// inOrder has the uploads and runs of a catalog numbered in the order of their
// commits, so that none appears before one that is at work already.
func inOrder(ctx context.Context, tx *store.Tx, catalog int64) error {
	n, err := tx.LockCatalog(ctx, catalog)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	return err
}

// Rescreen asks for a run on an upload, with the catalog's policy and options
// as they are now.
func Rescreen(ctx context.Context, tx *store.Tx, c query.Catalog, up query.Upload, asOf offshelf.Day) (query.Run, error) {
	if err := inOrder(ctx, tx, c.ID); err != nil {
		return query.Run{}, err
	}
	if asOf == 0 {
		asOf = offshelf.DayOf(time.UnixMicro(tx.Now).UTC())
	}
	p := query.CreateRunParams{WorkspaceID: c.WorkspaceID, CatalogID: c.ID, UploadID: up.ID, AsOf: int64(asOf), PolicyName: c.Policy, Options: c.Options,
		CreatedBy: tx.Actor, CreatedAt: tx.Now}
	own, err := store.Found(tx.LatestPolicy(ctx, query.LatestPolicyParams{WorkspaceID: c.WorkspaceID, Name: c.Policy}))
	switch {
	case err == nil:
		p.Policy, p.PolicySHA256 = own.Body, own.SHA256
	case err != store.ErrNotFound:
		return query.Run{}, err
	}
	run, err := tx.CreateRun(ctx, p)
	if err != nil {
		return run, err
	}
	if err := tx.CreateProgress(ctx, query.CreateProgressParams{RunID: run.ID, BytesTotal: up.Size, UpdatedAt: tx.Now}); err != nil {
		return run, err
	}
	tx.Log(store.Event{Workspace: run.WorkspaceID, Kind: "run.asked", Rows: []store.Ref{store.Row("runs", run.ID)},
		Data: map[string]any{"catalog": c.Name, "run": run.ID, "upload": up.ID, "as_of": asOf.String(), "policy": c.Policy}})
	return run, nil
}

// Cancel asks a run to end without a result. One that is queued ends at once,
// one at work within seconds.
func Cancel(ctx context.Context, tx *store.Tx, run query.Run) error {
	if run.State != "queued" {
		return fmt.Errorf("run %d is %s: only a run that is queued or at work can be cancelled", run.ID, run.State)
	}
	if err := tx.CancelRun(ctx, run.ID); err != nil {
		return err
	}
	// This may have waited until the run was published.
	if now, err := tx.Run(ctx, run.ID); err != nil {
		return err
	} else if now.State != "queued" {
		return fmt.Errorf("run %d is %s by now: %w", run.ID, now.State, store.ErrConflict)
	}
	tx.Log(store.Event{Workspace: run.WorkspaceID, Kind: "run.cancelling", Data: map[string]any{"run": run.ID}})
	return nil
}

func optionsOf(run *query.Run) (CatalogOptions, error) {
	var o CatalogOptions
	if run.Options == "" {
		return o, nil
	}
	if err := json.Unmarshal([]byte(run.Options), &o); err != nil {
		return o, fmt.Errorf("the options of run %d: %w", run.ID, err)
	}
	return o, nil
}
