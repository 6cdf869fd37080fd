package edition_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/roll"
	"github.com/offshelf/offshelf/internal/search"
)

// named is an edition of the list of section 889 with these names.
func named(names ...string) string {
	out := "schema,name,program\n"
	for _, n := range names {
		out += fmt.Sprintf("Company,%q,One\n", n)
	}
	return out
}

const section889 = "us-ndaa-889"

// keep adds an edition of a day.
func keep(t *testing.T, s *edition.Store, list, day, data string) {
	t.Helper()
	in := []edition.Input{{Name: "x", From: "x_" + day + ".csv", Data: []byte(data)}}
	if _, err := s.Add(t.Context(), list, in, edition.Options{Now: now, AnySize: true}); err != nil {
		t.Fatal(err)
	}
}

func on(t *testing.T, from, until string) offshelf.Interval {
	t.Helper()
	a, err1 := offshelf.ParseDate(from)
	b, err2 := offshelf.ParseDate(until)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return offshelf.Interval{From: a, Until: b}
}

// facts has two companies on the list of section 889, one of them on the
// Covered List too, under another name.
func facts(t *testing.T) *offshelf.Knowledge {
	return &offshelf.Knowledge{
		Version: "2026-01-01",
		Parties: []offshelf.Party{{ID: "alder", Name: "Alder Works", Aliases: []string{"Alder"}}, {ID: "birch", Name: "Birch Mills"}},
		Brands:  []offshelf.Brand{{ID: "aldrix", Name: "Aldrix"}, {ID: "blank", Name: "!"}},
		Listings: []offshelf.Listing{
			{ID: "us-ndaa-889/alder", Party: "alder", List: section889, Name: "Alder Works Ltd", Interval: on(t, "2019", "")},
			{ID: "us-ndaa-889/birch", Party: "birch", List: section889, Name: "Birch Mills Ltd", Interval: on(t, "2019", "")},
		},
	}
}

// compiled compiles the store and opens what became of it.
func compiled(t *testing.T, s *edition.Store, k *offshelf.Knowledge) (*roll.Roll, *offshelf.Knowledge) {
	t.Helper()
	head, err := s.Compile(t.Context(), k, "facts")
	if err != nil {
		t.Fatal(err)
	}
	r, err := roll.Map(s.RollPath())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	if err := r.Verify(); err != nil || r.Knowledge != "facts" || r.Records != head.Records || len(r.Editions) != len(head.Editions) {
		t.Errorf("%+v, %v", r.Head, err)
	}
	laid, err := r.Lay(k)
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]bool{}
	for _, x := range laid.Sources {
		if sources[x.ID] {
			t.Errorf("source %s twice", x.ID)
		}
		if sources[x.ID] = true; x.Citation == "" || x.Date.IsZero() || x.Grade != offshelf.GradeOfficial || x.Title == "" {
			t.Errorf("source %+v", x)
		}
	}
	for _, l := range laid.Listings {
		for _, x := range l.Sources {
			if !sources[x] {
				t.Errorf("%s: no source %s", l.ID, x)
			}
		}
	}
	return r, laid
}

