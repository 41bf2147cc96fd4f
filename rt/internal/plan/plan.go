package plan

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/wit"
)

// Plan is what it takes to instantiate a component. It is never changed once
// it is built.
type Plan struct {
	Images    []Image   // core modules to compile
	Imports   []Import  // host functions, in the order of their first use
	Lowers    []Lower   // core functions that call Imports
	Options   []Options // of Lowers and Lifts
	Lifts     []Lift    // functions that exports are made of
	Steps     []Step    // in order
	Exports   []Export
	Instances int // component instances, the root first
	Memories  int // slots that ExtractMemory fills
	Reallocs  int // slots that ExtractRealloc fills
}

// Image is a core module with its imports renamed, so that the names say where
// each import is found. Two instantiations of a module share an image if their
// imports go by the same names.
type Image struct {
	Module []byte         // the original bytes; they share the component's
	Names  []core.Binding // by import
}

// Import is a function that the component wants of its host.
type Import struct {
	Interface string // name of the instance import; empty for a function of the world itself
	Name      string
	Func      *wit.Func
}

// Text names the import for errors: "ns:pkg/iface@1.0.0#f".
func (im Import) Text() string { return join(im.Interface, im.Name) }

func join(iface, name string) string {
	if iface == "" {
		return name
	}
	return iface + "#" + name
}

// CoreDef says where a core definition is found: an export of a core instance,
// or a lowered function when Instance is negative.
type CoreDef struct {
	Instance int    // index of the InstantiateModule step that makes it, in order
	Name     string // of the export
	Lower    int    // when Instance is negative
}

// Lower is a core function that lifts its arguments, calls an import and
// lowers the result.
type Lower struct {
	Import  int
	Options int
	Type    *binary.CoreFuncType
}

// Lift is a component function made of a core function.
type Lift struct {
	Core       CoreDef
	PostReturn *CoreDef // nil when it has none
	Options    int
	Func       *wit.Func
}

// Options are the canonical options of a lift or lower.
type Options struct {
	Instance int // component instance
	Memory   int // slot, or -1
	Realloc  int // slot, or -1
}

// Export is an export of the component: an interface, or a function of the
// world itself when Interface is empty.
type Export struct {
	Interface string
	Funcs     []ExportFunc
}

// ExportFunc is a function of an export.
type ExportFunc struct {
	Name string
	Lift int
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
