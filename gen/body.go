package gen

import (
	"maps"

	"github.com/witgen/witgen/gen/internal/printer"
)

// Names of what glue is made of.
var (
	memName  = printer.Name("m")
	ptrName  = printer.Name("ptr")
	flatName = printer.Name("flat")
	valName  = printer.Name("v")
	errName  = printer.Name("err")
	nilName  = printer.Name("nil")
)

func abi(name string) printer.Code { return printer.Qual(abiPath, name) }

func cm(name string) printer.Code { return printer.Qual(cmPath, name) }

// body is the statements of one function of glue.
type body struct {
	iface    *iface
	exported bool // it is for the interface as an instance exports it
	code     []printer.Code
	declared map[string]bool
	memory   bool // m occurs
}

func newBody(i *iface, exported bool) *body {
	return &body{iface: i, exported: exported, declared: map[string]bool{}}
}

// add adds statements.
func (b *body) add(code ...printer.Code) { b.code = append(b.code, code...) }

// mem returns the view of guest memory.
func (b *body) mem() printer.Code {
	b.memory = true
	return memName
}

// call returns a call of a method of the view.
func (b *body) call(method string, args ...printer.Code) printer.Code {
	return b.mem().Dot(method).Call(args...)
}

// block returns the statements that add adds to a block of their own.
func (b *body) block(add func(in *body)) []printer.Code {
	in := &body{iface: b.iface, exported: b.exported, declared: maps.Clone(b.declared)}
	add(in)
	b.memory = b.memory || in.memory
	return in.code
}

// set gives names the values of a call, defining them at first.
func (b *body) set(value printer.Code, names ...string) {
	if b.declared[names[0]] {
		b.add(printer.Assign(value, names...))
		return
	}
	for _, n := range names {
		b.declared[n] = true
	}
	b.add(printer.Define(value, names...))
}

// place is where a value lies: in guest memory, or among core values.
type place struct {
	memory bool
	base   printer.Code // of type uint32, or []uint64
	index  string       // a variable's number of core values after the base; empty for none
	at     uint32       // bytes, or core values, after that
}

// of returns the place of a part of the value.
func (p place) of(q part) place {
	if p.memory {
		p.at += q.offset
	} else {
		p.at += uint32(q.slot)
	}
	return p
}

// addr returns the address of a value in memory.
func (p place) addr() printer.Code { return p.plus(0) }

func (p place) plus(n uint32) printer.Code {
	if p.at+n == 0 {
		return p.base
	}
	return p.base.Op("+", printer.Int(p.at+n))
}

// core returns the nth core value.
func (p place) core(n uint32) printer.Code { return p.base.At(p.slot(n)) }

// cores returns the core values as a slice.
func (p place) cores() printer.Code { return p.base.From(p.slot(0)) }

// slot returns the index of the nth core value.
func (p place) slot(n uint32) printer.Code {
	switch n += p.at; {
	case p.index == "":
		return printer.Int(n)
	case n == 0:
		return printer.Name(p.index)
	}
	return printer.Name(p.index).Op("+", printer.Int(n))
}

// pair returns the pointer and length that stand for a list or string.
func (b *body) pair(p place) (ptr, n printer.Code) {
	if p.memory {
		return b.call("LoadU32", p.addr()), b.call("LoadU32", p.plus(4))
	}
	return convert("uint32", p.core(0)), convert("uint32", p.core(1))
}

// setPair stores the pointer and length that a call returns for a list or
// string.
func (b *body) setPair(p place, call printer.Code) {
	b.set(call, "ptr", "n")
	b.add(printer.Set2(p.core(0), p.core(1), convert("uint64", ptrName), convert("uint64", printer.Name("n"))))
}

func convert(t string, v printer.Code) printer.Code { return printer.Name(t).Call(v) }

// read returns the value of a type at a place.
func (b *body) read(t *typ, p place) printer.Code {
	switch t.kind {
	case primitive:
		return b.readPrimitive(t, p)
	case bytes:
		return b.readBytes(p)
	case numbers:
		return b.readNumbers(t, p)
	case handle:
		return b.readHandle(t, p)
	}
	switch {
	case p.memory:
		return b.glueFor(t, load).Call(b.mem(), p.addr())
	case t.counted():
		ptr, n := b.pair(p)
		return b.glueFor(t, lift).Call(b.mem(), ptr, n)
	}
	return b.glueFor(t, lift).Call(b.mem(), p.cores())
}

// write writes a value of a type to a place.
func (b *body) write(t *typ, p place, v printer.Code) {
	switch t.kind {
	case primitive:
		b.writePrimitive(t, p, v)
		return
	case bytes:
		b.writeBytes(p, v)
		return
	case numbers:
		b.writeNumbers(p, v)
		return
	case handle:
		b.writeHandle(t, p, v)
		return
	}
	switch {
	case p.memory:
		b.add(b.glueFor(t, store).Call(b.mem(), p.addr(), v))
	case t.counted():
		b.setPair(p, b.glueFor(t, lower).Call(b.mem(), v))
	default:
		b.add(b.glueFor(t, lower).Call(b.mem(), p.cores(), v))
	}
}

// zero returns the zero value of a type that is written as g.
func zero(t *typ, g goType) printer.Code {
	switch t.kind {
	case primitive:
		switch goPrimitives[t.primitive] {
		case "bool":
			return printer.Name("false")
		case "string":
			return printer.String("")
		}
		return printer.Int(0)
	case enum, flags:
		return printer.Int(0)
	case bytes, numbers, list, mapping, variant, handle, stream, future, errorContext:
		return nilName
	}
	return g.code().List()
}
