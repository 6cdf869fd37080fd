package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

// CatalogAnswer is a catalog.
type CatalogAnswer struct {
	ID            int64              `json:"id"`
	Name          string             `json:"name"`
	Policy        string             `json:"policy" doc:"Name of the policy that its findings are under."`
	Options       job.CatalogOptions `json:"options"`
	CurrentUpload int64              `json:"current_upload,omitzero" doc:"The upload whose findings are seen; none as long as no run was published."`
	Created       time.Time          `json:"created_at"`
}

// CatalogRequest makes or changes a catalog.
type CatalogRequest struct {
	Policy string            `json:"policy,omitempty" maxLength:"200" doc:"Name of a policy of the workspace or of a shipped one; default where it is left out."`
	Map    map[string]string `json:"map,omitempty" doc:"Field to column, where the columns are not to be recognised."`
	Format string            `json:"format,omitempty" enum:"csv,tsv,xlsx,json,ndjson,shopify,merchant-xml" doc:"Where it is not to be recognised."`
	Keep   []string          `json:"keep,omitempty" maxItems:"50" doc:"Columns that pull sheets hand on, such as store and channel."`
}

// UploadAnswer is a catalog that came in.
type UploadAnswer struct {
	ID       int64     `json:"id"`
	Catalog  int64     `json:"catalog"`
	Filename string    `json:"filename"`
	SHA256   string    `json:"sha256"`
	Size     int64     `json:"size" doc:"Bytes."`
	By       string    `json:"by" doc:"user:ID or key:ID."`
	At       time.Time `json:"at"`
}

// RunAnswer is a screening of an upload.
type RunAnswer struct {
	ID       int64             `json:"id"`
	Catalog  int64             `json:"catalog"`
	Upload   int64             `json:"upload"`
	State    string            `json:"state" enum:"queued,published,failed,cancelled"`
	Error    string            `json:"error,omitempty"`
	AsOf     string            `json:"as_of" format:"date"`
	Policy   string            `json:"policy"`
	Snapshot string            `json:"snapshot,omitempty" doc:"SHA-256 of the state of the knowledge."`
	Stream   string            `json:"stream_sha256,omitempty" doc:"SHA-256 of the stream of messages; offshelf rerun makes it again."`
	Summary  *offshelf.Summary `json:"summary,omitempty"`
	Progress *ProgressAnswer   `json:"progress,omitempty"`
	By       string            `json:"by"`
	Created  time.Time         `json:"created_at"`
	Finished time.Time         `json:"finished_at,omitzero"`
}

// ProgressAnswer is how far a run has come.
type ProgressAnswer struct {
	Phase       string  `json:"phase" enum:"waiting,screening,publishing,done"`
	Rows        int64   `json:"rows" doc:"Read so far."`
	Bytes       int64   `json:"bytes"`
	TotalBytes  int64   `json:"total_bytes"`
	RowsPerSec  float64 `json:"rows_per_second"`
	SecondsLeft *int64  `json:"seconds_left,omitempty" doc:"By the bytes that are left; left out where that is not known yet."`
	Cancelling  bool    `json:"cancelling,omitempty"`
}

