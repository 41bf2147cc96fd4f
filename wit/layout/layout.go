// Package layout says how the canonical ABI lays WIT types out: size and
// alignment in a guest's linear memory, the core values they flatten to, and
// the core signatures of functions. It is arithmetic on [wit.Type]s and knows
// neither memories nor Go values. Pointers are 32 bits wide.
//
// Types may come from a hostile binary. Nothing here panics on them, loops or
// allocates more than a small multiple of the type's own parts: every type is
// visited once however often it is shared, sizes saturate at [Unbounded] and
// flattenings stop at [MaxFlat]. A nil type is no value: no bytes and no core
// values.
//
// See CanonicalABI.md "Alignment", "Element Size" and "Flattening".
package layout

import (
	"math"

	"github.com/witgen/witgen/wit"
)

// Layout is the room a value takes in linear memory, in bytes. Size is a
// multiple of Align, unless it is Unbounded.
type Layout struct{ Size, Align uint32 }

// Unbounded is the Size of a type that has no layout: it would not fit a
// 32-bit address space, contains itself, nests deeper than 1000 levels, has
// more than 32 flags, or is no type of WIT.
const Unbounded uint32 = math.MaxUint32

// maxDepth bounds the recursion over types that contain one another by value.
const maxDepth = 1000

// maxSize is the limit that component validation sets to the size of a value.
const maxSize = 1 << 28

// Of returns the layout of a type, definitions.py elem_size and alignment.
func Of(t wit.Type) Layout {
	s := sizer{pointer: 4}
	return s.of(t)
}

// Fits reports whether a type is small enough for component validation, which
// wants its size, with 64-bit pointers, to be less than 2^28 bytes. It is
// false for types without a layout.
func Fits(t wit.Type) bool {
	s := sizer{pointer: 8}
	return s.of(t).Size < maxSize
}

// Sequence returns the offset of each type when they are laid out one after
// the other, as the fields of a record are, and the layout of the whole.
func Sequence(types ...wit.Type) ([]uint32, Layout) {
	s := sizer{pointer: 4}
	return s.sequence(types)
}

// Fields returns the offset of each field of a record or of each type of a
// tuple, by whatever name it goes; nil for other types.
func Fields(t wit.Type) []uint32 {
	var types []wit.Type
	switch t := underlying(t).(type) {
	case *wit.Record:
		types = fieldTypes(t)
	case *wit.Tuple:
		types = t.Types
	default:
		return nil
	}
	offsets, _ := Sequence(types...)
	return offsets
}

// DiscriminantSize returns the bytes that say which case a value of a
// variant, enum, option or result is: 1, 2 or 4; 0 for other types.
func DiscriminantSize(t wit.Type) uint32 {
	switch t := underlying(t).(type) {
	case *wit.Variant:
		return discriminant(len(t.Cases))
	case *wit.Enum:
		return discriminant(len(t.Cases))
	case *wit.Option, *wit.Result:
		return 1
	}
	return 0
}

// PayloadOffset returns where the payload of a variant, option or result
// begins, which is the same for all of its cases; 0 for types without one.
func PayloadOffset(t wit.Type) uint32 {
	s := sizer{pointer: 4}
	u := underlying(t)
	return alignTo(DiscriminantSize(u), s.payload(casesOf(u)).Align)
}

// sizer computes layouts for one width of pointers. It remembers the types it
// has seen, so that a type that is shared costs one visit.
type sizer struct {
	pointer uint32
	depth   int
	seen    map[wit.Type]Layout
}

func (s *sizer) of(t wit.Type) Layout {
	switch t := t.(type) {
	case nil:
		return Layout{0, 1}
	case wit.Primitive:
		return s.primitive(t)
	case *wit.Enum:
		n := discriminant(len(t.Cases))
		return Layout{n, n}
	case *wit.Flags:
		return flags(len(t.Flags))
	case *wit.Map:
		return Layout{2 * s.pointer, s.pointer}
	case *wit.Resource, *wit.Handle, *wit.Stream, *wit.Future:
		return Layout{4, 4}
	}
	if l, ok := s.seen[t]; ok {
		return l
	}
	if s.depth == maxDepth {
		return Layout{Unbounded, 1}
	}
	if s.seen == nil {
		s.seen = make(map[wit.Type]Layout)
	}
	s.seen[t] = Layout{Unbounded, 1} // what a type finds that contains itself
	s.depth++
	l := s.composite(t)
	s.depth--
	s.seen[t] = l
	return l
}

