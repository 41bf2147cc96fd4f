package types

import (
	"fmt"

	"github.com/witgen/witgen/rt/internal/binary"
)

// Module is the type of a core module: unique imports and exports.
type Module struct {
	Imports []CoreExtern
	Exports []CoreExtern

	exports *coreExports             // of Exports
	imports map[[2]string]CoreExtern // of Imports
}

// newModule returns the type of a module, or says what of it is invalid.
func newModule(imports, exports []CoreExtern) (*Module, error) {
	m := &Module{Imports: imports, Exports: exports, exports: &coreExports{list: exports}, imports: make(map[[2]string]CoreExtern, len(imports))}
	for _, im := range imports {
		key := [2]string{im.Module, im.Name}
		if _, ok := m.imports[key]; ok {
			return nil, fmt.Errorf("duplicate import %.64q %.64q", im.Module, im.Name)
		}
		m.imports[key] = im
		if err := checkLimits(im.Type); err != nil {
			return nil, fmt.Errorf("import %.64q %.64q: %w", im.Module, im.Name, err)
		}
	}
	seen := make(map[string]bool, len(exports))
	for _, ex := range exports {
		if seen[ex.Name] {
			return nil, fmt.Errorf("duplicate export %.64q", ex.Name)
		}
		seen[ex.Name] = true
		if err := checkLimits(ex.Type); err != nil {
			return nil, fmt.Errorf("export %.64q: %w", ex.Name, err)
		}
	}
	return m, nil
}

// coreModule adds an embedded core module. What of it is not looked at here,
// function bodies above all, is for the core engine to validate.
func (s *scope) coreModule(d *binary.CoreModule) error {
	m, err := moduleOf(d.Module)
	if err != nil {
		return s.errorf(d.Pos(), "core module %d: %v", len(s.modules), err)
	}
	s.modules = append(s.modules, m)
	return nil
}

func moduleOf(m *binary.Module) (*Module, error) {
	imports := make([]CoreExtern, len(m.Imports))
	for i, im := range m.Imports {
		f, err := moduleFunc(m, im.Type)
		if err != nil {
			return nil, fmt.Errorf("import %.64q %.64q: %w", im.Module, im.Name, err)
		}
		imports[i] = CoreExtern{im.Module, im.Name, im.Type, f}
	}
	exports := make([]CoreExtern, len(m.Exports))
	for i, ex := range m.Exports {
		t, ok := m.Extern(ex.Sort, ex.Idx)
		if !ok {
			return nil, fmt.Errorf("export %.64q: unknown %s %d", ex.Name, ex.Sort, ex.Idx)
		}
		f, err := moduleFunc(m, t)
		if err != nil {
			return nil, fmt.Errorf("export %.64q: %w", ex.Name, err)
		}
		exports[i] = CoreExtern{"", ex.Name, t, f}
	}
	return newModule(imports, exports)
}

func moduleFunc(m *binary.Module, t binary.CoreExternType) (*binary.CoreFuncType, error) {
	if t.Sort != binary.CoreFunc && t.Sort != binary.CoreTag {
		return nil, nil
	}
	if uint64(t.Type) >= uint64(len(m.Types)) {
		return nil, fmt.Errorf("unknown core type %d", t.Type)
	}
	if f, ok := m.Func(t.Type); ok {
		return f, nil
	}
	return otherFunc, nil
}

// matchModule checks that a core module exports what is wanted and imports
// nothing else.
func (ck *checker) matchModule(want, got *Module) error {
	for _, w := range want.Exports {
		if !ck.charge(w.steps()) {
			return errTooLarge
		}
		g, ok := got.exports.export(w.Name)
		if !ok {
			return fmt.Errorf("core module does not export %.64q", w.Name)
		}
		if err := g.fits(w); err != nil {
			return fmt.Errorf("core module exports %.64q: %w", w.Name, err)
		}
	}
	for _, g := range got.Imports {
		if !ck.charge(g.steps()) {
			return errTooLarge
		}
		w, ok := want.imports[[2]string{g.Module, g.Name}]
		if !ok {
			return fmt.Errorf("core module imports %.64q %.64q, which is not wanted", g.Module, g.Name)
		}
		if err := w.fits(g); err != nil {
			return fmt.Errorf("core module imports %.64q %.64q: %w", g.Module, g.Name, err)
		}
	}
	return nil
}

// ModuleOf returns the type of a core module. What of it is not looked at here,
// function bodies above all, is for the core engine to validate.
func ModuleOf(m *binary.Module) (*Module, error) { return moduleOf(m) }

// Fits checks that a module exports what is wanted and imports nothing else.
func (m *Module) Fits(want *Module) error {
	ck := &checker{left: maxSteps}
	return ck.matchModule(want, m)
}
