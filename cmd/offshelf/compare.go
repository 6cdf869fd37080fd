package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/offshelf/offshelf/internal/search"
)

type compareCommand struct {
	Names     []string    `arg:"" optional:"" name:"name" help:"Two names."`
	Pairs     string      `placeholder:"FILE" help:"Compare the pairs of a CSV file, columns name1 and name2, and schema or kind where it has one. - is standard input."`
	Kind      string      `aliases:"schema" default:"any" placeholder:"KIND" help:"What the names name: company, person, vessel or any, which finds out. Also spelled --schema."`
	Threshold probability `default:"0.5" placeholder:"P" help:"Score from which two names match, 0 to 1. The default is 0.5: as probable as not."`
	Output    string      `short:"o" default:"text" enum:"text,csv,json" help:"text, csv (name1,name2,score,match,reasons) or json (one object a pair)."`
}

func (compareCommand) Help() string {
	return `Says how probable it is that two names are meant to be one, and why, word by word.

Example:

  offshelf compare "Hik Vision Digital" "Hikvision Digital Technology Co., Ltd."
  offshelf compare "浙江大华技术股份有限公司" "Zhejiang Dahua Technology" --kind company

1.0 is the same name but for case, accents and punctuation. Two names that match may still be two companies.`
}

// comparison is one line of the output.
type comparison struct {
	Name1   string   `json:"name1"`
	Name2   string   `json:"name2"`
	Score   float64  `json:"score"`
	Match   bool     `json:"match"`
	Kind    string   `json:"kind"`
	Reasons []string `json:"reasons"`
}

// Run compares the two names, or the pairs of the file.
func (c *compareCommand) Run(s *session) error {
	var kind search.Kind
	if err := kind.UnmarshalText([]byte(c.Kind)); err != nil {
		return fmt.Errorf("--kind: %w", err)
	}
	out := &comparisonWriter{s: s, form: c.Output}
	if c.Output == "csv" {
		out.csv = csv.NewWriter(s.stdout)
		if err := out.csv.Write([]string{"name1", "name2", "score", "match", "reasons"}); err != nil {
			return err
		}
	}
	switch {
	case c.Pairs == "" && len(c.Names) != 2:
		return fmt.Errorf("%d names: give two, in quotes, or --pairs FILE", len(c.Names))
	case c.Pairs != "" && len(c.Names) > 0:
		return errors.New("names and --pairs: give one of them")
	case c.Pairs == "":
		if err := out.write(c.compare(c.Names[0], c.Names[1], kind)); err != nil {
			return err
		}
		return out.end()
	}
	read, failed := 0, 0
	err := s.eachRecord(c.Pairs, func(r record) error {
		read++
		why, k := r.err, kind
		if why == nil && kind == search.Any {
			k, why = r.kind()
		}
		if why == nil {
			return out.write(c.compare(r.get("name1"), r.get("name2"), k))
		}
		// A line all the same, so that line n of the output is pair n.
		failed++
		fmt.Fprintf(s.stderr, "%s: line %d: %v\n", shown(c.Pairs), r.line, why)
		result := comparison{Kind: search.Any.String(), Reasons: []string{"not compared: " + why.Error()}}
		if r.get != nil {
			result.Name1, result.Name2 = r.get("name1"), r.get("name2")
		}
		return out.write(result)
	}, []string{"name1"}, []string{"name2"})
	if err != nil {
		return err
	}
	if failed > 0 {
		fmt.Fprintf(s.stderr, "%s read: %d compared, %d failed\n", plural(read, "pair"), read-failed, failed)
	}
	return out.end()
}

func (c *compareCommand) compare(name1, name2 string, kind search.Kind) comparison {
	r := search.Compare(name1, name2, kind)
	return comparison{name1, name2, r.Score, r.Score >= float64(c.Threshold), r.Kind.String(), r.Reasons}
}

// comparisonWriter prints comparisons in one form.
type comparisonWriter struct {
	s    *session
	form string
	csv  *csv.Writer
}

func (w *comparisonWriter) write(c comparison) error {
	switch w.form {
	case "csv":
		return w.csv.Write([]string{inert(c.Name1), inert(c.Name2), score(c.Score), strconv.FormatBool(c.Match), inert(strings.Join(c.Reasons, "; "))})
	case "json":
		return writeJSON(w.s, c)
	}
	verdict := "no match"
	if c.Match {
		verdict = "match"
	}
	_, err := fmt.Fprintf(w.s.stdout, "%s  %s (%s)\n  %s\n  %s\n", score(c.Score), verdict, c.Kind, shown(c.Name1), shown(c.Name2))
	for _, r := range c.Reasons {
		if err == nil {
			_, err = fmt.Fprintf(w.s.stdout, "    %s\n", shown(r))
		}
	}
	return err
}

func (w *comparisonWriter) end() error {
	if w.csv == nil {
		return nil
	}
	w.csv.Flush()
	return w.csv.Error()
}

// score prints a probability with four places.
func score(p float64) string { return strconv.FormatFloat(p, 'f', 4, 64) }
