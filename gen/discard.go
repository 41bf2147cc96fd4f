package gen

import (
	"slices"

	"github.com/witgen/witgen/gen/internal/printer"
)

// discarder closes the resources in a value that was given away and cannot be said
// in the version of who it was for: nobody else would. Of what a conversion made it
// closes only what that has the user make of nothing to close: all else is in what
// it was made of, which is somebody's.
type discarder struct {
	name string
	typ  *typ
	made *conversion // nil for a value as it was given
}

// discard returns the statement that closes the resources in a value. There have to
// be some.
func (b *bridge) discard(t *typ, v printer.Code) printer.Code { return b.discardBy(t, nil, v) }

// discardMade returns the statement that closes what a conversion made the resources
// in. It has to make some.
func (b *bridge) discardMade(c *conversion, v printer.Code) printer.Code {
	switch {
	case !c.from.owns:
		return b.discard(c.to, v)
	case c.from.kind == option && c.to.kind != option:
		return b.discardMade(c.parts[0], v)
	}
	return b.discardBy(c.to, c, v)
}

func (b *bridge) discardBy(t *typ, made *conversion, v printer.Code) printer.Code {
	if t.kind == handle {
		return printer.If(v.Op("!=", nilName), printer.Assign(v.Dot("Close").Call(printer.Name("ctx")), "_"))
	}
	k := slices.IndexFunc(b.discarders, func(d *discarder) bool { return d.typ == t && d.made == made })
	if k < 0 {
		k = len(b.discarders)
		word := b.word
		if made != nil {
			word += "Made"
		}
		b.discarders = append(b.discarders, &discarder{b.unique("discard" + word + b.typeName(t)), t, made})
	}
	return printer.Name(b.discarders[k].name).Call(printer.Name("ctx"), v)
}

// print declares the function.
func (d *discarder) print(b *bridge) printer.Code {
	what := "the resources in " + article(d.typ.text) + " that does not get where it was sent."
	if d.made != nil {
		what = "what was made for " + article(d.typ.text) + " that does not get where it was sent."
	}
	return printer.Func{
		Doc:    printer.Wrap(d.name + " closes " + what),
		Name:   d.name,
		Params: []printer.Param{ctxParam, {Name: "v", Type: d.typ.goType.code()}},
		Body:   d.parts(b),
	}.Code()
}

// closes reports whether there is something to close in a part.
func (d *discarder) closes(k int) bool {
	if d.made != nil {
		return d.made.parts[k] != nil && d.made.parts[k].makes
	}
	return d.typ.parts[k].typ != nil && d.typ.parts[k].typ.owns
}

// part returns the statement that closes the resources in a part.
func (d *discarder) part(b *bridge, k int, v printer.Code) printer.Code {
	if d.made != nil {
		return b.discardMade(d.made.parts[k], v)
	}
	return b.discard(d.typ.parts[k].typ, v)
}

// parts returns the statements that close the resources in v.
func (d *discarder) parts(b *bridge) (code []printer.Code) {
	t, e := d.typ, printer.Name("e")
	switch t.kind {
	case list, array, mapping:
		return []printer.Code{printer.RangePairs("_", "e", valName, d.part(b, len(t.parts)-1, e))}
	case option:
		return []printer.Code{printer.IfSet(printer.Define(valName.Dot("Get").Call(), "e", "ok"), printer.Name("ok"), d.part(b, 0, e))}
	case result:
		for k, method := range []string{"OK", "Err"} {
			if d.closes(k) {
				code = append(code, printer.IfSet(printer.Define(valName.Dot(method).Call(), "e", "ok"), printer.Name("ok"), d.part(b, k, e)))
			}
		}
		return code
	case record, tuple:
		for k, p := range t.parts {
			if d.closes(k) {
				code = append(code, d.part(b, k, valName.Dot(p.name)))
			}
		}
		return code
	case variant:
		var cases []printer.Code
		for k, p := range t.parts {
			if d.closes(k) {
				cases = append(cases, printer.Case(printer.Qual(t.goType.pkg, p.name), d.part(b, k, valName.Dot("Value"))))
			}
		}
		return []printer.Code{printer.Switch(printer.Define(valName.Cast(printer.Name("type")), "v"), cases...)}
	}
	return nil
}

// closes reports whether the function of a conversion closes what it has had the
// user make where more of it fails. Its context is for that.
func (c *conversion) closes() bool {
	if c == nil || !c.makes || c.missing != "" {
		return false
	}
	made := false
	for _, p := range c.parts {
		switch {
		case p.closes():
			return true
		case p == nil:
		case c.to.kind == record || c.to.kind == tuple:
			if made && p.fails {
				return true
			}
			made = made || p.makes
		case c.from.kind == option || c.to.kind == option || c.to.kind == result || c.to.kind == variant:
		default: // one after the other
			return true
		}
	}
	return false
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
