package rt

import (
	"cmp"
	"slices"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/plan"
)

// Feature is something that a component uses.
type Feature struct {
	Kind FeatureKind
	// Name is the specification's, of a built-in or an option as in the text
	// format: "task.return", "utf16". That of a core feature is
	// "exceptions", "gc types", "multiple memories", "multiple tables",
	// "shared memory", "64-bit memory" or "64-bit table".
	Name string
	// Uses is how many definitions of the file use it; for a core feature, how
	// many core modules do.
	Uses int
	// Supported says that package rt has it. A built-in that it has not traps
	// when it is called, an exported import is an error when it is called;
	// anything else keeps the component from being compiled.
	Supported bool
}

// FeatureKind says what a feature is about.
type FeatureKind string

// The kinds of feature.
const (
	// BuiltinFeature is a canonical definition: "lift", "lower", a built-in
	// function.
	BuiltinFeature FeatureKind = "built-in"
	// OptionFeature is an option of canonical definitions: the encodings of
	// strings "utf8", "utf16" and "latin1+utf16", which is noted where there
	// is a memory for them; "async", "callback", "post-return", "gc".
	OptionFeature FeatureKind = "option"
	// DefinitionFeature is a definition of a component that few have: "start",
	// "value", "component import", "exported import".
	DefinitionFeature FeatureKind = "definition"
	// CoreFeature is a feature of core modules.
	CoreFeature FeatureKind = "core"
)

// builtins are the canonical definitions that are supported.
var builtins = map[binary.CanonOp]bool{
	binary.CanonLift: true, binary.CanonLower: true,
	binary.CanonResourceNew: true, binary.CanonResourceRep: true, binary.CanonResourceDrop: true,
	binary.CanonTaskReturn: true, binary.CanonContextGet: true, binary.CanonContextSet: true,
	binary.CanonBackpressureInc: true, binary.CanonBackpressureDec: true,
}

// uses counts what a component uses.
type uses map[Feature]int // with Uses 0

func (u uses) use(kind FeatureKind, name string, supported bool) {
	u[Feature{Kind: kind, Name: name, Supported: supported}]++
}

// list returns the features by kind and name.
func (u uses) list() []Feature {
	var list []Feature
	for x, n := range u {
		x.Uses = n
		list = append(list, x)
	}
	slices.SortFunc(list, func(a, b Feature) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	return list
}

// definition notes what a definition of a component uses.
func (u uses) definition(d binary.Def) {
	switch d := d.(type) {
	case *binary.Canon:
		u.use(BuiltinFeature, d.Op.String(), builtins[d.Op])
		u.options(d.Options)
	case *binary.Start:
		u.use(DefinitionFeature, "start", false)
	case *binary.Value:
		u.use(DefinitionFeature, "value", false)
	case *binary.Import:
		switch d.Type.Sort {
		case binary.SortValue:
			u.use(DefinitionFeature, "value", false)
		case binary.SortComponent:
			u.use(DefinitionFeature, "component import", false)
		}
	}
}

// options notes canonical options, but not those that nearly all have.
func (u uses) options(list []binary.CanonOpt) {
	memory, encoded := false, false
	for _, o := range list {
		switch o.Op {
		case binary.OptMemory:
			memory = true
		case binary.OptRealloc:
		case binary.OptUTF8, binary.OptUTF16, binary.OptLatin1UTF16:
			encoded = true
			u.use(OptionFeature, o.Op.String(), true)
		case binary.OptAsync, binary.OptCallback, binary.OptPostReturn:
			u.use(OptionFeature, o.Op.String(), true)
		default:
			u.use(OptionFeature, o.Op.String(), false)
		}
	}
	if memory && !encoded {
		u.use(OptionFeature, binary.OptUTF8.String(), true)
	}
}

// module notes what a core module uses, as far as that is to be seen outside of
// function bodies.
func (u uses) module(m *binary.Module) {
	use := func(name string, supported, used bool) {
		if used {
			u.use(CoreFeature, name, supported)
		}
	}
	memories, tables := limits(m, binary.CoreMemory), limits(m, binary.CoreTable)
	is64 := func(l CoreLimits) bool { return l.Is64 }
	use("exceptions", true, m.Len(binary.CoreTag) > 0)
	use("gc types", false, slices.ContainsFunc(m.Types, func(t binary.CoreDefType) bool {
		_, other := t.(*binary.CoreOtherType)
		return other
	}))
	use("multiple memories", false, len(memories) > 1)
	use("multiple tables", true, len(tables) > 1)
	use("shared memory", false, slices.ContainsFunc(memories, func(l CoreLimits) bool { return l.Shared }))
	use("64-bit memory", false, slices.ContainsFunc(memories, is64))
	use("64-bit table", false, slices.ContainsFunc(tables, is64))
}

// exports notes functions that are imported and exported as they are.
func (u uses) exports(e *plan.Exports) {
	for _, x := range e.Funcs {
		if x.Lift < 0 {
			u.use(DefinitionFeature, "exported import", false)
		}
	}
	for i := range e.Instances {
		u.exports(&e.Instances[i])
	}
}
