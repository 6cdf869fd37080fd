package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// HeadAnswer is the signed head of the ledger.
type HeadAnswer struct {
	Size       int64  `json:"size"`
	Root       string `json:"root" doc:"Hexadecimal."`
	Checkpoint string `json:"checkpoint" doc:"A signed note; keep it elsewhere, and give it to offshelf ledger verify --against later."`
	Key        string `json:"key" doc:"The public key that the note is signed with."`
}

// LeafAnswer is an event of the ledger.
type LeafAnswer struct {
	N     int64          `json:"n"`
	At    time.Time      `json:"at"`
	Actor string         `json:"actor"`
	Kind  string         `json:"kind"`
	Case  int64          `json:"case,omitzero"`
	Data  map[string]any `json:"data"`
	Hash  string         `json:"hash" doc:"Hexadecimal, of RFC 6962."`
}

// InclusionAnswer proves that an event is in the ledger.
type InclusionAnswer struct {
	Leaf       LeafAnswer `json:"leaf"`
	Size       int64      `json:"size" doc:"Of the tree that it is proved for."`
	Root       string     `json:"root"`
	Proof      []string   `json:"proof" doc:"Hashes beside the way from the leaf up to the root, in hexadecimal (RFC 6962, section 2.1.1)."`
	Checkpoint string     `json:"checkpoint"`
}

func (s *Server) ledgerRoutes() {
	register(s, operation(http.MethodGet, "/v1/ledger", "ledgerHead", "Ledger", "The signed head of the ledger", rules{need: access.Audit}), func(ctx context.Context, _ *struct{}) (*struct{ Body HeadAnswer }, error) {
		note, head, err := s.head(ctx)
		if err != nil {
			return nil, err
		}
		return &struct{ Body HeadAnswer }{HeadAnswer{head.Size, hex.EncodeToString(head.Root[:]), note, s.Store.Key().Public()}}, nil
	})
	type leafList struct {
		Body struct {
			Leaves []LeafAnswer `json:"leaves" doc:"The oldest first."`
			Next   *int64       `json:"next,omitempty" doc:"The after of the next page."`
		}
	}
	register(s, operation(http.MethodGet, "/v1/ledger/leaves", "leaves", "Ledger", "The events of the workspace, or of a case", rules{need: access.Audit}), func(ctx context.Context, in *struct {
		Case  int64 `query:"case" minimum:"0"`
		After int64 `query:"after" minimum:"-1" default:"-1" doc:"The number of a leaf; what came behind it is told."`
		Limit int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
	}) (*leafList, error) {
		q := s.Store.Query()
		p := principal(ctx)
		var rows []query.Leafe
		var err error
		if in.Case != 0 {
			if _, err := s.theCase(ctx, q, in.Case); err != nil {
				return nil, err
			}
			rows, err = q.LeavesOfCase(ctx, query.LeavesOfCaseParams{CaseID: in.Case, After: in.After, Most: int64(in.Limit)})
		} else {
			rows, err = q.LeavesOfWorkspace(ctx, query.LeavesOfWorkspaceParams{WorkspaceID: p.Workspace, After: in.After, Most: int64(in.Limit)})
		}
		if err != nil {
			return nil, err
		}
		out := &leafList{}
		out.Body.Leaves = []LeafAnswer{}
		for _, l := range rows {
			a, err := leafAnswer(l)
			if err != nil {
				return nil, err
			}
			out.Body.Leaves = append(out.Body.Leaves, a)
		}
		if len(rows) == in.Limit {
			out.Body.Next = new(rows[len(rows)-1].N)
		}
		return out, nil
	})
	register(s, operation(http.MethodGet, "/v1/ledger/leaves/{n}", "inclusion", "Ledger", "An event, and the proof that it is in the ledger", rules{need: access.Audit}), func(ctx context.Context, in *struct {
		N int64 `path:"n" minimum:"0"`
	}) (*struct{ Body InclusionAnswer }, error) {
		l, err := store.Found(s.Store.Query().Leaf(ctx, in.N))
		if err == nil && l.WorkspaceID != principal(ctx).Workspace {
			err = store.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		out := InclusionAnswer{Proof: []string{}}
		if out.Leaf, err = leafAnswer(l); err != nil {
			return nil, err
		}
		note, head, err := s.head(ctx)
		if err != nil {
			return nil, err
		}
		proof, err := ledger.Inclusion(in.N, head.Size, s.leafHashes(ctx, head.Size))
		if err != nil {
			return nil, err
		}
		if err := tlog.CheckRecord(proof, head.Size, head.Root, in.N, tlog.Hash(l.Hash)); err != nil {
			return nil, fmt.Errorf("leaf %d is not what the head was signed over: run offshelf ledger verify: %w", in.N, err)
		}
		for _, h := range proof {
			out.Proof = append(out.Proof, hex.EncodeToString(h[:]))
		}
		out.Size, out.Root, out.Checkpoint = head.Size, hex.EncodeToString(head.Root[:]), note
		return &struct{ Body InclusionAnswer }{out}, nil
	})
}

func (s *Server) head(ctx context.Context) (string, ledger.Head, error) {
	h, err := store.Found(s.Store.Query().LatestHead(ctx))
	if err != nil {
		return "", ledger.Head{}, err
	}
	head, err := s.Store.Key().Checker().Open(h.Note)
	return h.Note, head, err
}

// leafHashes reads the hashes of the first leaves, in order.
func (s *Server) leafHashes(ctx context.Context, size int64) iter.Seq2[tlog.Hash, error] {
	return func(yield func(tlog.Hash, error) bool) {
		rows, err := s.Store.Reader().QueryContext(ctx, "SELECT hash FROM leaves WHERE n < $1 ORDER BY n", size)
		if err != nil {
			yield(tlog.Hash{}, err)
			return
		}
		defer rows.Close()
		var h []byte
		for rows.Next() {
			err := rows.Scan(&h)
			if err == nil && len(h) != tlog.HashSize {
				err = fmt.Errorf("a leaf has a hash of %d bytes: run offshelf ledger verify", len(h))
			}
			if err != nil {
				yield(tlog.Hash{}, err)
				return
			}
			if !yield(tlog.Hash(h), nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(tlog.Hash{}, err)
		}
	}
}

func leafAnswer(l query.Leafe) (LeafAnswer, error) {
	a := LeafAnswer{N: l.N, At: instant(l.At), Actor: l.Actor, Kind: l.Kind, Case: l.CaseID, Hash: hex.EncodeToString(l.Hash)}
	return a, json.Unmarshal([]byte(l.Data), &a.Data)
}
