package gen

import (
	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// resolve gives types to what an interface declares, now that every
// declaration has its name. Functions of a package that exists have some only
// where those of another version are made of them.
func (ty *typer) resolve(i *iface, versions bool) {
	for _, d := range i.decls {
		switch t := d.wit.Type.(type) {
		case *wit.Record:
			for k, f := range t.Fields {
				d.members[k].goType, d.members[k].holds = ty.declaredType(i, f.Type), ty.of(f.Type).holds()
			}
		case *wit.Variant:
			for k, c := range t.Cases {
				d.members[k].goType, d.members[k].holds = ty.declaredType(i, c.Type), ty.of(c.Type).holds()
			}
		case *wit.Enum, *wit.Flags, *wit.Resource:
		default:
			d.alias = ty.aliased(i, t)
		}
	}
	if i.pkg.exists() && !versions {
		return
	}
	for _, m := range i.funcs {
		ty.resolveMethod(i, m)
	}
}

// aliased returns the Go type of what an alias is for. That may be a resource,
// which is no type of values.
func (ty *typer) aliased(i *iface, t wit.Type) goType {
	if _, ok := wit.Underlying(t).(*wit.Resource); !ok {
		return *ty.declaredType(i, t)
	}
	g := ty.goType(t, false)
	i.use(ty, g)
	return g
}

// declaredType returns the Go type of a WIT type where an interface declares
// something of it, and notes the packages that takes; nil for no type.
func (ty *typer) declaredType(i *iface, t wit.Type) *goType {
	if t == nil {
		return nil
	}
	g := ty.goType(t, false)
	i.use(ty, g)
	i.useParts(ty, ty.of(t), map[*typ]bool{})
	return &g
}

// useParts notes the interfaces' packages that glue for a type refers to.
func (i *iface) useParts(ty *typer, t *typ, seen map[*typ]bool) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	i.use(ty, t.goType)
	for _, p := range t.parts {
		i.useParts(ty, p.typ, seen)
	}
}

// use notes the interfaces' packages that a Go type refers to.
func (i *iface) use(ty *typer, g goType) {
	for _, a := range g.args {
		i.use(ty, a)
	}
	if p, ok := ty.packages[g.pkg]; ok && p != i.pkg && !i.uses[p] {
		i.uses[p] = true
		i.imports = append(i.imports, p)
	}
}

func (ty *typer) resolveMethod(i *iface, m *method) {
	s := layout.Lower(m.wit, layout.Options{})
	m.handedInMemory = layout.TaskReturn(m.wit.Result).ResultSpills
	m.paramsSpill, m.paramsLayout = s.ParamsSpill, s.ParamLayout
	if m.resultSpills = s.ResultSpills; m.resultSpills {
		m.resultSlot = len(s.Params) - 1
	}
	for k, p := range m.wit.Params {
		q := param{goType: *ty.declaredType(i, p.Type), typ: ty.of(p.Type), offset: s.ParamOffsets[k]}
		if !s.ParamsSpill {
			q.slot = s.ParamSlots[k]
		}
		m.params = append(m.params, q)
		m.needs |= q.typ.needs
	}
	if m.wit.Result != nil {
		m.needs |= ty.of(m.wit.Result).needs
	}
	r, ok := wit.Underlying(m.wit.Result).(*wit.Result)
	if !ok {
		m.result, m.goResult = ty.of(m.wit.Result), ty.declaredType(i, m.wit.Result)
		return
	}
	m.goResult = ty.declaredType(i, r.OK)
	ty.declaredType(i, r.Err)
	var own *decl
	if d, ok := r.Err.(*wit.TypeDef); ok {
		if d := ty.decls[d.Root()]; d.isError && d.iface == i {
			own = d
		}
	}
	m.result = ty.outcome(r, sourceText(r, true), own)
}

// inGlue returns the names that glue gives to what is not a function that
// carries a type.
func (i *iface) inGlue() map[string]bool {
	names := map[string]bool{i.local + "Import": true, i.local + "Export": true}
	if i.own {
		names = map[string]bool{i.local + "Import": true, ownImports: true, ownExports: true, i.importFunc(): true, "p": true}
	}
	for _, d := range i.resources {
		names[d.client] = true
	}
	return names
}

// nameParams names the parameters of an interface's methods, for readers and
// for glue, which gives names of its own to many things.
func (i *iface) nameParams() {
	files := map[string]bool{"abi": true, "cm": true, "context": true, "ctx": true}
	for _, name := range i.names {
		files[name] = true
	}
	own := i.inGlue()
	for _, name := range i.glueNames {
		own[name] = true
	}
	inDocs := func(s string) bool { return reserved(s) || files[s] }
	inGlue := func(s string) bool { return inDocs(s) || glueNames[s] || own[s] }
	for _, m := range i.funcs {
		names := make([]string, len(m.params))
		for k, p := range m.wit.Params {
			names[k] = localName(p.Name)
		}
		docs, glue := locals(names, inDocs, "Arg"), locals(names, inGlue, "Arg")
		for k := range m.params {
			m.params[k].name, m.params[k].local = docs[k], glue[k]
		}
	}
	for _, m := range i.calls { // people read those in the glue
		for k := range m.params {
			m.params[k].name = m.params[k].local
		}
	}
}
