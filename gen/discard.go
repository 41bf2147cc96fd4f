package gen

import (
	"slices"

	"github.com/witgen/witgen/gen/internal/printer"
)

// discarder closes the resources in a value that was given away and cannot be said
// in the version of who it was for: nobody else would.
type discarder struct {
	name string
	typ  *typ
}

// discard returns the statement that closes the resources in a value. There have to
// be some.
func (b *bridge) discard(t *typ, v printer.Code) printer.Code {
	if t.kind == handle {
		return printer.If(v.Op("!=", nilName), printer.Assign(v.Dot("Close").Call(printer.Name("ctx")), "_"))
	}
	k := slices.IndexFunc(b.discarders, func(d *discarder) bool { return d.typ == t })
	if k < 0 {
		k = len(b.discarders)
		b.discarders = append(b.discarders, &discarder{b.unique("discard" + b.word + b.typeName(t)), t})
	}
	return printer.Name(b.discarders[k].name).Call(printer.Name("ctx"), v)
}

// print declares the function.
func (d *discarder) print(b *bridge) printer.Code {
	return printer.Func{
		Doc:    printer.Wrap(d.name + " closes the resources in " + article(d.typ.text) + " that does not get where it was sent."),
		Name:   d.name,
		Params: []printer.Param{ctxParam, {Name: "v", Type: d.typ.goType.code()}},
		Body:   b.discardParts(d.typ),
	}.Code()
}

// discardParts returns the statements that close the resources in v.
func (b *bridge) discardParts(t *typ) []printer.Code {
	e := printer.Name("e")
	switch t.kind {
	case list, array, mapping:
		return []printer.Code{printer.RangePairs("_", "e", valName, b.discard(t.parts[len(t.parts)-1].typ, e))}
	case option:
		return []printer.Code{printer.IfSet(printer.Define(valName.Dot("Get").Call(), "e", "ok"), printer.Name("ok"), b.discard(t.parts[0].typ, e))}
	case result:
		var code []printer.Code
		for k, method := range []string{"OK", "Err"} {
			if p := t.parts[k].typ; p != nil && p.owns {
				code = append(code, printer.IfSet(printer.Define(valName.Dot(method).Call(), "e", "ok"), printer.Name("ok"), b.discard(p, e)))
			}
		}
		return code
	case record, tuple:
		var code []printer.Code
		for _, p := range t.parts {
			if p.typ.owns {
				code = append(code, b.discard(p.typ, valName.Dot(p.name)))
			}
		}
		return code
	case variant:
		var cases []printer.Code
		for _, p := range t.parts {
			if p.typ != nil && p.typ.owns {
				cases = append(cases, printer.Case(printer.Qual(t.goType.pkg, p.name), b.discard(p.typ, valName.Dot("Value"))))
			}
		}
		return []printer.Code{printer.Switch(printer.Define(valName.Cast(printer.Name("type")), "v"), cases...)}
	}
	return nil
}

// refuse returns the statements that return an error before the wrapped function is
// called. What a guest has given away is the host's by then, which never sees it;
// what a guest was to be given stays whose it is.
func (a *adapter) refuse(err printer.Code) []printer.Code {
	var code []printer.Code
	if !a.wrapper.exported {
		for k, p := range a.want.arguments() {
			if p.typ.owns {
				code = append(code, a.discard(p.typ, printer.Name(a.names[k])))
			}
		}
	}
	return append(code, a.fail(err))
}
