package rt_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/witgen/witgen/golden/plugins/pluginapi"
	"github.com/witgen/witgen/rt"
)

// nilError is an error whose method fails if there is none behind it: what a
// host returns that has a nil pointer where it means no error.
type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

// ways are how a host function can fail to return as it should.
var ways = map[string]struct {
	fail func() error
	kind rt.TrapKind
	text string
}{
	"panic":            {func() error { panic("boo") }, rt.TrapHostPanic, "host function panicked: boo"},
	"panic(nil)":       {func() error { panic(nil) }, rt.TrapHostPanic, "panic called with nil"},
	"nil error":        {func() error { return (*nilError)(nil) }, rt.TrapHost, "<nil>"},
	"panic, nil error": {func() error { panic((*nilError)(nil)) }, rt.TrapHostPanic, "<nil>"},
	"Goexit":           {func() error { runtime.Goexit(); return nil }, rt.TrapDead, "a host function that ended its goroutine"},
}

// apart runs a function on a goroutine of its own, which may end before it
// returns.
func apart(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// wantFailure wants a call to have failed in a way, and the instance to be dead and to
// close after it.
func wantFailure(t *testing.T, way string, err error, in interface {
	Err() error
	Close(ctx context.Context) error
},
) {
	t.Helper()
	w := ways[way]
	if w.kind == rt.TrapDead {
		if err != nil {
			t.Errorf("returned %v", err)
		}
		err = in.Err()
	}
	if trap, ok := asTrap(err); !ok || trap.Kind != w.kind || !strings.Contains(err.Error(), w.text) {
		t.Errorf("got %v, want a trap of kind %v with %q", err, w.kind, w.text)
	}
	if p, ok := errors.AsType[*rt.PanicError](err); ok != (w.kind == rt.TrapHostPanic) {
		t.Errorf("the cause of %v is a panic: %v", err, ok)
	} else if ok && !strings.Contains(string(p.Stack), "panic_test.go") {
		t.Errorf("the panic's stack is %s", p.Stack)
	}
	if !errors.Is(in.Err(), rt.ErrDead) {
		t.Errorf("the instance is not dead: %v", in.Err())
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := in.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
}

// TestHostPanics has each kind of host code that a guest's call runs into fail in
// each way, while another goroutine waits for the instance.
func TestHostPanics(t *testing.T) {
	for way, w := range ways {
		for name, run := range map[string]func(t *testing.T) (in *rt.Instance, call func(ctx context.Context) error){
			"dynamic": func(t *testing.T) (*rt.Instance, func(context.Context) error) {
				in := mangled.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": func([]rt.Value) (rt.Value, error) { return nil, w.fail() }}))
				return in, func(ctx context.Context) error { _, err := invokeWith(ctx, t, in, "asks"); return err }
			},
			"drop": func(t *testing.T) (*rt.Instance, func(context.Context) error) {
				h := newFiles()
				h.typ = rt.NewResourceType("file", func(context.Context, any) error { return w.fail() })
				in := keeper.run(t, h.instance())
				i := must(t, in, "take", h.typ.New(1))
				return in, func(ctx context.Context) error { _, err := invokeWith(ctx, t, in, "end", i); return err }
			},
			"through another instance": func(t *testing.T) (*rt.Instance, func(context.Context) error) {
				inner := mangled.run(t, hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": func([]rt.Value) (rt.Value, error) { return nil, w.fail() }}))
				in := mangled.run(t, rt.HostInstance{Funcs: map[string]rt.HostFunc{"host": {Call: func(ctx context.Context, _ []rt.Value) (rt.Value, error) {
					_, err := invokeWith(ctx, t, inner, "asks")
					if trap, ok := asTrap(err); !ok || trap.Kind != w.kind {
						t.Errorf("inner: %v", err)
					}
					if !errors.Is(inner.Err(), rt.ErrDead) {
						t.Errorf("inner is not dead: %v", inner.Err())
					}
					return nil, w.fail()
				}}}})
				return in, func(ctx context.Context) error { _, err := invokeWith(ctx, t, in, "asks"); return err }
			},
		} {
			t.Run(way+"/"+name, func(t *testing.T) {
				in, call := run(t)
				var err error
				apart(func() { err = call(context.Background()) })
				wantFailure(t, way, err, in)
			})
		}
	}
}

// TestHostPanicsGenerated has the same of generated code, and of a goroutine that waits
// for the instance meanwhile: it gets its turn, and finds it dead.
func TestHostPanicsGenerated(t *testing.T) {
	for way, w := range ways {
		t.Run(way, func(t *testing.T) {
			begun, waits := make(chan struct{}), make(chan struct{})
			p := start(t, hostile, &host{emit: func(context.Context, string, string) error { close(begun); <-waits; return w.fail() }})
			waiter := make(chan error, 1)
			var err error
			apart(func() {
				go func() {
					<-begun
					time.AfterFunc(10*time.Millisecond, func() { close(waits) })
					_, err := p.PluginAPI.GetMetadata(context.Background())
					waiter <- err
				}()
				_, err = p.PluginAPI.Process(context.Background(), pluginapi.ProcessRequest{Input: "emit"})
			})
			select {
			case err := <-waiter:
				if !errors.Is(err, rt.ErrDead) {
					t.Errorf("the one that waited: %v", err)
				}
			case <-time.After(time.Minute):
				t.Fatal("the turn is lost")
			}
			if trap, ok := asTrap(err); w.kind != rt.TrapDead && (!ok || trap.Kind != w.kind || !strings.Contains(err.Error(), w.text)) {
				t.Errorf("process: %v", err)
			}
		})
	}
}

// TestStartPanics has the host fail while an instance starts: nothing of it is
// left, and the component closes.
func TestStartPanics(t *testing.T) {
	g := guest{world: "import host: func(); export boot: func();", funcs: map[string]body{"boot": does(call("host"))}, start: exportName("boot")}
	wasm, err := g.encode()
	if err != nil {
		t.Fatal(err)
	}
	for way, w := range ways {
		t.Run(way, func(t *testing.T) {
			e, err := rt.NewEngine(t.Context(), rt.Config{})
			if err != nil {
				t.Fatal(err)
			}
			c, err := e.Compile(t.Context(), wasm)
			if err != nil {
				t.Fatal(err)
			}
			ran := false
			h := hostFuncs("", map[string]func([]rt.Value) (rt.Value, error){"host": func([]rt.Value) (rt.Value, error) { ran = true; return nil, w.fail() }})
			apart(func() { _, err = c.Instantiate(context.Background(), rt.InstanceConfig{Host: []rt.HostInstance{h}}) })
			if trap, ok := asTrap(err); !ran || w.kind != rt.TrapDead && (!ok || trap.Kind != w.kind || !strings.Contains(err.Error(), w.text)) {
				t.Errorf("instantiate: ran %v, %v", ran, err)
			}
			if err := c.Close(t.Context()); err != nil {
				t.Errorf("close: %v", err)
			}
			if use := e.Memory(); use.Bytes != 0 {
				t.Errorf("the engine's instances have %d bytes", use.Bytes)
			}
			if err := e.Close(t.Context()); err != nil {
				t.Errorf("close of the engine: %v", err)
			}
		})
	}
}

// TestClosePanics has resources of the host fail as the instance that owns them
// is closed: each of them ends, and so does all that the instance has.
func TestClosePanics(t *testing.T) {
	for way, w := range ways {
		t.Run(way, func(t *testing.T) {
			ended := 0
			h := newFiles()
			h.typ = rt.NewResourceType("file", func(context.Context, any) error { ended++; return w.fail() })
			in := keeper.run(t, h.instance())
			for n := range 3 {
				must(t, in, "take", h.typ.New(n))
			}
			var err error
			apart(func() { err = in.Close(context.Background()) })
			if ended != 3 {
				t.Errorf("%d of 3 resources ended", ended)
			}
			if w.kind != rt.TrapDead && (err == nil || strings.Count(err.Error(), w.text) != 3) {
				t.Errorf("close: %v", err)
			}
			if !errors.Is(in.Err(), rt.ErrClosed) {
				t.Errorf("the instance is not closed: %v", in.Err())
			}
			if use := in.Memory(); use.Bytes != 0 {
				t.Errorf("the instance has %d bytes", use.Bytes)
			}
		})
	}
}
