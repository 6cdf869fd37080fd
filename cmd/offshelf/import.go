package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/offshelf/offshelf/internal/exchange"
	"github.com/offshelf/offshelf/knowledge"
)

type importCommand struct {
	Files  []string `arg:"" name:"file" help:"Ownership data: FollowTheMoney, BODS 0.4, GLEIF level 1 or 2; also gzip or zip. - is standard input."`
	As     string   `default:"operator" enum:"operator" help:"Whose facts they become: operator, your own."`
	Output string   `short:"o" default:"-" placeholder:"DIR" help:"Folder to write to, a new or empty one or one of an earlier import; or one file, FILE.yaml. The default, -, is standard output."`
	All    bool     `help:"Tell each refusal, finding and proposal, up to a thousand of each, not only the first ten."`
}

func (importCommand) Help() string {
	return `Writes facts that --knowledge DIR reads, and on standard error what became of each record. Parties are joined by identifiers alone; what has only the name in common is proposed.

Example:

  offshelf knowledge import examples/ownership.ftm.json -o own
  offshelf who "Northfloor Holding AG" --knowledge own`
}

// Run turns ownership data into an overlay.
func (c *importCommand) Run(s *session) error {
	k, _, err := knowledge.Embedded()
	if err != nil {
		return err
	}
	for _, name := range c.Files {
		if exchange.IsYAML(name) {
			return fmt.Errorf("%s: is YAML already: lay it with --with or --knowledge", shown(name))
		}
	}
	_, laid, err := exchange.With(k, s.ownershipFiles(c.Files)...)
	c.tell(s.stderr, laid, err == nil)
	if err != nil {
		return shownError(err)
	}
	files, err := laid.Overlay(k)
	if err != nil {
		return shownError(err)
	}
	switch {
	case c.Output == "-":
		_, err = s.stdout.Write(joinYAML(files))
		return err
	case strings.HasSuffix(c.Output, ".yaml"), strings.HasSuffix(c.Output, ".yml"):
		return replaceFile(c.Output, func(w io.Writer) error {
			_, err := w.Write(joinYAML(files))
			return err
		})
	}
	return writeImport(c.Output, files)
}

// tell prints the counts, and what a person should look at.
func (c *importCommand) tell(w io.Writer, l *exchange.Laid, laid bool) {
	most := 10
	if c.All {
		most = 1000
	}
	list := func(indent, one, more string, all int, lines []string) {
		if all == 0 {
			return
		}
		if all > 1 {
			one = more
		}
		fmt.Fprintf(w, "%s%d %s:\n", indent, all, one)
		for _, line := range lines[:min(most, len(lines))] {
			fmt.Fprintf(w, "%s  %s\n", indent, shown(line))
		}
		if more := all - min(most, len(lines)); more > 0 {
			fmt.Fprintf(w, "%s  and %d more\n", indent, more)
		}
	}
	for _, im := range l.Imports {
		if im.Format == "" {
			continue // was not recognised, which the error says
		}
		fmt.Fprintln(w, shown(countsOf(im)))
		list("  ", "record refused", "records refused", im.Refused, texts(im.Refusals))
		for _, r := range im.Reasons[:min(most, len(im.Reasons))] {
			fmt.Fprintf(w, "  ignored %d, the first in line %d: %s\n", r.Count, r.Line, shown(r.Reason))
		}
		list("  ", "finding", "findings", im.FindingCount, texts(im.Findings))
	}
	if !laid {
		return
	}
	fmt.Fprintf(w, "added: parties %d, stakes %d, listings %d; joined by an identifier: %d; said already: %d\n", l.Added.Parties, l.Added.Stakes, l.Added.Listings, l.Joined, l.Same)
	list("", "stake or listing left out", "stakes and listings left out", l.Left, texts(l.LeftOut))
	list("", "finding", "findings", len(l.Findings), texts(l.Findings))
	var pairs []string
	for _, p := range l.Proposals {
		pairs = append(pairs, fmt.Sprintf("%s and %s: %s", p.A, p.B, p.Why))
	}
	list("", "proposal: may be one party; give both the same identifier to join them", "proposals: may be one party; give both the same identifier to join them", len(pairs), pairs)
}

func texts[T fmt.Stringer](list []T) []string {
	var out []string
	for _, x := range list {
		out = append(out, x.String())
	}
	return out
}

// joinYAML writes all files as the documents of one.
func joinYAML(files map[string][]byte) []byte {
	var out [][]byte
	for _, name := range slices.Sorted(maps.Keys(files)) {
		out = append(out, files[name])
	}
	return bytes.Join(out, []byte("---\n"))
}

// writeImport writes the files of an import into a folder. Those of an earlier
// import in it go; anything else in it is not touched, and nothing is written.
func writeImport(dir string, files map[string][]byte) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: is no folder that can be read: name a new one", shown(dir))
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil || !bytes.HasPrefix(data, []byte(exchange.OverlayHead)) {
			return fmt.Errorf("%s: holds %s, which no import wrote: name a new folder", shown(dir), shown(e.Name()))
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := replaceFile(filepath.Join(dir, name), func(w io.Writer) error {
			_, err := w.Write(files[name])
			return err
		}); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if files[e.Name()] == nil {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