// said is what is known of the listings, a line each.
func said(k *offshelf.Knowledge) string {
	var out []string
	for _, l := range k.Listings {
		line := l.ID + " " + l.Party
		if !l.Until.IsZero() {
			line += " until " + l.Until.String()
		}
		out = append(out, line+" "+strings.Join(l.Sources, ","))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestCompileNothing(t *testing.T) {
	s := edition.Open(filepath.Join(t.TempDir(), "new"))
	r, k := compiled(t, s, facts(t))
	if r.State() != "" || k.State() != "2026-01-01" || r.Records != 3 { // two parties, one brand with letters
		t.Errorf("%+v %s", r.Head, k.State())
	}
}

// TestCompileOneEdition: known parties are joined, the others are there to be
// found, and one edition ends nothing.
func TestCompileOneEdition(t *testing.T) {
	s := edition.Open(t.TempDir())
	keep(t, s, section889, "2026-01-01", named("Alder Works Ltd", "Cedar Looms Ltd"))
	r, k := compiled(t, s, facts(t))
	if got, want := said(k), "us-ndaa-889/alder alder \nus-ndaa-889/birch birch "; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if k.State() != "2026-01-01 + 1 list of 2026-01-01" || r.Editions[0].Entries != 2 {
		t.Errorf("%s %+v", k.State(), r.Editions)
	}
	parties := map[string]string{}
	for i := range r.Records {
		x, err := r.Record(i)
		if err != nil {
			t.Fatal(err)
		}
		if x.Entry != nil {
			parties[x.Entry.Name] = x.Party
		}
	}
	if len(parties) != 2 || parties["Alder Works Ltd"] != "alder" || parties["Cedar Looms Ltd"] != "" {
		t.Error(parties)
	}
	for _, name := range []string{"Cedar Looms Ltd", "Birch Mills", "Aldrix", "Alder"} {
		if hits := r.Names().Search(name, search.Options{}); len(hits) == 0 || hits[0].Score != 1 {
			t.Errorf("%s: %v", name, hits)
		}
	}
}

// TestCompileListed: a listing that the facts lack is added to a known party,
// once.
func TestCompileListed(t *testing.T) {
	s := edition.Open(t.TempDir())
	k := facts(t)
	k.Listings = []offshelf.Listing{{ID: "us-ofac-sdn/alder", Party: "alder", List: "us-ofac-sdn", Name: "ALDER WORKS", Interval: on(t, "2019", "")}}
	// OFAC gives a party one number on all its lists.
	keep(t, s, "us-ofac-sdn", "2026-01-01", `7001,"ALDER WORKS",-0- ,"NPWMD",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- `+"\n")
	keep(t, s, "us-ofac-cons", "2026-01-02", `7001,"ALDER TRADE",-0- ,"NS-PLC",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- `+"\n")
	r, laid := compiled(t, s, k)
	if got, want := said(laid), "us-ofac-plc/7001 alder edition-us-ofac-cons\nus-ofac-sdn/alder alder "; got != want || r.State() != "2 lists of 2026-01-02" {
		t.Errorf("%s of %s\nwant %s", got, r.State(), want)
	}
	if l := laid.Listings[1]; l.Name != "ALDER TRADE" || l.Grade != offshelf.GradeOfficial || l.List != "us-ofac-plc" {
		t.Errorf("%+v", l)
	}
	// Of a list without editions of its own, what an edition drops ends too.
	k.Listings = append(k.Listings, offshelf.Listing{ID: "us-ofac-plc/alder", Party: "alder", List: "us-ofac-plc", Name: "ALDER TRADE", Interval: on(t, "2020", "")})
	keep(t, s, "us-ofac-cons", "2026-01-03", `7002,"CEDAR",-0- ,"NS-PLC",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- `+"\n")
	if _, laid = compiled(t, s, k); said(laid) != "us-ofac-plc/alder alder until 2026-01-03 edition-us-ofac-cons\nus-ofac-sdn/alder alder " {
		t.Error(said(laid))
	}
	// Listed again after the facts say that the listing ended.
	k = facts(t)
	k.Listings[0].Until = on(t, "", "2024-06-01").Until
	s = edition.Open(t.TempDir())
	keep(t, s, section889, "2026-01-01", named("Alder Works Ltd", "Birch Mills Ltd"))
	_, laid = compiled(t, s, k)
	want := "us-ndaa-889/alder alder until 2024-06-01 \nus-ndaa-889/alder-works-ltd alder edition-us-ndaa-889\nus-ndaa-889/birch birch "
	if got := said(laid); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	k.Listings[0].ID = "us-ndaa-889/alder-works-ltd" // the id that the new one would have
	if _, laid = compiled(t, s, k); !strings.Contains(said(laid), "us-ndaa-889/alder-works-ltd@2026-01-01 alder edition") {
		t.Error(said(laid))
	}
	k.Listings[0].ID = "us-ndaa-889/alder"
	// An edition older than that end knows nothing of it.
	k.Listings[0].Until = on(t, "", "2026-02-01").Until
	if _, laid = compiled(t, s, k); said(laid) != "us-ndaa-889/alder alder until 2026-02-01 \nus-ndaa-889/birch birch " {
		t.Error(said(laid))
	}
}

// TestCompileSomeGoods: an order on some goods, in printed words, does not make
// a listing of all goods.
func TestCompileSomeGoods(t *testing.T) {
	order := func(name, status, notes string) string {
		return fmt.Sprintf(`{"name":%q,"aliases":[],"country":"China","address":null,"status":%q,"effective_date":"2025-03-04","federal_register":null,"notes":%q}`, name, status, notes)
	}
	data := `{"list_id":"cbp-wro","extracted":"2026-02-01","count":2,"entities":[` + order("Alder Works", "Active", "WRO; Industry: Food; Merchandise: Frozen kelp") + "," +
		order("Birch Mills", "Inactive-Pending Litigation", "WRO; Industry: Food") + `]}`
	k := facts(t)
	k.Listings = nil
	for _, p := range k.Parties {
		k.Listings = append(k.Listings, offshelf.Listing{ID: "old/" + p.ID, Party: p.ID, List: "us-cbp-wro", Name: p.Name, Interval: on(t, "2019", "2021")})
	}
	s := edition.Open(t.TempDir())
	keep(t, s, "us-cbp-wro", "2026-02-01", data)
	_, laid := compiled(t, s, k)
	if len(laid.Listings) != 3 { // that of Birch Mills is not applied, as the facts have it
		t.Fatal(said(laid))
	}
	alder := laid.Listings[2]
	if alder.Party != "alder" || !alder.Grade.Weak() || !strings.Contains(alder.Citation, "for these goods only: Frozen kelp") || alder.Status != "" {
		t.Errorf("%+v", alder)
	}
}

// TestCompileEnded: what a later edition dropped ends on the day of the first
// edition without it, also when more editions follow, whatever the order in
// which they were added.
func TestCompileEnded(t *testing.T) {
	both, one := named("Alder Works Ltd", "Birch Mills Ltd"), func(more string) string { return named("Alder Works Ltd", more) }
	days := []struct{ day, data string }{
		{"2026-01-01", both}, {"2026-02-01", one("Cedar Looms")}, {"2026-03-01", one("Dale Kilns")}, {"2026-04-01", one("Elm Forges")},
	}
	for _, order := range [][]int{{0, 1}, {0, 1, 2, 3}, {3, 0, 2, 1}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			s := edition.Open(t.TempDir())
			for _, i := range order {
				keep(t, s, section889, days[i].day, days[i].data)
			}
			source := "edition-us-ndaa-889"
			for range 2 { // the second time from the notes
				r, k := compiled(t, s, facts(t))
				lines := strings.Split(said(k), "\n")
				if len(lines) != 2 || lines[0] != "us-ndaa-889/alder alder " || !strings.HasPrefix(lines[1], "us-ndaa-889/birch birch until 2026-02-01 "+source) {
					t.Errorf("%q", lines)
				}
				for _, x := range k.Sources {
					if strings.HasSuffix(lines[1], " "+x.ID) && x.Date.String() != "2026-02-01" {
						t.Errorf("the end is cited from %s", x.Title)
					}
				}
				if len(r.Editions) != 1 {
					t.Error(r.Editions)
				}
			}
			// Notes for other facts, or damaged ones, are made again.
			notes, err := filepath.Glob(filepath.Join(s.Path(), "joined", "*.json"))
			if err != nil || len(notes) == 0 {
				t.Fatal(notes, err)
			}
			for _, n := range notes {
				if err := os.WriteFile(n, []byte(`{"knowledge":"other","parties":{}}`), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if _, k := compiled(t, s, facts(t)); !strings.Contains(said(k), "until 2026-02-01") {
				t.Error(said(k))
			}
		})
	}
}

// TestCompileNotEnded: what looks like an end and is none.
func TestCompileNotEnded(t *testing.T) {
	both, one := named("Alder Works Ltd", "Birch Mills Ltd"), named("Alder Works Ltd", "Cedar Looms Ltd")
	for name, x := range map[string]struct {
		set      func(*offshelf.Knowledge)
		editions []string // of 2026-01-01, -02, …
		birch    string
	}{
		"dropped, and back": {nil, []string{both, one, both + "Company,Dale Kilns,One\n"}, "us-ndaa-889/birch birch "},
		"never there":       {nil, []string{one, named("Alder Works Ltd", "Elm Forges")}, "us-ndaa-889/birch birch "},
		"ended by the facts": {func(k *offshelf.Knowledge) { k.Listings[1].Until = on(t, "", "2025").Until }, []string{both, one},
			"us-ndaa-889/birch birch until 2025 "},
		"listed again, say later facts": {func(k *offshelf.Knowledge) { k.Listings[1].From = on(t, "2026-09-01", "").From }, []string{both, one}, "us-ndaa-889/birch birch "},
	} {
		t.Run(name, func(t *testing.T) {
			s := edition.Open(t.TempDir())
			for i, e := range x.editions {
				keep(t, s, section889, fmt.Sprintf("2026-01-%02d", i+1), e)
			}
			k := facts(t)
			if x.set != nil {
				x.set(k)
			}
			if _, laid := compiled(t, s, k); !strings.Contains(said(laid)+"\n", x.birch+"\n") {
				t.Errorf("%s\nwant %s", said(laid), x.birch)
			}
		})
	}
}

// TestCompileRenamed: an entry that keeps its number under another name has not
// ended.
func TestCompileRenamed(t *testing.T) {
	row := func(name string) string {
		return `7001,"` + name + `",-0- ,"NPWMD",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\n" +
			`7002,"CEDAR",-0- ,"NPWMD",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\n"
	}
	k := facts(t)
	k.Listings = []offshelf.Listing{{ID: "us-ofac-sdn/alder", Party: "alder", List: "us-ofac-sdn", Name: "ALDER WORKS", Interval: on(t, "2019", "")}}
	s := edition.Open(t.TempDir())
	keep(t, s, "us-ofac-sdn", "2026-01-01", row("ALDER WORKS"))
	keep(t, s, "us-ofac-sdn", "2026-02-01", row("ALDER WERKE"))
	if _, laid := compiled(t, s, k); said(laid) != "us-ofac-sdn/alder alder " {
		t.Error(said(laid))
	}
	keep(t, s, "us-ofac-sdn", "2026-03-01", row("ALDER")[strings.Index(row("ALDER"), "7002"):])
	if _, laid := compiled(t, s, k); !strings.Contains(said(laid), "us-ofac-sdn/alder alder") {
		t.Error(said(laid))
	}
}

// TestCompileBadBytes: bytes that are no UTF-8, in an entry or in the name of
// the file, do not keep the lists from being compiled.
func TestCompileBadBytes(t *testing.T) {
	s := edition.Open(t.TempDir())
	keep(t, s, section889, "2026-01-01", "schema,name,program\nCompany,Alder Works Ltd,One\nCompany,Caf\xe9 Cedar \xff Looms,One\n")
	r, _ := compiled(t, s, facts(t))
	if r.Records != 5 {
		t.Errorf("%+v", r.Head)
	}
}

// TestCompileReplaces: who has the old file open keeps it; a failure leaves it.
func TestCompileReplaces(t *testing.T) {
	s := edition.Open(t.TempDir())
	keep(t, s, section889, "2026-01-01", named("Alder Works Ltd"))
	old, _ := compiled(t, s, facts(t))
	before, err := os.ReadFile(s.RollPath())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Compile(t.Context(), facts(t), "facts"); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(s.RollPath()); err != nil || !bytes.Equal(before, again) {
		t.Error("the same editions, other bytes", err)
	}
	keep(t, s, section889, "2026-02-01", named("Alder Works Ltd", "Cedar Looms"))
	next, _ := compiled(t, s, facts(t))
	if old.Verify() != nil || old.Records != 4 || next.Records != 5 {
		t.Errorf("%d, then %d entries", old.Records, next.Records)
	}
	// A kept file that is damaged: told, and the roll stays.
	before, _ = os.ReadFile(s.RollPath())
	raw, err := filepath.Glob(filepath.Join(s.Path(), "raw", "*", "*"))
	if err != nil || len(raw) != 2 {
		t.Fatal(raw, err)
	}
	for _, f := range raw {
		if err := os.WriteFile(f, []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Compile(t.Context(), facts(t), "facts"); err == nil || !strings.Contains(err.Error(), "add the edition again") {
		t.Error(err)
	}
	if after, err := os.ReadFile(s.RollPath()); err != nil || !bytes.Equal(before, after) {
		t.Error("a failure changed the roll", err)
	}
	if left, err := filepath.Glob(filepath.Join(s.Path(), ".new-*")); err != nil || len(left) > 0 {
		t.Error(left, err)
	}
}

// TestCompileTogether: several that compile, add and read at once always see a
// whole file.
func TestCompileTogether(t *testing.T) {
	dir := t.TempDir()
	k := facts(t)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for i := range 4 {
		wg.Go(func() {
			s := edition.Open(dir)
			in := []edition.Input{{Name: "x", From: fmt.Sprintf("x_2026-01-%02d.csv", i+1), Data: []byte(named("Alder Works Ltd", fmt.Sprintf("Cedar %d", i)))}}
			if _, err := s.Add(context.Background(), section889, in, edition.Options{Now: now, AnySize: true}); err != nil {
				t.Error(err)
			}
			if _, err := s.Compile(context.Background(), k, "facts"); err != nil {
				t.Error(err)
			}
		})
	}
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
			r, err := roll.Map(edition.Open(dir).RollPath())
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				t.Error(err)
				return
			}
			if err := r.Verify(); err != nil {
				t.Error(err)
			}
			r.Close()
		}
	})
	wg.Wait()
	close(stop)
	reader.Wait()
	r, _ := compiled(t, edition.Open(dir), k)
	if r.Editions[0].Date.String() != "2026-01-04" {
		t.Errorf("%+v", r.Editions)
	}
}
