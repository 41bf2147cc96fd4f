package binary

// Component is a component as its bytes say: definitions in order, indices
// not yet resolved, nothing checked beyond the grammar. See Binary.md,
// "Component Definitions".
type Component struct {
	Offset int      // byte offset of the preamble in the outermost file
	Size   int      // bytes, preamble included
	Defs   []Def    // in the order of the file, sections flattened
	Custom []Custom // custom sections, in order
}

// A Def is one definition of a component: each adds to an index space, and
// later ones refer to it by that index.
//
// The definitions are [*CoreModule], [*CoreInstance], [*CoreType],
// [*Nested], [*Instance], [*Alias], [*Type], [*Canon], [*Start], [*Import],
// [*Export] and [*Value].
type Def interface {
	// Pos is the byte offset of the definition in the outermost file.
	Pos() int
	def()
}

// At is the byte offset of a node in the outermost file.
type At int

// Pos returns the offset.
func (a At) Pos() int { return int(a) }

func (At) def() {}

// Custom is a custom section; its contents are never an error.
type Custom struct {
	At
	Name string
	Data []byte // shares the input
}

// CoreModule is an embedded core module (section 1).
type CoreModule struct {
	At
	Bytes  []byte  // the whole module with its preamble; shares the input
	Module *Module // what Bytes say; its spans are offsets in Bytes
}

// CoreInstance is a core instance (section 2): an instantiation, or a bag of
// existing core definitions under new names.
type CoreInstance struct {
	At
	Instantiate bool
	Module      uint32       // core module index, when Instantiate
	Args        []CoreArg    // when Instantiate
	Exports     []CoreExport // when not Instantiate
}

// CoreArg hands a core instance to an instantiation under the module name
// that its imports use.
type CoreArg struct {
	Name     string
	Instance uint32 // core instance index
}

// CoreExport is an inline export of a core instance.
type CoreExport struct {
	Name string
	Sort CoreSort
	Idx  uint32
}

// Nested is a component inside a component (section 4).
type Nested struct {
	At
	Component *Component
}

// Instance is a component instance (section 5): an instantiation, or a bag
// of existing definitions under new names.
type Instance struct {
	At
	Instantiate bool
	Component   uint32 // component index, when Instantiate
	Args        []Arg
	Exports     []InlineExport
}

// Arg hands a definition to an instantiation under the name it imports.
type Arg struct {
	Name string
	Ref  Ref
}

// InlineExport is an inline export of a component instance.
type InlineExport struct {
	Name Name
	Ref  Ref
}

// Ref is a sort and an index in that sort's index space ("sortidx").
type Ref struct {
	Sort Sort
	Core CoreSort // when Sort is SortCore
	Idx  uint32
}

// AliasKind says where an alias finds its target.
type AliasKind uint8

// The kinds of alias, with their codes in the binary form.
const (
	AliasExport     AliasKind = 0x00 // export Name of component instance Instance
	AliasCoreExport AliasKind = 0x01 // export Name of core instance Instance
	AliasOuter      AliasKind = 0x02 // index Idx of the scope Count levels out
)

// Alias brings a definition of an instance or of an enclosing scope into
// this scope's index space (section 6).
type Alias struct {
	At
	Kind     AliasKind
	Sort     Sort
	Core     CoreSort // when Sort is SortCore
	Instance uint32   // when Kind is AliasExport or AliasCoreExport
	Name     string   // likewise
	Count    uint32   // when Kind is AliasOuter: scopes outward, 0 is this one
	Idx      uint32   // when Kind is AliasOuter
}

// CoreType is a core type definition (section 3).
type CoreType struct {
	At
	Type CoreDefType
}

// Type is a type definition (section 7).
type Type struct {
	At
	Type DefType
}

// Canon is a canonical definition (section 8): lift adds a component
// function, every other kind a core function.
type Canon struct {
	At
	Op      CanonOp
	Func    uint32      // lift: core function; lower: component function
	Type    uint32      // lift: function type; resource.*, stream.*, future.*: that type
	Options []CanonOpt  // lift, lower, task.return, stream and future read and write, error-context
	Result  *ValType    // task.return; nil when it has none
	Async   bool        // the async immediate of subtask.cancel and of the cancel-read and cancel-write forms; the shared immediate of thread.spawn-* and available-parallelism
	Cancel  bool        // the cancellable immediate of waits, polls, yields and suspends
	Memory  uint32      // waitable-set.wait and poll
	Core    CoreValType // context.get and set
	Slot    uint32      // context.get and set
	Table   uint32      // thread.new-indirect, thread.spawn-indirect; their core type is in Type
}

// CanonOpt is one canonical option in the order of the file.
type CanonOpt struct {
	Op  CanonOptOp
	Idx uint32 // memory, realloc, post-return, callback, core-type
}

// Start is a start definition (section 9).
type Start struct {
	At
	Func    uint32
	Args    []uint32 // value indices
	Results uint32
}

// Import is an import (section 10).
type Import struct {
	At
	Name Name
	Type ExternType
}

// Export is an export (section 11). It also adds an index to the sort of Ref.
type Export struct {
	At
	Name Name
	Ref  Ref
	Type *ExternType // nil when the file ascribes none
}

// Value is a value definition (section 12). Its bytes are kept undecoded.
type Value struct {
	At
	Type ValType
	Data []byte // shares the input
}

// Name is an import or export name with its attributes ("nameattributes").
type Name struct {
	Name          string
	Implements    *string // (implements "…")
	VersionSuffix *string // (versionsuffix "…")
	ExternalID    *string // (external-id "…")
	Repeated      bool    // one of the attributes occurs more than once, which is invalid; the last is kept
}
