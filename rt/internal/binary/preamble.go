package binary

import "bytes"

var (
	magic             = []byte("\x00asm")
	componentPreamble = []byte("\x00asm\x0d\x00\x01\x00")
	modulePreamble    = []byte("\x00asm\x01\x00\x00\x00")
)

// IsModule reports whether wasm begins as a core module does.
func IsModule(wasm []byte) bool { return bytes.HasPrefix(wasm, modulePreamble) }

// checkFile tells what a file is that is not even the beginning of a
// component.
func checkFile(wasm []byte) error {
	head := wasm[:min(len(wasm), 8)]
	switch {
	case IsModule(wasm):
		e := &NotComponentError{Module: true, Head: head}
		// A module that cannot be read any further is a core module still.
		m, _ := DecodeModule(wasm)
		if m == nil {
			return e
		}
		seen := make(map[string]bool)
		for _, im := range m.Imports {
			if !seen[im.Module] {
				seen[im.Module] = true
				e.Imports = append(e.Imports, im.Module)
			}
		}
		return e
	case len(wasm) == 0, !bytes.HasPrefix(wasm, magic[:min(len(wasm), len(magic))]):
		return &NotComponentError{Head: head}
	}
	return nil
}

// preamble takes the eight bytes that open a component or a core module.
func (r *reader) preamble(want []byte, what string) {
	at := r.offset()
	got := r.bytes(uint32(len(want)))
	switch {
	case r.err != nil || bytes.Equal(got, want):
	case !bytes.HasPrefix(got, magic):
		r.failAt(at, "not a %s: starts with % x", what, got[:len(magic)])
	case bytes.Equal(got, componentPreamble):
		r.failAt(at, "not a %s: component (layer 1)", what)
	case bytes.Equal(got, modulePreamble):
		r.failAt(at, "not a %s: core module (layer 0)", what)
	default:
		r.failAt(at+len(magic), "unknown version % x of a %s, this is % x", got[4:], what, want[4:])
	}
}
