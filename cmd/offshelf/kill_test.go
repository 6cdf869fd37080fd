package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/store/storetest"
)

// killRounds is how often each engine is killed; the environment can ask for
// more: see .ci/kill.
const killRounds = 5

// TestKilled kills the service at random moments while catalogs come in, cases
// are worked on and backups are taken. What was acknowledged must be there
// after a restart, once, and the ledger must hold.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: kills processes for a while")
	}
	rounds := killRounds
	if text := os.Getenv("OFFSHELF_KILL_ROUNDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("OFFSHELF_KILL_ROUNDS=%q: write a number of rounds", text)
		}
		rounds = n
	}
	binary := filepath.Join(t.TempDir(), "offshelf")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("sqlite", func(t *testing.T) { newVictim(t, binary, "").run(rounds) })
	t.Run("postgres", func(t *testing.T) { newVictim(t, binary, storetest.Postgres(t)).run(rounds) })
}

// victim is a service that is killed again and again.
type victim struct {
	t       *testing.T
	binary  string
	data    string
	db      string
	seed    uint64
	random  *rand.Rand
	url     string
	cookie  string
	catalog int64
	log     bytes.Buffer

	mu        sync.Mutex
	processes []*exec.Cmd
	n         int
	uploads   map[string]string // SHA-256 to what was acknowledged; "" is sent, no answer
	comments  map[string]bool   // text to whether it was acknowledged
	decisions map[int64]string  // id to reason
	backups   []string
	refused   int
}

func newVictim(t *testing.T, binary, db string) *victim {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return &victim{t: t, binary: binary, data: t.TempDir(), db: db, seed: seed, random: rand.New(rand.NewPCG(seed, 0)),
		uploads: map[string]string{}, comments: map[string]bool{}, decisions: map[int64]string{}}
}

func (v *victim) flags(args ...string) []string {
	args = append(args, "--data", v.data)
	if v.db != "" {
		args = append(args, "--db", v.db)
	}
	return args
}

func (v *victim) run(rounds int) {
	v.start()
	v.setUp()
	v.stop(syscall.SIGKILL)
	for n := range rounds {
		v.start()
		v.round(n)
		v.start()
		v.check()
		v.stop(syscall.SIGKILL)
		if v.t.Failed() {
			v.t.Fatalf("round %d of seed %d; the service said:\n%s", n, v.seed, tail(v.log.String()))
		}
	}
	v.restore()
	acknowledged := 0
	for _, yes := range v.comments {
		if yes {
			acknowledged++
		}
	}
	v.t.Logf("%d rounds: %d uploads, %d of %d comments acknowledged, %d decisions, %d backups, %d requests without an answer or refused",
		rounds, len(v.uploads), acknowledged, len(v.comments), len(v.decisions), len(v.backups), v.refused)
	if len(v.decisions) == 0 || acknowledged == 0 {
		v.t.Error("nothing was acknowledged: the test tests nothing")
	}
}

// start starts the service, on PostgreSQL with a worker beside it, and waits
// until it is ready.
func (v *victim) start() {
	v.t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		v.t.Fatal(err)
	}
	serve := v.flags("serve", "--listen", "127.0.0.1:0")
	v.spawn(writer, serve...)
	if v.db != "" {
		v.spawn(nil, v.flags("work")...)
	}
	writer.Close()
	found := make(chan string, 2)
	go func() {
		var text []byte
		buf := make([]byte, 4096)
		told, linked := false, false
		for {
			n, err := reader.Read(buf)
			text = append(text, buf[:n]...)
			v.mu.Lock()
			v.log.Write(buf[:n])
			v.mu.Unlock()
			if m := regexp.MustCompile(`http://127\.0\.0\.1:\d+/setup\?token=\S+`).Find(text); m != nil && !linked {
				linked = true
				v.mu.Lock()
				v.cookie = "link " + string(m)
				v.mu.Unlock()
			}
			if m := regexp.MustCompile(`msg=serving address=(\S+)`).FindSubmatch(text); m != nil && !told {
				told = true
				found <- string(m[1])
			}
			if err != nil {
				reader.Close()
				close(found)
				return
			}
		}
	}()
	select {
	case v.url = <-found:
	case <-time.After(time.Minute):
	}
	if v.url == "" {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.t.Fatalf("the service does not start:\n%s", tail(v.log.String()))
	}
}

