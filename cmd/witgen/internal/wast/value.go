package wast

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/cm"
	"github.com/witgen/witgen/wit"
)

// constant is a value as scripts have it.
type constant struct {
	Type  string
	Case  string
	Value json.RawMessage
}

// valueOf returns the value of a type that a script writes. A float may be a
// *nan.
func valueOf(t wit.Type, raw json.RawMessage) (rt.Value, error) {
	var c constant
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("%s is no value: %w", raw, err)
	}
	t = wit.Underlying(t)
	if kind := kindOf(t); c.Type != kind {
		return nil, fmt.Errorf("the script has a %s, where the type is %s", c.Type, wit.TypeText(t))
	}
	switch t := t.(type) {
	case wit.Primitive:
		return primitiveOf(t, c.Value)
	case *wit.List:
		return listOf(t, c.Value)
	case *wit.Map:
		return mapOf(t, c.Value)
	case *wit.Tuple:
		return tupleOf(t, c.Value)
	case *wit.Record:
		return recordOf(t, c.Value)
	case *wit.Flags:
		return flagsOf(t, c.Value)
	case *wit.Enum:
		name, err := read[string](c.Value)
		return rt.Enum(name), err
	}
	return choiceOf(t, c)
}

// kindOf returns the word that scripts have for a type.
func kindOf(t wit.Type) string {
	switch t := t.(type) {
	case wit.Primitive:
		return t.String()
	case *wit.List:
		return "list"
	case *wit.Map:
		return "map"
	case *wit.Tuple:
		return "tuple"
	case *wit.Record:
		return "record"
	case *wit.Variant:
		return "variant"
	case *wit.Enum:
		return "enum"
	case *wit.Flags:
		return "flags"
	case *wit.Option:
		return "option"
	case *wit.Result:
		return "result"
	}
	return "value that cannot be written"
}

func read[T any](raw json.RawMessage) (v T, err error) {
	err = json.Unmarshal(raw, &v)
	return v, err
}

func primitiveOf(p wit.Primitive, raw json.RawMessage) (rt.Value, error) {
	if p == wit.Bool {
		return read[bool](raw)
	}
	s, err := read[string](raw)
	if err != nil {
		return nil, err
	}
	switch p {
	case wit.String:
		return s, nil
	case wit.Char:
		r, size := utf8.DecodeRuneInString(s)
		if size == 0 || size != len(s) {
			return nil, fmt.Errorf("%q is no char", s)
		}
		return r, nil
	case wit.F32:
		n, pattern, err := float(s, 32)
		if pattern != nil {
			return pattern, nil
		}
		return math.Float32frombits(uint32(n)), err
	case wit.F64:
		n, pattern, err := float(s, 64)
		if pattern != nil {
			return pattern, nil
		}
		return math.Float64frombits(n), err
	}
	return integerOf(p, s)
}

func integerOf(p wit.Primitive, s string) (v rt.Value, err error) {
	var n uint64
	switch p {
	case wit.U8:
		n, err = integer(s, 8, false)
		v = uint8(n)
	case wit.U16:
		n, err = integer(s, 16, false)
		v = uint16(n)
	case wit.U32:
		n, err = integer(s, 32, false)
		v = uint32(n)
	case wit.U64:
		n, err = integer(s, 64, false)
		v = n
	case wit.S8:
		n, err = integer(s, 8, true)
		v = int8(n)
	case wit.S16:
		n, err = integer(s, 16, true)
		v = int16(n)
	case wit.S32:
		n, err = integer(s, 32, true)
		v = int32(n)
	case wit.S64:
		n, err = integer(s, 64, true)
		v = int64(n)
	default:
		err = fmt.Errorf("scripts have no values of type %s", p)
	}
	return v, err
}

