package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// What facts never need, and what the parser takes quadratic time for.
const (
	maxNesting = 64   // sequences and mappings in one another
	maxKeys    = 1000 // of one mapping
)

// flaw is what is wrong in a YAML text, where, and which lint rule says so.
type flaw struct {
	line, column int
	rule, text   string
}

// readYAML parses a text that is not trusted. It refuses what would be
// expensive before the parser sees it.
func readYAML(data []byte) (*ast.File, *flaw) {
	at := func(i int, text string) *flaw {
		before := data[:i]
		start := bytes.LastIndexByte(before, '\n') + 1
		return &flaw{1 + bytes.Count(before, []byte{'\n'}), 1 + utf8.RuneCount(before[start:]), "syntax", text}
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return nil, at(i, "a NUL byte: save the file as UTF-8 text")
	}
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return nil, at(i, fmt.Sprintf("byte %#x is not UTF-8: save the file as UTF-8 text", data[i]))
		}
		i += n
	}
	var doc *ast.File
	var f *flaw
	// The reader counts some line ends of Windows twice.
	text := strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n")
	err := survive(func() (err error) {
		tokens := lexer.Tokenize(text)
		if f = tooMuch(tokens); f == nil {
			doc, err = parser.Parse(tokens, 0)
		}
		return err
	})
	if err != nil {
		f = flawOf(err, nil, "syntax")
	}
	return doc, f
}

// decode reads node into v, which knows all fields that there are.
func decode(node ast.Node, v any) error {
	return survive(func() error { return yaml.NodeToValue(node, v, yaml.Strict()) })
}

// isolate cuts the tokens of an item of a list off from those before it. The
// reader walks the whole chain for each date and grade, which takes quadratic
// time in a long file.
func isolate(node ast.Node) {
	first := firstToken(node)
	for first != nil && first.Prev != nil {
		switch first.Prev.Type {
		case token.SequenceEntryType, token.MappingStartType, token.SequenceStartType, token.CommentType:
			first = first.Prev
			continue
		}
		first.Prev.Next, first.Prev = nil, nil
	}
}

// survive turns a panic of the YAML reader into an error: the texts are not
// trusted, and the reader is not ours.
func survive(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the YAML reader fails on this: write it more simply")
		}
	}()
	return f()
}

// tooMuch refuses tags, anchors, which a hostile file could nest to blow up,
// deep nesting and endless mappings.
func tooMuch(tokens token.Tokens) *flaw {
	flow, marks, line := 0, 0, 0
	keys := map[int]int{} // of the mapping that is open at a column
	for _, t := range tokens {
		p := t.Position
		if p.Line != line {
			line, marks = p.Line, 0
		}
		column := 0
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return &flaw{p.Line, p.Column, "alias", "YAML anchors and aliases are not used in the facts: write the value out"}
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(flow-1, 0)
		case token.TagType:
			return &flaw{p.Line, p.Column, "alias", "YAML tags are not used in the facts: leave it out"}
		case token.SequenceEntryType, token.MappingKeyType:
			marks++
			column = p.Column
		case token.MappingValueType:
			if t.Prev != nil && flow == 0 {
				column = t.Prev.Position.Column
				keys[column]++
			}
		}
		if flow+marks > maxNesting {
			return &flaw{p.Line, p.Column, "syntax", fmt.Sprintf("nested more than %d deep: this is no file of facts", maxNesting)}
		}
		if column == 0 {
			continue
		}
		if keys[column] > maxKeys {
			return &flaw{p.Line, p.Column, "syntax", fmt.Sprintf("more than %d fields in one mapping: this is no file of facts", maxKeys)}
		}
		for c := range keys {
			if c > column {
				delete(keys, c)
			}
		}
	}
	return nil
}

