package dossier

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// pageRows is how many rows are read at once.
const pageRows = 1000

// Collect puts the dossier of a case together, from one state of the database.
// It writes nothing: whoever hands it out calls Read. A case of another
// workspace is store.ErrNotFound.
func (r *Reader) Collect(ctx context.Context, s *store.Store, workspace, caseID int64) (*Document, error) {
	c := &collector{ctx: ctx, workspace: workspace, runs: map[int64]*query.Run{}, uploads: map[int64]*query.Upload{}, catalogs: map[int64]*query.Catalog{}}
	if err := s.View(ctx, func(q *query.Queries, t *sql.Tx) error {
		c.q, c.sql = q, t
		c.people = &people{ctx: ctx, q: q, workspace: workspace, known: map[string]Person{}}
		return c.collect(caseID)
	}); err != nil {
		return nil, err
	}
	c.doc.State.Ledger.Key = s.Key().Public()
	if err := c.rules(r.Facts); err != nil {
		return nil, err
	}
	return &c.doc, nil
}

type collector struct {
	ctx       context.Context
	q         *query.Queries
	sql       *sql.Tx
	workspace int64
	people    *people
	doc       Document
	runs      map[int64]*query.Run
	uploads   map[int64]*query.Upload
	catalogs  map[int64]*query.Catalog
	snapshots []query.Snapshot
}

func (c *collector) collect(id int64) error {
	row, err := store.Found(c.q.CaseByID(c.ctx, id))
	if err != nil {
		return err
	}
	if row.WorkspaceID != c.workspace {
		return store.ErrNotFound
	}
	w, err := store.Found(c.q.Workspace(c.ctx, c.workspace))
	if err != nil {
		return err
	}
	d := &c.doc
	d.Format, d.Workspace, d.Statement = Format, w.Name, Statement
	d.Case = Case{
		ID: row.ID, Subject: row.Subject, Title: row.Title, State: row.State, Action: action(row.Action), Basis: offshelf.Basis(row.Basis),
		Findings: row.Findings, Products: row.Products, Opened: Time(row.OpenedAt), Updated: Time(row.UpdatedAt), Closed: Time(row.ClosedAt), Version: row.Version,
	}
	if row.Assignee != 0 {
		p, err := c.people.user(row.Assignee)
		if err != nil {
			return err
		}
		d.Case.Assignee = &p
	}
	if err := c.run(row.OpenedRun); err != nil {
		return err
	}
	for _, part := range []func(int64) error{c.findings, c.decisions, c.requests, c.attachments, c.timeline} {
		if err := part(id); err != nil {
			return err
		}
	}
	return c.state()
}

// action reads a stored action; one that is not known is told as none.
func action(n int64) offshelf.Action {
	if n < 0 || n > int64(offshelf.Pull) {
		return offshelf.NoAction
	}
	return offshelf.Action(n)
}

// run remembers a run, its upload and its catalog.
func (c *collector) run(id int64) error {
	if id == 0 || c.runs[id] != nil {
		return nil
	}
	r, err := store.Found(c.q.Run(c.ctx, id))
	if err != nil {
		return fmt.Errorf("run %d: %w", id, err)
	}
	c.runs[id] = &r
	return c.upload(r.UploadID)
}

func (c *collector) upload(id int64) error {
	if id == 0 || c.uploads[id] != nil {
		return nil
	}
	u, err := store.Found(c.q.Upload(c.ctx, id))
	if err != nil {
		return fmt.Errorf("upload %d: %w", id, err)
	}
	c.uploads[id] = &u
	return c.catalog(u.CatalogID)
}

func (c *collector) catalog(id int64) error {
	if c.catalogs[id] != nil {
		return nil
	}
	k, err := store.Found(c.q.Catalog(c.ctx, id))
	if err != nil {
		return fmt.Errorf("catalog %d: %w", id, err)
	}
	c.catalogs[id] = &k
	return nil
}

func (c *collector) decisions(id int64) error {
	rows, err := c.q.DecisionsOfCase(c.ctx, id)
	if err != nil {
		return err
	}
	for _, r := range rows {
		d := Decision{
			ID: r.ID, Kind: r.Kind, State: r.State, ReasonCode: r.ReasonCode, Reason: r.Reason, Scope: r.Scope, Products: texts(r.Products), Supplier: r.Supplier,
			Meaning:  meaning(r.Kind, r.ReasonCode),
			Channels: texts(r.Channels), Expires: Day(r.ExpiresOn), Basis: r.BasisDigest, At: Time(r.DecidedAt), AgreedAt: Time(r.AgreedAt),
		}
		var evidence []int64
		if json.Unmarshal([]byte(r.Evidence), &evidence) == nil {
			d.Evidence = evidence
		}
		if d.By, err = c.people.user(r.DecidedBy); err != nil {
			return err
		}
		if r.AgreedBy != 0 {
			p, err := c.people.user(r.AgreedBy)
			if err != nil {
				return err
			}
			d.AgreedBy = &p
		}
		for i := range c.doc.Products {
			for _, p := range c.doc.Products[i].Pulls {
				if p.Decision != r.ID || p.State == "withdrawn" {
					continue
				}
				d.Ordered++
				switch p.State {
				case "gone":
					d.Gone++
				case "back":
					d.Back++
				}
			}
		}
		c.doc.Decisions = append(c.doc.Decisions, d)
	}
	return nil
}

