package gen

import "github.com/witgen/witgen/gen/internal/printer"

// await calls an async function, and gives names to what it returns. A guest
// hands that over while it runs, so it is lifted by a function.
func (b *body) await(m *method, names []string) {
	await := callName.Dot("Await")
	if m.result == nil {
		b.add(await.Call(nilName))
		return
	}
	for _, name := range names {
		t := printer.Name("error")
		if name == "v" {
			t = m.goResult.code()
		}
		b.add(printer.Declare(name, t))
	}
	p := place{base: flatName}
	if m.handedInMemory {
		l := m.result.Layout
		p = place{memory: true, base: b.call("Ptr", flatName.At(printer.Int(0)), printer.Int(l.Size), printer.Int(l.Align))}
	}
	b.add(await.Call(printer.Func{
		Params: []printer.Param{{Name: "flat", Type: printer.Name("uint64").Slice()}},
		Body:   []printer.Code{printer.Assign(b.read(m.result, p), names...)},
	}.Literal()))
}
