package types

import "github.com/witgen/witgen/rt/internal/binary"

// alias adds what an alias stands for. See Binary.md, "Alias Definitions".
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
			return s.errorf(at, "instance %d has no export named %.64q", d.Instance, d.Name)
		}
		if sortOf(e) != d.Sort || d.Sort == binary.SortCore && d.Core != binary.CoreModSort {
			return s.errorf(at, "export %.64q of instance %d is %s", d.Name, d.Instance, article(e.kind()))
		}
		s.add(e)
		return nil
	case binary.AliasCoreExport:
		return s.coreAlias(d)
	}
	return s.outer(d)
}

func (s *scope) coreAlias(d *binary.Alias) error {
	at := d.Pos()
	in, err := get(at, s.coreInsts, d.Instance, "core instance")
	if err != nil {
		return err
	}
	e, ok := in.export(d.Name)
	switch {
	case !ok:
		return s.errorf(at, "core instance %d has no export named %.64q", d.Instance, d.Name)
	case d.Sort != binary.SortCore:
		return s.errorf(at, "core instance %d exports core definitions, no %s", d.Instance, d.Sort)
	case e.Type.Sort != d.Core:
		return s.errorf(at, "export %.64q of core instance %d is a %s, not a %s", d.Name, d.Instance, e.Type.Sort, d.Core)
	}
	s.addCore(e)
	return nil
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
		if crosses && !s.ck.isClosed(t) {
			return s.errorf(at, "outer alias: type %d refers to resources of another component", d.Idx)
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
