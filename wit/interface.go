package wit

// Interface is a WIT interface: types and functions, WIT's unit of linking,
// sharing and versioning.
type Interface struct {
	Package   *Package
	Name      string // empty for an interface written inline in a world
	Docs      Docs
	Stability Stability
	Types     []*TypeDef // used types included, each after those it refers to, else in order of declaration
	Funcs     []*Func    // functions, constructors, methods and statics, in order of declaration
	Pos       Pos
}

// ID returns the name by which components import and export the interface,
// such as "wasi:io/streams@0.2.0"; empty for an inline interface, which goes
// by the label its world gives it.
func (i *Interface) ID() string {
	if i.Name == "" {
		return ""
	}
	return i.Package.Name.item(i.Name)
}

// World is a WIT world, elaborated: what includes bring is in it, and so is
// every interface that an item depends on, before that item.
type World struct {
	Package   *Package
	Name      string
	Docs      Docs
	Stability Stability
	Imports   []*WorldItem
	Exports   []*WorldItem
	Pos       Pos
}

// ID returns the world's full name, such as "wasi:cli/command@0.2.0".
func (w *World) ID() string { return w.Package.Name.item(w.Name) }

// WorldItem is one import or export of a world. Exactly one of Interface,
// Func and Type is set.
type WorldItem struct {
	// Label is the plain name of a function, a type, an inline interface or
	// a named import of an interface; empty for an interface that goes by
	// its ID.
	Label     string
	Interface *Interface
	Func      *Func
	Type      *TypeDef // imports only
	Docs      Docs
	Stability Stability
	// ExternalID is the string of @external-id: what the outside world calls
	// the item, empty for most.
	ExternalID string
	Pos        Pos
}

// Name returns the name by which a component imports or exports the item:
// its label, or its interface's ID.
func (w *WorldItem) Name() string {
	if w.Label != "" {
		return w.Label
	}
	return w.Interface.ID()
}

// FuncKind says what a function belongs to.
type FuncKind uint8

// The kinds of function.
const (
	Freestanding FuncKind = iota
	Constructor
	Method
	Static
)

// Func is a function of an interface, a world or a resource.
type Func struct {
	// Name is the name on the wire: "f", "[constructor]r", "[method]r.m" or
	// "[static]r.s".
	Name      string
	Kind      FuncKind
	Resource  *TypeDef // of a constructor, method or static
	Async     bool
	Params    []Param // the self parameter of a method included
	Result    Type    // nil when it has none
	Docs      Docs
	Stability Stability
	// ExternalID is the string of @external-id, empty for most.
	ExternalID string
	Pos        Pos
}

// Param is a parameter of a function.
type Param struct {
	Name string
	Type Type
	Pos  Pos
}
