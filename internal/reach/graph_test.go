package reach

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
)

// graph is a random world of up to eight parties, with what each of its facts
// amounts to, worked out apart from the engine.
type graph struct {
	facts offshelf.Knowledge
	rule  offshelf.Regime
	edges []edge
	seed  map[string]offshelf.Truth // listed parties
}

type edge struct {
	holder, held string
	least, most  int32
	control      offshelf.Truth
}

var graphRules = []string{
	"half: list, at least 50%",
	"over: list, more than 50%",
	"tenth: list, more than 10% or control",
	"control: list, more than 50% or control",
	"ask: list, at least 50% (control: ask)",
	"named: list, named only",
	"other: list, at least 50% (not the listed party itself)",
	"person: list, more than 50% or control (person by person)",
	"affiliates: list, more than 10% or control (person by person) (and affiliates)",
	"common: list, at least 25% (and affiliates; state: ask)",
}

func drawGraph(t *rapid.T, r offshelf.Regime) *graph {
	g := &graph{rule: r, seed: map[string]offshelf.Truth{}}
	n := rapid.IntRange(2, 8).Draw(t, "parties")
	for i := range n {
		id := string(rune('A' + i))
		g.facts.Parties = append(g.facts.Parties, offshelf.Party{ID: id, Name: id})
	}
	id := func(label string) string { return g.facts.Parties[rapid.IntRange(0, n-1).Draw(t, label)].ID }
	for range rapid.IntRange(0, 2).Draw(t, "listings") {
		p, firm := id("listed"), rapid.Bool().Draw(t, "firm")
		l := offshelf.Listing{ID: fmt.Sprintf("list/%s/%v", p, firm), Party: p, List: "list", Name: p}
		l.Grade = offshelf.GradeClaim
		if firm {
			l.Grade = offshelf.GradeOfficial
		}
		g.facts.Listings = append(g.facts.Listings, l)
		g.seed[p] = max(g.seed[p], certainty(firm))
	}
	for range rapid.IntRange(0, 14).Draw(t, "stakes") {
		g.addEdge(t, id("holder"), id("held"))
	}
	return g
}

func certainty(firm bool) offshelf.Truth {
	if firm {
		return offshelf.True
	}
	return offshelf.Maybe
}

// addEdge adds a stake between two parties that have none.
func (g *graph) addEdge(t *rapid.T, holder, held string) {
	for _, e := range g.edges {
		if e.holder == holder && e.held == held {
			return
		}
	}
	s := offshelf.Stake{Holder: holder, Held: held, Control: rapid.IntRange(0, 4).Draw(t, "control") == 0}
	s.Grade = rapid.SampledFrom([]offshelf.Grade{offshelf.GradeOfficial, offshelf.GradePress, offshelf.GradeClaim}).Draw(t, "grade")
	e := edge{holder: holder, held: held, most: 10000}
	firm := !s.Grade.Weak()
	if rapid.IntRange(0, 5).Draw(t, "unknown") > 0 {
		a := rapid.SampledFrom([]int32{100, 1000, 1001, 2500, 3000, 4999, 5000, 5001, 10000}).Draw(t, "share")
		b := a
		if rapid.IntRange(0, 3).Draw(t, "range") == 0 {
			b = min(10000, a+2500)
		}
		s.Share = offshelf.Share{Min: a, Max: b, Known: true}
		if firm {
			e.least, e.most = a, b
		}
	}
	if s.Control {
		e.control = certainty(firm)
	}
	g.facts.Stakes = append(g.facts.Stakes, s)
	g.edges = append(g.edges, e)
}

