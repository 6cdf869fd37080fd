package register_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/listtest"
	"github.com/offshelf/offshelf/internal/list/register"
)

// editions are the published files, and what reading them must come to: rows,
// entries, refused rows.
var editions = []struct {
	list                   string
	files                  []string
	rows, entries, refused int
}{
	{"us-bis-el", []string{"us-bis-entity-list_2026-07-09.json"}, 3409, 3409, 0},
	{"us-bis-dpl", []string{"us-bis-denied-persons_2026-07-09.json"}, 564, -1, 0},
	{"us-bis-meu", []string{"us-bis-military-end-user_2026-07-09.json"}, 70, 70, 0},
	{"us-ns-cmic", []string{"us-ns-cmic_2026-07-09.json"}, 68, 68, 0},
	{"us-cbp-wro", []string{"us-cbp-wro_2026-07-09.json"}, 67, -1, 0},
	{"us-uflpa", []string{"us-uflpa_2026-07-09.html"}, 160, 145, 0},
	{"us-uflpa", []string{"us-uflpa_2026-07-09.json"}, 148, 145, 0},
	{"us-1260h", []string{"us-1260h_2026-06-10.json"}, 80, -1, 0},
	{"us-1260h", []string{"us-1260h-editions_2021-2026.csv"}, 397, -1, 0},
	{"us-fcc-covered", []string{"us-fcc-covered_2026-05-21.csv"}, 13, 14, 0},
	{"us-fcc-covered", []string{"us-fcc-covered_2026-06-23.csv"}, 13, 14, 0},
	{"us-fcc-covered", []string{"us-fcc-covered_2026-07-09.json"}, 15, 15, 0},
	{"us-fcc-covered", []string{"us-fcc-covered_2026-07-20.csv"}, 14, 15, 0},
	{"us-fcc-covered", []string{"us-fcc-covered_2026-07-21.csv"}, 14, 15, 0},
	{"us-fcc-covered", []string{"us-fcc-covered_2026-08-20.csv"}, 16, 17, 0},
	{"us-ndaa-889", []string{"us-ndaa-889.csv"}, 5, 5, 0},
	{"us-csl", []string{"us-csl-partial_2023-11-30.csv"}, 4228, -1, 2},
	{"us-csl", []string{"us-csl-excerpt_2025-06-25.csv"}, 13, 13, 0},
	{"us-ofac-sdn", []string{"us-ofac-sdn_2021-07/sdn.csv", "us-ofac-sdn_2021-07/alt.csv", "us-ofac-sdn_2021-07/add.csv", "us-ofac-sdn_2021-07/sdn_comments.csv"}, 8976 + 11910 + 13837 + 5, 8976, 0},
	{"us-ofac-sdn", []string{"us-ofac-sdn_daily/sdn_2024-05-02.csv"}, 14973, 14973, 0},
	{"us-ofac-sdn", []string{"us-ofac-sdn_daily/sdn_2024-05-03.csv"}, 14965, 14965, 0},
	{"us-ofac-cons", []string{"us-ofac-cons_2025-12/cons_prim.csv", "us-ofac-cons_2025-12/cons_alt.csv", "us-ofac-cons_2025-12/cons_add.csv", "us-ofac-cons_2025-12/cons_comments.csv"}, 442 + 1073 + 574 + 10, 442, 0},
	{"un-sc", []string{"un-sc_2026-02-27.xml"}, 1003, 1003, 0},
	{"eu-asset-freeze", []string{"eu-32014R0269_2026-08.csv"}, 2802, 2802, 0},
}

func read(t testing.TB, id string, names ...string) *list.Edition {
	t.Helper()
	files := listtest.Published(t, names...)
	s, err := register.Find(id)
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Read(files)
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(names, ", "), err)
	}
	return e
}

