package rt

import (
	"errors"
	"maps"
	"slices"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/near"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/wit"
)

// Verdict says how an import or an export fits.
type Verdict string

// The verdicts.
const (
	Matched   Verdict = "matched"
	Missing   Verdict = "missing"    // from the side that has to have it
	WrongType Verdict = "wrong type" // of what is there, or of something in it
	Absent    Verdict = "absent"     // an optional export that the component lacks
	Extra     Verdict = "extra"      // an export that the world does not have
)

// Fit is how a component fits what a host has, import by import and export by
// export: see [Component.Fit]. It belongs to the caller.
type Fit struct {
	World   string
	Imports []FitItem // in the component's order
	Exports []FitItem // in the world's order; then what the component exports beside that
	// Err is what Link says or, if the component links, what Instantiate would of
	// its imports. It is a [*LinkError], or nil for a component that fits.
	Err error
}

// FitItem is an interface, a function, a resource type or a core module.
type FitItem struct {
	// Name of an import is the component's for it, with the whole version; that of
	// an export is the world's. It is cut if it is long.
	Name    string
	Verdict Verdict
	// With is what stands for it on the other side, where that may go by another
	// name: the interface of the version that is taken. Beside says that the host
	// has that beside the world.
	With   string
	Beside bool
	// Versions are those of the interface that the other side has, the least first,
	// and Near is the name there that is most like it, where it is missing.
	Versions []string
	Near     string
	// Guest and Host are the types of a function, as WIT: both if they differ, as
	// those of a [Misfit], and that of the side which has it if it is missing.
	Guest, Host string
	// Items are what is in an interface: of an import what the component imports of
	// it, and of an export what either side has.
	Items []FitItem
}

// Fit says how a component fits a world and what an instance would be given
// beside it: the Imports, Host and Stubs of config. What it says is what Link and
// Instantiate do, which make the very comparisons. No code of the component runs,
// and what imports are implemented by is not looked at.
func (c *Component) Fit(w World, config InstanceConfig) *Fit {
	w = c.chosen(w)
	f := &Fit{World: w.Name}
	l, err := c.Link(w)
	if err == nil {
		_, err = l.bind(hollow(w), config)
	}
	f.Err = err
	// Both can only be told of what has a link, be it one that does not fit.
	b := &binder{
		linked: &Linked{component: c, world: w, offered: namesOfInterfaces(c.engine.versions, w.Imports)},
		world:  hollow(w), beside: config.Imports, stubs: config.Stubs, hosts: hostsOf(c.engine.versions, config.Host),
	}
	if !b.whole("import beside the world", config.Imports) {
		f.Err = errors.Join(f.Err, &b.err)
		return f
	}
	b.names = namesOfImports(c.engine.versions, config.Imports)
	f.Imports = b.fitImports()
	f.Exports = c.fitExports(w)
	return f
}

// hollow returns imports of a world that nothing is behind.
func hollow(w World) []Import {
	all := make([]Import, len(w.Imports))
	for i, x := range w.Imports {
		all[i] = Import{Interface: x, Funcs: make([]abi.HostFunc, len(x.Funcs)), Resources: make([]*ResourceType, len(x.Resources))}
		for j, name := range x.Resources {
			all[i].Resources[j] = NewResourceType(name, nil)
		}
	}
	return all
}

// fitImports says how the imports fit.
func (b *binder) fitImports() []FitItem {
	c := b.linked.component
	b.out.resources = make([]*ResourceType, len(c.plan.Resources))
	var all []FitItem
	index := make(map[string]int)
	for _, e := range c.typ.Imports {
		if e.Instance == nil {
			continue
		}
		index[e.Name] = len(all)
		all = append(all, b.fitInterface(plan.Place{Interface: e.Name, Suffix: e.Suffix, Implements: e.Implements}))
	}
	add := func(p plan.Place, it FitItem) {
		it.Name = clip(p.Name)
		if p.Interface == "" {
			all = append(all, it)
			return
		}
		for _, name := range slices.Backward(p.Inside) {
			it.Name = clip(name) + "#" + it.Name
		}
		x := &all[index[p.Interface]]
		x.Items = append(x.Items, it)
	}
	for i, r := range c.plan.Resources {
		if r.Import != nil {
			b.out.resources[i] = b.offeredResource(*r.Import)
			add(*r.Import, FitItem{Verdict: b.had(b.out.resources[i] != nil)})
		}
	}
	for _, s := range c.plan.Same {
		if t := b.offeredResource(s.Place); t != nil && t != b.out.resources[s.Resource] {
			add(s.Place, FitItem{Verdict: WrongType})
		}
	}
	for i := range c.plan.Modules {
		add(c.plan.Modules[i].Place, FitItem{Verdict: b.fitModule(i)})
	}
	for i := range c.plan.Imports {
		add(c.plan.Imports[i].Place, b.fitFunction(i))
	}
	for i := range all {
		all[i].conclude()
	}
	return all
}

