package rt

import (
	"fmt"
	"strings"

	"github.com/witgen/witgen/rt/internal/types"
	"github.com/witgen/witgen/wit"
)

// Extern is an import or an export of a component: its name and its type, of
// which the field that fits is set.
type Extern struct {
	// Name is an interface's, "ns:pkg/interface@1.0.0", or a plain one.
	Name string
	// Implements is the interface that an instance with a plain name says it
	// is, or empty.
	Implements string

	Func      *wit.Func    // of a function
	Instance  []Extern     // of an instance: what it exports
	Type      wit.Type     // of a value type
	Resource  *wit.TypeDef // of a resource type
	Module    *ModuleType  // of a core module
	Component bool         // of a component, or of a type of instances, components or functions
}

// ModuleType is the type of a core module.
type ModuleType struct {
	Imports []string // as "module name: type", in order
	Exports []string // as "name: type", in order
}

// Imports returns what the component imports, in its order. The caller owns the
// slices, but not the types.
func (c *Component) Imports() []Extern { return externs(c.typ.Imports) }

// Exports returns what the component exports, in its order. The caller owns
// the slices, but not the types.
func (c *Component) Exports() []Extern { return externs(c.typ.Exports) }

func externs(list []types.Extern) []Extern {
	out := make([]Extern, len(list))
	for i, e := range list {
		x := Extern{Name: e.Name, Implements: e.Implements, Func: e.Func}
		switch {
		case e.Func != nil:
		case e.Instance != nil:
			x.Instance = externs(e.Instance.Exports)
		case e.Module != nil:
			x.Module = moduleType(e.Module)
		case types.Resource(e.Type) != nil:
			x.Resource = types.Resource(e.Type)
		default:
			v, ok := e.Type.(types.Value)
			x.Type, x.Component = v.Type, !ok
		}
		out[i] = x
	}
	return out
}

func moduleType(m *types.Module) *ModuleType {
	t := &ModuleType{}
	for _, im := range m.Imports {
		t.Imports = append(t.Imports, fmt.Sprintf("%s %s: %s", im.Module, im.Name, im.Text()))
	}
	for _, ex := range m.Exports {
		t.Exports = append(t.Exports, fmt.Sprintf("%s: %s", ex.Name, ex.Text()))
	}
	return t
}

// Kind returns a word for what the extern is: "func", "instance", "type",
// "resource", "core module" or "component".
func (e Extern) Kind() string {
	switch {
	case e.Func != nil:
		return "func"
	case e.Module != nil:
		return "core module"
	case e.Resource != nil:
		return "resource"
	case e.Type != nil:
		return "type"
	case e.Component:
		return "component"
	}
	return "instance"
}

// String returns the extern in the manner of WIT, those of an instance in
// braces.
func (e Extern) String() string {
	switch e.Kind() {
	case "func":
		return e.Name + ": " + wit.FuncText(e.Func)
	case "type":
		return "type " + e.Name + " = " + wit.TypeText(e.Type)
	case "resource":
		return "resource " + e.Name
	case "instance":
		parts := make([]string, len(e.Instance))
		for i, x := range e.Instance {
			parts[i] = x.String()
		}
		return e.Name + " { " + strings.Join(parts, "; ") + " }"
	}
	return e.Name + ": " + e.Kind()
}
