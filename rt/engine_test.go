package rt_test

import (
	"errors"
	"os"
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
