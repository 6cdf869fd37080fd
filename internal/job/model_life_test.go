package job_test

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
	"github.com/offshelf/offshelf/internal/store/storetest"
)

func drawRow(t *rapid.T) string {
	cell := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	if rapid.IntRange(0, 12).Draw(t, "kind of row") == 0 {
		return rapid.SampledFrom([]string{"", ",,,,,", "x,\"broken, y,z,1,CN", "only", "a,b,c,d,e,f,g,h,i"}).Draw(t, "bad row")
	}
	return strings.Join([]string{cell(someIDs.Draw(t, "id")), cell(someTitles.Draw(t, "title")), cell(someBrands.Draw(t, "brand")),
		someStores.Draw(t, "store"), fmt.Sprint(rapid.IntRange(1, 2).Draw(t, "price")), someOrigins.Draw(t, "origin")}, ",")
}

func changed(t *rapid.T, line string) string {
	return rapid.SampledFrom([]*strings.Replacer{
		strings.NewReplacer(",1,", ",2,", ",2,", ",1,"), strings.NewReplacer(",CN", ",VN", ",US", ",CN", ",VN", ",US"), strings.NewReplacer("camera", "camera, white", "Lorex 4K", "Lorex 2K"),
	}).Draw(t, "how").Replace(line)
}

func TestWhateverHappensToACatalog(t *testing.T) {
	state := embedded(t)
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	for _, engine := range engines {
		if engine.name == "postgres" && !*modelPostgres {
			continue
		}
		t.Run(engine.name, func(t *testing.T) {
			key := storetest.Key(t)
			n := 0
			rapid.Check(t, func(r *rapid.T) {
				if n++; n > 20 && !asked {
					return // some hundred steps are enough where -rapid.checks asks for no more
				}
				aCatalog(t, r, state, store.Options{Database: engine.database(t), Key: key})
			})
		})
	}
}

