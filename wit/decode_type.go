package wit

import (
	"math"

	"github.com/witgen/witgen/wit/internal/binary"
	"github.com/witgen/witgen/wit/internal/entity"
)

// maxTypeDepth bounds how deep types without names are in one another, as it
// is in text.
const maxTypeDepth = 100

var binaryPrimitives = map[binary.Kind]Primitive{
	binary.Bool: Bool, binary.S8: S8, binary.U8: U8, binary.S16: S16, binary.U16: U16, binary.S32: S32,
	binary.U32: U32, binary.S64: S64, binary.U64: U64, binary.F32: F32, binary.F64: F64, binary.Char: Char,
	binary.String: String, binary.ErrorContext: ErrorContext,
}

// structure returns what a declared type is.
func (s *draft) structure(t *entity.Type) (Type, error) {
	def := t.Def
	switch def.Kind {
	case binary.Resource:
		return &Resource{}, nil
	case binary.Record:
		r := &Record{}
		err := s.members(t, func(name string, typ Type) {
			r.Fields = append(r.Fields, Field{Name: name, Type: typ})
		})
		return r, err
	case binary.Variant:
		v := &Variant{}
		err := s.members(t, func(name string, typ Type) { v.Cases = append(v.Cases, Case{Name: name, Type: typ}) })
		return v, err
	case binary.Enum:
		e := &Enum{}
		err := s.members(t, func(name string, _ Type) { e.Cases = append(e.Cases, Label{Name: name}) })
		return e, err
	case binary.Flags:
		f := &Flags{}
		err := s.members(t, func(name string, _ Type) { f.Flags = append(f.Flags, Label{Name: name}) })
		return f, err
	}
	p, err := s.anonymous(t, 0)
	if err == nil {
		err = s.spend(def.Offset, p.parts)
	}
	return p.typ, err
}

// members calls add with each field, case or flag.
func (s *draft) members(t *entity.Type, add func(name string, typ Type)) error {
	for _, m := range t.Def.Members {
		if err := checkLabel(t.Def.Offset, m.Name); err != nil {
			return err
		}
		typ, err := s.value(t, m.Type)
		if err != nil {
			return err
		}
		add(m.Name, typ)
	}
	return nil
}

// value returns the type of a value that stands in the definition of another,
// nil for none.
func (s *draft) value(in *entity.Type, v binary.Value) (Type, error) {
	p, err := s.part(in, v, 0)
	if err == nil {
		err = s.spend(in.Def.Offset, 1+p.parts)
	}
	return p.typ, err
}

// part returns the type of a value, and does not count it.
func (s *draft) part(in *entity.Type, v binary.Value, depth int) (plainType, error) {
	switch v.Kind {
	case binary.None:
		return plainType{}, nil
	case binary.Indexed:
	default:
		return plainType{binaryPrimitives[v.Kind], 1}, nil
	}
	offset := in.Def.Offset
	t, err := in.At(v.Index)
	if err != nil {
		return plainType{}, err
	}
	known, err := s.lookup(offset, t)
	if err != nil {
		return plainType{}, err
	}
	root := t.Root()
	if known == nil {
		known = s.named[root]
	}
	switch {
	case root.Def.Kind == binary.Resource:
		return plainType{}, errorAt(offset, "type %d is a resource, where a type of values is wanted", v.Index)
	case known != nil:
		def, err := s.use(offset, known)
		return plainType{def, 1}, err
	case nominal(root.Def.Kind):
		return plainType{}, errorAt(offset, "type %d has no name in %s", v.Index, s.name())
	}
	return s.anonymous(root, depth)
}

// anonymous returns a type without a name.
func (s *draft) anonymous(t *entity.Type, depth int) (plainType, error) {
	if p, ok := s.plain[t]; ok {
		return p, nil
	}
	if depth == maxTypeDepth {
		return plainType{}, errorAt(t.Def.Offset, "types nest more than %d deep", maxTypeDepth)
	}
	if k := t.Def.Kind; k == binary.Own || k == binary.Borrow {
		h, err := s.handle(t)
		return plainType{h, 1}, err
	}
	args := make([]Type, len(t.Def.Args))
	parts := 1
	for i, v := range t.Def.Args {
		p, err := s.part(t, v, depth+1)
		if err != nil {
			return plainType{}, err
		}
		args[i] = p.typ
		parts = min(parts+p.parts, math.MaxInt32)
	}
	var typ Type
	switch t.Def.Kind {
	case binary.Tuple:
		typ = &Tuple{Types: args}
	case binary.List:
		typ = &List{Elem: args[0]}
	case binary.FixedList:
		typ = &List{Elem: args[0], Fixed: true, Len: t.Def.Len}
	case binary.Option:
		typ = &Option{Elem: args[0]}
	case binary.Result:
		typ = &Result{OK: args[0], Err: args[1]}
	case binary.Map:
		typ = &Map{Key: args[0], Value: args[1]}
	case binary.Stream:
		typ = &Stream{Elem: args[0]}
	case binary.Future:
		typ = &Future{Elem: args[0]}
	default:
		p, ok := binaryPrimitives[t.Def.Kind]
		if !ok {
			return plainType{}, errorAt(t.Def.Offset, "this is no type of values")
		}
		typ = p
	}
	p := plainType{typ, parts}
	s.plain[t] = p
	return p, nil
}

// handle returns a handle to a resource.
func (s *draft) handle(t *entity.Type) (*Handle, error) {
	index := t.Def.Args[0].Index
	to, err := t.At(index)
	if err != nil {
		return nil, err
	}
	known, err := s.lookup(t.Def.Offset, to)
	if err != nil {
		return nil, err
	}
	if to.Root().Def.Kind != binary.Resource {
		return nil, errorAt(t.Def.Offset, "a handle to type %d, which is no resource", index)
	}
	if known == nil {
		return nil, errorAt(t.Def.Offset, "resource type %d has no name in %s", index, s.name())
	}
	def, err := s.use(t.Def.Offset, known)
	return &Handle{Borrow: t.Def.Kind == binary.Borrow, Resource: def}, err
}
