package knowledge_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/offshelf/offshelf/knowledge"
)

// FuzzParse holds that no YAML makes the reader panic or hang, that what is
// refused says where and why, and that what is accepted compiles.
func FuzzParse(f *testing.F) {
	f.Add([]byte("parties:\n  - id: a\n    name: A\n    grade: claim\n"))
	f.Add([]byte("title: Ours\nrules:\n  - basis: law\n    action: pull\notherwise: note\n"))
	f.Add([]byte("tells:\n  - kind: model\n    pattern: ^(a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		k, problems := knowledge.Parse(fstest.MapFS{"facts.yaml": {Data: data}})
		if (k == nil) != (len(problems) > 0) {
			t.Errorf("knowledge %v with %d problems", k != nil, len(problems))
		}
		for _, p := range problems {
			if p.Text == "" || knowledge.Rules[p.Rule] == "" {
				t.Errorf("problem %q of rule %q", p.Text, p.Rule)
			}
		}
		if k != nil {
			if _, err := knowledge.Compile(k); err != nil {
				t.Error(err)
			}
		}
		if _, err := knowledge.ParsePolicy("policy.yaml", data); err != nil && !strings.HasPrefix(err.Error(), "policy.yaml:") {
			t.Errorf("a broken policy does not name its file: %v", err)
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%d bytes took %v", len(data), d)
		}
	})
}

// TestHostile feeds what a fuzzer is too small for.
func TestHostile(t *testing.T) {
	const n = 100_000
	for name, x := range map[string]struct{ text, want string }{
		"flow lists":     {"goods: " + strings.Repeat("[", n), "nested more than 64 deep"},
		"closed lists":   {"goods: " + strings.Repeat("[", n) + strings.Repeat("]", n), "nested more than 64 deep"},
		"flow mappings":  {"goods: " + strings.Repeat("{a: ", n), "nested more than 64 deep"},
		"block lists":    {"goods:\n  " + strings.Repeat("- ", n), "nested more than 64 deep"},
		"complex keys":   {strings.Repeat("? ", n), "nested more than 64 deep"},
		"tags":           {"version: " + strings.Repeat("!!a ", n), "tags are not used"},
		"keys":           {"language:\n" + keys(n), "more than 1000 fields in one mapping"},
		"laughs":         {laughs(), "anchors and aliases are not used"},
		"merge":          {"language:\n  <<: {a: b}\n", "anchors and aliases are not used"},
		"large file":     {strings.Repeat("# comment\n", n*2), "split it by subject"},
		"scalar":         {"version: " + strings.Repeat("x", 1_000_000), "version"},
		"quoted scalar":  {"version: \"" + strings.Repeat(`\u0041`, n), "could not find end character"},
		"literal scalar": {"version: |\n" + strings.Repeat("  x\n", n), "version"},
		"NUL":            {"version: a\n\n\x00", "facts.yaml:3: a NUL byte"},
		"UTF-16":         {"\xff\xfev\x00e\x00", "NUL"},
		"Latin-1":        {"version: caf\xe9", "facts.yaml:1: byte 0xe9 is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			k, problems := knowledge.Parse(fstest.MapFS{"facts.yaml": {Data: []byte(x.text)}})
			if k != nil || len(problems) == 0 || !strings.Contains(problems[0].String(), x.want) {
				t.Errorf("%d problems, first %.200v, want %q", len(problems), problems, x.want)
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  k%d: 1\n", i)
	}
	return b.String()[:1<<20-100]
}

// laughs is a billion of them.
func laughs() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [lol, lol]\n")
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
	}
	return b.String()
}
