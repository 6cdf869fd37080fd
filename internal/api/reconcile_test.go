package api_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/offshelf/offshelf/internal/api"
)

func TestReconcile(t *testing.T) {
	x := sqlite(t)
	w := x.workspace("acme")
	owner := x.member(w, "ann", 1)
	key, wide := x.key(w, owner, "read"), x.key(w, owner, "read screen")

	var m api.ReconcileManifest
	a := x.must(200, "GET", "/v1/reconcile/"+key, "", "")
	a.json(t, &m)
	if len(m.Versions) != 2 || m.Suggest.Entity.URL != x.url+"/v1/reconcile/"+key || a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("%+v %v", m, a.Header)
	}
	queries := `{"q0": {"query": "Zhejiang Dahua Technology", "type": "company"}, "q1": {"query": "Xyzzy Garden Hoses", "limit": 3}, "q2": {"query": "hikvision digital technology", "type": ["company", "vessel"], "type_strict": "any", "properties": [{"pid": "country", "v": "CN"}]}}`
	form := url.Values{"queries": {queries}}.Encode()
	for name, a := range map[string]*answer{
		"GET":  x.must(200, "GET", "/v1/reconcile/"+key+"?"+form, "", ""),
		"form": x.must(200, "POST", "/v1/reconcile/"+key, "", form, "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://openrefine.example", "Sec-Fetch-Site", "cross-site"),
		"JSON": x.must(200, "POST", "/v1/reconcile", key, `{"queries": `+queries+`}`),
		"bare": x.must(200, "POST", "/v1/reconcile", key, queries),
	} {
		var out map[string]api.ReconcileResult
		a.json(t, &out)
		if len(out) != 3 || len(out["q0"].Result) == 0 || len(out["q1"].Result) != 0 || len(out["q2"].Result) == 0 {
			t.Fatalf("%s: %s", name, a.text)
		}
		best := out["q0"].Result[0]
		if !strings.Contains(best.Name, "Dahua") || best.Score < 80 || best.Score > 100 || best.Type[0].ID != "company" {
			t.Errorf("%s: %+v", name, best)
		}
		for q, r := range out {
			matches := 0
			for i, c := range r.Result {
				if c.Match {
					matches++
					if c.Score < 92 || i != 0 || len(r.Result) > 1 && c.Score-r.Result[1].Score < 5 {
						t.Errorf("%s, %s: %+v is called a match before %+v", name, q, c, r.Result)
					}
				}
			}
			if matches > 1 {
				t.Errorf("%s, %s: %d matches", name, q, matches)
			}
		}
		// The view of the entity is there.
		if name == "JSON" {
			x.must(200, "GET", "/v1/who?id="+url.QueryEscape(best.ID), key, "")
		}
	}
	var s api.ReconcileSuggestions
	x.must(200, "GET", "/v1/reconcile/"+key+"/suggest/entity?prefix=Hangzhou+Hikvision", "", "").json(t, &s)
	if len(s.Result) == 0 || len(s.Result[0].Notable) != 1 {
		t.Errorf("%+v", s)
	}
	x.must(200, "GET", "/v1/reconcile/"+key+"/suggest/type?prefix=co", "", "").json(t, &s)
	if len(s.Result) != 1 || s.Result[0].ID != "company" {
		t.Errorf("%+v", s)
	}
	x.must(200, "GET", "/v1/reconcile/"+key+"/suggest/property?prefix=co", "", "").json(t, &s)
	if len(s.Result) != 0 {
		t.Errorf("%+v", s)
	}
	// JSONP.
	a = x.must(200, "GET", "/v1/reconcile/"+key+"/suggest/type?prefix=co&callback=jQuery1.cb_2", "", "")
	if !strings.HasPrefix(a.text, "/**/jQuery1.cb_2({") || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/javascript") {
		t.Error(a.text)
	}
	inner := strings.TrimSuffix(strings.TrimPrefix(a.text, "/**/jQuery1.cb_2("), ");")
	if !json.Valid([]byte(inner)) {
		t.Error(inner)
	}
	x.must(204, "OPTIONS", "/v1/reconcile", "", "", "Origin", "https://openrefine.example", "Access-Control-Request-Method", "POST")

	for _, c := range []struct {
		method, path, body, header string
		status                     int
	}{
		{"GET", "/v1/reconcile/" + key + "?callback=alert(1)//", "", "", 400},
		{"GET", "/v1/reconcile/" + key + "?queries=%7B", "", "", 400},
		{"GET", "/v1/reconcile/" + key + "?queries=%7B%22q%22%3A%7B%22query%22%3A%22a%22%2C%22type%22%3A%22rocket%22%7D%7D", "", "", 400},
		{"GET", "/v1/reconcile/" + key + "/suggest/entity?cursor=-1", "", "", 400},
		{"GET", "/v1/reconcile/" + wide, "", "", 403},
		{"GET", "/v1/reconcile/osk_x", "", "", 401},
		{"POST", "/v1/reconcile/" + key, "x", "text/csv", 415},
		{"POST", "/v1/reconcile/" + key, strings.Repeat("a", 300<<10), "application/json", 413},
	} {
		header := []string{}
		if c.header != "" {
			header = []string{"Content-Type", c.header}
		}
		if a := x.do(c.method, c.path, "", c.body, header...); a.StatusCode != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.StatusCode, a.text)
		}
	}
	if strings.Contains(x.log.String(), key) {
		t.Error("the key of an address is in the log")
	}
	// A session does not count: other sites' pages may ask here.
	many := map[string]any{}
	for i := range 51 {
		many[strings.Repeat("q", i+1)] = map[string]any{"query": "a"}
	}
	text, _ := json.Marshal(many)
	x.must(400, "POST", "/v1/reconcile", key, string(text))
}
