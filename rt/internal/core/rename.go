package core

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/witgen/witgen/rt/internal/binary"
)

// Binding is the pair of names under which a core runtime finds an import.
type Binding struct{ Module, Name string }

// Rename returns the core module with import i named names[i]; there must be
// one for each import. The import section is encoded anew, with lengths in
// their shortest form; all other bytes are those of module. A module without
// imports is returned as it is.
//
// An error is that of [binary.DecodeModule], or says which name is unfit.
func Rename(module []byte, names []Binding) ([]byte, error) {
	m, err := binary.DecodeModule(module)
	if err != nil {
		return nil, err
	}
	if len(names) != len(m.Imports) {
		return nil, fmt.Errorf("%d names for %d imports", len(names), len(m.Imports))
	}
	if len(names) == 0 {
		return module, nil
	}
	body, err := importSection(module, m, names)
	if err != nil {
		return nil, err
	}
	old, _ := m.Section(binary.ModuleImport)
	out := make([]byte, 0, len(module)-len(old.All.Of(module))+len(body)+6)
	out = append(out, module[:old.All.Start]...)
	out = append(out, binary.ModuleImport)
	out = appendU32(out, uint32(len(body)))
	out = append(out, body...)
	return append(out, module[old.All.End:]...), nil
}

// importSection encodes the contents of the import section under new names.
func importSection(module []byte, m *binary.Module, names []Binding) ([]byte, error) {
	size := uint64(5)
	for i, n := range names {
		if !utf8.ValidString(n.Module) || !utf8.ValidString(n.Name) {
			return nil, fmt.Errorf("name %q %q of import %d is not UTF-8", n.Module, n.Name, i)
		}
		size += 10 + uint64(len(n.Module)) + uint64(len(n.Name)) + uint64(len(m.ImportTypes[i].Of(module)))
	}
	if size > math.MaxInt32 {
		return nil, fmt.Errorf("import section of %d bytes, limit %d", size, math.MaxInt32)
	}
	body := make([]byte, 0, size)
	body = appendU32(body, uint32(len(names)))
	for i, n := range names {
		body = appendName(body, n.Module)
		body = appendName(body, n.Name)
		body = append(body, m.ImportTypes[i].Of(module)...)
	}
	return body, nil
}

func appendName(b []byte, name string) []byte {
	b = appendU32(b, uint32(len(name)))
	return append(b, name...)
}
