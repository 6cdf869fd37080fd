package api_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/access"
	"github.com/offshelf/offshelf/internal/api"
)

// uploads is a service with a catalog; the cookie is an admin's.
func uploads(t *testing.T, x *service) string {
	admin := x.admin()
	x.must(201, "POST", "/v1/catalogs", "", `{"name": "shop"}`, "Cookie", admin)
	return admin
}

func (x *service) count(table string) int {
	x.tb.Helper()
	var n int
	if err := x.store.Reader().QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
		x.tb.Fatal(err)
	}
	return n
}

func TestUploadBadInput(t *testing.T) {
	x := sqlite(t, func(c *api.Config) { c.MaxUpload = 1 << 20 })
	admin := uploads(t, x)
	at := "/v1/catalogs/1/uploads"
	for name, c := range map[string]struct {
		path, body string
		header     []string
		status     int
		problem    string
	}{
		"a page":         {at, "<html>", []string{"Content-Type", "text/html"}, 415, "media-type"},
		"encoded":        {at, "x", []string{"Content-Type", "text/csv", "Content-Encoding", "gzip"}, 415, "media-type"},
		"empty":          {at, "", []string{"Content-Type", "text/csv"}, 422, "invalid"},
		"too large":      {at, strings.Repeat("a", 1<<20+1), []string{"Content-Type", "text/csv"}, 413, "too-large"},
		"no catalog":     {"/v1/catalogs/9/uploads", "x", []string{"Content-Type", "text/csv"}, 404, "not-found"},
		"no number":      {"/v1/catalogs/1x/uploads", "x", []string{"Content-Type", "text/csv"}, 422, "invalid"},
		"another digest": {at, "x", []string{"Content-Type", "text/csv", "Content-Digest", "sha-256=:" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + ":"}, 422, "invalid"},
		"no digest":      {at, "x", []string{"Content-Type", "text/csv", "Content-Digest", "sha-256=abc"}, 400, "bad-request"},
		"no day":         {at + "?as_of=tomorrow", "x", []string{"Content-Type", "text/csv"}, 422, "invalid"},
		"no file":        {at, "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n", []string{"Content-Type", "multipart/form-data; boundary=b"}, 400, "bad-request"},
		"cut form":       {at, "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.csv\"\r\n\r\nsku,ti", []string{"Content-Type", "multipart/form-data; boundary=b"}, 400, "broke-off"},
	} {
		a := x.do("POST", c.path, "", c.body, append(c.header, "Cookie", admin)...)
		if a.StatusCode != c.status || a.problem() != c.problem {
			t.Errorf("%s: %d %s: %s", name, a.StatusCode, a.problem(), a.text)
		}
	}
	if n := x.count("blobs") + x.count("blob_chunks") + x.count("uploads"); n != 0 {
		t.Errorf("%d rows are left of what was refused", n)
	}
	// As a form, and with a name that would lead elsewhere.
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, _ := w.CreateFormFile("file", `..\..\shelf.csv`)
	part.Write([]byte(shelf))
	w.Close()
	var up api.UploadedAnswer
	x.must(202, "POST", at, "", form.String(), "Cookie", admin, "Content-Type", w.FormDataContentType()).json(t, &up)
	if up.Upload.Filename != "shelf.csv" || up.Upload.Size != int64(len(shelf)) {
		t.Errorf("%+v", up)
	}
}

