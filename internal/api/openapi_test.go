package api_test

import (
	"bytes"
	"encoding/json"
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
		text := []byte(a.text)
		if strings.HasSuffix(file, ".json") {
			text = forClient(t, text)
		}
		golden(t, file, text)
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

// forClient makes one of all the problems of an operation, so that the client
// that is generated from it is a quarter as long.
func forClient(t *testing.T, text []byte) []byte {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, item := range doc["paths"].(map[string]any) {
		for _, op := range item.(map[string]any) {
			answers, ok := op.(map[string]any)["responses"].(map[string]any)
			if !ok {
				continue
			}
			for code, a := range answers {
				if code >= "400" && code < "600" {
					delete(answers, code)
					a.(map[string]any)["description"] = "A problem"
					answers["default"] = a
				}
			}
		}
	}
	out, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
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
