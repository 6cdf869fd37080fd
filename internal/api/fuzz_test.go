package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	gojson "github.com/go-json-experiment/json"
)

// What a client sends beside its body: nothing of it may panic, and what is
// taken has the form that is promised.
func FuzzHeaders(f *testing.F) {
	for _, s := range []string{`"3"`, `W/"3"`, "*", `"-1"`, "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:", "sha-256=x, sha-512=:y:", `..\..\a.csv`, "a\x00b\u202e.csv", "text/html;q=0.5, */*", "osk_x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := seen(s); err == nil && (n < 1 || !strings.HasPrefix(s, `"`)) {
			t.Errorf("seen(%q) = %d", s, n)
		}
		if sum, err := contentDigest(http.Header{"Content-Digest": {s}}); err == nil && sum != "" && len(sum) != 64 {
			t.Errorf("contentDigest(%q) = %q", s, sum)
		}
		if name := fileName(s); name == "" || name != filepath.Base(name) || strings.ContainsAny(name, "/\\\x00\r\n") || !utf8.ValidString(name) {
			t.Errorf("fileName(%q) = %q", s, name)
		}
		r := &http.Request{Header: http.Header{"Accept": {s}, "X-Request-Id": {s}}, URL: httptest.NewRequest("GET", "/", nil).URL}
		if form, err := formOf(r, []string{"html", "json"}); err == nil && form != "html" && form != "json" {
			t.Errorf("formOf(%q) = %q", s, form)
		}
		if id := newRequestID(r); id == "" || strings.ContainsAny(id, " \r\n\"<") {
			t.Errorf("newRequestID(%q) = %q", s, id)
		}
		if len([]rune(clip(s))) > 81 {
			t.Errorf("clip(%q)", s)
		}
	})
}

func FuzzScreenBody(f *testing.F) {
	for _, s := range []string{`{"product":{"id":"a"}}`, `{"products":[{"id":"a","title":"b"},{}],"policy":"x","as_of":"2021-10-25"}`, `{"products":null}`, `{"products":7}`, `{"products":[7]}`, `{"products":[{}`, `[]`, "\xff", `{"a":{"b":{"c":[[[[`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var x screenBody
		err := gojson.Unmarshal(data, &x, gojson.RejectUnknownMembers(true))
		if err != nil {
			if jsonError(err).Error() == "" {
				t.Error("an error that says nothing")
			}
			return
		}
		if len(x.Products) > maxProducts {
			t.Errorf("%d products", len(x.Products))
		}
		var y ScreenRequest
		if err := gojson.Unmarshal(data, &y, gojson.RejectUnknownMembers(true)); err != nil || len(y.Products) != len(x.Products) || y.Policy != x.Policy {
			t.Errorf("the description reads it otherwise: %v", err)
		}
	})
}

func FuzzReconcileQueries(f *testing.F) {
	for _, s := range []string{`{"q0":{"query":"Dahua"}}`, `{"q0":{"query":"Dahua","type":["company"]}}`, `{"q0":{"query":"a","type":7}}`, `{"queries":{"q0":{"query":"a"}}}`, `[]`, "queries=%7B%7D"} {
		f.Add(s, "application/json")
		f.Add(s, "application/x-www-form-urlencoded")
	}
	f.Fuzz(func(t *testing.T, body, contentType string) {
		r := httptest.NewRequest("POST", "/v1/reconcile", strings.NewReader(body))
		r.Header = http.Header{"Content-Type": {contentType}}
		text, err := queriesOf(httptest.NewRecorder(), r)
		if err != nil {
			return
		}
		var queries map[string]ReconcileQuery
		if gojson.Unmarshal([]byte(text), &queries) != nil {
			return
		}
		for _, q := range queries {
			kinds, err := kindsOf(q.Type)
			if err == nil && len(kinds) == 0 {
				t.Errorf("no kind of %v", q.Type)
			}
		}
	})
}

// What is appended by hand is JSON, whatever the text.
func FuzzAppendText(f *testing.F) {
	for _, s := range []string{"", "plain", `a"b\c`, "\x00\x1f\x7f", "\u2028", "é電", "\xff\xfe", "<script>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendText(nil, s), &back); err != nil || back != strings.ToValidUTF8(s, "\uFFFD") && utf8.ValidString(s) {
			t.Errorf("%q becomes %q: %v", s, back, err)
		}
	})
}
