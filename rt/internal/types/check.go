package types

import (
	"fmt"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
)

// Component is a component whose definitions have types.
type Component struct {
	Tree  *binary.Component
	Type  *ComponentType
	Types []Def       // the type index space
	Funcs []*wit.Func // the function index space
	Insts []*Instance // the instance index space

	Nested []*Component // components defined here, in order
}

// Check gives types to a component's definitions. The error has an [*Error]
// in it.
func Check(c *binary.Component) (*Component, error) {
	ck := &checker{measures: make(map[wit.Type]measure), left: maxSteps}
	return ck.component(nil, c)
}

// maxSteps bounds how often types are copied and compared, in parts of types.
// A small file can ask for more by having the same things over and over.
const maxSteps = 20_000_000

// checker is what all scopes of a check share.
type checker struct {
	measures map[wit.Type]measure // of defined value types
	left     int                  // of maxSteps; negative when they are used up
}

// step reports whether there is a step left.
func (ck *checker) step() bool {
	ck.left--
	return ck.left >= 0
}

func (ck *checker) component(parent *scope, c *binary.Component) (*Component, error) {
	s := &scope{
		ck: ck, parent: parent, comp: &Component{Tree: c},
		core:     make(map[binary.CoreSort][]*binary.CoreFuncType),
		imported: make(map[*wit.TypeDef]bool),
	}
	for _, d := range c.Defs {
		if err := s.definition(d); err != nil {
			return nil, err
		}
		if ck.left < 0 {
			return nil, s.errorf(d.Pos(), "types are too large, or too many are alike")
		}
	}
	s.comp.Type = &ComponentType{s.imports, s.exports}
	s.comp.Types, s.comp.Funcs, s.comp.Insts = s.types, s.funcs, s.instances
	return s.comp, nil
}

func (s *scope) definition(d binary.Def) error {
	switch d := d.(type) {
	case *binary.CoreModule:
		s.modules = append(s.modules, moduleOf(d.Module))
		return nil
	case *binary.Nested:
		c, err := s.ck.component(s, d.Component)
		if err != nil {
			return err
		}
		s.comp.Nested = append(s.comp.Nested, c)
		s.comps = append(s.comps, c.Type)
		return nil
	case *binary.CoreType:
		return s.coreType(d)
	case *binary.Type:
		return s.typeDef(d)
	case *binary.CoreInstance:
		return s.coreInstance(d)
	case *binary.Instance:
		return s.instance(d)
	case *binary.Alias:
		return s.alias(d)
	case *binary.Canon:
		return s.canon(d)
	case *binary.Import:
		if d.Name.Repeated {
			return s.errorf(d.Pos(), "import %q: an attribute is given twice", d.Name.Name)
		}
		e, err := s.extern(d.Pos(), d.Name.Name, d.Type)
		if err != nil {
			return fmt.Errorf("import %q: %w", d.Name.Name, err)
		}
		return s.addImport(d.Pos(), e)
	case *binary.Export:
		return s.export(d)
	}
	return s.errorf(d.Pos(), "values and start functions are not supported")
}

func (s *scope) addImport(at int, e Extern) error {
	for _, o := range s.imports {
		if o.Name == e.Name {
			return s.errorf(at, "import name %q is not unique", e.Name)
		}
	}
	s.markImported(e)
	s.imports = append(s.imports, e)
	s.add(e)
	return nil
}

// markImported notes the resources that an import brings: unlike a
// component's own they are not made anew by each instantiation.
func (s *scope) markImported(e Extern) {
	if e.Instance != nil && s.ck.step() {
		for _, x := range e.Instance.Exports {
			s.markImported(x)
		}
	}
	if e.Type != nil {
		if r := resource(e.Type); r != nil {
			s.imported[r] = true
		}
	}
}

// typeDef adds a type definition.
func (s *scope) typeDef(d *binary.Type) error {
	def, err := s.deftype(d.Pos(), d.Type)
	if err != nil {
		return err
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
		in, err := s.declarations(at, d.Decls)
		if err != nil {
			return nil, err
		}
		return &Instance{in.exports}, nil
	case *binary.ComponentType:
		in, err := s.declarations(at, d.Decls)
		if err != nil {
			return nil, err
		}
		return &ComponentType{in.imports, in.exports}, nil
	case *binary.ResourceType:
		return s.resourceDef(at, d)
	}
	t, err := s.defined(at, d)
	return Value{t}, err
}

func (s *scope) resourceDef(at int, d *binary.ResourceType) (Def, error) {
	if s.comp == nil {
		return nil, s.errorf(at, "resources can only be defined within a concrete component")
	}
	if d.Rep.Code != 0x7f {
		return nil, s.errorf(at, "resources can only be represented by i32")
	}
	if d.Dtor != nil {
		f, err := s.coreFunc(at, *d.Dtor)
		if err != nil {
			return nil, err
		}
		if !sameCore(f, &binary.CoreFuncType{Params: []binary.CoreValType{{Code: 0x7f}}}) {
			return nil, s.errorf(at, "destructor: want core type [i32] -> []")
		}
	}
	return Value{&wit.TypeDef{Type: &wit.Resource{}}}, nil
}

