package gen

import (
	"maps"
	"slices"

	"github.com/witgen/witgen/wit"
	"github.com/witgen/witgen/wit/layout"
)

// plan is everything that is chosen before anything is printed.
type plan struct {
	source     string // the world, for headers
	interfaces []*iface
	world      *world
	types      *typer

	track string // the segment of its packages; empty for bindings of one version
	same  *same  // what is the newest version's too; nil for that one
}

// world is the package of a world.
type world struct {
	wit     *wit.World
	pkg     *goPackage
	name    string
	imports []slot
	exports []slot
	wasi    bool                  // it imports interfaces that the runtime implements
	own     *iface                // what stands in it directly; nil for nothing
	bridges []*bridge             // to older versions, the newest first
	names   map[*goPackage]string // of the interfaces' packages
}

// slot is an interface that a world imports or exports.
type slot struct {
	iface *iface
	field string // of the struct that holds it; empty if it has no functions
	label string // the world's own name for the interface; empty for none
	alias string // the variable that describes it by that name
	docs  wit.Docs

	optional bool    // components may lack the interface
	older    bool    // those of an older version lack it
	lacks    []*lack // functions of it that some lack
}

// iface is the package of an interface, or what stands directly in a world.
type iface struct {
	wit   *wit.Interface
	item  item
	id    string // as people name it
	link  string // as components import and export it
	own   bool   // it is a world's
	pkg   *goPackage
	name  string // of the Go interface
	local string // the same inside the package
	decls []*decl
	// resources are those of the declarations that are resources.
	resources []*decl
	funcs     []*method    // all functions, in the order of Interface
	methods   []*method    // those of the Go interface
	calls     []*method    // of funcs, those that the world exports by itself
	imports   []*goPackage // of interfaces whose types it uses
	uses      map[*goPackage]bool
	names     map[*goPackage]string // by which files refer to imports

	imported, exported bool
	exportedAsIs       bool // by its own name, so that others use its types

	glue      []glue
	glueNames map[glue]string
	bases     map[*typ]string // the part of the names of glue functions that is the type's
}

// declKind says what a declared type is.
type declKind uint8

const (
	aliasDecl declKind = iota
	recordDecl
	variantDecl
	enumDecl
	flagsDecl
	resourceDecl
)

var declKindNames = [...]string{"type", "record", "variant", "enum", "flags", "resource"}

// decl is a type that an interface declares.
type decl struct {
	wit     *wit.TypeDef
	kind    declKind
	pkg     *goPackage
	iface   *iface
	name    string
	members []member  // fields, cases or flags
	alias   goType    // of an alias
	isError bool      // a function of the interface fails with it
	size    uint32    // of an enum or flags in bytes
	methods []*method // of a resource
	index   int       // of a resource in Interface
	client  string    // the type of a resource that an instance exports
}

// member is a field, a case or a flag.
type member struct {
	name   string // Go name: of a case's type or constant, for cases and flags
	wit    string
	docs   wit.Docs
	goType *goType // nil where there is no value
	holds  bool    // what has no text
}

// method is a function of an interface.
type method struct {
	wit      *wit.Func
	name     string
	local    string  // the same inside the package
	resource *decl   // whose constructor, method or static function it is
	params   []param // of a method of a resource, self first

	needs    needs   // what keeps it from being called
	result   *typ    // nil for none
	goResult *goType // what it returns beside the error; nil for nothing

	paramsSpill  bool
	paramsLayout layout.Layout
	resultSpills bool
	resultSlot   int // where a lowered function gets the pointer for its result
	// handedInMemory says that the result of an async function is in memory when
	// a guest hands it over.
	handedInMemory bool
}

// param is a parameter of a method.
type param struct {
	name   string // in the interface
	local  string // in glue
	goType goType
	typ    *typ
	offset uint32 // in bytes, if the parameters spill
	slot   int    // among core values, if they do not
}

// used is what options have been good for, of several plans together.
type used struct{ rename, with map[string]bool }

// choose settles the plan of a world's bindings as far as it is names, if nothing
// is wrong.
func choose(w *wit.World, o Options, track string, used *used, errs *ErrorList) *plan {
	interfaces := reach(w)
	with := newExisting(w.Package.Name, o.With, errs)
	if !o.GenerateWASI {
		with.addWASI(w)
	}
	with.check(interfaces)
	check(errs, w, interfaces, with)
	p, n := nameAll(w, o, track, with, errs)
	maps.Copy(used.rename, n.used)
	for _, r := range with.rules {
		used.with[r.item] = used.with[r.item] || r.used
	}
	return p
}

// resolve gives all that is declared its types.
func (p *plan) resolve() {
	p.types = newTyper(p.all())
	for _, i := range p.all() {
		p.types.resolve(i, p.track != "")
	}
}

// all returns the interfaces, what stands in the world itself last.
func (p *plan) all() []*iface {
	if p.world.own == nil {
		return p.interfaces
	}
	return append(p.interfaces[:len(p.interfaces):len(p.interfaces)], p.world.own)
}

// planGlue settles the glue.
func (p *plan) planGlue() {
	for _, i := range p.all() {
		if i.pkg.exists() {
			if p.track != "" {
				i.nameParams()
			}
			continue
		}
		i.names = importNames(i.imports, glueName)
		if i.own {
			p.world.nameImports()
		}
		i.planGlue()
		i.nameParams()
	}
}

// nameAll returns the plan of a world's bindings as far as it is names.
func nameAll(w *wit.World, o Options, track string, with *existing, errs *ErrorList) (*plan, *namer) {
	interfaces := reach(w)
	rename, preset := with.renames(o.Rename, interfaces)
	n := newNamer(w.Package.Name, rename, errs)
	for _, path := range preset {
		n.used[path] = true
	}
	places := newPlacer(n, o.PackageRoot, track, with, interfaces)
	p := &plan{source: w.ID(), track: track}
	byWIT := make(map[*wit.Interface]*iface)
	inline := newInliner(n, places, w, o.Package)
	for _, i := range interfaces {
		if i.Name == "" {
			byWIT[i] = inline.name(i)
		} else {
			byWIT[i] = nameInterface(n, places, i)
		}
		p.interfaces = append(p.interfaces, byWIT[i])
	}
	p.world = nameWorld(n, places, w, o, byWIT)
	p.world.leaveToRuntime(with)
	return p, n
}

// reach returns the interfaces of a world and those whose types they use, each
// once: imports first.
func reach(w *wit.World) []*wit.Interface {
	var list []*wit.Interface
	seen := make(map[*wit.Interface]bool)
	var visit func(i *wit.Interface)
	visit = func(i *wit.Interface) {
		if seen[i] {
			return
		}
		seen[i] = true
		for _, t := range i.Types {
			if d, ok := t.Type.(*wit.TypeDef); ok && d.Owner.Interface != nil {
				visit(d.Owner.Interface)
			}
		}
		list = append(list, i)
	}
	for _, item := range slices.Concat(w.Imports, w.Exports) {
		if item.Interface != nil {
			visit(item.Interface)
		}
	}
	return list
}

// glueNames are those that files of an interface's package give a meaning.
var glueNames = wordSet(`
	abi cm context errors fmt math rt
	c ctx e err failed flat i m n ok params ptr ret v verr x`)

// glueName reports whether a name means something else in glue.
func glueName(name string) bool { return reserved(name) || glueNames[name] || len(name) == 1 }

var worldNames = wordSet(`abi component config context ctx err errors imports in linked p rt`)

// worldName reports whether a name means something else in a world's package.
func worldName(name string) bool { return reserved(name) || worldNames[name] }
