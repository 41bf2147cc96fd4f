package wit

import (
	"strings"

	"github.com/witgen/witgen/wit/internal/syntax"
)

// include adds what another world imports and exports. Types that are the
// other world's own are copied, and so is what refers to them.
func (b *worldBody) include(i *syntax.Include) {
	at := i.Path.Name.Span
	if i.Path.Package != nil {
		at = i.Path.Package.Span
	}
	_, hidden := b.r.gate(i.Attributes, at, b.scope.unit)
	if hidden != "" {
		return
	}
	d := b.r.lookup(b.scope, i.Path, true)
	if d == nil || d.w == nil {
		return
	}
	c := &includer{worldBody: b, tree: i, from: d.w, copies: make(map[*TypeDef]*TypeDef), renames: b.renames(i)}
	for _, item := range d.w.Imports {
		c.add(&b.imports, item)
	}
	for _, item := range d.w.Exports {
		c.add(&b.exports, item)
	}
	for _, n := range i.Renames {
		if re := c.renames[n.Name.Text]; re != nil && !re.used && re.name == n {
			b.r.errs.add(i.Path.Name.Span, "world `"+d.name.Text+"` has no plain name `"+n.Name.Text+
				"` to rename; interfaces that go by their own name have none").note(position(n.Name.Span), "renamed here")
		}
	}
}

// rename is what a with says of one name.
type rename struct {
	name syntax.UseName
	used bool
}

func (b *worldBody) renames(i *syntax.Include) map[string]*rename {
	m := make(map[string]*rename, len(i.Renames))
	for _, n := range i.Renames {
		if prior := m[n.Name.Text]; prior != nil {
			b.r.errs.add(n.Name.Span, "`"+n.Name.Text+"` is renamed twice").note(position(prior.name.Name.Span), "first here")
			continue
		}
		m[n.Name.Text] = &rename{name: n}
	}
	return m
}

// includer carries out one include.
type includer struct {
	*worldBody
	tree    *syntax.Include
	from    *World
	renames map[string]*rename
	copies  map[*TypeDef]*TypeDef
}

// add adds a copy of an item. Interfaces that go by their own name merge.
func (c *includer) add(set *itemSet, item *WorldItem) {
	cp := *item
	cp.Label = c.label(item.Label)
	if c.from.Package != c.w.Package && cp.Stability.Since != "" {
		cp.Stability = Stability{} // it speaks of versions of the other package
	}
	switch {
	case item.Func != nil:
		cp.Func = c.fn(item.Func)
		cp.Func.Name, cp.Func.Stability = cp.Label, cp.Stability
	case item.Type != nil:
		cp.Type = c.def(item.Type)
		cp.Type.Name, cp.Type.Stability = cp.Label, cp.Stability
	}
	prior := set.add(&cp)
	switch {
	case prior == nil:
	case cp.Label == "":
		mergeStability(&prior.Stability, cp.Stability)
	default:
		c.r.errs.add(c.tree.Path.Name.Span, "world `"+c.from.Name+"` "+set.verb+"s `"+cp.Label+"`, and so does this one: rename it `with { "+
			cp.Label+" as … }`").note(prior.Pos, "the other `"+prior.Label+"`")
	}
}

// label returns what a label is renamed to, in the name of a resource's
// function the part that is the resource.
func (c *includer) label(label string) string {
	prefix, name, suffix := "", label, ""
	if end := strings.IndexByte(label, ']'); end >= 0 {
		prefix, name = label[:end+1], label[end+1:]
		if dot := strings.IndexByte(name, '.'); dot >= 0 {
			name, suffix = name[:dot], name[dot:]
		}
	}
	re := c.renames[name]
	if re == nil {
		return label
	}
	re.used = true
	return prefix + re.name.As.Text + suffix
}

// mergeStability gives an interface that comes from two worlds the gate of the
// one that has a gate; of two gates @since, which promises more.
func mergeStability(into *Stability, s Stability) {
	if *into == (Stability{}) || into.Feature != "" && s.Since != "" {
		*into = s
	}
}

// fn copies a function.
func (c *includer) fn(f *Func) *Func {
	cp := *f
	if f.Resource != nil {
		cp.Resource = c.def(f.Resource)
	}
	cp.Params = make([]Param, len(f.Params))
	for i, p := range f.Params {
		p.Type = c.typ(p.Type)
		cp.Params[i] = p
	}
	cp.Result = c.typ(f.Result)
	return &cp
}

// def copies a named type if it is the included world's own.
func (c *includer) def(d *TypeDef) *TypeDef {
	if d.Owner.World != c.from {
		return d
	}
	if cp := c.copies[d]; cp != nil {
		return cp
	}
	cp := *d
	c.copies[d] = &cp
	cp.Owner = c.owner
	cp.Name = c.label(d.Name)
	cp.Type = c.typ(d.Type)
	c.r.borrows[&cp] = c.r.borrows[d]
	return &cp
}

// typ copies a type, but what is not the included world's own.
func (c *includer) typ(t Type) Type {
	switch t := t.(type) {
	case *TypeDef:
		return c.def(t)
	case *Record:
		cp := &Record{Fields: append([]Field(nil), t.Fields...)}
		for i := range cp.Fields {
			cp.Fields[i].Type = c.typ(cp.Fields[i].Type)
		}
		return cp
	case *Variant:
		cp := &Variant{Cases: append([]Case(nil), t.Cases...)}
		for i := range cp.Cases {
			cp.Cases[i].Type = c.typ(cp.Cases[i].Type)
		}
		return cp
	case *Tuple:
		cp := &Tuple{Types: make([]Type, len(t.Types))}
		for i, e := range t.Types {
			cp.Types[i] = c.typ(e)
		}
		return cp
	case *Option:
		return &Option{Elem: c.typ(t.Elem)}
	case *Result:
		return &Result{OK: c.typ(t.OK), Err: c.typ(t.Err)}
	case *List:
		return &List{Elem: c.typ(t.Elem), Fixed: t.Fixed, Len: t.Len}
	case *Map:
		return &Map{Key: c.typ(t.Key), Value: c.typ(t.Value)}
	case *Stream:
		return &Stream{Elem: c.typ(t.Elem)}
	case *Future:
		return &Future{Elem: c.typ(t.Elem)}
	case *Handle:
		return &Handle{Borrow: t.Borrow, Resource: c.def(t.Resource)}
	case *Resource:
		return &Resource{}
	}
	return t
}
