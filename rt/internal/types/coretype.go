package types

import "github.com/witgen/witgen/rt/internal/binary"

// coreType adds a core type definition.
func (s *scope) coreType(d *binary.CoreType) error {
	switch t := d.Type.(type) {
	case *binary.CoreFuncType:
		s.coreTypes = append(s.coreTypes, coreType{fn: t})
	case *binary.CoreModuleType:
		m, err := s.moduleType(d.Pos(), t)
		if err != nil {
			return err
		}
		s.coreTypes = append(s.coreTypes, coreType{module: m})
	default:
		s.coreTypes = append(s.coreTypes, coreType{})
	}
	return nil
}

// moduleType returns a core module type. Its own type index space begins empty.
func (s *scope) moduleType(at int, t *binary.CoreModuleType) (*Module, error) {
	m := &Module{}
	var types []*binary.CoreFuncType
	function := func(e binary.CoreExternType) (*binary.CoreFuncType, error) {
		if e.Sort != binary.CoreFunc {
			return nil, nil
		}
		f, err := get(at, types, e.Type, "core type")
		if err == nil && f == nil {
			err = s.errorf(at, "core type %d is not a function type", e.Type)
		}
		return f, err
	}
	for _, d := range t.Decls {
		switch {
		case d.Type != nil:
			f, _ := d.Type.(*binary.CoreFuncType)
			types = append(types, f)
		case d.Outer != nil:
			f, err := s.outerCore(at, d.Outer)
			if err != nil {
				return nil, err
			}
			types = append(types, f)
		case d.Import != nil:
			f, err := function(d.Import.Type)
			if err != nil {
				return nil, err
			}
			m.Imports = append(m.Imports, CoreExtern{d.Import.Module, d.Import.Name, d.Import.Type.Sort, f})
		case d.Export != nil:
			f, err := function(d.Export.Type)
			if err != nil {
				return nil, err
			}
			m.Exports = append(m.Exports, CoreExtern{"", d.Export.Name, d.Export.Type.Sort, f})
		}
	}
	return m, nil
}

// outerCore returns the core function type that a module type's alias stands
// for. Scope 0 is the module type itself, scope 1 is s.
func (s *scope) outerCore(at int, a *binary.CoreOuterAlias) (*binary.CoreFuncType, error) {
	if a.Count == 0 {
		return nil, s.errorf(at, "a core module type cannot alias its own types")
	}
	from := s
	for range a.Count - 1 {
		if from = from.parent; from == nil {
			return nil, s.errorf(at, "outer alias: there are fewer than %d enclosing scopes", a.Count)
		}
	}
	t, err := get(at, from.coreTypes, a.Idx, "core type")
	return t.fn, err
}
