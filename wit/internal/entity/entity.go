// Package entity says what the definitions of a component stand for: it looks
// up indices, goes through aliases, gives instances their exports and carries
// out instantiations, all on the level of types.
//
// A [Type] is known by its pointer. An import or export of a type makes a new
// one, whose Alias is the type that it names: that is how the binary format
// tells a type which is used in an interface from one that looks alike.
//
// What is wrong is found as far as it gets in the way of that. Package entity
// validates nothing else.
//
// See Binary.md and Explainer.md of the component model, "Alias Definitions"
// and "Type Definitions".
package entity

import "github.com/witgen/witgen/wit/internal/binary"

// Type is a type.
type Type struct {
	Def   *binary.Type // what it is; nil if it is an alias
	Alias *Type        // what an import or export gives another name

	in    *scope // where the indices in Def lead to types
	limit int    // number of types there that it may refer to
}

// Root returns the type behind all aliases.
func (t *Type) Root() *Type {
	for t.Alias != nil {
		t = t.Alias
	}
	return t
}

// At returns the type of an index that stands in the definition.
func (t *Type) At(index uint32) (*Type, error) {
	if uint64(index) >= uint64(t.limit) {
		return nil, errorf(t.Def.Offset, "type %d is not defined here", index)
	}
	return t.in.types[index], nil
}

// Func is a function.
type Func struct {
	Type *Type // whose Def is a function type
}

// Instance is an instance of a component.
type Instance struct {
	Exports []Extern
	byName  map[string]any
}

// Component is a component, or what is known of one from its type.
type Component struct {
	defs  []binary.Def
	typ   bool // from its type
	outer *scope
}

// Extern is an import or export. Item is a [*Type], [*Func], [*Instance],
// [*Component], or nil for what has no place in WIT, such as core modules.
type Extern struct {
	Offset int
	Name   binary.Name
	Item   any
}

// scope holds the index spaces of a component, or of the type of a component
// or instance.
type scope struct {
	outer      *scope
	types      []*Type
	funcs      []*Func
	instances  []*Instance
	components []*Component
}

// add appends an item to the index space of its sort.
func (s *scope) add(item any) {
	switch item := item.(type) {
	case *Type:
		s.types = append(s.types, item)
	case *Func:
		s.funcs = append(s.funcs, item)
	case *Instance:
		s.instances = append(s.instances, item)
	case *Component:
		s.components = append(s.components, item)
	}
}

// at returns the item of an index, nil for the sorts that are not followed.
func (s *scope) at(offset int, sort binary.Sort, index uint32) (any, error) {
	var item any
	n := -1
	switch sort {
	case binary.TypeSort:
		if n = len(s.types); int64(index) < int64(n) {
			item = s.types[index]
		}
	case binary.FuncSort:
		if n = len(s.funcs); int64(index) < int64(n) {
			item = s.funcs[index]
		}
	case binary.InstanceSort:
		if n = len(s.instances); int64(index) < int64(n) {
			item = s.instances[index]
		}
	case binary.ComponentSort:
		if n = len(s.components); int64(index) < int64(n) {
			item = s.components[index]
		}
	}
	if n >= 0 && item == nil {
		return nil, errorf(offset, "%s %d is not defined here", sort, index)
	}
	return item, nil
}
