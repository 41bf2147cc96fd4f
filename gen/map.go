package gen

import (
	"github.com/witgen/witgen/gen/internal/printer"
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// describeMap fills in what a map is: a list of pairs of a key and a value.
func (ty *typer) describeMap(n *typ, t *wit.Map) {
	n.kind, n.name = mapping, "Map"
	pair := []wit.Type{t.Key, t.Value}
	n.parts = ty.sequence(pair, nil)
	_, n.entry = layout.Sequence(pair...)
}

// readMap is the body of a map's lift, to which its load leads. Of entries
// with one key the last one counts, unless they own resources.
func (b *body) readMap(t *typ, p place) {
	if p.memory {
		ptr, n := b.pair(p)
		b.add(printer.Return(b.glueFor(t, lift).Call(b.mem(), ptr, n)))
		return
	}
	key, value := t.parts[0], t.parts[1]
	made := abi("MakeMap").Of(key.typ.goType.code(), value.typ.goType.code()).
		Call(b.mem(), ptrName, printer.Name("n"), printer.Int(t.entry.Size), printer.Int(t.entry.Align))
	at := t.entryAt(printer.Name("i"))
	k := b.read(key.typ, at.of(key))
	if value.typ.owns {
		k = abi("Unique").Call(b.mem(), valName, k)
	}
	b.add(
		printer.Define(made, "v", "n"),
		printer.Range("i", printer.Name("n"), printer.Set(valName.At(k), b.read(value.typ, at.of(value)))),
		printer.Return(valName),
	)
}

// writeMap is the body of a map's lower, to which its store leads.
func (b *body) writeMap(t *typ, p place) {
	ptr, n := ptrName, printer.Name("n")
	if p.memory {
		b.add(printer.Define(b.glueFor(t, lower).Call(b.mem(), valName), "p", "n"))
		b.add(b.call("StorePair", ptr, printer.Name("p"), n))
		return
	}
	key, value := t.parts[0], t.parts[1]
	keys := "Keys"
	if key.typ.primitive == wit.Bool {
		keys = "BoolKeys"
	}
	length := printer.Name("len").Call(valName)
	b.add(
		printer.Assign(b.call("AllocList", length, printer.Int(t.entry.Size), printer.Int(t.entry.Align)), "ptr"),
		printer.RangePairs("i", "k", abi(keys).Call(valName), b.block(func(in *body) {
			at := t.entryAt(convert("uint32", printer.Name("i")))
			in.write(key.typ, at.of(key), printer.Name("k"))
			in.write(value.typ, at.of(value), valName.At(printer.Name("k")))
		})...),
		printer.Return(ptr, convert("uint32", length)),
	)
}

// entryAt returns the place of a map's entry.
func (t *typ) entryAt(i printer.Code) place {
	return place{memory: true, base: ptrName.Op("+", i.Op("*", printer.Int(t.entry.Size)))}
}
