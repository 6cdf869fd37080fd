package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/api"
	"github.com/offshelf/offshelf/internal/store"
)

// A key that expires in the year 10000 could not be written, and neither could
// any list that it is in.
func TestKeyExpiresFarAway(t *testing.T) {
	x := sqlite(t)
	admin := x.admin()
	if a := x.do("POST", "/v1/keys", "", `{"name": "far", "scopes": ["read"], "expires_on": "9999-12-31"}`, "Cookie", admin); a.StatusCode != 422 || a.problem() != "invalid" {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	x.must(201, "POST", "/v1/keys", "", `{"name": "near", "scopes": ["read"], "expires_on": "2126-11-24"}`, "Cookie", admin)
	x.must(200, "GET", "/v1/keys", "", "", "Cookie", admin)
}

// What PostgreSQL cannot keep is refused as a fault of the request, and on
// SQLite too: else its backup could not be restored into the other.
func TestTextsThatNoDatabaseKeeps(t *testing.T) {
	each(t, func(t *testing.T, x *service) {
		admin := x.admin()
		for _, one := range [][3]string{
			{"POST", "/v1/catalogs", `{"name": "a\u0000b"}`},
			{"POST", "/v1/catalogs", `{"name": "x", "keep": ["a\u0000b"]}`},
			{"POST", "/v1/catalogs", `{"name": "x", "map": {"a\u0000b": "c"}}`},
			{"POST", "/v1/catalogs", `{"name": "x", "policy": "a\u0000b"}`},
			{"POST", "/v1/keys", `{"name": "a\u0000b", "scopes": ["read"]}`},
			{"POST", "/v1/workspaces", `{"name": "a\u0000b"}`},
			{"POST", "/v1/session", `{"login": "a\u0000b", "password": "x"}`},
			{"POST", "/v1/screen", `{"policy": "a\u0000b", "product": {"id": "1", "title": "x"}}`},
			{"GET", "/v1/policies/%00", ""},
			{"GET", "/v1/policies/%ff", ""},
			{"GET", "/v1/findings?brand=%ff", ""},
			{"DELETE", "/v1/invitations/a%00", ""},
			{"DELETE", "/v1/invitations/%ff", ""},
		} {
			if a := x.do(one[0], one[1], "", one[2], "Cookie", admin); a.StatusCode != 400 || a.problem() != "bad-request" {
				t.Errorf("%v: %d %s", one, a.StatusCode, a.text)
			}
		}
		if a := x.do("POST", "/v1/catalogs", "", `{"name": "x"}`, "Cookie", admin, "Idempotency-Key", "a\xff"); a.StatusCode != 400 {
			t.Errorf("key: %d %s", a.StatusCode, a.text)
		}
		// A backslash before it makes it six letters.
		x.must(201, "POST", "/v1/catalogs", "", `{"name": "a\\u0000b"}`, "Cookie", admin)

		token := x.invitation(admin, "eve", "viewer")
		form := url.Values{"token": {token}, "name": {"a\x00b"}, "password": {password}}
		if a := x.do("POST", "/setup", "", form.Encode(), "Content-Type", "application/x-www-form-urlencoded"); a.StatusCode != 422 {
			t.Errorf("form: %d %s", a.StatusCode, a.text)
		}
	})
}

// invitation is the token of a link that the admin makes.
func (x *service) invitation(admin, login, role string) string {
	x.tb.Helper()
	var inv struct{ Link string }
	x.must(201, "POST", "/v1/invitations", "", `{"login": "`+login+`", "role": "`+role+`"}`, "Cookie", admin).json(x.tb, &inv)
	u, err := url.Parse(inv.Link)
	if err != nil {
		x.tb.Fatal(err)
	}
	return u.Query().Get("token")
}

// A body that never comes holds no connection, whether or not anybody wants it.
func TestBodyThatNeverComes(t *testing.T) {
	x := sqlite(t, func(c *api.Config) { c.Timeout = 300 * time.Millisecond })
	for _, path := range []string{"/setup", "/v1/screen", "/v1/session", "/v1/catalogs/1/uploads", "/v1/reconcile/osk_x", "/nowhere"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			c, err := net.Dial("tcp", strings.TrimPrefix(x.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na", path)
			c.SetReadDeadline(time.Now().Add(20 * time.Second))
			if _, err := io.ReadAll(c); err != nil {
				t.Errorf("after 20 s the connection is still held: %v", err)
			}
		})
	}
}

// A client that asks and does not read the answer is let go.
func TestAnswerThatNobodyReads(t *testing.T) {
	api.SetAnswerIdle(300 * time.Millisecond)
	t.Cleanup(func() { api.SetAnswerIdle(time.Minute) })
	ended := make(chan error, 1)
	x := sqlite(t, func(c *api.Config) {
		c.Pages = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := w.Write(make([]byte, 64<<20))
			ended <- err
		})
	})
	c, err := net.Dial("tcp", strings.TrimPrefix(x.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "GET /page HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := bufio.NewReader(io.LimitReader(c, 1<<10)).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("all of it was written, to nobody")
		}
	case <-time.After(20 * time.Second):
		t.Error("after 20 s the answer is still being written")
	}
}

