package types

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
)

// alias adds what an alias stands for.
func (s *scope) alias(d *binary.Alias) error {
	at := d.Pos()
	switch d.Kind {
	case binary.AliasExport:
		in, err := get(at, s.instances, d.Instance, "instance")
		if err != nil {
			return err
		}
		e, ok := in.export(d.Name)
		if !ok {
			return s.errorf(at, "instance %d has no export named %q", d.Instance, d.Name)
		}
		if sortOf(e) != d.Sort || d.Sort == binary.SortCore && d.Core != binary.CoreModSort {
			return s.errorf(at, "export %q of instance %d is a %s", d.Name, d.Instance, e.kind())
		}
		s.add(e)
		return nil
	case binary.AliasCoreExport:
		exports, err := get(at, s.coreInsts, d.Instance, "core instance")
		if err != nil {
			return err
		}
		e, ok := findCore(exports, d.Name)
		if !ok || d.Sort != binary.SortCore || e.Sort != d.Core {
			return s.errorf(at, "core instance %d has no such export %q", d.Instance, d.Name)
		}
		s.addCore(d.Core, e.Func)
		return nil
	}
	return s.outer(d)
}

func sortOf(e Extern) binary.Sort {
	switch {
	case e.Func != nil:
		return binary.SortFunc
	case e.Type != nil:
		return binary.SortType
	case e.Instance != nil:
		return binary.SortInstance
	case e.Component != nil:
		return binary.SortComponent
	}
	return binary.SortCore
}

// outer adds a definition of an enclosing scope. Such definitions cannot
// change between instantiations, which a resource does.
func (s *scope) outer(d *binary.Alias) error {
	at := d.Pos()
	from, crosses := s, false
	for range d.Count {
		crosses = crosses || from.comp != nil
		if from = from.parent; from == nil {
			return s.errorf(at, "outer alias: there are fewer than %d enclosing scopes", d.Count)
		}
	}
	switch {
	case d.Sort == binary.SortType:
		t, err := get(at, from.types, d.Idx, "type")
		if err != nil {
			return err
		}
		if crosses && refersToResource(t) {
			return s.errorf(at, "cannot alias outer type which transitively refers to resources not defined in the current component")
		}
		s.types = append(s.types, t)
		return nil
	case d.Sort == binary.SortComponent:
		c, err := get(at, from.comps, d.Idx, "component")
		s.comps = append(s.comps, c)
		return err
	case d.Sort == binary.SortCore && d.Core == binary.CoreModSort:
		m, err := get(at, from.modules, d.Idx, "core module")
		s.modules = append(s.modules, m)
		return err
	case d.Sort == binary.SortCore && d.Core == binary.CoreTypeSort:
		t, err := get(at, from.coreTypes, d.Idx, "core type")
		s.coreTypes = append(s.coreTypes, t)
		return err
	}
	return s.errorf(at, "outer aliases reach types, components, core modules and core types only")
}

func refersToResource(d Def) bool {
	w := resourceWalk{}
	switch d := d.(type) {
	case Value:
		return resource(d) != nil || w.in(d.Type)
	case *Func:
		return w.inFunc(d.Func)
	}
	return false
}

// resourceWalk looks for handles, each type once.
type resourceWalk map[wit.Type]bool

func (w resourceWalk) inFunc(f *wit.Func) bool {
	for _, p := range f.Params {
		if w.in(p.Type) {
			return true
		}
	}
	return w.in(f.Result)
}

func (w resourceWalk) in(t wit.Type) bool {
	if _, ok := t.(*wit.Handle); ok {
		return true
	}
	if t == nil || w[t] {
		return false
	}
	w[t] = true
	for _, p := range parts(t) {
		if w.in(p) {
			return true
		}
	}
	return false
}

// parts returns the types that a type is made of, nil ones included.
func parts(t wit.Type) []wit.Type {
	var out []wit.Type
	switch t := t.(type) {
	case *wit.Record:
		for _, f := range t.Fields {
			out = append(out, f.Type)
		}
	case *wit.Variant:
		for _, c := range t.Cases {
			out = append(out, c.Type)
		}
	case *wit.Tuple:
		out = t.Types
	case *wit.Option:
		out = []wit.Type{t.Elem}
	case *wit.Result:
		out = []wit.Type{t.OK, t.Err}
	case *wit.List:
		out = []wit.Type{t.Elem}
	case *wit.Map:
		out = []wit.Type{t.Key, t.Value}
	case *wit.Stream:
		out = []wit.Type{t.Elem}
	case *wit.Future:
		out = []wit.Type{t.Elem}
	}
	return out
}
