package types

import "github.com/witgen/witgen/wit"

// A Def is what an index of the type index space stands for: [Value],
// [*Func], [*Instance] or [*ComponentType].
type Def interface{ def() }

// Value is a value type, or a resource type when its Type is a *wit.TypeDef
// of a *wit.Resource.
//
// An import or export of a record, variant, enum, flags or resource introduces
// a *wit.TypeDef of its own, since its index has a name that the index it was
// made of has not; see [wit.Underlying] and [Resource].
type Value struct{ Type wit.Type }

// Func is a function type; it has no name.
type Func struct{ *wit.Func }

// Instance is the type of a component instance: what it exports.
type Instance struct {
	Exports []Extern

	depth  int            // of the types of instances and components in it
	byName map[string]int // nil until it is asked for
}

// ComponentType is the type of a component: what it imports, which its exports
// may refer to, and what it exports.
type ComponentType struct {
	Imports []Extern
	Exports []Extern

	depth int
}

// Extern is an import or an export: its name and its type, of which exactly
// one is set.
type Extern struct {
	Name string
	// Implements is the interface that an instance with a plain name says it
	// is, or empty.
	Implements string
	// Suffix is what the version in the name leaves out, or empty.
	Suffix    string
	Func      *wit.Func
	Type      Def // of a type; Sub says that it is a resource of its own
	Sub       bool
	Instance  *Instance
	Component *ComponentType
	Module    *Module
}

func (Value) def()          {}
func (*Func) def()          {}
func (*Instance) def()      {}
func (*ComponentType) def() {}

// export returns the export of that name.
func (in *Instance) export(name string) (Extern, bool) {
	if in.byName == nil {
		in.byName = byName(in.Exports)
	}
	i, ok := in.byName[name]
	if !ok {
		return Extern{}, false
	}
	return in.Exports[i], true
}

func byName(list []Extern) map[string]int {
	m := make(map[string]int, len(list))
	for i, e := range list {
		m[e.Name] = i
	}
	return m
}

// depth returns how deep types of instances and components nest in what is made
// of the externs.
func depth(externs []Extern) int {
	d := 0
	for _, e := range externs {
		def := e.Type
		switch {
		case e.Instance != nil:
			def = e.Instance
		case e.Component != nil:
			def = e.Component
		}
		switch t := def.(type) {
		case *Instance:
			d = max(d, t.depth)
		case *ComponentType:
			d = max(d, t.depth)
		}
	}
	return d + 1
}

// instanceOf returns the type of an instance with these exports.
func (s *scope) instanceOf(at int, exports []Extern) (*Instance, error) {
	in := &Instance{Exports: exports, depth: depth(exports)}
	return in, s.checkDepth(at, in.depth)
}

func (s *scope) componentOf(at int, imports, exports []Extern) (*ComponentType, error) {
	c := &ComponentType{Imports: imports, Exports: exports, depth: max(depth(imports), depth(exports))}
	return c, s.checkDepth(at, c.depth)
}

func (s *scope) checkDepth(at, depth int) error {
	if depth > maxTypeDepth {
		return s.errorf(at, "types of instances and components nest more than %d deep", maxTypeDepth)
	}
	return nil
}

// kind names an extern's sort for errors.
func (e Extern) kind() string {
	switch {
	case e.Func != nil:
		return "function"
	case e.Type != nil:
		return "type"
	case e.Instance != nil:
		return "instance"
	case e.Component != nil:
		return "component"
	}
	return "core module"
}

// Resource returns the resource type that a definition is, or nil: the one
// definition behind all of its names.
func Resource(d Def) *wit.TypeDef { return resource(d) }

func resource(d Def) *wit.TypeDef {
	v, ok := d.(Value)
	if !ok {
		return nil
	}
	t, ok := v.Type.(*wit.TypeDef)
	if !ok || !isResource(t) {
		return nil
	}
	return t.Root()
}

// Resources returns the resource types that a function passes, each once.
func Resources(f *wit.Func) []*wit.TypeDef {
	var all []*wit.TypeDef
	seen := make(map[wit.Type]bool)
	var walk func(wit.Type)
	walk = func(t wit.Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		if h, ok := t.(*wit.Handle); ok {
			t = h.Resource.Root()
			if !seen[t] {
				all = append(all, h.Resource.Root())
			}
			seen[t] = true
		}
		for _, part := range parts(t) {
			walk(part)
		}
	}
	for _, p := range f.Params {
		walk(p.Type)
	}
	walk(f.Result)
	return all
}

// isResource reports whether a name stands for a resource.
func isResource(t *wit.TypeDef) bool {
	_, ok := t.Root().Type.(*wit.Resource)
	return ok
}

// named returns the type that an import or export of a type introduces: one of
// its own for what must have a name outside.
func (ck *checker) named(name string, t wit.Type) wit.Type {
	switch u := wit.Underlying(t).(type) {
	case *wit.Resource:
		return &wit.TypeDef{Name: name, Type: t.(*wit.TypeDef).Root()}
	case *wit.Record, *wit.Variant, *wit.Enum, *wit.Flags:
		d := &wit.TypeDef{Name: name, Type: u}
		ck.take(d)
		return d
	}
	return t
}

// FuncOf returns the function type that a definition is, or nil.
func FuncOf(d Def) *wit.Func {
	if f, ok := d.(*Func); ok {
		return f.Func
	}
	return nil
}
