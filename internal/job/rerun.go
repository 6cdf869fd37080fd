package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync/atomic"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/store"
)

// Rerunning is what came of screening a kept upload again.
type Rerunning struct {
	Run      int64  `json:"run"`
	Upload   string `json:"upload_sha256"`
	Snapshot string `json:"snapshot"`
	Policy   string `json:"policy_sha256"`
	AsOf     string `json:"as_of"`
	Tool     string `json:"tool"`     // that made the run
	Then     string `json:"then"`     // SHA-256 of the stream of the run
	Now      string `json:"now"`      // of the stream of the same again
	Findings int    `json:"findings"` // of the screening again
}

// Same reports whether the same bytes came out.
func (r *Rerunning) Same() bool { return r.Then == r.Now && r.Then != "" }

// Rerun screens the kept upload of a run again, with the kept state of the
// knowledge, policy and options, and compares the stream. The stream names the
// version of offshelf, so that of the run is written into it; whether a newer
// version still says the same is what this tells.
// The stream is written to w too, one JSON object a line.
func Rerun(ctx context.Context, s *store.Store, id int64, workers int, w io.Writer) (*Rerunning, error) {
	run, err := store.Found(s.Query().Run(ctx, id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("there is no run %d: the API lists those of a catalog at /v1/catalogs/ID/runs", id)
	}
	if err != nil {
		return nil, fmt.Errorf("run %d: %w", id, err)
	}
	if run.State != "published" {
		return nil, fmt.Errorf("run %d is %s: only a published run has a result to compare with", id, run.State)
	}
	up, err := s.Query().Upload(ctx, run.UploadID)
	if err != nil {
		return nil, err
	}
	snapshot, done, err := OpenState(ctx, s, run.Snapshot)
	if err != nil {
		return nil, err
	}
	defer done()
	var read atomic.Int64
	sc, err := prepare(ctx, s, &run, snapshot, run.Tool, workers, &read)
	if err != nil {
		return nil, err
	}
	defer sc.close()
	r := &Rerunning{Run: id, Upload: up.SHA256, Snapshot: run.Snapshot, Policy: run.PolicySHA256, AsOf: offshelf.Day(run.AsOf).String(), Tool: run.Tool, Then: run.StreamSHA256}
	h := sha256.New()
	stream := sc.run
	stream.Emit = emitTo(io.MultiWriter(h, w))
	summary, err := sc.screener.Catalogs(ctx, sc.sources, stream)
	if err != nil {
		return nil, err
	}
	r.Now, r.Findings = sum(h), summary.Findings
	return r, nil
}

// emitTo writes messages as -o json prints them.
func emitTo(w io.Writer) func(*offshelf.Message) error {
	return func(m *offshelf.Message) error {
		data, err := json.Marshal(m, json.Deterministic(true))
		if err != nil {
			return err
		}
		_, err = w.Write(append(data, '\n'))
		return err
	}
}

func sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
