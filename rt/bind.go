package rt

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/wit"
)

// bindings is what the imports of an instance are bound to.
type bindings struct {
	funcs     []boundFunc     // by plan.Imports
	resources []*ResourceType // by plan.Resources; nil for those of the component
	modules   []*Module       // by plan.Modules
}

// boundFunc is a host function: one of the two.
type boundFunc struct {
	compiled abi.HostFunc
	under    *abi.Interface // whose function that is
	dynamic  HostFunc
	iface    string // the interface as the host calls it; empty for the world's own
	stub     bool   // it stands for what the host does not have
}

// binder binds a component's imports.
type binder struct {
	linked *Linked
	world  []Import
	beside []Import
	names  names // of beside
	hosts  hosts
	stubs  bool
	hinted bool // at WASI
	out    bindings
	err    LinkError
}

// bind finds what stands for each import of the component: among the world's
// interfaces, which Link has looked at, and only if none of them stands for its
// name, beside them. The error is a [*LinkError].
func (l *Linked) bind(world []Import, config InstanceConfig) (*bindings, error) {
	b := &binder{linked: l, world: world, beside: config.Imports, stubs: config.Stubs, err: LinkError{World: l.world.Name}}
	b.given(world)
	if len(config.Imports) > 0 {
		b.whole("import beside the world", config.Imports)
		if len(b.err.Problems) == 0 {
			b.names = namesOfImports(b.linked.component.engine.versions, config.Imports)
		}
	}
	if len(b.err.Problems) > 0 {
		return nil, &b.err
	}
	b.hosts = hostsOf(b.linked.component.engine.versions, config.Host)
	p := l.component.plan
	b.out.resources = make([]*ResourceType, len(p.Resources))
	for i := range p.Resources {
		if place := p.Resources[i].Import; place != nil {
			b.resource(i, *place)
		}
	}
	for _, same := range p.Same {
		b.same(same)
	}
	b.kinds()
	b.out.modules = make([]*Module, len(p.Modules))
	for i := range p.Modules {
		b.module(i)
	}
	b.out.funcs = make([]boundFunc, len(p.Imports))
	for i := range p.Imports {
		b.function(i)
	}
	b.err.add(l.late.Problems...)
	b.err.Misfits, b.err.More = append(b.err.Misfits, l.late.Misfits...), b.err.More+l.late.More
	if len(b.err.Problems) > 0 {
		return nil, &b.err
	}
	return &b.out, nil
}

// given checks that the imports of the world are those that it was linked with.
func (b *binder) given(world []Import) {
	if !b.whole("import of the world", world) {
		return
	}
	for i, x := range b.linked.world.Imports {
		if i >= len(world) || world[i].Interface != x {
			b.err.add(fmt.Sprintf("import of the world %d: want that of %q", i, x.Name))
		}
	}
}

// whole checks that imports have all their parts.
func (b *binder) whole(what string, imports []Import) bool {
	for i, im := range imports {
		switch {
		case im.Interface == nil:
			b.err.add(fmt.Sprintf("%s %d has no Interface", what, i))
		case len(im.Funcs) != len(im.Interface.Funcs):
			b.err.add(fmt.Sprintf("%s %d %q: %d functions for %d", what, i, im.Interface.Name, len(im.Funcs), len(im.Interface.Funcs)))
		case len(im.Resources) != len(im.Interface.Resources):
			b.err.add(fmt.Sprintf("%s %d %q: %d resource types for %d", what, i, im.Interface.Name, len(im.Resources), len(im.Interface.Resources)))
		}
	}
	return len(b.err.Problems) == 0
}

func namesOfImports(m wit.Matching, list []Import) names {
	all := make([]string, len(list))
	for i, im := range list {
		all[i] = im.Interface.Name
	}
	return names{wit.NewNames(m, all)}
}

// answers sets a function of an import.
func (b *boundFunc) answers(im Import, fn int) {
	b.compiled, b.under, b.iface = im.Funcs[fn], im.Interface, im.Interface.Name
}

// function binds import i of the component.
func (b *binder) function(i int) {
	c := b.linked.component
	im := &c.plan.Imports[i]
	if w := b.linked.imports[i]; w.iface >= 0 && w.fn == unfit {
		return // which Link says of a draft
	} else if w.iface >= 0 {
		b.out.funcs[i].answers(b.world[w.iface], w.fn)
		return
	}
	if n, ok := b.names.of(im.Place); ok {
		fn, problem := c.fits(i, b.beside[n].Interface)
		if problem == "" {
			b.out.funcs[i].answers(b.beside[n], fn)
		}
		if problem != "" {
			b.err.add(problem)
			b.err.misfit(c.misfitOf(i, b.beside[n].Interface))
		}
		return
	}
	name, host := b.hosts.lookup(im.Place)
	var fn HostFunc
	if host != nil {
		fn = host.Funcs[im.Name]
	}
	switch {
	case fn.Call != nil:
		b.out.funcs[i].dynamic, b.out.funcs[i].iface = fn, name
		if problem := c.compare(i, fn); problem != "" {
			b.err.add(problem)
			b.err.misfit(Misfit{Kind: OtherType, Interface: im.Path(), Name: clip(im.Name), Guest: clip(c.importText(i)), Host: clip(wit.FuncText(fn.Type))})
		}
	case b.stubs:
		b.out.funcs[i].dynamic, b.out.funcs[i].iface, b.out.funcs[i].stub = stub, im.Interface, true
	case host == nil && im.Interface != "":
		b.err.add(importText(i, im) + ": host does not offer the interface" + but(versionsOf(im.Interface, b.known(im.Place)...)) + b.wasiHint(im.Interface))
		b.err.misfit(b.lacking(im.Place))
	default:
		var known []string
		if host != nil {
			known = slices.Sorted(maps.Keys(host.Funcs))
		}
		b.err.add(fmt.Sprintf("%s: host does not have it%s, component wants %s", importText(i, im), meant(im.Name, known), clip(c.importText(i))))
		b.err.misfit(b.lacking(im.Place))
	}
}

