package types

import "github.com/witgen/witgen/rt/internal/binary"

// moduleOf returns the type of an embedded core module.
func moduleOf(m *binary.Module) *Module {
	t := &Module{}
	for _, im := range m.Imports {
		t.Imports = append(t.Imports, CoreExtern{im.Module, im.Name, im.Type.Sort, moduleFunc(m, im.Type)})
	}
	for _, ex := range m.Exports {
		et, _ := m.Extern(ex.Sort, ex.Idx)
		t.Exports = append(t.Exports, CoreExtern{"", ex.Name, ex.Sort, moduleFunc(m, et)})
	}
	return t
}

func moduleFunc(m *binary.Module, t binary.CoreExternType) *binary.CoreFuncType {
	if t.Sort != binary.CoreFunc {
		return nil
	}
	f, ok := m.Func(t.Type)
	if !ok {
		return &binary.CoreFuncType{} // of a core type that no canonical function has
	}
	return f
}

// sameCore reports whether two core function types are equal.
func sameCore(a, b *binary.CoreFuncType) bool {
	return sameCoreTypes(a.Params, b.Params) && sameCoreTypes(a.Results, b.Results)
}

func sameCoreTypes(a, b []binary.CoreValType) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Code != b[i].Code {
			return false
		}
	}
	return true
}
