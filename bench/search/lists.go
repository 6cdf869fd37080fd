package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/register"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/internal/search"
)

// listed is a name of a list.
type listed struct {
	name  string
	kind  search.Kind
	party string // names of one party have one
}

// editions are the published files in a folder of lists, by the id of the list.
var editions = []struct {
	list  string
	files string // pattern
	one   bool   // all files together are one edition; else each is one
}{
	{list: "us-bis-el", files: "us-bis-entity-list_*.json"},
	{list: "us-bis-dpl", files: "us-bis-denied-persons_*.json"},
	{list: "us-bis-meu", files: "us-bis-military-end-user_*.json"},
	{list: "us-ns-cmic", files: "us-ns-cmic_*.json"},
	{list: "us-cbp-wro", files: "us-cbp-wro_*.json"},
	{list: "us-uflpa", files: "us-uflpa_*"},
	{list: "us-1260h", files: "us-1260h*"},
	{list: "us-fcc-covered", files: "us-fcc-covered_*"},
	{list: "us-ndaa-889", files: "us-ndaa-889.csv"},
	{list: "us-csl", files: "us-csl-*.csv"},
	{list: "us-ofac-sdn", files: "us-ofac-sdn_2021-07/*.csv", one: true},
	{list: "us-ofac-sdn", files: "us-ofac-sdn_daily/*.csv"},
	{list: "us-ofac-cons", files: "us-ofac-cons_2025-12/*.csv", one: true},
	{list: "un-sc", files: "un-sc_*.xml"},
	{list: "eu-asset-freeze", files: "eu-*.csv"},
}

// readLists reads the printed names and aliases of all lists in a folder.
// Names that stand on several lists make one party of those that bear them.
func readLists(folder string) ([]listed, error) {
	var out []listed
	seen := map[string]int{}
	parent := map[string]string{}
	var root func(string) string
	root = func(p string) string {
		if q, ok := parent[p]; ok && q != p {
			r := root(q)
			parent[p] = r
			return r
		}
		return p
	}
	add := func(text string, kind search.Kind, party string) {
		text = strings.Join(strings.Fields(strings.Trim(text, " \"'“”,;")), " ")
		if len(text) < 2 || len(text) > 250 {
			return
		}
		key := kind.String() + "\x00" + name.Key(text)
		if i, ok := seen[key]; ok {
			parent[root(party)] = root(out[i].party)
			return
		}
		seen[key] = len(out)
		out = append(out, listed{text, kind, party})
	}
	for _, e := range editions {
		paths, err := filepath.Glob(filepath.Join(folder, e.files))
		if err != nil {
			return nil, err
		}
		if len(paths) == 0 {
			return nil, fmt.Errorf("%s: no file %s of the list %s", folder, e.files, e.list)
		}
		groups := [][]string{paths}
		if !e.one {
			groups = nil
			for _, p := range paths {
				groups = append(groups, []string{p})
			}
		}
		for _, g := range groups {
			if err := readEdition(e.list, g, add); err != nil {
				return nil, err
			}
		}
	}
	for i := range out {
		out[i].party = root(out[i].party)
	}
	return out, nil
}

// readEdition reads the names of an edition. Where the list does not tell a
// person from a company, the name of the entry does.
func readEdition(id string, paths []string, add func(string, search.Kind, string)) error {
	source, err := register.Find(id)
	if err != nil {
		return err
	}
	var files []list.File
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		files = append(files, list.File{Name: p, Data: data})
	}
	edition, err := source.Read(files)
	if err != nil {
		return err
	}
	for i := range edition.Entries {
		e := &edition.Entries[i]
		var kind search.Kind
		if kind.UnmarshalText([]byte(e.Kind)) != nil {
			continue // a place or a class of goods
		}
		if kind == search.Any {
			kind = search.Guess(e.Name)
		}
		add(e.Name, kind, e.ID())
		for _, a := range e.Aliases {
			add(a.Name, kind, e.ID())
		}
	}
	return nil
}
