package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

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
// proofs: the ledger holds, against a checkpoint from before, and each run
// gives the same bytes again.
// head is what a dossier says of the head of the ledger.
var head = regexp.MustCompile(`(?s)\n  "as_of": "[^"]+"|"ledger": \{.*?\}`)

// move restores a backup into the other engine and serves from it. The dossier
// is the same bytes there, but for the head of the ledger.
// firstDifference shows the lines where two texts part.
// receiver takes what webhooks send. A message whose signature does not hold
// is an error.
// ServeHTTP implements http.Handler.
// wait waits until so many events of a type came, and returns them.
