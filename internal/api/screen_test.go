package api_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	gojson "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/api"
	"github.com/offshelf/offshelf/screen"
)

const lorex = `{"product": {"id": "sku-1", "title": "Lorex 4K NVR 8-channel", "brand": "Lorex"}, "as_of": "2021-10-25", "policy": "2021-lowes"}`

func TestScreenOne(t *testing.T) {
	x := sqlite(t)
	key := x.analyst()
	a := x.must(200, "POST", "/v1/screen", key, lorex)
	var out api.ScreenAnswer
	a.json(t, &out)
	if out.AsOf != "2021-10-25" || out.Policy != "2021-lowes" || len(out.Products) != 1 || out.WithFindings != 1 || out.Products[0].Evidence != "found" || len(out.Products[0].Findings) != out.Findings || out.Findings == 0 {
		t.Errorf("%s", a.text)
	}
	if strings.Contains(strings.ToLower(out.Statement), "clean") || out.Statement == "" {
		t.Errorf("statement: %s", out.Statement)
	}
	if out.Snapshot != facts(t).Snapshot.Sum() {
		t.Errorf("snapshot %s", out.Snapshot)
	}
	a = x.must(200, "POST", "/v1/screen", key, `{"products": [{"id": "a", "title": "Garden hose 20 m"}]}`)
	a.json(t, &out)
	if out.Products[0].Evidence != "none found" || out.AsOf != "2026-11-24" {
		t.Errorf("%s", a.text)
	}
}

// What is appended by hand is what the description says: the same bytes that
// the structs give.
func TestScreenAnswerIsAsDescribed(t *testing.T) {
	x := sqlite(t)
	key := x.analyst()
	products := sample(t, 400)
	body, err := json.Marshal(map[string]any{"products": products})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time from the caches
		a := x.must(200, "POST", "/v1/screen", key, string(body))
		var out api.ScreenAnswer
		if err := gojson.Unmarshal([]byte(a.text), &out, gojson.RejectUnknownMembers(true)); err != nil {
			t.Fatal(err)
		}
		if out.Findings < 50 {
			t.Fatalf("%d findings compare little", out.Findings)
		}
		again, err := gojson.Marshal(out, gojson.Deterministic(true), gojson.OmitZeroStructFields(false))
		if err != nil {
			t.Fatal(err)
		}
		sent, from := generic(t, []byte(a.text)).(map[string]any), generic(t, again).(map[string]any)
		for i, p := range sent["products"].([]any) {
			if q := from["products"].([]any)[i]; !reflect.DeepEqual(p, q) {
				t.Fatal(cmp.Diff(p, q))
			}
		}
		if !reflect.DeepEqual(sent, from) {
			t.Fatal("the head differs")
		}
		// And what was found is what the screener finds.
		policy, _ := facts(t).Snapshot.Policy("default")
		day, _ := offshelf.ParseDay("2026-11-24")
		sc, err := screen.New(facts(t).Snapshot, policy, screen.AsOf(day))
		if err != nil {
			t.Fatal(err)
		}
		want, err := sc.ScreenBatch(t.Context(), products)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			for j, f := range want[i] {
				f.Product, f.Snapshot = offshelf.Product{}, ""
				whole, err := gojson.Marshal(f, gojson.Deterministic(true))
				if err != nil {
					t.Fatal(err)
				}
				w := generic(t, whole).(map[string]any)
				delete(w, "product")
				delete(w, "snapshot")
				got, _ := gojson.Marshal(out.Products[i].Findings[j], gojson.Deterministic(true))
				if g := generic(t, got); !reflect.DeepEqual(w, g) {
					t.Fatalf("product %d, finding %d: %s", i, j, cmp.Diff(w, g))
				}
			}
		}
	}
}

// generic drops what is empty, which the two ways may write or leave out.
func generic(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := gojson.Unmarshal(data, &v, jsontext.AllowInvalidUTF8(true)); err != nil {
		t.Fatal(err)
	}
	var tidy func(any) any
	tidy = func(v any) any {
		if m, ok := v.(map[string]any); ok {
			for k, x := range m {
				if m[k] = tidy(x); k == "days" && x == 0.0 {
					delete(m, k)
				} else if reflect.ValueOf(m[k]).Kind() == reflect.Slice && reflect.ValueOf(m[k]).Len() == 0 {
					delete(m, k)
				}
			}
		}
		if l, ok := v.([]any); ok {
			for i := range l {
				l[i] = tidy(l[i])
			}
		}
		return v
	}
	return tidy(v)
}