// declarations walks the declarations of a component or instance type.
func (s *scope) declarations(at int, decls []binary.Decl) (*scope, error) {
	in := &scope{ck: s.ck, parent: s, imported: make(map[*wit.TypeDef]bool)}
	names := make(map[string]bool)
	for _, d := range decls {
		var err error
		switch d := d.(type) {
		case *binary.CoreType:
			err = in.coreType(d)
		case *binary.Type:
			err = in.typeDef(d)
		case *binary.Alias:
			err = in.alias(d)
		case *binary.ImportDecl:
			var e Extern
			if e, err = in.extern(d.Pos(), d.Name.Name, d.Type); err == nil {
				err = in.addImport(d.Pos(), e)
			}
		case *binary.ExportDecl:
			var e Extern
			if e, err = in.extern(d.Pos(), d.Name.Name, d.Type); err == nil {
				if names[e.Name] {
					return nil, s.errorf(d.Pos(), "export name %q is not unique", e.Name)
				}
				names[e.Name] = true
				in.exports = append(in.exports, e)
				in.add(e)
			}
		default:
			err = s.errorf(at, "unknown declaration")
		}
		if err != nil {
			return nil, err
		}
	}
	return in, nil
}

// extern returns the type of an import or export declaration. What it brings
// in is new: resources are made for it.
func (s *scope) extern(at int, name string, t binary.ExternType) (Extern, error) {
	e := Extern{Name: name}
	switch t.Sort {
	case binary.SortCore:
		ct, err := get(at, s.coreTypes, t.Idx, "core type")
		if err == nil && ct.module == nil {
			err = s.errorf(at, "core type %d is not a module type", t.Idx)
		}
		e.Module = ct.module
		return e, err
	case binary.SortType:
		if t.Sub {
			e.Type, e.Sub = Value{&wit.TypeDef{Name: name, Type: &wit.Resource{}}}, true
			return e, nil
		}
		d, err := get(at, s.types, t.Idx, "type")
		e.Type = d
		return e, err
	case binary.SortValue:
		return e, s.errorf(at, "values are not supported")
	}
	d, err := get(at, s.types, t.Idx, "type")
	if err != nil {
		return e, err
	}
	switch d := d.(type) {
	case *Func:
		e.Func = d.Func
	case *Instance:
		e.Instance = d
	case *ComponentType:
		e.Component = d
	}
	if e.Func == nil && t.Sort == binary.SortFunc || e.Instance == nil && t.Sort == binary.SortInstance ||
		e.Component == nil && t.Sort == binary.SortComponent {
		return e, s.errorf(at, "type %d is of another sort", t.Idx)
	}
	return s.ck.substitution().extern(e, wit.Owner{}), nil
}

// export adds an export of a component, and the index that it makes.
func (s *scope) export(d *binary.Export) error {
	name := d.Name.Name
	if d.Name.Repeated {
		return s.errorf(d.Pos(), "export %q: an attribute is given twice", name)
	}
	e, err := s.ref(d.Pos(), d.Ref)
	if err != nil {
		return fmt.Errorf("export %q: %w", name, err)
	}
	for _, o := range s.exports {
		if o.Name == name {
			return s.errorf(d.Pos(), "export name %q is not unique", name)
		}
	}
	e.Name = name
	if d.Type != nil {
		want, err := s.extern(d.Pos(), name, *d.Type)
		if err != nil {
			return fmt.Errorf("export %q: %w", name, err)
		}
		if err := s.ck.substitution().match(want, e); err != nil {
			return s.errorf(d.Pos(), "export %q: ascribed type does not fit: %v", name, err)
		}
	}
	s.nameResources(&e, interfaceOwner(name, wit.Owner{}), make(map[*Instance]*Instance))
	s.exports = append(s.exports, e)
	s.add(e)
	return nil
}

// nameResources gives the component's own resources the name they are
// exported by, if they have none yet. It visits each instance once.
func (s *scope) nameResources(e *Extern, owner wit.Owner, done map[*Instance]*Instance) {
	if r := resource(e.Type); r != nil && !s.imported[r] {
		e.Sub = true
		if r.Name == "" {
			r.Name = e.Name
		}
		if r.Owner == (wit.Owner{}) {
			r.Owner = owner
		}
	}
	if e.Instance == nil || !s.ck.step() {
		return
	}
	if in := done[e.Instance]; in != nil {
		e.Instance = in
		return
	}
	in := &Instance{Exports: make([]Extern, len(e.Instance.Exports))}
	for i, x := range e.Instance.Exports {
		s.nameResources(&x, owner, done)
		in.Exports[i] = x
	}
	done[e.Instance] = in
	e.Instance = in
}
