package binary

import (
	"slices"
	"strings"
)

// Module is what a component runtime asks about a core module. Function
// bodies, element and data segments stay in the bytes.
type Module struct {
	Types    []CoreDefType // [*CoreFuncType] or [*CoreOtherType]
	Imports  []CoreImport
	Funcs    []uint32         // of each defined function: its type index
	Tables   []CoreExternType // defined ones
	Memories []CoreExternType // defined ones
	Globals  []CoreExternType // defined ones
	Tags     []CoreExternType // defined ones
	Exports  []CoreExport
	Start    *uint32 // function index; nil when there is none
	Sections []Section

	// ImportTypes holds, for each import, where its extern type stands.
	ImportTypes []Span

	imported [CoreTag + 1][]int // by sort: indices into Imports
	byName   []uint32           // indices into Exports, in the order of their names
}

// Span is a range of a core module's bytes.
type Span struct{ Start, End int }

// Of returns the bytes of the range in the module it belongs to.
func (s Span) Of(module []byte) []byte { return module[s.Start:s.End] }

// Section is a section of a core module.
type Section struct {
	ID   byte
	Name string // of a custom section
	All  Span   // with its header
	Body Span
}

// The section ids of a core module.
const (
	ModuleCustom    = 0
	ModuleType      = 1
	ModuleImport    = 2
	ModuleFunction  = 3
	ModuleTable     = 4
	ModuleMemory    = 5
	ModuleGlobal    = 6
	ModuleExport    = 7
	ModuleStart     = 8
	ModuleElement   = 9
	ModuleCode      = 10
	ModuleData      = 11
	ModuleDataCount = 12
	ModuleTag       = 13
)

// Section returns the section with the id, which must not be custom; false
// when the module has none.
func (m *Module) Section(id byte) (Section, bool) {
	for _, s := range m.Sections {
		if s.ID == id && id != ModuleCustom {
			return s, true
		}
	}
	return Section{}, false
}

// Extern returns the type of an index in the space of a sort, imports first;
// false when the space has no such index.
func (m *Module) Extern(sort CoreSort, idx uint32) (CoreExternType, bool) {
	if sort > CoreTag {
		return CoreExternType{}, false
	}
	imported := m.imported[sort]
	if uint64(idx) < uint64(len(imported)) {
		return m.Imports[imported[idx]].Type, true
	}
	i := uint64(idx) - uint64(len(imported))
	var defined []CoreExternType
	switch sort {
	case CoreFunc:
		if i < uint64(len(m.Funcs)) {
			return CoreExternType{Sort: CoreFunc, Type: m.Funcs[i]}, true
		}
	case CoreTable:
		defined = m.Tables
	case CoreMemory:
		defined = m.Memories
	case CoreGlobal:
		defined = m.Globals
	case CoreTag:
		defined = m.Tags
	}
	if i < uint64(len(defined)) {
		return defined[i], true
	}
	return CoreExternType{}, false
}

// Len returns the number of indices in the space of a sort.
func (m *Module) Len(sort CoreSort) int {
	if sort > CoreTag {
		return 0
	}
	defined := [...]int{len(m.Funcs), len(m.Tables), len(m.Memories), len(m.Globals), len(m.Tags)}
	return len(m.imported[sort]) + defined[sort]
}

// Func returns the function type at a type index; false when there is none
// or it is no function type.
func (m *Module) Func(idx uint32) (*CoreFuncType, bool) {
	if uint64(idx) >= uint64(len(m.Types)) {
		return nil, false
	}
	t, ok := m.Types[idx].(*CoreFuncType)
	return t, ok
}

// Export returns the export with the name, the first if there are several,
// which is invalid; false when there is none. It does not walk the exports.
func (m *Module) Export(name string) (CoreExport, bool) {
	i, ok := slices.BinarySearchFunc(m.byName, name, func(i uint32, name string) int {
		return strings.Compare(m.Exports[i].Name, name)
	})
	if !ok {
		return CoreExport{}, false
	}
	return m.Exports[m.byName[i]], true
}

// sortExports prepares for [Module.Export].
func (m *Module) sortExports() {
	m.byName = make([]uint32, len(m.Exports))
	for i := range m.byName {
		m.byName[i] = uint32(i)
	}
	slices.SortStableFunc(m.byName, func(i, j uint32) int {
		return strings.Compare(m.Exports[i].Name, m.Exports[j].Name)
	})
}
