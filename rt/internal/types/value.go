package types

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
)

var primitives = map[binary.PrimType]wit.Primitive{
	binary.Bool: wit.Bool, binary.S8: wit.S8, binary.U8: wit.U8, binary.S16: wit.S16, binary.U16: wit.U16,
	binary.S32: wit.S32, binary.U32: wit.U32, binary.S64: wit.S64, binary.U64: wit.U64, binary.F32: wit.F32,
	binary.F64: wit.F64, binary.Char: wit.Char, binary.String: wit.String, binary.ErrorContext: wit.ErrorContext,
}

// valType returns the type at a use.
func (s *scope) valType(at int, v binary.ValType) (wit.Type, error) {
	if v.Prim != 0 {
		return primitives[v.Prim], nil
	}
	d, err := get(at, s.types, v.Idx, "type")
	if err != nil {
		return nil, err
	}
	t, ok := d.(Value)
	if !ok || resource(d) != nil {
		return nil, s.errorf(at, "type %d is not a value type", v.Idx)
	}
	return t.Type, nil
}

// optional returns the type at a use that may be left out.
func (s *scope) optional(at int, v *binary.ValType) (wit.Type, error) {
	if v == nil {
		return nil, nil
	}
	return s.valType(at, *v)
}

// defined returns the value type that a definition makes, measured. See
// Binary.md, "Type Definitions", for its restrictions.
func (s *scope) defined(at int, d binary.DefType) (wit.Type, error) {
	t, err := s.define(at, d)
	if err != nil {
		return nil, err
	}
	if _, ok := t.(wit.Primitive); ok {
		return t, nil
	}
	m := s.ck.take(t)
	if m.size > maxTypeSize || m.depth > maxTypeDepth {
		return nil, s.errorf(at, "type is too large: it nests %d deep, its text has about %d bytes", m.depth, m.size)
	}
	if m.room >= maxRoom {
		return nil, s.errorf(at, "type is too large: a value can take %d bytes, at most %d are allowed", m.room, maxRoom-1)
	}
	return t, nil
}

// define returns the type that a definition makes.
func (s *scope) define(at int, d binary.DefType) (wit.Type, error) {
	switch d := d.(type) {
	case binary.PrimType:
		return primitives[d], nil
	case *binary.RecordType:
		return s.record(at, d)
	case *binary.VariantType:
		return s.variant(at, d)
	case *binary.ListType:
		elem, err := s.valType(at, d.Elem)
		if err == nil && d.Fixed && d.Len == 0 {
			err = s.errorf(at, "a list of fixed length must have elements")
		}
		return &wit.List{Elem: elem, Fixed: d.Fixed, Len: d.Len}, err
	case *binary.MapType:
		return s.mapType(at, d)
	case *binary.TupleType:
		return s.tuple(at, d)
	case *binary.FlagsType:
		if n := len(d.Names); n == 0 || n > 32 {
			return nil, s.errorf(at, "flags must have 1 to 32 names, not %d", n)
		}
		labels, err := s.labels(at, "flag", d.Names)
		return &wit.Flags{Flags: labels}, err
	case *binary.EnumType:
		if len(d.Names) == 0 {
			return nil, s.errorf(at, "enum type must have at least one case")
		}
		labels, err := s.labels(at, "case", d.Names)
		return &wit.Enum{Cases: labels}, err
	case *binary.OptionType:
		elem, err := s.valType(at, d.Elem)
		return &wit.Option{Elem: elem}, err
	case *binary.ResultType:
		return s.result(at, d)
	case *binary.HandleType:
		return s.handle(at, d)
	case *binary.StreamType:
		elem, err := s.element(at, "stream", d.Elem)
		if err == nil && elem == wit.Char {
			err = s.errorf(at, "stream<char> is not a type yet")
		}
		return &wit.Stream{Elem: elem}, err
	case *binary.FutureType:
		elem, err := s.element(at, "future", d.Elem)
		return &wit.Future{Elem: elem}, err
	}
	return nil, s.errorf(at, "not a value type")
}

func (s *scope) labels(at int, what string, names []string) ([]wit.Label, error) {
	if err := uniqueLabels(what, names, func(n string) string { return n }); err != nil {
		return nil, s.error(at, err)
	}
	ls := make([]wit.Label, len(names))
	for i, n := range names {
		ls[i].Name = n
	}
	return ls, nil
}

