package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/offshelf/offshelf/internal/api"
	"github.com/offshelf/offshelf/internal/casework"
	"github.com/offshelf/offshelf/internal/job"
	"github.com/offshelf/offshelf/internal/ledger"
	"github.com/offshelf/offshelf/internal/notify"
	"github.com/offshelf/offshelf/knowledge"
)

// work runs a real worker beside the service.
func (x *service) work() {
	x.tb.Helper()
	k, _, err := knowledge.Embedded()
	if err != nil {
		x.tb.Fatal(err)
	}
	data, err := knowledge.Compile(k)
	if err != nil {
		x.tb.Fatal(err)
	}
	state := &job.State{Snapshot: facts(x.tb).Snapshot, Facts: data}
	sender, err := notify.NewSender(notify.Options{Guard: notify.Guard{AllowHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}})
	if err != nil {
		x.tb.Fatal(err)
	}
	w, err := job.New(context.Background(), job.Config{Store: x.store, State: func() *job.State { return state }, Tool: "test", Workers: 2, Alone: true, Sender: sender})
	if err != nil {
		x.tb.Fatal(err)
	}
	if err := w.Start(context.Background()); err != nil {
		x.tb.Fatal(err)
	}
	x.tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		w.Stop(ctx)
	})
	x.server.Jobs = w
}

const shelf = "sku,title,brand,gtin,store\nA1,Lorex 4K NVR 8-channel,Lorex,0695529019219,Berlin\nA2,Lorex wired camera 2K,Lorex,,Hamburg\nB1,Garden hose 20 m,Gardena,,Berlin\n"

// published waits for a run.
func (x *service) published(cookie string, run int64) api.RunAnswer {
	x.tb.Helper()
	var r api.RunAnswer
	for range 600 {
		x.must(200, "GET", fmt.Sprintf("/v1/runs/%d", run), "", "", "Cookie", cookie).json(x.tb, &r)
		if r.State != "queued" {
			return r
		}
		time.Sleep(50 * time.Millisecond)
	}
	x.tb.Fatalf("run %d is not done: %+v", run, r)
	return r
}

func (x *service) upload(cookie, catalog, text string) api.RunAnswer {
	x.tb.Helper()
	var up api.UploadedAnswer
	x.must(202, "POST", "/v1/catalogs/"+catalog+"/uploads?filename=shelf.csv", "", text, "Cookie", cookie, "Content-Type", "text/csv").json(x.tb, &up)
	x.clock.turn(time.Hour)
	return x.published(cookie, up.Run.ID)
}

