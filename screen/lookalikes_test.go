package screen_test

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/offshelf/offshelf"
)

func table(t *testing.T, file, columns string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != columns {
		t.Fatalf("%s: columns %s", file, got)
	}
	return rows[1:]
}

// passes tells whether a chain goes through one of the parties.
func (a *answerer) passes(f *offshelf.Finding, parties []string) bool {
	names := map[string]bool{}
	for _, p := range a.k.Parties {
		if slices.Contains(parties, p.ID) {
			names[p.Name] = true
		}
	}
	for _, c := range f.Chains {
		for _, h := range c.Hops {
			if names[h.From] || names[h.To] {
				return true
			}
		}
	}
	return false
}

// Every look-alike of the tables, as a product in the shop: it leads to no
// finding through the party that it is not, or, where the brand has a real or
// contested tie, to none that is certain or a duty.
func TestLookAlikes(t *testing.T) {
	rows := table(t, "testdata/lookalikes.csv", "source_row,brand,title,category,not,mode")
	if len(rows) < 100 {
		t.Errorf("%d look-alikes", len(rows))
	}
	a := answering(t)
	sc := screener(t, "default", today)
	for _, r := range rows {
		t.Run(r[0]+" "+r[1], func(t *testing.T) {
			var not []string
			for _, n := range strings.Split(r[4], "; ") {
				not = append(not, a.parties(n)...)
			}
			if len(not) == 0 {
				t.Skipf("the knowledge does not have %s, so nothing can lead to it", r[4])
			}
			for _, f := range findings(t, sc, offshelf.Product{ID: "1", Brand: r[1], Title: r[2], Category: r[3]}) {
				wrong := a.passes(&f, not)
				switch r[5] {
				case "none", "same word":
				case "never reached":
					wrong = wrong && f.Verdict == offshelf.Reached
				case "never law":
					wrong = wrong && f.Basis == offshelf.Law
				default:
					t.Fatalf("unknown mode %q", r[5])
				}
				if wrong {
					t.Errorf("%s is %s (%s) through %s: %+v", r[2], f.Verdict, f.Regime, f.Listed, f.Chains[0].Hops)
				}
			}
		})
	}
}

// The knowledge claims none of the refuted relations: the party is said
// neither to own the look-alike's company, nor to hold its brand, nor, for
// sure, to make all of its goods. Where both bear the same word, the brand of
// that word is the party's own.
func TestLookAlikesAreClaimedNowhere(t *testing.T) {
	a := answering(t)
	for _, r := range table(t, "testdata/lookalikes.csv", "source_row,brand,title,category,not,mode") {
		brands := a.brands(r[1])
		for _, n := range strings.Split(r[4], "; ") {
			not := a.parties(n)
			if len(not) == 0 || r[5] == "never law" || r[5] == "same word" {
				continue
			}
			if got := a.owned(r[1], not, day(t, today)); got.how == "yes" {
				t.Errorf("%s: %s is owned by %s on grade %s", r[0], r[1], n, got.grade)
			}
			for _, m := range a.k.Makes {
				if slices.Contains(brands, m.Brand) && slices.Contains(not, m.Maker) && m.Conflict == "" && m.Relation == offshelf.Made &&
					m.All && !m.Grade.Weak() && len(m.Models) == 0 && len(m.Goods) == 0 && m.On(day(t, today)) == offshelf.True {
					t.Errorf("%s: %s is said to make all goods of %s", r[0], n, r[1])
				}
			}
		}
	}
}

// What the tables say is on no list stands on none, and no rule of that list
// reaches a product of the name for sure, but through an owner of its company.
func TestUnlisted(t *testing.T) {
	a := answering(t)
	for _, r := range table(t, "testdata/unlisted.csv", "source_row,names,lists,on") {
		d, sc := day(t, r[3]), screener(t, "default", r[3])
		for _, n := range strings.Split(r[1], "; ") {
			lists := strings.Fields(r[2])
			for _, p := range a.behind(n, d) {
				for _, l := range a.k.Listings {
					if l.Party == p.party && slices.Contains(lists, l.List) && l.On(d) != offshelf.False {
						t.Errorf("%s: %s stands on %s as %s", r[0], n, l.List, l.Name)
					}
				}
			}
			for _, f := range findings(t, sc, offshelf.Product{ID: "1", Brand: n, Title: n + " 2026 edition"}) {
				owned := slices.ContainsFunc(f.Chains[0].Hops, func(h offshelf.Hop) bool { return h.Kind == "owned" || h.Kind == "controlled" })
				if slices.Contains(lists, f.Regime) && f.Verdict == offshelf.Reached && !owned {
					t.Errorf("%s: %s reaches %s through %s", r[0], f.Regime, n, f.Listed)
				}
			}
		}
	}
}
