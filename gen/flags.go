package gen

import (
	"strconv"

	"github.com/witgen/witgen/gen/internal/printer"
)

// declareFlags declares an integer type and a constant for each bit.
func declareFlags(d *decl) []printer.Code {
	v := d.receiver()
	names := []printer.Code{convert("uint32", printer.Name(v))}
	for _, m := range d.members {
		names = append(names, printer.String(m.wit))
	}
	return []printer.Code{
		printer.Defined(d.doc(), d.name, d.unsigned()),
		d.constants("The flags of "+d.name+".", printer.Int(1).Op("<<", printer.Name("iota"))),
		printer.Func{
			Doc:     printer.Wrap("Has reports whether all of the given flags are set."),
			Recv:    printer.Param{Name: v, Type: printer.Name(d.name)},
			Name:    "Has",
			Params:  []printer.Param{{Name: "flags", Type: printer.Name(d.name)}},
			Results: []printer.Param{{Type: printer.Name("bool")}},
			Body: []printer.Code{printer.Return(
				printer.Name(v).Op("&", printer.Name("flags")).Op("==", printer.Name("flags")))},
			Short: true,
		}.Code(),
		d.textMethod("String", `String returns the names of the flags that are set, as in "{a, b}".`, true,
			printer.Return(abi("FlagNames").Call(names...))),
	}
}

// masked returns the bits of a value that have names. The others mean nothing
// and are dropped both ways.
func masked(t *typ, v printer.Code) printer.Code {
	n := len(t.decl.members)
	if uint32(n) == 8*t.Size {
		return v
	}
	return v.Op("&", printer.Hex(1<<n-1))
}

func (b *body) readFlags(t *typ, p place) {
	v := p.core(0)
	if p.memory {
		v = b.call("LoadU"+strconv.Itoa(int(8*t.Size)), p.addr())
	}
	b.add(printer.Return(masked(t, t.goType.code().Call(v))))
}

func (b *body) writeFlags(t *typ, p place) {
	v := masked(t, valName)
	if p.memory {
		b.add(b.call("StoreU"+strconv.Itoa(int(8*t.Size)), p.addr(), t.decl.unsigned().Call(v)))
		return
	}
	b.add(printer.Set(p.core(0), convert("uint64", v)))
}
