package types

import "github.com/witgen/witgen/rt/internal/binary"

// coreType is an entry of the core type index space: a function type, a module
// type, or otherFunc for the types of neither kind.
type coreType struct {
	fn     *binary.CoreFuncType
	module *Module
}

// coreType adds a core type definition.
func (s *scope) coreType(d *binary.CoreType) error {
	switch t := d.Type.(type) {
	case *binary.CoreFuncType:
		s.coreTypes = append(s.coreTypes, coreType{fn: t})
	case *binary.CoreModuleType:
		m, err := s.moduleType(d.Pos(), t)
		if err != nil {
			return within(err, "core type %d", len(s.coreTypes))
		}
		s.coreTypes = append(s.coreTypes, coreType{module: m})
	default:
		s.coreTypes = append(s.coreTypes, coreType{fn: otherFunc})
	}
	return nil
}

// moduleType returns a core module type. Its own type index space begins empty.
func (s *scope) moduleType(at int, t *binary.CoreModuleType) (*Module, error) {
	var imports, exports []CoreExtern
	var types []*binary.CoreFuncType
	extern := func(module, name string, t binary.CoreExternType) (CoreExtern, error) {
		e := CoreExtern{Module: module, Name: name, Type: t}
		var err error
		if t.Sort == binary.CoreFunc || t.Sort == binary.CoreTag {
			e.Func, err = get(at, types, t.Type, "core type")
		}
		return e, within(err, "%.64q", name)
	}
	for _, d := range t.Decls {
		var e CoreExtern
		var err error
		switch {
		case d.Outer != nil:
			var f *binary.CoreFuncType
			f, err = s.outerCore(at, types, d.Outer)
			types = append(types, f)
		case d.Import != nil:
			e, err = extern(d.Import.Module, d.Import.Name, d.Import.Type)
			imports = append(imports, e)
		case d.Export != nil:
			e, err = extern("", d.Export.Name, d.Export.Type)
			exports = append(exports, e)
		default:
			var f *binary.CoreFuncType
			switch t := d.Type.(type) {
			case *binary.CoreFuncType:
				f = t
			case *binary.CoreModuleType:
				err = s.errorf(at, "a core module type cannot have core module types in it")
			default:
				f = otherFunc
			}
			types = append(types, f)
		}
		if err != nil {
			return nil, err
		}
	}
	m, err := newModule(imports, exports)
	if err != nil {
		return nil, s.error(at, err)
	}
	return m, nil
}

// outerCore returns the core type that a module type's alias stands for. Scope
// 0 is the module type itself with its types so far, scope 1 is s.
func (s *scope) outerCore(at int, own []*binary.CoreFuncType, a *binary.CoreOuterAlias) (*binary.CoreFuncType, error) {
	if a.Count == 0 {
		return get(at, own, a.Idx, "core type")
	}
	from := s
	for range a.Count - 1 {
		if from = from.parent; from == nil {
			return nil, s.errorf(at, "outer alias: there are fewer than %d enclosing scopes", a.Count)
		}
	}
	t, err := get(at, from.coreTypes, a.Idx, "core type")
	if err == nil && t.module != nil {
		err = s.errorf(at, "a core module type cannot have core module types in it")
	}
	return t.fn, err
}
