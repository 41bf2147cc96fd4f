package rt_test

import (
	"testing"

	"github.com/witgen/witgen/rt"
)

// TestUncaughtException calls a guest that throws what nobody catches.
func TestUncaughtException(t *testing.T) {
	module := "\x00asm\x01\x00\x00\x00" +
		wasmSection(1, "\x60\x00\x00") + wasmSection(3, "\x00") + wasmSection(13, "\x00\x00") + // a tag without values
		wasmSection(7, text("f")+"\x00\x00") + wasmSection(10, text("\x00\x08\x00\x0b")) // throw 0
	component := "\x00asm\x0d\x00\x01\x00\x01" + text(module) +
		wasmSection(2, "\x00\x00\x00") + wasmSection(6, "\x00\x00\x01\x00"+text("f")) +
		wasmSection(7, "\x40\x00\x01\x00") + wasmSection(8, "\x00\x00\x00\x00\x00") + wasmSection(11, "\x00"+text("f")+"\x01\x00\x00")
	both(t, func(t *testing.T, e *rt.Engine) {
		c, err := e.Compile(t.Context(), []byte(component))
		if err != nil {
			t.Fatal(err)
		}
		in := startFrom(t, c)
		_, err = invoke(t, in, "f")
		wantTrap(t, in, err, rt.TrapException, "uncaught exception propagated out of component", "thrown Wasm exception")
	})
}

// TestStarvedException calls a guest that throws what nobody catches as it gets
// no memory.
func TestStarvedException(t *testing.T) {
	module := "\x00asm\x01\x00\x00\x00" +
		wasmSection(1, "\x60\x00\x00") + wasmSection(3, "\x00") + memoryOf(1, -1) + wasmSection(13, "\x00\x00") +
		wasmSection(7, text("f")+"\x00\x00") + wasmSection(10, text("\x00"+i32(1)+grow+drop+"\x08\x00\x0b"))
	component := "\x00asm\x0d\x00\x01\x00\x01" + text(module) +
		wasmSection(2, "\x00\x00\x00") + wasmSection(6, "\x00\x00\x01\x00"+text("f")) +
		wasmSection(7, "\x40\x00\x01\x00") + wasmSection(8, "\x00\x00\x00\x00\x00") + wasmSection(11, "\x00"+text("f")+"\x01\x00\x00")
	both(t, func(t *testing.T, e *rt.Engine) {
		c, err := e.Compile(t.Context(), []byte(component))
		if err != nil {
			t.Fatal(err)
		}
		for limit, kind := range map[int64]rt.TrapKind{page: rt.TrapMemory, 2 * page: rt.TrapException} {
			in := startWith(t, c, rt.Limits{Memory: limit})
			_, err = invoke(t, in, "f")
			wantTrap(t, in, err, kind, "thrown Wasm exception")
		}
	})
}