// flawOf says in the words of the facts what the YAML reader says in those of
// Go, and finds where. The node is what was decoded; it may be nil.
func flawOf(err error, node ast.Node, rule string) *flaw {
	f := &flaw{rule: rule}
	var y yaml.Error
	if errors.As(err, &y) {
		f.text = strings.TrimSpace(y.GetMessage())
		if t := y.GetToken(); t != nil {
			f.line, f.column = t.Position.Line, t.Position.Column
		}
	} else {
		f.text, _, _ = strings.Cut(err.Error(), "\n")
		if t := quotedIn(node, f.text); t != nil {
			f.line, f.column = t.Position.Line, t.Position.Column
		}
	}
	var (
		wrong *yaml.TypeError
		large *yaml.OverflowError
		other *yaml.UnexpectedNodeTypeError
	)
	switch {
	case errors.As(err, &wrong):
		f.text = fmt.Sprintf("%s stands where %s belongs", form(wrong.SrcType), form(wrong.DstType))
	case errors.As(err, &other):
		f.text = fmt.Sprintf("%s stands where %s belongs", formOf(other.Actual), formOf(other.Expected))
	case errors.As(err, &large):
		f.text = large.SrcNum + " is out of range"
	case strings.Contains(f.text, `'	'`):
		f.text = "a tab: indent with spaces"
	}
	if f.line == 0 && node != nil {
		p := firstToken(node).Position
		f.line, f.column = p.Line, p.Column
	}
	return f
}

// quotedIn finds the value that an error quotes.
func quotedIn(node ast.Node, text string) *token.Token {
	var found *token.Token
	if node != nil {
		ast.Walk(visit(func(n ast.Node) {
			if s, ok := n.(ast.ScalarNode); ok && found == nil && strings.Contains(text, strconv.Quote(fmt.Sprint(s.GetValue()))) {
				found = n.GetToken()
			}
		}), node)
	}
	return found
}

type visit func(ast.Node)

func (v visit) Visit(n ast.Node) ast.Visitor { v(n); return v }

// firstToken is where a node begins: the token of a mapping is its first
// colon.
func firstToken(node ast.Node) *token.Token {
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 {
		return m.Values[0].Key.GetToken()
	}
	return node.GetToken()
}

// form names what a value looks like in YAML.
func form(t reflect.Type) string {
	if t == nil {
		return "nothing"
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a mapping"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	}
	return "a number"
}

func formOf(t ast.NodeType) string {
	switch t {
	case ast.SequenceType:
		return "a list"
	case ast.MappingType, ast.MappingValueType:
		return "a mapping"
	case ast.NullType:
		return "nothing"
	case ast.BoolType:
		return "true or false"
	case ast.IntegerType, ast.FloatType:
		return "a number"
	}
	return "text"
}

// fieldsOf lists the fields that a fact of type T and what is in it can have.
func fieldsOf[T any]() []string {
	var names []string
	var add func(t reflect.Type)
	seen := map[reflect.Type]bool{}
	add = func(t reflect.Type) {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || seen[t] {
			return
		}
		seen[t] = true
		for i := range t.NumField() {
			field := t.Field(i)
			if field.Tag.Get("yaml") == "-" {
				continue
			}
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name != "" && name != "-" {
				names = append(names, name)
			}
			if name != "" || field.Anonymous {
				add(field.Type)
			}
		}
	}
	add(reflect.TypeFor[T]())
	slices.Sort(names)
	return slices.Compact(names)
}

// mend adds to an unknown field which ones there are.
func mend(f *flaw, err error, fields []string) {
	var unknown *yaml.UnknownFieldError
	if !errors.As(err, &unknown) {
		return
	}
	set := map[string]bool{}
	for _, n := range fields {
		set[n] = true
	}
	field := ""
	if unknown.Token != nil {
		field = unknown.Token.Value
	}
	hint := nearest(set, field)
	switch {
	case set[field]:
		hint = " in this place: indent it under the field that it belongs to"
	case hint == "":
		hint = ": the fields are " + strings.Join(fields, ", ")
	}
	f.text = fmt.Sprintf("unknown field %q%s", field, hint)
}
