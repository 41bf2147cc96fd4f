package entity

import (
	"fmt"

	"github.com/witgen/witgen/wit/internal/binary"
)

// maxDepth bounds how deep instances are in one another.
const maxDepth = 100

// Evaluator evaluates components. What it may do in all is bounded, since a
// few bytes can ask for very much.
type Evaluator struct {
	budget int // definitions that may still be evaluated
	depth  int
}

// NewEvaluator returns an evaluator for components of a size in bytes.
func NewEvaluator(size int) *Evaluator { return &Evaluator{budget: 10_000 + 4*size} }

func errorf(offset int, format string, args ...any) error {
	return &binary.Error{Offset: offset, Msg: fmt.Sprintf(format, args...)}
}

// Root returns the imports and exports of an outermost component.
func (e *Evaluator) Root(c *binary.Component) (imports, exports []Extern, err error) {
	return e.Open(&Component{defs: c.Defs})
}

// Open returns the imports and exports of a component: the imports are new
// entities.
func (e *Evaluator) Open(c *Component) (imports, exports []Extern, err error) {
	r := run{Evaluator: e, scope: &scope{outer: c.outer}, typ: c.typ}
	err = r.all(c.defs)
	return r.imports, r.exports, err
}

// Component returns the component that is known by its type.
func (t *Type) Component() (*Component, bool) {
	root := t.Root()
	if root.Def.Kind != binary.ComponentType {
		return nil, false
	}
	return &Component{defs: root.Def.Decls, typ: true, outer: root.in}, true
}

// run is the evaluation of a component, or of the type of one or of an
// instance.
type run struct {
	*Evaluator
	*scope
	typ     bool
	args    map[string]any // arguments; imports are new entities when nil
	witness *Instance      // has the resources of the instance whose type this is
	imports []Extern
	exports []Extern
}

// spend takes from the budget.
func (e *Evaluator) spend(offset, n int) error {
	if e.budget -= n; e.budget < 0 {
		return errorf(offset, "the component is too intricate: it instantiates much more than it contains")
	}
	return nil
}

