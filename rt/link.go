package rt

import (
	"fmt"
	"strings"

	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/wit"
)

// Import is a host's implementation of an interface, as generated packages
// make it: Funcs holds an answer for each function of Interface, in its order.
type Import struct {
	Interface *abi.Interface
	Funcs     []abi.HostFunc
}

// World is what a host was written for, as generated packages describe it.
type World struct {
	Name    string           // "ns:pkg/world@1.0.0"
	Imports []*abi.Interface // what the host offers
	Exports []*abi.Interface // what the host calls
}

// Linked is a component that fits a world. It may be shared between goroutines.
type Linked struct {
	component *Component
	world     World
	exports   [][]int // by world export and function: index in plan.Lifts
}

// Link compares a component with a world: it must export what the world does,
// and what it imports of the world must be as the world has it. Interfaces are
// found by their exact names, or else in the same compatibility track: a host
// with 1.2.0 serves a component built for 1.1.0 or 1.3.0, as far as functions
// are there. Functions are compared by their canonical type text. The error is a
// [*LinkError] that names every misfit.
//
// What the component imports beside the world is looked at when an instance
// is made, since it is then that it is given.
func (c *Component) Link(w World) (*Linked, error) {
	l := &Linked{component: c, world: w}
	e := &LinkError{World: w.Name}
	offered := offers(w.Imports)
	for i, im := range c.plan.Imports {
		if _, ok := offered.lookup(im.Interface); !ok {
			continue
		}
		if _, p := offered.find(i, im); p != "" {
			e.Problems = append(e.Problems, p)
		}
	}
	for _, x := range w.Exports {
		lifts, problems := c.exported(x)
		l.exports = append(l.exports, lifts)
		e.Problems = append(e.Problems, problems...)
	}
	if len(e.Problems) > 0 {
		return nil, e
	}
	return l, nil
}

// exported returns the functions of an interface that the component exports.
func (c *Component) exported(x *abi.Interface) (lifts []int, problems []string) {
	export := c.export(x.Name)
	if export == nil {
		return nil, []string{fmt.Sprintf("missing export %q", x.Name)}
	}
	for _, f := range x.Funcs {
		lift, problem := c.exportedFunc(export, f)
		lifts = append(lifts, lift)
		if problem != "" {
			problems = append(problems, fmt.Sprintf("export %q: %s", x.Name, problem))
		}
	}
	return lifts, problems
}

// export returns the export that stands for a name: of that version, or else of
// the greatest one in its track.
func (c *Component) export(name string) *plan.Export {
	var best *plan.Export
	for i := range c.plan.Exports {
		e := &c.plan.Exports[i]
		if e.Interface == name {
			return e
		}
		if wit.InTrack(e.Interface) == wit.InTrack(name) && (best == nil || newer(e.Interface, best.Interface)) {
			best = e
		}
	}
	return best
}

func (c *Component) exportedFunc(export *plan.Export, f abi.FuncType) (lift int, problem string) {
	for _, have := range export.Funcs {
		if have.Name != f.Name {
			continue
		}
		if text := wit.FuncText(c.plan.Lifts[have.Lift].Func); text != f.Type {
			return 0, fmt.Sprintf("function %q: component has %s, host wants %s", f.Name, clip(text), f.Type)
		}
		return have.Lift, ""
	}
	return 0, fmt.Sprintf("function %q is missing; host wants %s", f.Name, f.Type)
}

// offer is what one side of a link offers: interfaces by their exact names,
// and by their tracks the one of the greatest version.
type offer struct {
	list  []*abi.Interface
	exact map[string]int
	track map[string]int
}

func offers(list []*abi.Interface) offer {
	o := offer{list, make(map[string]int), make(map[string]int)}
	for i, x := range list {
		if _, ok := o.exact[x.Name]; ok {
			continue // the first one is taken: the world's own
		}
		o.exact[x.Name] = i
		track := wit.InTrack(x.Name)
		if j, ok := o.track[track]; !ok || newer(x.Name, list[j].Name) {
			o.track[track] = i
		}
	}
	return o
}

// newer reports whether the version of one name is greater than another's.
func newer(a, b string) bool {
	_, va, _ := strings.Cut(a, "@")
	_, vb, _ := strings.Cut(b, "@")
	return wit.CompareVersions(va, vb) > 0
}

// lookup returns the index of the interface that stands for a name: of that
// version, or else of another one in its track. Whether its types agree is
// another question.
func (o offer) lookup(name string) (int, bool) {
	if i, ok := o.exact[name]; ok {
		return i, true
	}
	i, ok := o.track[wit.InTrack(name)]
	return i, ok
}

// at is where an offered function is: which interface, which function of it.
type at struct{ iface, fn int }

// find looks up import i of a component, or says why it does not fit.
func (o offer) find(i int, im plan.Import) (at, string) {
	where := fmt.Sprintf("import %d %q: function %q", i, im.Interface, im.Name)
	n, ok := o.lookup(im.Interface)
	if !ok {
		return at{}, where + ": host does not offer the interface"
	}
	x := o.list[n]
	host := "host"
	if x.Name != im.Interface {
		host = fmt.Sprintf("host's %q", x.Name)
	}
	for j, f := range x.Funcs {
		if f.Name != im.Name {
			continue
		}
		if text := wit.FuncText(im.Func); text != f.Type {
			return at{}, fmt.Sprintf("%s: %s has %s, component wants %s", where, host, f.Type, clip(text))
		}
		return at{n, j}, ""
	}
	return at{}, fmt.Sprintf("%s: %s does not have it, component wants %s", where, host, clip(wit.FuncText(im.Func)))
}

// bind finds the host function for each import of the component: among the
// world's interfaces, which Link has looked at, and only if none of them stands
// for its name, beside them. The error is a [*LinkError].
func (l *Linked) bind(world, beside []Import) ([]abi.HostFunc, error) {
	e := &LinkError{World: l.world.Name}
	first, second := e.offers("import of the world", world), e.offers("import beside the world", beside)
	if len(e.Problems) > 0 {
		return nil, e
	}
	funcs := make([]abi.HostFunc, len(l.component.plan.Imports))
	for i, im := range l.component.plan.Imports {
		offered, imports := first, world
		if _, ok := first.lookup(im.Interface); !ok {
			offered, imports = second, beside
		}
		where, problem := offered.find(i, im)
		if problem != "" {
			e.Problems = append(e.Problems, problem)
			continue
		}
		funcs[i] = imports[where.iface].Funcs[where.fn]
	}
	if len(e.Problems) > 0 {
		return nil, e
	}
	return funcs, nil
}

// offers returns what imports offer, after a look at whether they are whole.
func (e *LinkError) offers(what string, imports []Import) offer {
	list := make([]*abi.Interface, len(imports))
	for i, im := range imports {
		switch {
		case im.Interface == nil:
			e.Problems = append(e.Problems, fmt.Sprintf("%s %d has no Interface", what, i))
			return offer{}
		case len(im.Funcs) != len(im.Interface.Funcs):
			e.Problems = append(e.Problems, fmt.Sprintf("%s %d %q: %d functions for %d", what, i, im.Interface.Name, len(im.Funcs), len(im.Interface.Funcs)))
		}
		list[i] = im.Interface
	}
	return offers(list)
}

// clip shortens a guest's type text for an error.
func clip(s string) string {
	const most = 600
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
