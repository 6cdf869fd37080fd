package knowledge

import (
	_ "embed"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"github.com/offshelf/offshelf"
)

// PolicyTest is an example of what a policy says of a product.
type PolicyTest struct {
	Name    string            `json:"name"`
	Policy  string            `json:"policy,omitempty"` // id, where the tests stand beside several policies
	AsOf    offshelf.Date     `json:"as_of"`            // a day
	Product offshelf.Product  `json:"product"`
	Action  string            `json:"action,omitempty"`   // strongest of all findings; none where there is no finding
	Expect  []ExpectedFinding `json:"findings,omitempty"` // that there must be
	Only    bool              `json:"only,omitempty"`     // and no others

	File         string `json:"-" yaml:"-"`
	Line, Column int    `json:"-" yaml:"-"` // of the file, 1-based
}

// ExpectedFinding is a finding that a test waits for. Empty fields may be
// anything.
type ExpectedFinding struct {
	Regime  string           `json:"regime"`
	Listing string           `json:"listing,omitempty"`
	Brand   string           `json:"brand,omitempty"` // id
	Verdict offshelf.Verdict `json:"verdict,omitempty"`
	Basis   offshelf.Basis   `json:"basis,omitempty"`
	Since   offshelf.Date    `json:"since,omitzero"`
	Action  offshelf.Action  `json:"action,omitempty"`
	Why     string           `json:"why,omitempty"`
}

// NoFinding is the action of a test that waits for no finding at all.
const NoFinding = "none"

// maxTests bounds the tests of a file.
const maxTests = 1000

//go:embed rules/policies.test.yaml
var shippedTests []byte

// ShippedTests returns the tests of the shipped policies.
func ShippedTests() ([]PolicyTest, error) {
	return ParsePolicyTests("policies.test.yaml", shippedTests)
}

// ParsePolicyTests reads a file of tests: a list of them under tests. Each of
// the joined errors is a *PolicyError.
func ParsePolicyTests(name string, data []byte) ([]PolicyTest, error) {
	bad := func(line, column int, format string, args ...any) error {
		return &PolicyError{File: name, Line: line, Column: column, Text: fmt.Sprintf(format, args...)}
	}
	doc, f := readYAML(data)
	if f != nil {
		return nil, bad(f.line, f.column, "%s", f.text)
	}
	const form = "a file of tests is a list under tests: each with name, as_of, product, and action or findings"
	var list *ast.SequenceNode
	for _, d := range doc.Docs {
		if d.Body == nil {
			continue
		}
		m, ok := d.Body.(*ast.MappingNode)
		if !ok || list != nil || len(m.Values) != 1 || m.Values[0].Key.GetToken().Value != "tests" {
			at := firstToken(d.Body).Position
			return nil, bad(at.Line, at.Column, "%s", form)
		}
		if list, ok = m.Values[0].Value.(*ast.SequenceNode); !ok {
			at := firstToken(m.Values[0]).Position
			return nil, bad(at.Line, at.Column, "%s", form)
		}
	}
	switch {
	case list == nil || len(list.Values) == 0:
		return nil, bad(0, 0, "holds no tests: %s", form)
	case len(list.Values) > maxTests:
		return nil, bad(0, 0, "holds %d tests, more than %d: split the policy", len(list.Values), maxTests)
	}
	for _, node := range list.Values {
		isolate(node)
	}
	var tests []PolicyTest
	var errs []error
	taken := map[string]int{}
	for _, node := range list.Values {
		at := firstToken(node).Position
		t := PolicyTest{File: name, Line: at.Line, Column: at.Column}
		if err := decode(node, &t); err != nil {
			f := flawOf(err, node, "schema")
			mend(f, err, fieldsOf[PolicyTest]())
			errs = append(errs, bad(f.line, f.column, "%s", f.text))
			continue
		}
		if text := t.flaw(); text != "" {
			errs = append(errs, bad(at.Line, at.Column, "%s", text))
		}
		key := t.Policy + "\x00" + t.Name
		if first, ok := taken[key]; ok && t.Name != "" {
			errs = append(errs, bad(at.Line, at.Column, "the name %q is taken in line %d: choose another", t.Name, first))
		}
		taken[key] = at.Line
		tests = append(tests, t)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return tests, nil
}

// flaw tells what is wrong with a test in itself.
func (t *PolicyTest) flaw() string {
	if t.Name == "" {
		return "has no name: say what it shows"
	}
	var action offshelf.Action
	switch {
	case t.AsOf.IsZero() || t.AsOf.Earliest() != t.AsOf.Latest():
		return fmt.Sprintf("test %q: as_of: write the day as YYYY-MM-DD", t.Name)
	case t.Product == offshelf.Product{}:
		return fmt.Sprintf("test %q: has no product: give its title and brand", t.Name)
	case t.Action != "" && t.Action != NoFinding && action.UnmarshalText([]byte(t.Action)) != nil:
		return fmt.Sprintf("test %q: action %q: use pull, hold, review, note or none", t.Name, t.Action)
	case t.Action == "" && len(t.Expect) == 0:
		return fmt.Sprintf("test %q: expects nothing: give action (the strongest, or none), or findings", t.Name)
	case t.Action == NoFinding && len(t.Expect) > 0:
		return fmt.Sprintf("test %q: action none and findings contradict each other", t.Name)
	}
	for i, f := range t.Expect {
		if f.Regime == "" {
			return fmt.Sprintf("test %q: finding %d names no regime", t.Name, i+1)
		}
		if f.Basis != "" && f.Basis != offshelf.Law && f.Basis != offshelf.Choice {
			return fmt.Sprintf("test %q: finding %d: basis %q: use law or policy", t.Name, i+1, f.Basis)
		}
	}
	return ""
}
