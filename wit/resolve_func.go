package wit

import "github.com/witgen/witgen/wit/internal/syntax"

// resourceFuncs resolves the functions of a resource, in source order. Other
// types have none.
func (b *body) resourceFuncs(d *syntax.TypeDecl) []*Func {
	e := b.names[d.Name.Text]
	if d.Kind != syntax.Resource || e.at != d.Name.Span {
		return nil
	}
	var funcs []*Func
	seen := make(map[string]syntax.Span)
	for _, f := range d.Funcs {
		name := f.Name.Text
		if first, ok := seen[name]; ok {
			what := "function `" + name + "`"
			if f.Constructor {
				what = "a constructor"
			}
			b.r.errs.add(f.Name.Span, "resource `"+d.Name.Text+"` has "+what+" already").note(position(first), "first defined here")
			continue
		}
		seen[name] = f.Name.Span
		hidden := b.r.hidden(f.Attributes)
		switch {
		case hidden != "":
		case e.hidden != "":
			b.r.errs.add(f.Name.Span, "this function is there while its resource is hidden: gate it, too, with feature `"+e.hidden+"`").
				note(position(e.at), "the resource is gated here")
		default:
			funcs = append(funcs, b.function(f, e.def))
		}
	}
	return funcs
}

// function resolves a function; resource is nil for one that stands alone.
func (b *body) function(f *syntax.Func, resource *TypeDef) *Func {
	stability, _ := b.r.gate(f.Attributes, f.Name.Span, b.scope.unit)
	fn := &Func{
		Name:       f.Name.Text,
		Resource:   resource,
		Async:      f.Async,
		Docs:       b.r.docs(f.Comments, position(f.Name.Span)),
		Stability:  stability,
		ExternalID: externalID(f.Attributes),
		Pos:        position(f.Name.Span),
	}
	seen := make(map[string]Pos, len(f.Params)+1)
	switch {
	case resource == nil:
	case f.Constructor:
		fn.Kind, fn.Name = Constructor, "[constructor]"+resource.Name
	case f.Static:
		fn.Kind, fn.Name = Static, "[static]"+resource.Name+"."+f.Name.Text
	default:
		fn.Kind, fn.Name = Method, "[method]"+resource.Name+"."+f.Name.Text
		self := &Handle{Borrow: true, Resource: resource}
		fn.Params = append(fn.Params, Param{Name: "self", Type: self, Pos: fn.Pos})
		seen["self"] = fn.Pos
	}
	b.item = f.Name
	for _, p := range f.Params {
		pos := position(p.Name.Span)
		if first, ok := seen[p.Name.Text]; ok {
			b.r.errs.add(p.Name.Span, "there is a parameter `"+p.Name.Text+"` already").note(first, "first here")
		}
		seen[p.Name.Text] = pos
		fn.Params = append(fn.Params, Param{Name: p.Name.Text, Type: b.typ(p.Type), Pos: pos})
	}
	fn.Result = b.result(f, resource)
	if b.r.hasBorrow(fn.Result) {
		b.r.errs.add(f.Name.Span, "the result of `"+fn.Name+"` has a `borrow` in it, and a borrow ends with the call")
	}
	return fn
}

// result resolves the result of a function. A constructor without one returns
// the resource, and may else return a result that has it for its ok type.
func (b *body) result(f *syntax.Func, resource *TypeDef) Type {
	if !f.Constructor {
		return b.typ(f.Result)
	}
	own := &Handle{Resource: resource}
	if f.Result == nil {
		return own
	}
	if f.Result.Kind != syntax.Result {
		b.r.errs.add(f.Result.Span, "a constructor returns nothing, which means `"+resource.Name+"`, or `result<"+resource.Name+", …>`")
		return nil
	}
	ok := f.Result.Args[0]
	wrong := f.Result.Span
	if ok != nil {
		wrong = ok.Span
		if (ok.Kind == syntax.Named || ok.Kind == syntax.Own) && ok.Name.Text == resource.Name {
			return &Result{OK: own, Err: b.typ(f.Result.Args[1])}
		}
	}
	b.r.errs.add(wrong, "the ok type of a constructor's result is the resource: `result<"+resource.Name+", …>`")
	return nil
}
