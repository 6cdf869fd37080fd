package knowledge_test

import (
	"os"
	"strings"
	"testing"

	"github.com/offshelf/offshelf/knowledge"
)

// TestHowTo: the policies and tests that docs/how-to.md shows are right.
func TestHowTo(t *testing.T) {
	data, err := os.ReadFile("../docs/how-to.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(data), "## … write my own policy")
	text, _, _ = strings.Cut(text, "\n## ")
	policies, tests, house := 0, 0, ""
	for i, block := range strings.Split(text, "```") {
		body, ok := strings.CutPrefix(block, "yaml\n")
		if i%2 == 0 || !ok {
			continue
		}
		if strings.HasPrefix(body, "tests:") {
			if _, err := knowledge.ParsePolicyTests("how-to", []byte(body)); err != nil {
				t.Error(err)
			}
			tests++
			continue
		}
		if whole, _, ok := strings.Cut(body, "rules:"); ok && whole != "" {
			house = whole
		} else {
			body = house + body + "otherwise: note\n"
		}
		p, err := knowledge.ParsePolicy("how-to", []byte(body))
		if err != nil {
			t.Errorf("%v in\n%s", err, body)
			continue
		}
		for _, err := range append(knowledge.CheckPolicy(p, embedded(t)), knowledge.ReviewPolicy(&p, embedded(t))...) {
			t.Errorf("%v in\n%s", err, body)
		}
		policies++
	}
	if policies != 2 || tests != 1 {
		t.Errorf("%d policies and %d files of tests in the text", policies, tests)
	}
}