// wasiHint says once where hosts have what components import of WASI.
func (b *binder) wasiHint(name string) string {
	if b.hinted || !strings.HasPrefix(name, "wasi:") || !strings.HasSuffix(wit.InTrack(name), "@0.2") {
		return ""
	}
	b.hinted = true
	return "; wasi.Imports of package rt/wasi, in InstanceConfig.Imports, is WASI"
}

// compare says how the type of a host function differs from that of import i.
func (c *Component) compare(i int, fn HostFunc) string {
	if fn.Type == nil {
		return ""
	}
	have, want := wit.FuncText(fn.Type), c.importText(i)
	if c.same(have, want) {
		return ""
	}
	return fmt.Sprintf("%s: host has %s, component wants %s", importText(i, &c.plan.Imports[i]), clip(have), clip(want))
}

// resource binds a resource type that the component imports.
func (b *binder) resource(i int, p plan.Place) {
	t := b.offeredResource(p)
	if t == nil && b.stubs {
		t = NewResourceType(cmp.Or(p.Text(), "stub"), nil)
	}
	if t == nil {
		b.err.add(placeText("import", "resource", p) + ": host does not have it")
		b.err.misfit(b.lacking(p))
		return
	}
	b.out.resources[i] = t
}

// offeredResource returns the resource type that the host has at a place, or nil.
func (b *binder) offeredResource(p plan.Place) *ResourceType {
	if n, ok := b.linked.offered.of(p); ok {
		return resourceOf(b.world[n], p.Name)
	}
	if n, ok := b.names.of(p); ok {
		return resourceOf(b.beside[n], p.Name)
	}
	if _, host := b.hosts.lookup(p); host != nil {
		return host.Resources[p.Name]
	}
	return nil
}

// same checks that a resource type which has to be one of the others is, if the
// host has it.
func (b *binder) same(s plan.SameResource) {
	if t := b.offeredResource(s.Place); t != nil && t != b.out.resources[s.Resource] {
		b.err.add(fmt.Sprintf("%s: the component wants it to be the type %q, the host has another", placeText("import", "resource", s.Place),
			b.linked.component.plan.Resources[s.Resource].Name))
		b.err.misfit(Misfit{Kind: OtherType, Interface: s.Place.Path(), Name: clip(s.Place.Name)})
	}
}

// kinds checks that what the world itself imports as instances is not something
// else of that name: they may be empty, so that nothing else of them is looked at.
func (b *binder) kinds() {
	_, root := b.hosts.lookup(plan.Place{})
	if root == nil {
		return
	}
	for _, im := range b.linked.component.typ.Imports {
		_, ok := root.Funcs[im.Name]
		if !ok || im.Instance == nil {
			continue
		}
		if _, host := b.hosts.lookup(plan.Place{Interface: im.Name, Suffix: im.Suffix, Implements: im.Implements}); host == nil {
			b.err.add(fmt.Sprintf("import %q: component wants an instance, host has a function", im.Name))
			b.err.misfit(Misfit{Kind: OtherType, Interface: clip(im.Name)})
		}
	}
}

// resourceOf returns the resource type of that name of an import, or nil.
func resourceOf(im Import, name string) *ResourceType {
	if i := slices.Index(im.Interface.Resources, name); i >= 0 {
		return im.Resources[i]
	}
	return nil
}

// module binds a core module that the component imports.
func (b *binder) module(i int) {
	im := &b.linked.component.plan.Modules[i]
	var m *Module
	if _, host := b.hosts.lookup(im.Place); host != nil {
		m = host.Modules[im.Name]
	}
	if m == nil {
		b.err.add(placeText("import", "core module", im.Place) + ": host does not have it")
		b.err.misfit(b.lacking(im.Place))
		return
	}
	if err := m.typ.Fits(im.Type); err != nil {
		b.err.add(fmt.Sprintf("%s: %v", placeText("import", "core module", im.Place), err))
		b.err.misfit(Misfit{Kind: OtherType, Interface: im.Place.Path(), Name: clip(im.Place.Name)})
	}
	b.out.modules[i] = m
}
