package rt_test

import (
	"errors"
	"testing"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
)

// TestOwnFunctions links functions of worlds, outside of interfaces, to
// components that have others.
func TestOwnFunctions(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	own := func(name, text string) []*abi.Interface {
		return []*abi.Interface{{Funcs: []abi.FuncType{{Name: name, Type: text}}}}
	}
	c := (&guest{world: "import f: func(n: u32) -> u32; export g: func(n: u32) -> u32;", funcs: map[string]body{"g": does(passOn("f"))}}).compile(t, e)
	for _, tt := range []struct {
		name  string
		world rt.World
		want  string
	}{
		{"fits", rt.World{Imports: own("f", "func(n: u32) -> u32"), Exports: own("g", "func(n: u32) -> u32")}, ""},
		{"other import", rt.World{Imports: own("g", "func()")}, `import 0: function "f": host does not have it, component wants func(n: u32) -> u32`},
		{"import of another type", rt.World{Imports: own("f", "func()")}, `import 0: function "f": host has func(), component wants func(n: u32) -> u32`},
		{"other export", rt.World{Exports: own("f", "func()")}, `export: function "f" is missing; host wants func()`},
		{"export of another type", rt.World{Exports: own("g", "func()")}, `export: function "g": component has func(n: u32) -> u32, host wants func()`},
		{"no resource", rt.World{Exports: []*abi.Interface{{Resources: []string{"r"}}}}, `export: resource "r" is missing`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.Link(tt.world)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			link, ok := errors.AsType[*rt.LinkError](err)
			if !ok || len(link.Problems) != 1 || link.Problems[0] != tt.want {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
