package main

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/internal/search"
)

// listed is a name of a list.
type listed struct {
	name  string
	kind  search.Kind
	party string // names of one party have one
}

// readLists reads the printed names and aliases of all lists in a folder. It
// knows the shapes of these files and no more. Names that stand on several
// lists make one party of those that bear them.
func readLists(folder string) ([]listed, error) {
	if err := walkLists(folder, func(string, search.Kind, string) {}); err != nil {
		return nil, err // a first pass learns the kinds of OFAC's numbers
	}
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
	err := walkLists(folder, func(text string, kind search.Kind, party string) {
		text = strings.Join(strings.Fields(strings.Trim(text, " \"'“”,;")), " ")
		if len(text) < 2 || len(text) > 250 || text == "-0-" {
			return
		}
		key := kind.String() + "\x00" + name.Key(text)
		if i, ok := seen[key]; ok {
			parent[root(party)] = root(out[i].party)
			return
		}
		seen[key] = len(out)
		out = append(out, listed{text, kind, party})
	})
	for i := range out {
		out[i].party = root(out[i].party)
	}
	return out, err
}

func walkLists(folder string, add func(string, search.Kind, string)) error {
	return filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		base := filepath.Base(path)
		switch {
		case strings.HasSuffix(base, ".json"):
			return readExtract(path, add)
		case strings.HasPrefix(base, "un-sc") && strings.HasSuffix(base, ".xml"):
			return readUN(path, add)
		case strings.Contains(path, "us-ofac-") && strings.HasSuffix(base, ".csv"):
			return readOFAC(path, add)
		case strings.HasSuffix(base, ".csv"):
			return readTable(path, add)
		}
		return nil // the HTML page has the names of the JSON file beside it
	})
}

func readExtract(path string, add func(string, search.Kind, string)) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var file struct {
		List     string `json:"list_id"`
		Entities []struct {
			Name    string   `json:"name"`
			Aliases []string `json:"aliases"`
		} `json:"entities"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i, e := range file.Entities {
		party := fmt.Sprintf("%s-%d", file.List, i)
		add(e.Name, search.Guess(e.Name), party)
		for _, a := range e.Aliases {
			add(a, search.Guess(e.Name), party)
		}
	}
	return nil
}

func readUN(path string, add func(string, search.Kind, string)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	type entry struct {
		ID      string   `xml:"DATAID"`
		First   string   `xml:"FIRST_NAME"`
		Second  string   `xml:"SECOND_NAME"`
		Third   string   `xml:"THIRD_NAME"`
		Fourth  string   `xml:"FOURTH_NAME"`
		Person  []string `xml:"INDIVIDUAL_ALIAS>ALIAS_NAME"`
		Company []string `xml:"ENTITY_ALIAS>ALIAS_NAME"`
	}
	d := xml.NewDecoder(f)
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s, ok := t.(xml.StartElement)
		if !ok || s.Name.Local != "INDIVIDUAL" && s.Name.Local != "ENTITY" {
			continue
		}
		var e entry
		if err := d.DecodeElement(&e, &s); err != nil {
			return err
		}
		kind := search.Company
		if s.Name.Local == "INDIVIDUAL" {
			kind = search.Person
		}
		add(strings.Join([]string{e.First, e.Second, e.Third, e.Fourth}, " "), kind, "un-"+e.ID)
		for _, a := range append(e.Person, e.Company...) {
			add(a, kind, "un-"+e.ID)
		}
	}
}

func readOFAC(path string, add func(string, search.Kind, string)) error {
	base := filepath.Base(path)
	if strings.Contains(base, "add") || strings.Contains(base, "comments") {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil || len(row) < 4 {
			continue
		}
		if strings.Contains(base, "alt") {
			add(row[3], kinds["ofac-"+row[0]], "ofac-"+row[0])
			continue
		}
		kind := search.Company
		switch strings.TrimSpace(row[2]) {
		case "individual":
			kind = search.Person
		case "vessel", "aircraft":
			kind = search.Vessel
		}
		kinds["ofac-"+row[0]] = kind
		add(row[1], kind, "ofac-"+row[0])
	}
}

// kinds are those of the parties met, for the file of aliases. The files are
// read in the order of their names, in which alt stands before sdn: they are
// walked twice.
var kinds = map[string]search.Kind{}

func readTable(path string, add func(string, search.Kind, string)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	at := map[string]int{}
	for i, h := range head {
		at[strings.ToLower(h)] = i
	}
	get := func(row []string, column string) string {
		if i, ok := at[column]; ok && i < len(row) {
			return row[i]
		}
		return ""
	}
	if _, ok := at["name"]; !ok {
		return nil // rows of the Covered List are sentences; the JSON file has the names
	}
	for n := 0; ; n++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil || get(row, "name") == "name" {
			continue
		}
		printed := get(row, "name")
		if clean := get(row, "clean name"); clean != "" {
			printed = clean
		}
		kind := search.Any
		switch strings.ToLower(get(row, "type") + get(row, "schema")) {
		case "individual", "person":
			kind = search.Person
		case "entity", "organization", "company", "legalentity":
			kind = search.Company
		case "vessel", "aircraft":
			kind = search.Vessel
		}
		if kind == search.Any {
			kind = search.Guess(printed)
		}
		party := fmt.Sprintf("%s-%d", filepath.Base(path), n)
		add(printed, kind, party)
		for _, column := range []string{"alt_names", "alias", "aliases", "weakalias", "previousname", "previous name"} {
			for _, a := range strings.FieldsFunc(get(row, column), func(r rune) bool { return r == ';' || r == '\n' }) {
				add(a, kind, party)
			}
		}
	}
}
