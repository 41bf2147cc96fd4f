package rt_test

import (
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
)

// TestWorldDigest has worlds that differ in one thing: those differ by which
// components fit.
func TestWorldDigest(t *testing.T) {
	world := func(change func(w *rt.World, x *abi.Interface)) rt.World {
		x := &abi.Interface{
			Name: "a:b/c@0.1.0", Resources: []string{"r", "s"},
			Funcs: []abi.FuncType{{Name: "f", Type: "func()"}, {Name: "g", Type: "func() -> u32"}},
		}
		w := rt.World{
			Name: "a:b/w@0.1.0", Optional: []string{"f", "g"},
			Imports: []*abi.Interface{x, {Name: "a:b/d@0.1.0"}}, Exports: []*abi.Interface{{Name: "a:b/e@0.1.0"}},
		}
		change(&w, x)
		return w
	}
	same := world(func(*rt.World, *abi.Interface) {}).Digest()
	for _, tt := range []struct {
		name   string
		same   bool
		change func(w *rt.World, x *abi.Interface)
	}{
		{"nothing", true, func(*rt.World, *abi.Interface) {}},
		{"name of the world", true, func(w *rt.World, _ *abi.Interface) { w.Name = "a:b/v@0.1.0" }},
		{"order of interfaces", true, func(w *rt.World, _ *abi.Interface) { w.Imports[0], w.Imports[1] = w.Imports[1], w.Imports[0] }},
		{"order of functions", true, func(_ *rt.World, x *abi.Interface) { x.Funcs[0], x.Funcs[1] = x.Funcs[1], x.Funcs[0] }},
		{"order of resources", true, func(_ *rt.World, x *abi.Interface) { x.Resources = []string{"s", "r"} }},
		{"order of what is optional", true, func(w *rt.World, _ *abi.Interface) { w.Optional = []string{"g", "f"} }},
		{"version", false, func(_ *rt.World, x *abi.Interface) { x.Name = "a:b/c@0.1.1" }},
		{"type", false, func(_ *rt.World, x *abi.Interface) { x.Funcs[0].Type = "func() -> u32" }},
		{"types of two functions", false, func(_ *rt.World, x *abi.Interface) {
			x.Funcs[0].Type, x.Funcs[1].Type = x.Funcs[1].Type, x.Funcs[0].Type
		}},
		{"function", false, func(_ *rt.World, x *abi.Interface) { x.Funcs = x.Funcs[:1] }},
		{"resource", false, func(_ *rt.World, x *abi.Interface) { x.Resources = nil }},
		{"side", false, func(w *rt.World, _ *abi.Interface) {
			w.Imports, w.Exports = w.Imports[:1], append(w.Exports, w.Imports[1])
		}},
		{"an older version", false, func(w *rt.World, _ *abi.Interface) { w.Older = []rt.World{{}} }},
		{"what is optional", false, func(w *rt.World, _ *abi.Interface) { w.Optional = w.Optional[:1] }},
	} {
		if got := world(tt.change).Digest(); (got == same) != tt.same {
			t.Errorf("%s: the same %v, want %v", tt.name, got == same, tt.same)
		}
	}
}
