package rt_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/witgen/witgen/examples/plugins/api/plugin"
	"github.com/witgen/witgen/examples/plugins/api/pluginapi"
	"github.com/witgen/witgen/rt"
)

// TestInterpreter runs guests without compiling them, and stops one that traps.
func TestInterpreter(t *testing.T) {
	ctx := t.Context()
	e, err := rt.NewEngine(ctx, rt.Config{Interpreter: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(ctx)
	for _, guest := range []string{"c/image-processor.wasm", "rust/image-processor.wasm", "js/image-processor.wasm", "broken/hostile.wasm"} {
		wasm, err := os.ReadFile(guests + guest)
		if err != nil {
			t.Fatal(err)
		}
		c, err := e.Compile(ctx, wasm)
		if err != nil {
			t.Fatal(err)
		}
		p, err := plugin.Instantiate(ctx, c, plugin.Imports{HostAPI: &host{}}, rt.InstanceConfig{})
		if err != nil {
			t.Fatal(err)
		}
		out, err := p.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: "trap"})
		trap, trapped := errors.AsType[*rt.Trap](err)
		switch {
		case guest == "broken/hostile.wasm":
			if !trapped || trap.Kind != rt.TrapUnreachable || len(trap.Frames) == 0 {
				t.Errorf("%s: %v, %v", guest, out, err)
			}
		case err != nil || out.Output != "processed: trap":
			t.Errorf("%s: %v, %v", guest, out, err)
		}
	}
}

// TestCorePanic compiles a core module whose try_table announces more clauses
// than there are, on which wazero v1.12.0 panics: it has to be an error.
func TestCorePanic(t *testing.T) {
	const module = "\x00asm\x01\x00\x00\x00" +
		"\x01\x04\x01\x60\x00\x00" + // type 0: func()
		"\x03\x02\x01\x00" + // function 0 of type 0
		"\x0a\x1e\x01\x1c\x00" + // its body: eleven blocks, and in them
		"\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40" +
		"\x1f\x40\x02\x02\x0b" // try_table with two clauses, of which one is there
	unused := "\x00asm\x0d\x00\x01\x00" + "\x01" + string(rune(len(module))) + module
	component := unused + "\x02\x04\x01\x00\x00\x00" // an instance of it
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	for _, wasm := range []string{component, unused} {
		_, err = e.Compile(t.Context(), []byte(wasm))
		if err == nil || !strings.Contains(err.Error(), "core module 0: core runtime panicked: ") {
			t.Errorf("compile = %v", err)
		}
	}
	if _, err := e.Compile(t.Context(), []byte("\x00asm\x0d\x00\x01\x00")); err != nil {
		t.Errorf("the next component: %v", err)
	}
}
