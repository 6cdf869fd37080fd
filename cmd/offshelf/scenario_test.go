package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/xuri/excelize/v2"

	"github.com/offshelf/offshelf/internal/store/storetest"
)

// The three uploads of the scenario. Two products that were pulled are still
// in the second, which is known by their rows alone; the third has none of
// them, and another product is told of in other words.
const (
	shelfHead = "sku,title,brand,gtin,store,channel\n"
	shelfKept = "H1,Garden hose 20 m,Gardena,,Berlin,web\n"
	firstDay  = shelfHead +
		"L1,Lorex 4K NVR 8-channel,Lorex,0695529019219,Berlin,web\n" +
		"L2,Lorex wired camera 2K,Lorex,,Hamburg,shop\n" +
		"L3,Lorex outdoor camera,Lorex,,Köln,web\n" +
		"E1,EZVIZ C6N indoor camera,EZVIZ,,Berlin,web\n" + shelfKept
	secondDay = shelfHead +
		"L1,Lorex 4K NVR 8-channel,Lorex,0695529019219,Berlin,web\n" +
		"L2,Lorex wired camera 2K,Lorex,,Hamburg,shop\n" +
		"E1,EZVIZ C6N indoor camera,EZVIZ,,Berlin,web\n" + shelfKept
	thirdDay = shelfHead +
		"E1,EZVIZ C6N indoor camera with alarm,EZVIZ,,Berlin,web\n" + shelfKept
)

// TestScenario is the life of two cases over the HTTP API of real processes:
// from an upload to a decision of two people, to goods that stay on the shelf
// in spite of it and are seen gone at last, with everything told afterwards by
// the dossier, the ledger, the runs and a backup on the other engine.
func TestScenario(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: starts processes and databases")
	}
	binary := buildTool(t)
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			db, other := "", ""
			if engine == "postgres" {
				db = storetest.Postgres(t)
			} else {
				other = storetest.Postgres(t)
			}
			s := &scenario{t: t, events: &receiver{t: t}, installation: &installation{t: t, binary: binary, data: t.TempDir(), db: db,
				more: []string{"--webhook-allow-http", "--webhook-allow-network", "127.0.0.1/32"}}}
			if db != "" {
				s.serve = []string{"--no-work"}
			}
			s.start()
			defer s.stop(syscall.SIGKILL)
			s.arrive()
			s.firstUpload()
			s.pull()
			s.keep()
			s.secondUpload()
			s.thirdUpload()
			s.dossier()
			s.proofs()
			s.move(other)
		})
	}
}

// scenario is the service and the people of the scenario.
type scenario struct {
	*installation
	t      *testing.T
	events *receiver

	root, ann, bob string // cookies of an admin, an analyst and an approver
	key            string // an API key that reads
	catalog        int64
	runs           []int64
	lorex, ezviz   int64  // cases
	checkpoint     string // file, from before any decision
}

func (s *scenario) arrive() {
	s.t.Helper()
	s.root = s.firstAdmin()
	s.ann = s.invite(s.root, "ann@example.com", "Ann Analyst", "analyst")
	s.bob = s.invite(s.root, "bob@example.com", "Bob Approver", "approver")
	s.must(200, s.root, "PUT", "/v1/workspace/settings", `{"four_eyes":"always","keep_days":90,"wait_days":10,"answer_days":10,"report_regimes":[]}`, nil)
	var key struct{ Key string }
	s.must(201, s.root, "POST", "/v1/keys", `{"name":"archive","scopes":["read","audit"]}`, &key)
	s.key = key.Key

	hook := httptest.NewServer(s.events)
	s.t.Cleanup(hook.Close)
	var end struct{ Secret string }
	s.must(201, s.root, "POST", "/v1/webhooks", `{"url":"`+hook.URL+`/in"}`, &end)
	var err error
	if s.events.checker, err = standardwebhooks.NewWebhook(end.Secret); err != nil {
		s.t.Fatalf("the secret %q: %v", end.Secret, err)
	}
}

