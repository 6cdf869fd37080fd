package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
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
	binary := buildTool(t)
	t.Run("sqlite", func(t *testing.T) { newVictim(t, binary, "").run(rounds) })
	t.Run("postgres", func(t *testing.T) { newVictim(t, binary, storetest.Postgres(t)).run(rounds) })
}

// victim is a service that is killed again and again.
type victim struct {
	*installation
	seed    uint64
	random  *rand.Rand
	cookie  string
	catalog int64

	n         int
	uploads   map[string]string // SHA-256 to what was acknowledged; "" is sent, no answer
	comments  map[string]bool   // text to whether it was acknowledged
	decisions map[int64]string  // id to reason
	backups   []string
	refused   int

	acknowledged int // comments and decisions
}

func newVictim(t *testing.T, binary, db string) *victim {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	return &victim{installation: &installation{t: t, binary: binary, data: t.TempDir(), db: db}, seed: seed, random: rand.New(rand.NewPCG(seed, 0)),
		uploads: map[string]string{}, comments: map[string]bool{}, decisions: map[int64]string{}}
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
		if n%10 == 9 {
			v.t.Logf("%d rounds", n+1)
		}
		if v.t.Failed() {
			v.t.Fatalf("round %d of seed %d; the service said:\n%s", n, v.seed, v.said())
		}
	}
	v.restore()
	v.t.Logf("%d rounds: %d uploads, %d comments tried, %d decisions and %d comments and decisions acknowledged, %d backups, %d requests without an answer or refused",
		rounds, len(v.uploads), len(v.comments), len(v.decisions), v.acknowledged, len(v.backups), v.refused)
	if v.acknowledged == 0 {
		v.t.Error("nothing was acknowledged: the test tests nothing")
	}
}

func (v *victim) setUp() {
	v.t.Helper()
	v.cookie = v.firstAdmin()
	var w struct {
		Settings map[string]any `json:"settings"`
	}
	v.must(200, v.cookie, "GET", "/v1/workspace", "", &w)
	w.Settings["four_eyes"] = "never"
	settings, _ := json.Marshal(w.Settings)
	v.must(200, v.cookie, "PUT", "/v1/workspace/settings", string(settings), nil)
	var c struct {
		ID int64 `json:"id"`
	}
	v.must(201, v.cookie, "POST", "/v1/catalogs", `{"name":"web","keep":["store"]}`, &c)
	v.catalog = c.ID
	v.upload()
	v.settle()
}

