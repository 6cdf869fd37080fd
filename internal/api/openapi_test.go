package api_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write api/openapi.yaml, client/openapi-3.0.json and testdata/access.txt")

// The description that is checked in is the one that is served.
func TestOpenAPI(t *testing.T) {
	x := sqlite(t)
	for path, file := range map[string]string{"/openapi.yaml": "../../api/openapi.yaml", "/openapi-3.0.json": "../../client/openapi-3.0.json"} {
		a := x.must(200, "GET", path, "", "")
		golden(t, file, []byte(a.text))
	}
	seen := map[string]bool{}
	for path, item := range x.server.OpenAPI().Paths {
		for _, op := range operations(item) {
			switch {
			case op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1:
				t.Errorf("%s %s is not described", op.Method, path)
			case seen[op.OperationID]:
				t.Errorf("two operations are %s", op.OperationID)
			case strings.Contains(path, "{") && op.Responses["404"] == nil && !strings.Contains(path, "{key}"):
				t.Errorf("%s %s does not say 404", op.Method, path)
			}
			seen[op.OperationID] = true
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d operations", len(seen))
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is served: go test ./internal/api -update, and go generate ./client", file)
	}
}
