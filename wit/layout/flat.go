package layout

import (
	"slices"

	"github.com/witgen/witgen/wit"
)

// CoreType is a core WebAssembly value type, with the number that binaries
// give it.
type CoreType byte

// The core types that values flatten to.
const (
	I32 CoreType = 0x7f
	I64 CoreType = 0x7e
	F32 CoreType = 0x7d
	F64 CoreType = 0x7c
)

// String returns the type's name in the core text format.
func (c CoreType) String() string {
	switch c {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	}
	return "invalid"
}

// MaxFlat bounds what [Flat] returns: one more than any function passes flat,
// so whatever is longer than 16 is known to go through memory.
const MaxFlat = 17

// Flat returns the core values that stand for a value of the type,
// definitions.py flatten_type, or the first [MaxFlat] of them. The caller may
// not change them.
func Flat(t wit.Type) []CoreType {
	var f flattener
	return f.of(t)
}

// Join returns the core type that holds a value of either type, as the
// payloads of a variant's cases share their core values: definitions.py join.
func Join(a, b CoreType) CoreType {
	switch {
	case a == b:
		return a
	case a == I32 && b == F32, a == F32 && b == I32:
		return I32
	}
	return I64
}

var (
	flatI32     = []CoreType{I32}
	flatI64     = []CoreType{I64}
	flatF32     = []CoreType{F32}
	flatF64     = []CoreType{F64}
	flatPointer = []CoreType{I32, I32} // pointer and length
)

// flattener computes flattenings. Like a sizer it visits each type once.
type flattener struct {
	depth int
	seen  map[wit.Type][]CoreType
}

func (f *flattener) of(t wit.Type) []CoreType {
	switch t := t.(type) {
	case nil:
		return nil
	case wit.Primitive:
		return flatPrimitive(t)
	case *wit.Enum, *wit.Flags, *wit.Resource, *wit.Handle, *wit.Stream, *wit.Future:
		return flatI32
	case *wit.Map:
		return flatPointer
	}
	if flat, ok := f.seen[t]; ok {
		return flat
	}
	if f.depth == maxDepth {
		return nil
	}
	if f.seen == nil {
		f.seen = make(map[wit.Type][]CoreType)
	}
	f.seen[t] = nil
	f.depth++
	flat := f.composite(t)
	f.depth--
	f.seen[t] = flat
	return flat
}

func flatPrimitive(t wit.Primitive) []CoreType {
	switch t {
	case wit.S64, wit.U64:
		return flatI64
	case wit.F32:
		return flatF32
	case wit.F64:
		return flatF64
	case wit.String:
		return flatPointer
	}
	return flatI32
}

func (f *flattener) composite(t wit.Type) []CoreType {
	switch t := t.(type) {
	case *wit.TypeDef:
		return f.of(t.Type)
	case *wit.Record:
		return f.sequence(fieldTypes(t))
	case *wit.Tuple:
		return f.sequence(t.Types)
	case *wit.Variant, *wit.Option, *wit.Result:
		return f.variant(casesOf(t))
	case *wit.List:
		if !t.Fixed {
			return flatPointer
		}
		return f.repeat(t.Elem, t.Len)
	}
	return nil
}

func (f *flattener) sequence(types []wit.Type) []CoreType {
	var flat []CoreType
	for _, t := range types {
		flat = appendFlat(flat, f.of(t))
	}
	return flat
}

func (f *flattener) repeat(elem wit.Type, n uint32) []CoreType {
	var flat []CoreType
	if one := f.of(elem); len(one) > 0 {
		for range min(n, MaxFlat) {
			flat = appendFlat(flat, one)
		}
	}
	return flat
}

// variant follows definitions.py flatten_variant.
func (f *flattener) variant(payloads []wit.Type) []CoreType {
	flat := []CoreType{I32}
	for _, t := range payloads {
		for i, c := range f.of(t) {
			switch at := 1 + i; {
			case at < len(flat):
				flat[at] = Join(flat[at], c)
			case at < MaxFlat:
				flat = append(flat, c)
			}
		}
	}
	return flat
}

// appendFlat appends as much of more as MaxFlat leaves room for.
func appendFlat(flat, more []CoreType) []CoreType {
	return append(flat, more[:min(len(more), MaxFlat-len(flat))]...)
}

// Joined reports whether core values of a type stand for one thing or another,
// by the case of a variant, option or result: those that a case does not use
// are zero. The type has at most MaxFlatParams core values.
func Joined(t wit.Type) bool {
	switch t := t.(type) {
	case *wit.TypeDef:
		return Joined(t.Type)
	case *wit.Variant, *wit.Option, *wit.Result:
		return true
	case *wit.Record:
		return slices.ContainsFunc(fieldTypes(t), Joined)
	case *wit.Tuple:
		return slices.ContainsFunc(t.Types, Joined)
	case *wit.List:
		return t.Fixed && Joined(t.Elem)
	}
	return false
}
