package api_test

import (
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/offshelf/offshelf/internal/api"
	"github.com/offshelf/offshelf/internal/notify"
)

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// The examples of docs/api.md run as they stand, against a running service.
func TestDocs(t *testing.T) {
	doc, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"curl", "jq", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: the examples are not run", program)
		}
	}
	x := sqlite(t, func(c *api.Config) { c.Guard = notify.Guard{Allow: []netip.Prefix{}} })
	x.work()
	x.admin()
	script := "set -euo pipefail\n"
	blocks := shellBlock.FindAllStringSubmatch(string(doc), -1)
	if len(blocks) < 8 {
		t.Fatalf("only %d examples", len(blocks))
	}
	for _, b := range blocks {
		script += b[1]
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "URL="+x.url)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
	page, err := os.ReadFile(cmd.Dir + "/dossier.html")
	if err != nil || !strings.Contains(string(page), "Two makers, by model.") {
		t.Errorf("the dossier: %v", err)
	}
}

// Each kind of problem is explained, and no other.
func TestProblemsAreExplained(t *testing.T) {
	doc, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(doc), "\n## Problems\n")
	explained := map[string]bool{}
	for _, line := range strings.Split(section, "\n") {
		if name, ok := strings.CutPrefix(line, "### "); ok {
			explained[name] = true
		}
	}
	for _, name := range api.ProblemNames() {
		if !explained[name] {
			t.Errorf("docs/api.md does not explain %s", name)
		}
		delete(explained, name)
	}
	for name := range explained {
		t.Errorf("docs/api.md explains %s, which there is not", name)
	}
}
