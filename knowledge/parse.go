package knowledge

import (
	"fmt"
	"io/fs"
	"sort"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/offshelf/offshelf"
)

// maxFile bounds one YAML file; the parser builds a tree of it in memory.
const maxFile = 1 << 20

// Problem is something that is wrong in the facts: where, what, and the fix.
type Problem struct {
	File string
	Line int
	Rule string // the lint rule that found it
	Text string
}

// String prints the problem as file:line: text (rule).
func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s (%s)", p.File, p.Text, p.Rule)
	}
	return fmt.Sprintf("%s:%d: %s (%s)", p.File, p.Line, p.Text, p.Rule)
}

// place is where a fact was read.
type place struct {
	file string
	line int
}

// base is what the files say, before it is linted, with the place of each
// fact.
type base struct {
	offshelf.Knowledge
	problems []Problem
	places   map[string][]place // section → place of each of its facts, by index
	sections map[string]section // that the files may hold
}

// Parse reads every YAML file below root and checks the facts. Where any
// problem is found, the knowledge is nil: a broken set is refused as a whole.
func Parse(fsys fs.FS) (*offshelf.Knowledge, []Problem) {
	b := load(fsys)
	if len(b.problems) > 0 {
		return nil, b.told()
	}
	b.settle()
	return &b.Knowledge, nil
}

// load reads and lints every YAML file below root.
func load(fsys fs.FS) *base {
	b := &base{places: map[string][]place{}, sections: sections}
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && holdsFacts(name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		b.problems = []Problem{{File: ".", Rule: "read", Text: err.Error()}}
		return b
	}
	sort.Strings(names)
	for _, name := range names {
		b.file(fsys, name)
	}
	b.lint()
	b.circles()
	return b
}

// holdsFacts reports whether a file is one of facts: YAML, but not the tests of
// policies, which stand beside them as NAME.test.yaml.
func holdsFacts(name string) bool {
	base := strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), ".yml")
	return base != name && !strings.HasSuffix(base, ".test")
}

// told returns the problems in the order of files and lines.
func (b *base) told() []Problem {
	sort.SliceStable(b.problems, func(i, j int) bool {
		p, q := b.problems[i], b.problems[j]
		if p.File != q.File {
			return p.File < q.File
		}
		return p.Line < q.Line
	})
	return b.problems
}

func (b *base) file(fsys fs.FS, name string) {
	report := func(line int, rule, format string, args ...any) {
		b.problems = append(b.problems, Problem{name, line, rule, fmt.Sprintf(format, args...)})
	}
	info, err := fs.Stat(fsys, name)
	if err != nil {
		report(0, "read", "%v", err)
		return
	}
	if !info.Mode().IsRegular() {
		report(0, "read", "is no file: name the file itself")
		return
	}
	if info.Size() > maxFile {
		report(0, "size", "the file has %d bytes, more than %d: split it by subject", info.Size(), maxFile)
		return
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		report(0, "read", "%v", err)
		return
	}
	doc, f := readYAML(data)
	if f != nil {
		report(f.line, f.rule, "%s", f.text)
		return
	}
	for _, d := range doc.Docs {
		if d.Body == nil {
			continue
		}
		m, ok := d.Body.(*ast.MappingNode)
		if !ok {
			report(d.Body.GetToken().Position.Line, "schema", "the file must be a mapping of sections: %s", strings.Join(sectionNames(b.sections), ", "))
			continue
		}
		for _, kv := range m.Values {
			key := kv.Key.GetToken().Value
			sec, ok := b.sections[key]
			if !ok {
				report(kv.Key.GetToken().Position.Line, "schema", "unknown section %q: use one of %s", key, strings.Join(sectionNames(b.sections), ", "))
				continue
			}
			if !sec.list {
				b.item(name, key, sec, kv.Value)
				continue
			}
			seq, ok := kv.Value.(*ast.SequenceNode)
			if !ok {
				report(kv.Key.GetToken().Position.Line, "schema", "section %q must be a list", key)
				continue
			}
			for _, node := range seq.Values {
				isolate(node)
			}
			for _, node := range seq.Values {
				b.item(name, key, sec, node)
			}
		}
	}
}

func (b *base) item(file, key string, sec section, node ast.Node) {
	if err := sec.decode(&b.Knowledge, node); err != nil {
		f := flawOf(err, node, "schema")
		mend(f, err, sec.fields)
		b.problems = append(b.problems, Problem{file, f.line, f.rule, fmt.Sprintf("in %s: %s", key, f.text)})
		return
	}
	b.places[key] = append(b.places[key], place{file, firstToken(node).Position.Line})
}

// section is one top-level key of a facts file.
type section struct {
	list   bool
	fields []string
	decode func(*offshelf.Knowledge, ast.Node) error
}

func listOf[T any](target func(*offshelf.Knowledge) *[]T) section {
	return section{true, fieldsOf[T](), func(k *offshelf.Knowledge, n ast.Node) error {
		var v T
		if err := decode(n, &v); err != nil {
			return err
		}
		p := target(k)
		*p = append(*p, v)
		return nil
	}}
}

func one[T any](target func(*offshelf.Knowledge) *T) section {
	return section{false, fieldsOf[T](), func(k *offshelf.Knowledge, n ast.Node) error {
		return decode(n, target(k))
	}}
}

var sections = map[string]section{
	"version":  one(func(k *offshelf.Knowledge) *string { return &k.Version }),
	"language": one(func(k *offshelf.Knowledge) *offshelf.Language { return &k.Language }),
	"sources":  listOf(func(k *offshelf.Knowledge) *[]offshelf.Source { return &k.Sources }),
	"parties":  listOf(func(k *offshelf.Knowledge) *[]offshelf.Party { return &k.Parties }),
	"stakes":   listOf(func(k *offshelf.Knowledge) *[]offshelf.Stake { return &k.Stakes }),
	"brands":   listOf(func(k *offshelf.Knowledge) *[]offshelf.Brand { return &k.Brands }),
	"makes":    listOf(func(k *offshelf.Knowledge) *[]offshelf.Make { return &k.Makes }),
	"tells":    listOf(func(k *offshelf.Knowledge) *[]offshelf.Tell { return &k.Tells }),
	"listings": listOf(func(k *offshelf.Knowledge) *[]offshelf.Listing { return &k.Listings }),
	"concerns": listOf(func(k *offshelf.Knowledge) *[]offshelf.Concern { return &k.Concerns }),
	"refuted":  listOf(func(k *offshelf.Knowledge) *[]offshelf.Refuted { return &k.Refuted }),
	"regimes":  listOf(func(k *offshelf.Knowledge) *[]offshelf.Regime { return &k.Regimes }),
	"policies": listOf(func(k *offshelf.Knowledge) *[]offshelf.Policy { return &k.Policies }),
	"goods":    listOf(func(k *offshelf.Knowledge) *[]offshelf.GoodsClass { return &k.Goods }),
	"weights":  listOf(func(k *offshelf.Knowledge) *[]offshelf.Weight { return &k.Weights }),
	"lexicon":  listOf(func(k *offshelf.Knowledge) *[]string { return &k.Lexicon }),
}

func sectionNames(sections map[string]section) []string {
	names := make([]string, 0, len(sections))
	for n := range sections {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}
