package policy

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Bounds of an expression.
const (
	maxExpression = 4000 // characters
	maxNesting    = 50   // brackets and calls in one another
	maxRegex      = 500  // instructions of a compiled pattern

	// The dearest that an expression may be on a large finding, in CEL's units,
	// and on any: one step of the evaluation is about one unit. The second is
	// for rows with fields of a megabyte.
	maxEstimate = 20_000
	maxCost     = 1_000_000
)

// functions are those of CEL's standard library that expressions may call by
// name, and included all that they may use. Left out: conversions to dyn, which would pass by the types; bytes,
// uint, timestamps and durations, of which findings have none; and orders,
// which are declared anew below so that they know dates and grades.
var functions = []string{"size", "contains", "startsWith", "endsWith", "matches", "int", "double", "string"}

var included = append([]string{
	operators.LogicalNot, operators.LogicalAnd, operators.LogicalOr, operators.Conditional, operators.NotStrictlyFalse,
	operators.Equals, operators.NotEquals, operators.In, operators.Index, operators.Negate,
	operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo,
}, functions...)

// environment is built when the first expression is compiled: a policy without
// any pays nothing.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	subset := &env.LibrarySubset{}
	for _, name := range included {
		subset.IncludeFunctions = append(subset.IncludeFunctions, env.NewFunction(name))
	}
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	options := []cel.EnvOption{
		cel.CustomTypeAdapter(adapter{}),
		cel.CustomTypeProvider(provider{registry}),
		cel.StdLib(cel.StdLibSubset(subset)),
		cel.ParserExpressionSizeLimit(maxExpression),
		cel.ParserRecursionLimit(maxNesting),
		cel.ParserErrorRecoveryLimit(maxTold),
		cel.RegexProgramSizeLimit(maxRegex),
		cel.CrossTypeNumericComparisons(true),
		cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateHomogeneousAggregateLiterals()),
		cel.Function("date", cel.Overload("date_string", []*cel.Type{cel.StringType}, dateType, cel.UnaryBinding(parseDate))),
		cel.Function("lower", cel.MemberOverload("string_lower", []*cel.Type{cel.StringType}, cel.StringType, cel.UnaryBinding(lower))),
		cel.Function(operators.Subtract, cel.Overload("subtract_date_date", []*cel.Type{dateType, dateType}, cel.IntType)),
		cel.Function("string", cel.Overload("date_to_string", []*cel.Type{dateType}, cel.StringType, cel.UnaryBinding(spelled))),
		cel.Function("string", cel.Overload("grade_to_string", []*cel.Type{gradeType}, cel.StringType, cel.UnaryBinding(spelled))),
	}
	for _, o := range []struct {
		operator, id string
		holds        func(order int) bool
		dates        func(a, b date) ref.Val
	}{
		{operators.Less, "less", func(n int) bool { return n < 0 }, func(a, b date) ref.Val { return a.before(b, false) }},
		{operators.LessEquals, "less_equals", func(n int) bool { return n <= 0 }, func(a, b date) ref.Val { return a.before(b, true) }},
		{operators.Greater, "greater", func(n int) bool { return n > 0 }, func(a, b date) ref.Val { return b.before(a, false) }},
		{operators.GreaterEquals, "greater_equals", func(n int) bool { return n >= 0 }, func(a, b date) ref.Val { return b.before(a, true) }},
	} {
		options = append(options, order(o.operator, o.id, o.holds, o.dates))
	}
	for i, name := range gradeNames() {
		options = append(options, cel.Constant(name, gradeType, grade(i+1)))
	}
	for _, v := range declared {
		options = append(options, cel.Variable(v.name, v.kind))
	}
	return cel.NewCustomEnv(options...)
})

// order declares one of < <= > >= for numbers, text, dates and grades.
func order(operator, id string, holds func(int) bool, dates func(a, b date) ref.Val) cel.EnvOption {
	compare := func(a, b ref.Val) ref.Val {
		switch x := a.(type) {
		case date:
			y, ok := b.(date)
			if !ok {
				break
			}
			v := dates(x, y)
			if types.IsError(v) {
				return undecided(x, y)
			}
			return v
		case grade:
			if y, ok := b.(grade); ok {
				return types.Bool(holds(int(y) - int(x)))
			}
		case traits.Comparer:
			n, ok := x.Compare(b).(types.Int)
			if ok {
				return types.Bool(holds(int(n)))
			}
			return x.Compare(b)
		}
		return types.MaybeNoSuchOverloadErr(b)
	}
	options := []cel.FunctionOpt{cel.SingletonBinaryBinding(compare)}
	for _, t := range []struct {
		name string
		a, b *cel.Type
	}{
		{"int64", cel.IntType, cel.IntType},
		{"double", cel.DoubleType, cel.DoubleType},
		{"int64_double", cel.IntType, cel.DoubleType},
		{"double_int64", cel.DoubleType, cel.IntType},
		{"string", cel.StringType, cel.StringType},
		{"date", dateType, dateType},
		{"grade", gradeType, gradeType},
	} {
		options = append(options, cel.Overload(id+"_"+t.name, []*cel.Type{t.a, t.b}, cel.BoolType))
	}
	return cel.Function(operator, options...)
}

