package rt_test

import "testing"

// dropsInChild is a component that sets the context of its task, has a component
// inside it drop a resource of its own, and returns the context that its task has
// then. The destructor sets the context of its own task, and looks at it first.
//
//	(type $r (resource (rep i32) (dtor (func $dtor))))
//	(component $child (import "r" (type $r (sub resource)))
//	  (func (export "f") (param "r" (own $r)) drops it))
//	(func (export "run") (result u32) (set 42) (call $child-f (new 7)) (get))
func dropsInChild() []byte {
	const noMemory, set7, get7 = "\x00\x00", "\x0b\x7f\x00", "\x0a\x7f\x00" // the built-ins, of slot 0
	core := func(funcs ...coreFunc) string {
		m := coreModule{funcs: funcs, memory: noMemory}
		return "\x01" + text(m.encode())
	}
	alias := func(instance int, name string) string {
		return wasmSection(6, "\x00\x00\x01"+uleb(instance)+text(name))
	}
	function := func(name string, index int) string { return text(name) + "\x00" + uleb(index) }

	end := does(get(0), call("drop"))
	child := "\x00asm\x0d\x00\x01\x00" + wasmSection(10, "\x00"+text("r")+"\x03\x01") + wasmSection(8, "\x03\x00") +
		core(coreFunc{name: "drop", from: "h", params: tI32}, coreFunc{name: "f", params: tI32, body: &end}) +
		wasmSection(2, "\x01"+list(function("drop", 0)), "\x00\x00"+list(text("h")+"\x12\x00")) +
		alias(1, "f") + wasmSection(7, "\x69\x00", "\x40"+list(text("r")+"\x01")+"\x01\x00") +
		wasmSection(8, "\x00\x00\x01\x00\x02") + wasmSection(11, "\x00"+text("f")+"\x01\x00\x00")

	dtor := does(call("get"), when, trap, "\x0b", i32(7), call("set"))
	run := does(i32(42), call("set"), i32(7), call("new"), call("f"), call("get"))
	out := "\x00asm\x0d\x00\x01\x00" + wasmSection(8, set7, get7) +
		wasmSection(2, "\x01"+list(function("set", 0), function("get", 1))) +
		core(coreFunc{name: "set", from: "h", params: tI32}, coreFunc{name: "get", from: "h", results: tI32},
			coreFunc{name: "dtor", params: tI32, body: &dtor}) +
		wasmSection(2, "\x00\x00"+list(text("h")+"\x12\x00")) + alias(1, "dtor") +
		wasmSection(7, "\x3f\x7f\x01\x02") + wasmSection(8, "\x02\x00") +
		"\x04" + text(child) + wasmSection(5, "\x00\x00"+list(text("r")+"\x03\x00")) +
		wasmSection(6, "\x01\x00\x00"+text("f")) + wasmSection(8, "\x01\x00\x00\x00") +
		wasmSection(2, "\x01"+list(function("set", 0), function("get", 1), function("new", 3), function("f", 4))) +
		core(coreFunc{name: "set", from: "h", params: tI32}, coreFunc{name: "get", from: "h", results: tI32},
			coreFunc{name: "new", from: "h", params: tI32, results: tI32}, coreFunc{name: "f", from: "h", params: tI32},
			coreFunc{name: "run", results: tI32, body: &run}) +
		wasmSection(2, "\x00\x01"+list(text("h")+"\x12\x02")) + alias(3, "run") +
		wasmSection(7, "\x40\x00\x00\x79") + wasmSection(8, "\x00\x00\x05\x00\x01") +
		wasmSection(11, "\x00"+text("run")+"\x01\x01\x00")
	return []byte(out)
}

// TestDestructorContext runs a destructor in the middle of a task of its
// instance: it is a task of its own, whose context is another.
func TestDestructorContext(t *testing.T) {
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(t.Context(), dropsInChild())
	if err != nil {
		t.Fatal(err)
	}
	in := startFrom(t, c)
	for range 2 {
		if got := must(t, in, "run"); got != uint32(42) {
			t.Errorf("context of the task after the destructor: %v, want 42", got)
		}
	}
}
