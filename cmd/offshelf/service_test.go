package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// password is that of everybody in these tests.
const password = "correct horse battery"

// buildTool compiles the tool, so that real processes of it can be started.
func buildTool(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "offshelf")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// installation is the service as real processes on one database. On PostgreSQL
// an offshelf work runs beside it.
type installation struct {
	t      *testing.T
	binary string
	data   string
	db     string   // a URL of a PostgreSQL; "" is SQLite in the data folder
	serve  []string // further flags of serve
	more   []string // further flags of serve and work
	url    string

	mu        sync.Mutex
	link      string // the one-time link, where one was printed
	log       bytes.Buffer
	processes []*exec.Cmd
}

// flags names the database behind the arguments.
func (x *installation) flags(args ...string) []string {
	args = append(args, "--data", x.data)
	if x.db != "" {
		args = append(args, "--db", x.db)
	}
	return args
}

var (
	printedLink    = regexp.MustCompile(`http://127\.0\.0\.1:\d+/setup\?token=\S+`)
	printedAddress = regexp.MustCompile(`msg=serving address=(\S+)`)
)

// start starts the service and waits until it is ready.
func (x *installation) start() {
	x.t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		x.t.Fatal(err)
	}
	x.spawn(writer, slices.Concat(x.flags("serve", "--listen", "127.0.0.1:0"), x.more, x.serve)...)
	if x.db != "" {
		x.spawn(nil, append(x.flags("work"), x.more...)...)
	}
	writer.Close()
	found := make(chan string, 2)
	go func() {
		defer close(found)
		defer reader.Close()
		var text []byte
		buf := make([]byte, 4096)
		told := false
		for {
			n, err := reader.Read(buf)
			x.mu.Lock()
			x.log.Write(buf[:n])
			if !told {
				text = append(text, buf[:n]...)
				if m := printedLink.Find(text); m != nil {
					x.link = string(m)
				}
			}
			x.mu.Unlock()
			if m := printedAddress.FindSubmatch(text); m != nil && !told {
				told = true
				found <- string(m[1])
			}
			if err != nil {
				return
			}
		}
	}()
	select {
	case x.url = <-found:
	case <-time.After(time.Minute):
		x.url = ""
	}
	if x.url == "" {
		x.t.Fatalf("the service does not start:\n%s", x.said())
	}
}

func (x *installation) spawn(log *os.File, args ...string) {
	x.t.Helper()
	cmd := exec.Command(x.binary, args...)
	if log != nil {
		cmd.Stderr = log
	}
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	if err := cmd.Start(); err != nil {
		x.t.Fatal(err)
	}
	x.mu.Lock()
	x.processes = append(x.processes, cmd)
	x.mu.Unlock()
}

// stop ends all processes.
func (x *installation) stop(how syscall.Signal) {
	x.mu.Lock()
	all := x.processes
	x.processes = nil
	x.mu.Unlock()
	for _, p := range all {
		p.Process.Signal(how)
	}
	for _, p := range all {
		p.Wait()
	}
}

// said is the end of the log.
func (x *installation) said() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return tail(x.log.String())
}

// tool runs a command on the database of the service.
func (x *installation) tool(args ...string) (string, error) {
	out, err := exec.Command(x.binary, x.flags(args...)...).CombinedOutput()
	return string(out), err
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	data   []byte
}

// call makes a request as who has the credential: the cookie of a session, or
// an API key. ok is false where no whole answer came.
func (x *installation) call(credential, method, path, body string, headers ...string) (a answer, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, x.url+path, strings.NewReader(body))
	if err != nil {
		x.t.Error(err)
		return a, false
	}
	switch {
	case strings.HasPrefix(credential, "osk_"):
		r.Header.Set("Authorization", "Bearer "+credential)
	case credential != "":
		r.Header.Set("Cookie", credential)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return a, false
	}
	defer res.Body.Close()
	a.status, a.header = res.StatusCode, res.Header
	a.data, err = io.ReadAll(res.Body)
	return a, err == nil
}

// must makes a request that has to be answered with the status. The answer is
// read into what into points to, unless that is nil.
func (x *installation) must(status int, credential, method, path, body string, into any, headers ...string) answer {
	x.t.Helper()
	a, ok := x.call(credential, method, path, body, headers...)
	if !ok || a.status != status {
		x.t.Fatalf("%s %s: %d, want %d: %s\n%s", method, path, a.status, status, a.data, x.said())
	}
	if into != nil {
		if err := json.Unmarshal(a.data, into); err != nil {
			x.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return a
}

// cookieOf is the session that an answer begins.
func cookieOf(t *testing.T, cookies []*http.Cookie) string {
	t.Helper()
	for _, c := range cookies {
		if c.Value != "" {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatal("the answer begins no session")
	return ""
}

// firstAdmin uses the one-time link.
func (x *installation) firstAdmin() (cookie string) {
	x.t.Helper()
	x.mu.Lock()
	link, err := url.Parse(x.link)
	x.mu.Unlock()
	if err != nil || link.Query().Get("token") == "" {
		x.t.Fatalf("no link for the first admin: %v", err)
	}
	form := url.Values{"token": {link.Query().Get("token")}, "login": {"root"}, "name": {"Rita Root"}, "password": {password}}
	res, err := http.PostForm(x.url+"/setup", form)
	if err != nil {
		x.t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		x.t.Fatalf("/setup: %s", res.Status)
	}
	return cookieOf(x.t, res.Cookies())
}

// invite has somebody come by an invitation.
func (x *installation) invite(admin, login, name, role string) (cookie string) {
	x.t.Helper()
	var invited struct{ Link string }
	x.must(201, admin, "POST", "/v1/invitations", `{"login":"`+login+`","role":"`+role+`"}`, &invited)
	link, err := url.Parse(invited.Link)
	if err != nil || link.Query().Get("token") == "" {
		x.t.Fatalf("the invitation is %q: %v", invited.Link, err)
	}
	body, _ := json.Marshal(map[string]string{"token": link.Query().Get("token"), "name": name, "password": password})
	a := x.must(200, "", "POST", "/v1/invitations/accept", string(body), nil)
	return cookieOf(x.t, (&http.Response{Header: a.header}).Cookies())
}
