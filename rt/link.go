package rt

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/near"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/wit"
)

// Import is a host's implementation of an interface, as generated packages
// make it: Funcs holds an answer for each function of Interface, and Resources a
// type for each of its resources, in its order.
//
// Open and Close, where they are not nil, are for imports that have something of
// their own for each instance. Open is called before an instance starts, which
// fails with its error. Close is called when an instance whose Open did not
// fail ends or does not start, before the resources that it still owns are
// closed; its error is in that of [Instance.Close].
//
// Stderr, if it is not nil, is asked when the guest was stopped, before anything
// else runs in the instance, for the last of what the guest wrote to its
// standard error: that is [Trap.Stderr].
type Import struct {
	Interface *abi.Interface
	Funcs     []abi.HostFunc
	Resources []*ResourceType

	Open, Close func(ctx context.Context) error
	Stderr      func() string
}

// As returns the import for a component that knows the interface by another
// name: x is [abi.Interface.As] of its description. Its resources are of other
// types than those under any other name.
func (im Import) As(x *abi.Interface) Import {
	im.Interface, im.Resources = x, slices.Clone(im.Resources)
	for i, t := range im.Resources {
		im.Resources[i] = x.Type(t)
	}
	return im
}

// Linked is a component that fits a world. It may be shared between goroutines.
type Linked struct {
	component *Component
	world     World
	offered   names     // the world's imports
	imports   []at      // by import of the component: where the world has it
	exports   [][]int   // by world export and function: index in plan.Lifts, or absent
	resources [][]int   // by world export and resource: index in plan.Resources, or absent
	lacking   []bool    // by world export: the component does not have it
	late      LinkError // of a draft, which is told with those of its other imports
}

// at is where an offered function is: which interface, which function of it.
// The interface is -1 for what is not offered, the function that of none that fits.
type at struct{ iface, fn int }

// Link compares a component with a world: it must export what the world does,
// but for what is optional, and what it imports of the world must be as the world has it. Interfaces are
// found by their exact names, or else in the same compatibility track: a host
// with 1.2.0 serves a component built for 1.1.0 or 1.3.0, as far as functions
// are there. Functions are compared by their canonical type text, and those that the
// component exports by whose the resources are that they pass, its own or the host's.
// The error is a [*LinkError] that names every misfit.
//
// What the component imports beside the world is looked at when an instance
// is made, since it is then that it is given.
func (c *Component) Link(w World) (*Linked, error) {
	l := &Linked{component: c, world: w, offered: namesOfInterfaces(c.engine.versions, w.Imports), imports: make([]at, len(c.plan.Imports))}
	e := &LinkError{World: w.Name}
	for i := range c.plan.Imports {
		l.imports[i] = at{iface: -1}
		n, ok := l.offered.of(c.plan.Imports[i].Place)
		if !ok {
			continue
		}
		fn, problem := c.fits(i, w.Imports[n])
		l.imports[i] = at{n, fn}
		if problem != "" {
			l.imports[i].fn = unfit
			e.add(problem)
			e.misfit(c.misfitOf(i, w.Imports[n]))
		}
	}
	may, own := c.mayLack(w), c.owners(w)
	e.add(may.unknown...)
	for _, x := range w.Exports {
		lacking := may.interfaceLacks(x)
		l.lacking = append(l.lacking, lacking)
		if lacking {
			l.exports, l.resources = append(l.exports, slices.Repeat([]int{absent}, len(x.Funcs))), append(l.resources, nil)
			continue
		}
		lifts, resources, wrong := c.exported(x, may, own)
		l.exports, l.resources = append(l.exports, lifts), append(l.resources, resources)
		for _, m := range wrong {
			e.add(m.problem)
			e.misfit(m.Misfit)
		}
	}
	if len(e.Problems) > 0 && !c.draft {
		return nil, e
	}
	l.late = *e
	return l, nil
}

// unfit is the function of an import that none of its interface fits.
const unfit = -1

// fits returns which function of an interface import i of the component is, or
// says why none is.
func (c *Component) fits(i int, x *abi.Interface) (fn int, problem string) {
	im := &c.plan.Imports[i]
	host := func() string {
		if x.Name != im.Interface {
			return fmt.Sprintf("host's %q", x.Name)
		}
		return "host"
	}
	fn = slices.IndexFunc(x.Funcs, func(f abi.FuncType) bool { return f.Name == im.Name })
	if fn < 0 {
		known := make([]string, len(x.Funcs))
		for i, f := range x.Funcs {
			known[i] = f.Name
		}
		return 0, fmt.Sprintf("%s: %s does not have it%s, component wants %s", importText(i, im), host(), meant(im.Name, known), clip(c.importText(i)))
	}
	if text := c.importText(i); !c.same(text, x.Funcs[fn].Type) {
		return 0, fmt.Sprintf("%s: %s has %s, component wants %s", importText(i, im), host(), x.Funcs[fn].Type, clip(text))
	}
	return fn, ""
}

// same reports whether two types of functions are one, by their texts.
func (c *program) same(a, b string) bool { return c.engine.versions.SameText(a, b) }

// meant says which of the names that the host has is nearest to one that it has
// not.
func meant(name string, known []string) string {
	if best := near.Name(name, known); best != "" {
		return fmt.Sprintf(" (but %q)", best)
	}
	return ""
}

