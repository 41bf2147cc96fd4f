package gen

import (
	"github.com/witgen/witgen/gen/internal/printer"
	"github.com/witgen/witgen/wit"
)

// octets returns the Go type of what there are many of: a u8 is a byte there.
func octets(t wit.Type, g goType, resolve bool) goType {
	if t == wit.U8 || resolve && wit.Underlying(t) == wit.U8 {
		return goType{name: "byte"}
	}
	return g
}

func (b *body) readBytes(p place) printer.Code {
	if p.memory {
		return b.call("LoadBytes", p.addr())
	}
	ptr, n := b.pair(p)
	return b.call("LiftBytes", ptr, n)
}

func (b *body) writeBytes(p place, v printer.Code) {
	if p.memory {
		b.add(b.call("StoreBytes", p.addr(), v))
		return
	}
	b.setPair(p, b.call("LowerBytes", v))
}

// readNumbers reads a list whose elements take one copy together.
func (b *body) readNumbers(t *typ, p place) printer.Code {
	elem := t.parts[0].typ.goType.code()
	if p.memory {
		return abi("LoadNumbers").Of(elem).Call(b.mem(), p.addr())
	}
	ptr, n := b.pair(p)
	return abi("LiftNumbers").Of(elem).Call(b.mem(), ptr, n)
}

func (b *body) writeNumbers(p place, v printer.Code) {
	if p.memory {
		b.add(abi("StoreNumbers").Call(b.mem(), p.addr(), v))
		return
	}
	b.setPair(p, abi("LowerNumbers").Call(b.mem(), v))
}

// readList is the body of a list's lift, to which its load leads.
func (b *body) readList(t *typ, p place) {
	if p.memory {
		ptr, n := b.pair(p)
		b.add(printer.Return(b.glueFor(t, lift).Call(b.mem(), ptr, n)))
		return
	}
	elem := t.parts[0].typ
	made := abi("MakeList").Of(elem.goType.code()).
		Call(b.mem(), ptrName, printer.Name("n"), printer.Int(elem.Size), printer.Int(elem.Align))
	b.add(printer.Define(made, "v"))
	if t.plainList() {
		b.readElements(elem)
	} else {
		b.add(printer.Range("i", valName, printer.Set(valName.At(printer.Name("i")), b.read(elem, element(elem)))))
	}
	b.add(printer.Return(valName))
}

// writeList is the body of a list's lower, to which its store leads.
func (b *body) writeList(t *typ, p place) {
	ptr, n := ptrName, printer.Name("n")
	if p.memory {
		b.add(printer.Define(b.glueFor(t, lower).Call(b.mem(), valName), "p", "n"))
		b.add(b.call("StorePair", ptr, printer.Name("p"), n))
		return
	}
	elem := t.parts[0].typ
	length := printer.Name("len").Call(valName)
	b.add(printer.Assign(b.call("AllocList", length, printer.Int(elem.Size), printer.Int(elem.Align)), "ptr"))
	if t.plainList() {
		b.writeElements(elem)
	} else {
		b.add(printer.Range("i", valName, b.block(func(in *body) {
			in.write(elem, element(elem), valName.At(printer.Name("i")))
		})...))
	}
	b.add(printer.Return(ptr, convert("uint32", length)))
}

// element returns the place of element i of a list.
func element(elem *typ) place {
	at := convert("uint32", printer.Name("i"))
	if elem.Size != 1 {
		at = at.Op("*", printer.Int(elem.Size))
	}
	return place{memory: true, base: ptrName.Op("+", at)}
}
