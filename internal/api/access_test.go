package api_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/api"
	"github.com/offshelf/offshelf/internal/store"
	"github.com/offshelf/offshelf/internal/store/query"
)

const password = "correct horse battery"

// admin makes the first admin by the one-time link and returns their cookie.
func (x *service) admin() string {
	x.tb.Helper()
	link, err := x.server.SetupLink(context.Background())
	if err != nil || link == "" {
		x.tb.Fatal(link, err)
	}
	u, _ := url.Parse(link)
	form := url.Values{"token": {u.Query().Get("token")}, "login": {"Root"}, "name": {"Rita Root"}, "password": {password}}
	a := x.must(200, "POST", "/setup", "", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	return cookieOf(a)
}

func cookieOf(a *answer) string {
	for _, c := range a.Cookies() {
		if c.Name == access.SessionCookie && c.MaxAge >= 0 {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

// join has the admin invite somebody, who comes.
func (x *service) join(admin, login, role string) string {
	x.tb.Helper()
	var inv struct{ Link string }
	x.must(201, "POST", "/v1/invitations", "", `{"login": "`+login+`", "role": "`+role+`"}`, "Cookie", admin).json(x.tb, &inv)
	u, err := url.Parse(inv.Link)
	if err != nil {
		x.tb.Fatal(err)
	}
	a := x.must(200, "POST", "/v1/invitations/accept", "", `{"token": "`+u.Query().Get("token")+`", "name": "`+strings.ToUpper(login)+`", "password": "`+password+`"}`)
	return cookieOf(a)
}

func TestSetup(t *testing.T) {
	each(t, func(t *testing.T, x *service) {
		old, err := x.server.SetupLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		link, err := x.server.SetupLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if a := x.do("GET", old, "", ""); a.StatusCode != 404 || !strings.Contains(a.text, "does not work") {
			t.Errorf("the older link: %d", a.StatusCode)
		}
		a := x.must(200, "GET", link, "", "")
		if !strings.Contains(a.text, "<form method=\"post\"") || strings.Contains(a.text, "<script") {
			t.Error(a.text)
		}
		u, _ := url.Parse(link)
		form := url.Values{"token": {u.Query().Get("token")}, "login": {"root"}, "name": {"<b>Rita</b>"}, "password": {"root"}}
		a = x.must(422, "POST", "/setup", "", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		if strings.Contains(a.text, "<b>Rita") || !strings.Contains(a.text, "&lt;b&gt;Rita") {
			t.Error("what was typed is not kept, or not escaped")
		}
		form.Set("password", password)
		a = x.must(200, "POST", "/setup", "", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		cookie := cookieOf(a)
		var me api.MeAnswer
		x.must(200, "GET", "/v1/me", "", "", "Cookie", cookie).json(t, &me)
		if me.Role != "admin" || me.Workspace.Name != "main" {
			t.Errorf("%+v", me)
		}
		if a := x.do("POST", "/setup", "", form.Encode(), "Content-Type", "application/x-www-form-urlencoded"); a.StatusCode != 404 {
			t.Errorf("the link works twice: %d", a.StatusCode)
		}
		if link, err := x.server.SetupLink(t.Context()); link != "" || err != nil {
			t.Errorf("another link: %q %v", link, err)
		}
	})
}

func TestSignIn(t *testing.T) {
	x := sqlite(t)
	x.admin()
	body := `{"login": "ROOT", "password": "` + password + `"}`
	a := x.must(200, "POST", "/v1/session", "", body)
	cookie := cookieOf(a)
	x.must(200, "GET", "/v1/me", "", "", "Cookie", cookie)
	for _, c := range a.Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			t.Errorf("%+v", c)
		}
	}
	// Another site cannot act by the cookie.
	if a := x.do("POST", "/v1/keys", "", `{}`, "Cookie", cookie, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"); a.StatusCode != 403 || a.problem() != "forbidden" {
		t.Errorf("another site: %d %s", a.StatusCode, a.text)
	}
	// Idle, and then too old however often it is used.
	x.clock.turn(119 * time.Minute)
	x.must(200, "GET", "/v1/me", "", "", "Cookie", cookie)
	x.clock.turn(121 * time.Minute)
	x.must(401, "GET", "/v1/me", "", "", "Cookie", cookie)
	cookie = cookieOf(x.must(200, "POST", "/v1/session", "", body))
	for range 12 {
		x.clock.turn(time.Hour)
		if x.do("GET", "/v1/me", "", "", "Cookie", cookie).StatusCode == 401 {
			cookie = ""
			break
		}
	}
	if cookie != "" {
		t.Error("a session outlives 12 hours")
	}
	// Signed out.
	cookie = cookieOf(x.must(200, "POST", "/v1/session", "", body))
	x.must(204, "DELETE", "/v1/session", "", "", "Cookie", cookie)
	x.must(401, "GET", "/v1/me", "", "", "Cookie", cookie)
	// A new password ends all sessions.
	cookie = cookieOf(x.must(200, "POST", "/v1/session", "", body))
	x.must(401, "PUT", "/v1/me/password", "", `{"old": "wrong", "new": "another horse battery"}`, "Cookie", cookie)
	x.must(422, "PUT", "/v1/me/password", "", `{"old": "`+password+`", "new": "root"}`, "Cookie", cookie)
	x.must(204, "PUT", "/v1/me/password", "", `{"old": "`+password+`", "new": "another horse battery"}`, "Cookie", cookie)
	x.must(401, "GET", "/v1/me", "", "", "Cookie", cookie)
	x.must(401, "POST", "/v1/session", "", body)
}

func TestLockout(t *testing.T) {
	for _, login := range []string{"root", "nobody"} {
		x := sqlite(t)
		x.admin()
		for i := range 6 {
			if a := x.do("POST", "/v1/session", "", `{"login": "`+login+`", "password": "wrong"}`); a.StatusCode != 401 || !strings.Contains(a.text, "The login or the password is wrong.") {
				t.Fatalf("%s, try %d: %d %s", login, i, a.StatusCode, a.text)
			}
		}
		a := x.do("POST", "/v1/session", "", `{"login": "`+login+`", "password": "`+password+`"}`)
		if a.StatusCode != 429 || a.Header.Get("Retry-After") != "60" {
			t.Errorf("%s is not locked: %d, Retry-After %s", login, a.StatusCode, a.Header.Get("Retry-After"))
		}
		x.clock.turn(61 * time.Second)
		want := 200
		if login == "nobody" {
			want = 401
		}
		x.must(want, "POST", "/v1/session", "", `{"login": "`+login+`", "password": "`+password+`"}`)
	}
}

func TestPeople(t *testing.T) {
	each(t, func(t *testing.T, x *service) {
		admin := x.admin()
		ann := x.join(admin, "ann@example.com", "analyst")
		x.must(403, "POST", "/v1/invitations", "", `{"login": "x@example.com", "role": "viewer"}`, "Cookie", ann)
		// The last admin stays.
		if a := x.do("PUT", "/v1/users/1/role", "", `{"role": "viewer"}`, "Cookie", admin); a.StatusCode != 409 {
			t.Errorf("the last admin: %d %s", a.StatusCode, a.text)
		}
		x.must(409, "DELETE", "/v1/users/1", "", "", "Cookie", admin)
		x.must(204, "PUT", "/v1/users/2/role", "", `{"role": "admin"}`, "Cookie", admin)
		x.must(204, "PUT", "/v1/users/1/role", "", `{"role": "viewer"}`, "Cookie", ann)
		x.must(403, "PUT", "/v1/users/2/role", "", `{"role": "viewer"}`, "Cookie", admin)
		x.must(204, "PUT", "/v1/users/1/role", "", `{"role": "admin"}`, "Cookie", ann)
		x.must(204, "PUT", "/v1/users/2/disabled", "", `{"disabled": true}`, "Cookie", admin)
		x.must(401, "GET", "/v1/me", "", "", "Cookie", ann)
		x.must(401, "POST", "/v1/session", "", `{"login": "ann@example.com", "password": "`+password+`"}`)
		// A second workspace, which the other people are not in.
		var w api.WorkspaceAnswer
		x.must(201, "POST", "/v1/workspaces", "", `{"name": "second"}`, "Cookie", admin).json(t, &w)
		x.must(409, "POST", "/v1/workspaces", "", `{"name": "second"}`, "Cookie", admin)
		x.must(200, "PUT", "/v1/session/workspace", "", `{"workspace": 2}`, "Cookie", admin)
		var users struct{ Users []api.UserAnswer }
		x.must(200, "GET", "/v1/users", "", "", "Cookie", admin).json(t, &users)
		if len(users.Users) != 1 {
			t.Errorf("%+v", users)
		}
		x.must(404, "PUT", "/v1/users/2/role", "", `{"role": "viewer"}`, "Cookie", admin)
		x.must(403, "POST", "/v1/workspaces", "", `{"name": "third"}`, "Cookie", admin)
		x.must(404, "PUT", "/v1/session/workspace", "", `{"workspace": 7}`, "Cookie", admin)
		x.must(200, "PUT", "/v1/workspace/settings", "", `{"four_eyes": "always", "keep_days": 90, "wait_days": 10, "answer_days": 10, "report_regimes": []}`, "Cookie", admin)
		x.must(422, "PUT", "/v1/workspace/settings", "", `{"four_eyes": "sometimes", "keep_days": 90, "wait_days": 10, "answer_days": 10, "report_regimes": []}`, "Cookie", admin)
		verify(t, x.store)
	})
}

// verify holds that every row that was written is sealed.
func verify(t *testing.T, s *store.Store) {
	t.Helper()
	v, err := s.Verify(t.Context(), store.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Failures {
		t.Errorf("%+v", f)
	}
	if !v.OK() || v.Leaves == 0 {
		t.Errorf("%d failed of %d leaves", v.Failed, v.Leaves)
	}
}

func TestKeys(t *testing.T) {
	x := sqlite(t)
	admin := x.admin()
	var k api.KeyAnswer
	x.must(201, "POST", "/v1/keys", "", `{"name": "shop", "scopes": ["screen", "read"], "expires_on": "2026-11-30"}`, "Cookie", admin).json(t, &k)
	x.must(422, "POST", "/v1/keys", "", `{"name": "shop", "scopes": ["approve"]}`, "Cookie", admin)
	x.must(422, "POST", "/v1/keys", "", `{"name": "shop", "scopes": ["read"], "expires_on": "2026-11-23"}`, "Cookie", admin)
	x.must(200, "POST", "/v1/screen", k.Key, lorex)
	x.must(403, "GET", "/v1/keys", k.Key, "")
	if a := x.must(200, "GET", "/v1/keys", "", "", "Cookie", admin); strings.Contains(a.text, k.Key) || !strings.Contains(a.text, k.Prefix) {
		t.Error(a.text)
	}
	// A typing error is told before the store is asked.
	wrong := k.Key[:20] + "0" + k.Key[21:]
	if k.Key[20] == '0' {
		wrong = k.Key[:20] + "1" + k.Key[21:]
	}
	if a := x.do("POST", "/v1/screen", wrong, lorex); a.StatusCode != 401 || !strings.Contains(a.text, "checksum") || a.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	if a := x.do("POST", "/v1/screen", access.NewAPIKey().Secret(), lorex); a.StatusCode != 401 || !strings.Contains(a.text, "no such") {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	// It works through its last day.
	x.clock.turn(6*24*time.Hour + 11*time.Hour)
	x.must(200, "POST", "/v1/screen", k.Key, lorex)
	x.clock.turn(time.Hour)
	if a := x.do("POST", "/v1/screen", k.Key, lorex); a.StatusCode != 401 || !strings.Contains(a.text, "expired on 2026-12-01") {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	admin = cookieOf(x.must(200, "POST", "/v1/session", "", `{"login": "root", "password": "`+password+`"}`))
	x.must(201, "POST", "/v1/keys", "", `{"name": "shop", "scopes": ["read", "screen"]}`, "Cookie", admin).json(t, &k)
	x.must(200, "POST", "/v1/screen", k.Key, lorex)
	x.must(204, "DELETE", "/v1/keys/2", "", "", "Cookie", admin)
	if a := x.do("POST", "/v1/screen", k.Key, lorex); a.StatusCode != 401 || !strings.Contains(a.text, "revoked") {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	x.must(404, "DELETE", "/v1/keys/99", "", "", "Cookie", admin)
	if log := x.log.String(); strings.Contains(log, k.Key) || strings.Contains(log, password) {
		t.Error("a secret is in the log")
	}
}

// The key of somebody who is demoted may no more than they, in another process
// after keyLife at the latest.
func TestKeyFollowsItsOwner(t *testing.T) {
	x := sqlite(t)
	w := x.workspace("acme")
	owner := x.member(w, "ann", access.Analyst)
	key := x.key(w, owner, "screen read")
	x.must(200, "POST", "/v1/screen", key, lorex)
	err := x.store.Update(t.Context(), store.SystemActor, func(tx *store.Tx) error { // as another process would
		m, err := tx.Member(t.Context(), query.MemberParams{WorkspaceID: w, UserID: owner})
		tx.Log(store.Event{Workspace: w, Kind: "role.changed", Data: map[string]any{}, Rows: []store.Ref{store.Row("members", m.ID)}})
		if err == nil {
			err = tx.SetRole(t.Context(), query.SetRoleParams{ID: m.ID, Role: "viewer"})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	x.must(200, "POST", "/v1/screen", key, lorex)
	x.clock.turn(31 * time.Second)
	if a := x.do("POST", "/v1/screen", key, lorex); a.StatusCode != 403 || !strings.Contains(a.text, "viewer") {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
}

func TestIdempotency(t *testing.T) {
	each(t, func(t *testing.T, x *service) {
		admin := x.admin()
		a := x.must(201, "POST", "/v1/workspaces", "", `{"name": "second"}`, "Cookie", admin, "Idempotency-Key", "k1")
		b := x.must(201, "POST", "/v1/workspaces", "", `{"name": "second"}`, "Cookie", admin, "Idempotency-Key", "k1")
		if a.text != b.text || b.Header.Get("Idempotency-Replayed") != "true" || b.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s, then %s", a.text, b.text)
		}
		if c := x.must(422, "POST", "/v1/workspaces", "", `{"name": "third"}`, "Cookie", admin, "Idempotency-Key", "k1"); c.problem() != "key-reused" {
			t.Error(c.text)
		}
		// What failed may be tried again.
		x.must(409, "POST", "/v1/workspaces", "", `{"name": "second"}`, "Cookie", admin, "Idempotency-Key", "k2")
		x.must(201, "POST", "/v1/workspaces", "", `{"name": "fourth"}`, "Cookie", admin, "Idempotency-Key", "k2")
		// A secret is not kept.
		var k api.KeyAnswer
		x.must(201, "POST", "/v1/keys", "", `{"name": "shop", "scopes": ["read"]}`, "Cookie", admin, "Idempotency-Key", "k3").json(t, &k)
		if c := x.must(409, "POST", "/v1/keys", "", `{"name": "shop", "scopes": ["read"]}`, "Cookie", admin, "Idempotency-Key", "k3"); strings.Contains(c.text, k.Key) {
			t.Error(c.text)
		}
		row, err := x.store.Query().Idempotent(t.Context(), query.IdempotentParams{WorkspaceID: 1, Principal: "user:1", Key: "k3"})
		if err != nil || strings.Contains(string(row.Body), "osk_") {
			t.Errorf("kept: %s %v", row.Body, err)
		}
		// Still at work, and broken off.
		err = x.store.Update(t.Context(), "user:1", func(tx *store.Tx) error {
			_, err := tx.BeginIdempotent(t.Context(), query.BeginIdempotentParams{WorkspaceID: 1, Principal: "user:1", Key: "k4", RequestSHA256: row.RequestSHA256, CreatedAt: x.clock.Now().UnixMicro()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if c := x.must(409, "POST", "/v1/keys", "", `{"name": "shop", "scopes": ["read"]}`, "Cookie", admin, "Idempotency-Key", "k4"); c.problem() != "at-work" || c.Header.Get("Retry-After") == "" {
			t.Error(c.text)
		}
		x.clock.turn(16 * time.Minute)
		if c := x.must(409, "POST", "/v1/keys", "", `{"name": "shop", "scopes": ["read"]}`, "Cookie", admin, "Idempotency-Key", "k4"); c.problem() != "conflict" {
			t.Error(c.text)
		}
		x.must(400, "POST", "/v1/workspaces", "", `{"name": "fifth"}`, "Cookie", admin, "Idempotency-Key", strings.Repeat("k", 201))
	})
}
