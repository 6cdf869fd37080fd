package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/identity"
	"github.com/offshelf/offshelf/internal/list"
)

// world is a line an entry: list/number name; kind=value; alias=…
func world(t *testing.T, text string) []list.Entry {
	t.Helper()
	var out []list.Entry
	for line := range strings.Lines(strings.TrimSpace(text)) {
		fields := strings.Split(strings.TrimSpace(line), "; ")
		id, name, ok := strings.Cut(fields[0], " ")
		l, uid, ok2 := strings.Cut(id, "/")
		if !ok || !ok2 {
			t.Fatal(line)
		}
		e := list.Entry{List: l, UID: uid, Name: name, Kind: list.Entity}
		for _, f := range fields[1:] {
			key, value, _ := strings.Cut(f, "=")
			switch key {
			case "alias":
				e.Aliases = append(e.Aliases, list.Alias{Name: value, Kind: list.AKA})
			case "weak":
				e.Aliases = append(e.Aliases, list.Alias{Name: value, Kind: list.Weak})
			case "kind":
				e.Kind = list.Kind(value)
			default:
				value, country, _ := strings.Cut(value, "@")
				e.Identifiers = append(e.Identifiers, list.Identifier{Kind: list.IdentifierKind(key), Value: value, Country: country})
			}
		}
		out = append(out, e)
	}
	return out
}

func TestJoin(t *testing.T) {
	k := &offshelf.Knowledge{Listings: []offshelf.Listing{
		{Party: "norvane", List: "a", Name: "Norvane Technology"},
		{Party: "norvane", List: "b", Name: "Norvane Systems Co., Ltd."},
		{Party: "tarn", List: "a", Name: "Tarn"},
		{Party: "other", List: "b", Name: "Shared Name"},
		{Party: "another", List: "b", Name: "Shared Name"},
	}}
	for _, x := range []struct{ name, world, clusters, proposals string }{
		{"by a number", "a/1 Alder Works; lei=X\nb/2 Birch Works; lei=X", "a/1 b/2", ""},
		{"numbers of one country", "a/1 Alder Works; tax=12345@RU\nb/2 Birch Works; tax=12345@RU", "a/1 b/2", ""},
		{"of two countries", "a/1 Alder Works; tax=12345@RU\nb/2 Birch Works; tax=12345@MT", "a/1 | b/2", ""},
		{"of no country", "a/1 Alder Works; tax=12345\nb/2 Birch Works; tax=12345", "a/1 | b/2", ""},
		{"what is shared", "a/1 Alder Works; website=x.org\nb/2 Birch Works; website=x.org", "a/1 | b/2", ""},
		{"two of one list", "a/1 Alder Works; lei=X\na/2 Birch Works; lei=X\nb/3 Cedar Works; lei=X", "a/1 | a/2 | b/3", "a/1~a/2 a/1~b/3"},
		{"person and company", "a/1 Alder Works; kind=person; tax=12345@RU\nb/2 Birch Works; tax=12345@RU", "a/1 | b/2", "a/1~b/2"},
		{"one listing twice", "a/1 Alder Works\na/1 ALDER", "a/1 a/1", ""},
		{"OFAC's numbers", "us-ofac-sdn/77 Alder Works\nus-ofac-ssi/77 ALDER\nus-ns-cmic/77 A", "us-ofac-sdn/77 us-ofac-ssi/77 us-ns-cmic/77", ""},
		{"curated", "a/1 NORVANE TECHNOLOGY\nb/2 Norvane Systems Co Ltd\nc/3 Norvane Technology", "norvane: a/1 b/2 | c/3", "a/1~c/3"},
		{"curated by an alias", "a/1 Something; alias=Norvane Technology\nb/2 Norvane Systems Co., Ltd.", "norvane: a/1 b/2", ""},
		{"not by a weak one", "a/1 Something; weak=Norvane Technology", "a/1", ""},
		{"a name of two parties", "b/1 Shared Name", "b/1", ""},
		{"the knowledge before a number", "a/1 Norvane Technology; lei=X\na/2 Tarn\nb/3 Birch; lei=X", "norvane: a/1 b/3 | tarn: a/2", ""},
		{"a number against the knowledge", "a/1 Norvane Technology; lei=X\na/2 Tarn; imo=Y\nb/3 Birch; lei=X; imo=Y", "norvane: a/1 b/3 | tarn: a/2", "a/2~b/3"},
		{"names alone", "a/1 Alder Works Ltd.\nb/2 ALDER WORKS LTD\nc/3 Other; alias=alder-works ltd", "a/1 | b/2 | c/3", "a/1~b/2 a/1~c/3 b/2~c/3"},
		{"short names", "a/1 ABC\nb/2 ABC", "a/1 | b/2", ""},
		{"names of one list", "a/1 Alder Works\na/2 Alder Works", "a/1 | a/2", ""},
		{"joined by more than one step", "a/1 Alder; lei=X\nb/2 Birch; lei=X; imo=Y\nc/3 Cedar; imo=Y", "a/1 b/2 c/3", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			clusters, proposals := identity.Join(world(t, x.world), k)
			var cs, ps []string
			for _, c := range clusters {
				var ids []string
				if c.Party != "" {
					ids = append(ids, c.Party+":")
				}
				for _, e := range c.Entries {
					ids = append(ids, e.ID())
				}
				cs = append(cs, strings.Join(ids, " "))
				if len(c.Entries) > 1 && len(c.Reasons) == 0 {
					t.Errorf("%s are joined without a reason", strings.Join(ids, " "))
				}
			}
			for _, p := range proposals {
				ps = append(ps, p.A.ID()+"~"+p.B.ID())
				if p.Why == "" {
					t.Error("a proposal without a reason")
				}
			}
			slices.Sort(ps)
			if got := strings.Join(cs, " | "); got != x.clusters {
				t.Errorf("clusters %s, want %s", got, x.clusters)
			}
			if got := strings.Join(ps, " "); got != x.proposals {
				t.Errorf("proposals %s, want %s", got, x.proposals)
			}
		})
	}
}