// had is the verdict on what is there or not, where stubs may stand for it.
func (b *binder) had(ok bool) Verdict {
	if ok || b.stubs {
		return Matched
	}
	return Missing
}

// fitInterface says what stands for an interface.
func (b *binder) fitInterface(p plan.Place) FitItem {
	it := FitItem{Name: clip(p.Interface + p.Suffix), Verdict: Matched}
	if n, ok := b.linked.offered.of(p); ok {
		it.With = b.world[n].Interface.Name
	} else if n, ok := b.names.of(p); ok {
		it.With, it.Beside = b.beside[n].Interface.Name, true
	} else if name, host := b.hosts.lookup(p); host != nil {
		it.With, it.Beside = name, true
	} else {
		it.Versions = versionsOf(it.Name, b.known(p)...)
	}
	return it
}

// conclude settles the verdict on an interface by what is in it. One that nobody
// has is missing if anything of it is.
func (it *FitItem) conclude() {
	for _, x := range it.Items {
		switch {
		case x.Verdict == Missing && it.With == "":
			it.Verdict = Missing
		case (x.Verdict == Missing || x.Verdict == WrongType) && it.Verdict == Matched:
			it.Verdict = WrongType
		}
	}
}

// fitModule is the verdict on a core module.
func (b *binder) fitModule(i int) Verdict {
	im := &b.linked.component.plan.Modules[i]
	_, host := b.hosts.lookup(im.Place)
	if host == nil || host.Modules[im.Name] == nil {
		return Missing
	}
	if host.Modules[im.Name].typ.Fits(im.Type) != nil {
		return WrongType
	}
	return Matched
}

// fitFunction says how function i of those that the component imports fits.
func (b *binder) fitFunction(i int) FitItem {
	c := b.linked.component
	im := &c.plan.Imports[i]
	if n, ok := b.linked.offered.of(im.Place); ok {
		return c.fitWith(i, b.world[n].Interface)
	}
	if n, ok := b.names.of(im.Place); ok {
		return c.fitWith(i, b.beside[n].Interface)
	}
	it := FitItem{Verdict: Missing, Guest: clip(c.importText(i))}
	_, host := b.hosts.lookup(im.Place)
	if host == nil {
		it.Verdict = b.had(false)
		return it
	}
	fn := host.Funcs[im.Name]
	switch {
	case fn.Call == nil:
		it.Verdict, it.Near = b.had(false), near.Name(im.Name, slices.Sorted(maps.Keys(host.Funcs)))
	case c.compare(i, fn) != "":
		it.Verdict, it.Host = WrongType, clip(wit.FuncText(fn.Type))
	default:
		it = FitItem{Verdict: Matched}
	}
	return it
}

// fitWith says how function i of those that the component imports fits an
// interface.
func (c *Component) fitWith(i int, x *abi.Interface) FitItem {
	if _, problem := c.fits(i, x); problem == "" {
		return FitItem{Verdict: Matched}
	}
	it := FitItem{Verdict: Missing, Guest: clip(c.importText(i))}
	known := make([]string, len(x.Funcs))
	for j, f := range x.Funcs {
		known[j] = f.Name
		if f.Name == c.plan.Imports[i].Name {
			it.Verdict, it.Host = WrongType, f.Type
			return it
		}
	}
	it.Near = near.Name(c.plan.Imports[i].Name, known)
	return it
}
