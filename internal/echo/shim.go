package echo

import (
	"strconv"

	"github.com/witgen/witgen/wit"
)

// exportItem lifts the functions of an item of the world and exports it.
func (g *guest) exportItem(item *wit.WorldItem) {
	if item.Func != nil {
		g.export(item.Name(), sortFunc, g.lift(item.Func))
		return
	}
	var args []string
	for _, d := range item.Interface.Types {
		if _, ok := d.Type.(*wit.Resource); ok {
			g.types.named[d] = g.resources[d].own
		} else {
			g.types.named[d] = g.types.define(d)
		}
	}
	s := newShim()
	for _, d := range item.Interface.Types {
		s.types.bring(d)
	}
	for _, f := range item.Interface.Funcs {
		args = append(args, argument(s.function(f), sortFunc, g.lift(f)))
	}
	for i, d := range s.brought {
		args = append(args, argument(typeName(i), sortType, g.types.lookup(d)))
	}
	s.exportAll(item.Interface)
	g.export(item.Name(), sortInstance, g.instantiate(g.nest(s.out), args...))
}

// shim is a component that imports an interface's types and functions one by
// one and exports them under their names: only an instance of a component can
// have functions whose types are named in it. See Explainer.md, "External
// Visibility of Types".
type shim struct {
	*component
	brought []*wit.TypeDef // types that are imported
}

func typeName(i int) string { return "type-t" + strconv.Itoa(i) }

func newShim() *shim {
	s := &shim{component: newComponent()}
	s.types.bring = func(d *wit.TypeDef) {
		// What it is made of is brought first, and has its name by then.
		bound := abstract
		if _, ok := d.Type.(*wit.Resource); !ok {
			bound = equal + unsigned(s.types.define(d))
		}
		s.section(sectionImport, plain(typeName(len(s.brought)))+bound)
		s.brought = append(s.brought, d)
		s.types.name(d)
	}
	return s
}

// function imports a function and returns the name.
func (s *shim) function(f *wit.Func) string {
	name := "func-f" + strconv.Itoa(s.funcs)
	t := s.types.function(f)
	s.section(sectionImport, plain(name)+sortFunc+unsigned(t))
	s.funcs++
	return name
}

// exportAll exports all that was imported of an interface.
func (s *shim) exportAll(i *wit.Interface) {
	for _, d := range i.Types {
		def := s.types.named[d]
		if _, ok := d.Type.(*wit.Resource); !ok {
			def = s.types.define(d) // once more: of types as they are exported
		}
		s.section(sectionExport, plain(d.Name)+sortType+unsigned(def)+"\x00")
		s.types.name(d)
	}
	for n, f := range i.Funcs {
		t := s.types.function(f)
		s.section(sectionExport, plain(f.Name)+sortFunc+unsigned(n)+"\x01"+sortFunc+unsigned(t))
	}
}