// A body that breaks off leaves nothing, and is not taken for a whole one.
func TestUploadCut(t *testing.T) {
	each(t, func(t *testing.T, x *service) {
		admin := uploads(t, x)
		for _, head := range []string{"Content-Length: 1000000\r\n\r\nsku,title\nA1,Lorex", "Transfer-Encoding: chunked\r\n\r\n12\r\nsku,title\nA1,Lorex\r\n"} {
			conn, err := net.Dial("tcp", strings.TrimPrefix(x.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(conn, "POST /v1/catalogs/1/uploads HTTP/1.1\r\nHost: x\r\nCookie: %s\r\nContent-Type: text/csv\r\n%s", admin, head)
			time.Sleep(100 * time.Millisecond)
			conn.(*net.TCPConn).CloseWrite()
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err == nil && res.StatusCode != 400 {
				t.Errorf("a cut upload: %d", res.StatusCode)
			}
			conn.Close()
		}
		for range 100 {
			if x.count("blobs") == 0 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if n := x.count("blobs") + x.count("blob_chunks") + x.count("uploads") + x.count("runs"); n != 0 {
			t.Errorf("%d rows are left of a cut upload", n)
		}
	})
}

func TestUploadOnce(t *testing.T) {
	x := sqlite(t)
	admin := uploads(t, x)
	send := func(body, key string) *answer {
		return x.do("POST", "/v1/catalogs/1/uploads", "", body, "Cookie", admin, "Content-Type", "text/csv", "Idempotency-Key", key)
	}
	a, b := send(shelf, "k"), send(shelf, "k")
	if a.StatusCode != 202 || b.StatusCode != 202 || a.text != b.text || x.count("uploads") != 1 {
		t.Errorf("%d %s\n%d %s\n%d uploads", a.StatusCode, a.text, b.StatusCode, b.text, x.count("uploads"))
	}
	if c := send(shelf+"X,Y,Z,,\n", "k"); c.StatusCode != 422 || c.problem() != "key-reused" {
		t.Errorf("%d %s", c.StatusCode, c.text)
	}
}

// 10,000 columns, and ids that collide: the run says what is wrong, or takes
// what it can, and the counts add up.
func TestUploadOddCatalogs(t *testing.T) {
	x := sqlite(t)
	x.work()
	admin := uploads(t, x)
	wide := "sku,title,brand" + strings.Repeat(",c", 10_000) + "\n" + "A1,Lorex camera,Lorex" + strings.Repeat(",x", 10_000) + "\n"
	r := x.upload(admin, "1", wide)
	if r.State == "failed" && r.Error == "" || r.State == "published" && r.Summary.Read != r.Summary.Screened+r.Summary.Skipped+r.Summary.Failed {
		t.Errorf("10,000 columns: %+v", r)
	}
	t.Logf("10,000 columns: %s %s", r.State, r.Error)
	r = x.upload(admin, "1", "sku,title,brand\nA1,Lorex camera,Lorex\nA1,Lorex NVR,Lorex\nA1,Garden hose,\n")
	if r.State != "published" || r.Summary.Read != 3 {
		t.Errorf("ids that collide: %+v", r)
	}
	admin = cookieOf(x.must(200, "POST", "/v1/session", "", `{"login": "root", "password": "`+password+`"}`))
	r = x.upload(admin, "1", "\x00\x01\x02 no catalog")
	if r.State != "failed" || r.Error == "" {
		t.Errorf("no catalog: %+v", r)
	}
	t.Logf("no catalog: %s", r.Error)
}

// Of two who decide at once, one does.
func TestTwoDeciders(t *testing.T) {
	each(t, func(t *testing.T, x *service) {
		x.work()
		admin := uploads(t, x)
		bob := x.join(admin, "bob@example.com", "approver")
		x.upload(admin, "1", shelf)
		tag := x.must(200, "GET", "/v1/cases/1", "", "", "Cookie", admin).Header.Get("ETag")
		var wg sync.WaitGroup
		status := make([]int, 10)
		for i := range status {
			who := admin
			if i%2 == 1 {
				who = bob
			}
			wg.Go(func() {
				status[i] = x.do("POST", "/v1/cases/1/decisions", "", `{"kind": "wait", "reason_code": "supplier-asked", "reason": "x", "until": "2026-11-30"}`, "Cookie", who, "If-Match", tag).StatusCode
			})
		}
		wg.Wait()
		made := 0
		for _, s := range status {
			switch s {
			case 201:
				made++
			case 412:
			default:
				t.Errorf("status %d", s)
			}
		}
		if made != 1 || x.count("decisions") != 1 {
			t.Errorf("%d decided, %d decisions: %v", made, x.count("decisions"), status)
		}
	})
}

// The same request at the same time, with one key, is done once.
func TestOnceAtOnce(t *testing.T) {
	each(t, func(t *testing.T, x *service) {
		admin := x.admin()
		var wg sync.WaitGroup
		status := make([]int, 8)
		for i := range status {
			wg.Go(func() {
				status[i] = x.do("POST", "/v1/workspaces", "", `{"name": "second"}`, "Cookie", admin, "Idempotency-Key", "k").StatusCode
			})
		}
		wg.Wait()
		for _, s := range status {
			if s != 201 && s != 409 {
				t.Errorf("status %d", s)
			}
		}
		if n := x.count("workspaces"); n != 2 {
			t.Errorf("%d workspaces", n)
		}
	})
}

// A full disk: a real SQLITE_FULL, by a bound on the file.
func TestFull(t *testing.T) {
	x := sqlite(t)
	admin := uploads(t, x)
	var pages int
	if err := x.store.Writer().QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := x.store.Writer().Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+20)); err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, 3<<20)
	for i := range noise {
		noise[i] = byte(i*i>>3 ^ i*7919>>5)
	}
	for i := range noise { // so that it cannot be compressed away
		noise[i] ^= byte((i*2654435761 + 12345) >> 11)
	}
	a := x.do("POST", "/v1/catalogs/1/uploads", "", string(noise), "Cookie", admin, "Content-Type", "application/octet-stream")
	if a.StatusCode != 507 || a.problem() != "full" {
		t.Fatalf("%d %s", a.StatusCode, a.text)
	}
	// There is room again, and nothing is left of it.
	if _, err := x.store.Writer().Exec("PRAGMA max_page_count = 1073741823"); err != nil {
		t.Fatal(err)
	}
	x.must(202, "POST", "/v1/catalogs/1/uploads", "", shelf, "Cookie", admin, "Content-Type", "text/csv")
	if n := x.count("uploads"); n != 1 {
		t.Errorf("%d uploads", n)
	}
}