func (s *Server) catalogRoutes() {
	type catalogList struct {
		Body struct {
			Catalogs []CatalogAnswer `json:"catalogs"`
		}
	}
	register(s, operation(http.MethodGet, "/v1/catalogs", "catalogs", "Catalogs", "The catalogs of the workspace", rules{need: access.Read}), func(ctx context.Context, _ *struct{}) (*catalogList, error) {
		rows, err := s.Store.Query().CatalogsOfWorkspace(ctx, principal(ctx).Workspace)
		if err != nil {
			return nil, err
		}
		out := &catalogList{}
		out.Body.Catalogs = []CatalogAnswer{}
		for _, c := range rows {
			a, err := catalogAnswer(c)
			if err != nil {
				return nil, err
			}
			out.Body.Catalogs = append(out.Body.Catalogs, a)
		}
		return out, nil
	})
	create := operation(http.MethodPost, "/v1/catalogs", "createCatalog", "Catalogs", "Make a catalog", rules{need: access.Upload, changes: true}, invalid, conflict)
	create.DefaultStatus = http.StatusCreated
	register(s, create, func(ctx context.Context, in *struct {
		Body struct {
			Name string `json:"name" minLength:"1" maxLength:"200"`
			CatalogRequest
		}
	}) (*struct{ Body CatalogAnswer }, error) {
		p := principal(ctx)
		policy, options, err := s.catalogOptions(ctx, in.Body.CatalogRequest)
		if err != nil {
			return nil, err
		}
		var c query.Catalog
		err = s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			if _, err := store.Found(tx.CatalogByName(ctx, query.CatalogByNameParams{WorkspaceID: p.Workspace, Name: in.Body.Name})); err == nil {
				return conflict.problem(fmt.Sprintf("There is a catalog %q already: take another name, or upload to that one.", clip(in.Body.Name)))
			} else if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			var err error
			if c, err = tx.CreateCatalog(ctx, query.CreateCatalogParams{WorkspaceID: p.Workspace, Name: in.Body.Name, Policy: policy, Options: options, CreatedBy: p.Person(), CreatedAt: tx.Now}); err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "catalog.created", Data: map[string]any{"catalog": c.Name, "policy": policy, "options": json.RawMessage(options)}, Rows: []store.Ref{store.Row("catalogs", c.ID)}})
			return nil
		})
		if err != nil {
			return nil, err
		}
		a, err := catalogAnswer(c)
		return &struct{ Body CatalogAnswer }{a}, err
	})
	register(s, operation(http.MethodGet, "/v1/catalogs/{id}", "catalog", "Catalogs", "A catalog", rules{need: access.Read}), func(ctx context.Context, in *struct {
		ID int64 `path:"id" minimum:"1"`
	}) (*struct{ Body CatalogAnswer }, error) {
		c, err := s.catalog(ctx, s.Store.Query(), in.ID)
		if err != nil {
			return nil, err
		}
		a, err := catalogAnswer(c)
		return &struct{ Body CatalogAnswer }{a}, err
	})
	register(s, operation(http.MethodPut, "/v1/catalogs/{id}", "changeCatalog", "Catalogs", "Say how the next uploads of a catalog are read, and under which policy", rules{need: access.Upload}, invalid), func(ctx context.Context, in *struct {
		ID   int64 `path:"id" minimum:"1"`
		Body CatalogRequest
	}) (*struct{ Body CatalogAnswer }, error) {
		p := principal(ctx)
		policy, options, err := s.catalogOptions(ctx, in.Body)
		if err != nil {
			return nil, err
		}
		var c query.Catalog
		err = s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			var err error
			if c, err = s.catalog(ctx, tx.Queries, in.ID); err != nil {
				return err
			}
			tx.Log(store.Event{Workspace: p.Workspace, Kind: "catalog.changed", Rows: []store.Ref{store.Row("catalogs", c.ID)},
				Data: map[string]any{"catalog": c.Name, "from": map[string]any{"policy": c.Policy, "options": c.Options}, "to": map[string]any{"policy": policy, "options": options}}})
			c.Policy, c.Options = policy, options
			return tx.SetCatalogOptions(ctx, query.SetCatalogOptionsParams{ID: c.ID, Policy: policy, Options: options})
		})
		if err != nil {
			return nil, err
		}
		a, err := catalogAnswer(c)
		return &struct{ Body CatalogAnswer }{a}, err
	})
}

// catalog is one of the workspace of who calls.
func (s *Server) catalog(ctx context.Context, q *query.Queries, id int64) (query.Catalog, error) {
	c, err := store.Found(q.Catalog(ctx, id))
	if err == nil && c.WorkspaceID != principal(ctx).Workspace {
		err = store.ErrNotFound
	}
	return c, err
}

// catalogOptions checks a request; an empty policy is the default.
func (s *Server) catalogOptions(ctx context.Context, r CatalogRequest) (policy, options string, err error) {
	k, err := s.state()
	if err != nil {
		return "", "", err
	}
	if r.Policy == "" {
		r.Policy = "default"
	}
	if _, err := s.chosen(ctx, k, principal(ctx).Workspace, r.Policy); err != nil {
		return "", "", err
	}
	if len(r.Map) > 50 {
		return "", "", invalid.problem("map names over 50 fields: there are fewer.")
	}
	for _, column := range slices.Concat(r.Keep, keysAndValues(r.Map)) {
		if column == "" || len(column) > 500 {
			return "", "", invalid.problem("The name of a column has 1 to 500 characters.")
		}
	}
	data, err := json.Marshal(job.CatalogOptions{Map: r.Map, Format: r.Format, Keep: r.Keep})
	return r.Policy, string(data), err
}