// sample makes products of all brands of the knowledge, and of others.
func sample(tb testing.TB, n int) []offshelf.Product {
	tb.Helper()
	profiles := []string{"Lorex", "EZVIZ", "Hikvision", "DJI", "Kaspersky", "Huawei", "ZTE", "Anker", "TP-Link", "Haier", "Hisense", "Bosch", "Makita", "Philips", "Gardena", "Kärcher"}
	kinds := []string{"security camera 4K", "garden hose 20 m", "drone with \"camera\"", "antivirus, 1 year\\", "wall mount for Lorex", "<b>router</b> AX3000", "电视 55", "bicycle 28\x7f"}
	out := make([]offshelf.Product, n)
	for i := range out {
		b := profiles[i%len(profiles)]
		out[i] = offshelf.Product{File: "", Row: i + 1, ID: fmt.Sprintf("sku-%d", i), Title: b + " " + kinds[i/len(profiles)%len(kinds)], Brand: b, Price: "19.99", GTIN: fmt.Sprintf("%013d", i)}
	}
	return out
}

func TestScreenBadInput(t *testing.T) {
	x := sqlite(t)
	key := x.analyst()
	many := strings.Repeat(`{"id":"a","title":"b"},`, 1001)
	for name, c := range map[string]struct {
		body, header string
		status       int
		problem      string
		says         string
	}{
		"no body":           {"", "", 400, "bad-request", "ends too early"},
		"no JSON":           {"id,title", "", 400, "bad-request", "no JSON"},
		"cut":               {`{"products": [{"id": "a"`, "", 400, "bad-request", "ends too early"},
		"an array":          {`[{"id": "a"}]`, "", 400, "bad-request", "array"},
		"unknown field":     {`{"products": [{"id": "a", "colour": "red"}]}`, "", 400, "bad-request", "colour"},
		"twice":             {`{"products": [{"id": "a", "id": "b"}]}`, "", 400, "bad-request", "duplicate"},
		"a number":          {`{"products": [{"id": 7}]}`, "", 400, "bad-request", "/products/0/id"},
		"no products":       {`{"products": []}`, "", 422, "invalid", "no product"},
		"empty product":     {`{"products": [{}]}`, "", 422, "invalid", "Product 1"},
		"too many products": {`{"products": [` + many[:len(many)-1] + `]}`, "", 422, "invalid", "Over 1000"},
		"a flood":           {`{"products": [` + strings.Repeat("{},", 2_000_000) + `{}]}`, "", 422, "invalid", "Over 1000"},
		"both":              {`{"product": {"id":"a"}, "products": [{"id":"b"}]}`, "", 422, "invalid", "not both"},
		"too large":         {`{"products": [{"id": "` + strings.Repeat("a", 9<<20) + `"}]}`, "", 413, "too-large", "bytes"},
		"no such policy":    {`{"product": {"id":"a"}, "policy": "nope"}`, "", 422, "invalid", "2021-lowes"},
		"no such day":       {`{"product": {"id":"a"}, "as_of": "2021-02-30"}`, "", 422, "invalid", "2021-02-30"},
		"a form":            {`products=1`, "application/x-www-form-urlencoded", 415, "media-type", "application/json"},
		"another encoding":  {`{}`, "application/json; charset=utf-16", 415, "media-type", "UTF-8"},
		"no text":           {"{\"product\": {\"id\": \"\xff\"}}", "", 400, "bad-request", "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			header := []string{}
			if c.header != "" {
				header = []string{"Content-Type", c.header}
			}
			a := x.do("POST", "/v1/screen", key, c.body, header...)
			if a.StatusCode != c.status || a.problem() != c.problem || !strings.Contains(a.text, c.says) {
				t.Errorf("%d %s: %s", a.StatusCode, a.problem(), a.text)
			}
			if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
				t.Errorf("Content-Type %s", ct)
			}
		})
	}
}

// A request leaves nothing behind for the next one of the pool.
func TestScreenForgets(t *testing.T) {
	x := sqlite(t)
	key := x.analyst()
	x.must(200, "POST", "/v1/screen", key, `{"products": [{"id": "a", "title": "Lorex camera", "brand": "Lorex"}, {"id": "b", "brand": "EZVIZ", "title": "EZVIZ camera"}]}`)
	for range 20 {
		a := x.must(200, "POST", "/v1/screen", key, `{"products": [{"id": "c", "title": "hose"}, {"title": "rake"}]}`)
		var out api.ScreenAnswer
		a.json(t, &out)
		if out.Findings != 0 || out.Products[1].ID != "" {
			t.Fatal(a.text)
		}
	}
}
