package binary

// Component is a component, or a nested one.
type Component struct {
	Offset int
	Defs   []Def
	// Docs is the contents of each custom section called "package-docs", in
	// which tools put the documentation of a WIT package.
	Docs []Custom
}

// Custom is the contents of a custom section.
type Custom struct {
	Offset int
	Data   []byte // shares the input
}

// A Def is a definition or declaration: [*Type], [*Alias], [*Import],
// [*Export], [*Instance], [*Component] or [*Func]. Each but a *Component
// nested in another adds something to the index space of a sort, an Export
// among them.
type Def interface{ def() }

func (*Component) def() {}
func (*Type) def()      {}
func (*Alias) def()     {}
func (*Import) def()    {}
func (*Export) def()    {}
func (*Instance) def()  {}
func (*Func) def()      {}

// Sort is what a reference refers to. Those of core WebAssembly are all one.
type Sort byte

// The sorts, with the numbers that binaries give them.
const (
	CoreSort      Sort = 0
	FuncSort      Sort = 1
	ValueSort     Sort = 2
	TypeSort      Sort = 3
	ComponentSort Sort = 4
	InstanceSort  Sort = 5
)

// String returns the name of the sort.
func (s Sort) String() string {
	return [...]string{"core item", "function", "value", "type", "component", "instance"}[s]
}

// Ref is a reference: a sort and an index.
type Ref struct {
	Sort  Sort
	Index uint32
}

// Name is the name of an import or export with its attributes.
type Name struct {
	Text          string
	Implements    string // the interface that a plain name stands for; empty when not given
	VersionSuffix string // the rest of a version that Text has the beginning of
	ExternalID    string
}

// Import is an import.
type Import struct {
	Offset int
	Name   Name
	Type   ExternType
}

// Export is an export. In a component it refers to what is exported, and may
// ascribe a type to it; in a type it has a type alone.
type Export struct {
	Offset   int
	Name     Name
	Ref      Ref
	Ascribed bool // Type is meant
	Type     ExternType
}

// ExternType is the type of an import or export. Index is that of the type,
// unless it is a resource: a type that nothing is known about.
type ExternType struct {
	Sort     Sort
	Resource bool
	Index    uint32
}

// Alias refers to something defined elsewhere: an export of an instance, or
// something of an enclosing component or type if Outer.
type Alias struct {
	Offset   int
	Sort     Sort
	Outer    bool
	Count    uint32 // of enclosing scopes to go up
	Index    uint32 // there
	Instance uint32
	Name     string // of the export
}

// Instance is an instance: of a component with arguments, or made of exports.
type Instance struct {
	Offset      int
	Instantiate bool
	Component   uint32
	Args        []Arg // arguments, or exports
}

// Arg is an argument of an instantiation or an export of an instance.
type Arg struct {
	Name Name
	Ref  Ref
}

// Func is a function made of a core function.
type Func struct {
	Offset int
	Type   uint32
}
