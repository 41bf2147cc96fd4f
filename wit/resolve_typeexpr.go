package wit

import (
	"slices"

	"github.com/witgen/witgen/wit/internal/syntax"
)

var primitives = [...]Primitive{
	syntax.U8: U8, syntax.U16: U16, syntax.U32: U32, syntax.U64: U64,
	syntax.S8: S8, syntax.S16: S16, syntax.S32: S32, syntax.S64: S64,
	syntax.F32: F32, syntax.F64: F64, syntax.Char: Char, syntax.Bool: Bool,
	syntax.String: String, syntax.ErrorContext: ErrorContext,
}

// aliased resolves the right side of `type a = …`. The name of a resource
// gives it another name there, and is no handle.
func (b *body) aliased(t *syntax.Type) Type {
	if t.Kind != syntax.Named {
		return b.typ(t)
	}
	if def := b.named(t.Name); def != nil {
		return def
	}
	return nil
}

// typ resolves a type expression; nil for none, and for one with errors.
func (b *body) typ(t *syntax.Type) Type {
	if t == nil {
		return nil
	}
	if int(t.Kind) < len(primitives) {
		return primitives[t.Kind]
	}
	switch t.Kind {
	case syntax.Named:
		def := b.named(t.Name)
		if def == nil {
			return nil
		}
		if _, ok := Underlying(def).(*Resource); ok {
			return &Handle{Resource: def}
		}
		return def
	case syntax.Own, syntax.Borrow:
		return b.handle(t)
	case syntax.List:
		return &List{Elem: b.typ(t.Args[0])}
	case syntax.FixedList:
		return &List{Elem: b.typ(t.Args[0]), Fixed: true, Len: t.Len}
	case syntax.Option:
		return &Option{Elem: b.typ(t.Args[0])}
	case syntax.Tuple:
		u := &Tuple{Types: make([]Type, len(t.Args))}
		for i, a := range t.Args {
			u.Types[i] = b.typ(a)
		}
		return u
	case syntax.Map:
		b.checkKey(t)
		return &Map{Key: b.typ(t.Args[0]), Value: b.typ(t.Args[1])}
	case syntax.Result:
		return &Result{OK: b.typ(t.Args[0]), Err: b.typ(t.Args[1])}
	case syntax.Stream:
		return &Stream{Elem: b.typ(t.Args[0])}
	case syntax.Future:
		return &Future{Elem: b.typ(t.Args[0])}
	}
	return nil
}

func (b *body) checkKey(t *syntax.Type) {
	switch t.Args[0].Kind {
	case syntax.Bool, syntax.Char, syntax.String, syntax.U8, syntax.U16, syntax.U32, syntax.U64,
		syntax.S8, syntax.S16, syntax.S32, syntax.S64:
		return
	}
	b.r.errs.add(t.Span, "the key of a map is `bool`, an integer, `char` or `string`, written out")
}

func (b *body) handle(t *syntax.Type) Type {
	def := b.named(t.Name)
	if def == nil {
		return nil
	}
	switch Underlying(def).(type) {
	case nil:
		return nil
	case *Resource:
		return &Handle{Borrow: t.Kind == syntax.Borrow, Resource: def}
	}
	keyword := "own"
	if t.Kind == syntax.Borrow {
		keyword = "borrow"
	}
	b.r.errs.add(t.Name.Span, "`"+t.Name.Text+"` is no resource, as "+keyword+" wants it").note(def.Pos, "defined here")
	return nil
}

// named returns the type of that name. It reports a name that means no type,
// each one only once, and returns nil.
func (b *body) named(n syntax.Name) *TypeDef {
	e := b.names[n.Text]
	switch {
	case e == nil:
		b.r.errs.add(n.Span, "type `"+n.Text+"` does not exist"+b.hint(n.Text))
		b.names[n.Text] = &entry{at: n.Span}
		return nil
	case e.fn:
		b.r.errs.add(n.Span, "`"+n.Text+"` is a function, where a type is wanted").note(position(e.at), "declared here")
		return nil
	case e.hidden != "":
		b.hidden(b.item, n, e)
		return nil
	}
	return e.def
}

// hint says what an unknown type may have been meant to be.
func (b *body) hint(name string) string {
	switch name {
	case "float32":
		return "; it is called `f32` now"
	case "float64":
		return "; it is called `f64` now"
	}
	var known []string
	for name, e := range b.names {
		if e.def != nil {
			known = append(known, name)
		}
	}
	for p := Bool; p <= ErrorContext; p++ {
		known = append(known, p.String())
	}
	slices.Sort(known)
	return syntax.Suggest(name, known)
}

// hasBorrow reports whether a type has a borrow anywhere in it. What named
// types have in them is known.
func (r *resolver) hasBorrow(t Type) bool {
	return hasBorrow(t, func(d *TypeDef) bool { return r.borrows[d] })
}

// hasBorrow reports whether a type has a borrow anywhere in it; named says it
// of the types that have names.
func hasBorrow(t Type, named func(*TypeDef) bool) bool {
	has := func(t Type) bool { return hasBorrow(t, named) }
	switch t := t.(type) {
	case *TypeDef:
		return named(t)
	case *Handle:
		return t.Borrow
	case *Record:
		return slices.ContainsFunc(t.Fields, func(f Field) bool { return has(f.Type) })
	case *Variant:
		return slices.ContainsFunc(t.Cases, func(c Case) bool { return has(c.Type) })
	case *Tuple:
		return slices.ContainsFunc(t.Types, has)
	case *Option:
		return has(t.Elem)
	case *Result:
		return has(t.OK) || has(t.Err)
	case *List:
		return has(t.Elem)
	case *Map:
		return has(t.Key) || has(t.Value)
	case *Stream:
		return has(t.Elem)
	case *Future:
		return has(t.Elem)
	}
	return false
}
