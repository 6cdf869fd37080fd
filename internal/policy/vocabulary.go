package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// Vocabulary is the words that fields of a finding can hold. A field compared
// with another word would be a rule that never matches and says nothing. A nil
// set is not checked.
type Vocabulary struct {
	Regimes, Brands, Lists, Goods, Effects map[string]bool
}

var (
	verdicts  = set("reached", "possible")
	bases     = set("law", "policy")
	states    = set("in-force", "scheduled")
	relations = set("made")
	statuses  = set("active", "modified", "inactive", "pending-litigation")
	kinds     = set("attributed", "held", "made", "supplied", "licensed", "firmware", "looks-like", "owned", "controlled", "listed", "concern")
)

func set(words ...string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words {
		out[w] = true
	}
	return out
}

// of returns the words of a field, and what such a word is called.
func (v *Vocabulary) of(object, field string) (map[string]bool, string) {
	switch object + "." + field {
	case "finding.verdict", "chain.verdict":
		return verdicts, "verdict"
	case "finding.basis":
		return bases, "basis"
	case "finding.state":
		return states, "state"
	case "finding.relation":
		return relations, "relation of a finding"
	case "finding.forbids":
		return v.Effects, "effect"
	case "finding.brand_id":
		return v.Brands, "brand id"
	case "regime.id":
		return v.Regimes, "regime"
	case "regime.lists", "listing.list":
		return v.Lists, "list"
	case "listing.status":
		return statuses, "status"
	case "listing.goods":
		return v.Goods, "goods class"
	case "hop.kind":
		return kinds, "kind of hop"
	}
	return nil, ""
}

// inspector finds what the types of CEL let pass.
type inspector struct {
	checked *ast.AST
	words   *Vocabulary
	found   []Problem
}

func inspect(checked *ast.AST, v *Vocabulary) []Problem {
	if v == nil {
		v = &Vocabulary{}
	}
	i := &inspector{checked: checked, words: v}
	ast.PreOrderVisit(checked.Expr(), ast.NewExprVisitor(i.visit))
	if len(i.found) > maxTold {
		i.found = i.found[:maxTold]
	}
	return i.found
}

func (i *inspector) visit(e ast.Expr) {
	if e.Kind() != ast.CallKind {
		return
	}
	c := e.AsCall()
	switch c.FunctionName() {
	case operators.Equals, operators.NotEquals, operators.In:
		i.compared(c.Args()[0], c.Args()[1])
		i.compared(c.Args()[1], c.Args()[0])
	case "date":
		s, ok := literal(c.Args()[0])
		if !ok {
			return
		}
		if _, err := readDate(s); err != nil {
			i.report(c.Args()[0], Problem{Text: err.Error()})
		}
	case "matches":
		// Patterns out of a catalog would be somebody else's.
		if pattern := c.Args()[len(c.Args())-1]; pattern.Kind() != ast.LiteralKind {
			i.report(pattern, Problem{Text: "the pattern of matches must be written out in quotes"})
		}
	}
}

// compared checks the words that a field is compared with.
func (i *inspector) compared(field, with ast.Expr) {
	if field.Kind() != ast.SelectKind {
		return
	}
	s := field.AsSelect()
	of := i.checked.GetType(s.Operand().ID())
	if of == nil || of.Kind() != types.StructKind {
		return
	}
	known, what := i.words.of(of.TypeName(), s.FieldName())
	if known == nil {
		return
	}
	items := []ast.Expr{with}
	if with.Kind() == ast.ListKind {
		items = with.AsList().Elements()
	}
	for _, item := range items {
		if word, ok := literal(item); ok && !known[word] {
			text := fmt.Sprintf("%q is no %s", word, what)
			if len(known) <= 12 {
				text += ": use " + strings.Join(slices.Sorted(maps.Keys(known)), ", ")
			}
			i.report(item, Problem{Text: text, Word: word, Known: slices.Collect(maps.Keys(known))})
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

func (i *inspector) report(e ast.Expr, p Problem) {
	at := i.checked.SourceInfo().GetStartLocation(e.ID())
	p.Line, p.Column = max(at.Line(), 1), max(at.Column()+1, 1)
	p.Text = brief(p.Text)
	i.found = append(i.found, p)
}