func (s *scope) record(at int, d *binary.RecordType) (wit.Type, error) {
	if len(d.Fields) == 0 {
		return nil, s.errorf(at, "record type must have at least one field")
	}
	if err := uniqueLabels("field", d.Fields, func(f binary.Field) string { return f.Name }); err != nil {
		return nil, s.error(at, err)
	}
	r := &wit.Record{Fields: make([]wit.Field, len(d.Fields))}
	for i, f := range d.Fields {
		t, err := s.valType(at, f.Type)
		if err != nil {
			return nil, err
		}
		r.Fields[i] = wit.Field{Name: f.Name, Type: t}
	}
	return r, nil
}

func (s *scope) variant(at int, d *binary.VariantType) (wit.Type, error) {
	if len(d.Cases) == 0 {
		return nil, s.errorf(at, "variant type must have at least one case")
	}
	if err := uniqueLabels("case", d.Cases, func(c binary.Case) string { return c.Name }); err != nil {
		return nil, s.error(at, err)
	}
	v := &wit.Variant{Cases: make([]wit.Case, len(d.Cases))}
	for i, c := range d.Cases {
		t, err := s.optional(at, c.Type)
		if err != nil {
			return nil, err
		}
		v.Cases[i] = wit.Case{Name: c.Name, Type: t}
	}
	return v, nil
}

func (s *scope) tuple(at int, d *binary.TupleType) (wit.Type, error) {
	if len(d.Types) == 0 {
		return nil, s.errorf(at, "tuple type must have at least one type")
	}
	t := &wit.Tuple{Types: make([]wit.Type, len(d.Types))}
	for i, v := range d.Types {
		var err error
		if t.Types[i], err = s.valType(at, v); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (s *scope) mapType(at int, d *binary.MapType) (wit.Type, error) {
	key, err := s.valType(at, d.Key)
	if err != nil {
		return nil, err
	}
	value, err := s.valType(at, d.Value)
	if err != nil {
		return nil, err
	}
	switch key {
	case wit.F32, wit.F64, wit.ErrorContext:
	default:
		if _, ok := key.(wit.Primitive); ok {
			return &wit.Map{Key: key, Value: value}, nil
		}
	}
	return nil, s.errorf(at, "the keys of a map must be integers, characters, strings or bool")
}

func (s *scope) result(at int, d *binary.ResultType) (wit.Type, error) {
	ok, err := s.optional(at, d.OK)
	if err != nil {
		return nil, err
	}
	e, err := s.optional(at, d.Err)
	return &wit.Result{OK: ok, Err: e}, err
}

func (s *scope) handle(at int, d *binary.HandleType) (wit.Type, error) {
	def, err := get(at, s.types, d.Type, "type")
	if err != nil {
		return nil, err
	}
	if resource(def) == nil {
		return nil, s.errorf(at, "type %d is not a resource", d.Type)
	}
	return &wit.Handle{Borrow: d.Borrow, Resource: def.(Value).Type.(*wit.TypeDef)}, nil
}

// element returns what a stream or future carries from one task to another.
func (s *scope) element(at int, of string, v *binary.ValType) (wit.Type, error) {
	t, err := s.optional(at, v)
	if err == nil && s.ck.measure(t).borrow {
		err = s.errorf(at, "a %s cannot carry borrowed handles", of)
	}
	return t, err
}

// funcType returns a function type.
func (s *scope) funcType(at int, d *binary.FuncType) (*wit.Func, error) {
	if err := uniqueLabels("parameter", d.Params, func(p binary.Field) string { return p.Name }); err != nil {
		return nil, s.error(at, err)
	}
	f := &wit.Func{Async: d.Async, Params: make([]wit.Param, len(d.Params))}
	size := 0
	for i, p := range d.Params {
		t, err := s.valType(at, p.Type)
		if err != nil {
			return nil, err
		}
		f.Params[i] = wit.Param{Name: p.Name, Type: t}
		size += len(p.Name) + s.ck.measure(t).size
	}
	var err error
	if f.Result, err = s.optional(at, d.Result); err != nil {
		return nil, err
	}
	m := s.ck.measure(f.Result)
	if m.borrow {
		return nil, s.errorf(at, "the result of a function cannot have borrowed handles")
	}
	if size += m.size; size > maxTypeSize {
		return nil, s.errorf(at, "function type is too large: its text has about %d bytes", size)
	}
	return f, nil
}

// funcTypes returns the types of a function's parameters and result; the last
// is nil if it has none.
func funcTypes(f *wit.Func) []wit.Type {
	ts := make([]wit.Type, 0, len(f.Params)+1)
	for _, p := range f.Params {
		ts = append(ts, p.Type)
	}
	return append(ts, f.Result)
}
