package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	data := flag.String("data", "../shared/data", "folder of the lists, catalogs and pairs")
	counts := flag.String("counts", "", "write the counts of words to this file and end")
	words := flag.String("words", "knowledge/rules/words.txt", "common words of English, for -counts")
	fitting := flag.Bool("fit", false, "fit the score on the labelled pairs and end")
	penalty := flag.Float64("penalty", 0.3, "penalty on the squares of the coefficients, for -fit")
	splits := flag.Int("splits", 20, "random halves to cross-validate on, for -fit")
	out := flag.String("out", "", "write the coefficients to this file, for -fit")
	wrong := flag.Bool("wrong", false, "print the pairs that come out wrong, for -fit")
	flag.Parse()
	err := func() error {
		if *fitting {
			return runFit(*data+"/names/pairs.csv", *penalty, *splits, *out, *wrong)
		}
		if _, err := readLists(*data + "/lists"); err != nil {
			return err
		}
		names, err := readLists(*data + "/lists")
		if err != nil {
			return err
		}
		if *counts != "" {
			return writeCounts(names, *words, *counts)
		}
		fmt.Println(len(names), "names")
		return nil
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
