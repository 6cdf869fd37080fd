package knowledge_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/offshelf/offshelf/knowledge"
)

// lists are the official lists that the printed names are compared with.
const lists = "../../shared/data/lists"

// TestListingsAreAsPrinted finds every listing that is still in force in the
// list itself, by its printed name.
func TestListingsAreAsPrinted(t *testing.T) {
	if _, err := os.Stat(lists); err != nil {
		t.Skip("shared/data is absent")
	}
	printed := map[string]map[string]bool{}
	for list, file := range map[string]string{
		"us-bis-el":      "us-bis-entity-list_2026-07-09.json",
		"us-uflpa":       "us-uflpa_2026-07-09.json",
		"us-1260h":       "us-1260h_2026-06-10.json",
		"us-ns-cmic":     "us-ns-cmic_2026-07-09.json",
		"us-fcc-covered": "us-fcc-covered_2026-07-09.json",
	} {
		printed[list] = jsonNames(t, file)
	}
	printed["us-ndaa-889"] = csvNames(t, "us-ndaa-889.csv", "name")
	for name := range csvNames(t, "us-1260h-editions_2021-2026.csv", "") {
		printed["us-1260h"][name] = true
	}
	k, _, err := knowledge.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, l := range k.Listings {
		names, ok := printed[l.List]
		if !ok || !l.Until.IsZero() {
			continue
		}
		checked++
		if !names[squeeze(l.Name)] && !within(names, squeeze(l.Name)) {
			t.Errorf("%s: %q is not printed on the list", l.ID, l.Name)
		}
	}
	if checked < 60 {
		t.Errorf("only %d listings were compared", checked)
	}
}

// squeeze drops what editions set differently: case, spaces and punctuation.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// within tells whether a longer entry holds the name: FCC rows are sentences.
func within(names map[string]bool, name string) bool {
	for n := range names {
		if len(name) > 5 && strings.Contains(n, name) {
			return true
		}
	}
	return false
}

func jsonNames(t *testing.T, file string) map[string]bool {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(lists, file))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Entities []struct {
			Name    string   `json:"name"`
			Aliases []string `json:"aliases"`
			Notes   string   `json:"notes"`
		} `json:"entities"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, e := range list.Entities {
		names[squeeze(e.Name)] = true
		names[squeeze(e.Notes)] = true
		for _, a := range e.Aliases {
			names[squeeze(a)] = true
		}
	}
	return names
}

func csvNames(t *testing.T, file, column string) map[string]bool {
	t.Helper()
	f, err := os.Open(filepath.Join(lists, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, row := range rows[1:] {
		for i, v := range row {
			if column == "" || rows[0][i] == column {
				names[squeeze(v)] = true
			}
		}
	}
	return names
}