// Upload, cases, one person decides and another agrees, the pull sheet; a
// second upload still has what was pulled, a third lacks it; the dossier and
// the ledger tell all of it. Over the API alone, on both engines.
func TestStory(t *testing.T) {
	local := notify.Guard{AllowHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	each(t, func(t *testing.T, x *service) {
		x.work()
		admin := x.admin()
		ann, bob := x.join(admin, "ann@example.com", "analyst"), x.join(admin, "bob@example.com", "approver")
		x.must(200, "PUT", "/v1/workspace/settings", "", `{"four_eyes": "always", "keep_days": 90, "wait_days": 10, "answer_days": 10, "report_regimes": []}`, "Cookie", admin)

		told := make(chan string, 100)
		hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { told <- r.Header.Get("webhook-id") }))
		defer hook.Close()
		var end api.EndpointAnswer
		x.must(201, "POST", "/v1/webhooks", "", `{"url": "`+hook.URL+`/in", "types": ["case.decided"]}`, "Cookie", admin).json(t, &end)
		if !strings.HasPrefix(end.Secret, "whsec_") {
			t.Errorf("%+v", end)
		}

		var c api.CatalogAnswer
		x.must(201, "POST", "/v1/catalogs", "", `{"name": "shop", "policy": "default", "keep": ["store"]}`, "Cookie", ann).json(t, &c)
		sum := sha256.Sum256([]byte(shelf))
		digest := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
		a := x.must(202, "PUT", "/v1/catalogs/1/uploads/shelf.csv", "", shelf, "Cookie", ann, "Content-Type", "text/csv", "Content-Digest", digest)
		var up api.UploadedAnswer
		a.json(t, &up)
		if up.Upload.SHA256 != hex.EncodeToString(sum[:]) || up.Upload.Filename != "shelf.csv" || a.Header.Get("Location") != "/v1/runs/1" {
			t.Errorf("%+v", up)
		}
		run := x.published(ann, up.Run.ID)
		if run.State != "published" || run.Summary == nil || run.Summary.Read != 3 || run.Snapshot == "" {
			t.Fatalf("%+v", run)
		}

		var found struct{ Findings []api.FoundAnswer }
		x.must(200, "GET", "/v1/findings?basis=law&limit=10", "", "", "Cookie", ann).json(t, &found)
		if len(found.Findings) == 0 || found.Findings[0].Product == nil {
			t.Fatalf("%+v", found)
		}
		one := x.must(200, "GET", fmt.Sprintf("/v1/findings/%d", found.Findings[0].ID), "", "", "Cookie", ann)
		if !strings.Contains(one.text, `"chains"`) {
			t.Errorf("%s", one.text)
		}
		var cases struct{ Cases []api.CaseAnswer }
		x.must(200, "GET", "/v1/cases?brand=lorex", "", "", "Cookie", ann).json(t, &cases)
		if len(cases.Cases) != 1 {
			t.Fatalf("%+v", cases)
		}
		id := fmt.Sprintf("/v1/cases/%d", cases.Cases[0].ID)
		tag := func() string { return x.must(200, "GET", id, "", "", "Cookie", ann).Header.Get("ETag") }

		// The version has to be said, and to be the one that was seen.
		if p := x.must(428, "POST", id+"/comments", "", `{"text": "Looks right."}`, "Cookie", ann); p.problem() != "version-needed" {
			t.Error(p.text)
		}
		old := tag()
		got := x.must(200, "POST", id+"/comments", "", `{"text": "Looks right."}`, "Cookie", ann, "If-Match", old).Header.Get("ETag")
		if got == old || got != tag() {
			t.Errorf("ETag %s, then %s, then %s", old, got, tag())
		}
		if p := x.must(412, "POST", id+"/comments", "", `{"text": "Late."}`, "Cookie", bob, "If-Match", old); p.problem() != "changed" {
			t.Error(p.text)
		}
		x.must(200, "POST", id+"/assign", "", `{"user": 2}`, "Cookie", ann, "If-Match", tag())
		file := x.must(201, "POST", id+"/attachments?name=../../etc/%3Cb%3E.html", "", "<script>alert(1)</script>", "Cookie", ann, "If-Match", tag(), "Content-Type", "text/html")
		var att api.AttachedAnswer
		file.json(t, &att)
		back := x.must(200, "GET", fmt.Sprintf("%s/attachments/%d", id, att.Attachment.ID), "", "", "Cookie", ann)
		if back.text != "<script>alert(1)</script>" || back.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(back.Header.Get("Content-Disposition"), "attachment") || strings.Contains(att.Attachment.Name, "/") {
			t.Errorf("%v %+v", back.Header, att.Attachment)
		}
		x.must(200, "POST", id+"/requests", "", `{"supplier": "Acme Trading"}`, "Cookie", ann, "If-Match", tag())
		x.must(200, "POST", id+"/requests/1/answer", "", `{"answer": "We do not know who makes it.", "evidence": [`+fmt.Sprint(att.Attachment.ID)+`]}`, "Cookie", ann, "If-Match", tag())

		// One decides, another agrees; nobody agrees with themselves.
		code := ""
		for _, r := range casework.Reasons() {
			if r.Kind == "pull" && !r.PolicyOnly && !r.Evidence {
				code = r.Code
				break
			}
		}
		x.must(422, "POST", id+"/decisions", "", `{"kind": "pull", "reason_code": "nope", "reason": "x"}`, "Cookie", ann, "If-Match", tag())
		var d api.DecidedAnswer
		x.must(201, "POST", id+"/decisions", "", `{"kind": "pull", "reason_code": "`+code+`", "reason": "The rule forbids it.", "scope": "brand"}`, "Cookie", bob, "If-Match", tag(), "Idempotency-Key", "d1").json(t, &d)
		if d.Decision.State != "proposed" || d.Case.State != "proposed" {
			t.Fatalf("%+v", d)
		}
		agree := fmt.Sprintf("%s/decisions/%d/agree", id, d.Decision.ID)
		x.must(403, "POST", agree, "", "", "Cookie", ann, "If-Match", tag())
		if p := x.must(403, "POST", agree, "", "", "Cookie", bob, "If-Match", tag()); p.problem() != "forbidden" {
			t.Error(p.text)
		}
		x.must(200, "POST", agree, "", "", "Cookie", admin, "If-Match", tag()).json(t, &d)
		if d.Decision.State != "effective" || d.Case.State != "pulled" {
			t.Fatalf("%+v", d)
		}
		select {
		case event := <-told:
			if !strings.Contains(event, "decision-") {
				t.Errorf("event %s", event)
			}
		case <-time.After(30 * time.Second):
			t.Error("nobody was told of the decision")
		}

		sheet := x.must(200, "GET", "/v1/pulls?format=csv", "", "", "Cookie", ann)
		if !strings.Contains(sheet.text, "A1") || !strings.Contains(sheet.text, "Hamburg") || strings.Contains(sheet.text, "B1") || !strings.HasPrefix(sheet.Header.Get("Content-Type"), "text/csv") {
			t.Error(sheet.text)
		}
		x.clock.turn(time.Hour)
		ann = cookieOf(x.must(200, "POST", "/v1/session", "", `{"login": "ann@example.com", "password": "`+password+`"}`))
		x.upload(ann, "1", shelf)
		if s := x.must(200, "GET", "/v1/pulls?state=back", "", "", "Cookie", ann); !strings.Contains(s.text, `"back"`) {
			t.Errorf("back on the shelf: %s", s.text)
		}
		ann = cookieOf(x.must(200, "POST", "/v1/session", "", `{"login": "ann@example.com", "password": "`+password+`"}`))
		x.upload(ann, "1", "sku,title,brand,gtin,store\nB1,Garden hose 20 m,Gardena,,Berlin\n")
		ann = cookieOf(x.must(200, "POST", "/v1/session", "", `{"login": "ann@example.com", "password": "`+password+`"}`))
		bob = cookieOf(x.must(200, "POST", "/v1/session", "", `{"login": "bob@example.com", "password": "`+password+`"}`))
		if s := x.must(200, "GET", "/v1/pulls?state=gone", "", "", "Cookie", ann); !strings.Contains(s.text, `"gone"`) {
			t.Errorf("seen gone: %s", s.text)
		}
		page := x.must(200, "GET", id+"/dossier", "", "", "Cookie", ann, "Accept", "text/html,*/*;q=0.8")
		for _, want := range []string{"ann@example.com", "BOB@EXAMPLE.COM", "Looks right.", "Acme Trading"} {
			if !strings.Contains(page.text, want) {
				t.Errorf("the dossier says nothing of %s", want)
			}
		}
		x.must(406, "GET", id+"/dossier", "", "", "Cookie", ann, "Accept", "image/png")
		x.must(200, "GET", "/v1/register?from=2026-11-01&until=2026-12-31&format=json", "", "", "Cookie", bob)
		x.must(403, "GET", "/v1/register?from=2026-11-01&until=2026-12-31", "", "", "Cookie", ann)

		// The ledger has that the dossier was read, and proves it.
		var leaves struct{ Leaves []api.LeafAnswer }
		x.must(200, "GET", fmt.Sprintf("/v1/ledger/leaves?case=%d&limit=500", cases.Cases[0].ID), "", "", "Cookie", bob).json(t, &leaves)
		last := leaves.Leaves[len(leaves.Leaves)-1]
		if last.Kind != "dossier.read" {
			t.Errorf("%+v", last)
		}
		var inc api.InclusionAnswer
		x.must(200, "GET", fmt.Sprintf("/v1/ledger/leaves/%d", last.N), "", "", "Cookie", bob).json(t, &inc)
		var head api.HeadAnswer
		x.must(200, "GET", "/v1/ledger", "", "", "Cookie", bob).json(t, &head)
		checker, err := ledger.ParseChecker(head.Key)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := checker.Open(inc.Checkpoint)
		if err != nil {
			t.Fatal(err)
		}
		var proof tlog.RecordProof
		for _, p := range inc.Proof {
			b, _ := hex.DecodeString(p)
			proof = append(proof, tlog.Hash(b))
		}
		h, _ := hex.DecodeString(inc.Leaf.Hash)
		if err := tlog.CheckRecord(proof, signed.Size, signed.Root, last.N, tlog.Hash(h)); err != nil {
			t.Error(err)
		}
		verify(t, x.store)
	}, func(c *api.Config) { c.Guard = local })
}