func (c *collector) requests(id int64) error {
	rows, err := c.q.SupplierRequestsOfCase(c.ctx, id)
	for _, r := range rows {
		by, err := c.people.user(r.AskedBy)
		if err != nil {
			return err
		}
		c.doc.Requests = append(c.doc.Requests, Request{
			ID: r.ID, Supplier: r.Supplier, Template: r.Template, Letter: r.Letter, Documents: texts(r.Documents), Due: Day(r.DueOn), State: r.State,
			By: by, At: Time(r.AskedAt), Answered: Time(r.AnsweredAt),
		})
	}
	return err
}

func (c *collector) attachments(id int64) error {
	rows, err := c.q.AttachmentsOfCase(c.ctx, id)
	for _, r := range rows {
		by, err := c.people.user(r.AddedBy)
		if err != nil {
			return err
		}
		c.doc.Attachments = append(c.doc.Attachments, Attachment{ID: r.ID, Name: r.Name, MediaType: r.MediaType, Size: r.Size, SHA256: r.SHA256, By: by, At: Time(r.AddedAt)})
	}
	return err
}

// state tells what the dossier rests on.
func (c *collector) state() error {
	s := &c.doc.State
	for _, id := range sortedKeys(c.runs) {
		r := c.runs[id]
		s.Runs = append(s.Runs, Run{
			ID: r.ID, Upload: r.UploadID, State: r.State, AsOf: Day(r.AsOf), Tool: r.Tool, Snapshot: r.Snapshot, Policy: r.PolicyName,
			PolicySHA256: r.PolicySHA256, StreamSHA256: r.StreamSHA256, Finished: Time(r.FinishedAt),
		})
		if r.Snapshot == "" || slices.ContainsFunc(s.Snapshots, func(x Snapshot) bool { return x.SHA256 == r.Snapshot }) {
			continue
		}
		kept, err := c.q.Snapshot(c.ctx, r.Snapshot)
		switch {
		case err == sql.ErrNoRows:
			s.Snapshots = append(s.Snapshots, Snapshot{SHA256: r.Snapshot})
		case err != nil:
			return err
		default:
			c.snapshots = append(c.snapshots, kept)
			x := Snapshot{SHA256: kept.SHA256, Version: kept.Version, Kept: Time(kept.KeptAt)}
			x.Editions, x.lines = editions(kept.Editions)
			s.Snapshots = append(s.Snapshots, x)
		}
	}
	for _, id := range sortedKeys(c.uploads) {
		u := c.uploads[id]
		by, err := c.people.actor(u.CreatedBy)
		if err != nil {
			return err
		}
		s.Uploads = append(s.Uploads, Upload{ID: u.ID, Catalog: c.catalogs[u.CatalogID].Name, Filename: u.Filename, Size: u.Size, SHA256: u.SHA256, By: by, At: Time(u.CreatedAt)})
	}
	ledger, err := c.q.LedgerState(c.ctx)
	if err != nil {
		return err
	}
	s.Ledger.Size = ledger.Size
	if ledger.Size == 0 {
		return nil
	}
	head, err := c.q.LatestHead(c.ctx)
	if err != nil {
		return err
	}
	s.Ledger.Checkpoint = head.Note
	last, err := c.q.Leaf(c.ctx, ledger.Size-1)
	if err != nil {
		return err
	}
	c.doc.AsOf = Time(last.At)
	return nil
}

// meaning says what a reason code means.
func meaning(kind, code string) string {
	for _, r := range casework.Reasons() {
		if r.Kind == kind && r.Code == code {
			return r.Meaning
		}
	}
	return ""
}

func sortedKeys[V any](m map[int64]V) []int64 {
	keys := make([]int64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// texts reads a JSON array of texts. What is none is told as it is.
func texts(s string) []string {
	if s == "" {
		return nil
	}
	var out []string
	if json.Unmarshal([]byte(s), &out) != nil {
		return []string{s}
	}
	return out
}
