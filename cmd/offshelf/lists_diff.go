package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/list"
	"github.com/offshelf/offshelf/internal/list/register"
	"github.com/offshelf/offshelf/internal/name"
)

type listsDiffCommand struct {
	dataFlags
	A      string `arg:"" help:"The older edition: LIST@DAY, LIST@previous, the start of its SHA-256; or, with --as, a file, a folder of files, or a day."`
	B      string `arg:"" help:"The newer edition, written in the same ways; LIST is the one in force."`
	As     string `placeholder:"LIST" help:"Read files as editions of this list."`
	Output string `short:"o" default:"text" enum:"text,json" help:"text (unless you say otherwise) or json, one change a line."`
}

func (listsDiffCommand) Help() string {
	return `Example:

  offshelf lists diff --as us-fcc-covered examples/lists/covered-2026-05-01.csv examples/lists/covered-2026-08-01.csv`
}

// Run compares two editions.
func (c *listsDiffCommand) Run(s *session) error {
	store, err := c.store()
	if err != nil {
		return err
	}
	if c.As != "" {
		if _, err := register.Find(c.As); err != nil {
			return fmt.Errorf("--as: %w", err)
		}
	}
	listA, a, err := c.side(store, c.A)
	if err != nil {
		return err
	}
	listB, b, err := c.side(store, c.B)
	if err != nil {
		return err
	}
	if listA != listB {
		return fmt.Errorf("%s is an edition of %s, and %s of %s: name two of one list", shown(c.A), listA, shown(c.B), listB)
	}
	changes := list.Diff(a.Entries, b.Entries)
	n := map[string]int{}
	for _, x := range changes {
		n[x.How]++
	}
	if c.Output == "json" {
		head := diffJSONHead{listA, sideJSON{a.SHA256, a.Date.String(), len(a.Entries)}, sideJSON{b.SHA256, b.Date.String(), len(b.Entries)}, n[list.Added], n[list.Removed], n[list.Changed]}
		if err := printJSON(s.stdout, map[string]any{"diff": head}); err != nil {
			return err
		}
		for i := range changes {
			if err := printJSON(s.stdout, map[string]any{"change": &changes[i]}); err != nil {
				return err
			}
		}
		return nil
	}
	w := s.stdout
	for _, x := range []struct {
		side string
		e    *list.Edition
	}{{"old", a}, {"new", b}} {
		fmt.Fprintf(w, "%s  %s of %s, %d entries, sha256 %s\n", x.side, listA, or(x.e.Date.String(), "an unknown day"), len(x.e.Entries), x.e.SHA256)
	}
	fmt.Fprintf(w, "%d added, %d removed, %d changed\n", n[list.Added], n[list.Removed], n[list.Changed])
	for i := range changes {
		printChange(w, &changes[i])
	}
	return nil
}

type diffJSONHead struct {
	List    string   `json:"list"`
	Old     sideJSON `json:"old"`
	New     sideJSON `json:"new"`
	Added   int      `json:"added"`
	Removed int      `json:"removed"`
	Changed int      `json:"changed"`
}

type sideJSON struct {
	SHA256  string `json:"sha256"`
	Date    string `json:"date,omitempty"`
	Entries int    `json:"entries"`
}

// side reads one edition: a file or folder with --as, or a kept one.
func (c *listsDiffCommand) side(store *edition.Store, ref string) (string, *list.Edition, error) {
	if c.As != "" {
		if _, err := os.Stat(ref); err == nil {
			in, err := edition.ReadPath(ref)
			if err != nil {
				return "", nil, err
			}
			e, err := edition.ReadInputs(c.As, in, time.Now())
			return c.As, e, err
		}
	}
	id, r, err := store.Resolve(ref, c.As)
	if err != nil {
		return "", nil, err
	}
	e, err := store.Read(id, r)
	return id, e, err
}

// differing keeps the words in which two texts differ, with a few around them.
// Words that differ in case and punctuation alone do not.
func differing(a, b string) (string, string) {
	x, y := strings.Fields(a), strings.Fields(b)
	same := func(p, q string) bool { return p == q || name.Key(p) == name.Key(q) && name.Key(p) != "" }
	head, tail := 0, 0
	for head < len(x) && head < len(y) && same(x[head], y[head]) {
		head++
	}
	for tail < len(x)-head && tail < len(y)-head && same(x[len(x)-1-tail], y[len(y)-1-tail]) {
		tail++
	}
	const around = 3
	head, tail = max(head-around, 0), max(tail-around, 0)
	cut := func(words []string) string {
		s := strings.Join(words[head:len(words)-tail], " ")
		if head > 0 && s != "" {
			s = "… " + s
		}
		if tail > 0 && s != "" {
			s += " …"
		}
		return s
	}
	return cut(x), cut(y)
}

// printChange prints a change for a person.
func printChange(w io.Writer, x *list.Change) {
	fmt.Fprintf(w, "\n%-8s %s\n         %s/%s\n", x.How, shown(x.Name), x.List, shown(x.UID))
	line := func(field, value string) {
		if value != "" {
			fmt.Fprintf(w, "         %s: %s\n", field, shown(value))
		}
	}
	if e := x.Entry; e != nil {
		line("kind", string(e.Kind))
		line("from", e.From.Spoken())
		for _, p := range e.Programmes {
			line("programme", p)
		}
		for i, a := range e.Aliases {
			if i == maxElements {
				line("alias", fmt.Sprintf("and %d more", len(e.Aliases)-i))
				break
			}
			line("alias", a.String())
		}
		if e.Remarks != "" {
			line("remarks", excerpt(e.Remarks, ""))
		}
		return
	}
	for _, f := range x.Fields {
		if len(f.Gained)+len(f.Lost) == 0 {
			was, is := differing(f.Old, f.New)
			line(f.Field, excerpt(was, is)+" → "+excerpt(is, was))
			continue
		}
		for _, side := range []struct {
			sign string
			list []string
		}{{"−", f.Lost}, {"+", f.Gained}} {
			for i, v := range side.list {
				if i == maxElements {
					line(f.Field, fmt.Sprintf("%s and %d more", side.sign, len(side.list)-i))
					break
				}
				line(f.Field, side.sign+" "+excerpt(v, ""))
			}
		}
	}
}