// closed tells whether a set of parties, a bit each, is closed under the rule:
// it holds the roots, and every party that its members carry.
func (g *graph) closed(set, roots uint, level offshelf.Truth) bool {
	if roots&^set != 0 {
		return false
	}
	in := func(id string) bool { return set>>(id[0]-'A')&1 == 1 }
	for _, p := range g.facts.Parties {
		if in(p.ID) {
			continue
		}
		sum := int32(0)
		for _, e := range g.edges {
			if e.held != p.ID || !in(e.holder) {
				continue
			}
			if g.alone(e, level) {
				return false
			}
			sum += e.share(level)
		}
		if g.rule.Reach.Kind == offshelf.ReachOwned && g.enough(sum) {
			return false
		}
	}
	return true
}

func (e *edge) share(level offshelf.Truth) int32 {
	if level == offshelf.True {
		return e.least
	}
	return e.most
}

func (g *graph) enough(share int32) bool {
	r := g.rule.Reach
	return share > r.Threshold || share == r.Threshold && !r.Over
}

func (g *graph) alone(e edge, level offshelf.Truth) bool {
	c := g.rule.Reach.Control
	return c == "reach" && e.control >= level || c == "ask" && level == offshelf.Maybe && e.control > offshelf.False ||
		g.rule.Reach.Kind == offshelf.ReachOwned && g.enough(e.share(level))
}

// least is, for the listed parties together or for each of them, the
// intersection of all closed sets that hold them, or who holds them.
func (g *graph) least(level offshelf.Truth) uint {
	var groups []uint
	all := uint(1)<<len(g.facts.Parties) - 1
	together := uint(0)
	for i, p := range g.facts.Parties {
		if g.seed[p.ID] >= level {
			together |= 1 << i
			groups = append(groups, 1<<i)
		}
	}
	if g.rule.Reach.Aggregate == "" {
		groups = []uint{together}
	}
	out := uint(0)
	for _, roots := range groups {
		for range g.facts.Parties {
			for _, e := range g.edges {
				if g.rule.Reach.Affiliates && roots>>(e.held[0]-'A')&1 == 1 && g.alone(e, level) {
					roots |= 1 << (e.holder[0] - 'A')
				}
			}
		}
		least := all
		for set := range all + 1 {
			if g.closed(set, roots, level) {
				least &= set
			}
		}
		out |= least
	}
	return out
}

func eachRule(t *testing.T, check func(*rapid.T, offshelf.Regime)) {
	for _, line := range graphRules {
		r := readRule(t, line)
		t.Run(r.ID, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { check(t, r) })
		})
	}
}

// checks sets how many worlds are drawn for each rule.
func checks(t *testing.T, n string) {
	f := flag.Lookup("rapid.checks").Value
	before := f.String()
	if err := f.Set(n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Set(before) })
}

// A thousand graphs for each rule, ten thousand in all.
func TestReachIsTheLeastClosedSet(t *testing.T) {
	checks(t, "1000")
	eachRule(t, func(t *rapid.T, r offshelf.Regime) {
		g := drawGraph(t, r)
		view := Compile(&g.facts).At(&g.rule, 0)
		surely, perhaps := g.least(offshelf.True), g.least(offshelf.Maybe)
		for i, p := range g.facts.Parties {
			want := offshelf.False
			switch {
			case surely>>i&1 == 1:
				want = offshelf.True
			case perhaps>>i&1 == 1:
				want = offshelf.Maybe
			}
			if r.Reach.NotSelf && g.seed[p.ID] > offshelf.False {
				continue // TestTimelineIsEachDay looks at these
			}
			if view.truth(uint32(i)) != want {
				t.Fatalf("%s: %v, want %v in %s", p.ID, view.truth(uint32(i)), want, g)
			}
			g.checkPaths(t, view, p.ID, want)
		}
	})
}

