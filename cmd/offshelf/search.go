package main

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf/internal/namebook"
	"github.com/offshelf/offshelf/internal/search"
	"github.com/offshelf/offshelf/knowledge"
)

type searchCommand struct {
	overlayFlags
	Names  []string     `arg:"" name:"name" help:"Names of companies, persons or vessels, as on the box or the invoice, in any spelling and script."`
	In     string       `placeholder:"FILE" help:"Search the names of this file instead of the knowledge: a name a line, or CSV with a column name, and schema or kind where it has one. - is standard input."`
	Kind   string       `default:"any" placeholder:"KIND" help:"What the names name: company, person, vessel or any."`
	Limit  int          `short:"n" default:"10" placeholder:"N" help:"Most names to print for each, from 1 to 1000. The default is 10."`
	Min    *probability `placeholder:"P" help:"Least score, 0 to 1. Left out, it depends on how much agrees: 0.78 as a rule, down to 0.6 where several words do, up to 0.94 where chance brings such a name."`
	Output string       `short:"o" default:"text" enum:"text,json" help:"text or json (one object a name)."`
}

func (searchCommand) Help() string {
	return `Finds the listed and known names that come near a name, the best first, and says why.

Example:

  offshelf search "Hik Vision Digital"
  offshelf search "浙江大华技术股份有限公司" -n 3

A name that is found is a lead, not a finding: see what is known about it with offshelf who.`
}

// Run searches each name.
func (c *searchCommand) Run(s *session) error {
	var kind search.Kind
	if err := kind.UnmarshalText([]byte(c.Kind)); err != nil {
		return fmt.Errorf("--kind: %w", err)
	}
	if c.Limit < 1 || c.Limit > 1000 {
		return fmt.Errorf("-n: %d: give a number from 1 to 1000", c.Limit)
	}
	book, in, done, err := c.book(s)
	if err != nil {
		return err
	}
	defer done()
	options := search.Options{Kind: kind, Limit: c.Limit}
	if c.Min != nil {
		options.Min = max(float64(*c.Min), 1e-9)
	}
	missing := false
	for _, n := range c.Names {
		list := book.Find(n, options)
		if c.Output == "json" {
			line := struct {
				Query string           `json:"query"`
				Hits  []namebook.Found `json:"hits"`
			}{n, list}
			if err := json.MarshalWrite(s.stdout, line, json.Deterministic(true), jsontext.AllowInvalidUTF8(true)); err != nil {
				return err
			}
			fmt.Fprintln(s.stdout)
		}
		if len(list) == 0 {
			missing = true
			fmt.Fprintf(s.stderr, "%s: no name comes near: no evidence found, in %s; check the spelling, or try a lower --min\n", shown(n), in)
			continue
		}
		if c.Output == "json" {
			continue
		}
		fmt.Fprintf(s.stdout, "%s: %s near\n", shown(n), comes(len(list)))
		for _, f := range list {
			fmt.Fprintf(s.stdout, "  %s  %s\n", score(f.Score), shown(f.Name))
			for _, src := range f.Sources {
				fmt.Fprintf(s.stdout, "          %s\n", standing(src, f.Kind))
			}
			fmt.Fprintf(s.stdout, "          %s\n", shown(strings.Join(f.Reasons, "; ")))
		}
	}
	if missing {
		return exitCode(1)
	}
	return nil
}

// book is what is searched, in words too: a file, the compiled lists where they
// were made with the facts of this program, or the facts.
func (c *searchCommand) book(s *session) (b *namebook.Book, in string, done func() error, err error) {
	none := func() error { return nil }
	if c.In != "" {
		var names namebook.Names
		if err := readNames(&names, s, c.In); err != nil {
			return nil, "", nil, err
		}
		return names.Book(c.In), shown(c.In), none, nil
	}
	if c.Knowledge == "" && len(c.With) == 0 {
		r, err := openRoll(c.Lists, knowledge.EmbeddedSum())
		if err != nil {
			return nil, "", nil, err
		}
		if r != nil {
			return namebook.Mapped(r), "this state of knowledge (" + r.State() + ")", r.Close, nil
		}
	}
	k, _, err := c.facts(s)
	if err != nil {
		return nil, "", nil, err
	}
	return namebook.Of(k), "this state of knowledge (" + k.State() + ")", none, nil
}

func comes(n int) string {
	if n == 1 {
		return "1 name comes"
	}
	return fmt.Sprintf("%d names come", n)
}

// standing says where a name stands.
func standing(s namebook.Source, kind string) string {
	switch {
	case s.Line > 0:
		return fmt.Sprintf("%s, line %d", kind, s.Line)
	case s.As == "listing":
		out := fmt.Sprintf("as printed on %s", s.List)
		if s.Citation != "" {
			out += ", " + shown(s.Citation)
		}
		return fmt.Sprintf("%s: %s (%s)", out, shown(s.Name), s.Party)
	case s.As == "brand":
		return fmt.Sprintf("name of the brand %s (%s)", shown(s.Name), s.Party)
	case s.As == "alias":
		return fmt.Sprintf("alias of %s (%s)", shown(s.Name), s.Party)
	}
	return fmt.Sprintf("%s %s", kind, s.Party)
}

// readNames adds the names of a file, and tells what it could not read.
func readNames(n *namebook.Names, s *session, file string) error {
	read, failed, empty := 0, 0, 0
	err := s.eachRecord(file, func(r record) error {
		read++
		kind, why := search.Any, r.err
		if why == nil {
			kind, why = r.kind()
		}
		if why != nil {
			failed++
			fmt.Fprintf(s.stderr, "%s: line %d: %v\n", shown(file), r.line, why)
			return nil
		}
		name := r.get("name")
		if name == "" {
			empty++
			return nil
		}
		if n.Len() >= maxNames {
			return fmt.Errorf("%s: over %d names: search it in parts", shown(file), maxNames)
		}
		n.Add(name, kind, namebook.Source{Line: r.line})
		return nil
	}, []string{"name", "names", "caption"})
	if err != nil {
		return err
	}
	if failed+empty > 0 {
		fmt.Fprintf(s.stderr, "%s: %s read: %d taken, %d without a name, %d failed\n", shown(file), plural(read, "row"), read-failed-empty, empty, failed)
	}
	if n.Len() == 0 {
		return fmt.Errorf("%s: no names in it: name a file with a name a line, or CSV with a column name", shown(file))
	}
	return nil
}
