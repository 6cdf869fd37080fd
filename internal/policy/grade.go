package policy

import (
	"fmt"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/offshelf/offshelf"
)

const gradeName = "grade"

var gradeType = types.NewObjectType(gradeName)

// grade is the grade of a source as a value of CEL. The stronger one is the
// greater: official > filing > press > trade > hobby > claim. A fact without a
// grade counts as claim.
type grade offshelf.Grade

func gradeOf(g offshelf.Grade) grade {
	if g == offshelf.GradeUnset {
		return grade(offshelf.GradeClaim)
	}
	return grade(g)
}

// gradeNames lists the grades, strongest first. They are constants of the
// expressions.
func gradeNames() []string {
	var out []string
	for g := offshelf.GradeOfficial; g <= offshelf.GradeClaim; g++ {
		out = append(out, g.String())
	}
	return out
}

// ConvertToNative implements ref.Val.
func (g grade) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a grade is no %v", t)
}

// ConvertToType implements ref.Val.
func (g grade) ConvertToType(t ref.Type) ref.Val {
	if t == types.StringType {
		return types.String(offshelf.Grade(g).String())
	}
	return types.NewErr("a grade is no %s", t.TypeName())
}

// Equal implements ref.Val.
func (g grade) Equal(other ref.Val) ref.Val {
	o, ok := other.(grade)
	return types.Bool(ok && g == o)
}

// Type implements ref.Val.
func (g grade) Type() ref.Type { return gradeType }

// Value implements ref.Val.
func (g grade) Value() any { return offshelf.Grade(g) }
