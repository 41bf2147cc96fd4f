package rt_test

import (
	"testing"

	"github.com/witgen/witgen/rt"
)

// TestFuncOnce asks an instance for the same function again: it is the same,
// so that a host which asks before each call does not fill its memory.
func TestFuncOnce(t *testing.T) {
	in := maker.run(t)
	var first *rt.Func
	for range 2 {
		f, err := in.Func(thingsAPI, "drops")
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && f != first {
			t.Error("another function, whose core stack is another")
		}
		first = f
	}
}

// TestExportOfClosed asks a closed instance for its exports, a core module that
// the host gave it among them.
func TestExportOfClosed(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	// (import "m" (core module $m)) (export "n" (core module $m))
	c, err := e.Compile(t.Context(), []byte("\x00asm\x0d\x00\x01\x00"+wasmSection(3, "\x50\x00")+
		wasmSection(10, "\x00"+text("m")+"\x00\x11\x00")+wasmSection(11, "\x00"+text("n")+"\x00\x11\x00\x00")))
	if err != nil {
		t.Fatal(err)
	}
	m, err := rt.NewModule([]byte("\x00asm\x01\x00\x00\x00"))
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Host: []rt.HostInstance{{Modules: map[string]*rt.Module{"m": m}}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if x, err := in.Export(""); err != nil || x.Modules["n"] != m {
		t.Errorf("exports %+v, %v", x, err)
	}
}
