package screen_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/roll"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

// listed writes a roll of these entries and opens it.
func listed(t testing.TB, records ...roll.Record) *screen.Lists {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lists.roll")
	writeRoll(t, path, records...)
	l, err := screen.OpenLists(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func writeRoll(t testing.TB, path string, records ...roll.Record) {
	t.Helper()
	var b bytes.Buffer
	c := &roll.Content{Head: roll.Head{Editions: []roll.Edition{{List: "test", Entries: len(records)}}}, Entries: records}
	if err := roll.Write(&b, c); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

func entry(uid, name string, kind list.Kind) roll.Record {
	return roll.Record{Entry: &list.Entry{List: "test", UID: uid, Name: name, Kind: kind, Citations: []list.Citation{{Text: "1 FR 2"}}}}
}

// withLists is a screener that looks names up, with one house rule on the list
// "test" and one on the same list for surveillance goods only.
func withLists(t testing.TB, l *screen.Lists, options ...screen.Option) *screen.Screener {
	t.Helper()
	k, sum, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	s, err := screen.Compile(k, sum)
	if err != nil {
		t.Fatal(err)
	}
	if l != nil {
		s.Use(l)
	}
	rule := offshelf.Regime{
		ID: "named", Title: "Named", Lists: []string{"test"}, House: true, Reach: offshelf.Reach{Kind: offshelf.ReachNamed, Owner: true, Maker: true},
		Periods: []offshelf.Period{{State: "in-force", Basis: offshelf.Choice}},
	}
	some, owners, others := rule, rule, rule
	some.ID, some.Goods = "some-goods", []string{"surveillance"}
	owners.ID, owners.Reach.Maker = "owners", false
	others.ID, others.Lists = "others", []string{"another"}
	p := offshelf.Policy{ID: "test", Title: "Test", Otherwise: offshelf.Review, Regimes: []offshelf.Regime{rule, some, owners, others}}
	sc, err := screen.New(s, p, append([]screen.Option{screen.AsOf(day(t, "2026-06-01"))}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// plain is a product that nothing is known of.
func plain(maker, seller string) offshelf.Product {
	return offshelf.Product{ID: "1", Title: "Claw Hammer 16 oz", Category: "Tools", Manufacturer: maker, Vendor: seller}
}

func TestListedNames(t *testing.T) {
	ended := entry("5", "Dalebrook Kilns Ltd", list.Entity)
	ended.Entry.Interval = span(t, "2010", "2024-01-01")
	coming := entry("6", "Elmcroft Forges Ltd", list.Entity)
	coming.Entry.Interval = span(t, "2027-01-01", "")
	known := entry("7", "Hazelmere Tanneries Ltd", list.Entity)
	known.Party = "hikvision"
	inactive := entry("8", "Juniper Glassworks Ltd", list.Entity)
	inactive.Entry.Status = "Inactive"
	goods := entry("9", "Larchwood Canneries Ltd", list.Entity)
	goods.Entry.Goods, goods.Entry.Status = []string{"Frozen kelp"}, "Inactive-Pending Litigation"
	l := listed(t, entry("1", "Norvane Systems Company Limited", list.Entity), entry("2", "Marta Oskelund Virtanen", list.Person), entry("3", "Quarrystone", list.Category),
		entry("4", "Lorex", list.Entity), ended, coming, known, inactive, goods,
		roll.Record{Entry: &list.Entry{List: "another", UID: "1", Name: "Oakhurst Ironmongers Ltd", Kind: list.Entity}})
	sc := withLists(t, l)
	for _, x := range []struct{ maker, seller, want string }{
		{"Norvane Systems Company Limited", "", "named test/1, some-goods test/1"},
		{"", "NORVANE SYSTEMS CO., LTD.", "named test/1, some-goods test/1"},
		{"Norvane Systems Company Limited", "Norvane Systems Co Ltd", "named test/1, some-goods test/1"}, // once
		{"Norvane Systems Company Limited", "Norvane Systems Company Limited", "named test/1, some-goods test/1"},
		{"Norvane Systems", "", ""}, // 0.90: without its legal form it may be another
		{"Norwood Systems Company Limited", "", ""},
		{"Systems Company Limited", "", ""},
		{"Nor", "", ""},
		{"Norvane " + strings.Repeat("Systems ", 30), "", ""},
		{"Marta Oskelund Virtanen", "", "named test/2, some-goods test/2"},
		{"Marta Oskelund", "", ""}, // a person only by the very name
		{"Martha Oskelund Virtanen", "", ""},
		{"Quarrystone", "", ""}, // a class of goods has no name
		{"Lorex", "", ""},       // a known brand is attributed, not looked up
		{"lorex", "", ""},
		{"Dalebrook Kilns Ltd", "", ""},
		{"Elmcroft Forges Ltd", "", ""},
		{"Hazelmere Tanneries Ltd", "", ""}, // reached by what is known of the party
		{"Juniper Glassworks Ltd", "", ""},
		{"Larchwood Canneries Ltd", "", "named test/9, some-goods test/9"},
		{"Oakhurst Ironmongers Ltd", "", "others another/1"},
		{"", "", ""},
	} {
		var got []string
		for _, f := range findings(t, sc, plain(x.maker, x.seller)) {
			if f.BrandID != "" {
				continue // attributed
			}
			got = append(got, f.Regime+" "+f.Listing)
			if f.Verdict != offshelf.Possible || f.Action != offshelf.Review || len(f.Chains) != 1 || f.Probability < 0.93 || len(f.Reasons) != 1 || f.Fingerprint == "" {
				t.Errorf("%+v: %+v", x, f)
			}
			open := f.Chains[0].Open
			if !strings.Contains(open, "only its name says that") || !strings.Contains(open, f.Listing) || !strings.Contains(open, f.Listed) {
				t.Errorf("%+v: %s", x, open)
			}
			if f.Regime == "some-goods" && !strings.Contains(open, "the rule is about some goods only") {
				t.Errorf("%+v: %s", x, open)
			}
			if f.Listing == "test/9" && (!strings.Contains(open, "about these goods only: Frozen kelp") || !strings.Contains(open, "while a court decides")) {
				t.Errorf("%+v: %s", x, open)
			}
		}
		if got := strings.Join(got, ", "); got != x.want {
			t.Errorf("maker %q, seller %q: %q, want %q", x.maker, x.seller, got, x.want)
		}
	}
}

// TestListedNameSays holds the chain in full.
func TestListedNameSays(t *testing.T) {
	x := entry("1", "Norvane Systems Company Limited", list.Entity)
	x.Entry.Interval, x.Entry.Aliases = span(t, "2021-03-12", ""), []list.Alias{{Name: "Norvica Optics", Kind: list.AKA}}
	f := through(findings(t, withLists(t, listed(t, x)), plain("", "Norvica Optics")), "named")
	if len(f) != 1 {
		t.Fatalf("%+v", f)
	}
	if f[0].Maker != "Norvane Systems Company Limited" || f[0].Since.String() != "2021-03-12" || f[0].Days != int(day(t, "2026-06-01")-day(t, "2021-03-12")) || f[0].Basis != offshelf.Choice {
		t.Errorf("%+v", f[0])
	}
	if got, want := f[0].Reasons[0].Text, "vendor field “Norvica Optics” is like the listed name “Norvica Optics”"; got != want {
		t.Error(got)
	}
	hops := f[0].Chains[0].Hops
	if len(hops) != 2 || hops[0].Note != "its vendor field says “Norvica Optics”" || hops[0].Grade != offshelf.GradeClaim || hops[1].Note != "1 FR 2" || hops[1].To != "Norvane Systems Company Limited" {
		t.Errorf("%+v", hops)
	}
}

// sellers writes a catalog in which some sellers are listed.
func sellers(rows int) string {
	names := []string{"Northfloor Timber", "Norvane Systems Co Ltd", "Aspen Trade", "Marta Oskelund Virtanen", "Lorex", "Birchfield 12", "", "Estwing", "Birchfield Looms Limited", "Ünïcode Wörks"}
	var b strings.Builder
	b.WriteString("id,title,category,manufacturer,seller\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,Claw Hammer %d oz,Tools,Maker %d,%s\n", i, i, i%300, names[i%len(names)])
	}
	return b.String()
}

func TestListedNamesHoweverManyWorkers(t *testing.T) {
	l := listed(t, entry("1", "Norvane Systems Company Limited", list.Entity), entry("2", "Marta Oskelund Virtanen", list.Person), entry("3", "Birchfield Looms Ltd", list.Entity))
	text := sellers(3000)
	var want []byte
	for _, workers := range []int{1, 2, 8} {
		sc := withLists(t, l, screen.Workers(workers))
		messages, sum := stream(t, sc, []screen.Source{source("a.csv", text)}, screen.Run{Tool: "test"})
		if sum.Regimes["named"] != 900 || sum.Regimes["some-goods"] != 900 {
			t.Fatalf("%+v", sum)
		}
		var got []byte
		for _, m := range messages {
			data, err := json.Marshal(m, json.Deterministic(true))
			if err != nil {
				t.Fatal(err)
			}
			got = append(append(got, data...), '\n')
		}
		if want == nil {
			want = got
		} else if !bytes.Equal(want, got) {
			t.Errorf("%d workers: other bytes", workers)
		}
	}
}

// TestListedNamesTogether: one screener serves many goroutines. It is worth
// running with the race detector.
func TestListedNamesTogether(t *testing.T) {
	sc := withLists(t, listed(t, entry("1", "Norvane Systems Company Limited", list.Entity)))
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				p := plain(fmt.Sprintf("Maker %d", (i+g)%50), "")
				if i%5 == 0 {
					p.Vendor = "Norvane Systems Co Ltd"
				}
				fs, err := sc.Screen(context.Background(), p)
				if err != nil || (len(through(fs, "named")) == 1) != (i%5 == 0) {
					t.Errorf("%+v: %d findings, %v", p, len(fs), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestListsChangeNothingElse: a catalog without makers and sellers gives the
// same findings with lists and without.
func TestListsChangeNothingElse(t *testing.T) {
	l := listed(t, entry("1", "Norvane Systems Company Limited", list.Entity), entry("2", "Lorex 4K Ultra HD", list.Entity), entry("3", "Estwing Manufacturing", list.Entity))
	text := shelf(2000)
	without, _ := stream(t, withLists(t, nil), []screen.Source{source("a.csv", text)}, screen.Run{Tool: "test"})
	with, sum := stream(t, withLists(t, l), []screen.Source{source("a.csv", text)}, screen.Run{Tool: "test"})
	if sum.Findings == 0 {
		t.Fatal("nothing found at all")
	}
	if d := diff(without, with); d != "" {
		t.Error(d)
	}
}

// TestDamagedLists: where an entry cannot be read a product would be missed, so
// a screener is not made.
func TestDamagedLists(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lists.roll")
	writeRoll(t, path, entry("1", "Norvane Systems Company Limited", list.Entity))
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(good, []byte(`"entry"`))
	data := slices.Clone(good)
	data[at] = 'x'
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	l, err := screen.OpenLists(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := snapshot(t)
	p, _ := s.Policy("default")
	for range 2 {
		k, sum, err := knowledge.Embedded()
		if err != nil {
			t.Fatal(err)
		}
		own, err := screen.Compile(k, sum)
		if err != nil {
			t.Fatal(err)
		}
		own.Use(l)
		if _, err := screen.New(own, p); err == nil || !strings.Contains(err.Error(), "offshelf lists compile") {
			t.Error(err)
		}
	}
}
