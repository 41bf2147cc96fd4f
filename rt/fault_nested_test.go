package rt_test

import (
	"fmt"
	"testing"

	"github.com/witgen/witgen/examples/plugins/api/pluginapi"
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
