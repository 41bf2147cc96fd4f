package random_test

import (
	"reflect"
	"slices"
	"unsafe"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// write returns a value as a generated type has it. A case "" of an enum is a
// number that is none of it, and of a variant nil.
func (x *world) write(t wit.Type, v rt.Value, as reflect.Type) reflect.Value {
	out := reflect.New(as).Elem()
	switch t := wit.Underlying(t).(type) {
	case wit.Primitive:
		out.Set(reflect.ValueOf(v))
	case *wit.Handle:
		out.Set(reflect.ValueOf(x.things.object(v.(thing))))
	case *wit.List:
		if b, ok := v.([]byte); ok {
			out.SetBytes(b)
			break
		}
		list := v.([]rt.Value)
		if !t.Fixed {
			out.Set(reflect.MakeSlice(as, len(list), len(list)))
		}
		for i, e := range list {
			out.Index(i).Set(x.write(t.Elem, e, as.Elem()))
		}
	case *wit.Map:
		out.Set(reflect.MakeMap(as))
		for _, e := range v.(rt.Map) {
			out.SetMapIndex(x.write(t.Key, e.Key, as.Key()), x.write(t.Value, e.Value, as.Elem()))
		}
	case *wit.Record:
		for i, f := range v.(rt.Record) {
			out.Field(i).Set(x.write(t.Fields[i].Type, f.Value, as.Field(i).Type))
		}
	case *wit.Tuple:
		for i, e := range v.(rt.Tuple) {
			out.Field(i).Set(x.write(t.Types[i], e, as.Field(i).Type))
		}
	case *wit.Variant:
		x.writeVariant(t, v.(rt.Variant), out)
	case *wit.Enum:
		i := slices.IndexFunc(t.Cases, func(c wit.Label) bool { return c.Name == string(v.(rt.Enum)) })
		if i < 0 {
			i = len(t.Cases)
		}
		out.SetUint(uint64(i))
	case *wit.Flags:
		for i, f := range t.Flags {
			if slices.Contains(v.(rt.Flags), f.Name) {
				out.SetUint(out.Uint() | 1<<i)
			}
		}
	case *wit.Option:
		if some, ok := v.(cm.Option[rt.Value]).Get(); ok {
			x.hidden(out, "value", t.Elem, some)
			x.hidden(out, "some", wit.Bool, true)
		}
	case *wit.Result:
		if ok, is := v.(cm.Result[rt.Value, rt.Value]).OK(); is {
			x.hidden(out, "ok", t.OK, ok)
			break
		}
		e, _ := v.(cm.Result[rt.Value, rt.Value]).Err()
		x.hidden(out, "err", t.Err, e)
		x.hidden(out, "isErr", wit.Bool, true)
	}
	return out
}

// hidden sets a field that is not exported: options and results of any type are
// made by generic functions, and reflection has none of those.
func (x *world) hidden(s reflect.Value, field string, t wit.Type, v rt.Value) {
	if t != nil {
		f := s.FieldByName(field)
		reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().Set(x.write(t, v, f.Type()))
	}
}

func (x *world) writeVariant(t *wit.Variant, v rt.Variant, out reflect.Value) {
	i := slices.IndexFunc(t.Cases, func(c wit.Case) bool { return c.Name == v.Case })
	if i < 0 {
		return
	}
	for _, all := range x.cases {
		if types := all[out.Type()]; types != nil {
			s := reflect.New(types[i]).Elem()
			if t.Cases[i].Type != nil {
				s.Field(0).Set(x.write(t.Cases[i].Type, v.Value, s.Field(0).Type()))
			}
			out.Set(s)
		}
	}
}

// variantOf returns the variant that a type is a case of, or else the type.
func (x *world) variantOf(t reflect.Type) reflect.Type {
	for _, all := range x.cases {
		for variant, types := range all {
			if slices.Contains(types, t) {
				return variant
			}
		}
	}
	return t
}

// outcomeInGo returns a result as a method returns it that may fail, with
// errors of a type; nil if it is an error and that type is nil.
func (x *world) outcomeInGo(t *wit.Result, v rt.Value, method, failure reflect.Type) []any {
	out := make([]any, method.NumOut())
	if ok, is := v.(cm.Result[rt.Value, rt.Value]).OK(); is {
		if t.OK != nil {
			out[0] = x.write(t.OK, ok, method.Out(0)).Interface()
		}
		return out
	}
	if failure == nil {
		return nil
	}
	e, _ := v.(cm.Result[rt.Value, rt.Value]).Err()
	err := reflect.New(failure).Elem()
	switch {
	case !isErr(failure):
		err.Set(x.write(t.Err, e, failure))
	case t.Err != nil:
		err.Field(0).Set(x.write(t.Err, e, err.Field(0).Type()))
	}
	if failure.Kind() == reflect.Interface && err.IsNil() {
		return nil // which is no error in Go
	}
	out[len(out)-1] = err.Interface()
	return out
}
