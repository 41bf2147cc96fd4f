package rt_test

import (
	"errors"
	"testing"

	"github.com/witgen/witgen/rt"
)

// coreCode is a core module of functions of type (i32) -> (), with a tag that
// has no value: locals and code, each exported under its name.
type coreCode struct {
	imports []string // names of functions of core instance 0, which come first
	funcs   []string // name, code
}

func (c coreCode) encode() string {
	var imports, types, exports, bodies []string
	for _, name := range c.imports {
		imports = append(imports, text("other")+text(name)+"\x00\x00")
	}
	for i := 0; i < len(c.funcs); i += 2 {
		types = append(types, "\x00")
		exports = append(exports, text(c.funcs[i])+"\x00"+uleb(len(c.imports)+i/2))
		bodies = append(bodies, text("\x00"+c.funcs[i+1]+end))
	}
	m := "\x00asm\x01\x00\x00\x00" + wasmSection(1, "\x60\x01\x7f\x00", "\x60\x00\x00")
	if len(imports) > 0 {
		m += wasmSection(2, imports...)
	}
	return m + wasmSection(3, types...) + wasmSection(13, "\x00\x01") + wasmSection(7, exports...) + wasmSection(10, bodies...)
}

// ofCode is a component of core modules: the second may import what the first
// exports. It exports functions of the last, of type func(n: u32).
func ofCode(exports []string, modules ...coreCode) []byte {
	c := "\x00asm\x0d\x00\x01\x00"
	for _, m := range modules {
		c += "\x01" + text(m.encode())
	}
	c += wasmSection(2, "\x00\x00\x00")
	if len(modules) > 1 {
		c += wasmSection(2, "\x00\x01\x01"+text("other")+"\x12\x00")
	}
	c += wasmSection(7, "\x40\x01"+text("n")+"\x79\x01\x00")
	for i, name := range exports {
		c += wasmSection(6, "\x00\x00\x01"+uleb(len(modules)-1)+text(name))
		c += wasmSection(8, "\x00\x00"+uleb(i)+"\x00\x00")
		c += wasmSection(11, "\x00"+text(name)+"\x01"+uleb(i)+"\x00")
	}
	return []byte(c)
}

// The code of functions that recurse as deep as their parameter says.
const (
	// if n != 0: self(n - 1)
	recurses = "\x20\x00\x04\x40\x20\x00\x41\x01\x6b\x10"
	// block; try_table (catch_all 0)
	try = "\x02\x40\x1f\x40\x01\x02\x00"
)

func recursion(self byte) string { return recurses + string(self) + end }

// handlers recurses with an exception handler around each call.
func handlers(self byte) string {
	return "\x20\x00\x04\x40" + try + "\x20\x00\x41\x01\x6b\x10" + string(self) + end + end + end
}

// startCode starts a component of core modules.
func startCode(t *testing.T, e *rt.Engine, limits rt.Limits, exports []string, modules ...coreCode) *rt.Instance {
	t.Helper()
	c, err := e.Compile(t.Context(), ofCode(exports, modules...))
	if err != nil {
		t.Fatal(err)
	}
	in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(t.Context()) })
	return in
}

// TestStackHandlers recurses with an exception handler in each call. The call
// stack is copied for each, and that is bounded; what is not too much works, again
// and again.
func TestStackHandlers(t *testing.T) {
	module := coreCode{funcs: []string{"f", handlers(0)}}
	both(t, func(t *testing.T, e *rt.Engine) {
		in := startCode(t, e, rt.Limits{}, []string{"f"}, module)
		for range 20 {
			must(t, in, "f", uint32(300))
		}
		var err error
		if n := allocated(func() { _, err = invoke(t, in, "f", uint32(1500)) }); n > 192<<20 {
			t.Errorf("the call allocates %d MiB", n>>20)
		}
		wantTrap(t, in, err, rt.TrapStack, "call stack exhausted", "recursion", "exception handlers", "64.0 MiB", "(at $0)")
		if !errors.Is(err, rt.ErrStack) {
			t.Errorf("%v is not ErrStack", err)
		}
		small := startCode(t, e, rt.Limits{Stack: 1 << 20}, []string{"f"}, module)
		_, err = invoke(t, small, "f", uint32(300))
		wantTrap(t, small, err, rt.TrapStack, "512 KiB")
	})
}