func (v *victim) spawn(log *os.File, args ...string) {
	v.t.Helper()
	cmd := exec.Command(v.binary, args...)
	if log != nil {
		cmd.Stderr = log
	}
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	v.mu.Lock()
	v.processes = append(v.processes, cmd)
	v.mu.Unlock()
}

// stop ends all processes.
func (v *victim) stop(how syscall.Signal) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range v.processes {
		p.Process.Signal(how)
	}
	for _, p := range v.processes {
		p.Wait()
	}
	v.processes = nil
}

// call makes a request; ok is false where there was no answer, or one that the
// service was not there.
func (v *victim) call(method, path, body string, headers ...string) (status int, data []byte, etag string, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, v.url+path, strings.NewReader(body))
	if err != nil {
		v.t.Error(err)
		return 0, nil, "", false
	}
	r.Header.Set("Cookie", v.cookie)
	if body != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return 0, nil, "", false
	}
	defer res.Body.Close()
	if data, err = io.ReadAll(res.Body); err != nil {
		return res.StatusCode, data, "", false
	}
	return res.StatusCode, data, res.Header.Get("ETag"), true
}

// must makes a request that has to succeed.
func (v *victim) must(method, path, body string, into any, headers ...string) string {
	v.t.Helper()
	status, data, etag, ok := v.call(method, path, body, headers...)
	if !ok || status/100 != 2 {
		v.t.Fatalf("%s %s: %d %s", method, path, status, data)
	}
	if into != nil {
		if err := json.Unmarshal(data, into); err != nil {
			v.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return etag
}

func (v *victim) setUp() {
	v.t.Helper()
	link, err := url.Parse(strings.TrimPrefix(v.cookie, "link "))
	if err != nil || link.Query().Get("token") == "" {
		v.t.Fatalf("no link for the first admin: %v", err)
	}
	form := url.Values{"token": {link.Query().Get("token")}, "login": {"root"}, "name": {"Rita Root"}, "password": {"correct horse battery"}}
	res, err := http.PostForm(v.url+"/setup", form)
	if err != nil || res.StatusCode != 200 {
		v.t.Fatal(err, res)
	}
	res.Body.Close()
	for _, c := range res.Cookies() {
		v.cookie = c.Name + "=" + c.Value
	}
	var w struct {
		Settings map[string]any `json:"settings"`
	}
	v.must("GET", "/v1/workspace", "", &w)
	w.Settings["four_eyes"] = "never"
	settings, _ := json.Marshal(w.Settings)
	v.must("PUT", "/v1/workspace/settings", string(settings), nil)
	var c struct {
		ID int64 `json:"id"`
	}
	v.must("POST", "/v1/catalogs", `{"name":"web","keep":["store"]}`, &c)
	v.catalog = c.ID
	v.upload()
	v.settle()
}

// shop is a catalog of some thousand rows that is never the same twice.
func (v *victim) shop() string {
	v.mu.Lock()
	v.n++
	n, random := v.n, rand.New(rand.NewPCG(v.seed, uint64(v.n)))
	v.mu.Unlock()
	var b strings.Builder
	b.WriteString("sku,title,brand,store\n")
	for i := range 3000 {
		if random.IntN(50) == 0 {
			continue // off the shelf this time
		}
		brand, title := "Estwing", "Claw hammer"
		switch {
		case i%40 == 0:
			brand, title = "Lorex", "Lorex security camera"
		case i%60 == 1:
			brand, title = "EZVIZ", "EZVIZ indoor camera"
		}
		if random.IntN(100) == 0 {
			title += fmt.Sprintf(" edition %d", n)
		}
		fmt.Fprintf(&b, "S%d,%s no. %d,%s,north\n", i, title, i, brand)
	}
	fmt.Fprintf(&b, "N%d,Nail %d,Estwing,south\n", n, n)
	return b.String()
}

func (v *victim) upload() {
	text := v.shop()
	key := hexSum(text)
	v.mu.Lock()
	v.uploads[key] = ""
	v.mu.Unlock()
	status, data, _, ok := v.call("POST", fmt.Sprintf("/v1/catalogs/%d/uploads?filename=web.csv&as_of=2026-08-01", v.catalog), text, "Content-Type", "text/csv")
	if !ok || status != 202 {
		v.refuse(status, data)
		return
	}
	v.mu.Lock()
	v.uploads[key] = string(data)
	v.mu.Unlock()
}

// refuse counts a request that was not done. While the service dies that is
// no fault, but an answer that says so must be one of these.
func (v *victim) refuse(status int, data []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.refused++
	switch status {
	case 0, 409, 412, 422, 503:
	default:
		v.t.Errorf("%d %s", status, data)
	}
}

// work does one step on a case.
func (v *victim) work(random *rand.Rand, n int) {
	var page struct {
		Cases []struct {
			ID int64 `json:"id"`
		} `json:"cases"`
	}
	status, data, _, ok := v.call("GET", "/v1/cases", "")
	if !ok || status != 200 || json.Unmarshal(data, &page) != nil || len(page.Cases) == 0 {
		return
	}
	id := page.Cases[random.IntN(len(page.Cases))].ID
	status, _, etag, ok := v.call("GET", fmt.Sprintf("/v1/cases/%d", id), "")
	if !ok || status != 200 {
		return
	}
	if n%3 != 0 {
		text := fmt.Sprintf("comment %d of seed %d", random.Uint64(), v.seed)
		v.mu.Lock()
		v.comments[text] = false
		v.mu.Unlock()
		status, data, _, ok = v.call("POST", fmt.Sprintf("/v1/cases/%d/comments", id), fmt.Sprintf(`{"text":%q}`, text), "If-Match", etag, "Idempotency-Key", text)
		if !ok || status/100 != 2 {
			v.refuse(status, data)
			return
		}
		v.mu.Lock()
		v.comments[text] = true
		v.mu.Unlock()
		return
	}
	reason := fmt.Sprintf("decision %d of seed %d", random.Uint64(), v.seed)
	body := fmt.Sprintf(`{"kind":"pull","reason_code":"own-policy","reason":%q,"scope":"brand"}`, reason)
	if n%2 == 0 {
		body = fmt.Sprintf(`{"kind":"keep","reason_code":"false-match","reason":%q,"until":%q}`, reason, time.Now().AddDate(0, 3, 0).Format(time.DateOnly))
	}
	status, data, _, ok = v.call("POST", fmt.Sprintf("/v1/cases/%d/decisions", id), body, "If-Match", etag, "Idempotency-Key", reason)
	if !ok || status/100 != 2 {
		v.refuse(status, data)
		return
	}
	var made struct {
		Decision struct {
			ID int64 `json:"id"`
		} `json:"decision"`
	}
	if err := json.Unmarshal(data, &made); err != nil {
		v.t.Error(err)
		return
	}
	v.mu.Lock()
	v.decisions[made.Decision.ID] = reason
	v.mu.Unlock()
}

// round works on the service until it is killed at a random moment.
func (v *victim) round(n int) {
	ctx, cancel := context.WithCancel(context.Background())
	var clients sync.WaitGroup
	clients.Go(func() {
		for n := 0; n < 6 && ctx.Err() == nil; n++ {
			v.upload()
		}
	})
	for client := range 2 {
		clients.Go(func() {
			random := rand.New(rand.NewPCG(v.seed, uint64(n*10+client)<<32))
			for i := 0; ctx.Err() == nil; i++ {
				v.work(random, i)
			}
		})
	}
	file := filepath.Join(v.data, fmt.Sprintf("backup-%d", n))
	backup := exec.Command(v.binary, v.flags("backup", file)...)
	if n%2 == 0 {
		clients.Go(func() {
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
			if backup.Run() == nil {
				v.mu.Lock()
				v.backups = append(v.backups, file)
				v.mu.Unlock()
			}
		})
	}
	time.Sleep(time.Duration(50+v.random.IntN(2500)) * time.Millisecond)
	v.stop(syscall.SIGKILL)
	if v.random.IntN(2) == 0 && backup.Process != nil {
		backup.Process.Kill()
	}
	cancel()
	clients.Wait()
	if _, err := os.Stat(file); err == nil && !contains(v.backups, file) && n%2 == 0 {
		v.t.Errorf("a backup that was not acknowledged lies at %s", file)
	}
}

func contains(all []string, s string) bool {
	for _, x := range all {
		if x == s {
			return true
		}
	}
	return false
}

// settle waits until no run is queued.
func (v *victim) settle() {
	v.t.Helper()
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		var page struct {
			Runs []struct {
				ID    int64  `json:"id"`
				State string `json:"state"`
				Error string `json:"error"`
			} `json:"runs"`
		}
		v.must("GET", fmt.Sprintf("/v1/catalogs/%d/runs?limit=500", v.catalog), "", &page)
		waiting := 0
		for _, r := range page.Runs {
			if r.State == "queued" {
				waiting++
			} else if r.State != "published" {
				v.t.Errorf("run %d is %s: %s", r.ID, r.State, r.Error)
			}
		}
		if waiting == 0 {
			return
		}
		if time.Now().After(until) {
			v.t.Fatalf("%d runs are still queued", waiting)
		}
	}
}

// check compares the service with what it acknowledged.
func (v *victim) check() {
	v.t.Helper()
	v.settle()
	seen := map[string]int{}
	for cursor := ""; ; {
		var page struct {
			Uploads []struct {
				SHA256 string `json:"sha256"`
			} `json:"uploads"`
			Next string `json:"next"`
		}
		v.must("GET", fmt.Sprintf("/v1/catalogs/%d/uploads?limit=100&cursor=%s", v.catalog, cursor), "", &page)
		for _, u := range page.Uploads {
			seen[u.SHA256]++
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	for sum, answer := range v.uploads {
		if answer != "" && seen[sum] != 1 || seen[sum] > 1 {
			v.t.Errorf("upload %s, acknowledged %t, is there %d times", sum, answer != "", seen[sum])
		}
	}
	said := map[string]int{}
	decided := map[int64]string{}
	var page struct {
		Cases []struct {
			ID int64 `json:"id"`
		} `json:"cases"`
	}
	v.must("GET", "/v1/cases?limit=100", "", &page)
	for _, c := range page.Cases {
		v.timeline(c.ID, said)
		var one struct {
			Decisions []struct {
				ID     int64  `json:"id"`
				Reason string `json:"reason"`
			} `json:"decisions"`
		}
		v.must("GET", fmt.Sprintf("/v1/cases/%d", c.ID), "", &one)
		for _, d := range one.Decisions {
			decided[d.ID] = d.Reason
		}
	}
	for text, acknowledged := range v.comments {
		if n := said[text]; n > 1 || acknowledged && n != 1 {
			v.t.Errorf("comment %q, acknowledged %t, is there %d times", text, acknowledged, n)
		}
	}
	for id, reason := range v.decisions {
		if decided[id] != reason {
			v.t.Errorf("decision %d was %q, is %q", id, reason, decided[id])
		}
	}
	if out, err := exec.Command(v.binary, v.flags("ledger", "verify")...).CombinedOutput(); err != nil {
		v.t.Errorf("ledger verify: %v\n%s", err, out)
	}
}

func (v *victim) timeline(id int64, said map[string]int) {
	v.t.Helper()
	for after := int64(-1); ; {
		var page struct {
			Entries []json.RawMessage `json:"entries"`
			Next    *int64            `json:"next"`
		}
		v.must("GET", fmt.Sprintf("/v1/cases/%d/timeline?limit=500&after=%d", id, after), "", &page)
		for _, e := range page.Entries {
			if m := regexp.MustCompile(`comment \d+ of seed \d+`).Find(e); m != nil {
				said[string(m)]++
			}
		}
		if page.Next == nil {
			return
		}
		after = *page.Next
	}
}

// restore reads each backup that was acknowledged into a new database, whose
// ledger must hold.
func (v *victim) restore() {
	v.t.Helper()
	for _, file := range v.backups {
		into := v.t.TempDir()
		key, err := os.ReadFile(filepath.Join(v.data, "ledger.key"))
		if err != nil {
			v.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(into, "ledger.key"), key, 0o600); err != nil {
			v.t.Fatal(err)
		}
		for _, args := range [][]string{{"restore", file, "--data", into}, {"ledger", "verify", "--data", into}} {
			if out, err := exec.Command(v.binary, args...).CombinedOutput(); err != nil {
				v.t.Errorf("%s: %v\n%s", args[0], err, out)
			}
		}
	}
}

func hexSum(s string) string { return sum([]byte(s)) }

func tail(s string) string {
	const most = 6000
	if len(s) > most {
		return "…" + s[len(s)-most:]
	}
	return s
}
