package echo

import (
	"errors"
	"fmt"

	"github.com/witgen/witgen/wit"
)

// resource is a resource type of the guest. What stands for one of the guest's own is
// the handle of the host's resource of the same name that it is made of, which it
// drops with its own. A guest that is given one of its own away takes the host's out
// of it; one that is lent its own has that at once.
type resource struct {
	host  int  // the type that is imported
	own   int  // that of the guest's own
	owned bool // whether there is that
	index int  // of all

	// Functions of the program.
	create, rep, dropOwn, move int // of its own
	dropHost                   int
	take, note                 int // of the program itself: see there
}

// The canonical functions of resource types, and the type of one. See Binary.md,
// "Canonical Definitions".
const (
	canonNew  = "\x02"
	canonDrop = "\x03"
	canonRep  = "\x04"

	resourceType = "\x3f" + coreI32
	abstract     = sortType + "\x01" // the bound of a type that is some resource
)

// canonical makes a canonical function of a resource type one of the component's core
// functions, and returns its index.
func (g *guest) canonical(what string, of int) int {
	g.section(sectionCanon, what+unsigned(of))
	g.coreFuncs++
	return g.coreFuncs - 1
}

// makeResources makes the resource types of what the guest exports, after those that
// it imports.
func (g *guest) makeResources() error {
	for _, item := range g.world.Imports {
		for _, d := range resources(item) {
			g.resources[d] = &resource{host: g.types.named[d], index: len(g.ordered)}
			g.ordered = append(g.ordered, g.resources[d])
		}
	}
	for _, item := range g.world.Exports {
		for _, d := range resources(item) {
			r := g.resources[d]
			if r == nil {
				return fmt.Errorf("export %q: resource %q is not imported", item.Name(), d.Name)
			}
			g.own(r)
		}
	}
	if len(g.ordered) > mostResources {
		return errors.New("more resource types than a note of a handle tells apart")
	}
	return nil
}

// resources returns the resource types that an item defines.
func resources(item *wit.WorldItem) []*wit.TypeDef {
	var all []*wit.TypeDef
	if item.Interface != nil {
		for _, d := range item.Interface.Types {
			if _, ok := d.Type.(*wit.Resource); ok {
				all = append(all, d)
			}
		}
	}
	return all
}

// own makes the guest's own type of a resource. Its destructor is in a module of its
// own, which is there before the type, and the program behind it.
func (g *guest) own(r *resource) {
	drop := g.canonical(canonDrop, r.host)
	g.section(sectionCoreInstance, "\x01"+vector(sized("drop")+"\x00"+unsigned(drop)))
	g.coreInstances++
	g.put(sectionCoreModule + sized(destructorModule()))
	g.coreModules++
	g.section(sectionCoreInstance, "\x00"+unsigned(g.coreModules-1)+vector(argument("host", sortCoreInstance, g.coreInstances-1)))
	g.coreInstances++
	r.move = g.coreAlias(g.coreInstances-1, "move")
	r.own, r.owned = g.types.add(resourceType+"\x01"+unsigned(g.coreAlias(g.coreInstances-1, "drop"))), true
}

// destructorModule is the core module of a destructor, which drops the handle that
// stands for the resource but if that was moved.
func destructorModule() string {
	const moved = "\x23\x00" // a global
	const move = "\x24\x00"
	handle := coreType(coreI32, "")
	drop := get(0) + moved + isEqual + ifTrue + constant(0) + move + otherwise + get(0) + call(0) + end + end
	return modulePreamble + section(1, handle) +
		section(2, sized("host")+sized("drop")+"\x00\x00") + section(3, "\x00", "\x00") +
		section(6, coreI32+"\x01"+constant(0)+end) +
		section(7, sized("drop")+"\x00\x01", sized("move")+"\x00\x02") +
		section(10, sized("\x00"+drop), sized("\x00"+get(0)+move+end))
}

// giveResources gives the program the functions of the resource types.
func (g *guest) giveResources() {
	for _, r := range g.ordered {
		r.dropHost = g.give(g.canonical(canonDrop, r.host), coreI32, "")
		if r.owned {
			r.create = g.give(g.canonical(canonNew, r.own), coreI32, coreI32)
			r.rep = g.give(g.canonical(canonRep, r.own), coreI32, coreI32)
			r.dropOwn = g.give(g.canonical(canonDrop, r.own), coreI32, "")
			r.move = g.give(r.move, coreI32, "")
		}
	}
}
