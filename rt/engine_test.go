package rt_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/plugins/plugin"
	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/internal/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/abi"
)

// TestInterpreter runs guests without compiling them, and stops one that traps.
func TestInterpreter(t *testing.T) {
	ctx := t.Context()
	e, err := rt.NewEngine(ctx, rt.Config{Interpreter: true})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(ctx)
	for _, guest := range []string{"c/image-processor", "rust/image-processor", "js/image-processor", "broken/hostile"} {
		wasm, err := os.ReadFile(guests.Plugin(guest))
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
		case guest == "broken/hostile":
			if !trapped || trap.Kind != rt.TrapUnreachable || len(trap.Frames) == 0 {
				t.Errorf("%s: %v, %v", guest, out, err)
			}
		case err != nil || out.Output != "processed: trap":
			t.Errorf("%s: %v, %v", guest, out, err)
		}
	}
}

// TestCoreHostile compiles core modules on which wazero v1.12.0 panics, or ends
// the process for lack of memory: it must not see them.
func TestCoreHostile(t *testing.T) {
	const (
		clauses = "\x00asm\x01\x00\x00\x00" +
			"\x01\x04\x01\x60\x00\x00" + // type 0: func()
			"\x03\x02\x01\x00" + // function 0 of type 0
			"\x0a\x1e\x01\x1c\x00" + // its body: eleven blocks, and in them
			"\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40\x02\x40" +
			"\x1f\x40\x02\x02\x0b" // try_table with two clauses, of which one is there
		bodies = "\x00asm\x01\x00\x00\x00" +
			"\x03\x02\x01\x30" + // a function of a type that is not there
			"\x0a\x06\xb5\xb5\xb5\xb5\x0a\x00" // some billions of bodies
	)
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range []rt.Config{{}, {Uninterrupted: true}} {
		for _, module := range []string{clauses, bodies} {
			testCoreHostile(t, config, module)
		}
	}
	if _, err := e.Compile(t.Context(), []byte("\x00asm\x0d\x00\x01\x00")); err != nil {
		t.Errorf("the next component: %v", err)
	}
}

func testCoreHostile(t *testing.T, config rt.Config, module string) {
	t.Helper()
	e, err := rt.NewEngine(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	unused := "\x00asm\x0d\x00\x01\x00" + "\x01" + string(rune(len(module))) + module
	component := unused + "\x02\x04\x01\x00\x00\x00" // an instance of it
	for _, wasm := range []string{component, unused} {
		_, err = e.Compile(t.Context(), []byte(wasm))
		if err == nil || !strings.Contains(err.Error(), "core module 0: at 0x") {
			t.Errorf("%+v: compile = %v", config, err)
		}
	}
}

// TestEngineWaitsForClose closes an engine while one of its instances is being
// closed: it waits for that.
func TestEngineWaitsForClose(t *testing.T) {
	e, err := rt.NewEngine(t.Context(), rt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c := (&guest{world: "export f: func();", funcs: map[string]body{"f": does()}}).compile(t, e)
	closing, proceed, ended := make(chan struct{}), make(chan struct{}), false
	in, err := c.Instantiate(t.Context(), rt.InstanceConfig{Imports: []rt.Import{{Interface: &abi.Interface{Name: "test:close/nothing"}, Close: func(context.Context) error {
		close(closing)
		<-proceed
		ended = true
		return nil
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- in.Close(context.Background()) }()
	<-closing
	time.AfterFunc(100*time.Millisecond, func() { close(proceed) })
	if err := e.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if !ended {
		t.Error("the engine was closed before its instance was")
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
