package types_test

import (
	"strings"
	"testing"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/types"
)

// preamble begins every component.
const preamble = "\x00asm\x0d\x00\x01\x00"

// The sections of a component.
const (
	secModule    = 1
	secCoreInst  = 2
	secCoreType  = 3
	secComponent = 4
	secInstance  = 5
	secAlias     = 6
	secType      = 7
	secCanon     = 8
	secImport    = 10
	secExport    = 11
)

// leb encodes an index or a length.
func leb(n int) string {
	if n < 0x80 {
		return string([]byte{byte(n)})
	}
	return string([]byte{byte(n&0x7f | 0x80)}) + leb(n>>7)
}

// index encodes a type index where codes of types may stand, too.
func index(n int) string {
	if n < 0x40 {
		return leb(n)
	}
	return string([]byte{byte(n&0x7f | 0x80)}) + index(n>>7)
}

// section encodes a section.
func section(id byte, contents string) string {
	return string([]byte{id}) + leb(len(contents)) + contents
}

// vector encodes elements that are encoded.
func vector(elems ...string) string { return leb(len(elems)) + strings.Join(elems, "") }

// def encodes a section of definitions that are encoded.
func def(id byte, defs ...string) string { return section(id, vector(defs...)) }

func name(s string) string { return leb(len(s)) + s }

// plain encodes a name without attributes.
func plain(s string) string { return "\x00" + name(s) }

// component encodes a component inside another.
func component(sections ...string) string {
	return section(secComponent, preamble+strings.Join(sections, ""))
}

// Types. Those of values are a code, or an index as leb encodes it.
const (
	boolean  = "\x7f"
	u8       = "\x7d"
	u32      = "\x79"
	f32      = "\x76"
	char     = "\x74"
	str      = "\x73"
	resource = "\x3f\x7f\x00"
)

// record, variant and enum encode types; fields alternate names and types.
func record(fields ...string) string { return "\x72" + labelled(fields...) }

func variant(names ...string) string {
	var cases []string
	for _, n := range names {
		cases = append(cases, name(n)+"\x00\x00")
	}
	return "\x71" + vector(cases...)
}

func enum(names ...string) string {
	var labels []string
	for _, n := range names {
		labels = append(labels, name(n))
	}
	return "\x6d" + vector(labels...)
}

func labelled(fields ...string) string {
	var list []string
	for i := 0; i < len(fields); i += 2 {
		list = append(list, name(fields[i])+fields[i+1])
	}
	return vector(list...)
}

// fn encodes a function type; result is empty if it has none.
func fn(result string, params ...string) string {
	if result == "" {
		return "\x40" + labelled(params...) + "\x01\x00"
	}
	return "\x40" + labelled(params...) + "\x00" + result
}

// own and borrow encode handles to the resource of an index.
func own(i int) string    { return "\x69" + leb(i) }
func borrow(i int) string { return "\x68" + leb(i) }

// Extern types, by type index.
func asFunc(i int) string      { return "\x01" + leb(i) }
func asType(i int) string      { return "\x03\x00" + leb(i) }
func asComponent(i int) string { return "\x04" + leb(i) }
func asInstance(i int) string  { return "\x05" + leb(i) }

const asResource = "\x03\x01"

// Sort indices: what an export or argument refers to.
func funcRef(i int) string      { return "\x01" + leb(i) }
func typeRef(i int) string      { return "\x03" + leb(i) }
func componentRef(i int) string { return "\x04" + leb(i) }
func instanceRef(i int) string  { return "\x05" + leb(i) }

// Declarations inside types of instances and components.
func declType(t string) string            { return "\x01" + t }
func declOuter(count, i int) string       { return "\x02\x03\x02" + leb(count) + leb(i) }
func declImport(n, extern string) string  { return "\x03" + plain(n) + extern }
func declExport(n, extern string) string  { return "\x04" + plain(n) + extern }
func instanceType(decls ...string) string { return "\x42" + vector(decls...) }
func componentType(decls ...string) string {
	return "\x41" + vector(decls...)
}

// exported encodes an export without an ascribed type.
func exported(n, ref string) string { return plain(n) + ref + "\x00" }

// ascribed encodes an export with one.
func ascribed(n, ref, extern string) string { return plain(n) + ref + "\x01" + extern }

// instantiate encodes an instance of a component; args alternate names and
// references. bag encodes one that has existing definitions, likewise.
func instantiate(c int, args ...string) string {
	return "\x00" + leb(c) + labelled(args...)
}

func bag(exports ...string) string {
	var list []string
	for i := 0; i < len(exports); i += 2 {
		list = append(list, plain(exports[i])+exports[i+1])
	}
	return "\x01" + vector(list...)
}

// alias encodes an alias of an instance's export, of a sort as its references
// begin.
func alias(sort string, instance int, n string) string {
	return sort + "\x00" + leb(instance) + name(n)
}

// module encodes a core module.
func module(sections ...string) string {
	return section(secModule, "\x00asm\x01\x00\x00\x00"+strings.Join(sections, ""))
}

// checkBytes decodes and checks a component of these sections.
func checkBytes(t *testing.T, sections string) (*types.Component, error) {
	t.Helper()
	tree, err := binary.Decode([]byte(preamble + sections))
	if err != nil {
		t.Fatalf("does not decode: %v", err)
	}
	return types.Check(tree)
}
