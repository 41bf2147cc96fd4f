package rt

import (
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/wit"
)

// WorldOf returns what generated packages have for a world, without generating
// them; optional is what their World.Optional is.
func WorldOf(w *wit.World, optional ...string) World {
	return World{Name: w.ID(), Imports: interfacesOf(w.Imports), Exports: interfacesOf(w.Exports), Optional: optional}
}

// interfacesOf describes one side of a world, what stands in the world itself last.
func interfacesOf(items []*wit.WorldItem) []*abi.Interface {
	var all []*abi.Interface
	own := &abi.Interface{}
	for _, item := range items {
		switch {
		case item.Interface != nil:
			x := &abi.Interface{Name: item.Name()}
			x.Resources = resourcesOf(item.Interface.Types...)
			for _, f := range item.Interface.Funcs {
				x.Funcs = append(x.Funcs, abi.FuncType{Name: f.Name, Type: wit.FuncText(f)})
			}
			all = append(all, x)
		case item.Func != nil:
			own.Funcs = append(own.Funcs, abi.FuncType{Name: item.Func.Name, Type: wit.FuncText(item.Func)})
		default:
			own.Resources = append(own.Resources, resourcesOf(item.Type)...)
		}
	}
	if len(own.Funcs)+len(own.Resources) > 0 {
		all = append(all, own)
	}
	return all
}

// resourcesOf returns the names of the types that are resources of their own.
func resourcesOf(list ...*wit.TypeDef) (names []string) {
	for _, d := range list {
		if _, ok := d.Type.(*wit.Resource); ok {
			names = append(names, d.Name)
		}
	}
	return names
}
