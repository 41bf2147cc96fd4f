package watch

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/witgen/witgen/rt/internal/binary"
)

// preamble is what a component begins with: magic, version and layer.
// See Binary.md, "Component Definitions".
const preamble = "\x00asm\x0d\x00\x01\x00"

// The layers, by the byte that names them in a preamble.
const (
	moduleLayer = iota
	componentLayer
)

// sections are the names of sections by layer and id. See Binary.md and
// "Sections" in the core specification's binary format.
var sections = [...][]string{
	moduleLayer: {"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element",
		"code", "data", "data count", "tag"},
	componentLayer: {"custom", "core module", "core instance", "core type", "component", "instance", "alias", "type", "canon",
		"start", "import", "export", "value"},
}

// The sections of a component that have a preamble and sections themselves.
const (
	coreModuleSection = 1
	componentSection  = 4
)

// cut reports whether bytes are the beginning of a component that ends within
// its preamble or a section, and the name of that section; a few bytes that
// wasm of any kind begins with are such a beginning, and so are none. It goes from
// section to section and looks into none but the one that is cut.
func cut(b []byte) (section string, is bool) {
	if len(b) < len(preamble) {
		magic := preamble[:min(len(b), 4)]
		return "", string(b[:len(magic)]) == magic
	}
	if string(b[:len(preamble)]) != preamble {
		return "", false
	}
	names := sections[componentLayer]
	b = b[len(preamble):]
	for len(b) > 0 {
		id := b[0]
		size, n := u32(b[1:])
		if n < 0 {
			return section, is // no size at all: whoever decodes it says so
		}
		if n == 0 {
			return sectionName(names, id), true
		}
		rest := b[1+n:]
		if uint64(size) <= uint64(len(rest)) {
			b = rest[size:]
			continue
		}
		section, is = sectionName(names, id), true
		if len(rest) < len(preamble) || &names[0] != &sections[componentLayer][0] {
			break
		}
		switch id {
		case coreModuleSection:
			names = sections[moduleLayer]
		case componentSection:
		default:
			return section, is
		}
		b = rest[len(preamble):]
	}
	return section, is
}

// sectionName returns a section's name, or the id if it has none.
func sectionName(names []string, id byte) string {
	if int(id) < len(names) {
		return names[id]
	}
	return fmt.Sprintf("%#02x", id)
}

// u32 reads a LEB128 integer of 32 bits: the value and how many bytes it has;
// 0 if b ends within it, -1 if it is none.
func u32(b []byte) (v uint32, n int) {
	for i := range 5 {
		if i == len(b) {
			return 0, 0
		}
		if i == 4 && b[i] > 0x0f {
			return 0, -1
		}
		v |= uint32(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			return v, i + 1
		}
	}
	return 0, -1
}

// check says what bytes are that do not begin as a component does, or end too
// soon. It returns nil for all others: what is in the sections is not looked at.
func check(path string, b []byte, d Digest) error {
	if section, short := cut(b); short {
		err := fmt.Errorf("unexpected end at %#x", len(b))
		if section != "" {
			err = fmt.Errorf("%w in section %s", err, section)
		}
		return &Error{path, Truncated, d, err}
	}
	if bytes.HasPrefix(b, []byte(preamble)) {
		return nil
	}
	_, err := binary.Decode(b)
	kind := NotComponent
	if other, ok := errors.AsType[*binary.NotComponentError](err); ok && !other.Module {
		kind = NotWasm
	}
	return &Error{path, kind, d, err}
}
