package random_test

import (
	"math"
	"slices"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// oracle says what a value of one version of a contract is in another: by the rules,
// one value at a time, and from nothing that generated code knows.
type oracle struct {
	up     bool // from the older version to the newest
	answer bool // what a call returns
	// lossy and yours say that the value cannot be said, and that a function is asked
	// which is the user's to write. If both are so, either may come first.
	lossy, yours bool
}

// value converts a value.
func (o *oracle) value(from, to wit.Type, v rt.Value) rt.Value {
	from, to = wit.Underlying(from), wit.Underlying(to)
	a, isOption := from.(*wit.Option)
	b, toOption := to.(*wit.Option)
	switch {
	case isOption:
		some, ok := v.(cm.Option[rt.Value]).Get()
		switch {
		case !ok && toOption:
			return cm.None[rt.Value]()
		case !ok:
			o.lossy = true
			return nil
		case toOption:
			return cm.Some(o.value(a.Elem, b.Elem, some))
		}
		return o.value(a.Elem, to, some)
	case toOption:
		return cm.Some(o.value(from, b.Elem, v))
	}
	switch a := from.(type) {
	case wit.Primitive:
		if b, ok := to.(wit.Primitive); ok {
			return o.primitive(a, b, v)
		}
	case *wit.List:
		if b, ok := to.(*wit.List); ok && a.Fixed == b.Fixed && a.Len == b.Len {
			return o.list(a, b, v)
		}
	case *wit.Map:
		if b, ok := to.(*wit.Map); ok {
			var out rt.Map
			for _, e := range v.(rt.Map) {
				out = append(out, rt.Entry{Key: o.value(a.Key, b.Key, e.Key), Value: o.value(a.Value, b.Value, e.Value)})
			}
			return out
		}
	case *wit.Tuple:
		if b, ok := to.(*wit.Tuple); ok && len(a.Types) == len(b.Types) {
			out := make(rt.Tuple, len(a.Types))
			for k, e := range v.(rt.Tuple) {
				out[k] = o.value(a.Types[k], b.Types[k], e)
			}
			return out
		}
	case *wit.Record:
		if b, ok := to.(*wit.Record); ok {
			return o.record(a, b, v.(rt.Record))
		}
	case *wit.Variant:
		if b, ok := to.(*wit.Variant); ok {
			return o.variant(a, b, v.(rt.Variant))
		}
	case *wit.Result:
		if b, ok := to.(*wit.Result); ok && (a.OK == nil) == (b.OK == nil) && (a.Err == nil) == (b.Err == nil) {
			return o.result(a, b, v.(cm.Result[rt.Value, rt.Value]))
		}
	case *wit.Handle:
		if b, ok := to.(*wit.Handle); ok && a.Borrow == b.Borrow && home(a) == home(b) {
			return v
		}
	case *wit.Enum:
		if b, ok := to.(*wit.Enum); ok {
			o.lossy = o.lossy || !has(b.Cases, string(v.(rt.Enum)))
			return v
		}
	case *wit.Flags:
		if b, ok := to.(*wit.Flags); ok {
			return o.flags(b, v.(rt.Flags))
		}
	}
	o.yours = true
	return nil
}

// home is what names a resource in all versions.
func home(h *wit.Handle) string {
	root := h.Resource.Root()
	return root.Owner.Interface.Name + "." + root.Name
}

// passes notes where a resource is lent as one type and given away as the other.
func (o *oracle) passes(from, to wit.Type) {
	o.yours = o.yours || lends(from) && !owns(from) && owns(to) && !lends(to) || owns(from) && !lends(from) && lends(to) && !owns(to)
}

func has(labels []wit.Label, name string) bool {
	return slices.ContainsFunc(labels, func(l wit.Label) bool { return l.Name == name })
}

// flags has the flags in the order of the other version.
func (o *oracle) flags(to *wit.Flags, v rt.Flags) rt.Value {
	out := rt.Flags{}
	for _, l := range to.Flags {
		if slices.Contains(v, l.Name) {
			out = append(out, l.Name)
		}
	}
	o.lossy = o.lossy || len(out) != len(v)
	return out
}

// integers are the ranges of integers, as far as they are below and above zero.
var integers = map[wit.Primitive]struct{ least, most uint64 }{
	wit.U8: {0, math.MaxUint8}, wit.U16: {0, math.MaxUint16}, wit.U32: {0, math.MaxUint32}, wit.U64: {0, math.MaxUint64},
	wit.S8: {1 << 7, math.MaxInt8}, wit.S16: {1 << 15, math.MaxInt16}, wit.S32: {1 << 31, math.MaxInt32}, wit.S64: {1 << 63, math.MaxInt64},
}

// number returns an integer as its sign and size.
func number(v rt.Value) (negative bool, size uint64) {
	signed := func(n int64) (bool, uint64) {
		if n < 0 {
			return true, -uint64(n)
		}
		return false, uint64(n)
	}
	switch v := v.(type) {
	case uint8:
		return false, uint64(v)
	case uint16:
		return false, uint64(v)
	case uint32:
		return false, uint64(v)
	case uint64:
		return false, v
	case int8:
		return signed(int64(v))
	case int16:
		return signed(int64(v))
	case int32:
		return signed(int64(v))
	}
	return signed(v.(int64))
}

// primitive keeps integers what they are.
func (o *oracle) primitive(from, to wit.Primitive, v rt.Value) rt.Value {
	_, whole := integers[from]
	limits, toWhole := integers[to]
	switch {
	case from == to:
		return v
	case whole && toWhole:
		negative, size := number(v)
		if negative && size > limits.least || !negative && size > limits.most {
			o.lossy = true
			return nil
		}
		if negative {
			size = -size
		}
		return map[wit.Primitive]rt.Value{
			wit.U8: uint8(size), wit.U16: uint16(size), wit.U32: uint32(size), wit.U64: size,
			wit.S8: int8(size), wit.S16: int16(size), wit.S32: int32(size), wit.S64: int64(size),
		}[to]
	case from == wit.F32 && to == wit.F64:
		return float64(v.(float32))
	case from == wit.Char && to == wit.String:
		return string(v.(rune))
	case from == wit.Char && to == wit.U32:
		return uint32(v.(rune))
	}
	o.yours = true
	return nil
}

// list converts the elements: bytes have a type of their own.
func (o *oracle) list(from, to *wit.List, v rt.Value) rt.Value {
	var list []rt.Value
	if b, ok := v.([]byte); ok {
		for _, e := range b {
			list = append(list, e)
		}
	} else {
		list = v.([]rt.Value)
	}
	out, bytes := make([]rt.Value, len(list)), make([]byte, len(list))
	for k, e := range list {
		out[k] = o.value(from.Elem, to.Elem, e)
		if b, ok := out[k].(byte); ok {
			bytes[k] = b
		}
	}
	if wit.Underlying(to.Elem) == wit.U8 && !to.Fixed {
		return bytes
	}
	return out
}

// record converts fields by their names.
func (o *oracle) record(from, to *wit.Record, v rt.Record) rt.Value {
	field := func(r *wit.Record, name string) int {
		return slices.IndexFunc(r.Fields, func(f wit.Field) bool { return f.Name == name })
	}
	for _, f := range to.Fields {
		if field(from, f.Name) < 0 && !silent(f.Type) {
			o.yours = true
			return nil
		}
	}
	silently := o.answer && !o.up
	for _, f := range from.Fields {
		if field(to, f.Name) < 0 && (owns(f.Type) || !silent(f.Type) && !silently) {
			o.yours = true
			return nil
		}
	}
	var out rt.Record
	for _, f := range to.Fields {
		value := nothing(f.Type)
		if k := field(from, f.Name); k >= 0 {
			value = o.value(from.Fields[k].Type, f.Type, v[k].Value)
		}
		out = append(out, rt.Field{Name: f.Name, Value: value})
	}
	for k, f := range from.Fields {
		o.lossy = o.lossy || field(to, f.Name) < 0 && !silently && says(f.Type, v[k].Value)
	}
	return out
}

// variant converts the case of the same name.
func (o *oracle) variant(from, to *wit.Variant, v rt.Variant) rt.Value {
	var a, b *wit.Case
	for k, c := range from.Cases {
		for j, d := range to.Cases {
			if c.Name != d.Name {
				continue
			}
			if (c.Type == nil) != (d.Type == nil) {
				o.yours = true
				return nil
			}
			if c.Name == v.Case {
				a, b = &from.Cases[k], &to.Cases[j]
			}
		}
	}
	switch {
	case a == nil:
		o.lossy = true
		return nil
	case a.Type == nil:
		return v
	}
	return rt.Variant{Case: v.Case, Value: o.value(a.Type, b.Type, v.Value)}
}

func (o *oracle) result(from, to *wit.Result, v cm.Result[rt.Value, rt.Value]) rt.Value {
	part := func(a, b wit.Type, v rt.Value) rt.Value {
		if a == nil {
			return nil
		}
		return o.value(a, b, v)
	}
	if ok, is := v.OK(); is {
		return cm.OK[rt.Value, rt.Value](part(from.OK, to.OK, ok))
	}
	e, _ := v.Err()
	return cm.Fail[rt.Value](part(from.Err, to.Err, e))
}

// silent reports whether a type has a value that stands for nothing.
func silent(t wit.Type) bool {
	switch t := wit.Underlying(t).(type) {
	case *wit.Option, *wit.Map, *wit.Flags:
		return true
	case *wit.List:
		return !t.Fixed
	case *wit.Tuple:
		return !slices.ContainsFunc(t.Types, func(e wit.Type) bool { return !silent(e) })
	case *wit.Record:
		return !slices.ContainsFunc(t.Fields, func(f wit.Field) bool { return !silent(f.Type) })
	}
	return false
}

// nothing returns that value.
func nothing(t wit.Type) rt.Value {
	switch t := wit.Underlying(t).(type) {
	case *wit.Option:
		return cm.None[rt.Value]()
	case *wit.Map:
		return rt.Map{}
	case *wit.Flags:
		return rt.Flags{}
	case *wit.List:
		if wit.Underlying(t.Elem) == wit.U8 {
			return []byte{}
		}
		return []rt.Value{}
	case *wit.Tuple:
		var out rt.Tuple
		for _, e := range t.Types {
			out = append(out, nothing(e))
		}
		return out
	case *wit.Record:
		var out rt.Record
		for _, f := range t.Fields {
			out = append(out, rt.Field{Name: f.Name, Value: nothing(f.Type)})
		}
		return out
	}
	return nil
}

// says reports whether a value is another one than that.
func says(t wit.Type, v rt.Value) bool { return !same(v, nothing(t)) }
