package wast

import (
	"bytes"
	"encoding/binary"
)

// The first bytes of binaries: a magic number and a version.
const (
	modulePreamble    = "\x00asm\x01\x00\x00\x00"
	componentPreamble = "\x00asm\x0d\x00\x01\x00"
)

// isModule reports whether a binary is a core module.
func isModule(wasm []byte) bool { return bytes.HasPrefix(wasm, []byte(modulePreamble)) }

// componentOf returns a component that has a core module in it and instantiates
// it, without any imports.
func componentOf(module []byte) []byte {
	out := []byte(componentPreamble)
	out = section(out, 1, module)                 // a core module
	return section(out, 2, []byte{1, 0x00, 0, 0}) // one core instance: of module 0, no arguments
}

// section appends a section.
func section(out []byte, id byte, content []byte) []byte {
	out = append(out, id)
	out = binary.AppendUvarint(out, uint64(len(content)))
	return append(out, content...)
}
