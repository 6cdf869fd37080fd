// Command search measures the name search: recall under errors, false alarms on
// ordinary names, latency against a linear Jaro–Winkler scan, and growth. It
// also derives the two tables that the search rests on.
//
//	go run ./bench/search
//	go run ./bench/search -counts internal/search/data/counts.txt
//	go run ./bench/search -fit -out internal/search/data/model.txt
package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	data := flag.String("data", "../shared/data", "folder of the lists, catalogs and pairs")
	counts := flag.String("counts", "", "write the counts of words to this file and end")
	words := flag.String("words", "knowledge/rules/words.txt", "common words of English, for -counts")
	fitting := flag.Bool("fit", false, "fit the score on the labelled pairs and end")
	penalty := flag.Float64("penalty", 0.4, "penalty on the squares of the coefficients, for -fit")
	splits := flag.Int("splits", 20, "random halves to cross-validate on, for -fit")
	out := flag.String("out", "", "write the coefficients to this file, for -fit")
	wrong := flag.Bool("wrong", false, "print what comes out wrong")
	queries := flag.Int("queries", 20000, "queries of each sort")
	seed := flag.Uint64("seed", 1, "seed of the queries and of the made names")
	sizes := flag.String("sizes", "30000,300000,3000000", "numbers of made names for the growth of the cost; empty for none")
	mapped := flag.String("mapped", "", "map this index, search the name that follows, and end")
	flag.Parse()
	err := func() error {
		if *mapped != "" {
			return searchMapped(*mapped, flag.Arg(0))
		}
		if *fitting {
			return runFit(*data+"/names/pairs.csv", *penalty, *splits, *out, *wrong)
		}
		if *counts != "" {
			names, err := readLists(*data + "/lists")
			if err != nil {
				return err
			}
			return writeCounts(names, *words, *counts)
		}
		var list []int
		for f := range strings.FieldsSeq(strings.ReplaceAll(*sizes, ",", " ")) {
			n, err := strconv.Atoi(f)
			if err != nil || n < 1000 {
				return fmt.Errorf("-sizes: %q is no number of names from 1000", f)
			}
			list = append(list, n)
		}
		return runBench(*data, *words, *queries, *seed, list, *wrong)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
