package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/screen"
)

type coverageCommand struct {
	overlayFlags
	Files  []string  `arg:"" name:"catalog" help:"Catalogs, as screen reads them. - is standard input."`
	Map    columnMap `placeholder:"FIELD=COLUMN" help:"Read FIELD from COLUMN instead of the guess. Repeatable."`
	Format string    `placeholder:"FORMAT" help:"Format of the catalogs where it is not to be recognised."`
	AsOf   asOf      `placeholder:"DATE" help:"Count as listed what a rule reaches on this day. The default is today."`
	Top    positive  `default:"20" placeholder:"N" help:"How many unknown brands to name, up to 100000. The default is 20."`
	Output string    `short:"o" default:"text" enum:"text,json" help:"text or json."`
}

func (coverageCommand) Help() string {
	return `Counts the rows whose brand is known, names the commonest brands that are not, and says how ambiguous names
were settled, which tells fired and which goods were recognised. Nothing is judged: see screen for that.

Example:

  offshelf knowledge coverage examples/hardware-store-2021.csv`
}

// positive is a number of things to print.
type positive int

// UnmarshalText implements encoding.TextUnmarshaler.
func (n *positive) UnmarshalText(text []byte) error {
	if _, err := fmt.Sscanf(string(text)+"\n", "%d\n", (*int)(n)); err != nil || *n < 1 || *n > 100_000 {
		return fmt.Errorf("%q is no number of brands: use 1 to 100000", text)
	}
	return nil
}

// Run counts what the knowledge covers of the catalogs.
func (c *coverageCommand) Run(s *session) error {
	if i := slices.Index(c.Files, "-"); i >= 0 && slices.Contains(c.Files[i+1:], "-") {
		return errors.New("- is named twice: standard input can be read only once")
	}
	snapshot, err := c.snapshot(s)
	if err != nil {
		return err
	}
	policy, _ := snapshot.Policy("default")
	screener, err := screen.New(snapshot, policy, screen.AsOf(c.AsOf.on()))
	if err != nil {
		return err
	}
	var sources []screen.Source
	for _, name := range c.Files {
		f, err := s.open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		sources = append(sources, screen.Source{Name: name, Read: f, Map: c.Map, Form: c.Format})
	}
	p := newProgress(s.stderr)
	cov, broken := screener.Coverage(s.ctx, sources, screen.CoverageOptions{Top: int(c.Top), Watch: p.watch})
	p.done()
	if cov == nil {
		return broken
	}
	if c.Output == "json" {
		if err := json.MarshalWrite(s.stdout, cov, json.Deterministic(true), jsontext.AllowInvalidUTF8(true)); err != nil {
			return err
		}
		fmt.Fprintln(s.stdout)
		return broken
	}
	w := coveragePage{s.stdout, cov}
	w.print()
	return broken
}

// coveragePage prints the figures for a reader.
type coveragePage struct {
	out io.Writer
	c   *screen.Coverage
}

func (w coveragePage) line(format string, args ...any) { fmt.Fprintf(w.out, format+"\n", args...) }

// share prints a count and its part of the surveyed rows.
func (w coveragePage) share(n int, format string, args ...any) {
	w.line("%8d  %5.1f%%  %s", n, 100*float64(n)/float64(max(w.c.Surveyed, 1)), fmt.Sprintf(format, args...))
}

func (w coveragePage) print() {
	c := w.c
	w.line("%d rows read: %d surveyed, %d skipped, %d failed", c.Read, c.Surveyed, c.Skipped, c.Failed)
	w.line("\nThe brand of a row is")
	w.share(c.Brands.Listed, "one that a rule reaches")
	w.share(c.Brands.Other, "another brand of the knowledge")
	w.share(c.Brands.Ordinary, "an ordinary brand of the lexicon")
	w.share(c.Brands.Unknown, "not known")
	w.share(c.Brands.None, "not given, or only a carrier or shop")
	w.unknown()
	w.ambiguous()
	w.tells()
	w.line("\nGoods classes recognised; a row may speak of several")
	for _, g := range c.Goods {
		w.share(g.Rows, "%s", g.Class)
	}
	w.share(c.NoGoods, "none recognised")
}

func (w coveragePage) unknown() {
	u := w.c.Unknown
	if len(u.Top) == 0 {
		return
	}
	w.line("\nThe commonest brands that are not known")
	for _, b := range u.Top {
		w.share(b.Rows, "%s", shown(b.Name))
	}
	if u.Bound == 0 {
		w.line("          These counts are exact.")
		return
	}
	w.line("          A count may be too high by up to %d, and a brand that is not named here may have up to %d rows:", u.Bound, max(u.Bound, u.Top[len(u.Top)-1].Rows))
	w.line("          only so many brands are counted at a time.")
}

func (w coveragePage) ambiguous() {
	if len(w.c.Ambiguous) == 0 {
		return
	}
	w.line("\nAmbiguous names, and how they were settled")
	for _, a := range w.c.Ambiguous {
		w.line("%8d  %s", a.Rows, a.Name)
		for _, x := range a.Settled {
			w.line("          %6d  %-10s  %s, row %d: %s", x.Rows, x.How, shown(x.Sample.File), x.Sample.Row, shown(x.Sample.Title))
		}
	}
}

func (w coveragePage) tells() {
	c := w.c
	w.line("\nTells: %d fired, %d never did", len(c.Fired), len(c.Silent))
	for _, t := range c.Fired {
		w.line("%8d  %-5s  %s, of %s", t.Rows, t.Kind, clipped(t.Pattern), t.Of)
	}
	silent := map[offshelf.TellKind][]string{}
	for _, t := range c.Silent {
		silent[t.Kind] = append(silent[t.Kind], t.Of)
	}
	for _, kind := range []offshelf.TellKind{offshelf.TellModel, offshelf.TellFCC, offshelf.TellMAC, offshelf.TellApp, offshelf.TellMark} {
		if of := silent[kind]; len(of) > 0 {
			n := len(of)
			slices.Sort(of)
			w.line("   never  %-5s  %d, of %s", kind, n, strings.Join(slices.Compact(of), ", "))
		}
	}
}

func clipped(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
