package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/offshelf/offshelf"
)

// TestHostile: what is made to take long is refused, or is quick all the same.
func TestHostile(t *testing.T) {
	fill := func(unit, end string) string {
		return strings.Repeat(unit, (maxExpression-len(end))/len(unit)) + end
	}
	for name, when := range map[string]string{
		"and":            fill("true && ", "true"),
		"or of fields":   fill(`finding.brand == "a" || `, "true"),
		"ternary":        fill("true ? ", "true"),
		"ternaries":      fill("true ? true : ", "true"),
		"not":            fill("!", "true"),
		"minus":          fill("-", "1 > 0"),
		"brackets":       fill("(", "true"),
		"closed":         strings.Repeat("(", 1900) + "true" + strings.Repeat(")", 1900),
		"lists":          fill("[", "]"),
		"maps":           fill("{1: ", "}"),
		"index":          "chains" + fill("[0]", " == 1"),
		"select":         "finding" + fill(".a", " == 1"),
		"calls":          fill("size(", "true"),
		"noise":          fill("$ ", ""),
		"quotes":         fill(`"`, ""),
		"no end":         `"` + fill("x", ""),
		"sum of text":    fill(`"aaaaaaaaaa" + `, `"a" == ""`),
		"unknown names":  fill("a && ", "a"),
		"unknown fields": fill("finding.a && ", "true"),
		"wide chars":     fill("ä", ""),
		"dots":           fill(". ", ""),
		"all in all":     fill("chains.all(c, ", "true") + strings.Repeat(")", 3),
		"doubling":       "chains" + fill(`.map(c, [c, c])`, ".size() > 0"),
		"maps of maps":   `chains.map(a, chains.map(b, chains.map(c, chains.map(d, chains.map(e, chains.map(f, chains.map(g, 1))))))).size() > 1`,
		"regex":          `product.title.matches("` + strings.Repeat("(a|b)*", 80) + `c")`,
		"regex nested":   `product.title.matches("` + strings.Repeat("(", 40) + "a" + strings.Repeat("{1,9})", 40) + `")`,
	} {
		start := time.Now()
		p, bad := Compile(&offshelf.Policy{Rules: []offshelf.PolicyRule{{When: when, Action: offshelf.Pull}}, Otherwise: offshelf.Note}, nil)
		compiled := time.Since(start)
		if p != nil {
			start = time.Now()
			p.Decide(camera(t))
		}
		decided := time.Since(start)
		text := "accepted"
		if bad != nil {
			text = fmt.Sprintf("%d:%d %.80s", bad[0].Line, bad[0].Column, bad[0].Text)
		}
		t.Logf("%-14s compiled in %-12v decided in %-12v %s", name, compiled.Round(time.Microsecond), decided.Round(time.Microsecond), text)
		if compiled > 2*time.Second || p != nil && decided > 100*time.Millisecond {
			t.Errorf("%s: compiled in %v, decided in %v", name, compiled, decided)
		}
	}
}

// TestLongRow: with fields of a megabyte an expression that passed the estimate
// is stopped, and the finding calls for review.
func TestLongRow(t *testing.T) {
	p, bad := Compile(&offshelf.Policy{Rules: []offshelf.PolicyRule{{When: `product.title.contains(product.brand) || product.description.lower().matches("(x|y)*z$")`, Action: offshelf.Pull}}, Otherwise: offshelf.Note}, nil)
	if bad != nil {
		t.Fatal(bad)
	}
	in := camera(t)
	in.Finding.Product.Description = strings.Repeat("xy", 1<<19) + "lorex"
	in.Finding.Product.Title, in.Finding.Product.Brand = strings.Repeat("a", 1<<19), strings.Repeat("a", 1<<18)+"b"
	start := time.Now()
	d := p.Decide(in)
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
	if len(d.Failed) == 0 || d.Action != offshelf.Review || !strings.Contains(d.Why, "takes too long") {
		t.Errorf("%+v", d)
	}
}

// TestManyExpressions: a policy with too many is refused before they are
// compiled.
func TestManyExpressions(t *testing.T) {
	rules := make([]offshelf.PolicyRule, 50_000)
	for i := range rules {
		rules[i] = offshelf.PolicyRule{When: fmt.Sprintf("finding.days > %d", i), Action: offshelf.Note}
	}
	start := time.Now()
	_, bad := Compile(&offshelf.Policy{Rules: rules, Otherwise: offshelf.Note}, nil)
	if len(bad) != 1 || bad[0].Rule != maxWhen+1 || !strings.Contains(bad[0].Text, "more than 500 rules have a when") {
		t.Errorf("%+v", bad)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}
