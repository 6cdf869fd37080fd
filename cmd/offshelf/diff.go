package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/offshelf/offshelf"
	"github.com/offshelf/offshelf/knowledge"
	"github.com/offshelf/offshelf/screen"
)

type diffCommand struct {
	Old     string   `arg:"" help:"A folder of facts, a compiled file (compiled.json), or embedded: the facts that this binary holds."`
	New     string   `arg:"" help:"What to compare it with, of the same kinds."`
	Catalog []string `placeholder:"FILE" sep:"none" help:"Also say which findings on this catalog change. Repeatable."`
	Policy  string   `default:"default" placeholder:"POLICY" help:"With --catalog: a policy file, or the name of one in the facts."`
	AsOf    asOf     `placeholder:"DATE" help:"With --catalog: screen as of this day, YYYY-MM-DD. The default is today."`
	Output  string   `short:"o" default:"text" enum:"text,json,markdown" help:"text, json (one change a line) or markdown (an entry for a changelog)."`
}

func (diffCommand) Help() string {
	return `Says by brand and company which facts were added, changed, ended or removed.

Example:

  offshelf knowledge diff embedded knowledge
  offshelf knowledge diff embedded knowledge --catalog examples/hardware-store-2021.csv --as-of 2021-10-25`
}

// state is one side of a diff.
type state struct {
	name string
	k    *offshelf.Knowledge
	sum  string
}

// Run compares two states of the knowledge.
func (c *diffCommand) Run(s *session) error {
	if slices.Contains(c.Catalog, "-") {
		return errors.New("--catalog: standard input can be read only once, and both states screen it: save it in a file")
	}
	old, err := readState(s, c.Old)
	if err != nil {
		return err
	}
	new, err := readState(s, c.New)
	if err != nil {
		return err
	}
	changes := knowledge.Diff(old.k, new.k)
	var findings []screen.FindingChange
	if len(c.Catalog) > 0 {
		if findings, err = c.findings(s, old, new); err != nil {
			return err
		}
	}
	switch c.Output {
	case "json":
		return diffJSON(s.stdout, old, new, changes, findings)
	case "markdown":
		return diffMarkdown(s.stdout, new, changes, findings)
	}
	return diffText(s.stdout, old, new, changes, findings, len(c.Catalog) > 0)
}

// maxCompiled bounds a compiled file, which is read into memory.
const maxCompiled = 64 << 20

// readState reads one side of a diff.
func readState(s *session, name string) (*state, error) {
	if name == "embedded" {
		k, digest, err := knowledge.Embedded()
		return &state{name, k, digest}, err
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("%s: no such folder or file: name a folder of facts, a compiled.json, or embedded", shown(name))
	}
	if info.IsDir() {
		root, err := openFolder(name, name)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		k, problems := knowledge.Parse(root.FS())
		if k == nil {
			tellProblems(s, name, problems)
			return nil, fmt.Errorf("%s in %s", plural(len(problems), "problem"), shown(name))
		}
		if len(knowledge.Sections(k)) == 0 {
			return nil, fmt.Errorf("%s: holds no facts: name the folder with the YAML files", shown(name))
		}
		data, err := knowledge.Compile(k)
		return &state{name, k, sum(data)}, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxCompiled {
		return nil, fmt.Errorf("%s: no compiled knowledge: it is no file, or over %d MiB", shown(name), maxCompiled>>20)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	k, digest, err := knowledge.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: name a folder of facts, a compiled.json, or embedded", shown(name), err)
	}
	return &state{name, k, digest}, nil
}