func (r *run) all(defs []binary.Def) error {
	r.depth++
	defer func() { r.depth-- }()
	for _, d := range defs {
		if err := r.def(d); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) def(d binary.Def) error {
	switch d := d.(type) {
	case *binary.Type:
		r.add(&Type{Def: d, in: r.scope, limit: len(r.types)})
		return r.spend(d.Offset, 1)
	case *binary.Component:
		r.add(&Component{defs: d.Defs, outer: r.scope})
		return r.spend(d.Offset, 1)
	case *binary.Func:
		f, err := r.function(d.Offset, d.Type)
		if err != nil {
			return err
		}
		r.add(f)
		return r.spend(d.Offset, 1)
	case *binary.Alias:
		return r.alias(d)
	case *binary.Import:
		return r.importDef(d)
	case *binary.Export:
		return r.export(d)
	case *binary.Instance:
		return r.instance(d)
	}
	return nil
}

// function returns a function of a type.
func (r *run) function(offset int, index uint32) (*Func, error) {
	t, err := r.typeAt(offset, index)
	if err != nil {
		return nil, err
	}
	if k := t.Root().Def.Kind; k != binary.FuncType && k != binary.AsyncFuncType {
		return nil, errorf(offset, "type %d is not that of a function", index)
	}
	return &Func{Type: t.Root()}, nil
}

func (s *scope) typeAt(offset int, index uint32) (*Type, error) {
	item, err := s.at(offset, binary.TypeSort, index)
	if err != nil {
		return nil, err
	}
	return item.(*Type), nil
}

func (r *run) alias(a *binary.Alias) error {
	if err := r.spend(a.Offset, 1); err != nil {
		return err
	}
	if a.Outer {
		s := r.scope
		for range a.Count {
			if s = s.outer; s == nil {
				return errorf(a.Offset, "an alias goes up %d scopes, which are not there", a.Count)
			}
		}
		item, err := s.at(a.Offset, a.Sort, a.Index)
		if err != nil {
			return err
		}
		r.add(item)
		return nil
	}
	item, err := r.at(a.Offset, binary.InstanceSort, a.Instance)
	if err != nil {
		return err
	}
	found, ok := item.(*Instance).byName[a.Name]
	if !ok && a.Sort != binary.ValueSort || ok && sortOf(found) != a.Sort {
		return errorf(a.Offset, "instance %d has no %s %q", a.Instance, a.Sort, a.Name)
	}
	r.add(found)
	return nil
}

// sortOf returns the sort of an item.
func sortOf(item any) binary.Sort {
	switch item.(type) {
	case *Type:
		return binary.TypeSort
	case *Func:
		return binary.FuncSort
	case *Instance:
		return binary.InstanceSort
	case *Component:
		return binary.ComponentSort
	}
	return binary.ValueSort
}

func (r *run) importDef(i *binary.Import) error {
	arg, given := r.args[i.Name.Text]
	switch {
	case r.args != nil && !given:
		return errorf(i.Offset, "there is no argument for import %q", i.Name.Text)
	case arg != nil && sortOf(arg) != i.Type.Sort:
		return errorf(i.Offset, "the argument for import %q is no %s", i.Name.Text, i.Type.Sort)
	}
	item := arg
	if arg == nil || i.Type.Sort == binary.FuncSort {
		// The type that an import declares says more than its argument's: it
		// is in terms of the other imports.
		var err error
		if item, err = r.typed(i.Offset, i.Type, nil); err != nil {
			return err
		}
	}
	r.add(item)
	r.imports = append(r.imports, Extern{i.Offset, i.Name, item})
	return r.spend(i.Offset, 1)
}

func (r *run) export(x *binary.Export) error {
	var item any
	var err error
	if !r.typ {
		item, err = r.at(x.Offset, x.Ref.Sort, x.Ref.Index)
		if err != nil {
			return err
		}
		if x.Ascribed && x.Type.Sort != x.Ref.Sort {
			return errorf(x.Offset, "export %q is a %s of another sort", x.Name.Text, x.Ref.Sort)
		}
	} else if r.witness != nil {
		if item = r.witness.byName[x.Name.Text]; item != nil && sortOf(item) != x.Type.Sort {
			return errorf(x.Offset, "export %q is no %s", x.Name.Text, x.Type.Sort)
		}
	}
	if t, ok := item.(*Type); ok {
		item = &Type{Alias: t}
	} else if x.Ascribed {
		if item, err = r.typed(x.Offset, x.Type, item); err != nil {
			return err
		}
	}
	r.add(item)
	r.exports = append(r.exports, Extern{x.Offset, x.Name, item})
	return r.spend(x.Offset, 1)
}

// typed returns an entity of a type. An instance that is given has the types
// that its type leaves open.
func (r *run) typed(offset int, t binary.ExternType, given any) (any, error) {
	switch t.Sort {
	case binary.FuncSort:
		return r.function(offset, t.Index)
	case binary.TypeSort:
		if t.Resource {
			return &Type{Def: &binary.Type{Offset: offset, Kind: binary.Resource}}, nil
		}
		bound, err := r.typeAt(offset, t.Index)
		return &Type{Alias: bound}, err
	case binary.InstanceSort:
		known, _ := given.(*Instance)
		of, err := r.typeAt(offset, t.Index)
		if err != nil {
			return nil, err
		}
		return r.instanceOf(offset, of.Root(), known)
	case binary.ComponentSort:
		if given != nil {
			return given, nil
		}
		of, err := r.typeAt(offset, t.Index)
		if err != nil {
			return nil, err
		}
		if c, ok := of.Component(); ok {
			return c, nil
		}
		return nil, errorf(offset, "type %d is not that of a component", t.Index)
	}
	return nil, nil
}

// instanceOf returns an instance of an instance type.
func (r *run) instanceOf(offset int, t *Type, witness *Instance) (*Instance, error) {
	if t.Def.Kind != binary.InstanceType {
		return nil, errorf(offset, "a type that is not that of an instance")
	}
	if r.depth >= maxDepth {
		return nil, errorf(offset, "instances are in one another more than %d deep", maxDepth)
	}
	inner := run{Evaluator: r.Evaluator, scope: &scope{outer: t.in}, typ: true, witness: witness}
	if err := inner.all(t.Def.Decls); err != nil {
		return nil, err
	}
	return newInstance(inner.exports)
}

func newInstance(exports []Extern) (*Instance, error) {
	i := &Instance{exports, make(map[string]any, len(exports))}
	for _, x := range exports {
		if _, twice := i.byName[x.Name.Text]; twice {
			return nil, errorf(x.Offset, "export %q stands twice", x.Name.Text)
		}
		i.byName[x.Name.Text] = x.Item
	}
	return i, nil
}

func (r *run) instance(d *binary.Instance) error {
	if err := r.spend(d.Offset, 1+len(d.Args)); err != nil {
		return err
	}
	items := make([]Extern, len(d.Args))
	for i, a := range d.Args {
		item, err := r.at(d.Offset, a.Ref.Sort, a.Ref.Index)
		if err != nil {
			return err
		}
		items[i] = Extern{d.Offset, a.Name, item}
	}
	inst, err := newInstance(items)
	if err != nil {
		return err
	}
	if d.Instantiate {
		c, err := r.at(d.Offset, binary.ComponentSort, d.Component)
		if err != nil {
			return err
		}
		if inst, err = r.instantiate(d.Offset, c.(*Component), inst.byName); err != nil {
			return err
		}
	}
	r.add(inst)
	return nil
}

// instantiate returns an instance of a component.
func (r *run) instantiate(offset int, c *Component, args map[string]any) (*Instance, error) {
	if r.depth >= maxDepth {
		return nil, errorf(offset, "instances are in one another more than %d deep", maxDepth)
	}
	inner := run{Evaluator: r.Evaluator, scope: &scope{outer: c.outer}, typ: c.typ, args: args}
	if err := inner.all(c.defs); err != nil {
		return nil, err
	}
	return newInstance(inner.exports)
}
