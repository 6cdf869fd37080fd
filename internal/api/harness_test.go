package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/api"
	"github.com/offshelf/offshelf/internal/namebook"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var embedded = sync.OnceValues(func() (*api.Knowledge, error) {
	k, sum, err := knowledge.Embedded()
	if err != nil {
		return nil, err
	}
	s, err := screen.Compile(k, sum)
	if err != nil {
		return nil, err
	}
	return &api.Knowledge{Snapshot: s, Names: namebook.Of(k)}, nil
})

func facts(tb testing.TB) *api.Knowledge {
	tb.Helper()
	k, err := embedded()
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// clock is one that a test turns.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.mu.Unlock()
}

// service is a running one.
type service struct {
	tb     testing.TB
	store  *store.Store
	server *api.Server
	url    string
	clock  *clock
	log    *lockedBuffer
}

// serve runs the API over an empty store.
func serve(tb testing.TB, database string, adjust ...func(*api.Config)) *service {
	tb.Helper()
	k := facts(tb)
	x := &service{tb: tb, clock: &clock{now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)}, log: &lockedBuffer{}}
	s := storetest.Open(tb, store.Options{Database: database, Clock: x.clock.Now})
	x.store = s
	c := api.Config{Log: slog.New(slog.NewTextHandler(x.log, nil)), Store: s, Knowledge: func() *api.Knowledge { return k }, Clock: x.clock.Now, Tool: "test"}
	for _, f := range adjust {
		f(&c)
	}
	var err error
	if x.server, err = api.New(c); err != nil {
		tb.Fatal(err)
	}
	h := httptest.NewServer(x.server)
	tb.Cleanup(h.Close)
	x.url = h.URL
	return x
}

// sqlite is a service over an empty SQLite store.
func sqlite(tb testing.TB, adjust ...func(*api.Config)) *service {
	return serve(tb, storetest.SQLite(tb), adjust...)
}

// each runs a test on both engines.
func each(t *testing.T, f func(t *testing.T, x *service), adjust ...func(*api.Config)) {
	t.Run("sqlite", func(t *testing.T) { f(t, sqlite(t, adjust...)) })
	t.Run("postgres", func(t *testing.T) { f(t, serve(t, storetest.Postgres(t), adjust...)) })
}

// member makes a user with a role in a workspace.
func (x *service) member(workspace int64, login string, role access.Role) int64 {
	x.tb.Helper()
	var id int64
	err := x.store.Update(context.Background(), store.SystemActor, func(tx *store.Tx) error {
		u, err := tx.CreateUser(context.Background(), query.CreateUserParams{Login: login, Name: login, CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		m, err := tx.CreateMember(context.Background(), query.CreateMemberParams{WorkspaceID: workspace, UserID: u.ID, Role: role.String()})
		if err != nil {
			return err
		}
		tx.Log(store.Event{Workspace: workspace, Kind: "user.created", Data: map[string]any{"login": login}, Rows: []store.Ref{store.Row("users", u.ID), store.Row("members", m.ID)}})
		id = u.ID
		return nil
	})
	if err != nil {
		x.tb.Fatal(err)
	}
	return id
}

func (x *service) workspace(name string) int64 {
	x.tb.Helper()
	var id int64
	err := x.store.Update(context.Background(), store.SystemActor, func(tx *store.Tx) error {
		w, err := tx.CreateWorkspace(context.Background(), query.CreateWorkspaceParams{Name: name, Settings: "{}", CreatedAt: tx.Now})
		id = w.ID
		tx.Log(store.Event{Workspace: id, Kind: "workspace.created", Data: map[string]any{"name": name}, Rows: []store.Ref{store.Row("workspaces", id)}})
		return err
	})
	if err != nil {
		x.tb.Fatal(err)
	}
	return id
}

// key makes an API key of a user.
func (x *service) key(workspace, owner int64, scopes string) string {
	x.tb.Helper()
	k := access.NewAPIKey()
	d := k.Digest()
	err := x.store.Update(context.Background(), store.SystemActor, func(tx *store.Tx) error {
		row, err := tx.CreateKey(context.Background(), query.CreateKeyParams{WorkspaceID: workspace, Name: "test", Prefix: k.Prefix(), Hash: d[:], Scopes: scopes, CreatedBy: owner, CreatedAt: tx.Now})
		tx.Log(store.Event{Workspace: workspace, Kind: "key.created", Data: map[string]any{"prefix": k.Prefix()}, Rows: []store.Ref{store.Row("api_keys", row.ID)}})
		return err
	})
	if err != nil {
		x.tb.Fatal(err)
	}
	return k.Secret()
}

// analyst is a key that may all that an analyst may.
func (x *service) analyst() string {
	w := x.workspace("acme")
	return x.key(w, x.member(w, "ann", access.Analyst), "read screen upload handle decide")
}

// answer is what came back.
type answer struct {
	*http.Response
	text string
}

func (a *answer) json(tb testing.TB, v any) {
	tb.Helper()
	if err := json.Unmarshal([]byte(a.text), v); err != nil {
		tb.Fatalf("%s: %v", a.text, err)
	}
}

// problem is the name of the kind of the problem that came back.
func (a *answer) problem() string {
	var p struct {
		Type string
	}
	json.Unmarshal([]byte(a.text), &p)
	_, name, _ := strings.Cut(p.Type, "#")
	return name
}

// do sends a request; header are pairs.
func (x *service) do(method, path, key, body string, header ...string) *answer {
	x.tb.Helper()
	req, err := http.NewRequest(method, x.url+path, strings.NewReader(body))
	if err != nil {
		x.tb.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		x.tb.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		x.tb.Fatal(err)
	}
	return &answer{res, string(text)}
}

// must is do that expects a status.
func (x *service) must(status int, method, path, key, body string, header ...string) *answer {
	x.tb.Helper()
	a := x.do(method, path, key, body, header...)
	if a.StatusCode != status {
		x.tb.Fatalf("%s %s: %d, want %d: %s", method, path, a.StatusCode, status, a.text)
	}
	return a
}

// lockedBuffer is a log that handlers write at the same time.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
