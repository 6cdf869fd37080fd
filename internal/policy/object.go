package policy

import (
	"fmt"
	"reflect"
	"slices"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// object describes a struct of the domain to CEL, field by field, without
// reflection.
type object struct {
	kind   *types.Type
	fields map[string]*types.FieldType
}

// member is one field of a struct T.
type member[T any] struct {
	name string
	kind *types.Type
	get  func(*T) ref.Val
	has  func(*T) bool // whether the field is known
}

func describe[T any](kind *types.Type, members ...member[T]) *object {
	o := &object{kind, map[string]*types.FieldType{}}
	for _, m := range members {
		o.fields[m.name] = &types.FieldType{
			Type: m.kind,
			IsSet: func(target any) bool {
				t, ok := target.(*T)
				return ok && m.has(t)
			},
			GetFrom: func(target any) (any, error) {
				t, ok := target.(*T)
				if !ok {
					return nil, fmt.Errorf("no %s", kind.TypeName())
				}
				v := m.get(t)
				if e, ok := v.(*types.Err); ok {
					return nil, e
				}
				return v, nil
			},
		}
	}
	return o
}

func text[T any](name string, get func(*T) string) member[T] {
	return member[T]{name, types.StringType,
		func(t *T) ref.Val { return types.String(get(t)) },
		func(t *T) bool { return get(t) != "" }}
}

func number[T any](name string, get func(*T) int) member[T] {
	return member[T]{name, types.IntType,
		func(t *T) ref.Val { return types.Int(get(t)) },
		func(t *T) bool { return get(t) != 0 }}
}

func truth[T any](name string, get func(*T) bool) member[T] {
	return member[T]{name, types.BoolType,
		func(t *T) ref.Val { return types.Bool(get(t)) },
		func(t *T) bool { return get(t) }}
}

func words[T any](name string, get func(*T) []string) member[T] {
	return member[T]{name, types.NewListType(types.StringType),
		func(t *T) ref.Val { return types.NewStringList(adapter{}, get(t)) },
		func(t *T) bool { return len(get(t)) > 0 }}
}

func dated[T any](name string, get func(*T) date) member[T] {
	return member[T]{name, dateType,
		func(t *T) ref.Val { return get(t) },
		func(t *T) bool { return !get(t).IsZero() }}
}

// instance is a struct of the domain where CEL needs a value of its own.
type instance struct {
	kind *types.Type
	of   any
}

// ConvertToNative implements ref.Val.
func (v instance) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a %s is no %v", v.kind.TypeName(), t)
}

// ConvertToType implements ref.Val.
func (v instance) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("a %s is no %s", v.kind.TypeName(), t.TypeName())
}

// Equal implements ref.Val: the same thing, not one that looks alike.
func (v instance) Equal(other ref.Val) ref.Val {
	o, ok := other.(instance)
	return types.Bool(ok && v.of == o.of)
}

// Type implements ref.Val.
func (v instance) Type() ref.Type { return v.kind }

// Value implements ref.Val.
func (v instance) Value() any { return v.of }

// list is a list of structs.
func list[T any](kind *types.Type, items []T) ref.Val {
	out := make([]ref.Val, len(items))
	for i := range items {
		out[i] = instance{kind, &items[i]}
	}
	return types.NewRefValList(adapter{}, out)
}

// provider tells CEL the types of the expressions.
type provider struct{ types.Provider }

// FindStructType implements types.Provider.
func (p provider) FindStructType(name string) (*types.Type, bool) {
	if o := objects[name]; o != nil {
		return types.NewTypeTypeWithParam(o.kind), true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldNames implements types.Provider.
func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	o := objects[name]
	if o == nil {
		return p.Provider.FindStructFieldNames(name)
	}
	var out []string
	for f := range o.fields {
		out = append(out, f)
	}
	slices.Sort(out)
	return out, true
}

// FindStructFieldType implements types.Provider.
func (p provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if o := objects[name]; o != nil {
		f, ok := o.fields[field]
		return f, ok
	}
	return p.Provider.FindStructFieldType(name, field)
}

// NewValue implements types.Provider: expressions read, they make nothing.
func (p provider) NewValue(name string, _ map[string]ref.Val) ref.Val {
	return types.NewErr("%s cannot be made in an expression", name)
}

// adapter turns structs of the domain into values of CEL.
type adapter struct{}

// NativeToValue implements types.Adapter.
func (adapter) NativeToValue(v any) ref.Val {
	if v, ok := v.(ref.Val); ok {
		return v
	}
	if kind := kindOf(v); kind != nil {
		return instance{kind, v}
	}
	return types.DefaultTypeAdapter.NativeToValue(v)
}
