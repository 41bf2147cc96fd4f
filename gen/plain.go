package gen

import (
	"strconv"

	"github.com/witgen/witgen/gen/internal/printer"
	"github.com/witgen/witgen/wit"
)

// Lists of plain elements are read and written as the bytes that they are,
// found once, instead of value by value through the view of memory: nothing in
// them needs the guest, and nothing can be wrong with them.

// maxPlain is the size in bytes of the largest element that is written out in
// place: its parts are, down to the last.
const maxPlain = 128

// bytesName is the bytes of an element.
var bytesName = printer.Name("b")

// plain reports whether values of a type consist of numbers, bools and flags.
func (t *typ) plain() bool {
	switch t.kind {
	case primitive:
		return t.primitive != wit.String && t.primitive != wit.Char
	case flags:
		return true
	case record, tuple:
		for _, p := range t.parts {
			if !p.typ.plain() {
				return false
			}
		}
		return true
	}
	return false
}

// plainList reports whether a type is a list of plain elements.
func (t *typ) plainList() bool {
	return t.kind == list && t.parts[0].typ.Size <= maxPlain && t.parts[0].typ.plain()
}

// readElements fills the list v, which lies at ptr.
func (b *body) readElements(elem *typ) {
	b.add(
		printer.Define(b.elements(valName, elem), "e"),
		printer.Range("i", valName,
			printer.Define(elementBytes(elem), "b"),
			printer.Set(valName.At(printer.Name("i")), readPlain(elem, 0)),
		),
	)
}

// writeElements writes the list v, for which there is room at ptr.
func (b *body) writeElements(elem *typ) {
	b.add(
		printer.If(b.call("Err").Op("!=", nilName), printer.Return(printer.Int(0), printer.Int(0))),
		printer.Define(b.elements(valName, elem), "e"),
		printer.Range("i", valName, b.block(func(in *body) {
			in.add(printer.Define(elementBytes(elem), "b"))
			in.writePlain(elem, 0, valName.At(printer.Name("i")))
		})...),
	)
}

// elements returns the bytes of a whole list at ptr.
func (b *body) elements(v printer.Code, elem *typ) printer.Code {
	return b.call("Elements", ptrName, printer.Name("len").Call(v), printer.Int(elem.Size))
}

// elementBytes returns the bytes of element i.
func elementBytes(elem *typ) printer.Code {
	at := printer.Name("i")
	if elem.Size != 1 {
		at = at.Op("*", printer.Int(elem.Size))
	}
	return printer.Name("e").From(at).To(printer.Int(elem.Size))
}

// readPlain returns the value at an offset of an element's bytes.
func readPlain(t *typ, at uint32) printer.Code {
	switch t.kind {
	case record, tuple:
		keys := make([]printer.Key, len(t.parts))
		for i, q := range t.parts {
			keys[i] = printer.Key{Name: q.name, Value: readPlain(q.typ, at+q.offset)}
		}
		return t.goType.code().KeyedLines(keys...)
	case flags:
		return masked(t, t.goType.code().Call(readInteger(8*t.Size, at)))
	}
	switch t.primitive {
	case wit.Bool:
		return bytesName.At(printer.Int(at)).Op("!=", printer.Int(0))
	case wit.F32, wit.F64:
		return abi("Get" + exportedName(t.primitive.String())).Call(bytesFrom(at))
	}
	n, signed := bits(t.primitive)
	v := readInteger(uint32(n), at)
	if signed {
		v = convert(goPrimitives[t.primitive], v)
	}
	return v
}

// readInteger returns the unsigned integer of so many bits at an offset.
func readInteger(bits, at uint32) printer.Code {
	if bits == 8 {
		return bytesName.At(printer.Int(at))
	}
	return abi("GetU" + strconv.Itoa(int(bits))).Call(bytesFrom(at))
}

// writePlain writes a value at an offset of an element's bytes.
func (b *body) writePlain(t *typ, at uint32, v printer.Code) {
	switch t.kind {
	case record, tuple:
		for _, q := range t.parts {
			b.writePlain(q.typ, at+q.offset, v.Dot(q.name))
		}
		return
	case flags:
		b.writeInteger(8*t.Size, at, t.decl.unsigned().Call(masked(t, v)))
		return
	}
	switch t.primitive {
	case wit.Bool:
		b.writeInteger(8, at, convert("uint8", abi("Bool").Call(v)))
		return
	case wit.F32, wit.F64:
		b.add(abi("Put"+exportedName(t.primitive.String())).Call(bytesFrom(at), v))
		return
	}
	n, signed := bits(t.primitive)
	if signed {
		v = convert("uint"+strconv.Itoa(n), v)
	}
	b.writeInteger(uint32(n), at, v)
}

// writeInteger writes an unsigned integer of so many bits at an offset.
func (b *body) writeInteger(bits, at uint32, v printer.Code) {
	if bits == 8 {
		b.add(printer.Set(bytesName.At(printer.Int(at)), v))
		return
	}
	b.add(abi("PutU"+strconv.Itoa(int(bits))).Call(bytesFrom(at), v))
}

// bytesFrom returns the bytes of an element from an offset on.
func bytesFrom(at uint32) printer.Code {
	if at == 0 {
		return bytesName
	}
	return bytesName.From(printer.Int(at))
}
