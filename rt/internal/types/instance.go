package types

import (
	"fmt"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
)

// coreInstance adds a core instance: its type is the list of its exports.
func (s *scope) coreInstance(d *binary.CoreInstance) error {
	at := d.Pos()
	if !d.Instantiate {
		return s.coreBag(d)
	}
	m, err := get(at, s.modules, d.Module, "core module")
	if err != nil {
		return err
	}
	args := make(map[string][]CoreExtern)
	for _, a := range d.Args {
		exports, err := get(at, s.coreInsts, a.Instance, "core instance")
		if err != nil {
			return err
		}
		if _, ok := args[a.Name]; ok {
			return s.errorf(at, "argument %q is given twice", a.Name)
		}
		args[a.Name] = exports
	}
	for _, im := range m.Imports {
		exports, ok := args[im.Module]
		if !ok {
			return s.errorf(at, "core module imports %q %q, and no argument has that name", im.Module, im.Name)
		}
		ex, ok := findCore(exports, im.Name)
		switch {
		case !ok || ex.Sort != im.Sort:
			return s.errorf(at, "core module imports %q %q, which its argument does not export as wanted", im.Module, im.Name)
		case im.Func != nil && !sameCore(im.Func, ex.Func):
			return s.errorf(at, "core module imports %q %q as a function of another core type", im.Module, im.Name)
		}
	}
	s.coreInsts = append(s.coreInsts, m.Exports)
	return nil
}

func (s *scope) coreBag(d *binary.CoreInstance) error {
	var exports []CoreExtern
	for _, e := range d.Exports {
		f, err := get(d.Pos(), s.core[e.Sort], e.Idx, "core definition")
		if err != nil {
			return err
		}
		if _, ok := findCore(exports, e.Name); ok {
			return s.errorf(d.Pos(), "export %q is not unique", e.Name)
		}
		exports = append(exports, CoreExtern{"", e.Name, e.Sort, f})
	}
	s.coreInsts = append(s.coreInsts, exports)
	return nil
}

func findCore(exports []CoreExtern, name string) (CoreExtern, bool) {
	for _, e := range exports {
		if e.Name == name {
			return e, true
		}
	}
	return CoreExtern{}, false
}

// instance adds a component instance.
func (s *scope) instance(d *binary.Instance) error {
	if !d.Instantiate {
		in := &Instance{}
		for _, x := range d.Exports {
			e, err := s.ref(d.Pos(), x.Ref)
			if err != nil {
				return fmt.Errorf("export %q: %w", x.Name.Name, err)
			}
			if _, ok := in.export(x.Name.Name); ok {
				return s.errorf(d.Pos(), "export name %q is not unique", x.Name.Name)
			}
			e.Name = x.Name.Name
			if r := resource(e.Type); r != nil {
				e.Sub = !s.imported[r]
			}
			in.Exports = append(in.Exports, e)
		}
		s.instances = append(s.instances, in)
		return nil
	}
	ct, err := get(d.Pos(), s.comps, d.Component, "component")
	if err != nil {
		return err
	}
	args := make(map[string]Extern)
	for _, a := range d.Args {
		e, err := s.ref(d.Pos(), a.Ref)
		if err != nil {
			return fmt.Errorf("argument %q: %w", a.Name, err)
		}
		if _, ok := args[a.Name]; ok {
			return s.errorf(d.Pos(), "argument %q is given twice", a.Name)
		}
		args[a.Name] = e
	}
	sub := s.ck.substitution()
	for _, im := range ct.Imports {
		a, ok := args[im.Name]
		if !ok {
			return s.errorf(d.Pos(), "missing argument for import %q", im.Name)
		}
		if err := sub.match(im, a); err != nil {
			return s.errorf(d.Pos(), "argument %q: %v", im.Name, err)
		}
	}
	s.instances = append(s.instances, &Instance{sub.externs(ct.Exports, wit.Owner{})})
	return nil
}