func aCatalog(outer *testing.T, t *rapid.T, state func() *job.State, o store.Options) {
	ctx := context.Background()
	m := &model{t: t, snapshot: state().Snapshot, cut: &cutter{}, ids: map[string]int64{}, quiet: map[int64]quiet{}, orders: map[string]order{}, texts: map[int64]string{}, several: map[string]bool{"": true}}
	var jump time.Duration
	o.Clock = func() time.Time { return m.cut.clock().Add(jump) }
	s, err := store.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m.shop = newModelShop(outer, t, s, state)
	if err := s.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		u, err := tx.CreateUser(ctx, query.CreateUserParams{Login: "ann", Name: "Ann", CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		m.user = u.ID
		mm, err := tx.CreateMember(ctx, query.CreateMemberParams{WorkspaceID: m.catalog.WorkspaceID, UserID: u.ID, Role: "admin"})
		refs := []store.Ref{store.Row("users", u.ID), store.Row("members", mm.ID)}
		for _, o := range ours[1:] {
			p, err := tx.CreatePolicy(ctx, query.CreatePolicyParams{WorkspaceID: m.catalog.WorkspaceID, Name: o.name, SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(o.body))), Body: o.body, CreatedAt: tx.Now})
			if err != nil {
				return err
			}
			refs = append(refs, store.Row("policies", p.ID))
		}
		tx.Log(store.Event{Workspace: m.catalog.WorkspaceID, Kind: "made", Data: map[string]string{}, Rows: refs})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	submit := func(t *rapid.T) {
		text := "sku,title,brand,store,price,origin\n" + strings.Join(lines, "\n") + "\n"
		m.t = t
		run := m.submit(text)
		m.received(run, text)
		m.finish(run)
	}
	t.Repeat(map[string]func(*rapid.T){
		"": func(t *rapid.T) {
			if m.upload != 0 {
				m.t = t
				m.check()
			}
		},
		"upload": func(t *rapid.T) {
			for range rapid.IntRange(0, 4).Draw(t, "gone") {
				if len(lines) > 0 {
					i := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
					lines = slices.Delete(lines, i, i+1)
				}
			}
			for range rapid.IntRange(0, 6).Draw(t, "new") {
				lines = append(lines, drawRow(t))
			}
			for range rapid.IntRange(0, 2).Draw(t, "changed") {
				if len(lines) > 0 {
					i := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
					lines[i] = changed(t, lines[i])
				}
			}
			if len(lines) > 0 && rapid.IntRange(0, 3).Draw(t, "twin") == 0 {
				lines = append(lines, changed(t, rapid.SampledFrom(lines).Draw(t, "of")))
			}
			if rapid.IntRange(0, 3).Draw(t, "order") == 0 {
				lines = rapid.Permutation(lines).Draw(t, "order")
			}
			submit(t)
		},
		"upload the same": func(t *rapid.T) {
			if m.newest == 0 {
				t.Skip("no upload")
			}
			m.t = t
			last := func() int64 {
				return m.number("SELECT coalesce(max(changed_run), 0) * 1000 + count(*) FROM findings WHERE state = 'open'")
			}
			same := m.texts[m.newest] == m.texts[m.upload] && m.policy == m.catalog.Policy
			before := last()
			submit(t)
			if same && len(lines) > 0 && before != last() {
				t.Fatal("the same upload again changed findings")
			}
		},
		"two uploads": func(t *rapid.T) {
			m.t = t
			var runs []query.Run
			for range 2 {
				lines = append(lines, drawRow(t))
				text := "sku,title,brand,store,price,origin\n" + strings.Join(lines, "\n") + "\n"
				run := m.submit(text)
				m.received(run, text)
				runs = append(runs, run)
			}
			if err := m.w.Execute(ctx, runs[1].ID); !job.Elsewhere(err) {
				t.Fatalf("the second run begins before the first has ended: %v", err)
			}
			m.finish(runs[0])
			m.finish(runs[1])
		},
		"screen again": func(t *rapid.T) {
			m.t = t
			if len(m.texts) == 0 {
				t.Skip("no upload")
			}
			up := rapid.SampledFrom(slices.Sorted(maps.Keys(m.texts))).Draw(t, "upload")
			if rapid.IntRange(0, 3).Draw(t, "newest") > 0 {
				up = m.newest
			}
			m.finish(m.again(query.Run{UploadID: up}))
		},
		"policy": func(t *rapid.T) { m.use(rapid.SampledFrom(ours).Draw(t, "policy").name) },
		"pull": func(t *rapid.T) {
			m.t = t
			m.decide(casework.Proposal{Kind: casework.Pull, ReasonCode: "precaution", Reason: "r", Scope: rapid.SampledFrom([]string{"product", "brand"}).Draw(t, "scope")})
		},
		"keep": func(t *rapid.T) {
			m.t = t
			m.decide(casework.Proposal{Kind: casework.Keep, ReasonCode: "false-match", Reason: "r", Until: casework.DayOf(s.Now()) + offshelf.Day(rapid.IntRange(1, 9).Draw(t, "days"))})
		},
		"wait": func(t *rapid.T) {
			m.t = t
			m.decide(casework.Proposal{Kind: casework.Wait, ReasonCode: "counsel-asked", Reason: "r", Until: casework.DayOf(s.Now()) + 3})
		},
		"the clock jumps": func(t *rapid.T) {
			m.t = t
			jump = rapid.SampledFrom([]time.Duration{0, -time.Hour, 5 * 24 * time.Hour, 365 * 24 * time.Hour}).Draw(t, "to")
			if err := casework.Expire(ctx, s, casework.DayOf(s.Now())); err != nil {
				t.Fatal(err)
			}
			m.lifted()
		},
	})
	v, err := s.Verify(ctx, store.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Failures {
		t.Error(f)
	}
}

func newModelShop(outer *testing.T, t *rapid.T, s *store.Store, state func() *job.State) *shop {
	ctx := context.Background()
	h := &shop{tb: outer, s: s, state: state}
	if err := s.Update(ctx, store.SystemActor, func(tx *store.Tx) error {
		ws, err := tx.CreateWorkspace(ctx, query.CreateWorkspaceParams{Name: "shop", Settings: `{"four_eyes":"never"}`, CreatedAt: tx.Now})
		if err != nil {
			return err
		}
		h.catalog, err = tx.CreateCatalog(ctx, query.CreateCatalogParams{WorkspaceID: ws.ID, Name: "web", Policy: "default", Options: `{"keep":["store"]}`, CreatedAt: tx.Now})
		tx.Log(store.Event{Workspace: ws.ID, Kind: "catalog.created", Data: map[string]string{"name": "web"},
			Rows: []store.Ref{store.Row("workspaces", ws.ID), store.Row("catalogs", h.catalog.ID)}})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	h.w = h.worker(state)
	return h
}