// TestEachEntryIsInOneCluster holds for any world; entries that differ in name
// only are never joined by it.
func TestEachEntryIsInOneCluster(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "n")
		entries := make([]list.Entry, n)
		for i := range entries {
			entries[i] = list.Entry{List: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "list"), UID: fmt.Sprint(i), Name: rapid.SampledFrom([]string{"Alder Works", "Birch Works"}).Draw(t, "name")}
			if rapid.Bool().Draw(t, "numbered") {
				entries[i].Identifiers = []list.Identifier{{Kind: list.LEI, Value: rapid.SampledFrom([]string{"X", "Y"}).Draw(t, "lei")}}
			}
		}
		clusters, _ := identity.Join(entries, nil)
		seen := map[*list.Entry]bool{}
		for _, c := range clusters {
			numbers := map[string]bool{}
			for _, e := range c.Entries {
				if seen[e] {
					t.Fatal(e.ID(), " stands in two clusters")
				}
				seen[e] = true
				if len(e.Identifiers) > 0 {
					numbers[e.Identifiers[0].Value] = true
				}
			}
			if len(c.Entries) > 1 && len(numbers) != 1 {
				t.Fatalf("joined by %v", numbers)
			}
		}
		if len(seen) != n {
			t.Fatalf("%d entries in clusters, of %d", len(seen), n)
		}
	})
}

// TestAlikeNamesAreBounded: a name that very many entries have makes no work.
func TestAlikeNamesAreBounded(t *testing.T) {
	var entries []list.Entry
	for i := range 50_000 {
		entries = append(entries, list.Entry{List: fmt.Sprint(i % 3), UID: fmt.Sprint("u", i), Name: "One Name For All"})
	}
	_, proposals := identity.Join(entries, nil)
	if len(proposals) > 50 {
		t.Errorf("%d proposals", len(proposals))
	}
}
