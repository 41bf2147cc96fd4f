package gen

import (
	"strconv"

	"github.com/witgen/witgen/gen/internal/printer"
	"github.com/witgen/witgen/wit"
)

func arrayOf(n uint32, elem goType) goType {
	return goType{name: "[" + strconv.FormatUint(uint64(n), 10) + "]", args: []goType{elem}, length: n}
}

// describeArray fills in what a list of a fixed length is.
func (ty *typer) describeArray(n *typ, t *wit.List) {
	n.kind, n.name = array, "List"+strconv.FormatUint(uint64(t.Len), 10)
	n.parts = []part{{typ: ty.of(t.Elem)}}
}

// readArray is the body of an array's lift or load.
func (b *body) readArray(t *typ, p place) {
	elem := t.parts[0].typ
	b.add(printer.Declare("v", t.goType.code()))
	if p.memory && elem.copied() {
		b.copyArray("Load", elem, p)
	} else {
		b.add(printer.Range("i", valName, printer.Set(valName.At(printer.Name("i")), b.read(elem, p.element(elem)))))
	}
	b.add(printer.Return(valName))
}

// writeArray is the body of an array's lower or store.
func (b *body) writeArray(t *typ, p place) {
	elem := t.parts[0].typ
	if p.memory && elem.copied() {
		b.copyArray("Store", elem, p)
		return
	}
	b.add(printer.Range("i", valName, b.block(func(in *body) {
		in.write(elem, p.element(elem), valName.At(printer.Name("i")))
	})...))
}

// copied reports whether the elements of a list take one copy together.
func (t *typ) copied() bool { return t.kind == primitive && number(t.primitive) }

// copyArray copies an array from or to memory.
func (b *body) copyArray(verb string, elem *typ, p place) {
	v := valName.Whole()
	if elem.primitive == wit.U8 {
		b.add(b.call(verb+"ByteArray", p.addr(), v))
		return
	}
	b.add(abi(verb+"NumberArray").Call(b.mem(), p.addr(), v))
}

// element returns the place of element i of the array at a place.
func (p place) element(elem *typ) place {
	if p.memory {
		return element(elem)
	}
	p.index = "i"
	if elem.flat != 1 {
		p.index = strconv.Itoa(elem.flat) + "*i"
	}
	return p
}
