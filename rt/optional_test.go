package rt_test

import (
	"errors"
	"slices"
	"testing"
	"testing/fstest"

	echoes "github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
	"github.com/witgen/witgen/wit"
)

// exporting compiles a component whose world exports what is given.
func exporting(t *testing.T, exports string) *rt.Component {
	t.Helper()
	source := "package a:b@1.0.0;\ninterface one {\n  f: func(n: u32) -> u32;\n  g: func(n: u32) -> u32;\n}\n" +
		"interface two {\n  f: func(n: u32) -> u32;\n}\nworld w {\n" + exports + "\n}\n"
	p, err := wit.LoadFS(fstest.MapFS{"w.wit": {Data: []byte(source)}}, "w.wit", wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	wasm, err := echoes.Component(p.Worlds[0], echoes.UTF8)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLinkOptional(t *testing.T) {
	const typ = "func(n: u32) -> u32"
	describe := func(name string, funcs ...string) *abi.Interface {
		x := &abi.Interface{Name: name}
		for _, f := range funcs {
			x.Funcs = append(x.Funcs, abi.FuncType{Name: f, Type: typ})
		}
		return x
	}
	world := rt.World{Name: "test", Exports: []*abi.Interface{
		describe("a:b/one@1.0.0", "f", "g"), describe("a:b/two@1.1.0", "f", "g"), describe("named", "f"), describe("", "f", "g"),
	}}
	const all = "export one;\nexport two;\nexport named: interface { f: func(n: u32) -> u32; }\nexport f: func(n: u32) -> u32;\nexport g: func(n: u32) -> u32;"
	for _, tt := range []struct {
		name, exports string
		resources     []string // of the first interface
		optional      []string
		lacks         []string // functions
		missing       []int    // exports
		problems      []string
	}{
		{name: "nothing", exports: all, problems: []string{`export "a:b/two@1.1.0": function "g" is missing; host wants ` + typ}},
		{name: "a function, in a track", exports: all, optional: []string{"a:b/two@1.1.0#g"}, lacks: []string{"a:b/two@1.1.0#g"}},
		{
			name: "what is there", exports: all, lacks: []string{"a:b/two@1.1.0#g"},
			optional: []string{"a:b/two@1.1.0#g", "a:b/two@1.1.0", "a:b/one@1.0.0", "named", "named#f", "f", "g"},
		},
		{
			name: "everything", exports: "", missing: []int{0, 1, 2},
			optional: []string{"a:b/two@1.1.0", "a:b/one@1.0.0", "named", "f", "g"},
			lacks:    []string{"a:b/one@1.0.0#f", "a:b/one@1.0.0#g", "a:b/two@1.1.0#f", "a:b/two@1.1.0#g", "named#f", "f", "g"},
		},
		{
			name: "an interface is more than its functions", exports: "", optional: []string{"a:b/one@1.0.0#f", "a:b/one@1.0.0#g", "a:b/two@1.1.0", "named", "f", "g"},
			problems: []string{`missing export "a:b/one@1.0.0"`},
		},
		{
			name: "an interface that is there has all", exports: all, optional: []string{"a:b/two@1.1.0"},
			problems: []string{`export "a:b/two@1.1.0": function "g" is missing; host wants ` + typ},
		},
		{
			name:     "other types",
			exports:  "export one;\nexport two;\nexport named: interface { f: func(n: u64) -> u64; }\nexport f: func(n: s32) -> s32;",
			optional: []string{"a:b/two@1.1.0#g", "named", "named#f", "f", "g"},
			problems: []string{
				`export "named": function "f": component has func(n: u64) -> u64, host wants ` + typ,
				`export: function "f": component has func(n: s32) -> s32, host wants ` + typ,
			},
		},
		{
			name:     "other kinds",
			exports:  "export one;\nexport two;\nexport named: func(n: u32) -> u32;\nexport f: interface { f: func(n: u32) -> u32; }",
			optional: []string{"a:b/two@1.1.0#g", "named", "f", "g"},
			problems: []string{`missing export "named"`, `export: function "f" is missing; host wants ` + typ},
		},
		{
			name: "resources", exports: all, resources: []string{"r", "s"}, optional: []string{"a:b/two@1.1.0#g", "a:b/one@1.0.0#r"}, lacks: []string{"a:b/two@1.1.0#g"},
			problems: []string{`export "a:b/one@1.0.0": resource "s" is missing`},
		},
		{
			name: "optional resources", exports: all, resources: []string{"r", "s"},
			optional: []string{"a:b/two@1.1.0#g", "a:b/one@1.0.0#r", "a:b/one@1.0.0#s"}, lacks: []string{"a:b/two@1.1.0#g"},
		},
		{
			name: "a resource that is a function", exports: all, resources: []string{"f"}, optional: []string{"a:b/two@1.1.0#g", "a:b/one@1.0.0#f"},
			problems: []string{`export "a:b/one@1.0.0": resource "f" is missing`},
		},
		{
			name: "names of nothing", exports: all, optional: []string{"a:b/two@1.1.0#g", "a:b/two@1.0.0", "named#g", "", "x"},
			problems: []string{
				`optional export "a:b/two@1.0.0": the world has no such export`, `optional export "named#g": the world has no such export`,
				`optional export "": the world has no such export`, `optional export "x": the world has no such export`,
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := world
			w.Optional = tt.optional
			if tt.resources != nil {
				one := *w.Exports[0]
				one.Resources = tt.resources
				w.Exports = slices.Clone(w.Exports)
				w.Exports[0] = &one
			}
			linked, err := exporting(t, tt.exports).Link(w)
			if err != nil {
				link, ok := errors.AsType[*rt.LinkError](err)
				if !ok || !slices.Equal(link.Problems, tt.problems) {
					t.Errorf("got %v, want %q", err, tt.problems)
				}
				return
			}
			if tt.problems != nil {
				t.Fatalf("it links, want %q", tt.problems)
			}
			in, err := linked.Instantiate(t.Context(), nil, rt.InstanceConfig{})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close(t.Context())
			if err := in.Ready(t.Context()); err != nil {
				t.Error(err)
			}
			var lacks []string
			for i, x := range w.Exports {
				if got, want := in.Exported(i), !slices.Contains(tt.missing, i); got != want {
					t.Errorf("exported(%q) = %t", x.Name, got)
				}
				if got := len(in.Resources(i)); got != len(x.Resources) {
					t.Errorf("resources(%q) are %d", x.Name, got)
				}
				for _, f := range in.Exports(i) {
					c, err := f.Enter(t.Context())
					if err == nil {
						c.Flat[0] = 42
						c.Invoke()
						if got := c.Flat[0]; got != 42 {
							t.Errorf("%s = %d", f.Name(), got)
						}
						err = c.Leave()
					}
					if f.Exported() != (err == nil) || errors.Is(err, rt.ErrNotExported) == f.Exported() {
						t.Errorf("%s: exported is %t, and a call fails with %v", f.Name(), f.Exported(), err)
					}
					if !f.Exported() {
						lacks = append(lacks, f.Name())
					}
				}
			}
			if !slices.Equal(lacks, tt.lacks) {
				t.Errorf("it lacks %q, want %q", lacks, tt.lacks)
			}
		})
	}
}

// TestNotExported has functions looked up by name.
func TestNotExported(t *testing.T) {
	in, err := exporting(t, "export one;").Instantiate(t.Context(), rt.InstanceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	_, errInterface := in.Func("a:b/two@1.0.0", "f")
	_, errFunc := in.Func("a:b/one@1.0.0", "h")
	_, errExport := in.Export("a:b/two@1.0.0")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{errInterface, `component does not export "a:b/two@1.0.0"`},
		{errFunc, `component does not export function "a:b/one@1.0.0#h"`},
		{errExport, `component does not export "a:b/two@1.0.0"`},
	} {
		if !errors.Is(tt.err, rt.ErrNotExported) || tt.err.Error() != tt.want {
			t.Errorf("got %v, want %s", tt.err, tt.want)
		}
	}
}
