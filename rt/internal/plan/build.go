package plan

import (
	"fmt"
	"strconv"
	"unsafe"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/types"
	"github.com/witgen/witgen/wit"
)

// Limits of a plan. Instantiation repeats what a component holds, so they are
// about what is walked, not about what the file says.
const (
	maxInstances = 1000      // component instances, and core instances
	maxDepth     = 100       // of nested components
	maxSteps     = 100_000   // definitions of components, each time they are walked
	maxNames     = 1_000_000 // imports and exports of core instances
	maxCode      = 512 << 20 // bytes of core modules, once for each image
)

// Build makes the plan of a checked component. It fails for what the runtime
// does not run: the error names it and its byte offset.
func Build(c *types.Component) (*Plan, error) {
	b := &builder{
		plan: &Plan{}, images: make(map[string]int), slots: make(map[slotKey]int),
		imported: make(map[*wit.TypeDef]int), relays: make(map[int]int),
	}
	args := make(map[string]item)
	for _, im := range c.Type.Imports {
		it, err := b.hostItem(Place{}, im)
		if err != nil {
			return nil, err
		}
		args[im.Name] = it
	}
	root, err := b.instantiate(c, nil, args, -1, 0)
	if err != nil {
		return nil, err
	}
	if b.plan.Exports, err = b.exports("", root.def.Type.Exports, root.exports, root.types); err != nil {
		return nil, err
	}
	b.plan.Types = root.types
	used := make(map[*byte]bool)
	for _, im := range b.plan.Images {
		used[unsafe.SliceData(im.Module)] = true
	}
	b.unused(c.Tree, used)
	b.plan.Alone = b.plan.alone()
	return b.plan, nil
}

// alone returns the only component instance with functions, or -1. The shells
// that toolchains put around exports have none.
func (p *Plan) alone() int {
	only := -1
	for _, o := range p.Options {
		if only >= 0 && o.Instance != only {
			return -1
		}
		only = o.Instance
	}
	for _, f := range p.Provided {
		if f.Instance != only || f.Op == Builtin {
			return -1
		}
	}
	for _, r := range p.Resources {
		if r.Import == nil && r.Instance != only {
			return -1
		}
	}
	return only
}

// unused notes the core modules, of inner components too, that no image is of.
func (b *builder) unused(c *binary.Component, used map[*byte]bool) {
	for _, d := range c.Defs {
		switch d := d.(type) {
		case *binary.Nested:
			b.unused(d.Component, used)
		case *binary.CoreModule:
			if used[unsafe.SliceData(d.Bytes)] {
				continue
			}
			names := make([]core.Binding, len(d.Module.Imports))
			for i := range names {
				names[i] = core.Binding{Module: strconv.Itoa(i), Name: "unused"}
			}
			b.plan.Unused = append(b.plan.Unused, Image{d.Bytes, -1, names})
		}
	}
}

// builder holds the plan so far.
type builder struct {
	plan      *Plan
	instances int                  // core instances so far
	images    map[string]int       // by module and names
	slots     map[slotKey]int      // memory and realloc slots by what they hold
	imported  map[*wit.TypeDef]int // of Plan.Resources
	relays    map[int]int          // by plan.Imports: lifts of those that are exported as they are

	steps, names, code int // so far
}

type slotKey struct {
	from    CoreDef
	realloc bool
}

// An item is what a component-level index stands for; exactly one field is
// set, but that a type other than a resource is none.
type item struct {
	fn       *function
	instance instance
	comp     *component
	module   *module
	resource *int // of Plan.Resources
}

// function is a lifted function, or an import of the host when imported.
type function struct {
	imported bool
	idx      int // of Plan.Lifts or Plan.Imports
}

// instance is what a component instance exports.
type instance map[string]item

// component is a component definition with the frame around it.
type component struct {
	def    *types.Component
	around *frame
}

// module is a core module: one inside the component, or an import of the host.
type module struct {
	typ   *types.Module
	bytes []byte
	idx   int // of Plan.Modules; -1 for one inside the component
}

// coreInstance is what a core instance exports.
type coreInstance map[string]CoreDef