// TestStackLimit recurses beyond a limit: the guest is stopped after the same
// fuel on both engines, and what is below the limit works.
func TestStackLimit(t *testing.T) {
	used := map[uint64]bool{}
	both(t, func(t *testing.T, e *rt.Engine) {
		in := startCode(t, e, rt.Limits{Stack: 200 << 10}, []string{"f"}, coreCode{funcs: []string{"f", recursion(0)}})
		must(t, in, "f", uint32(500))
		_, err := invoke(t, in, "f", uint32(1500))
		wantTrap(t, in, err, rt.TrapStack, "call stack exhausted: recursion needs more than 200 KiB (Limits.Stack)", "(at $0)")
		if trap, _ := asTrap(err); len(trap.Frames) < 20 {
			t.Errorf("%d frames", len(trap.Frames))
		}
		fuel, err := in.FuelUsed(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		used[fuel] = true
	})
	if len(used) != 1 {
		t.Errorf("engines stop the guest after fuel of %v", used)
	}
}

// TestStackModules recurses in a core module that then has another recurse: both
// count.
func TestStackModules(t *testing.T) {
	other := coreCode{funcs: []string{"g", recursion(0)}}
	// f(n): if n != 0: f(n - 1), else g(700)
	module := coreCode{imports: []string{"g"}, funcs: []string{"f", recurses + "\x01\x05\x41\xbc\x05\x10\x00" + end}}
	both(t, func(t *testing.T, e *rt.Engine) {
		in := startCode(t, e, rt.Limits{Stack: 256 << 10}, []string{"f"}, other, module)
		for range 10 {
			must(t, in, "f", uint32(100))
		}
		_, err := invoke(t, in, "f", uint32(700))
		wantTrap(t, in, err, rt.TrapStack, "recursion")
	})
}

// TestStackCaught catches exceptions that end functions of several core modules
// on their way: none of them stays on the account.
func TestStackCaught(t *testing.T) {
	// g(n): if n != 0: g(n - 1), else throw
	other := coreCode{funcs: []string{"g", recurses + "\x00\x05\x08\x00" + end}}
	// h(n): g(n), which throws; f(n): n times: h(3), and whatever comes is caught
	module := coreCode{imports: []string{"g"}, funcs: []string{
		"h", "\x20\x00\x10\x00",
		"f", "\x03\x40" + try + "\x41\x03\x10\x01" + end + end + "\x20\x00\x41\x01\x6b\x22\x00\x0d\x00" + end,
	}}
	both(t, func(t *testing.T, e *rt.Engine) {
		in := startCode(t, e, rt.Limits{Stack: 64 << 10}, []string{"f"}, other, module)
		for range 3 {
			must(t, in, "f", uint32(1000))
		}
	})
}

// TestStackUninterrupted bounds what handlers take without interrupting guests.
func TestStackUninterrupted(t *testing.T) {
	e, err := rt.NewEngine(t.Context(), rt.Config{Uninterrupted: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	in := startCode(t, e, rt.Limits{}, []string{"f"}, coreCode{funcs: []string{"f", handlers(0)}})
	must(t, in, "f", uint32(300))
	_, err = invoke(t, in, "f", uint32(1500))
	wantTrap(t, in, err, rt.TrapStack, "exception handlers")
	if used, err := in.FuelUsed(t.Context()); err != nil || used != 0 {
		t.Errorf("used %d units of fuel, error %v", used, err)
	}
}

// TestStackKept recurses deep without a trap: the call stack is not kept, and the
// next call works.
func TestStackKept(t *testing.T) {
	e, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	in := startCode(t, e, rt.Limits{}, []string{"f", "g"}, coreCode{funcs: []string{"f", recursion(0), "g", "\x20\x00\x10\x00"}})
	must(t, in, "f", uint32(1))
	must(t, in, "g", uint32(1))
	before := heap()
	for range 3 {
		if n := allocated(func() { must(t, in, "f", uint32(100_000)) }); n < 4<<20 {
			t.Errorf("a deep call allocates %d KiB, so there is nothing to let go of", n>>10)
		}
		must(t, in, "g", uint32(100_000))
		if kept := int64(heap()) - int64(before); kept > 1<<20 {
			t.Errorf("%d KiB are kept", kept>>10)
		}
	}
	// What is not deep keeps its stack.
	must(t, in, "f", uint32(1000))
	if n := allocated(func() { must(t, in, "f", uint32(1000)) }); n > 32<<10 {
		t.Errorf("a second call that is not deep allocates %d KiB", n>>10)
	}
}

// TestStackCopies has handlers on a stack that has grown: the time that copies
// take is paid for.
func TestStackCopies(t *testing.T) {
	// f(n): g(40,000), then n times a handler around g(0)
	module := coreCode{funcs: []string{
		"g", recursion(0),
		"f", "\x41\xc0\xb8\x02\x10\x00\x03\x40" + try + "\x41\x00\x10\x00" + end + end + "\x20\x00\x41\x01\x6b\x22\x00\x0d\x00" + end,
	}}
	e, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	in := startCode(t, e, rt.Limits{}, []string{"f"}, module)
	fuel := func(n uint32) uint64 {
		before, _ := in.FuelUsed(t.Context())
		must(t, in, "f", n)
		after, err := in.FuelUsed(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return after - before
	}
	one := fuel(1)
	var more uint64
	bytes := allocated(func() { more = fuel(11) - one })
	if more < bytes/16 || more < 1<<20 {
		t.Errorf("ten handlers, for which %d bytes are allocated, use fuel of %d", bytes, more)
	}
}
