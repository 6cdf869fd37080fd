package knowledge

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"github.com/offshelf/offshelf"
)

// PolicyFile is a policy with the text that it was read from, so that problems
// are told with line and column.
type PolicyFile struct {
	Name   string // as the user gave it
	Policy offshelf.Policy

	text []byte
	node ast.Node
}

// ParsePolicy reads a policy file: the fields of one policy, or facts with
// exactly one under policies, as offshelf knowledge show prints them. An error
// is a *PolicyError.
func ParsePolicy(name string, data []byte) (offshelf.Policy, error) {
	f, err := ReadPolicy(name, data)
	if err != nil {
		return offshelf.Policy{}, err
	}
	return f.Policy, nil
}

// ReadPolicy reads a policy file as ParsePolicy does.
func ReadPolicy(name string, data []byte) (*PolicyFile, error) {
	bad := func(f *flaw) error {
		return &PolicyError{File: name, Line: f.line, Column: f.column, Text: f.text}
	}
	doc, f := readYAML(data)
	if f != nil {
		return nil, bad(f)
	}
	node, err := policyIn(doc)
	if err != nil {
		return nil, &PolicyError{File: name, Text: err.Error()}
	}
	// Items of lists, of rules and of periods, are cut off from one another: see
	// isolate.
	ast.Walk(visit(func(n ast.Node) {
		if s, ok := n.(*ast.SequenceNode); ok {
			for _, item := range s.Values {
				isolate(item)
			}
		}
	}), node)
	file := &PolicyFile{Name: name, text: data, node: node}
	p := &file.Policy
	if err := decode(node, p); err != nil {
		f := flawOf(err, node, "schema")
		mend(f, err, fieldsOf[offshelf.Policy]())
		return nil, bad(f)
	}
	if p.ID == "" {
		p.ID = name
	}
	if len(p.Rules) == 0 && p.Otherwise == offshelf.NoAction {
		return nil, &PolicyError{File: name, Text: "has no rules and no otherwise: " + example}
	}
	for i := range p.Regimes {
		p.Regimes[i].House = true
	}
	return file, nil
}

const example = "start from a shipped policy, for example: offshelf knowledge show 2021-lowes > policy.yaml"

// policyIn finds the one policy of a file.
func policyIn(doc *ast.File) (ast.Node, error) {
	var body *ast.MappingNode
	for _, d := range doc.Docs {
		m, ok := d.Body.(*ast.MappingNode)
		switch {
		case d.Body == nil:
			continue
		case !ok:
			return nil, errors.New("holds no policy: " + example)
		case body != nil:
			return nil, errors.New("holds more than one document: keep one policy a file")
		}
		body = m
	}
	if body == nil {
		return nil, errors.New("holds no policy: " + example)
	}
	var list *ast.SequenceNode
	facts := true
	for _, kv := range body.Values {
		key := kv.Key.GetToken().Value
		if _, ok := sections[key]; !ok {
			facts = false
		}
		if key == "policies" {
			list, _ = kv.Value.(*ast.SequenceNode)
		}
	}
	switch {
	case !facts || list == nil:
		return body, nil
	case len(list.Values) != 1:
		return nil, fmt.Errorf("holds %d policies: keep one a file", len(list.Values))
	}
	return list.Values[0], nil
}
