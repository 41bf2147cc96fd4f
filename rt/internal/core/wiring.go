package core

import "github.com/witgen/witgen/rt/internal/binary"

// Wiring returns a core module that imports a function of type () -> () and
// tables of instrumented modules, and as it is instantiated makes the function
// entry 0 of each table. It has no other effect, no memory and no exports.
//
// See [Instrumented.Table].
func Wiring(interrupt Binding, tables ...Binding) []byte {
	imports := appendU32(nil, uint32(len(tables))+1)
	imports = appendName(appendName(imports, interrupt.Module), interrupt.Name)
	imports = append(imports, byte(binary.CoreFunc), 0)
	elements := appendU32(nil, uint32(len(tables)))
	for i, t := range tables {
		imports = appendName(appendName(imports, t.Module), t.Name)
		imports = append(imports, byte(binary.CoreTable), 0x70, 0x00, 1) // funcref, one entry or more
		elements = appendU32(append(elements, 2), uint32(i))             // active, in table i
		elements = append(elements, opI32Const, 0, opEnd, 0, 1, 0)       // from entry 0: functions, one, which is function 0
	}
	out := []byte("\x00asm\x01\x00\x00\x00")
	out = appendSection(out, binary.ModuleType, []byte{1, 0x60, 0, 0})
	out = appendSection(out, binary.ModuleImport, imports)
	return appendSection(out, binary.ModuleElement, elements)
}
