package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/offshelf/offshelf/internal/api"
)

func TestMetrics(t *testing.T) {
	x := sqlite(t)
	key := x.analyst()
	x.must(200, "POST", "/v1/screen", key, lorex)
	x.must(404, "GET", "/a/path/of/a/stranger", "", "")
	a := x.must(200, "GET", "/metrics", "", "")
	for _, want := range []string{
		`offshelf_http_requests_total{method="POST",operation="screen",status="200"} 1`,
		`offshelf_http_requests_total{method="GET",operation="other",status="404"} 1`,
		"offshelf_screened_products_total 1",
		`offshelf_queue_length{kind="runs"} 0`,
		"offshelf_http_request_duration_seconds_bucket",
	} {
		if !strings.Contains(a.text, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(a.text, "stranger") {
		t.Error("a path makes a series")
	}
}

// Spans go to a real receiver of OTLP over HTTP; without an endpoint there are
// none.
func TestTraces(t *testing.T) {
	if wrap, _, err := api.Traces(t.Context(), func(string) string { return "" }, "test"); wrap != nil || err != nil {
		t.Fatalf("traces without an endpoint: %v", err)
	}
	got := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got <- r.URL.Path + " " + string(b)
	}))
	defer receiver.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.URL)
	wrap, stop, err := api.Traces(t.Context(), os.Getenv, "test")
	if err != nil {
		t.Fatal(err)
	}
	x := sqlite(t, func(c *api.Config) { c.Traces = wrap })
	x.must(200, "GET", "/v1/me", x.analyst(), "")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := stop(ctx); err != nil {
		t.Fatal(err)
	}
	select {
	case text := <-got:
		if !strings.HasPrefix(text, "/v1/traces ") || !strings.Contains(text, "/v1/me") || strings.Contains(text, "osk_") {
			t.Errorf("%q", text)
		}
	default:
		t.Error("no span came")
	}
}

func TestAccessLog(t *testing.T) {
	x := sqlite(t)
	key := x.analyst()
	x.must(200, "GET", "/v1/who?q=Lorex&as_of=2021-10-25", key, "", "X-Request-Id", "req-1")
	line := x.log.String()
	for _, want := range []string{"request_id=req-1", "path=/v1/who", "operation=who", "status=200", "who=key:1", "from=127.0.0.1"} {
		if !strings.Contains(line, want) {
			t.Errorf("no %s in %s", want, line)
		}
	}
	if strings.Contains(line, "Lorex") || strings.Contains(line, key) {
		t.Errorf("too much is logged: %s", line)
	}
}

func TestKnowledgeRoutes(t *testing.T) {
	x := sqlite(t)
	key := x.analyst()
	for path, wants := range map[string][]string{
		"/v1/who?q=lorex&as_of=2021-10-25": {`"lorex"`, "Dahua", `"as_of":"2021-10-25"`},
		"/v1/who?q=nobodyknowsthis":        {"No evidence found", "not proof"},
		"/v1/search?q=Hik+Vision+Digital":  {"Hikvision", `"reasons"`},
		"/v1/search?q=zzzzqqq":             {`"hits":[]`, "No evidence found"},
		"/v1/regimes?as_of=2026-11-24":     {"us-fcc-covered", "eu-asset-freeze"},
		"/v1/regimes/us-fcc-covered":       {`"periods"`, `"sources"`},
		"/v1/regimes?policy=2021-lowes":    {"2021-lowes"},
		"/v1/lists":                        {"us-bis-el", `"state":"none"`},
		"/readyz":                          {`"ready"`},
		"/v1/policies":                     {"2021-lowes", `"shipped":true`},
		"/v1/policies/default":             {`"shipped":true`},
	} {
		a := x.must(200, "GET", path, key, "")
		for _, want := range wants {
			if !strings.Contains(a.text, want) {
				t.Errorf("%s: no %s in %.300s", path, want, a.text)
			}
		}
		if strings.Contains(strings.ToLower(a.text), "is clean") {
			t.Errorf("%s calls something clean", path)
		}
	}
}

// Until the lists are loaded the service lives and is not ready.
func TestNotLoaded(t *testing.T) {
	x := sqlite(t, func(c *api.Config) { c.Knowledge = func() *api.Knowledge { return nil } })
	key := x.analyst()
	x.must(200, "GET", "/healthz", "", "")
	if a := x.must(503, "GET", "/readyz", "", ""); a.Header.Get("Retry-After") == "" {
		t.Error(a.text)
	}
	x.must(503, "POST", "/v1/screen", key, lorex)
}
