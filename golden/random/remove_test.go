package random_test

import (
	"slices"
	"strings"

	"github.com/witgen/witgen/wit"
)

// remove takes a type out of a world: what was of it is a number.
func (m *mutator) remove(w *wit.World) {
	var all []*wit.TypeDef
	for _, i := range w.Package.Interfaces {
		for _, d := range i.Types {
			if _, alias := d.Type.(*wit.TypeDef); !alias && d.Name != guests && d.Name != firstOfHost {
				all = append(all, d)
			}
		}
	}
	if len(all) == 0 {
		return
	}
	d := all[m.IntN(len(all))]
	if k := slices.IndexFunc(all, func(d *wit.TypeDef) bool { return d.Name == secondOfHost }); k >= 0 && m.IntN(2) == 0 {
		d = all[k]
	}
	x := removal{d}
	for _, i := range w.Package.Interfaces {
		i.Types = slices.DeleteFunc(i.Types, x.is)
		for _, d := range i.Types {
			if _, alias := d.Type.(*wit.TypeDef); !alias {
				d.Type = x.without(d.Type)
			}
		}
		i.Funcs = slices.DeleteFunc(i.Funcs, func(f *wit.Func) bool {
			return f.Resource != nil && x.is(f.Resource) || settled(f) && strings.HasSuffix(f.Name, "-"+x.gone.Name)
		})
		for _, f := range i.Funcs {
			for k := range f.Params {
				f.Params[k].Type = x.without(f.Params[k].Type)
			}
			f.Result = x.without(f.Result)
		}
	}
}

// removal takes a type out of others.
type removal struct{ gone *wit.TypeDef }

func (x removal) is(d *wit.TypeDef) bool { return d.Root() == x.gone }

// without returns a type without the one that is gone.
func (x removal) without(t wit.Type) wit.Type {
	switch t := t.(type) {
	case *wit.TypeDef:
		if x.is(t) {
			return wit.U32
		}
	case *wit.Handle:
		if x.is(t.Resource) {
			return wit.U32
		}
	case *wit.Record:
		for k := range t.Fields {
			t.Fields[k].Type = x.without(t.Fields[k].Type)
		}
	case *wit.Variant:
		for k := range t.Cases {
			t.Cases[k].Type = x.without(t.Cases[k].Type)
		}
	case *wit.Tuple:
		out := &wit.Tuple{}
		for _, e := range t.Types {
			out.Types = append(out.Types, x.without(e))
		}
		return out
	case *wit.List:
		return &wit.List{Elem: x.without(t.Elem), Fixed: t.Fixed, Len: t.Len}
	case *wit.Option:
		return &wit.Option{Elem: x.without(t.Elem)}
	case *wit.Map:
		return &wit.Map{Key: t.Key, Value: x.without(t.Value)}
	case *wit.Result:
		return &wit.Result{OK: x.without(t.OK), Err: x.without(t.Err)}
	}
	return t
}