// spelled is the function string() of dates and grades.
func spelled(arg ref.Val) ref.Val { return arg.ConvertToType(types.StringType) }

func lower(arg ref.Val) ref.Val {
	s, ok := arg.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(arg)
	}
	return types.String(strings.ToLower(string(s)))
}

// names lists what an expression can begin with.
func names() []string {
	out := slices.Concat(gradeNames(), functions, []string{"date", "lower", "has", "all", "exists", "exists_one", "filter", "map"})
	for _, v := range declared {
		out = append(out, v.name)
	}
	slices.Sort(out)
	return out
}

// compile checks an expression and makes it ready to run.
func compile(text string, v *Vocabulary) (cel.Program, []Problem) {
	e, err := environment()
	if err != nil {
		return nil, []Problem{{Text: reason(err)}}
	}
	parsed, issues := e.Parse(text)
	if issues.Err() != nil {
		return nil, told(issues, nil)
	}
	checked, issues := e.Check(parsed)
	if issues.Err() != nil {
		return nil, told(issues, parsed.NativeRep())
	}
	if t := checked.OutputType(); t.Kind() != types.BoolKind {
		return nil, []Problem{{Line: 1, Column: 1, Text: fmt.Sprintf("gives %s, not true or false: compare it with something", cel.FormatCELType(t))}}
	}
	if bad := inspect(checked.NativeRep(), v); len(bad) > 0 {
		return nil, bad
	}
	estimate, err := e.EstimateCost(checked, sizes{})
	if err != nil {
		return nil, []Problem{{Text: reason(err)}}
	}
	if estimate.Max > maxEstimate {
		return nil, []Problem{{Line: 1, Column: 1, Text: fmt.Sprintf("may take %s steps on one finding, more than %d: nest fewer all, exists, filter and map in one another, and search shorter fields", steps(estimate.Max), maxEstimate)}}
	}
	program, err := e.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(maxCost), cel.CostTracking(sizes{}))
	if err != nil {
		return nil, []Problem{{Line: 1, Column: 1, Text: reason(err)}}
	}
	return program, nil
}

func steps(n uint64) string {
	if n > 1_000_000_000 {
		return "over a billion"
	}
	return fmt.Sprint(n)
}

// sizes tells the cost estimate how long lists and texts are on a large
// finding.
type sizes struct{}

// lists by field; a finding tells at most four chains.
var listSizes = map[string]uint64{"chains": 4, "hops": 16, "forbids": 8, "lists": 16, "goods": 16, "origin": 16}

const (
	longText  = 4000 // a description
	shortText = 500  // a title, a name
)

// EstimateSize implements cost.Estimator.
func (sizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	name := ""
	if path := node.Path(); len(path) > 0 {
		name = path[len(path)-1]
	}
	var size uint64
	switch node.Type().Kind() {
	case types.StructKind:
		size = 1
	case types.ListKind:
		size = listSizes[name]
	case types.StringKind:
		if e := node.Expr(); e != nil && e.Kind() == ast.LiteralKind {
			return nil
		}
		if size = shortText; name == "description" {
			size = longText
		}
	}
	if size == 0 {
		return nil
	}
	s := cost.RangedSizeEstimate(0, size)
	return &s
}

// EstimateCallCost implements cost.Estimator.
func (s sizes) EstimateCallCost(function, _ string, target *cost.AstNode, _ []cost.AstNode) *cost.CallEstimate {
	if function != "lower" || target == nil {
		return nil
	}
	size := cost.EstimateSize(s, *target)
	return cost.NewCallEstimate(size.MultiplyByCostFactor(perCharacter).Add(cost.FixedCostEstimate(1)), &size)
}

// perCharacter is what CEL counts for reading a character.
const perCharacter = 0.1

// CallCost implements cost.ActualCostEstimator.
func (sizes) CallCost(function, _ string, args []ref.Val, _ ref.Val) *uint64 {
	if function != "lower" || len(args) != 1 {
		return nil
	}
	n := 1 + cost.ActualSize(args[0])/10
	return &n
}
