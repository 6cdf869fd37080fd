package knowledge

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"github.com/offshelf/offshelf"
)

// ParsePolicy reads a policy file: the fields of one policy, or facts with
// exactly one under policies, as offshelf knowledge show prints them. Errors
// name file, line and column.
func ParsePolicy(name string, data []byte) (offshelf.Policy, error) {
	var p offshelf.Policy
	bad := func(f *flaw) error {
		return fmt.Errorf("%s:%d:%d: %s", name, f.line, f.column, f.text)
	}
	doc, f := readYAML(data)
	if f != nil {
		return p, bad(f)
	}
	node, err := policyIn(doc)
	if err != nil {
		return p, fmt.Errorf("%s: %w", name, err)
	}
	if err := decode(node, &p); err != nil {
		f := flawOf(err, node, "schema")
		mend(f, err, fieldsOf[offshelf.Policy]())
		return p, bad(f)
	}
	if p.ID == "" {
		p.ID = name
	}
	if len(p.Rules) == 0 && p.Otherwise == offshelf.NoAction {
		return p, errors.New(name + ": has no rules and no otherwise: " + example)
	}
	for i := range p.Regimes {
		p.Regimes[i].House = true
	}
	return p, nil
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