// upload sends a catalog and waits for its run.
func (s *scenario) upload(name, text string) {
	s.t.Helper()
	var up struct {
		Run struct{ ID int64 } `json:"run"`
	}
	s.must(202, s.ann, "POST", fmt.Sprintf("/v1/catalogs/%d/uploads?filename=%s&as_of=2026-08-01", s.catalog, name), text, &up, "Content-Type", "text/csv")
	var run struct {
		State, Error string
		Summary      struct{ Read, Screened, Skipped, Failed int }
	}
	for until := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		s.must(200, s.ann, "GET", fmt.Sprintf("/v1/runs/%d", up.Run.ID), "", &run)
		if run.State != "queued" {
			break
		}
		if time.Now().After(until) {
			s.t.Fatalf("run %d is still queued:\n%s", up.Run.ID, s.said())
		}
	}
	if rows := strings.Count(text, "\n") - 1; run.State != "published" || run.Summary.Read != rows || run.Summary.Screened != rows {
		s.t.Fatalf("run %d of %d rows: %+v", up.Run.ID, rows, run)
	}
	s.runs = append(s.runs, up.Run.ID)
}

func (s *scenario) firstUpload() {
	s.t.Helper()
	var c struct{ ID int64 }
	s.must(201, s.ann, "POST", "/v1/catalogs", `{"name":"shop","keep":["store","channel"]}`, &c)
	s.catalog = c.ID
	s.upload("monday.csv", firstDay)
	for brand, into := range map[string]*int64{"lorex": &s.lorex, "ezviz": &s.ezviz} {
		var page struct {
			Cases []struct {
				ID    int64
				State string
			}
		}
		s.must(200, s.ann, "GET", "/v1/cases?brand="+brand, "", &page)
		if len(page.Cases) != 1 || page.Cases[0].State != "open" {
			s.t.Fatalf("cases of %s: %+v", brand, page.Cases)
		}
		*into = page.Cases[0].ID
	}
	var head struct{ Checkpoint string }
	s.must(200, s.bob, "GET", "/v1/ledger", "", &head)
	s.checkpoint = filepath.Join(s.t.TempDir(), "checkpoint")
	if err := os.WriteFile(s.checkpoint, []byte(head.Checkpoint), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// caseNow is a case and the ETag to change it with.
func (s *scenario) caseNow(id int64) (state, etag string) {
	s.t.Helper()
	var c struct{ State string }
	a := s.must(200, s.ann, "GET", fmt.Sprintf("/v1/cases/%d", id), "", &c)
	return c.State, a.header.Get("ETag")
}

// step posts to a case as it is now.
func (s *scenario) step(status int, who string, id int64, path, body string, into any, headers ...string) answer {
	s.t.Helper()
	_, etag := s.caseNow(id)
	return s.must(status, who, "POST", fmt.Sprintf("/v1/cases/%d/%s", id, path), body, into, append(headers, "If-Match", etag)...)
}

func (s *scenario) expect(id int64, want string) {
	s.t.Helper()
	if state, _ := s.caseNow(id); state != want {
		s.t.Errorf("case %d is %s, want %s", id, state, want)
	}
}

type decided struct {
	Decision struct {
		ID    int64
		State string
	}
}

// pull: an analyst proposes, an approver agrees, and the sheets say what is to
// come off, and where.
func (s *scenario) pull() {
	s.t.Helper()
	var d decided
	s.step(201, s.ann, s.lorex, "decisions", `{"kind":"pull","reason_code":"required-by-law","reason":"The covered list forbids it.","scope":"brand"}`, &d, "Idempotency-Key", "lorex-1")
	if d.Decision.State != "proposed" {
		s.t.Fatalf("%+v", d)
	}
	s.expect(s.lorex, "proposed")
	agree := fmt.Sprintf("decisions/%d/agree", d.Decision.ID)
	s.step(403, s.ann, s.lorex, agree, "", nil)
	s.step(200, s.bob, s.lorex, agree, "", &d)
	if d.Decision.State != "effective" {
		s.t.Fatalf("%+v", d)
	}
	s.expect(s.lorex, "pulled")
	if got := s.events.wait("case.decided", 1); !strings.Contains(string(got[0]), fmt.Sprintf(`"case":%d`, s.lorex)) {
		s.t.Errorf("case.decided: %s", got[0])
	}
	s.expectSheet("ordered", "L1 Berlin web", "L2 Hamburg shop", "L3 Köln web")
}

// expectSheet holds the pull sheet, in each form, to the rows of a state: SKU,
// store and channel.
func (s *scenario) expectSheet(state string, want ...string) {
	s.t.Helper()
	sheet := func(form string) []byte {
		return s.must(200, s.ann, "GET", "/v1/pulls?format="+form+"&state="+state, "", nil).data
	}
	table := func(form string, rows [][]string, err error) {
		s.t.Helper()
		if err != nil || len(rows) == 0 {
			s.t.Fatalf("%s: %v", form, err)
		}
		var got []string
		for _, row := range rows[1:] {
			var cells []string
			for _, column := range []string{"sku", "store", "channel"} {
				i := slices.Index(rows[0], column)
				if i < 0 || i >= len(row) {
					s.t.Fatalf("%s has no %s: %q", form, column, rows)
				}
				cells = append(cells, row[i])
			}
			got = append(got, strings.Join(cells, " "))
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			s.t.Errorf("pull sheet as %s, %s: %q, want %q", form, state, got, want)
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(sheet("csv"), []byte("\ufeff")))).ReadAll()
	table("csv", rows, err)
	book, err := excelize.OpenReader(bytes.NewReader(sheet("xlsx")))
	if err != nil {
		s.t.Fatal(err)
	}
	defer book.Close()
	rows, err = book.GetRows(book.GetSheetName(0))
	table("xlsx", rows, err)
	var doc struct {
		Pulls []struct {
			SKU  string
			Kept map[string]string
		}
	}
	if err := json.Unmarshal(sheet("json"), &doc); err != nil {
		s.t.Fatal(err)
	}
	rows = [][]string{{"sku", "store", "channel"}}
	for _, r := range doc.Pulls {
		rows = append(rows, []string{r.SKU, r.Kept["store"], r.Kept["channel"]})
	}
	table("json", rows, nil)
}

// keep: an approver decides with evidence and an end, may not agree to it
// alone, and the admin does.
func (s *scenario) keep() {
	s.t.Helper()
	var file struct{ Attachment struct{ ID int64 } }
	s.step(201, s.bob, s.ezviz, "attachments?name=test%20report.txt", "The maker of the model is another.", &file, "Content-Type", "text/plain")
	until := time.Now().UTC().AddDate(0, 2, 0).Format(time.DateOnly)
	body := func(evidence string) string {
		return `{"kind":"keep","reason_code":"not-covered-goods","reason":"It has no radio and no network.","until":"` + until + `"` + evidence + `}`
	}
	s.step(422, s.bob, s.ezviz, "decisions", body(""), nil)
	var d decided
	s.step(201, s.bob, s.ezviz, "decisions", body(fmt.Sprintf(`,"evidence":[%d]`, file.Attachment.ID)), &d)
	agree := fmt.Sprintf("decisions/%d/agree", d.Decision.ID)
	s.step(403, s.bob, s.ezviz, agree, "", nil)
	s.step(200, s.root, s.ezviz, agree, "", nil)
	s.expect(s.ezviz, "kept")
}

func (s *scenario) secondUpload() {
	s.t.Helper()
	s.upload("tuesday.csv", secondDay)
	s.expectSheet("back", "L1 Berlin web", "L2 Hamburg shop")
	s.expectSheet("gone", "L3 Köln web")
	s.expect(s.lorex, "open")
	s.expect(s.ezviz, "kept")
	var keys []string
	for _, e := range s.events.wait("product.returned", 2) {
		var event struct {
			SpecVersion string `json:"specversion"`
			Data        struct{ Product string }
		}
		if err := json.Unmarshal(e, &event); err != nil || event.SpecVersion != "1.0" {
			s.t.Errorf("no CloudEvent: %s", e)
		}
		keys = append(keys, event.Data.Product)
	}
	slices.Sort(keys)
	if !slices.Equal(keys, []string{"L1", "L2"}) {
		s.t.Errorf("product.returned of %q", keys)
	}
}

func (s *scenario) thirdUpload() {
	s.t.Helper()
	s.upload("wednesday.csv", thirdDay)
	s.expectSheet("back")
	s.expectSheet("gone", "L1 Berlin web", "L2 Hamburg shop", "L3 Köln web")
	today := time.Now().UTC().Format(time.DateOnly)
	var doc struct {
		Pulls []struct {
			SKU  string
			Gone string `json:"gone_on"`
		}
	}
	s.must(200, s.ann, "GET", "/v1/pulls?state=gone&format=json", "", &doc)
	if len(doc.Pulls) != 3 {
		s.t.Errorf("seen gone: %+v", doc.Pulls)
	}
	for _, r := range doc.Pulls {
		if r.Gone != today && r.Gone != time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly) { // over midnight
			s.t.Errorf("%s was seen gone on %q", r.SKU, r.Gone)
		}
	}

	// What was decided on is another product now: the case is open again, and
	// says what changed.
	s.expect(s.ezviz, "open")
	var line struct {
		Entries []struct {
			Kind string
			Data struct{ Why string }
		}
	}
	s.must(200, s.ann, "GET", fmt.Sprintf("/v1/cases/%d/timeline?limit=500", s.ezviz), "", &line)
	why := ""
	for _, e := range line.Entries {
		if e.Kind == "suppression.reopened" {
			why = e.Data.Why
		}
	}
	if !strings.Contains(why, `the product's data changed`) || !strings.Contains(why, `was "EZVIZ C6N indoor camera" and is "EZVIZ C6N indoor camera with alarm"`) {
		s.t.Errorf("the case was opened again because: %q", why)
	}
}

// dossier holds it to telling all of it, with dates and people.
func (s *scenario) dossier() {
	s.t.Helper()
	type person struct{ Name, Login string }
	var d struct {
		Decisions []struct {
			Kind, State string
			By          person    `json:"decided_by"`
			At          time.Time `json:"decided_at"`
			AgreedBy    person    `json:"agreed_by"`
			AgreedAt    time.Time `json:"agreed_at"`
		}
		Products []struct {
			Key   string
			Kept  map[string]string
			Pulls []struct {
				State string
				Gone  time.Time `json:"gone_at"`
				Back  time.Time `json:"back_at"`
			}
			Seen []struct{ Uploads int }
		}
		Timeline []struct {
			At   time.Time
			By   person
			Kind string
		}
		State struct {
			Uploads []struct{ Filename string }
			Runs    []struct {
				Stream string `json:"stream_sha256"`
			}
		}
	}
	path := fmt.Sprintf("/v1/cases/%d/dossier", s.lorex)
	s.must(200, s.bob, "GET", path+"?format=json", "", &d)
	if len(d.Decisions) != 1 {
		s.t.Fatalf("decisions: %+v", d.Decisions)
	}
	if x := d.Decisions[0]; x.Kind != "pull" || x.By.Name != "Ann Analyst" || x.AgreedBy.Name != "Bob Approver" || x.At.IsZero() || x.AgreedAt.Before(x.At) {
		s.t.Errorf("decision: %+v", x)
	}
	if len(d.Products) != 3 || len(d.State.Uploads) != 3 || len(d.State.Runs) != 3 {
		s.t.Errorf("products %+v, state %+v", d.Products, d.State)
	}
	uploads := map[string]int{"L1": 2, "L2": 2, "L3": 1}
	for _, p := range d.Products {
		if len(p.Pulls) != 1 || p.Pulls[0].State != "gone" || p.Pulls[0].Gone.IsZero() || p.Pulls[0].Back.IsZero() != (p.Key == "L3") || len(p.Seen) != 1 || p.Seen[0].Uploads != uploads[p.Key] || p.Kept["store"] == "" {
			s.t.Errorf("product: %+v", p)
		}
	}
	kinds := map[string]int{}
	for _, e := range d.Timeline {
		kinds[e.Kind]++
		if e.At.IsZero() {
			s.t.Errorf("an event without a date: %+v", e)
		}
		if want := map[string]string{"decision.proposed": "Ann Analyst", "decision.agreed": "Bob Approver"}[e.Kind]; want != "" && e.By.Name != want {
			s.t.Errorf("%s by %+v", e.Kind, e.By)
		}
	}
	if kinds["decision.proposed"] != 1 || kinds["product.returned"] != 2 || kinds["product.gone"] != 3 {
		s.t.Errorf("the timeline has %v", kinds)
	}
	page := string(s.must(200, s.bob, "GET", path+"?format=html", "", nil).data)
	for _, want := range []string{"Ann Analyst", "Bob Approver", "seen gone on ", "A product is back on the shelf", "monday.csv", "wednesday.csv", "The covered list forbids it.", time.Now().UTC().Format("2006-01")} {
		if !strings.Contains(page, want) {
			s.t.Errorf("the page says nothing of %q", want)
		}
	}
	page = string(s.must(200, s.bob, "GET", fmt.Sprintf("/v1/cases/%d/dossier?format=html", s.ezviz), "", nil).data)
	for _, want := range []string{"Bob Approver", "Rita Root", "test report.txt", "It has no radio and no network.", "with alarm"} {
		if !strings.Contains(page, want) {
			s.t.Errorf("the page of what was kept says nothing of %q", want)
		}
	}
}

// proofs: the ledger holds, against a checkpoint from before, and each run
// gives the same bytes again.
func (s *scenario) proofs() {
	s.t.Helper()
	if out, err := s.tool("ledger", "verify", "--against", s.checkpoint); err != nil || !strings.Contains(out, "1 checkpoint kept elsewhere") {
		s.t.Errorf("ledger verify: %v\n%s", err, out)
	}
	if len(s.runs) != 3 {
		s.t.Errorf("runs %v", s.runs)
	}
	for _, run := range s.runs {
		if out, err := s.tool("rerun", fmt.Sprint(run)); err != nil || !strings.HasSuffix(out, "the same bytes\n") {
			s.t.Errorf("rerun %d: %v\n%s", run, err, out)
		}
	}
}

// head is what a dossier says of the head of the ledger.
var head = regexp.MustCompile(`(?s)\n  "as_of": "[^"]+"|"ledger": \{.*?\}`)

// move restores a backup into the other engine and serves from it. The dossier
// is the same bytes there, but for the head of the ledger.
func (s *scenario) move(db string) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "shop.backup")
	if out, err := s.tool("backup", file); err != nil {
		s.t.Fatalf("backup: %v\n%s", err, out)
	}
	read := func(x *installation) string {
		return string(x.must(200, s.key, "GET", fmt.Sprintf("/v1/cases/%d/dossier?format=json", s.lorex), "", nil).data)
	}
	before := read(s.installation)
	s.stop(syscall.SIGTERM)

	there := &installation{t: s.t, binary: s.binary, data: s.t.TempDir(), db: db, more: s.more}
	key, err := os.ReadFile(filepath.Join(s.data, "ledger.key"))
	if err == nil {
		err = os.WriteFile(filepath.Join(there.data, "ledger.key"), key, 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	if out, err := there.tool("restore", file); err != nil {
		s.t.Fatalf("restore: %v\n%s", err, out)
	}
	there.start()
	defer there.stop(syscall.SIGKILL)
	after := read(there)
	if a, b := head.ReplaceAllString(before, ""), head.ReplaceAllString(after, ""); a != b {
		s.t.Errorf("the dossier is another after the move:\n%s", firstDifference(a, b))
	}
	if len(head.FindAllString(before, -1)) != 2 || len(before) < 10_000 {
		s.t.Errorf("a dossier of %d bytes:\n%s", len(before), before)
	}
	if out, err := there.tool("ledger", "verify", "--against", s.checkpoint); err != nil {
		s.t.Errorf("ledger verify after the move: %v\n%s", err, out)
	}
	for _, run := range s.runs {
		if out, err := there.tool("rerun", fmt.Sprint(run)); err != nil {
			s.t.Errorf("rerun %d after the move: %v\n%s", run, err, out)
		}
	}
}

// firstDifference shows the lines where two texts part.
func firstDifference(a, b string) string {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return fmt.Sprintf("line %d:\n- %s\n+ %s", i+1, left[i], right[i])
		}
	}
	return fmt.Sprintf("%d lines and %d", len(left), len(right))
}