// frame is a component being instantiated: what each index stands for.
type frame struct {
	b      *builder
	def    *types.Component
	around *frame
	args   map[string]item
	types  ResourceTypes
	number int // of the component instance
	depth  int

	nested    int // of def.Nested, so far
	core      map[binary.CoreSort][]CoreDef
	coreInsts []coreInstance
	funcs     []*function
	instances []instance
	comps     []*component
	modules   []*module
	resources []*int // the type index space; nil but for resources
	exports   instance
	learned   map[*types.Instance]bool
}

func errorf(at int, format string, args ...any) error {
	return &types.Error{Offset: at, Msg: fmt.Sprintf(format, args...)}
}

// instantiate walks a component's definitions and returns its exports.
func (b *builder) instantiate(c *types.Component, around *frame, args map[string]item, parent, depth int) (*frame, error) {
	at := c.Tree.Offset
	if len(b.plan.Parents) == maxInstances {
		return nil, errorf(at, "component has more than %d component instances", maxInstances)
	}
	if depth > maxDepth {
		return nil, errorf(at, "components nest more than %d deep", maxDepth)
	}
	f := &frame{
		b: b, def: c, around: around, args: args, number: len(b.plan.Parents), depth: depth,
		core: make(map[binary.CoreSort][]CoreDef), exports: make(instance), types: make(ResourceTypes), learned: make(map[*types.Instance]bool),
	}
	b.plan.Parents = append(b.plan.Parents, parent)
	if b.steps += len(c.Tree.Defs); b.steps > maxSteps {
		return nil, errorf(at, "component has more than %d definitions, counted at each instantiation", maxSteps)
	}
	for _, d := range c.Tree.Defs {
		if err := f.definition(d); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *frame) definition(d binary.Def) error {
	switch d := d.(type) {
	case *binary.CoreModule:
		f.modules = append(f.modules, &module{f.def.Modules[len(f.modules)], d.Bytes, -1})
	case *binary.Nested:
		f.comps = append(f.comps, &component{f.def.Nested[f.nested], f})
		f.nested++
	case *binary.CoreInstance:
		return f.coreInstance(d)
	case *binary.Instance:
		return f.instance(d)
	case *binary.Alias:
		f.alias(d)
	case *binary.Type:
		f.add(binary.SortType, f.typeDef(d))
	case *binary.Canon:
		return f.canon(d)
	case *binary.Import:
		f.add(d.Type.Sort, f.args[d.Name.Name])
	case *binary.Export:
		it := f.ref(d.Ref)
		f.exports[d.Name.Name] = it
		f.add(d.Ref.Sort, it)
	}
	return nil
}

// typeDef returns the item of a type definition: a new resource, or none.
func (f *frame) typeDef(d *binary.Type) item {
	t, ok := d.Type.(*binary.ResourceType)
	if !ok {
		return item{}
	}
	p := f.b.plan
	r := Resource{Instance: f.number}
	if def := types.Resource(f.def.Types[len(f.resources)]); def != nil {
		r.Name = def.Name
	}
	if t.Dtor != nil {
		dtor := f.core[binary.CoreFunc][*t.Dtor]
		r.Dtor = &dtor
	}
	p.Resources = append(p.Resources, r)
	idx := len(p.Resources) - 1
	return item{resource: &idx}
}

// add puts an item into the index space of its sort, and notes what the
// resource types that come with it stand for.
func (f *frame) add(sort binary.Sort, it item) {
	switch sort {
	case binary.SortFunc:
		f.funcs = append(f.funcs, it.fn)
	case binary.SortInstance:
		f.learn(f.def.Insts[len(f.instances)], it.instance)
		f.instances = append(f.instances, it.instance)
	case binary.SortComponent:
		f.comps = append(f.comps, it.comp)
	case binary.SortCore:
		f.modules = append(f.modules, it.module)
	case binary.SortType:
		if t := types.Resource(f.def.Types[len(f.resources)]); t != nil && it.resource != nil {
			f.types[t] = *it.resource
		}
		f.resources = append(f.resources, it.resource)
	}
}

// learn notes the resource types that an instance exports, once for each type
// of instance: its resource types are its own.
func (f *frame) learn(t *types.Instance, in instance) {
	if f.learned[t] {
		return
	}
	f.learned[t] = true
	for _, e := range t.Exports {
		it := in[e.Name]
		if r := types.Resource(e.Type); r != nil && it.resource != nil {
			f.types[r] = *it.resource
		}
		if e.Instance != nil {
			f.learn(e.Instance, it.instance)
		}
	}
}

// ref returns the item that a checked reference stands for.
func (f *frame) ref(r binary.Ref) item {
	switch r.Sort {
	case binary.SortFunc:
		return item{fn: f.funcs[r.Idx]}
	case binary.SortInstance:
		return item{instance: f.instances[r.Idx]}
	case binary.SortComponent:
		return item{comp: f.comps[r.Idx]}
	case binary.SortCore:
		return item{module: f.modules[r.Idx]}
	case binary.SortType:
		return item{resource: f.resources[r.Idx]}
	}
	return item{}
}

func (f *frame) alias(d *binary.Alias) {
	switch d.Kind {
	case binary.AliasExport:
		f.add(d.Sort, f.instances[d.Instance][d.Name])
	case binary.AliasCoreExport:
		f.core[d.Core] = append(f.core[d.Core], f.coreInsts[d.Instance][d.Name])
	case binary.AliasOuter:
		from := f
		for range d.Count {
			from = from.around
		}
		if d.Sort != binary.SortCore || d.Core == binary.CoreModSort {
			f.add(d.Sort, from.ref(binary.Ref{Sort: d.Sort, Core: d.Core, Idx: d.Idx}))
		}
	}
}

func (f *frame) instance(d *binary.Instance) error {
	if !d.Instantiate {
		in := make(instance, len(d.Exports))
		for _, e := range d.Exports {
			in[e.Name.Name] = f.ref(e.Ref)
		}
		f.add(binary.SortInstance, item{instance: in})
		return nil
	}
	args := make(map[string]item, len(d.Args))
	for _, a := range d.Args {
		args[a.Name] = f.ref(a.Ref)
	}
	c := f.comps[d.Component]
	inner, err := f.b.instantiate(c.def, c.around, args, f.number, f.depth+1)
	if err != nil {
		return err
	}
	f.add(binary.SortInstance, item{instance: inner.exports})
	return nil
}

func (f *frame) coreInstance(d *binary.CoreInstance) error {
	if !d.Instantiate {
		in := make(coreInstance, len(d.Exports))
		for _, e := range d.Exports {
			in[e.Name] = f.core[e.Sort][e.Idx]
		}
		f.coreInsts = append(f.coreInsts, in)
		return nil
	}
	if f.b.instances == maxInstances {
		return errorf(d.Pos(), "component has more than %d core instances", maxInstances)
	}
	args := make(map[string]coreInstance, len(d.Args))
	for _, a := range d.Args {
		args[a.Name] = f.coreInsts[a.Instance]
	}
	m := f.modules[d.Module]
	if f.b.names += len(m.typ.Imports) + len(m.typ.Exports); f.b.names > maxNames {
		return errorf(d.Pos(), "core instances have more than %d imports and exports", maxNames)
	}
	step := InstantiateModule{}
	names := make([]core.Binding, len(m.typ.Imports))
	for i, im := range m.typ.Imports {
		def := args[im.Module][im.Name]
		step.Args = append(step.Args, def)
		// One module name an import, so that each is bound on its own; the
		// field is what the export is called where it is.
		names[i] = core.Binding{Module: strconv.Itoa(i), Name: def.Name}
	}
	if step.Image = f.b.image(m, names); f.b.code > maxCode {
		return errorf(d.Pos(), "core modules of more than %d bytes to compile", maxCode)
	}
	f.b.plan.Steps = append(f.b.plan.Steps, step)
	in := make(coreInstance, len(m.typ.Exports))
	for _, e := range m.typ.Exports {
		in[e.Name] = CoreDef{Instance: f.b.instances, Name: e.Name}
	}
	f.b.instances++
	f.coreInsts = append(f.coreInsts, in)
	return nil
}

// ProvidedName is the name by which images import a provided function.
func ProvidedName(i int) string { return "provided" + strconv.Itoa(i) }

// image returns the index of a module under these names.
func (b *builder) image(m *module, names []core.Binding) int {
	key := fmt.Sprintf("%d %p %d %q", m.idx, unsafe.SliceData(m.bytes), len(m.bytes), names)
	if i, ok := b.images[key]; ok {
		return i
	}
	b.code += len(m.bytes)
	b.plan.Images = append(b.plan.Images, Image{m.bytes, m.idx, names})
	b.images[key] = len(b.plan.Images) - 1
	return b.images[key]
}
