// Command lexicon derives the ordinary brands from what catalogs show: values
// of brand columns with which the titles of their own rows begin. It prints why
// an entry that was written by hand is not among them.
//
//	go run ./bench/lexicon -catalogs ../shared/data/catalogs -out knowledge/rules/lexicon.yaml
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/catalog"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/knowledge"
)

func main() {
	catalogs := flag.String("catalogs", "../shared/data/catalogs", "folder of catalogs")
	dir := flag.String("dir", "knowledge", "folder of the facts")
	several := flag.Int("several", 3, "rows that a brand of two catalogs has at least")
	alone := flag.Int("alone", 10, "rows that a brand of one catalog has at least")
	out := flag.String("out", "", "file to write the brands to")
	flag.Parse()
	if err := run(*catalogs, *dir, *several, *alone, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// value is what one brand column value was seen to do.
type value struct {
	text     string // as first printed
	rows     int
	headed   int // rows whose title begins with it
	catalogs map[string]bool
}

func run(folder, dir string, several, alone int, out string) error {
	// What the facts say now, without the lexicon that is to be derived.
	k, problems := knowledge.Parse(os.DirFS(dir))
	if k == nil {
		return fmt.Errorf("%v (and %d more)", problems[0], len(problems)-1)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no catalogs in %s", folder)
	}
	seen := map[string]*value{}
	for _, f := range files {
		if other := strings.TrimSuffix(f, ".json") + ".csv"; strings.HasSuffix(f, ".json") && slices.Contains(files, other) {
			continue // the same rows in another form
		}
		if err := count(f, seen); err != nil {
			return err
		}
	}
	s := newSieve(k)
	var kept []string
	for key, v := range seen {
		if s.refuses(key, v, several, alone) == "" {
			kept = append(kept, printed(v.text))
		}
	}
	slices.Sort(kept)
	kept = slices.Compact(kept)
	fmt.Printf("%d values of brand columns, %d ordinary brands\n", len(seen), len(kept))
	for _, w := range k.Lexicon {
		key := name.Key(printed(w))
		v := cmp.Or(seen[key], &value{text: w})
		if why := s.refuses(key, v, several, alone); why != "" {
			fmt.Printf("not derived: %-24s %s\n", w, why)
		}
	}
	if out == "" {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, head, several, alone)
	for _, w := range kept {
		fmt.Fprintf(&b, "  - %s\n", quoted(w))
	}
	return os.WriteFile(out, []byte(b.String()), 0o644)
}

const head = `# Ordinary brands, derived from the brand columns of catalogs by "go run ./bench/lexicon
# -out knowledge/rules/lexicon.yaml". Do not edit: what the catalogs do not show stands in
# lexicon-known.yaml. A brand column or the head of a title that names one of them speaks
# against every brand of the knowledge. Each has %d rows in two catalogs or %d in one, the
# titles of most of its rows begin with it, and it is no everyday word, no brand of the
# knowledge, no carrier and no shop.
lexicon:
`

func count(file string, seen map[string]*value) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	c, err := catalog.Open(file, f, catalog.Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	var products []offshelf.Product
	for {
		b, err := c.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		products, _ = b.Decode(products[:0])
		for _, p := range products {
			text := printed(cmp.Or(p.Brand, p.Manufacturer))
			key := name.Key(text)
			if key == "" || len(text) > 40 {
				continue
			}
			v := seen[key]
			if v == nil {
				v = &value{text: strings.Clone(text), catalogs: map[string]bool{}}
				seen[strings.Clone(key)] = v
			}
			v.rows++
			v.catalogs[file] = true
			if begins(p.Title, key) {
				v.headed++
			}
		}
	}
}

// begins reports whether the first words of the title have the key.
func begins(title, key string) bool {
	got := ""
	for _, t := range name.Tokens(printed(title)) {
		if got += t; len(got) >= len(key) {
			break
		}
	}
	return got == key
}

// printed drops marks of registration and folds.
func printed(s string) string {
	return name.Fold(strings.TrimSpace(strings.NewReplacer("™", "", "®", "", "©", "").Replace(s)))
}

var plain = regexp.MustCompile(`^[a-z][a-z0-9 .'-]*$`)

func quoted(s string) string {
	if !plain.MatchString(s) || slices.Contains([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}, s) {
		return strconv.Quote(s)
	}
	return s
}
