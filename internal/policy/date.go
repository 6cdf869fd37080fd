package policy

import (
	"fmt"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/offshelf/offshelf"
)

const dateName = "date"

// dateType is that of dates. The traits let equality and subtraction apply.
var dateType = types.NewObjectType(dateName, traits.SubtractorType)

// date is a civil date as a value of CEL. A comparison that depends on the part
// of a date that is not known is an error, never a guess.
type date struct{ offshelf.Date }

// ConvertToNative implements ref.Val.
func (d date) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a date is no %v", t)
}

// ConvertToType implements ref.Val.
func (d date) ConvertToType(t ref.Type) ref.Val {
	if t == types.StringType {
		return types.String(d.String())
	}
	return types.NewErr("a date is no %s", t.TypeName())
}

// Equal implements ref.Val.
func (d date) Equal(other ref.Val) ref.Val {
	o, ok := other.(date)
	if !ok {
		return types.False
	}
	switch {
	case d.single() && o.single():
		return types.Bool(d.Earliest() == o.Earliest())
	case d.Latest() < o.Earliest() || o.Latest() < d.Earliest():
		return types.False
	}
	return undecided(d, o)
}

// Subtract implements traits.Subtractor: the days between two dates.
func (d date) Subtract(other ref.Val) ref.Val {
	o, ok := other.(date)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	if !d.single() || !o.single() {
		return undecided(d, o)
	}
	return types.Int(d.Earliest()) - types.Int(o.Earliest())
}

// Type implements ref.Val.
func (d date) Type() ref.Type { return dateType }

// Value implements ref.Val.
func (d date) Value() any { return d.Date }

func (d date) single() bool { return !d.IsZero() && d.Earliest() == d.Latest() }

// before tells whether d is surely before o (or on its day, where same is
// true), surely not, or whether that is not known.
func (d date) before(o date, same bool) ref.Val {
	switch {
	case d.Latest() < o.Earliest(), same && d.Latest() == o.Earliest():
		return types.True
	case d.Earliest() > o.Latest(), !same && d.Earliest() == o.Latest():
		return types.False
	}
	return undecided(d, o)
}

func undecided(d, o date) ref.Val {
	name := func(d date) string {
		if d.IsZero() {
			return "a date that is not known"
		}
		return d.String()
	}
	return types.NewErr("%s and %s cannot be compared: the dates are not known that exactly", name(d), name(o))
}

// parseDate is the function date("2021-10-25").
func parseDate(arg ref.Val) ref.Val {
	s, ok := arg.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(arg)
	}
	d, err := readDate(string(s))
	if err != nil {
		return types.WrapErr(err)
	}
	return date{d}
}

func readDate(s string) (offshelf.Date, error) {
	if s == "" {
		return offshelf.Date{}, fmt.Errorf("an empty text is no date: write YYYY-MM-DD")
	}
	return offshelf.ParseDate(s)
}