// receiver takes what webhooks send. A message whose signature does not hold
// is an error.
type receiver struct {
	t       *testing.T
	checker *standardwebhooks.Webhook

	mu     sync.Mutex
	seen   map[string]bool
	byType map[string][][]byte
}

// ServeHTTP implements http.Handler.
func (v *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = v.checker.Verify(body, r.Header)
	}
	var event struct{ Type string }
	if err == nil {
		err = json.Unmarshal(body, &event)
	}
	if err != nil {
		v.t.Errorf("webhook: %v: %s", err, body)
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	id := r.Header.Get("webhook-id")
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.seen == nil {
		v.seen, v.byType = map[string]bool{}, map[string][][]byte{}
	}
	if !v.seen[id] { // at least once is promised, not once
		v.seen[id] = true
		v.byType[event.Type] = append(v.byType[event.Type], body)
	}
}

// wait waits until so many events of a type came, and returns them.
func (v *receiver) wait(kind string, n int) [][]byte {
	v.t.Helper()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		v.mu.Lock()
		got := slices.Clone(v.byType[kind])
		v.mu.Unlock()
		if len(got) >= n {
			return got
		}
		if time.Now().After(until) {
			v.t.Fatalf("%d events %s came, want %d", len(got), kind, n)
		}
	}
}