func keysAndValues(m map[string]string) []string {
	var out []string
	for k, v := range m {
		out = append(out, k, v)
	}
	return out
}

func catalogAnswer(c query.Catalog) (CatalogAnswer, error) {
	a := CatalogAnswer{ID: c.ID, Name: c.Name, Policy: c.Policy, CurrentUpload: c.CurrentUpload, Created: instant(c.CreatedAt)}
	if c.Options == "" {
		return a, nil
	}
	return a, json.Unmarshal([]byte(c.Options), &a.Options)
}

func uploadAnswer(u query.Upload) UploadAnswer {
	return UploadAnswer{u.ID, u.CatalogID, u.Filename, u.SHA256, u.Size, u.CreatedBy, instant(u.CreatedAt)}
}

// before reads a cursor of a list that runs backwards by id.
func before(cursor string) (int64, error) {
	if cursor == "" {
		return math.MaxInt64, nil
	}
	n, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || n < 0 {
		return 0, invalid.problem("cursor is none that next gave.")
	}
	return n, nil
}

func (s *Server) runRoutes() {
	type uploads struct {
		Body struct {
			Uploads []UploadAnswer `json:"uploads" doc:"The newest first."`
			Next    string         `json:"next,omitempty" doc:"The cursor of the next page."`
		}
	}
	type pageOfCatalog struct {
		ID     int64  `path:"id" minimum:"1"`
		Cursor string `query:"cursor" maxLength:"200"`
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	}
	register(s, operation(http.MethodGet, "/v1/catalogs/{id}/uploads", "uploads", "Catalogs", "The uploads of a catalog", rules{need: access.Read}, invalid), func(ctx context.Context, in *pageOfCatalog) (*uploads, error) {
		c, err := s.catalog(ctx, s.Store.Query(), in.ID)
		if err != nil {
			return nil, err
		}
		from, err := before(in.Cursor)
		if err != nil {
			return nil, err
		}
		rows, err := s.Store.Query().UploadsOfCatalog(ctx, query.UploadsOfCatalogParams{CatalogID: c.ID, Before: from, Most: int64(in.Limit) + 1})
		if err != nil {
			return nil, err
		}
		out := &uploads{}
		out.Body.Uploads = []UploadAnswer{}
		for i, u := range rows {
			if i == in.Limit {
				out.Body.Next = strconv.FormatInt(rows[i-1].ID, 10)
				break
			}
			out.Body.Uploads = append(out.Body.Uploads, uploadAnswer(u))
		}
		return out, nil
	})
	type runs struct {
		Body struct {
			Runs []RunAnswer `json:"runs" doc:"The newest first."`
			Next string      `json:"next,omitempty" doc:"The cursor of the next page."`
		}
	}
	register(s, operation(http.MethodGet, "/v1/catalogs/{id}/runs", "runs", "Catalogs", "The runs on a catalog", rules{need: access.Read}, invalid), func(ctx context.Context, in *pageOfCatalog) (*runs, error) {
		c, err := s.catalog(ctx, s.Store.Query(), in.ID)
		if err != nil {
			return nil, err
		}
		from, err := before(in.Cursor)
		if err != nil {
			return nil, err
		}
		rows, err := s.Store.Query().RunsOfCatalog(ctx, query.RunsOfCatalogParams{CatalogID: c.ID, Before: from, Most: int64(in.Limit) + 1})
		if err != nil {
			return nil, err
		}
		out := &runs{}
		out.Body.Runs = []RunAnswer{}
		for i, r := range rows {
			if i == in.Limit {
				out.Body.Next = strconv.FormatInt(rows[i-1].ID, 10)
				break
			}
			a, err := s.runAnswer(ctx, r)
			if err != nil {
				return nil, err
			}
			out.Body.Runs = append(out.Body.Runs, a)
		}
		return out, nil
	})
	again := operation(http.MethodPost, "/v1/catalogs/{id}/runs", "createRun", "Catalogs", "Screen an upload again, with what is known now", rules{need: access.Screen, changes: true}, invalid)
	again.DefaultStatus = http.StatusAccepted
	register(s, again, func(ctx context.Context, in *struct {
		ID   int64 `path:"id" minimum:"1"`
		Body struct {
			Upload int64  `json:"upload" minimum:"1"`
			AsOf   string `json:"as_of,omitempty" format:"date" doc:"Answer as of this day; today where it is left out."`
		}
	}) (*struct{ Body RunAnswer }, error) {
		p := principal(ctx)
		on, err := s.asOf(in.Body.AsOf, "body.as_of")
		if err != nil {
			return nil, err
		}
		var run query.Run
		err = s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			c, err := s.catalog(ctx, tx.Queries, in.ID)
			if err != nil {
				return err
			}
			u, err := store.Found(tx.Upload(ctx, in.Body.Upload))
			if err == nil && u.CatalogID != c.ID {
				err = store.ErrNotFound
			}
			if err != nil {
				return err
			}
			run, err = job.Rescreen(ctx, tx, c, u, on)
			return err
		})
		if err != nil {
			return nil, err
		}
		s.wake(run.ID)
		a, err := s.runAnswer(ctx, run)
		return &struct{ Body RunAnswer }{a}, err
	})
	register(s, operation(http.MethodGet, "/v1/runs/{id}", "run", "Catalogs", "A run: how far it is, and what came of it", rules{need: access.Read}), func(ctx context.Context, in *struct {
		ID int64 `path:"id" minimum:"1"`
	}) (*struct{ Body RunAnswer }, error) {
		run, err := s.run(ctx, s.Store.Query(), in.ID)
		if err != nil {
			return nil, err
		}
		a, err := s.runAnswer(ctx, run)
		return &struct{ Body RunAnswer }{a}, err
	})
	cancel := operation(http.MethodPost, "/v1/runs/{id}/cancel", "cancelRun", "Catalogs", "End a run without a result", rules{need: access.Screen, changes: true}, conflict)
	cancel.DefaultStatus = http.StatusAccepted
	register(s, cancel, func(ctx context.Context, in *struct {
		ID int64 `path:"id" minimum:"1"`
	}) (*struct{ Body RunAnswer }, error) {
		p := principal(ctx)
		var run query.Run
		err := s.Store.Update(ctx, actor(p), func(tx *store.Tx) error {
			var err error
			if run, err = s.run(ctx, tx.Queries, in.ID); err != nil {
				return err
			}
			if run.State != "queued" {
				return conflict.problem(fmt.Sprintf("Run %d is %s: only one that waits or is at work can be ended.", run.ID, run.State))
			}
			return job.Cancel(ctx, tx, run)
		})
		if err != nil {
			return nil, err
		}
		s.wake(run.ID)
		a, err := s.runAnswer(ctx, run)
		return &struct{ Body RunAnswer }{a}, err
	})
}

