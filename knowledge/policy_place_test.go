package knowledge_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

// TestPlaceInScalar: a problem in an expression is told where it stands in the
// file, in every way in which YAML writes text. The place is where "verdct"
// stands, whose field name CEL blames at the dot before it.
func TestPlaceInScalar(t *testing.T) {
	for name, scalar := range map[string]string{
		"plain":          `when: finding.verdct == "reached"`,
		"plain folded":   "when: finding.brand == \"Lorex\" &&\n      finding.verdct == \"reached\"",
		"next line":      "when:\n      finding.verdct == \"reached\"",
		"single":         `when: 'finding.brand == ''Lorex'' && finding.verdct == "reached"'`,
		"single folded":  "when: 'finding.brand == ''Lorex'' &&\n\n       finding.verdct == \"reached\"'",
		"double":         `when: "finding.brand == \"Lorex\" && finding.verdct == 'reached'"`,
		"double escapes": `when: "finding.brand == \"\u004corex\"\t&&\n finding.verdct == 'reached'"`,
		"backslashes":    `when: "product.title.matches(r'\\d \\\\ \" x') && finding.verdct == ''"`,
		"literal":        "when: |\n      finding.brand == \"Lörex\" &&\n        finding.verdct == \"reached\"",
		"folded":         "when: >-\n\n      finding.brand == \"Lorex\"\n\n      && finding.verdct == \"reached\"",
		"comment":        "when: | # why\n      // said so\n      finding.verdct == \"reached\"",
		"flow":           `{when: "size(product.id) > 0 && finding.verdct == ''"}`,
	} {
		for _, end := range []string{"\n", "\r\n"} {
			rule := scalar + "\n    action: pull"
			if flow, ok := strings.CutSuffix(scalar, "}"); ok {
				rule = flow + ", action: pull}"
			}
			text := "# Käse\ntitle: Ours\nrules:\n  - action: note\n    brands: [lorex]\n  - " + rule + "\notherwise: note\n"
			text = strings.ReplaceAll(text, "\n", end)
			for _, bom := range []string{"", "\ufeff"} {
				f, err := knowledge.ReadPolicy("ours.yaml", []byte(bom+text))
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				errs := knowledge.CheckPolicy(f.Policy, &offshelf.Knowledge{Brands: []offshelf.Brand{{ID: "lorex"}}})
				if len(errs) != 1 {
					t.Errorf("%s: %v", name, errs)
					continue
				}
				before, _, _ := strings.Cut(text, ".verdct")
				line := strings.Count(before, "\n") + 1
				column := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
				want := fmt.Sprintf(`ours.yaml:%d:%d: rule 2: unknown field "verdct" (did you mean "verdict"?)`, line, column)
				if got := f.Explain(errs[0]).Error(); got != want {
					t.Errorf("%s, %q, %q:\n%s\nwant\n%s\n%s", name, end, bom, got, want, text)
				}
			}
		}
	}
}

// TestPlaceOfField: the other problems are told at the field or the item.
func TestPlaceOfField(t *testing.T) {
	text := `title: Ours
regimes:
  - id: us-bis-el
    title: House
    lists: [us-bis-el]
    reach: {kind: owned, owner: true}
    periods: [{state: in-force, basis: policy}]
rules:
  - regimes: [us-bis-el, us-bis-ell]
    brands:
      - lorex
      - lorx
    action: pull
  - {forbids: [fun], probability: 2, action: pull}
  - when: "true"
otherwise: note
`
	k := &offshelf.Knowledge{Regimes: []offshelf.Regime{{ID: "us-bis-el"}}, Brands: []offshelf.Brand{{ID: "lorex"}}}
	f, err := knowledge.ReadPolicy("ours.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, err := range knowledge.CheckPolicy(f.Policy, k) {
		got = append(got, f.Explain(err).Error())
	}
	want := []string{
		`ours.yaml:3:9: house regime us-bis-el: there is a regime with this id already; give it another`,
		`ours.yaml:9:26: rule 1: unknown regime "us-bis-ell" (did you mean "us-bis-el"?)`,
		`ours.yaml:12:9: rule 1: unknown brand "lorx" (did you mean "lorex"?)`,
		`ours.yaml:14:16: rule 2: forbids "fun": use one of [export import marketing sale dealings procurement securities none]`,
		`ours.yaml:14:35: rule 2: probability runs from 0 to 1`,
		`ours.yaml:15:5: rule 3: has no action`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestLargePolicy: the time that a policy takes grows with its size, not with
// the square of it.
func TestLargePolicy(t *testing.T) {
	for name, text := range map[string]string{
		"rules":   "title: x\nrules:\n" + strings.Repeat("  - {brands: [nope], action: pull}\n", 25_000) + "otherwise: note\n",
		"periods": "title: x\nregimes:\n  - id: h\n    periods:\n" + strings.Repeat("      - {from: 2021-01-01, until: 2022-01-01, state: in-force, basis: policy}\n", 12_000) + "otherwise: note\n",
		"when":    "title: x\nrules:\n" + strings.Repeat("  - action: pull\n    when: "+strings.Repeat("finding.dayz > 1 && ", 100)+"true\n", 400) + "otherwise: note\n",
	} {
		start := time.Now()
		f, err := knowledge.ReadPolicy("large.yaml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		err = f.Explain(errors.Join(knowledge.CheckPolicy(f.Policy, &offshelf.Knowledge{})...))
		if err == nil || len(knowledge.Split(err)) > 101 {
			t.Errorf("%s: %d problems told", name, len(knowledge.Split(err)))
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s: %d bytes took %v", name, len(text), d)
		}
	}
}
