package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/xuri/excelize/v2"
)

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

func firstDifference(a, b string) string {
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return fmt.Sprintf("line %d:\n- %s\n+ %s", i+1, left[i], right[i])
		}
	}
	return fmt.Sprintf("%d lines and %d", len(left), len(right))
}