// A database that is gone: 503 with a time to come again, and not ready.
func TestGone(t *testing.T) {
	each(t, func(t *testing.T, x *service) {
		admin := x.admin()
		x.must(200, "GET", "/readyz", "", "")
		x.store.Close()
		for _, path := range []string{"/readyz", "/v1/me", "/v1/catalogs"} {
			a := x.do("GET", path, "", "", "Cookie", admin)
			if a.StatusCode != 503 || a.problem() != "unavailable" || a.Header.Get("Retry-After") == "" {
				t.Errorf("%s: %d %s", path, a.StatusCode, a.text)
			}
			if strings.Contains(a.text, "sql") {
				t.Errorf("%s tells what is the operator's to know: %s", path, a.text)
			}
		}
		x.must(200, "GET", "/healthz", "", "")
	})
}

func TestOddRequests(t *testing.T) {
	x := sqlite(t)
	key := x.analyst()
	for _, c := range []struct {
		method, path string
		header       []string
		status       int
		problem      string
	}{
		{"GET", "/nothing", nil, 404, "not-found"},
		{"GET", "/v1/screen", nil, 405, "method-not-allowed"},
		{"PATCH", "/v1/cases/1", nil, 405, "method-not-allowed"},
		{"GET", "/v1/cases/-1", nil, 422, "invalid"},
		{"GET", "/v1/cases/9223372036854775808", nil, 422, "invalid"},
		{"GET", "/v1/cases?limit=501", nil, 422, "invalid"},
		{"GET", "/v1/cases?cursor=%00", nil, 400, "bad-request"},
		{"GET", "/v1/cases?colour=red", nil, 422, "invalid"},
		{"GET", "/v1/catalogs/7/runs?cursor=x", nil, 404, "not-found"},
		{"GET", "/v1/who?q=" + strings.Repeat("a", 501), nil, 422, "invalid"},
		{"GET", "/v1/who?q=a&id=b", nil, 422, "invalid"},
		{"GET", "/v1/who?id=nobody", nil, 404, "not-found"},
		{"GET", "/v1/regimes/nothing", nil, 404, "not-found"},
		{"GET", "/v1/regimes?as_of=2026-13-01", nil, 422, "invalid"},
		{"GET", "/v1/pulls?format=pdf", nil, 406, "not-acceptable"},
		{"GET", "/v1/pulls?case=x", nil, 422, "invalid"},
		{"GET", "/v1/pulls?state=lost", nil, 422, "invalid"},
		{"GET", "/v1/me", []string{"Authorization", "Basic YTpi"}, 401, "unauthenticated"},
		{"GET", "/v1/me", []string{"Authorization", "Bearer"}, 401, "unauthenticated"},
	} {
		a := x.do(c.method, c.path, key, "", c.header...)
		if a.StatusCode != c.status || a.problem() != c.problem {
			t.Errorf("%s %s: %d %s: %s", c.method, c.path, a.StatusCode, a.problem(), a.text)
		}
		if a.Header.Get("X-Request-Id") == "" || !strings.Contains(a.text, a.Header.Get("X-Request-Id")) {
			t.Errorf("%s %s has no request id", c.method, c.path)
		}
	}
	if a := x.do("GET", "/healthz", "", "", "X-Request-Id", "abc-1"); a.Header.Get("X-Request-Id") != "abc-1" {
		t.Error("a plain request id of a proxy is not taken")
	}
	if a := x.do("GET", "/healthz", "", "", "X-Request-Id", "a b\"<"); a.Header.Get("X-Request-Id") == "a b\"<" {
		t.Error("an odd request id is taken")
	}
}

// Many wrong keys from one address are slowed down, and right ones are not.
func TestWrongKeysAreSlowedDown(t *testing.T) {
	x := sqlite(t)
	key := x.analyst()
	x.must(200, "GET", "/v1/me", key, "")
	slowed := 0
	for range 40 {
		a := x.do("GET", "/v1/me", access.NewAPIKey().Secret(), "")
		if a.StatusCode == 429 {
			slowed++
		}
	}
	if slowed == 0 {
		t.Error("wrong keys are not slowed down")
	}
	x.must(200, "GET", "/v1/me", key, "")
}

// A body that stands still is given up.
func TestSlowBody(t *testing.T) {
	x := sqlite(t, func(c *api.Config) { c.Timeout = 300 * time.Millisecond })
	key := x.analyst()
	for _, path := range []string{"/v1/screen", "/v1/catalogs"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(x.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", path, key)
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || res.StatusCode != 408 {
			t.Errorf("%s: %v %v", path, res, err)
		}
	}
	// And the next request of a connection is not given up for it.
	x.must(200, "POST", "/v1/screen", key, lorex)
	time.Sleep(400 * time.Millisecond)
	x.must(200, "POST", "/v1/screen", key, lorex)
}