// but says which versions of an interface there are, where there is not the one that
// is wanted.
func but(have []string) string {
	if len(have) == 0 {
		return ""
	}
	return " (but " + strings.Join(have, ", ") + ")"
}

// importText says which import a problem is about.
func importText(i int, im *plan.Import) string {
	return placeText(fmt.Sprintf("import %d", i), "function", im.Place)
}

// placeText says what an import is: `import 3 "a:b/c": function "f"`.
func placeText(nth, kind string, p plan.Place) string {
	if p.Interface == "" {
		return fmt.Sprintf("%s: %s %q", nth, kind, clip(p.Name))
	}
	return fmt.Sprintf("%s %q: %s %q", nth, p.Path(), kind, clip(p.Name))
}

// exported returns the functions and the resource types of an interface that
// the component exports, or what of it is not as the host wants it.
func (c *Component) exported(x *abi.Interface, may *mayLack, own *owners) (lifts, resources []int, wrong []misfit) {
	export := c.export(x.Name)
	if export == nil {
		have := c.versionsExported(x.Name)
		return nil, nil, []misfit{{
			Misfit{Kind: NoInterface, Export: true, Interface: x.Name, Versions: have},
			fmt.Sprintf("missing export %q", x.Name) + but(have),
		}}
	}
	for _, name := range x.Resources {
		i := slices.IndexFunc(export.Resources, func(r plan.ExportResource) bool { return r.Name == name })
		if i < 0 {
			resources = append(resources, absent)
			if !may.lacks(x, export, name) {
				wrong = append(wrong, misfit{
					Misfit{Kind: NoMember, Export: true, Interface: x.Name, Name: name},
					fmt.Sprintf("%s: resource %q is missing", exportText(x), name),
				})
			}
			continue
		}
		resources = append(resources, export.Resources[i].Resource)
	}
	for _, f := range x.Funcs {
		if may.functionLacks(x, export, f) {
			lifts = append(lifts, absent)
			continue
		}
		lift, m := c.exportedFunc(x, export, f, own)
		lifts = append(lifts, lift)
		if m != nil {
			wrong = append(wrong, *m)
		}
	}
	return lifts, resources, wrong
}

// exportText says which export a problem is about.
func exportText(x *abi.Interface) string {
	if x.Name == "" {
		return "export"
	}
	return fmt.Sprintf("export %q", x.Name)
}

// export returns the export that stands for a name: of that version, or else of
// the greatest one in its track. The empty name is the component's own.
func (c *Component) export(name string) *plan.Exports {
	root := &c.plan.Exports
	if name == "" {
		return root
	}
	exports := c.exports()
	i, ok := exports.Find(name)
	if !ok {
		return nil
	}
	return &root.Instances[exports.of[i]]
}

// named is export for a name that may also be one that [Component.Exports] has,
// which leaves out the suffix of the version.
func (c *Component) named(name string) *plan.Exports {
	if e := c.export(name); e != nil {
		return e
	}
	e, _ := c.plan.Exports.Instance(name)
	return e
}

// exportedFunc returns the function of an export that is one of an interface, or
// how it differs.
func (c *Component) exportedFunc(x *abi.Interface, export *plan.Exports, f abi.FuncType, own *owners) (lift int, wrong *misfit) {
	m := Misfit{Kind: NoMember, Export: true, Interface: x.Name, Name: f.Name}
	have, ok := export.Func(f.Name)
	if !ok {
		return 0, &misfit{m, fmt.Sprintf("%s: function %q is missing; host wants %s", exportText(x), f.Name, f.Type)}
	}
	guest, host := wit.FuncText(have.Func), f.Type
	if c.same(guest, host) {
		guest, host = own.texts(x, export, have.Func)
	}
	if guest == host {
		return have.Lift, nil
	}
	m.Kind, m.Guest, m.Host = OtherType, clip(guest), host
	return 0, &misfit{m, fmt.Sprintf("%s: function %q: component has %s, host wants %s", exportText(x), f.Name, m.Guest, host)}
}

// names finds what stands for the interfaces of imports.
type names struct{ wit.Names }

func namesOfInterfaces(m wit.Matching, list []*abi.Interface) names {
	all := make([]string, len(list))
	for i, x := range list {
		all[i] = x.Name
	}
	return names{wit.NewNames(m, all)}
}

// stands returns the index of what stands for the outermost instance that an
// import is in: for its name, or else for what it says that it implements.
func (n names) stands(p plan.Place) (int, bool) {
	i, ok := n.Find(p.Interface + p.Suffix)
	if !ok && p.Implements != "" {
		return n.Find(p.Implements)
	}
	return i, ok
}

// of returns the index of the interface that an import is in.
func (n names) of(p plan.Place) (int, bool) {
	if len(p.Inside) > 0 {
		return 0, false // interfaces have no instances inside
	}
	return n.stands(p)
}

// maxProblems is how many misfits a [*LinkError] describes.
const maxProblems = 1000

// add adds problems; empty ones are none.
func (e *LinkError) add(problems ...string) {
	for _, p := range problems {
		switch {
		case p == "":
		case len(e.Problems) == maxProblems:
			e.More++
		default:
			e.Problems = append(e.Problems, p)
		}
	}
}

// clip shortens a guest's type text for an error.
func clip(s string) string {
	const most = 600
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
