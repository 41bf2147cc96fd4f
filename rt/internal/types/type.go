package types

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/wit"
)

// A Def is what an index of the type index space stands for: [Value],
// [*Func], [*Instance] or [*ComponentType].
type Def interface{ def() }

// Value is a value type, or a resource type when its Type is a *wit.TypeDef
// of a *wit.Resource.
type Value struct{ Type wit.Type }

// Func is a function type; it has no name.
type Func struct{ *wit.Func }

// Instance is the type of a component instance: what it exports.
type Instance struct{ Exports []Extern }

// ComponentType is the type of a component: what it imports, which its exports
// may refer to, and what it exports.
type ComponentType struct {
	Imports []Extern
	Exports []Extern
}

// Extern is an import or an export: its name and its type, of which exactly
// one is set.
type Extern struct {
	Name      string
	Func      *wit.Func
	Type      Def // of a type; Sub says that it is a resource of its own
	Sub       bool
	Instance  *Instance
	Component *ComponentType
	Module    *Module
}

// Module is the type of a core module.
type Module struct {
	Imports []CoreExtern
	Exports []CoreExtern
}

// CoreExtern is an import or export of a core module. Module is empty for
// exports; Func is set for functions only.
type CoreExtern struct {
	Module, Name string
	Sort         binary.CoreSort
	Func         *binary.CoreFuncType
}

func (Value) def()          {}
func (*Func) def()          {}
func (*Instance) def()      {}
func (*ComponentType) def() {}

// export returns the export of that name.
func (in *Instance) export(name string) (Extern, bool) {
	for _, e := range in.Exports {
		if e.Name == name {
			return e, true
		}
	}
	return Extern{}, false
}

// Export returns the export of a core module by its name.
func (m *Module) Export(name string) (CoreExtern, bool) {
	for _, e := range m.Exports {
		if e.Name == name {
			return e, true
		}
	}
	return CoreExtern{}, false
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

// Resource returns the resource type that a definition is, or nil.
func Resource(d Def) *wit.TypeDef { return resource(d) }

func resource(d Def) *wit.TypeDef {
	v, ok := d.(Value)
	if !ok {
		return nil
	}
	t, ok := v.Type.(*wit.TypeDef)
	if !ok {
		return nil
	}
	t = t.Root()
	if _, ok := t.Type.(*wit.Resource); !ok {
		return nil
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
