package rt_test

import "testing"

// callsBack returns a component whose inner component calls it back while it
// is being called:
//
//	(func $p sets its context to 7, and traps if it was not 0)
//	(component $child (import "p" (func)) (export "f" (func)) lifted from "p" lowered)
//	(func (export "run") (result u32) (set 42) (call $child-f) (get))
func callsBack() []byte {
	const noMemory, set7, get7 = "\x00\x00", "\x0b\x7f\x00", "\x0a\x7f\x00" // the built-ins, of slot 0
	core := func(funcs ...coreFunc) string {
		m := coreModule{funcs: funcs, memory: noMemory}
		return "\x01" + text(m.encode())
	}
	alias := func(instance int, name string) string {
		return wasmSection(6, "\x00\x00\x01"+uleb(instance)+text(name))
	}
	function := func(name string, index int) string { return text(name) + "\x00" + uleb(index) }

	child := "\x00asm\x0d\x00\x01\x00" + wasmSection(7, "\x40\x00\x01\x00") + wasmSection(10, "\x00"+text("p")+"\x01\x00") +
		wasmSection(8, "\x01\x00\x00\x00", "\x00\x00\x00\x00\x00") + wasmSection(11, "\x00"+text("f")+"\x01\x01\x00")

	p := does(call("get"), when, trap, "\x0b", i32(7), call("set"))
	run := does(i32(42), call("set"), call("f"), call("get"))
	out := "\x00asm\x0d\x00\x01\x00" + wasmSection(8, set7, get7) +
		wasmSection(2, "\x01"+list(function("set", 0), function("get", 1))) +
		core(coreFunc{name: "set", from: "h", params: tI32}, coreFunc{name: "get", from: "h", results: tI32}, coreFunc{name: "p", body: &p}) +
		wasmSection(2, "\x00\x00"+list(text("h")+"\x12\x00")) + alias(1, "p") +
		wasmSection(7, "\x40\x00\x01\x00") + wasmSection(8, "\x00\x00\x02\x00\x00") +
		"\x04" + text(child) + wasmSection(5, "\x00\x00"+list(text("p")+"\x01\x00")) +
		wasmSection(6, "\x01\x00\x00"+text("f")) + wasmSection(8, "\x01\x00\x01\x00") +
		wasmSection(2, "\x01"+list(function("set", 0), function("get", 1), function("f", 3))) +
		core(coreFunc{name: "set", from: "h", params: tI32}, coreFunc{name: "get", from: "h", results: tI32},
			coreFunc{name: "f", from: "h"}, coreFunc{name: "run", results: tI32, body: &run}) +
		wasmSection(2, "\x00\x01"+list(text("h")+"\x12\x02")) + alias(3, "run") +
		wasmSection(7, "\x40\x00\x00\x79") + wasmSection(8, "\x00\x00\x04\x00\x01") +
		wasmSection(11, "\x00"+text("run")+"\x01\x02\x00")
	return []byte(out)
}

// TestContextOfTask calls an instance back through an inner one: that is a task
// of its own, with a context that begins at 0, and the first task has its own
// context again after it.
func TestContextOfTask(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), callsBack())
	if err != nil {
		t.Fatal(err)
	}
	in := startFrom(t, c)
	for range 2 {
		if got := must(t, in, "run"); got != uint32(42) {
			t.Errorf("context of the task after the inner call: %v, want 42", got)
		}
	}
}
