package types

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
)

// Limits on types, so that a small file cannot describe a huge one.
const (
	maxTypeSize  = 100_000 // parts, shared ones counted each time
	maxTypeDepth = 100
)

// measure is how large a value type is when it is written out.
type measure struct{ size, depth int }

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

func (s *scope) valTypes(at int, vs []binary.ValType) ([]wit.Type, error) {
	ts := make([]wit.Type, len(vs))
	for i, v := range vs {
		var err error
		if ts[i], err = s.valType(at, v); err != nil {
			return nil, err
		}
	}
	return ts, nil
}

// defined returns the value type that a definition makes, measured.
func (s *scope) defined(at int, d binary.DefType) (wit.Type, error) {
	t, parts, err := s.define(at, d)
	if err != nil {
		return nil, err
	}
	if _, ok := t.(wit.Primitive); ok {
		return t, nil
	}
	m := measure{size: 1}
	for _, p := range parts {
		pm, ok := s.ck.measures[p]
		if !ok {
			pm = measure{size: 1}
		}
		m.size += pm.size
		m.depth = max(m.depth, pm.depth+1)
	}
	if m.size > maxTypeSize || m.depth > maxTypeDepth {
		return nil, s.errorf(at, "type is too large: %d parts, nested %d deep", m.size, m.depth)
	}
	s.ck.measures[t] = m
	return t, nil
}

// define returns the type that a definition makes, and its parts.
func (s *scope) define(at int, d binary.DefType) (wit.Type, []wit.Type, error) {
	switch d := d.(type) {
	case binary.PrimType:
		return primitives[d], nil, nil
	case *binary.RecordType:
		return s.record(at, d)
	case *binary.VariantType:
		return s.variant(at, d)
	case *binary.ListType:
		elem, err := s.valType(at, d.Elem)
		if err == nil && d.Fixed && d.Len == 0 {
			err = s.errorf(at, "a list of fixed length must have elements")
		}
		return &wit.List{Elem: elem, Fixed: d.Fixed, Len: d.Len}, []wit.Type{elem}, err
	case *binary.MapType:
		parts, err := s.valTypes(at, []binary.ValType{d.Key, d.Value})
		if err != nil {
			return nil, nil, err
		}
		return &wit.Map{Key: parts[0], Value: parts[1]}, parts, nil
	case *binary.TupleType:
		parts, err := s.valTypes(at, d.Types)
		if err == nil && len(parts) == 0 {
			err = s.errorf(at, "tuple type must have at least one type")
		}
		return &wit.Tuple{Types: parts}, parts, err
	case *binary.FlagsType:
		if n := len(d.Names); n == 0 || n > 32 {
			return nil, nil, s.errorf(at, "flags must have 1 to 32 names, not %d", n)
		}
		return &wit.Flags{Flags: labels(d.Names)}, nil, nil
	case *binary.EnumType:
		if len(d.Names) == 0 {
			return nil, nil, s.errorf(at, "enum type must have at least one case")
		}
		return &wit.Enum{Cases: labels(d.Names)}, nil, nil
	case *binary.OptionType:
		elem, err := s.valType(at, d.Elem)
		return &wit.Option{Elem: elem}, []wit.Type{elem}, err
	case *binary.ResultType:
		return s.result(at, d)
	case *binary.HandleType:
		return s.handle(at, d)
	case *binary.StreamType:
		elem, err := s.optional(at, d.Elem)
		return &wit.Stream{Elem: elem}, []wit.Type{elem}, err
	case *binary.FutureType:
		elem, err := s.optional(at, d.Elem)
		return &wit.Future{Elem: elem}, []wit.Type{elem}, err
	}
	return nil, nil, s.errorf(at, "not a value type")
}

func labels(names []string) []wit.Label {
	ls := make([]wit.Label, len(names))
	for i, n := range names {
		ls[i].Name = n
	}
	return ls
}

func (s *scope) record(at int, d *binary.RecordType) (wit.Type, []wit.Type, error) {
	if len(d.Fields) == 0 {
		return nil, nil, s.errorf(at, "record type must have at least one field")
	}
	r := &wit.Record{Fields: make([]wit.Field, len(d.Fields))}
	parts := make([]wit.Type, len(d.Fields))
	for i, f := range d.Fields {
		t, err := s.valType(at, f.Type)
		if err != nil {
			return nil, nil, err
		}
		r.Fields[i], parts[i] = wit.Field{Name: f.Name, Type: t}, t
	}
	return r, parts, nil
}

func (s *scope) variant(at int, d *binary.VariantType) (wit.Type, []wit.Type, error) {
	if len(d.Cases) == 0 {
		return nil, nil, s.errorf(at, "variant type must have at least one case")
	}
	v := &wit.Variant{Cases: make([]wit.Case, len(d.Cases))}
	parts := make([]wit.Type, len(d.Cases))
	for i, c := range d.Cases {
		t, err := s.optional(at, c.Type)
		if err != nil {
			return nil, nil, err
		}
		v.Cases[i], parts[i] = wit.Case{Name: c.Name, Type: t}, t
	}
	return v, parts, nil
}

func (s *scope) result(at int, d *binary.ResultType) (wit.Type, []wit.Type, error) {
	ok, err := s.optional(at, d.OK)
	if err != nil {
		return nil, nil, err
	}
	e, err := s.optional(at, d.Err)
	return &wit.Result{OK: ok, Err: e}, []wit.Type{ok, e}, err
}

func (s *scope) handle(at int, d *binary.HandleType) (wit.Type, []wit.Type, error) {
	def, err := get(at, s.types, d.Type, "type")
	if err != nil {
		return nil, nil, err
	}
	r := resource(def)
	if r == nil {
		return nil, nil, s.errorf(at, "type %d is not a resource", d.Type)
	}
	return &wit.Handle{Borrow: d.Borrow, Resource: r}, nil, nil
}

// funcType returns a function type.
func (s *scope) funcType(at int, d *binary.FuncType) (*wit.Func, error) {
	f := &wit.Func{Async: d.Async, Params: make([]wit.Param, len(d.Params))}
	for i, p := range d.Params {
		t, err := s.valType(at, p.Type)
		if err != nil {
			return nil, err
		}
		f.Params[i] = wit.Param{Name: p.Name, Type: t}
	}
	var err error
	f.Result, err = s.optional(at, d.Result)
	return f, err
}
