package rt

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unsafe"

	"github.com/witgen/witgen/rt/internal/binary"
	"github.com/witgen/witgen/rt/internal/core"
	"github.com/witgen/witgen/rt/internal/plan"
	"github.com/witgen/witgen/rt/internal/types"
)

// Module is a core module, for components that import one. It may be shared
// between goroutines.
type Module struct {
	bytes  []byte
	module *binary.Module
	typ    *types.Module
}

// NewModule reads a core module. Its code is validated when a component that
// imports it is instantiated. The module keeps the bytes, which must not change
// after.
func NewModule(wasm []byte) (*Module, error) {
	m, err := binary.DecodeModule(wasm)
	if err != nil {
		return nil, fmt.Errorf("core module: %w", err)
	}
	t, err := types.ModuleOf(m)
	if err != nil {
		return nil, fmt.Errorf("core module: %w", err)
	}
	return &Module{wasm, m, t}, nil
}

// Type returns the module's imports and exports.
func (m *Module) Type() *ModuleType { return moduleType(m.typ) }

// names returns how an image of a plan wants the module's imports to be named,
// when the component imports it by a type.
func (m *Module) names(im plan.Image, want *types.Module) ([]core.Binding, error) {
	names := make([]core.Binding, len(m.module.Imports))
	for i, have := range m.module.Imports {
		j := slices.IndexFunc(want.Imports, func(w types.CoreExtern) bool { return w.Module == have.Module && w.Name == have.Name })
		if j < 0 {
			return nil, errors.New("core module imports " + strconv.Quote(have.Name) + ", which is not wanted")
		}
		names[i] = im.Names[j]
	}
	return names, nil
}

// key tells modules apart by their bytes.
func (m *Module) key() *byte { return unsafe.SliceData(m.bytes) }
