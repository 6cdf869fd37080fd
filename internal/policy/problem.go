package policy

import (
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// Problem is what is wrong with the expression of a rule.
type Problem struct {
	Rule         int // 1-based
	Line, Column int // in the expression, 1-based, in characters; 0 where it is the whole
	Text         string

	// Word is a word that is not known and Known the ones that are, where one
	// of those may have been meant.
	Word  string
	Known []string
}

// maxTold bounds how many problems of one expression are told.
const maxTold = 5

// told puts what CEL finds wrong into the words of policies.
func told(issues *cel.Issues, parsed *ast.AST) []Problem {
	var out []Problem
	for _, e := range issues.Errors() {
		p := Problem{Line: e.Location.Line(), Column: e.Location.Column() + 1, Text: e.Message}
		p.reword(e.ExprID, parsed)
		out = append(out, p)
		if len(out) == maxTold {
			break
		}
	}
	if len(out) == 0 {
		out = append(out, Problem{Text: reason(issues.Err())})
	}
	for i := range out {
		// CEL tells of bounds without a place.
		if out[i].Line < 1 || out[i].Column < 1 {
			out[i].Line, out[i].Column = 1, 1
		}
		out[i].Text = brief(out[i].Text)
	}
	return out
}

var (
	undefinedField = regexp.MustCompile(`^undefined field '(.*)'$`)
	undeclared     = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload     = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
)

func (p *Problem) reword(id int64, parsed *ast.AST) {
	if m := undefinedField.FindStringSubmatch(p.Text); m != nil {
		p.Text, p.Word = `unknown field "`+m[1]+`"`, m[1]
		p.Known = fieldsNear(id, parsed)
		return
	}
	if m := undeclared.FindStringSubmatch(p.Text); m != nil {
		p.Text, p.Word, p.Known = `unknown name "`+m[1]+`"`, m[1], names()
		return
	}
	if m := noOverload.FindStringSubmatch(p.Text); m != nil {
		p.Text = strings.Trim(m[1], "_@") + " cannot be applied to " + strings.Replace(m[2], ".(", " and (", 1)
		switch {
		case strings.Contains(m[2], dateName) && strings.Contains(m[2], "string"):
			p.Text += `: write a date as date("2021-10-25")`
		case strings.Contains(m[2], gradeName) && strings.Contains(m[2], "string"):
			p.Text += ": write a grade without quotes: " + strings.Join(gradeNames(), ", ")
		}
		return
	}
	for _, x := range rewordings {
		if x.from.MatchString(p.Text) {
			p.Text = x.from.ReplaceAllString(p.Text, x.to)
			break
		}
	}
	p.Text = strings.ReplaceAll(p.Text, "'<EOF>'", "the end")
}

// rewordings are for messages of CEL that say less than they could.
var rewordings = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`^Syntax error: token recognition error at: '(=.*)'$`), `syntax: '$1' is not understood: == compares`},
	{regexp.MustCompile(`^Syntax error: token recognition error at: (.*)$`), "syntax: $1 is not understood"},
	{regexp.MustCompile(`^Syntax error: (?:mismatched input|no viable alternative at input) (.*?)(?: expecting .*)?$`), "syntax: $1 is not expected here"},
	{regexp.MustCompile(`^Syntax error: extraneous input (.*?)(?: expecting .*)?$`), "syntax: $1 is too much here"},
	{regexp.MustCompile(`^Syntax error: missing (.*) at (.*)$`), "syntax: $1 is missing before $2"},
	{regexp.MustCompile(`^Syntax error: `), "syntax: "},
	{regexp.MustCompile(`^expected type '(.*)' but found '(.*)'$`), "$2 stands where $1 belongs"},
	{regexp.MustCompile(`^invalid matches argument$`), "the pattern is no regular expression, or one that is too large"},
	{regexp.MustCompile(`^expression recursion limit exceeded: (.*)$`), "brackets and calls are nested more than $1 deep"},
	{regexp.MustCompile(`^max recursion depth exceeded$`), "operators, brackets or calls are nested too deep: split it into rules"},
	{regexp.MustCompile(`^error recovery .*$`), "syntax: too much is not understood"},
	{regexp.MustCompile(`^expression code point size exceeds limit: size: .*, limit (.*)$`), "has more than $1 characters: split it into rules"},
}

// fieldsNear lists the fields of the variable that a wrong field was asked of,
// or all that there are where it is no plain variable.
func fieldsNear(id int64, parsed *ast.AST) []string {
	var of *types.Type
	if parsed != nil {
		ast.PreOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
			if e.ID() == id && e.Kind() == ast.SelectKind {
				of = typeOf(e.AsSelect().Operand())
			}
		}))
	}
	var out []string
	for name, o := range objects {
		if of == nil || of.TypeName() == name {
			for f := range o.fields {
				out = append(out, f)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// typeOf is the type of a variable or of a field of one, before the checker
// has been there.
func typeOf(e ast.Expr) *types.Type {
	switch e.Kind() {
	case ast.IdentKind:
		for _, v := range declared {
			if v.name == e.AsIdent() {
				return v.kind
			}
		}
	case ast.SelectKind:
		if of := typeOf(e.AsSelect().Operand()); of != nil && objects[of.TypeName()] != nil {
			if f, ok := objects[of.TypeName()].fields[e.AsSelect().FieldName()]; ok {
				return f.Type
			}
		}
	}
	return nil
}

func brief(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + "…"
	}
	return text
}
