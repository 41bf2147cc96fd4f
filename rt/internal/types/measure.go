package types

import (
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// Limits on types, so that a small file cannot describe a huge one.
const (
	maxTypeSize  = 1_000_000 // of a type or of a function's types, in about the bytes of its text
	maxTypeDepth = 100
	maxRoom      = 1 << 28 // bytes of a value in memory with 64-bit pointers, which are fewer
)

// measure is what is asked of value types again and again.
type measure struct {
	size, depth int    // written out, what is shared each time
	room, align uint64 // in memory with 64-bit pointers

	handle, borrow bool // it has handles, borrowed ones
	pointer        bool // it has strings or lists that are not of fixed length
}

// measure returns the measure of a type that was defined; what is missing has
// a measure too.
func (ck *checker) measure(t wit.Type) measure {
	switch t := t.(type) {
	case nil:
		return measure{size: 1, align: 1}
	case wit.Primitive:
		l := layout.Of(t)
		m := measure{size: 8, room: uint64(l.Size), align: uint64(l.Align)}
		if t == wit.String {
			m.room, m.align, m.pointer = 16, 8, true
		}
		return m
	}
	return ck.measures[t]
}

// take measures a type whose parts are measured, and remembers it.
func (ck *checker) take(t wit.Type) measure {
	m := measure{size: 8 + labelSize(t)}
	ps := parts(t)
	for _, p := range ps {
		pm := ck.measure(p)
		m.size += pm.size
		m.depth = max(m.depth, pm.depth+1)
		m.handle = m.handle || pm.handle
		m.borrow = m.borrow || pm.borrow
		m.pointer = m.pointer || pm.pointer
	}
	m.room, m.align = ck.room(t, ps)
	switch t := t.(type) {
	case *wit.Handle:
		m.handle, m.borrow = true, t.Borrow
		m.size = 100 // with the name of the resource
	case *wit.Map:
		m.pointer = true
	case *wit.List:
		m.pointer = m.pointer || !t.Fixed
	case *wit.Stream, *wit.Future:
		m.pointer = false // their elements do not go with them
	case *wit.TypeDef:
		m = ck.measure(t.Type)
	}
	ck.measures[t] = m
	return m
}

// room returns the bytes that a value takes and their alignment, with 64-bit
// pointers. See CanonicalABI.md, "Element Size".
func (ck *checker) room(t wit.Type, parts []wit.Type) (size, align uint64) {
	switch t := t.(type) {
	case *wit.Record, *wit.Tuple:
		align = 1
		for _, p := range parts {
			m := ck.measure(p)
			size = alignTo(size, m.align) + m.room
			align = max(align, m.align)
		}
	case *wit.Variant, *wit.Option, *wit.Result:
		discriminant := uint64(layout.DiscriminantSize(t))
		payload := uint64(1)
		for _, p := range parts {
			m := ck.measure(p)
			size = max(size, m.room)
			payload = max(payload, m.align)
		}
		size += alignTo(discriminant, payload)
		align = max(discriminant, payload)
	case *wit.List:
		if !t.Fixed {
			return 16, 8
		}
		m := ck.measure(t.Elem)
		return m.room * uint64(t.Len), m.align
	case *wit.Map:
		return 16, 8
	default: // of one layout whatever the width of pointers
		l := layout.Of(t)
		return uint64(l.Size), uint64(l.Align)
	}
	return alignTo(size, align), align
}

func alignTo(n, align uint64) uint64 { return (n + align - 1) / align * align }

// labelSize returns how large the labels of a type are when it is written out.
func labelSize(t wit.Type) int {
	n := 0
	switch t := t.(type) {
	case *wit.Record:
		for _, f := range t.Fields {
			n += len(f.Name) + 4
		}
	case *wit.Variant:
		for _, c := range t.Cases {
			n += len(c.Name) + 4
		}
	case *wit.Enum:
		for _, l := range t.Cases {
			n += len(l.Name) + 4
		}
	case *wit.Flags:
		for _, l := range t.Flags {
			n += len(l.Name) + 4
		}
	}
	return n
}

// anyPointers reports whether values of the types refer to memory.
func (ck *checker) anyPointers(types ...wit.Type) bool {
	for _, t := range types {
		if ck.measure(t).pointer {
			return true
		}
	}
	return false
}

// parts returns the types that a type is made of, nil ones included.
func parts(t wit.Type) []wit.Type {
	var out []wit.Type
	switch t := t.(type) {
	case *wit.Record:
		for _, f := range t.Fields {
			out = append(out, f.Type)
		}
	case *wit.Variant:
		for _, c := range t.Cases {
			out = append(out, c.Type)
		}
	case *wit.Tuple:
		out = t.Types
	case *wit.Option:
		out = []wit.Type{t.Elem}
	case *wit.Result:
		out = []wit.Type{t.OK, t.Err}
	case *wit.List:
		out = []wit.Type{t.Elem}
	case *wit.Map:
		out = []wit.Type{t.Key, t.Value}
	case *wit.Stream:
		out = []wit.Type{t.Elem}
	case *wit.Future:
		out = []wit.Type{t.Elem}
	case *wit.TypeDef:
		if _, ok := t.Type.(*wit.Resource); !ok {
			out = []wit.Type{t.Type}
		}
	}
	return out
}
