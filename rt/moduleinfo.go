package rt

import (
	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/types"
)

// ModuleInfo is what a core module is made of.
type ModuleInfo struct {
	Name      string // as it calls itself; may be empty
	Component int    // index in Info.Components of the component that it is in
	Offset    int    // in the file, in bytes
	Size      int    // in bytes
	Instances int    // how many instances of it an instance of the component has; 0 if Info.Err is set

	Code   int // size of the code section, in bytes
	Data   int // size of the data section, in bytes
	Custom int // size of the custom sections, as for names and debugging, in bytes

	Functions int // that it defines
	Memories  []CoreLimits
	Tables    []CoreLimits
	Start     bool // has a start function

	// Type is the module's imports and exports; nil if they are invalid.
	Type *ModuleType
}

// CoreLimits are those of a memory, in pages of 64 KiB, or of a table, in elements.
type CoreLimits struct {
	Imported bool // of another module's
	Min      uint64
	Max      uint64 // if HasMax
	HasMax   bool
	Shared   bool // between threads
	Is64     bool // has 64-bit addresses
}

// Info says what the module is made of. Component, Offset and Instances are 0.
func (m *Module) Info() ModuleInfo { return moduleInfo(m.module, m.bytes) }

func moduleInfo(m *binary.Module, wasm []byte) ModuleInfo {
	x := ModuleInfo{
		Name: m.Name(wasm), Size: len(wasm), Functions: len(m.Funcs), Start: m.Start != nil,
		Memories: limits(m, binary.CoreMemory), Tables: limits(m, binary.CoreTable),
	}
	for _, s := range m.Sections {
		size := s.Body.End - s.Body.Start
		switch s.ID {
		case binary.ModuleCode:
			x.Code = size
		case binary.ModuleData:
			x.Data = size
		case binary.ModuleCustom:
			x.Custom += size
		}
	}
	if t, err := types.ModuleOf(m); err == nil {
		x.Type = moduleType(t)
	}
	return x
}

// limits returns those of all memories or tables, imported ones first.
func limits(m *binary.Module, sort binary.CoreSort) []CoreLimits {
	var list []CoreLimits
	add := func(t binary.CoreExternType, imported bool) {
		if t.Sort == sort {
			l := t.Limits
			list = append(list, CoreLimits{imported, l.Min, l.Max, l.HasMax, l.Shared, l.Is64})
		}
	}
	for _, im := range m.Imports {
		add(im.Type, true)
	}
	for _, t := range m.Tables {
		add(t, false)
	}
	for _, t := range m.Memories {
		add(t, false)
	}
	return list
}
