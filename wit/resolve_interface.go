package wit

import "github.com/witgen/witgen/wit/internal/syntax"

// paths calls yield with each path in an interface or world, but for those in
// gated items, and says whether it should lead to a world.
func (r *resolver) paths(d *decl, yield func(p syntax.Path, world bool)) {
	if d.iface != nil {
		r.interfacePaths(d.iface, yield)
		return
	}
	for _, item := range d.world.Items {
		switch item := item.(type) {
		case *syntax.Use:
			r.usePath(item, yield)
		case *syntax.Include:
			if r.hidden(item.Attributes) == "" {
				yield(item.Path, true)
			}
		case *syntax.Extern:
			switch {
			case r.hidden(item.Attributes) != "":
			case item.Path != nil:
				yield(*item.Path, false)
			case item.Interface != nil:
				r.interfacePaths(item.Interface, yield)
			}
		}
	}
}

func (r *resolver) interfacePaths(i *syntax.Interface, yield func(p syntax.Path, world bool)) {
	for _, item := range i.Items {
		if u, ok := item.(*syntax.Use); ok {
			r.usePath(u, yield)
		}
	}
}

func (r *resolver) usePath(u *syntax.Use, yield func(p syntax.Path, world bool)) {
	if r.hidden(u.Attributes) == "" {
		yield(u.Path, false)
	}
}

// resolveInterface resolves an interface whose references are resolved.
func (r *resolver) resolveInterface(d *decl) {
	d.interf = &Interface{
		Package:   d.scope.unit.model,
		Name:      d.name.Text,
		Docs:      r.docs(d.iface.Comments, position(d.name.Span)),
		Stability: d.stability,
		Pos:       position(d.name.Span),
	}
	d.names = r.interfaceBody(d.scope, d.interf, d.iface)
}

// interfaceBody resolves what is in an interface, one written inline included,
// and returns its names.
func (r *resolver) interfaceBody(s *scope, i *Interface, tree *syntax.Interface) map[string]*entry {
	b := newBody(r, s, Owner{Interface: i})
	for _, item := range tree.Items {
		switch item := item.(type) {
		case *syntax.Use:
			b.declareUse(item)
		case *syntax.TypeDecl:
			b.declareType(item)
		case *syntax.Func:
			b.declareFunc(item)
		}
	}
	i.Types = b.resolveTypes()
	for _, item := range tree.Items {
		switch item := item.(type) {
		case *syntax.TypeDecl:
			i.Funcs = append(i.Funcs, b.resourceFuncs(item)...)
		case *syntax.Func:
			if e := b.names[item.Name.Text]; e.hidden == "" && e.at == item.Name.Span {
				i.Funcs = append(i.Funcs, b.function(item, nil))
			}
		}
	}
	return b.names
}

// hiddenInterface checks an interface that is gated by a feature which is
// off: its types have to be gated too, since other interfaces may use them.
func (r *resolver) hiddenInterface(d *decl) {
	report := func(n syntax.Name, attrs syntax.Attributes) {
		if r.hidden(attrs) == "" {
			r.errs.add(n.Span, "type `"+n.Text+"` is there while its interface is hidden: gate it, too, with feature `"+d.hidden+"`").
				note(position(d.name.Span), "the interface is gated here")
		}
	}
	for _, item := range d.iface.Items {
		switch item := item.(type) {
		case *syntax.Use:
			for _, n := range item.Names {
				report(n.As, item.Attributes)
			}
		case *syntax.TypeDecl:
			report(item.Name, item.Attributes)
		}
	}
}
