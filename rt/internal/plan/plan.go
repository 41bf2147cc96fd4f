package plan

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/types"
	"github.com/witgen/witgen/wit"
)

// Plan is what it takes to instantiate a component. It is never changed once
// it is built.
type Plan struct {
	Images    []Image  // core modules to compile
	Unused    []Image  // core modules that nothing instantiates; they have to be valid all the same
	Imports   []Import // host functions
	Modules   []ModuleImport
	Provided  []Provided // core functions that the runtime provides
	Options   []Options  // of Provided and Lifts
	Lifts     []Lift     // functions made of core functions
	Resources []Resource // resource types, one for each definition and instantiation, and for each import
	Same      []SameResource
	Steps     []Step        // in order
	Exports   Exports       // the component's own
	Types     ResourceTypes // what the resource types in Imports and Exports stand for
	Parents   []int         // of each component instance: the one it is nested in; -1 for the root, the first
	Alone     int           // the only component instance with functions, if there is but one, and none of them looks at the context of a task; else -1
	Memories  int           // slots that ExtractMemory fills
	Reallocs  int           // slots that ExtractRealloc fills
	Relay     int           // core instance through which imports are exported as they are, if there is one
}

// Image is a core module with its imports renamed, so that the names say where
// each import is found. Two instantiations of a module share an image if their
// imports go by the same names.
type Image struct {
	Module []byte         // the original bytes; they share the component's
	Import int            // index in Plan.Modules of one that the host gives; else -1
	Names  []core.Binding // by import; of a module that the host gives, by import of its type
}

// Place says where the host offers an import: in the world itself, or in an
// instance.
type Place struct {
	Interface  string   // name of the instance import; empty for what the world itself imports
	Suffix     string   // what the version in Interface leaves out
	Implements string   // the interface that an instance with a plain name says it is
	Inside     []string // names of instances inside that one
	Name       string
}

// Text names the import for errors: "ns:pkg/iface@1.0.0#f". Names of names in
// names are left out in the middle when they are long.
func (p Place) Text() string { return join(p.Path(), p.Name) }

// Path names the instance that the import is in.
func (p Place) Path() string {
	path := clip(p.Interface)
	if n := len(p.Inside); n > 2 {
		return path + "#…#" + clip(p.Inside[n-1])
	}
	for _, name := range p.Inside {
		path += "#" + clip(name)
	}
	return path
}

// clip shortens a name that a guest chose, for errors. There may be one for
// each of its functions.
func clip(name string) string {
	const most = 300
	if len(name) <= most {
		return name
	}
	return name[:most] + "…"
}

// Import is a function that the component wants of its host.
type Import struct {
	Place
	Func *wit.Func
}

// ModuleImport is a core module that the component wants of its host.
type ModuleImport struct {
	Place
	Type *types.Module
}

func join(iface, name string) string {
	if iface == "" {
		return clip(name)
	}
	return clip(iface) + "#" + clip(name)
}

// CoreDef says where a core definition is found: an export of a core instance,
// or a function that the runtime provides when Instance is negative.
type CoreDef struct {
	Instance int    // index of the InstantiateModule step that makes it, in order
	Name     string // of the export
	Provided int    // when Instance is negative; Name is its ProvidedName
}

// Op says what a provided function does.
type Op uint8

// What provided functions do.
const (
	CallImport   Op = iota // lift the arguments, call the host, lower its result
	CallLift               // lift the arguments, call a component function of this component, lower its result
	ResourceNew            // make a handle of a representation
	ResourceRep            // look up the representation behind a handle
	ResourceDrop           // drop a handle
	Builtin                // what Canon says
	RelayResult            // call Lowered with a pointer for its result, and return that
	RelayDone              // free the relay's memory
)

// Provided is a core function that the runtime provides.
type Provided struct {
	Op       Op
	Canon    *binary.Canon // Builtin
	Type     *binary.CoreFuncType
	Import   int       // CallImport
	Lift     int       // CallLift
	Resource int       // ResourceNew, ResourceRep, ResourceDrop
	Instance int       // component instance whose code calls it
	Options  int       // CallImport, CallLift: the caller's; task.return: those of the result
	Func     *wit.Func // CallImport, CallLift: its type as the caller has it
	Result   wit.Type  // task.return: what it hands over, nil for nothing; RelayResult: of the function
	Lowered  int       // RelayResult: index in Plan.Provided
	Types    ResourceTypes
}

// ResourceTypes says which resource each resource type of a component instance
// stands for, by index in Plan.Resources.
type ResourceTypes map[*wit.TypeDef]int

// Resource is a resource type at run time.
type Resource struct {
	Name     string   // for errors; empty if it was never exported
	Instance int      // component instance that defines it; -1 for an import
	Dtor     *CoreDef // nil when it has none
	Import   *Place   // nil for one that the component defines
}

// SameResource is an import of a resource type that has to be one of the others.
type SameResource struct {
	Place
	Resource int
}

// Lift is a component function made of a core function.
type Lift struct {
	Name       string // for errors; the export's, if it is one
	Core       CoreDef
	PostReturn *CoreDef // nil when it has none
	Callback   *CoreDef // nil when it has none
	Options    int
	Func       *wit.Func
	Types      ResourceTypes
}

// Options are the canonical options of a lift or lower.
type Options struct {
	Instance int   // component instance
	Memory   int   // slot, or -1
	Realloc  int   // slot, or -1
	Encoding uint8 // of strings, as the option's code: 0 utf8, 1 utf16, 2 latin1+utf16
	Async    bool
}

// Exports is what the component exports, or an instance that it exports.
type Exports struct {
	Name       string // empty for the component itself
	Suffix     string // what the version in Name leaves out
	Implements string // the interface that an instance with a plain name says it is
	Funcs      []ExportFunc
	Resources  []ExportResource
	Modules    []ExportModule
	Instances  []Exports
}

// ExportFunc is a function that is exported.
type ExportFunc struct {
	Name string
	Lift int
	Func *wit.Func
}

// ExportResource is a resource type that is exported.
type ExportResource struct {
	Name     string
	Resource int
	Type     *wit.TypeDef
}

// ExportModule is a core module that is exported.
type ExportModule struct {
	Name   string
	Import int    // index in Plan.Modules of one that the host gave; else -1
	Module []byte // of one that the component has inside
}

// A Step is a step of instantiation: [InstantiateModule], [ExtractMemory] or
// [ExtractRealloc].
type Step interface{ step() }

// InstantiateModule makes the next core instance. Args holds what each import
// of the module is bound to.
type InstantiateModule struct {
	Image int
	Args  []CoreDef
}

// ExtractMemory fills a memory slot.
type ExtractMemory struct {
	Slot int
	From CoreDef
}

// ExtractRealloc fills a realloc slot.
type ExtractRealloc struct {
	Slot int
	From CoreDef
}

func (InstantiateModule) step() {}
func (ExtractMemory) step()     {}
func (ExtractRealloc) step()    {}
