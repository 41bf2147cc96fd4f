package core

import "github.com/witgen/witgen/rt/internal/binary"

// ReferenceExport is the name of what the module of [Reference] exports.
const ReferenceExport = "reference"

// Reference returns a core module that imports a function of type () -> () and
// exports a constant global of type funcref that refers to it. It has nothing
// else. The value of the global is what [Instrumented.Interrupt] is to be set
// to, and good for as long as the module's instance is there: nothing keeps it
// for those who have the value.
//
// Checked modules could import the function, but that would shift the indices
// of their own; or a table with it, which would shift those too, and of which
// wazero keeps all importers, closed ones included, as long as the table.
func Reference(f Binding) []byte {
	imports := appendName(appendName([]byte{1}, f.Module), f.Name)
	imports = append(imports, byte(binary.CoreFunc), 0)
	out := []byte("\x00asm\x01\x00\x00\x00")
	out = appendSection(out, binary.ModuleType, []byte{1, 0x60, 0, 0})
	out = appendSection(out, binary.ModuleImport, imports)
	out = appendSection(out, binary.ModuleGlobal, []byte{1, 0x70, 0x00, opRefFunc, 0, opEnd})
	return appendSection(out, binary.ModuleExport, appendExport([]byte{1}, ReferenceExport, binary.CoreGlobal, 0))
}
