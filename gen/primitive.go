package gen

import (
	"strconv"

	"github.com/witgen/witgen/gen/internal/printer"
	"github.com/witgen/witgen/wit"
)

// access returns the suffix of the view's methods for a primitive, such as
// U32, and the Go type that those return. Signed integers have none of their
// own.
func access(p wit.Primitive) (suffix, goType string) {
	switch p {
	case wit.Bool, wit.F32, wit.F64, wit.Char, wit.String:
		return exportedName(p.String()), goPrimitives[p]
	}
	n, _ := bits(p)
	return "U" + strconv.Itoa(n), "uint" + strconv.Itoa(n)
}

func (b *body) readPrimitive(t *typ, p place) printer.Code {
	name := goPrimitives[t.primitive]
	if p.memory {
		suffix, returned := access(t.primitive)
		v := b.call("Load"+suffix, p.addr())
		if returned != name {
			v = convert(name, v)
		}
		return v
	}
	switch t.primitive {
	case wit.String:
		ptr, n := b.pair(p)
		return b.call("LiftString", ptr, n)
	case wit.Char:
		return b.call("Char", p.core(0))
	case wit.F32, wit.F64:
		return abi(exportedName(t.primitive.String())).Call(p.core(0))
	case wit.Bool:
		return convert("uint32", p.core(0)).Op("!=", printer.Int(0))
	case wit.U64:
		return p.core(0)
	}
	return convert(name, p.core(0))
}

func (b *body) writePrimitive(t *typ, p place, v printer.Code) {
	if p.memory {
		suffix, wants := access(t.primitive)
		if wants != goPrimitives[t.primitive] {
			v = convert(wants, v)
		}
		b.add(b.call("Store"+suffix, p.addr(), v))
		return
	}
	if t.primitive == wit.String {
		b.setPair(p, b.call("LowerString", v))
		return
	}
	b.add(printer.Set(p.core(0), b.lowerPrimitive(t.primitive, v)))
}

// lowerPrimitive returns the core value for a value: its zero-extended bits.
func (b *body) lowerPrimitive(p wit.Primitive, v printer.Code) printer.Code {
	switch p {
	case wit.Bool:
		return abi("Bool").Call(v)
	case wit.Char:
		return b.call("LowerChar", v)
	case wit.F32:
		return convert("uint64", printer.Qual("math", "Float32bits").Call(v))
	case wit.F64:
		return printer.Qual("math", "Float64bits").Call(v)
	case wit.U64:
		return v
	}
	if n, signed := bits(p); signed && n < 64 {
		v = convert("uint32", v)
	}
	return convert("uint64", v)
}
