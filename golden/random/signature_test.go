package random_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// pairs returns the parameter that each one of the other version is, -1 for none: by
// their names, or else by their places if those have one type and there are as many.
func (o *oracle) pairs(from, to *wit.Func) (pair []int, used []bool) {
	pair, used = make([]int, len(to.Params)), make([]bool, len(from.Params))
	for k, p := range to.Params {
		pair[k] = slices.IndexFunc(from.Params, func(q wit.Param) bool { return q.Name == p.Name })
		if pair[k] >= 0 {
			used[pair[k]] = true
		}
	}
	for k, p := range to.Params {
		if pair[k] < 0 && len(to.Params) == len(from.Params) && !used[k] && spoken(p.Type) == spoken(from.Params[k].Type) {
			pair[k], used[k] = k, true
		}
	}
	for j, p := range from.Params {
		o.yours = o.yours || !used[j] && !silent(p.Type)
	}
	for k, p := range to.Params {
		if pair[k] >= 0 {
			o.passes(from.Params[pair[k]].Type, p.Type)
		} else {
			o.yours = o.yours || !silent(p.Type)
		}
	}
	return pair, used
}

// params converts the arguments of a function.
func (o *oracle) params(from, to *wit.Func, args []rt.Value) []rt.Value {
	pair, used := o.pairs(from, to)
	for j, p := range from.Params {
		o.lossy = o.lossy || !used[j] && says(p.Type, args[j])
	}
	out := make([]rt.Value, len(to.Params))
	for k, p := range to.Params {
		switch {
		case pair[k] >= 0:
			out[k] = o.value(from.Params[pair[k]].Type, p.Type, args[pair[k]])
		case silent(p.Type):
			out[k] = nothing(p.Type)
		}
	}
	return out
}

// spoken returns a type as people write it, aliases resolved.
func spoken(t wit.Type) string {
	list := func(types ...wit.Type) string {
		var texts []string
		for _, e := range types {
			if e == nil {
				texts = append(texts, "_")
			} else {
				texts = append(texts, spoken(e))
			}
		}
		return "<" + strings.Join(texts, ",") + ">"
	}
	if d, ok := t.(*wit.TypeDef); ok {
		switch d.Root().Type.(type) {
		case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags, *wit.Resource:
			return "%" + d.Root().Name
		}
		return spoken(d.Root().Type)
	}
	switch t := t.(type) {
	case *wit.Handle:
		return fmt.Sprint("handle", t.Borrow, list(t.Resource))
	case *wit.Option:
		return "option" + list(t.Elem)
	case *wit.List:
		if t.Fixed {
			return "list" + strings.Repeat("+", int(t.Len)) + list(t.Elem)
		}
		return "list" + list(t.Elem)
	case *wit.Map:
		return "map" + list(t.Key, t.Value)
	case *wit.Tuple:
		return "tuple" + list(t.Types...)
	case *wit.Result:
		return "result" + list(t.OK, t.Err)
	}
	return wit.TypeText(t)
}

// outcomes returns the types of what functions return that return nothing else, or a
// result of that.
func (o *oracle) outcomes(from, to wit.Type) (have, want wit.Type, a, b *wit.Result) {
	a, _ = wit.Underlying(from).(*wit.Result)
	b, _ = wit.Underlying(to).(*wit.Result)
	have, want = from, to
	if a != nil {
		have = a.OK
	}
	if b != nil {
		want = b.OK
	}
	o.fits(have, want)
	o.passes(have, want)
	if a != nil && b != nil {
		o.fits(a.Err, b.Err)
	}
	return have, want, a, b
}

// returned converts what a function returns, or fails with.
func (o *oracle) returned(from, to wit.Type, v rt.Value) rt.Value {
	have, want, a, b := o.outcomes(from, to)
	fails, may := a != nil, b != nil
	if o.yours {
		return nil
	}
	if fails {
		if e, failed := v.(cm.Result[rt.Value, rt.Value]).Err(); failed {
			if !may {
				o.lossy = true
				return nil
			}
			return cm.Fail[rt.Value](o.part(a.Err, b.Err, e))
		}
		v, _ = v.(cm.Result[rt.Value, rt.Value]).OK()
	}
	v = o.part(have, want, v)
	if may {
		return cm.OK[rt.Value, rt.Value](v)
	}
	return v
}

// fits notes where a part that only one version has is no part that may be missing.
func (o *oracle) fits(from, to wit.Type) {
	o.yours = o.yours || from == nil && to != nil && !silent(to) || from != nil && to == nil && (owns(from) || o.up && !silent(from))
}

// part converts a part of a result. The host may say more than an older guest asks
// for.
func (o *oracle) part(from, to wit.Type, v rt.Value) rt.Value {
	switch {
	case from == nil && to == nil:
		return nil
	case from == nil:
		return nothing(to)
	case to == nil:
		o.lossy = o.lossy || o.up && says(from, v)
		return nil
	}
	return o.value(from, to, v)
}
