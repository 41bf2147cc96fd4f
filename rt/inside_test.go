package rt_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/rt"
)

// TestTrapOfAnother has a host function return the error of a second instance.
// The first was stopped by its host, whatever stopped the second.
func TestTrapOfAnother(t *testing.T) {
	for _, test := range []struct {
		name  string
		input string
		kind  rt.TrapKind // of the first
	}{
		{"traps", "trap", rt.TrapHost},
		{"breaks a rule", "utf8", rt.TrapHost},
		{"host panics", "emit", rt.TrapHost},
	} {
		t.Run(test.name, func(t *testing.T) {
			second := start(t, hostile, &host{emit: func(context.Context, string, string) error { panic("second") }})
			var inner *rt.Trap
			first := start(t, hostile, &host{emit: func(ctx context.Context, _, _ string) error {
				_, err := second.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: test.input})
				inner, _ = errors.AsType[*rt.Trap](err)
				return err
			}})
			for range 2 {
				_, err := first.PluginAPI.Process(t.Context(), pluginapi.ProcessRequest{Input: "emit"})
				trap, ok := errors.AsType[*rt.Trap](err)
				if !ok || trap.Kind != test.kind || !strings.Contains(trap.Text, "host-api@0.1.0#emit-event") {
					t.Errorf("first: kind %v, text %q", trap.Kind, trap.Text)
				}
				if !errors.Is(err, inner) {
					t.Errorf("%v does not wrap the second's %v", err, inner)
				}
				if slices.ContainsFunc(trap.Frames, func(f rt.Frame) bool { return f.Func == "do_trap" }) {
					t.Errorf("the frames have some of the second: %q", trap.Frames)
				}
				// Once more: now the second is dead, the first is a new one.
				first = start(t, hostile, &host{emit: func(ctx context.Context, _, _ string) error {
					_, err := second.PluginAPI.Process(ctx, pluginapi.ProcessRequest{Input: test.input})
					inner, _ = errors.AsType[*rt.Trap](err)
					return err
				}})
			}
		})
	}
}

// TestGoexit has a host function end its goroutine, as a failed test does.
func TestGoexit(t *testing.T) {
	p := start(t, hostile, &host{emit: func(context.Context, string, string) error { runtime.Goexit(); return nil }})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = echo(context.Background(), p.PluginAPI, "emit")
	}()
	<-done
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := echo(ctx, p.PluginAPI, "x")
	if trap, ok := errors.AsType[*rt.Trap](err); !ok || trap.Kind != rt.TrapDead {
		t.Errorf("call after: %v", err)
	}
	if err := p.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// TestContextOutlivesCall uses the context of a host function after its call:
// the instance does not wait for that function any more, so this is a call
// like any other.
func TestContextOutlivesCall(t *testing.T) {
	var kept context.Context
	begun, end := make(chan struct{}), make(chan struct{})
	h := &host{emit: func(ctx context.Context, _, _ string) error { kept = ctx; return nil }}
	p := start(t, hostile, h)
	if err := echo(context.WithoutCancel(t.Context()), p.PluginAPI, "emit"); err != nil {
		t.Fatal(err)
	}
	h.emit = func(context.Context, string, string) error { close(begun); <-end; return nil }
	others := make(chan error)
	go func() { others <- echo(t.Context(), p.PluginAPI, "emit") }()
	<-begun
	late := make(chan error)
	go func() { late <- echo(kept, p.PluginAPI, "late") }()
	select {
	case err := <-late:
		t.Errorf("did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
		close(end)
		if err := <-late; err != nil {
			t.Error(err)
		}
		end = nil
	}
	if end != nil {
		close(end)
	}
	if err := <-others; err != nil {
		t.Error(err)
	}
}