func (s *sizer) primitive(t wit.Primitive) Layout {
	switch t {
	case wit.Bool, wit.S8, wit.U8:
		return Layout{1, 1}
	case wit.S16, wit.U16:
		return Layout{2, 2}
	case wit.S32, wit.U32, wit.F32, wit.Char, wit.ErrorContext:
		return Layout{4, 4}
	case wit.S64, wit.U64, wit.F64:
		return Layout{8, 8}
	case wit.String:
		return Layout{2 * s.pointer, s.pointer}
	}
	return Layout{Unbounded, 1}
}

func (s *sizer) composite(t wit.Type) Layout {
	switch t := t.(type) {
	case *wit.TypeDef:
		return s.of(t.Type)
	case *wit.Record:
		_, l := s.sequence(fieldTypes(t))
		return l
	case *wit.Tuple:
		_, l := s.sequence(t.Types)
		return l
	case *wit.Variant, *wit.Option, *wit.Result:
		return s.variant(DiscriminantSize(t), casesOf(t))
	case *wit.List:
		if !t.Fixed {
			return Layout{2 * s.pointer, s.pointer}
		}
		e := s.of(t.Elem)
		return Layout{saturate(uint64(e.Size) * uint64(t.Len)), e.Align}
	}
	return Layout{Unbounded, 1}
}

// sequence follows definitions.py elem_size_record.
func (s *sizer) sequence(types []wit.Type) ([]uint32, Layout) {
	offsets := make([]uint32, len(types))
	whole := Layout{0, 1}
	for i, t := range types {
		l := s.of(t)
		offsets[i] = alignTo(whole.Size, l.Align)
		whole.Size = add(offsets[i], l.Size)
		whole.Align = max(whole.Align, l.Align)
	}
	whole.Size = alignTo(whole.Size, whole.Align)
	return offsets, whole
}

// variant follows definitions.py elem_size_variant.
func (s *sizer) variant(discriminant uint32, payloads []wit.Type) Layout {
	p := s.payload(payloads)
	size := add(alignTo(discriminant, p.Align), p.Size)
	align := max(discriminant, p.Align)
	return Layout{alignTo(size, align), align}
}

// payload returns the layout that holds any of the payloads.
func (s *sizer) payload(types []wit.Type) Layout {
	p := Layout{0, 1}
	for _, t := range types {
		l := s.of(t)
		p.Size = max(p.Size, l.Size)
		p.Align = max(p.Align, l.Align)
	}
	return p
}

// discriminant follows definitions.py discriminant_type.
func discriminant(cases int) uint32 {
	switch {
	case cases <= 1<<8:
		return 1
	case cases <= 1<<16:
		return 2
	}
	return 4
}

func flags(n int) Layout {
	switch {
	case n <= 8:
		return Layout{1, 1}
	case n <= 16:
		return Layout{2, 2}
	case n <= 32:
		return Layout{4, 4}
	}
	return Layout{Unbounded, 4}
}

func fieldTypes(r *wit.Record) []wit.Type {
	types := make([]wit.Type, len(r.Fields))
	for i, f := range r.Fields {
		types[i] = f.Type
	}
	return types
}

// underlying is [wit.Underlying] for aliases that may lead in a circle.
func underlying(t wit.Type) wit.Type {
	for range maxDepth {
		d, ok := t.(*wit.TypeDef)
		if !ok {
			return t
		}
		t = d.Type
	}
	return nil
}

// casesOf returns the payload of each case of a variant, option or result,
// nil for a case without one.
func casesOf(t wit.Type) []wit.Type {
	switch t := t.(type) {
	case *wit.Variant:
		types := make([]wit.Type, len(t.Cases))
		for i, c := range t.Cases {
			types[i] = c.Type
		}
		return types
	case *wit.Option:
		return []wit.Type{nil, t.Elem}
	case *wit.Result:
		return []wit.Type{t.OK, t.Err}
	}
	return nil
}

func alignTo(n, align uint32) uint32 {
	a := uint64(align)
	return saturate((uint64(n) + a - 1) / a * a)
}

func add(a, b uint32) uint32 { return saturate(uint64(a) + uint64(b)) }

func saturate(n uint64) uint32 { return uint32(min(n, uint64(Unbounded))) }
