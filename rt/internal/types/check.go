package types

import (
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

	Modules   []*Module              // the core module index space
	CoreFuncs []*binary.CoreFuncType // the core function index space

	Results map[*binary.Canon]wit.Type // what each task.return hands over

	Nested []*Component // components defined here, in order
}

// Check gives types to a component's definitions. The error is an [*Error], of
// what is invalid or of a form that the runtime does not support.
func Check(c *binary.Component) (*Component, error) {
	ck := &checker{measures: make(map[wit.Type]measure), closed: make(map[Def]bool), left: maxSteps}
	return ck.component(nil, c)
}

// maxSteps bounds how often types are copied, compared and searched, in parts
// of types. A small file can ask for more by having the same things over and
// over.
const maxSteps = 1_000_000

// checker is what all scopes of a check share.
type checker struct {
	measures map[wit.Type]measure // of defined value types
	closed   map[Def]bool
	left     int // of maxSteps; negative when they are used up
	faults   int // mismatches described so far
}

// charge takes steps and reports whether there were so many left. What it is
// asked for may be left undone if not: the definition fails in the end.
func (ck *checker) charge(steps int) bool {
	ck.left -= steps
	return ck.left >= 0
}

// exhausted is the error of a definition after which no steps are left.
func (s *scope) exhausted(at int) error {
	if s.ck.left >= 0 {
		return nil
	}
	return s.errorf(at, "types are too large, or too many are alike")
}

func (ck *checker) component(parent *scope, c *binary.Component) (*Component, error) {
	s := ck.scope(parent)
	s.comp = &Component{Tree: c}
	s.checkVisibility()
	at := c.Offset
	for _, d := range c.Defs {
		at = d.Pos()
		if err := s.definition(d); err != nil {
			return nil, err
		}
		if err := s.exhausted(at); err != nil {
			return nil, err
		}
	}
	if err := s.finish(at); err != nil {
		return nil, err
	}
	var err error
	if s.comp.Type, err = s.componentOf(at, s.imports, s.exports); err != nil {
		return nil, err
	}
	s.comp.Types, s.comp.Funcs, s.comp.Insts, s.comp.Modules = s.types, s.funcs, s.instances, s.modules
	for _, f := range s.core[binary.CoreFunc] {
		s.comp.CoreFuncs = append(s.comp.CoreFuncs, f.Func)
	}
	return s.comp, s.exhausted(at)
}

func (s *scope) definition(d binary.Def) error {
	switch d := d.(type) {
	case *binary.CoreModule:
		return s.coreModule(d)
	case *binary.Nested:
		return s.nested(d)
	case *binary.CoreType:
		return s.coreType(d)
	case *binary.Type:
		return s.typeDef(d)
	case *binary.CoreInstance:
		return within(s.coreInstance(d), "core instance %d", len(s.coreInsts))
	case *binary.Instance:
		return within(s.instance(d), "instance %d", len(s.instances))
	case *binary.Alias:
		return s.alias(d)
	case *binary.Canon:
		return within(s.canon(d), "canon %s", d.Op)
	case *binary.Import:
		return s.importDef(d.Pos(), d.Name, d.Type)
	case *binary.Export:
		return within(s.export(d), "export %.64q", d.Name.Name)
	}
	return s.beyond(d.Pos(), "values and start functions are")
}

// nested adds a component inside this one. Errors in it say which one it is by
// its component index.
func (s *scope) nested(d *binary.Nested) error {
	idx := len(s.comps)
	c, err := s.ck.component(s, d.Component)
	if err != nil {
		return within(err, "component %d", idx)
	}
	s.comp.Nested = append(s.comp.Nested, c)
	s.comps = append(s.comps, c.Type)
	return nil
}
