package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/internal/edition"
	"github.com/offshelf/offshelf/internal/roll"
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

// source says where a name that can be found stands.
type source struct {
	Party    string `json:"party,omitempty"`
	Name     string `json:"party_name,omitempty"`
	As       string `json:"as,omitempty"` // name, alias or listing
	List     string `json:"list,omitempty"`
	Citation string `json:"citation,omitempty"`
	Line     int    `json:"line,omitempty"`
}

// found is a hit with its source.
type found struct {
	Name    string   `json:"name"`
	Score   float64  `json:"score"`
	Kind    string   `json:"kind"`
	Sources []source `json:"sources"`
	Reasons []string `json:"reasons"`
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
	var names nameSet
	var index *search.Index
	var sourcesOf func(search.Hit) []source
	in := ""
	if c.In != "" {
		if err := names.readFile(s, c.In); err != nil {
			return err
		}
		in = shown(c.In)
	} else if c.Knowledge == "" && len(c.With) == 0 {
		r, err := c.mapped()
		if err != nil {
			return err
		}
		if r != nil {
			defer r.Close()
			index, in = r.Names(), "this state of knowledge ("+r.State()+")"
			sourcesOf = func(h search.Hit) []source { return rollSources(r, h) }
		}
	}
	if index == nil {
		if c.In == "" {
			k, _, err := c.facts(s)
			if err != nil {
				return err
			}
			names.addKnowledge(k)
			in = "this state of knowledge (" + k.State() + ")"
		}
		index = search.Build(names.entries)
		sourcesOf = func(h search.Hit) []source { return names.sources[h.Name] }
	}
	options := search.Options{Kind: kind, Limit: c.Limit}
	if c.Min != nil {
		options.Min = max(float64(*c.Min), 1e-9)
	}
	missing := false
	for _, n := range c.Names {
		hits := index.Search(n, options)
		list := make([]found, 0, len(hits))
		for _, h := range hits {
			name, k, _ := index.Name(h.Name)
			list = append(list, found{name, h.Score, k.String(), sourcesOf(h), search.Compare(n, name, k).Reasons})
		}
		if c.Output == "json" {
			line := struct {
				Query string  `json:"query"`
				Hits  []found `json:"hits"`
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
				fmt.Fprintf(s.stdout, "          %s\n", src.text(f.Kind))
			}
			fmt.Fprintf(s.stdout, "          %s\n", shown(strings.Join(f.Reasons, "; ")))
		}
	}
	if missing {
		return exitCode(1)
	}
	return nil
}

func comes(n int) string {
	if n == 1 {
		return "1 name comes"
	}
	return fmt.Sprintf("%d names come", n)
}

// text says where a name stands.
func (s source) text(kind string) string {
	switch {
	case s.Line > 0:
		return fmt.Sprintf("%s, line %d", kind, s.Line)
	case s.As == "listing":
		out := fmt.Sprintf("as printed on %s", s.List)
		if s.Citation != "" {
			out += ", " + shown(s.Citation)
		}
		return fmt.Sprintf("%s: %s (%s)", out, shown(s.Name), s.Party)
	case s.As == "alias":
		return fmt.Sprintf("alias of %s (%s)", shown(s.Name), s.Party)
	}
	return fmt.Sprintf("%s %s", kind, s.Party)
}

// nameSet collects names to be searched; the same name of the same kind is
// there once, with all its sources.
type nameSet struct {
	entries []search.Entry
	sources [][]source
	at      map[string]int
}

func (n *nameSet) add(name string, kind search.Kind, src source) {
	if strings.TrimSpace(name) == "" {
		return
	}
	if kind == search.Any {
		kind = search.Guess(name)
	}
	key := kind.String() + "\x00" + name
	if i, ok := n.at[key]; ok {
		if !slices.Contains(n.sources[i], src) {
			n.sources[i] = append(n.sources[i], src)
		}
		return
	}
	if n.at == nil {
		n.at = map[string]int{}
	}
	n.at[key] = len(n.entries)
	n.entries = append(n.entries, search.Entry{Name: name, Kind: kind, Label: uint32(len(n.entries))})
	n.sources = append(n.sources, []source{src})
}

// addKnowledge adds the parties by name and alias, and the listings as printed.
func (n *nameSet) addKnowledge(k *offshelf.Knowledge) {
	parties := map[string]*offshelf.Party{}
	kindOf := func(p *offshelf.Party) search.Kind {
		if p != nil && p.Kind == "person" {
			return search.Person
		}
		return search.Company
	}
	for i := range k.Parties {
		p := &k.Parties[i]
		parties[p.ID] = p
		n.add(p.Name, kindOf(p), source{Party: p.ID, Name: p.Name, As: "name"})
		for _, a := range p.Aliases {
			n.add(a, kindOf(p), source{Party: p.ID, Name: p.Name, As: "alias"})
		}
	}
	for _, l := range k.Listings {
		p := parties[l.Party]
		src := source{Party: l.Party, As: "listing", List: l.List, Citation: l.Citation}
		if p != nil {
			src.Name = p.Name
		}
		n.add(l.Name, kindOf(p), src)
	}
}

// readFile adds the names of a file, and tells what it could not read.
func (n *nameSet) readFile(s *session, file string) error {
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
		if len(n.entries) >= maxNames {
			return fmt.Errorf("%s: over %d names: search it in parts", shown(file), maxNames)
		}
		n.add(name, kind, source{Line: r.line})
		return nil
	}, []string{"name", "names", "caption"})
	if err != nil {
		return err
	}
	if failed+empty > 0 {
		fmt.Fprintf(s.stderr, "%s: %s read: %d taken, %d without a name, %d failed\n", shown(file), plural(read, "row"), read-failed-empty, empty, failed)
	}
	if len(n.entries) == 0 {
		return fmt.Errorf("%s: no names in it: name a file with a name a line, or CSV with a column name", shown(file))
	}
	return nil
}

// mapped opens the compiled lists, where they were made with the facts of this
// program.
func (c *searchCommand) mapped() (*roll.Roll, error) {
	return openRoll(c.Lists, knowledge.EmbeddedSum())
}

// rollSources says where a name of the compiled lists stands.
func rollSources(r *roll.Roll, h search.Hit) []source {
	printed, _, label := r.Names().Name(h.Name)
	x, err := r.Record(int(label))
	if err != nil {
		return nil
	}
	switch {
	case x.Entry != nil:
		as := "listing"
		if printed != x.Entry.Name {
			as = "alias"
		}
		src := source{Party: x.Party, Name: x.Entry.Name, As: as, List: x.Entry.ID(), Citation: edition.Cited(x.Entry)}
		if src.Party == "" {
			src.Party = x.Entry.ID()
		}
		return []source{src}
	case x.Brand != "":
		return []source{{Party: x.Brand, Name: x.Name, As: "brand"}}
	}
	as := "name"
	if printed != x.Name {
		as = "alias"
	}
	return []source{{Party: x.Party, Name: x.Name, As: as}}
}
