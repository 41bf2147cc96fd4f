package echo_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/witgen/witgen/internal/echo"
	"github.com/witgen/witgen/wit"
)

func load(t *testing.T, source string) *wit.World {
	t.Helper()
	p, err := wit.LoadFS(fstest.MapFS{"echo.wit": {Data: []byte(source)}}, "echo.wit", wit.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	w, err := p.ChooseWorld("")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestRandomLoads prints random worlds and loads them again: they are as they
// were, and validation has nothing to say about them.
func TestRandomLoads(t *testing.T) {
	kinds := make(map[string]int)
	for seed := range uint64(300) {
		w := echo.Random(rand.New(rand.NewPCG(seed, 0)), echo.Shape{Funcs: 4, Depth: 4})
		text := wit.Print(w.Package)
		again := load(t, text)
		if err := wit.Validate(again); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if got := wit.Print(again.Package); got != text {
			t.Fatalf("got\n%s\nwant\n%s", got, text)
		}
		for _, word := range []string{"record ", "variant ", "enum ", "flags ", "tuple<", "option<", "result<", "map<", "list<", "use ", "string", "char", "f32", "f64", "s64", "bool"} {
			kinds[word] += strings.Count(text, word)
		}
	}
	for word, n := range kinds {
		if n < 50 {
			t.Errorf("%q %d times", word, n)
		}
	}
}

// TestDecodes reads the worlds of components back: they are those that the
// components were made of.
func TestDecodes(t *testing.T) {
	for seed := range uint64(60) {
		w := echo.Random(rand.New(rand.NewPCG(seed, 1)), echo.Shape{Funcs: 4, Depth: 4})
		wasm, err := echo.Component(w, echo.UTF8)
		if seed%2 == 1 {
			wasm, err = echo.Chain(w, echo.UTF16, echo.Latin1UTF16)
		}
		if err != nil {
			t.Fatal(err)
		}
		p, err := wit.Decode("echo.wasm", wasm)
		if err != nil {
			t.Fatalf("%v\n%s", err, wit.Print(w.Package))
		}
		got, err := p.ChooseWorld("")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := texts(got), texts(w); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// texts lists what a world imports and exports.
func texts(w *wit.World) string {
	var b strings.Builder
	for _, items := range [][]*wit.WorldItem{w.Imports, w.Exports} {
		for _, item := range items {
			b.WriteString(item.Name() + "\n")
			for _, d := range item.Interface.Types {
				b.WriteString("  type " + d.Name + " = " + wit.TypeText(d) + "\n")
			}
			for _, f := range item.Interface.Funcs {
				b.WriteString("  " + f.Name + ": " + wit.FuncText(f) + "\n")
			}
		}
	}
	return b.String()
}

// TestRandomIsStable makes the same world twice of the same numbers, and the
// same component of both.
func TestRandomIsStable(t *testing.T) {
	for seed := range uint64(20) {
		var wasm [2][]byte
		for i := range wasm {
			w := echo.Random(rand.New(rand.NewPCG(seed, 0)), echo.Shape{Funcs: 3, Depth: 4})
			var err error
			if wasm[i], err = echo.Chain(w, echo.UTF8, echo.UTF16); err != nil {
				t.Fatal(err)
			}
		}
		if string(wasm[0]) != string(wasm[1]) {
			t.Fatalf("seed %d gives two components", seed)
		}
	}
}

// TestRandomShape leaves out what a shape does.
func TestRandomShape(t *testing.T) {
	for seed := range uint64(100) {
		w := echo.Random(rand.New(rand.NewPCG(seed, 0)), echo.Shape{Funcs: 4, Depth: 4, WithoutMaps: true, WithoutFixedLists: true})
		text := wit.Print(w.Package)
		if strings.Contains(text, "map<") || strings.Contains(text, ", 1>") || strings.Contains(text, ", 2>") {
			t.Fatalf("a map or a list of fixed length:\n%s", text)
		}
	}
}

// TestRefuses wants errors for what no guest can do.
func TestRefuses(t *testing.T) {
	for _, test := range []struct{ name, world, want string }{
		{"resource", "resource r;", `import "r": no echo of resources of a world itself`},
		{"method", "export i: interface { resource r { m: func(); } }", `export "i": resource "r" is not imported`},
		{"stream", "import f: func(a: tuple<u8, result<stream<u8>>>);", `import "f": parameter "a": no echo of values of type stream<u8>`},
		{"future", "export f: func() -> future;", `export "f": no echo of values of type`},
		{"async", "export f: async func();", "no echo of async functions"},
		{"flat", "export f: func(a: string) -> string;", `export "f": function "f": no import has it`},
		{"another type", "import f: func(a: u32) -> s32; export f: func(a: u32) -> u64;", `no guest can return its arguments without a look at them: func(a: u32) -> u64`},
		{"no argument", "export f: func() -> u32;", "no guest can return"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := load(t, "package a:b; world w { "+test.world+" }")
			_, err := echo.Component(w, echo.UTF8)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if _, err := echo.Chain(w, echo.UTF8); err == nil {
				t.Error("a chain of what is no component")
			}
		})
	}
}

// TestChainRefuses wants errors for chains without links.
func TestChainRefuses(t *testing.T) {
	w := load(t, "package a:b; world w { import i: interface { f: func(); } export j: interface { f: func(); } }")
	if _, err := echo.Component(w, echo.UTF8); err != nil {
		t.Errorf("a guest with an import of another name: %v", err)
	}
	if _, err := echo.Chain(w, echo.UTF8, echo.UTF8); err == nil || !strings.Contains(err.Error(), "imports nothing that it exports") {
		t.Errorf("got %v", err)
	}
	if _, err := echo.Chain(w); err == nil {
		t.Error("a chain of no guests")
	}
}
