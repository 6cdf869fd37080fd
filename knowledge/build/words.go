package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/name"
	"github.com/offshelf/offshelf/knowledge"
)

const wordsFile = "rules/words.txt"

// maxWords is how many words count as common.
const maxWords = 20_000

// levels are SCOWL's: the words of level 10 are the commonest, and each level
// adds rarer ones.
var levels = []string{"10", "20", "35", "50"}

// writeWords ranks the words of SCOWL (Debian package scowl, the source of
// wamerican and wbritish) and writes the commonest. First come the words that
// the goods classes and the language of the knowledge use themselves, then the
// dictionary words in the titles of real shops by their frequency there, then
// the levels of SCOWL, the shorter word first, as brands are short.
func writeWords(dir, scowl, shops string) error {
	k, problems := knowledge.Parse(os.DirFS(dir))
	if k == nil {
		return fmt.Errorf("%v (and %d more)", problems[0], len(problems)-1)
	}
	counts, err := shopWords(shops)
	if err != nil {
		return err
	}
	rank := map[string][2]int{}
	put := func(w string, r [2]int) {
		w = name.Fold(w)
		if old, ok := rank[w]; len(w) >= 3 && plain(w) && (!ok || slices.Compare(r[:], old[:]) < 0) {
			rank[w] = r
		}
	}
	for _, w := range own(k) {
		put(w, [2]int{0, 0})
	}
	known := map[string]bool{}
	for i, level := range levels {
		for _, dialect := range []string{"english", "american", "british"} {
			data, err := os.ReadFile(filepath.Join(scowl, dialect+"-words."+level))
			if err != nil {
				return fmt.Errorf("%w: install the Debian package scowl, or unpack it and name its folder", err)
			}
			for w := range bytes.Lines(data) {
				w := strings.TrimSpace(string(w))
				if n := counts[name.Fold(w)]; n > 0 {
					put(w, [2]int{1, -n})
				}
				known[w] = true
				r := [2]int{2 + 2*i, len(w)}
				if i >= 2 && inflected(w, known) {
					r[0]++
				}
				put(w, r)
			}
		}
	}
	words := make([]string, 0, len(rank))
	for w := range rank {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int {
		x, y := rank[a], rank[b]
		return cmp.Or(slices.Compare(x[:], y[:]), cmp.Compare(a, b))
	})
	words = words[:min(len(words), maxWords)]
	slices.Sort(words)
	return os.WriteFile(filepath.Join(dir, wordsFile), []byte(wordsHead+strings.Join(words, "\n")+"\n"), 0o644)
}

// inflected reports whether the word is a regular form of a known one, which
// makes a rarer name than the word itself.
func inflected(w string, known map[string]bool) bool {
	for _, end := range []string{"s", "es", "d", "ed", "ing", "ly", "ness"} {
		if stem, ok := strings.CutSuffix(w, end); ok && len(stem) >= 3 && (known[stem] || end == "ing" && known[stem+"e"]) {
			return true
		}
	}
	return false
}

// own are the single words of the knowledge's goods classes and language. The
// names of channels and of brands are not words, though the goods list may use
// them.
func own(k *offshelf.Knowledge) []string {
	brands := map[string]bool{}
	for _, b := range k.Brands {
		for _, n := range append([]string{b.Name}, b.Aliases...) {
			brands[name.Key(n)] = true
		}
	}
	var out []string
	for _, g := range k.Goods {
		for _, w := range g.Words {
			if !brands[name.Key(w)] {
				out = append(out, w)
			}
		}
	}
	l := k.Language
	for _, list := range [][]string{l.Compatible, l.Near, l.Reference, l.Imitation, l.Compare, l.Bundle, l.Breakers, l.Lead} {
		out = append(out, list...)
	}
	return out
}

// shopWords reads "count<tab>word" lines.
func shopWords(file string) (map[string]int, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for line := range strings.Lines(string(data)) {
		n, w, _ := strings.Cut(strings.TrimSpace(line), "\t")
		count, err := strconv.Atoi(n)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is not a count and a word", file, line)
		}
		counts[name.Fold(w)] += count
	}
	return counts, nil
}

func plain(w string) bool {
	return strings.IndexFunc(w, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
}

const wordsHead = `# The 20,000 commonest words, for the lint rule "word". Do not edit: written by
# "go run ./knowledge/build -dir knowledge -words /usr/share/dict/scowl" from
#  1. the single words of the goods classes and the language in this folder,
#  2. the words of SCOWL up to level 50 that stand in bench/catalog/words.txt, which
#     counts the words of real shops' titles,
#  3. the words of SCOWL of level 10, then 20, then 35, of which regular plurals and
#     the like come last, the shorter first.
# SCOWL is the Debian package scowl, of which wamerican and wbritish are made:
# Copyright 2000-2018 by Kevin Atkinson. Permission to use, copy, modify,
# distribute and sell these word lists, the associated scripts, the output created
# from the scripts, and its documentation for any purpose is hereby granted without
# fee, provided that the above copyright notice appears in all copies and that both
# that copyright notice and this permission notice appear in supporting
# documentation. Kevin Atkinson makes no representations about the suitability of
# this array for any purpose. It is provided "as is" without express or implied
# warranty.
`