// TestPublishedLists reads every published list that is at hand and prints the
// account of its rows.
func TestPublishedLists(t *testing.T) {
	real := listtest.PublishedDir(t)
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "list\tform\tdate\trows\timported\talso\tjoined\tskipped\trefused\tentries\twarnings\t")
	used := map[string]bool{}
	for _, want := range editions {
		e := read(t, want.list, want.files...)
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", e.List, e.Format, e.Date, e.Rows, e.Imported, e.Also, e.Joined, e.Skipped, e.Refusals, len(e.Entries), len(e.Warnings))
		for _, r := range e.Refused {
			t.Logf("%s: refused: %s", want.files[0], r)
		}
		for _, r := range e.Warnings {
			t.Logf("%s: warning: %s", want.files[0], r)
		}
		if !e.Sound() || len(e.Entries) != e.Counts.Entries() {
			t.Errorf("%s: the account does not add up: %+v", want.files[0], e.Counts)
		}
		if want.rows >= 0 && e.Rows != want.rows || want.entries >= 0 && len(e.Entries) != want.entries || e.Refusals != want.refused {
			t.Errorf("%s: %d rows, %d entries, %d refused; want %d, %d, %d", want.files[0], e.Rows, len(e.Entries), e.Refusals, want.rows, want.entries, want.refused)
		}
		if len(e.Refused) != e.Refusals {
			t.Errorf("%s: %d of %d refusals have a reason", want.files[0], len(e.Refused), e.Refusals)
		}
		for _, f := range want.files {
			used[f] = true
		}
	}
	w.Flush()
	t.Logf("\n%s", out.String())
	// A file that no line above names would be lost silently.
	err := filepath.WalkDir(real, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(real, path)
		if !used[filepath.ToSlash(name)] {
			t.Errorf("%s is not read", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestOneDayOfSDN is the difference that a person can count: eight entries
// were removed on that day, none was added, none changed.
func TestOneDayOfSDN(t *testing.T) {
	a := read(t, "us-ofac-sdn", "us-ofac-sdn_daily/sdn_2024-05-02.csv")
	b := read(t, "us-ofac-sdn", "us-ofac-sdn_daily/sdn_2024-05-03.csv")
	var got []string
	for _, c := range list.Diff(a.Entries, b.Entries) {
		got = append(got, c.How+" "+c.UID+" "+c.Name)
	}
	want := []string{
		"removed 38557 9H-AMN", "removed 38558 9H-ARK", "removed 38559 9H-EAA", "removed 38560 9H-MAO",
		"removed 38563 9H-SIS", "removed 38565 9H-SSK", "removed 38566 9H-TIO", "removed 38556 EMPEROR AVIATION LTD",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	back := list.Diff(b.Entries, a.Entries)
	if len(back) != 8 || back[0].How != list.Added {
		t.Errorf("backwards: %d changes", len(back))
	}
}

// TestFCCEditions follows the Covered List through its five tables.
func TestFCCEditions(t *testing.T) {
	days := []string{"2026-05-21", "2026-06-23", "2026-07-20", "2026-07-21", "2026-08-20"}
	want := [][]string{
		{"changed uncrewed-aircraft-systems-uas-and-uas-critical-components facts remarks"},
		{"added digitalsystem-technology-inc", "changed kaspersky-lab-inc remarks"},
		nil, // the page was only set anew
		{"added advanced-robotic-devices", "added power-inverters", "changed uncrewed-aircraft-systems-uas-and-uas-critical-components facts remarks"},
	}
	for i := range want {
		a := read(t, "us-fcc-covered", "us-fcc-covered_"+days[i]+".csv")
		b := read(t, "us-fcc-covered", "us-fcc-covered_"+days[i+1]+".csv")
		var got []string
		for _, c := range list.Diff(a.Entries, b.Entries) {
			line := c.How + " " + c.UID
			for _, f := range c.Fields {
				line += " " + f.Field
			}
			got = append(got, line)
		}
		if !slices.Equal(got, want[i]) {
			t.Errorf("%s to %s:\n%s\nwant\n%s", days[i], days[i+1], strings.Join(got, "\n"), strings.Join(want[i], "\n"))
		}
	}
}
