package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/offshelf/offshelf/internal/api"
)

func operations(item *huma.PathItem) []*huma.Operation {
	var out []*huma.Operation
	for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete} {
		if op != nil {
			out = append(out, op)
		}
	}
	return out
}

// open are the operations that anybody may call; no other may be.
var open = []string{"healthz", "readyz", "metrics", "signIn", "setup", "setupForm", "oidcLogin", "oidcCallback", "acceptInvitation",
	"reconcileByKey", "reconcileByKeyPost", "reconcileByKeySuggestEntity", "reconcileByKeySuggestType", "reconcileByKeySuggestProperty"} // these take the key from the address

// Each operation of the description is tried without a sign-in, with each
// role, by an admin of another workspace, and with a key that may little. What
// comes back is in testdata/access.txt: a new operation is not in it, and one
// that lets in more than before differs.
func TestEveryRoute(t *testing.T) {
	x := sqlite(t)
	x.work()
	const marker = "acme-marker"
	admin := x.admin()
	people := map[string]string{"admin": admin}
	for _, role := range []string{"viewer", "analyst", "approver"} {
		people[role] = x.join(admin, role+"@"+marker, role)
	}
	x.join(admin, "victim@"+marker, "viewer")
	x.must(201, "POST", "/v1/invitations", "", `{"login": "late@`+marker+`", "role": "viewer"}`, "Cookie", admin)
	x.must(201, "POST", "/v1/catalogs", "", `{"name": "`+marker+`"}`, "Cookie", admin)
	x.upload(admin, "1", strings.ReplaceAll(shelf, "4K NVR", marker))
	x.must(200, "PUT", "/v1/policies/"+marker, "", "id: "+marker+"\ntitle: "+marker+"\nrules: []\notherwise: note\n", "Cookie", admin, "Content-Type", "application/yaml")
	x.must(201, "POST", "/v1/webhooks", "", `{"url": "https://`+marker+`.example.com/in"}`, "Cookie", admin)
	x.must(202, "POST", "/v1/webhooks/1/test", "", "", "Cookie", admin)
	x.must(201, "POST", "/v1/keys", "", `{"name": "`+marker+`", "scopes": ["read"]}`, "Cookie", admin)
	var found struct{ Findings []api.FoundAnswer }
	x.must(200, "GET", "/v1/findings", "", "", "Cookie", admin).json(t, &found)
	finding := found.Findings[0]
	caseID := fmt.Sprint(finding.Case)
	tag := func() string {
		return x.must(200, "GET", "/v1/cases/"+caseID, "", "", "Cookie", admin).Header.Get("ETag")
	}
	x.must(201, "POST", "/v1/cases/"+caseID+"/attachments?name="+marker, "", marker, "Cookie", admin, "If-Match", tag())
	x.must(200, "POST", "/v1/cases/"+caseID+"/requests", "", `{"supplier": "`+marker+`"}`, "Cookie", admin, "If-Match", tag())
	x.must(201, "POST", "/v1/cases/"+caseID+"/decisions", "", `{"kind": "wait", "reason_code": "supplier-asked", "reason": "`+marker+`", "until": "2026-11-30"}`, "Cookie", admin, "If-Match", tag())

	// The admin of the first workspace makes another, invites eve there, and goes
	// back.
	x.must(201, "POST", "/v1/workspaces", "", `{"name": "other"}`, "Cookie", admin)
	x.must(200, "PUT", "/v1/session/workspace", "", `{"workspace": 2}`, "Cookie", admin)
	people["eve"] = x.join(admin, "eve@example.com", "admin")
	x.must(200, "PUT", "/v1/session/workspace", "", `{"workspace": 1}`, "Cookie", admin)
	var made api.KeyAnswer
	x.must(201, "POST", "/v1/keys", "", `{"name": "eve", "scopes": ["read", "screen", "upload", "handle", "decide", "manage", "audit"]}`, "Cookie", people["eve"]).json(t, &made)
	eve := made.Key
	reader := x.key(1, 1, "read")

	params := func(path string) string {
		values := map[string]string{"{id}": "1", "{name}": marker, "{login}": "late@" + marker, "{n}": "2", "{key}": "osk_x", "{filename}": "a.csv", "{decision}": "1", "{request}": "1", "{attachment}": "1"}
		switch {
		case strings.HasPrefix(path, "/v1/cases/"):
			values["{id}"] = caseID
		case strings.HasPrefix(path, "/v1/findings/"):
			values["{id}"] = fmt.Sprint(finding.ID)
		case strings.HasPrefix(path, "/v1/regimes/"):
			values["{id}"] = "us-fcc-covered"
		case strings.HasPrefix(path, "/v1/users/"):
			values["{id}"] = "5" // the victim
		}
		for name, v := range values {
			path = strings.ReplaceAll(path, name, v)
		}
		return path
	}
	type call struct{ id, method, path string }
	var calls []call
	for path, item := range x.server.OpenAPI().Paths {
		for _, op := range operations(item) {
			calls = append(calls, call{op.OperationID, op.Method, path})
		}
	}
	slices.SortFunc(calls, func(a, b call) int { // what takes away comes last
		last := func(c call) int {
			switch {
			case c.id == "signOut":
				return 2
			case c.method == http.MethodDelete:
				return 1
			}
			return 0
		}
		if d := last(a) - last(b); d != 0 {
			return d
		}
		return strings.Compare(a.path+" "+a.method, b.path+" "+b.method)
	})
	// Where a body without anything would be refused before it is known whose it
	// is, there is one that fits.
	bodies := map[string]string{
		"assign": `{"user": 0}`, "comment": `{"text": "x"}`, "askSupplier": `{"supplier": "x"}`, "answerSupplier": `{"answer": "x"}`, "refuse": `{"reason": "x"}`, "withdraw": `{"reason": "x"}`,
		"propose": `{"kind": "wait", "reason_code": "supplier-asked", "reason": "x", "until": "2026-11-30"}`, "createRun": `{"upload": 1}`, "setRole": `{"role": "viewer"}`,
		"disableUser": `{"disabled": false}`, "disableWebhook": `{"disabled": false}`, "switchWorkspace": `{"workspace": 1}`, "screen": `{"product": {"id": "a", "title": "hose"}}`,
	}
	var table strings.Builder
	for _, c := range calls {
		fmt.Fprintf(&table, "%-6s %-60s", c.method, c.path)
		for _, who := range []string{"nobody", "other-key", "eve", "reader", "viewer", "analyst", "approver", "admin"} {
			header := []string{"If-Match", `"999"`}
			key := ""
			switch who {
			case "nobody":
			case "other-key":
				key = eve
			case "reader":
				key = reader
			default:
				header = append(header, "Cookie", people[who])
			}
			path, other := params(c.path), who == "other-key" || who == "eve"
			body := bodies[c.id]
			if body == "" && c.method != http.MethodGet && c.method != http.MethodDelete && !slices.Contains([]string{"agree", "cancelRun", "rotateWebhook", "testWebhook", "replayDelivery"}, c.id) {
				body = "{}"
			}
			a := x.do(c.method, path, key, body, header...)
			fmt.Fprintf(&table, " %s=%d", who, a.StatusCode)
			is := slices.Contains(open, c.id)
			switch {
			case who == "nobody" && !is && a.StatusCode != 401:
				t.Errorf("%s %s lets in without a sign-in: %d", c.method, c.path, a.StatusCode)
			case other && strings.Contains(a.text, marker) && (a.StatusCode < 300 || !strings.Contains(path, marker)):
				t.Errorf("%s %s tells another workspace: %s", c.method, c.path, a.text)
			case other && c.id != "disableUser" && a.StatusCode == 422 && strings.Contains(c.path, "{") && c.id != "storePolicy":
				t.Errorf("%s %s does not come to whose it is: %s", c.method, c.path, a.text)
			case other && a.StatusCode < 300 && strings.Contains(c.path, "{") && c.path != "/v1/regimes/{id}":
				t.Errorf("%s %s lets another workspace in: %d", c.method, c.path, a.StatusCode)
			case a.StatusCode >= 500:
				t.Errorf("%s %s, %s: %d %s", c.method, c.path, who, a.StatusCode, a.text)
			case a.StatusCode >= 400 && a.problem() == "" && !strings.HasPrefix(c.path, "/setup"):
				t.Errorf("%s %s, %s: no problem document: %s", c.method, c.path, who, a.text)
			}
		}
		table.WriteString("\n")
	}
	golden(t, "testdata/access.txt", []byte(table.String()))
}
