// Command build checks the facts and writes their compiled form, which the
// binary embeds. With -mac it first reads the IEEE registry (Debian package
// ieee-data) and writes the MAC prefixes of every registrant that a party
// names. With -words it writes the list of common words that lint uses.
package main

import (
	"encoding/csv"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
)

func main() {
	dir := flag.String("dir", ".", "folder of the facts")
	registry := flag.String("mac", "", "folder of the IEEE registry, /usr/share/ieee-data")
	words := flag.String("words", "", "folder of SCOWL, /usr/share/dict/scowl: write the common words and end")
	shops := flag.String("shops", "bench/catalog/words.txt", "counted words of shops' titles, for -words")
	lint := flag.Bool("lint", false, "only check, as a reviewer would")
	flag.Parse()
	var err error
	if *words != "" {
		err = writeWords(*dir, *words, *shops)
	} else {
		err = run(*dir, *registry, *lint)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir, registry string, lint bool) error {
	if registry != "" {
		if err := prefixes(dir, registry); err != nil {
			return err
		}
	}
	check := knowledge.Parse
	if lint {
		check = func(fsys fs.FS) (*offshelf.Knowledge, []knowledge.Problem) {
			return knowledge.Lint(fsys, offshelf.DayOf(time.Now()))
		}
	}
	k, problems := check(os.DirFS(dir))
	for _, p := range problems {
		fmt.Fprintln(os.Stderr, p)
	}
	if k == nil {
		return fmt.Errorf("%d problems", len(problems))
	}
	if lint {
		return nil
	}
	data, err := knowledge.Compile(k)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "compiled.json"), data, 0o644)
}

const macFile = "mac.yaml"

// prefixes writes one MAC tell a party, from the registry's own spellings.
func prefixes(dir, registry string) error {
	if err := os.Remove(filepath.Join(dir, macFile)); err != nil && !os.IsNotExist(err) {
		return err
	}
	k, problems := knowledge.Parse(os.DirFS(dir))
	if k == nil {
		return fmt.Errorf("%v (and %d more)", problems[0], len(problems)-1)
	}
	owner := map[string]string{}
	for _, p := range k.Parties {
		for _, r := range p.Registrants {
			owner[r] = p.ID
		}
	}
	found := map[string][]string{}
	seen := map[string]bool{}
	for _, name := range []string{"oui.csv", "mam.csv", "oui36.csv"} {
		f, err := os.Open(filepath.Join(registry, name))
		if err != nil {
			return fmt.Errorf("%w: install the Debian package ieee-data", err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, row := range rows[1:] {
			if id, ok := owner[row[2]]; ok {
				found[id] = append(found[id], row[1])
				seen[row[2]] = true
			}
		}
	}
	var missing []string
	for r := range owner {
		if !seen[r] {
			missing = append(missing, r)
		}
	}
	sort.Strings(missing)
	fmt.Fprintf(os.Stderr, "%d of %d registrants have no prefix in this edition of the registry: %s\n", len(missing), len(owner), strings.Join(missing, "; "))
	var b strings.Builder
	b.WriteString(macHead + "tells:\n")
	ids := make([]string, 0, len(found))
	for id := range found {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, id := range ids {
		sort.Strings(found[id])
		fmt.Fprintf(&b, "  - kind: mac\n    pattern: \"%s\"\n    party: %s\n    strength: medium\n    sources: [ieee-ra-listings]\n",
			strings.Join(found[id], " "), id)
	}
	return os.WriteFile(filepath.Join(dir, macFile), []byte(b.String()), 0o644)
}

const macHead = `# Written by "go run ./knowledge/build -dir knowledge -mac /usr/share/ieee-data" from the
# IEEE registry. Do not edit: add the registrant's exact spelling to its party.
sources:
  - id: ieee-ra-listings
    title: IEEE Registration Authority, MA-L, MA-M and MA-S public listings
    publisher: IEEE
    url: https://standards-oui.ieee.org/
    grade: filing
`