// shop is a catalog of a thousand rows that is never the same twice.
func (v *victim) shop() string {
	v.mu.Lock()
	v.n++
	n, random := v.n, rand.New(rand.NewPCG(v.seed, uint64(v.n)))
	v.mu.Unlock()
	var b strings.Builder
	b.WriteString("sku,title,brand,store\n")
	for i := range 1000 {
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
	a, ok := v.call(v.cookie, "POST", fmt.Sprintf("/v1/catalogs/%d/uploads?filename=web.csv&as_of=2026-08-01", v.catalog), text, "Content-Type", "text/csv")
	if !ok || a.status != 202 {
		v.refuse(a)
		return
	}
	v.mu.Lock()
	v.uploads[key] = string(a.data)
	v.mu.Unlock()
}

// refuse counts a request that was not done. While the service dies that is
// no fault, but an answer that says so must be one of these.
func (v *victim) refuse(a answer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.refused++
	switch a.status {
	case 0, 409, 412, 422, 503:
	default:
		v.t.Errorf("%d %s", a.status, a.data)
	}
}

// work does one step on a case.
func (v *victim) work(random *rand.Rand, n int) {
	var page struct {
		Cases []struct {
			ID int64 `json:"id"`
		} `json:"cases"`
	}
	a, ok := v.call(v.cookie, "GET", "/v1/cases", "")
	if !ok || a.status != 200 || json.Unmarshal(a.data, &page) != nil || len(page.Cases) == 0 {
		return
	}
	id := page.Cases[random.IntN(len(page.Cases))].ID
	a, ok = v.call(v.cookie, "GET", fmt.Sprintf("/v1/cases/%d", id), "")
	if !ok || a.status != 200 {
		return
	}
	etag := a.header.Get("ETag")
	if n%3 != 0 {
		text := fmt.Sprintf("comment %d of seed %d", random.Uint64(), v.seed)
		v.mu.Lock()
		v.comments[text] = false
		v.mu.Unlock()
		a, ok = v.call(v.cookie, "POST", fmt.Sprintf("/v1/cases/%d/comments", id), fmt.Sprintf(`{"text":%q}`, text), "If-Match", etag, "Idempotency-Key", text)
		if !ok || a.status/100 != 2 {
			v.refuse(a)
			return
		}
		v.mu.Lock()
		v.comments[text] = true
		v.acknowledged++
		v.mu.Unlock()
		return
	}
	reason := fmt.Sprintf("decision %d of seed %d", random.Uint64(), v.seed)
	body := fmt.Sprintf(`{"kind":"pull","reason_code":"own-policy","reason":%q,"scope":"brand"}`, reason)
	if n%2 == 0 {
		body = fmt.Sprintf(`{"kind":"keep","reason_code":"false-match","reason":%q,"until":%q}`, reason, time.Now().AddDate(0, 3, 0).Format(time.DateOnly))
	}
	a, ok = v.call(v.cookie, "POST", fmt.Sprintf("/v1/cases/%d/decisions", id), body, "If-Match", etag, "Idempotency-Key", reason)
	if !ok || a.status/100 != 2 {
		v.refuse(a)
		return
	}
	var made struct {
		Decision struct {
			ID int64 `json:"id"`
		} `json:"decision"`
	}
	if err := json.Unmarshal(a.data, &made); err != nil {
		v.t.Error(err)
		return
	}
	v.mu.Lock()
	v.decisions[made.Decision.ID] = reason
	v.acknowledged++
	v.mu.Unlock()
}

// round works on the service until it is killed at a random moment.
func (v *victim) round(n int) {
	ctx, cancel := context.WithCancel(context.Background())
	var clients sync.WaitGroup
	clients.Go(func() {
		for n := 0; n < 4 && ctx.Err() == nil; n++ {
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
	backing, killBackup := context.WithCancel(context.Background())
	defer killBackup()
	if n%2 == 0 {
		clients.Go(func() {
			time.Sleep(time.Duration(rand.IntN(300)) * time.Millisecond)
			exec.CommandContext(backing, v.binary, v.flags("backup", file)...).Run()
		})
	}
	v.mu.Lock()
	before := v.acknowledged
	v.mu.Unlock()
	time.Sleep(time.Duration(50+v.random.IntN(2500)) * time.Millisecond)
	// Where the machine is slow some rounds last until there is something to lose.
	for until := time.Now().Add(20 * time.Second); n%2 == 1 && time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		v.mu.Lock()
		more := v.acknowledged > before
		v.mu.Unlock()
		if more {
			break
		}
	}
	v.stop(syscall.SIGKILL)
	if v.random.IntN(2) == 0 {
		killBackup()
	}
	cancel()
	clients.Wait()
	// A backup is there as a whole or not at all, whether it was acknowledged or not.
	if _, err := os.Stat(file); err == nil {
		v.backups = append(v.backups, file)
	}
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
		v.must(200, v.cookie, "GET", fmt.Sprintf("/v1/catalogs/%d/runs?limit=40", v.catalog), "", &page)
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
		v.must(200, v.cookie, "GET", fmt.Sprintf("/v1/catalogs/%d/uploads?limit=100&cursor=%s", v.catalog, cursor), "", &page)
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
	v.must(200, v.cookie, "GET", "/v1/cases?limit=100", "", &page)
	for _, c := range page.Cases {
		v.timeline(c.ID, said)
		var one struct {
			Decisions []struct {
				ID     int64  `json:"id"`
				Reason string `json:"reason"`
			} `json:"decisions"`
		}
		v.must(200, v.cookie, "GET", fmt.Sprintf("/v1/cases/%d", c.ID), "", &one)
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
		v.must(200, v.cookie, "GET", fmt.Sprintf("/v1/cases/%d/timeline?limit=500&after=%d", id, after), "", &page)
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