func listOf(t *wit.List, raw json.RawMessage) (rt.Value, error) {
	parts, err := read[[]json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	list := make([]rt.Value, len(parts))
	for i, part := range parts {
		if list[i], err = valueOf(t.Elem, part); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	if t.Elem != wit.U8 || t.Fixed {
		return list, nil
	}
	b := make([]byte, len(list))
	for i, v := range list {
		b[i] = v.(uint8)
	}
	return b, nil
}

func mapOf(t *wit.Map, raw json.RawMessage) (rt.Value, error) {
	parts, err := read[[][2]json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	m := make(rt.Map, len(parts))
	for i, part := range parts {
		if m[i].Key, err = valueOf(t.Key, part[0]); err != nil {
			return nil, fmt.Errorf("key %d: %w", i, err)
		}
		if m[i].Value, err = valueOf(t.Value, part[1]); err != nil {
			return nil, fmt.Errorf("value %d: %w", i, err)
		}
	}
	return m, nil
}

func tupleOf(t *wit.Tuple, raw json.RawMessage) (rt.Value, error) {
	parts, err := read[[]json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	if len(parts) != len(t.Types) {
		return nil, fmt.Errorf("%d values for a tuple of %d", len(parts), len(t.Types))
	}
	tuple := make(rt.Tuple, len(parts))
	for i, part := range parts {
		if tuple[i], err = valueOf(t.Types[i], part); err != nil {
			return nil, fmt.Errorf("field %d: %w", i, err)
		}
	}
	return tuple, nil
}

func recordOf(t *wit.Record, raw json.RawMessage) (rt.Value, error) {
	parts, err := read[[][2]json.RawMessage](raw)
	if err != nil {
		return nil, err
	}
	if len(parts) != len(t.Fields) {
		return nil, fmt.Errorf("%d fields for a record of %d", len(parts), len(t.Fields))
	}
	r := make(rt.Record, len(parts))
	for i, f := range t.Fields {
		name, err := read[string](parts[i][0])
		if err != nil {
			return nil, err
		}
		if name != f.Name {
			return nil, fmt.Errorf("field %d is %q in the script, %q in the type", i, name, f.Name)
		}
		r[i].Name = name
		if r[i].Value, err = valueOf(f.Type, parts[i][1]); err != nil {
			return nil, fmt.Errorf("field %q: %w", name, err)
		}
	}
	return r, nil
}

// flagsOf returns flags in the order of their type.
func flagsOf(t *wit.Flags, raw json.RawMessage) (rt.Value, error) {
	names, err := read[[]string](raw)
	if err != nil {
		return nil, err
	}
	set := rt.Flags{}
	for _, f := range t.Flags {
		if slices.Contains(names, f.Name) {
			set = append(set, f.Name)
		}
	}
	if len(set) != len(names) {
		return nil, fmt.Errorf("%q are not all of %s", names, wit.TypeText(t))
	}
	return set, nil
}

// choiceOf returns a value of one of the types that have cases.
func choiceOf(t wit.Type, c constant) (rt.Value, error) {
	null := c.Value == nil || string(c.Value) == "null"
	switch t := t.(type) {
	case *wit.Variant:
		i := slices.IndexFunc(t.Cases, func(x wit.Case) bool { return x.Name == c.Case })
		if i < 0 {
			return nil, fmt.Errorf("%s has no case %q", wit.TypeText(t), c.Case)
		}
		v, err := payloadOf(t.Cases[i].Type, c, null)
		return rt.Variant{Case: c.Case, Value: v}, err
	case *wit.Option:
		if null {
			return cm.None[rt.Value](), nil
		}
		v, err := payloadOf(t.Elem, c, null)
		return cm.Some(v), err
	case *wit.Result:
		switch c.Case {
		case "ok":
			v, err := payloadOf(t.OK, c, null)
			return cm.OK[rt.Value, rt.Value](v), err
		case "err":
			v, err := payloadOf(t.Err, c, null)
			return cm.Fail[rt.Value, rt.Value](v), err
		}
		return nil, fmt.Errorf("a result has no case %q", c.Case)
	}
	return nil, fmt.Errorf("scripts have no values of type %s", wit.TypeText(t))
}

// payloadOf returns what a case holds; t is nil if that is nothing.
func payloadOf(t wit.Type, c constant, null bool) (rt.Value, error) {
	if (t == nil) != null {
		return nil, fmt.Errorf("case %q has a payload in the script or in the type, not in both", c.Case)
	}
	if t == nil {
		return nil, nil
	}
	v, err := valueOf(t, c.Value)
	if err != nil {
		return nil, fmt.Errorf("case %q: %w", c.Case, err)
	}
	return v, nil
}
