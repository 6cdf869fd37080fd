package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/offshelf/offshelf/internal/search"
)

// writeCounts writes in how many names of companies and of persons each word
// stands, for words of at least four names, and which words are common English.
// Counts are facts; no name can be read back from them.
func writeCounts(names []listed, words, out string) error {
	const least = 4
	type pair [2]int
	counts := map[string]*pair{}
	var total pair
	for _, n := range names {
		side := 0
		if n.kind == search.Person {
			side = 1
		}
		total[side]++
		tokens := search.Tokens(n.name, n.kind)
		slices.Sort(tokens)
		for _, t := range slices.Compact(tokens) {
			if counts[t] == nil {
				counts[t] = new(pair)
			}
			counts[t][side]++
		}
	}
	english := map[string]bool{}
	f, err := os.Open(words)
	if err != nil {
		return err
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if w := s.Text(); w != "" && !strings.HasPrefix(w, "#") {
			english[w] = true
		}
	}
	var lines []string
	for t, c := range counts {
		if c[0]+c[1] >= least && !english[t] {
			lines = append(lines, fmt.Sprintf("%s %d %d", t, c[0], c[1]))
		}
	}
	for w := range english {
		c := counts[w]
		if c == nil {
			c = new(pair)
		}
		lines = append(lines, fmt.Sprintf("%s %d %d d", w, c[0], c[1]))
	}
	slices.SortFunc(lines, func(a, b string) int {
		a, _, _ = strings.Cut(a, " ")
		b, _, _ = strings.Cut(b, " ")
		return strings.Compare(a, b)
	})
	text := "# In how many names of companies and of persons on the official lists a word stands; d: a common word of English.\n" +
		"# Written by: go run ./bench/search -counts internal/search/data/counts.txt\n" +
		fmt.Sprintf("* %d %d\n", total[0], total[1]) + strings.Join(lines, "\n") + "\n"
	return os.WriteFile(out, []byte(text), 0o644)
}