// Who is signed in reads while a transaction keeps everybody from writing.
func TestReadWhileOthersWrite(t *testing.T) {
	x := sqlite(t)
	admin := x.admin()
	x.clock.turn(5 * time.Minute) // its use is to be noted again
	locked, free := make(chan bool), make(chan bool)
	var wg sync.WaitGroup
	wg.Go(func() {
		x.store.Update(context.Background(), store.SystemActor, func(*store.Tx) error {
			close(locked)
			<-free
			return nil
		})
	})
	<-locked
	began := time.Now()
	a := x.do("GET", "/v1/me", "", "", "Cookie", admin)
	if took := time.Since(began); a.StatusCode != 200 || took > 10*time.Second {
		t.Errorf("%d after %s", a.StatusCode, took)
	}
	close(free)
	wg.Wait()
}

// Guesses that come at once count each, wherever they come from.
func TestParallelGuesses(t *testing.T) {
	each(t, func(t *testing.T, x *service) {
		x.admin()
		guess := func(i int, password string) *answer {
			return x.do("POST", "/v1/session", "", `{"login": "root", "password": "`+password+`"}`, "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i), "X-Forwarded-Proto", "https")
		}
		var wg sync.WaitGroup
		for i := range access.FreeFailures + 3 {
			wg.Go(func() { guess(i, "wrong") })
		}
		wg.Wait()
		if a := guess(200, password); a.StatusCode != 429 {
			t.Errorf("%d wrong passwords at once lock nothing: %d", access.FreeFailures+3, a.StatusCode)
		}
		x.clock.turn(access.LongestLock + time.Minute)
		if a := guess(201, password); a.StatusCode != 200 {
			t.Errorf("after the lock: %d %s", a.StatusCode, a.text)
		}
	}, func(c *api.Config) {
		var err error
		if c.Proxies, err = access.ParseProxies([]string{"127.0.0.1/32"}); err != nil {
			t.Fatal(err)
		}
	})
}

// Who is taken out of a workspace comes back by no link that they made before.
func TestInvitationOfWhoIsGone(t *testing.T) {
	each(t, func(t *testing.T, x *service) {
		root := x.admin()
		mallory := x.join(root, "mallory", "admin")
		var me api.MeAnswer
		x.must(200, "GET", "/v1/me", "", "", "Cookie", mallory).json(t, &me)
		token := x.invitation(mallory, "sock", "admin")
		x.must(204, "PUT", fmt.Sprintf("/v1/users/%d/role", me.ID), "", `{"role": "analyst"}`, "Cookie", root)
		body := `{"token": "` + token + `", "password": "` + password + `"}`
		if a := x.do("POST", "/v1/invitations/accept", "", body); a.StatusCode != 404 {
			t.Errorf("of who is no admin: %d %s", a.StatusCode, a.text)
		}
		x.must(204, "DELETE", fmt.Sprintf("/v1/users/%d", me.ID), "", "", "Cookie", root)
		if a := x.do("POST", "/v1/invitations/accept", "", body); a.StatusCode != 404 {
			t.Errorf("of who is gone: %d %s", a.StatusCode, a.text)
		}
	})
}

// The last admin stays one, also where they use an invitation as less.
func TestInvitationOfTheLastAdmin(t *testing.T) {
	x := sqlite(t)
	root := x.admin()
	body := `{"token": "` + x.invitation(root, "root", "viewer") + `", "password": "` + password + `"}`
	if a := x.do("POST", "/v1/invitations/accept", "", body); a.StatusCode != 409 {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	var me api.MeAnswer
	x.must(200, "GET", "/v1/me", "", "", "Cookie", root).json(t, &me)
	if me.Role != "admin" {
		t.Errorf("%+v", me)
	}
}

// A key that may manage and decide does not do away with the second person.
func TestKeyLiftsNoSecondPerson(t *testing.T) {
	x := sqlite(t)
	admin := x.admin()
	var k api.KeyAnswer
	x.must(201, "POST", "/v1/keys", "", `{"name": "k", "scopes": ["read", "decide", "manage"]}`, "Cookie", admin).json(t, &k)
	settings := func(eyes string) string {
		return `{"four_eyes": "` + eyes + `", "keep_days": 100, "wait_days": 90, "answer_days": 14, "report_regimes": []}`
	}
	if a := x.do("PUT", "/v1/workspace/settings", k.Key, settings("never")); a.StatusCode != 403 {
		t.Errorf("%d %s", a.StatusCode, a.text)
	}
	x.must(200, "PUT", "/v1/workspace/settings", k.Key, settings("keep"))
	x.must(200, "PUT", "/v1/workspace/settings", "", settings("never"), "Cookie", admin)
}