func (s *Server) wake(run int64) {
	if s.Jobs != nil {
		s.Jobs.Wake(run)
	}
}

// run is one of the workspace of who calls.
func (s *Server) run(ctx context.Context, q *query.Queries, id int64) (query.Run, error) {
	r, err := store.Found(q.Run(ctx, id))
	if err == nil && r.WorkspaceID != principal(ctx).Workspace {
		err = store.ErrNotFound
	}
	return r, err
}

func (s *Server) runAnswer(ctx context.Context, r query.Run) (RunAnswer, error) {
	a := RunAnswer{ID: r.ID, Catalog: r.CatalogID, Upload: r.UploadID, State: r.State, Error: r.Error, AsOf: offshelf.Day(r.AsOf).String(), Policy: r.PolicyName, Snapshot: r.Snapshot,
		Stream: r.StreamSHA256, By: r.CreatedBy, Created: instant(r.CreatedAt), Finished: instant(r.FinishedAt)}
	if r.Summary != "" {
		a.Summary = &offshelf.Summary{}
		if err := json.Unmarshal([]byte(r.Summary), a.Summary); err != nil {
			return a, err
		}
	}
	if r.State != "queued" {
		return a, nil
	}
	p, err := store.Found(s.Store.Query().Progress(ctx, r.ID))
	if errors.Is(err, store.ErrNotFound) {
		return a, nil
	}
	a.Progress = &ProgressAnswer{Phase: p.Phase, Rows: p.RowsRead, Bytes: p.BytesRead, TotalBytes: p.BytesTotal, Cancelling: p.Cancel != 0}
	if took := float64(p.UpdatedAt-p.StartedAt) / 1e6; p.StartedAt > 0 && took > 0 {
		a.Progress.RowsPerSec = math.Round(float64(p.RowsRead) / took)
		if p.BytesRead > 0 && p.BytesTotal >= p.BytesRead {
			left := int64(math.Ceil(took * float64(p.BytesTotal-p.BytesRead) / float64(p.BytesRead)))
			a.Progress.SecondsLeft = &left
		}
	}
	return a, err
}
