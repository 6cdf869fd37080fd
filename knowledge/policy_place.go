package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"github.com/offshelf/offshelf"
)

// Place is where in the file the problem is: line and column, 1-based, in
// characters.
func (f *PolicyFile) Place(p *offshelf.PolicyProblem) (line, column int) {
	node := f.node
	switch {
	case p.Rule > 0:
		node = item(field(node, "rules"), p.Rule, node)
	case p.House > 0:
		node = item(field(node, "regimes"), p.House, node)
	}
	if n := field(node, p.Field); n != nil {
		node = n
		if p.Item > 0 {
			node = item(n, p.Item, n)
		}
	}
	if p.Line > 0 && p.Rule > 0 && p.Rule <= len(f.Policy.Rules) {
		if line, column, ok := f.within(node, f.Policy.Rules[p.Rule-1].When, p.Line, p.Column); ok {
			return line, column
		}
	}
	at := firstToken(node).Position
	return at.Line, max(at.Column, 1)
}

// PolicyError is a problem of a policy at its place in the file.
type PolicyError struct {
	File         string
	Line, Column int // 1-based, in characters; 0 where it is the whole file
	Rule         int // 1-based; 0 where it is none of a rule's
	Text         string
}

// Error prints file:line:column: rule: text.
func (e *PolicyError) Error() string {
	text := e.Text
	if e.Rule > 0 {
		text = fmt.Sprintf("rule %d: %s", e.Rule, text)
	}
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, text)
	}
	return e.File + ": " + text
}

// maxExplained bounds how many problems of a file are told.
const maxExplained = 100

// Explain turns each problem of the policy that err holds into a PolicyError,
// which knows its place. Other errors stay as they are.
func (f *PolicyFile) Explain(err error) error {
	if err == nil {
		return nil
	}
	var out []error
	all := Split(err)
	for i, e := range all {
		if i == maxExplained {
			out = append(out, &PolicyError{File: f.Name, Text: fmt.Sprintf("and %d more problems", len(all)-i)})
			break
		}
		var p *offshelf.PolicyProblem
		if errors.As(e, &p) {
			line, column := f.Place(p)
			e = &PolicyError{f.Name, line, column, p.Rule, p.Text}
		}
		out = append(out, e)
	}
	return errors.Join(out...)
}

// Split takes joined errors apart, also where the whole is wrapped.
func Split(err error) []error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if j, ok := e.(interface{ Unwrap() []error }); ok {
			var out []error
			for _, e := range j.Unwrap() {
				out = append(out, Split(e)...)
			}
			return out
		}
	}
	return []error{err}
}

// field is the value of a key of a mapping, or nil.
func field(node ast.Node, key string) ast.Node {
	var values []*ast.MappingValueNode
	switch m := node.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	}
	for _, kv := range values {
		if kv.Key.GetToken().Value == key {
			return kv.Value
		}
	}
	return nil
}

// item is the nth item of a list, 1-based, or otherwise.
func item(node ast.Node, n int, otherwise ast.Node) ast.Node {
	if s, ok := node.(*ast.SequenceNode); ok && n <= len(s.Values) {
		return s.Values[n-1]
	}
	return otherwise
}

// within finds line and column of the file for those of a text that YAML has
// unfolded. Unfolding moves only blanks, and unescaping takes characters away:
// the others stand in the file in the same order.
func (f *PolicyFile) within(node ast.Node, text string, line, column int) (int, int, bool) {
	at := node.GetToken().Position
	startLine, startColumn := at.Line, at.Column
	if l, ok := node.(*ast.LiteralNode); ok {
		startLine, startColumn = l.Start.Position.Line+1, 1
	}
	raw := cursor{text: bytes.TrimPrefix(f.text, []byte("\ufeff")), line: 1, column: 1}
	for raw.line < startLine || raw.line == startLine && raw.column < startColumn {
		if !raw.step() {
			return 0, 0, false
		}
	}
	quote := rune(0)
	if _, block := node.(*ast.LiteralNode); !block {
		if r := raw.peek(); r == '"' || r == '\'' {
			quote = r
			raw.step()
		}
	}
	value := cursor{text: []byte(text), line: 1, column: 1}
	for {
		value.blanks()
		if value.peek() == 0 { // behind the last character
			return raw.line, raw.column, true
		}
		raw.blanks()
		if quote == '"' && raw.peek() == '\\' && !raw.escape(value.peek()) {
			return 0, 0, false
		}
		if value.line > line || value.line == line && value.column >= column {
			return raw.line, raw.column, true
		}
		if raw.peek() != value.peek() && !raw.escaped {
			return 0, 0, false
		}
		raw.escaped = false
		if quote == '\'' && raw.peek() == '\'' {
			raw.step()
		}
		raw.step()
		value.step()
	}
}

// cursor walks a text and counts lines and characters.
type cursor struct {
	text         []byte
	line, column int
	escaped      bool // stands on the last character of an escape
}

func (c *cursor) peek() rune {
	if len(c.text) == 0 {
		return 0
	}
	r, _ := utf8.DecodeRune(c.text)
	return r
}

func (c *cursor) step() bool {
	if len(c.text) == 0 {
		return false
	}
	r, n := utf8.DecodeRune(c.text)
	c.text = c.text[n:]
	if c.column++; r == '\n' {
		c.line, c.column = c.line+1, 1
	}
	return true
}

func (c *cursor) blanks() {
	for unicode.IsSpace(c.peek()) && c.step() {
	}
}

// escape walks from the backslash of a double-quoted text to the last
// character of what stands for the rune, and over escapes that stand for
// blanks.
func (c *cursor) escape(of rune) bool {
	for c.peek() == '\\' {
		if !c.step() {
			return false
		}
		r := c.peek()
		switch {
		case r == of && !unicode.IsSpace(r):
			return true // \" and \\
		case strings.ContainsRune("ntrbfve0aN_LP \t\r\n", r):
			c.step()
			c.blanks()
		case strings.ContainsRune("xuU", r):
			for range map[rune]int{'x': 2, 'u': 4, 'U': 8}[r] {
				c.step()
			}
			c.escaped = true
			return true
		default:
			return false
		}
	}
	return true
}
