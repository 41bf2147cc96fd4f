package wit

import (
	"strconv"
	"strings"
)

// TypeText returns the canonical text of a type: names replaced by what they
// stand for, but resources, which go by the interface that defines them and the
// track of its version, as in "own<wasi:io/streams@0.2.input-stream>", and those
// of a world or of an interface written in one by their names alone. Two types
// are interchangeable at a component boundary exactly if their texts are equal.
func TypeText(t Type) string {
	var b strings.Builder
	writeType(&b, t)
	return b.String()
}

// FuncText returns the canonical text of a function's type, such as
// "func(key: string) -> option<string>". Its types are as in [TypeText].
func FuncText(f *Func) string {
	var b strings.Builder
	if f.Async {
		b.WriteString("async ")
	}
	b.WriteString("func(")
	for i, p := range f.Params {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.Name)
		b.WriteString(": ")
		writeType(&b, p.Type)
	}
	b.WriteString(")")
	if f.Result != nil {
		b.WriteString(" -> ")
		writeType(&b, f.Result)
	}
	return b.String()
}

func writeType(b *strings.Builder, t Type) {
	switch t := t.(type) {
	case Primitive:
		b.WriteString(t.String())
	case *TypeDef:
		root := t.Root()
		if _, ok := root.Type.(*Resource); ok {
			writeResource(b, root)
			return
		}
		writeType(b, root.Type)
	case *Record:
		b.WriteString("record { ")
		for i, f := range t.Fields {
			writeComma(b, i)
			b.WriteString(f.Name + ": ")
			writeType(b, f.Type)
		}
		b.WriteString(" }")
	case *Variant:
		b.WriteString("variant { ")
		for i, c := range t.Cases {
			writeComma(b, i)
			b.WriteString(c.Name)
			if c.Type != nil {
				b.WriteString("(")
				writeType(b, c.Type)
				b.WriteString(")")
			}
		}
		b.WriteString(" }")
	case *Enum:
		writeLabels(b, "enum", t.Cases)
	case *Flags:
		writeLabels(b, "flags", t.Flags)
	case *Tuple:
		writeArgs(b, "tuple", t.Types...)
	case *Option:
		writeArgs(b, "option", t.Elem)
	case *Result:
		writeResult(b, t)
	case *List:
		b.WriteString("list<")
		writeType(b, t.Elem)
		if t.Fixed {
			b.WriteString(", " + strconv.FormatUint(uint64(t.Len), 10))
		}
		b.WriteString(">")
	case *Map:
		writeArgs(b, "map", t.Key, t.Value)
	case *Handle:
		name := "own"
		if t.Borrow {
			name = "borrow"
		}
		writeArgs(b, name, t.Resource)
	case *Stream:
		writeOptional(b, "stream", t.Elem)
	case *Future:
		writeOptional(b, "future", t.Elem)
	default:
		b.WriteString("invalid")
	}
}

func writeComma(b *strings.Builder, i int) {
	if i > 0 {
		b.WriteString(", ")
	}
}

func writeResource(b *strings.Builder, d *TypeDef) {
	if i := d.Owner.Interface; i != nil && i.Name != "" {
		b.WriteString(InTrack(i.ID()) + ".")
	}
	b.WriteString(d.Name)
}

func writeLabels(b *strings.Builder, kind string, labels []Label) {
	b.WriteString(kind + " { ")
	for i, l := range labels {
		writeComma(b, i)
		b.WriteString(l.Name)
	}
	b.WriteString(" }")
}

func writeArgs(b *strings.Builder, kind string, types ...Type) {
	b.WriteString(kind + "<")
	for i, t := range types {
		writeComma(b, i)
		writeType(b, t)
	}
	b.WriteString(">")
}

func writeOptional(b *strings.Builder, kind string, elem Type) {
	if elem == nil {
		b.WriteString(kind)
		return
	}
	writeArgs(b, kind, elem)
}

// writeResult follows WIT: result, result<T>, result<_, E>, result<T, E>.
func writeResult(b *strings.Builder, r *Result) {
	switch {
	case r.OK == nil && r.Err == nil:
		b.WriteString("result")
	case r.Err == nil:
		writeArgs(b, "result", r.OK)
	case r.OK == nil:
		b.WriteString("result<_, ")
		writeType(b, r.Err)
		b.WriteString(">")
	default:
		writeArgs(b, "result", r.OK, r.Err)
	}
}
