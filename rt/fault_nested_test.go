package rt_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
)

// chained is a component with others in it: n instances of one that passes a
// string on to what it imports. The first one has what the outer component
// imports, "g", and each other one the one before it; the outer component
// exports the last one's function as "f".
func chained(t testing.TB, n int) []byte {
	t.Helper()
	const function = "\x40" + "\x01\x01s\x73" + "\x00\x73" // func(s: string) -> string
	link, err := (&guest{
		world: "import g: func(s: string) -> string; export f: func(s: string) -> string;",
		funcs: map[string]body{"f": does(passOn("g"))},
	}).encode()
	if err != nil {
		t.Fatal(err)
	}
	out := "\x00asm\x0d\x00\x01\x00" + wasmSection(7, function) + wasmSection(10, "\x00\x01g\x01\x00")
	out += "\x04" + text(string(link))
	for i := range n {
		out += wasmSection(5, "\x00\x00\x01\x01g\x01"+uleb(i)) // with function i as g
		out += wasmSection(6, "\x01\x00"+uleb(i)+"\x01f")      // whose f is function i+1
	}
	return []byte(out + wasmSection(11, "\x00\x01f\x01"+uleb(n)+"\x00"))
}

// chain starts a chained component whose host returns what it gets.
func chain(t testing.TB, n int) *rt.Func {
	t.Helper()
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), chained(t, n))
	if err != nil {
		t.Fatal(err)
	}
	in := startFrom(t, c, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"g": sameValue}))
	f, err := in.Func("", "f")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// processes has an image processor of examples/plugins process something.
func processes(t *testing.T, p pluginapi.PluginAPI) error {
	out, err := p.Process(t.Context(), pluginapi.ProcessRequest{Input: "cat.png"})
	if err == nil && out.Output != "processed: cat.png" {
		err = fmt.Errorf("process = %q", out.Output)
	}
	return err
}

// TestFault30Shapes: components in components, those whose many core modules
// share a memory, and those that import core modules -> they start and work.
func TestFault30Shapes(t *testing.T) {
	t.Run("nested", func(t *testing.T) {
		for _, n := range []int{1, 2, 10} {
			for _, want := range []string{"", "through all of them"} {
				if got, err := chain(t, n).Call(t.Context(), want); err != nil || got != want {
					t.Errorf("%d components: %v, %v, want %q", n, got, err, want)
				}
			}
		}
	})
	t.Run("shared everything", func(t *testing.T) { // a JavaScript engine
		for range 2 {
			in := start(t, guests.Plugin("js/image-processor"), &host{})
			if err := processes(t, in.PluginAPI); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("core module import", func(t *testing.T) {
		// The component gives the module a function that adds 1, of a module of
		// its own.
		increment, double := does(get(0), i32(1), add), does(get(0), call("increment"), i32(2), mul)
		own := coreModule{memory: "\x00\x01", funcs: []coreFunc{{name: "increment", params: tI32, results: tI32, body: &increment}}}
		module := coreModule{memory: "\x00\x01", funcs: []coreFunc{
			{name: "increment", from: "component", params: tI32, results: tI32},
			{name: "double", params: tI32, results: tI32, body: &double},
		}}
		typ := list("\x01\x60\x01\x7f\x01\x7f", "\x00"+text("component")+text("increment")+"\x00\x00", "\x03"+text("double")+"\x00\x00")
		wasm := "\x00asm\x0d\x00\x01\x00" + wasmSection(3, "\x50"+typ) +
			wasmSection(10, "\x00"+text("code")+"\x00\x11\x00") + "\x01" + text(own.encode()) +
			wasmSection(2, "\x00\x01\x00", "\x00\x00"+list(text("component")+"\x12\x00")) +
			wasmSection(6, "\x00\x00\x01\x01"+text("double")) + wasmSection(7, "\x40\x01\x01n\x79\x00\x79") +
			wasmSection(8, "\x00\x00\x00\x00\x00") + wasmSection(11, "\x00"+text("double")+"\x01\x00\x00")
		both(t, func(t *testing.T, e *rt.Engine) {
			m, err := rt.NewModule([]byte(module.encode()))
			if err != nil {
				t.Fatal(err)
			}
			c, err := e.Compile(t.Context(), []byte(wasm))
			if err != nil {
				t.Fatal(err)
			}
			in := startFrom(t, c, rt.HostInstance{Modules: map[string]*rt.Module{"code": m}})
			if got := must(t, in, "double", uint32(20)); got != uint32(42) {
				t.Errorf("double = %v", got)
			}
			other := coreModule{memory: "\x00\x01", funcs: []coreFunc{{name: "triple", params: tI32, results: tI32, body: &increment}}}
			if m, err = rt.NewModule([]byte(other.encode())); err != nil {
				t.Fatal(err)
			}
			_, err = c.Instantiate(t.Context(), rt.InstanceConfig{Host: []rt.HostInstance{{Modules: map[string]*rt.Module{"code": m}}}})
			if _, ok := errors.AsType[*rt.LinkError](err); !ok || !strings.Contains(err.Error(), "double") {
				t.Errorf("a module without the export: %v", err)
			}
		})
	})
}
