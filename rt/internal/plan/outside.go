package plan

import (
	"fmt"
	"slices"

	"github.com/witgen/witgen/rt/internal/types"
)

// hostItem returns what stands for an import of the root component, or for what
// an imported instance has; at is where that is.
func (b *builder) hostItem(at Place, e types.Extern) (item, error) {
	here := at
	here.Name = e.Name
	p := b.plan
	switch {
	case e.Func != nil:
		p.Imports = append(p.Imports, Import{here, e.Func})
		return item{fn: &function{imported: true, idx: len(p.Imports) - 1}}, nil
	case e.Instance != nil:
		return b.hostInstance(at, e)
	case e.Module != nil:
		p.Modules = append(p.Modules, ModuleImport{here, e.Module})
		return item{module: &module{typ: e.Module, idx: len(p.Modules) - 1}}, nil
	case e.Type != nil:
		r := types.Resource(e.Type)
		if r == nil {
			return item{}, nil
		}
		if e.Sub {
			p.Resources = append(p.Resources, Resource{Name: r.Name, Instance: -1, Import: &here})
			b.imported[r] = len(p.Resources) - 1
		}
		idx := b.imported[r]
		if !e.Sub {
			p.Same = append(p.Same, SameResource{here, idx})
		}
		return item{resource: &idx}, nil
	}
	return item{}, fmt.Errorf("import %q: imports of components are %w", here.Text(), types.ErrNotSupported)
}

func (b *builder) hostInstance(at Place, e types.Extern) (item, error) {
	inside := at
	if at.Interface == "" {
		inside.Interface, inside.Suffix, inside.Implements = e.Name, e.Suffix, e.Implements
	} else {
		inside.Inside = slices.Concat(at.Inside, []string{e.Name})
	}
	if b.names += len(e.Instance.Exports); b.names > maxNames {
		return item{}, fmt.Errorf("imports have more than %d names", maxNames)
	}
	in := make(instance)
	for _, x := range e.Instance.Exports {
		it, err := b.hostItem(inside, x)
		if err != nil {
			return item{}, err
		}
		in[x.Name] = it
	}
	return item{instance: in}, nil
}

// exports writes down what the component exports, or an instance that it
// exports under a name, in the order of its type.
func (b *builder) exports(path string, list []types.Extern, items instance, resources ResourceTypes) (Exports, error) {
	var out Exports
	if b.names += len(list); b.names > maxNames {
		return out, fmt.Errorf("exports have more than %d names", maxNames)
	}
	for _, e := range list {
		it := items[e.Name]
		switch {
		case e.Func != nil:
			f := ExportFunc{Name: e.Name, Lift: it.fn.idx, Func: e.Func}
			if it.fn.imported {
				f.Lift = b.relay(b.plan.Imports[it.fn.idx].Func, it.fn.idx, resources)
			}
			b.plan.Lifts[f.Lift].Name = join(path, e.Name)
			out.Funcs = append(out.Funcs, f)
		case e.Instance != nil:
			x, err := b.exports(join(path, e.Name), e.Instance.Exports, it.instance, resources)
			if err != nil {
				return out, err
			}
			x.Name, x.Suffix, x.Implements = e.Name, e.Suffix, e.Implements
			out.Instances = append(out.Instances, x)
		case e.Module != nil:
			out.Modules = append(out.Modules, ExportModule{e.Name, it.module.idx, it.module.bytes})
		case it.resource != nil:
			out.Resources = append(out.Resources, ExportResource{e.Name, *it.resource, types.Resource(e.Type)})
		}
	}
	return out, nil
}

// Instance returns the exports of an instance inside, by its name.
func (e *Exports) Instance(name string) (*Exports, bool) {
	for i := range e.Instances {
		if e.Instances[i].Name == name {
			return &e.Instances[i], true
		}
	}
	return nil, false
}

// Func returns an exported function by its name.
func (e *Exports) Func(name string) (*ExportFunc, bool) {
	for i := range e.Funcs {
		if e.Funcs[i].Name == name {
			return &e.Funcs[i], true
		}
	}
	return nil, false
}
