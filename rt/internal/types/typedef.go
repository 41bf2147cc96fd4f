package types

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
)

// typeDef adds a type definition.
func (s *scope) typeDef(d *binary.Type) error {
	def, err := s.deftype(d.Pos(), d.Type)
	if err != nil {
		return within(err, "type %d", len(s.types))
	}
	s.types = append(s.types, def)
	return nil
}

func (s *scope) deftype(at int, d binary.DefType) (Def, error) {
	switch d := d.(type) {
	case *binary.FuncType:
		f, err := s.funcType(at, d)
		return &Func{f}, err
	case *binary.InstanceType:
		in := s.ck.scope(s)
		if err := in.declarations(d.Decls); err != nil {
			return nil, err
		}
		return s.instanceOf(at, in.exports)
	case *binary.ComponentType:
		in := s.ck.scope(s)
		in.checkVisibility()
		if err := in.declarations(d.Decls); err != nil {
			return nil, err
		}
		if err := in.finish(at); err != nil {
			return nil, err
		}
		return s.componentOf(at, in.imports, in.exports)
	case *binary.ResourceType:
		return s.resourceDef(at, d)
	}
	t, err := s.defined(at, d)
	return Value{t}, err
}

func (s *scope) resourceDef(at int, d *binary.ResourceType) (Def, error) {
	switch {
	case s.comp == nil:
		return nil, s.errorf(at, "resources can only be defined within a concrete component")
	case d.Rep == i64:
		return nil, s.beyond(at, "resources represented by i64 are")
	case d.Rep != i32:
		return nil, s.errorf(at, "resources can only be represented by i32")
	}
	if d.Dtor != nil {
		f, err := s.coreFunc(at, *d.Dtor)
		if err != nil {
			return nil, err
		}
		if want := signature("i", ""); !sameCoreFunc(f, want) {
			return nil, s.errorf(at, "destructor: core function %d has type %s, want %s", *d.Dtor, coreText(f), coreText(want))
		}
	}
	r := &wit.TypeDef{Type: &wit.Resource{}}
	if s.local == nil {
		s.local = make(map[*wit.TypeDef]bool)
	}
	s.local[r] = true
	return Value{r}, nil
}

// declarations walks the declarations of a component or instance type.
func (s *scope) declarations(decls []binary.Decl) error {
	for _, d := range decls {
		var err error
		switch d := d.(type) {
		case *binary.CoreType:
			err = s.coreType(d)
		case *binary.Type:
			err = s.typeDef(d)
		case *binary.Alias:
			if err = s.declaredAlias(d); err == nil {
				err = s.alias(d)
			}
		case *binary.ImportDecl:
			err = s.importDef(d.Pos(), d.Name, d.Type)
		case *binary.ExportDecl:
			err = within(s.exportDecl(d), "export %.64q", d.Name.Name)
		}
		if err == nil {
			err = s.exhausted(d.Pos())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// declaredAlias checks that an alias inside a type is for what has no state.
func (s *scope) declaredAlias(d *binary.Alias) error {
	switch {
	case d.Sort == binary.SortType,
		d.Kind == binary.AliasExport && d.Sort == binary.SortInstance,
		d.Kind == binary.AliasOuter && d.Sort == binary.SortCore && d.Core == binary.CoreTypeSort:
		return nil
	}
	return s.errorf(d.Pos(), "aliases inside a type are for exported types and instances, and for outer types and core types")
}

func (s *scope) exportDecl(d *binary.ExportDecl) error {
	e, err := s.extern(d.Pos(), d.Name, d.Type)
	if err != nil {
		return err
	}
	return s.addExport(d.Pos(), d.Name, e)
}
