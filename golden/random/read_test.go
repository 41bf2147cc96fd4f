package random_test

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// read returns the value that a value of a generated type is, as package rt has
// it. What cannot be of such a type is an error: another Go type, or a name that
// is not WIT's.
func (x *world) read(t wit.Type, v reflect.Value) (rt.Value, error) {
	switch t := wit.Underlying(t).(type) {
	case wit.Primitive:
		if want := primitives[t]; v.Type() != want {
			return nil, fmt.Errorf("%s in Go, want %s", v.Type(), want)
		}
		return v.Interface(), nil
	case *wit.Handle:
		return x.things.read(v.Interface())
	case *wit.List:
		return x.readList(t, v)
	case *wit.Map:
		out := rt.Map{}
		for _, k := range v.MapKeys() {
			key, err := x.read(t.Key, k)
			if err != nil {
				return nil, err
			}
			value, err := x.read(t.Value, v.MapIndex(k))
			if err != nil {
				return nil, err
			}
			out = append(out, rt.Entry{Key: key, Value: value})
		}
		return out, nil
	case *wit.Record:
		return x.readRecord(t, v)
	case *wit.Tuple:
		out := make(rt.Tuple, len(t.Types))
		if v.NumField() != len(out) {
			return nil, fmt.Errorf("%s has %d fields, want %d", v.Type(), v.NumField(), len(out))
		}
		for i := range out {
			if name := v.Type().Field(i).Name; name != "F"+strconv.Itoa(i) {
				return nil, fmt.Errorf("%s has the field %s, want F%d", v.Type(), name, i)
			}
			var err error
			if out[i], err = x.read(t.Types[i], v.Field(i)); err != nil {
				return nil, err
			}
		}
		return out, nil
	case *wit.Variant:
		return x.readVariant(t, v)
	case *wit.Enum:
		if v.Uint() >= uint64(len(t.Cases)) {
			return nil, fmt.Errorf("%s %d of %d cases", v.Type(), v.Uint(), len(t.Cases))
		}
		name := t.Cases[v.Uint()].Name
		if got := fmt.Sprint(v.Interface()); got != name {
			return nil, fmt.Errorf("%s is %q in Go, want %q", v.Type(), got, name)
		}
		return rt.Enum(name), nil
	case *wit.Flags:
		out := rt.Flags{}
		for i, f := range t.Flags {
			if v.Uint()>>i&1 == 1 {
				out = append(out, f.Name)
			}
		}
		if v.Uint()>>len(t.Flags) != 0 {
			return nil, fmt.Errorf("%s %#x of %d flags", v.Type(), v.Uint(), len(t.Flags))
		}
		return out, nil
	case *wit.Option:
		out := v.MethodByName("Get").Call(nil)
		if !out[1].Bool() {
			return cm.None[rt.Value](), nil
		}
		some, err := x.read(t.Elem, out[0])
		return cm.Some(some), err
	case *wit.Result:
		if out := v.MethodByName("OK").Call(nil); out[1].Bool() {
			ok, err := x.readPayload(t.OK, out[0])
			return cm.OK[rt.Value, rt.Value](ok), err
		}
		e, err := x.readPayload(t.Err, v.MethodByName("Err").Call(nil)[0])
		return cm.Fail[rt.Value](e), err
	}
	return nil, fmt.Errorf("no value of type %s", wit.TypeText(t))
}

// primitives are the Go types of primitive types.
var primitives = map[wit.Primitive]reflect.Type{
	wit.Bool: reflect.TypeFor[bool](), wit.Char: reflect.TypeFor[rune](), wit.String: reflect.TypeFor[string](),
	wit.S8: reflect.TypeFor[int8](), wit.S16: reflect.TypeFor[int16](), wit.S32: reflect.TypeFor[int32](), wit.S64: reflect.TypeFor[int64](),
	wit.U8: reflect.TypeFor[uint8](), wit.U16: reflect.TypeFor[uint16](), wit.U32: reflect.TypeFor[uint32](), wit.U64: reflect.TypeFor[uint64](),
	wit.F32: reflect.TypeFor[float32](), wit.F64: reflect.TypeFor[float64](),
}

// readPayload reads what a case of a result holds: struct{} for nothing.
func (x *world) readPayload(t wit.Type, v reflect.Value) (rt.Value, error) {
	if t != nil {
		return x.read(t, v)
	}
	if v.Type() != reflect.TypeFor[struct{}]() {
		return nil, fmt.Errorf("%s in Go, want struct{}", v.Type())
	}
	return nil, nil
}

func (x *world) readList(t *wit.List, v reflect.Value) (rt.Value, error) {
	if kind := v.Kind(); t.Fixed != (kind == reflect.Array) || !t.Fixed && kind != reflect.Slice || t.Fixed && v.Len() != int(t.Len) {
		return nil, fmt.Errorf("%s in Go for %s", v.Type(), wit.TypeText(t))
	}
	if b, ok := v.Interface().([]byte); ok {
		return b, nil
	}
	out := make([]rt.Value, v.Len())
	for i := range out {
		var err error
		if out[i], err = x.read(t.Elem, v.Index(i)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (x *world) readRecord(t *wit.Record, v reflect.Value) (rt.Value, error) {
	out := make(rt.Record, len(t.Fields))
	if v.NumField() != len(out) {
		return nil, fmt.Errorf("%s has %d fields, want %d", v.Type(), v.NumField(), len(out))
	}
	for i, f := range t.Fields {
		if name := v.Type().Field(i).Name; !alike(name, f.Name) {
			return nil, fmt.Errorf("%s has the field %s for %q", v.Type(), name, f.Name)
		}
		value, err := x.read(f.Type, v.Field(i))
		if err != nil {
			return nil, err
		}
		out[i] = rt.Field{Name: f.Name, Value: value}
	}
	return out, nil
}

// alike compares names of Go and WIT.
func alike(goName, name string) bool {
	return strings.EqualFold(goName, strings.ReplaceAll(name, "-", ""))
}

// readVariant reads a value of an interface type, or of one that implements it.
func (x *world) readVariant(t *wit.Variant, v reflect.Value) (rt.Value, error) {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return nil, fmt.Errorf("nil for a variant")
	}
	for _, all := range x.cases {
		for variant, types := range all {
			for i, c := range types {
				if c != v.Type() {
					continue
				}
				if len(types) != len(t.Cases) {
					return nil, fmt.Errorf("%s has %d cases, want %d", variant, len(types), len(t.Cases))
				}
				name := t.Cases[i].Name
				if !alike(strings.TrimPrefix(c.Name(), variant.Name()), name) {
					return nil, fmt.Errorf("%s is case %q", c, name)
				}
				if t.Cases[i].Type == nil {
					if v.NumField() != 0 {
						return nil, fmt.Errorf("%s has a value", c)
					}
					return rt.Variant{Case: name}, nil
				}
				value, err := x.read(t.Cases[i].Type, v.FieldByName("Value"))
				return rt.Variant{Case: name, Value: value}, err
			}
		}
	}
	return nil, fmt.Errorf("%s is no case of a variant", v.Type())
}