// checkPaths looks at the ways that are told: the surest is as sure as the
// answer, and a way that is only possible says what is open.
func (g *graph) checkPaths(t *rapid.T, view *View, party string, want offshelf.Truth) {
	paths := view.From(party)
	if g.rule.Reach.NotSelf && g.seed[party] > offshelf.False {
		return
	}
	surest := offshelf.False
	for _, p := range paths {
		surest = max(surest, p.Truth)
		if (p.Open == "") != (p.Truth == offshelf.True) {
			t.Fatalf("%s: truth %v with the open question %q in %s", party, p.Truth, p.Open, g)
		}
		if p.Hops[0].From != party || p.Hops[len(p.Hops)-1].To != p.Listing.Party {
			t.Fatalf("%s: %v leads from elsewhere or elsewhere", party, p.Hops)
		}
		for i := 1; i < len(p.Hops); i++ {
			if p.Hops[i].From != p.Hops[i-1].To {
				t.Fatalf("%s: %v has a gap", party, p.Hops)
			}
		}
	}
	if surest != want {
		t.Fatalf("%s: the surest way is %v, want %v in %s", party, surest, want, g)
	}
	if !slices.IsSortedFunc(paths, func(a, b Path) int { return int(b.Truth) - int(a.Truth) }) {
		t.Fatalf("%s: a way that is only possible comes before one that is sure", party)
	}
}

func (g *graph) String() string {
	var b strings.Builder
	for _, l := range g.facts.Listings {
		fmt.Fprintf(&b, "%s listed [%s]\n", l.Party, l.Grade)
	}
	for _, s := range g.facts.Stakes {
		fmt.Fprintf(&b, "%s holds %s of %s, control %v [%s]\n", s.Holder, s.Share, s.Held, s.Control, s.Grade)
	}
	return b.String()
}

func TestMoreStakesNeverReachLess(t *testing.T) {
	eachRule(t, func(t *rapid.T, r offshelf.Regime) {
		g := drawGraph(t, r)
		before := Compile(&g.facts).At(&g.rule, 0)
		n := len(g.facts.Parties)
		holder := g.facts.Parties[rapid.IntRange(0, n-1).Draw(t, "new holder")].ID
		held := g.facts.Parties[rapid.IntRange(0, n-1).Draw(t, "new held")].ID
		known := len(g.edges)
		g.addEdge(t, holder, held)
		after := Compile(&g.facts).At(&g.rule, 0)
		for i := range g.facts.Parties {
			if after.truth(uint32(i)) < before.truth(uint32(i)) {
				t.Fatalf("%s fell from %v to %v with %v\n%s", g.facts.Parties[i].ID, before.truth(uint32(i)), after.truth(uint32(i)), g.edges[known:], g)
			}
		}
		// A second fact about a known stake may settle a doubt; one that
		// contradicts what is known makes it possible, never unsaid.
		g.edges = nil
		g.addEdge(t, holder, held)
		again := Compile(&g.facts).At(&g.rule, 0)
		for i := range g.facts.Parties {
			if r.Reach.NotSelf && g.seed[g.facts.Parties[i].ID] > offshelf.False {
				continue // possibly listed itself, which another rule tells
			}
			if after.truth(uint32(i)) == offshelf.True && again.truth(uint32(i)) == offshelf.False {
				t.Fatalf("%s is not even possible any more\n%s", g.facts.Parties[i].ID, g)
			}
		}
	})
}

func TestOrderChangesNothing(t *testing.T) {
	eachRule(t, func(t *rapid.T, r offshelf.Regime) {
		g := drawGraph(t, r)
		shuffled := g.facts
		shuffled.Parties = rapid.Permutation(g.facts.Parties).Draw(t, "parties again")
		if len(g.facts.Stakes) > 0 {
			shuffled.Stakes = rapid.Permutation(g.facts.Stakes).Draw(t, "stakes again")
		}
		a, b := Compile(&g.facts).At(&g.rule, 0), Compile(&shuffled).At(&g.rule, 0)
		for _, p := range g.facts.Parties {
			var x, y strings.Builder
			say(&x, p.ID, a.From(p.ID))
			say(&y, p.ID, b.From(p.ID))
			if x.String() != y.String() {
				t.Fatalf("%s, then in another order\n%s%s", g, &x, &y)
			}
		}
	})
}
