package echo

import "strings"

// unsigned and signed encode numbers as LEB128.
func unsigned(n int) string {
	if n < 0x80 {
		return string([]byte{byte(n)})
	}
	return string([]byte{byte(n) | 0x80}) + unsigned(n>>7)
}

func signed(n int) string {
	if -0x40 <= n && n < 0x40 {
		return string([]byte{byte(n & 0x7f)})
	}
	return string([]byte{byte(n) | 0x80}) + signed(n>>7)
}

// sized encodes bytes with their number before them, as names, bodies of
// functions, modules and components are.
func sized(s string) string { return unsigned(len(s)) + s }

// plain encodes the name of an import or export.
func plain(name string) string { return "\x00" + sized(name) }

// vector encodes elements that are encoded.
func vector(elems ...string) string { return unsigned(len(elems)) + strings.Join(elems, "") }

// section encodes a section of such elements.
func section(id byte, elems ...string) string { return string([]byte{id}) + sized(vector(elems...)) }

// The sections of a component. See Binary.md, "Component Definitions".
const (
	sectionCoreModule   = "\x01" // a module, not a vector
	sectionCoreInstance = 2
	sectionComponent    = "\x04" // a component, not a vector
	sectionInstance     = 5
	sectionAlias        = 6
	sectionType         = 7
	sectionCanon        = 8
	sectionImport       = 10
	sectionExport       = 11
)

const (
	componentPreamble = "\x00asm\x0d\x00\x01\x00"
	modulePreamble    = "\x00asm\x01\x00\x00\x00"
)

// What an index is of, where it is imported, exported or an argument.
const (
	sortFunc     = "\x01"
	sortType     = "\x03"
	sortInstance = "\x05"

	sortCoreInstance = "\x12"
)

// equal is the bound of a type that is another one.
const equal = sortType + "\x00"
