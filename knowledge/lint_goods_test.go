package knowledge_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/offshelf/offshelf/knowledge"
)

// TestLintGoods: what goods classes and entries on them can get wrong, each
// with its place and the fix.
func TestLintGoods(t *testing.T) {
	const rule = `version: 2026-11-24
regimes:
  - {id: cat, title: C, lists: [cat-list], reach: {kind: goods}, periods: [{state: in-force, basis: law, forbids: [import]}], grade: claim}
  - {id: own, title: O, lists: [own-list], reach: {kind: named, owner: true}, periods: [{state: in-force, basis: law, forbids: [import]}], grade: claim}
parties:
  - {id: acme, name: Acme, grade: claim}
`
	class := func(more string) string {
		return rule + "goods:\n  - {id: net, title: N, words: [net]}\n  - {id: router, title: R, words: [router], " + more + "}\n"
	}
	entry := func(more string) string {
		return class("within: net") + "listings:\n  - {name: A, from: 2026-01-01, grade: claim, " + more + "}\n"
	}
	for name, x := range map[string]struct{ text, want string }{
		"fine":                  {entry("list: cat-list, goods: [router], origin_not: [US], exceptions: [{id: a, what: x, until: 2028, words: [a b]}]"), ""},
		"within nothing":        {class("within: nett"), `no goods class has the id "nett" (did you mean "net"?)`},
		"within itself":         {class("within: router"), "router lies within itself"},
		"no path":               {class(`google: [">"]`), "write the number of a category"},
		"no code":               {class(`gpc: ["123"]`), "write the eight digits"},
		"code taken":            {rule + "goods:\n  - {id: a, title: A, words: [a], google: [A > B]}\n  - {id: b, title: B, words: [b], google: [a>b]}\n", `category code "a>b" is that of a too`},
		"ending":                {class(`decisive: ["*router"]`), "write whole words"},
		"party where goods are": {entry("list: cat-list, party: acme, goods: [router]"), "leave the party out"},
		"neither":               {entry("list: cat-list"), "names neither a party nor goods"},
		"goods where a party is": {entry("list: own-list, goods: [router]"),
			`no party has the id ""`},
		"both origins":     {entry("list: cat-list, goods: [router], origin: [CN], origin_not: [US]"), "origin and origin_not exclude each other"},
		"no country":       {entry("list: cat-list, goods: [router], origin_not: [USA]"), "write the two capital letters"},
		"exception twice":  {entry("list: cat-list, goods: [router], exceptions: [{id: a, what: x}, {id: a, what: y}]"), "exception a stands twice"},
		"exception of air": {entry("list: cat-list, goods: [router], exceptions: [{id: a}]"), "exception a needs what"},
		"exception before": {entry("list: cat-list, goods: [router], exceptions: [{id: a, what: x, until: 2025}]"), "ends (2025) before the listing begins"},
		"exception mute":   {entry(`list: cat-list, goods: [router], exceptions: [{id: a, what: x, words: ["!"]}]`), "no letters or digits"},
		"spares nothing":   {strings.Replace(rule, "forbids: [import]", "forbids: [import], spares: {authorised_before: []}", 1), "spares nothing"},
		"spares no class":  {strings.Replace(rule, "forbids: [import]", "forbids: [import], spares: {authorised_before: [entry], unauthorised: [x]}", 1), `no goods class has the id "x"`},
		"reach too much":   {strings.Replace(rule, "kind: goods", "kind: goods, maker: true", 1), "leave out all but kind"},
	} {
		t.Run(name, func(t *testing.T) {
			k, problems := knowledge.Parse(fstest.MapFS{"a.yaml": {Data: []byte(x.text)}})
			if x.want == "" {
				if k == nil {
					t.Fatal(problems)
				}
				if id := k.Listings[0].ID; id != "cat-list/router" {
					t.Errorf("id %q", id)
				}
				return
			}
			if k != nil || len(problems) == 0 || !strings.Contains(problems[0].String(), x.want) || problems[0].Line == 0 {
				t.Errorf("%v, want %q", problems, x.want)
			}
		})
	}
}
